"""The rulebook's cross-family golden tests (procedures.md 17) and worked examples, from facts to whole claims."""

from __future__ import annotations

from typing import Any

from notecoder.facts import FrozenDecision, MohsStain


def test_g1_biopsy_beside_sixteen_keratoses(desk: Any) -> None:
    facts = (desk.biopsy("tangential", desk.lesion("back", noun="lesion")), desk.keratoses(16))
    assert desk.lines(*facts) == ["17004 L57.0", "11102-59 D49.2"]


def test_g2_punch_outranks_wart_destruction(desk: Any) -> None:
    warts = desk.destroyed(desk.lesion("left hand", "common_wart"), 3)
    assert desk.lines(desk.biopsy("punch", desk.lesion("left arm", noun="lesion")), warts) == [
        "11104 D49.2",
        "17110-59 B07.8",
    ]


def test_g3_wart_destruction_outranks_tangential_biopsy(desk: Any) -> None:
    warts = desk.destroyed(desk.lesion("left hand", "common_wart"), 3)
    assert desk.lines(desk.biopsy("tangential", desk.lesion("left arm", noun="lesion")), warts) == [
        "17110 B07.8",
        "11102-59 D49.2",
    ]


def test_g5_excision_layered_closure_and_keratoses(desk: Any) -> None:
    tumor = desk.lesion("back", "basal_cell_carcinoma", size="1.0")
    facts = (desk.excision(tumor, margin="0.4"), desk.layered(tumor, "4.2"), desk.keratoses(5))
    assert desk.lines(*facts) == [
        "12032-59 C44.519",
        "11602 C44.519",
        "17000-59 L57.0",
        "17003 x4 L57.0",
    ]


def test_g6_simple_closure_is_part_of_a_cyst_excision(desk: Any) -> None:
    cyst = desk.lesion("back", "epidermal_inclusion_cyst", size="2.2")
    claim = desk.claim(desk.excision(cyst, structure="cyst"), desk.closure(cyst, "3.0", layered=False))
    assert [line.code for line in claim.lines] == ["11403"]
    assert [(refused.code, refused.rule) for refused in claim.considered] == [("12002", "EX-07")]
    assert claim.disposition == "ready"


def test_g7_site_codes_without_a_pair_take_no_59(desk: Any) -> None:
    facts = (
        desk.biopsy("punch", desk.lesion("lip_mucosa", noun="lesion")),
        desk.biopsy("tangential", desk.lesion("left ear", noun="lesion")),
    )
    assert sorted(desk.lines(*facts)) == ["40490 D49.0", "69100 D49.2"]


def test_g8_malignant_destruction_by_size(desk: Any) -> None:
    facts = [
        desk.destroyed(desk.lesion("back", "basal_cell_carcinoma", size=size), method="curettage")
        for size in ("0.4", "0.9", "1.5")
    ]
    assert [line.split()[0] for line in desk.lines(*facts)] == ["17262", "17261", "17260"]


def test_g11_keratoses_without_a_count(desk: Any) -> None:
    claim = desk.claim(desk.keratoses(None, plural=True))
    assert [(line.code, line.units) for line in claim.lines] == [("17000", 1)]
    assert [gap.element for gap in claim.gaps] == ["lesion.count"]
    assert claim.disposition == "review"


def test_g12_excision_without_a_margin(desk: Any) -> None:
    claim = desk.claim(desk.excision(desk.lesion("nose", "basal_cell_carcinoma", size="0.4")))
    assert [line.code for line in claim.lines] == ["11640"]
    assert [gap.element for gap in claim.gaps] == ["lesion.margin"]
    assert claim.disposition == "review"


def test_g14_twenty_seborrheic_keratoses(desk: Any) -> None:
    assert desk.lines(desk.destroyed(desk.lesion("back", "inflamed_seborrheic_keratosis"), 20)) == ["17111 L82.0"]


def test_g16_layered_closure_stands_beside_a_benign_excision_over_half_a_centimeter(desk: Any) -> None:
    nevus = desk.lesion("back", "melanocytic_nevus", size="0.6")
    facts = (desk.excision(nevus, margin="0.0"), desk.layered(nevus, "2.0"))
    assert desk.lines(*facts, payer="medicare") == ["12031 D22.5", "11401 D22.5"]


def test_g18_cosmetic_tags_are_off_the_claim(desk: Any) -> None:
    tags = desk.tags(5).model_copy(update={"act": desk.act(cosmetic=desk.is_(True))})
    claim = desk.claim(tags)
    assert claim.lines == ()
    assert [(refused.code, refused.rule) for refused in claim.considered] == [("11200", "CO-01")]


def test_one_half_example_three_ear_and_cheek(desk: Any) -> None:
    """1.5 example 3: the direction flips with the technique."""
    ear, cheek = desk.lesion("right helix", noun="lesion"), desk.lesion("right cheek", noun="lesion")
    assert desk.lines(desk.biopsy("tangential", ear), desk.biopsy("tangential", cheek)) == [
        "69100 D49.2",
        "11102-59 D49.2",
    ]
    assert sorted(desk.lines(desk.biopsy("punch", ear), desk.biopsy("punch", cheek))) == [
        "11104 D49.2",
        "69100-59 D49.2",
    ]


def test_one_half_example_six_eight_biopsies_warn_of_the_daily_limit(desk: Any) -> None:
    """1.5 example 6: seven add-on units, limit six, clinical."""
    sites = ("scalp", "nose", "chest", "back", "abdomen", "left thigh", "right thigh", "left knee")
    claim = desk.claim(*(desk.biopsy("tangential", desk.lesion(site, noun="lesion")) for site in sites))
    assert [(line.code, line.units) for line in claim.lines] == [("11102", 1), ("11103", 7)]
    assert len(claim.warnings) == 1 and "11103" in claim.warnings[0] and "6" in claim.warnings[0]


def test_section_two_examples(desk: Any) -> None:
    assert desk.lines(desk.shave(desk.lesion("right cheek", "melanocytic_nevus", size="0.7"))) == ["11311 D22.39"]
    two = [desk.shave(desk.lesion(site, "melanocytic_nevus", size="0.4")) for site in ("neck", "scalp")]
    assert desk.lines(*two) == ["11305 D22.4", "11305-59 D22.4"]
    facts = (desk.shave(desk.lesion("back", "melanocytic_nevus", size="0.6")), desk.keratoses(3))
    assert desk.lines(*facts) == ["11301 D22.5", "17000-59 L57.0", "17003 x2 L57.0"]


def test_three_cysts_sum_their_closures(desk: Any) -> None:
    """3.7 example 3."""
    one, two = (desk.lesion("back", "epidermal_inclusion_cyst", size=size) for size in ("2.0", "2.4"))
    facts = (
        desk.excision(one, structure="cyst"), desk.layered(one, "2.8"),
        desk.excision(two, structure="cyst"), desk.layered(two, "3.0"),
    )  # fmt: skip
    assert desk.lines(*facts) == ["12032 L72.0", "11403 L72.0", "11402 L72.0"]


def test_re_excision_inside_the_ten_days_takes_58(desk: Any) -> None:
    """3.7 example 4; both lines."""
    nevus = desk.lesion("left thigh", "severely_dysplastic_nevus", size="0.9", sure="pathology")
    claim = desk.claim(
        desk.excision(nevus, margin="0.5", re_excision=True),
        desk.layered(nevus, "4.2"),
        prior_procedures=[{"code": "11401", "date": "2026-11-02", "global_days": 10, "same_provider": True}],
    )
    assert [(line.code, line.modifiers) for line in claim.lines] == [("12032", ("58",)), ("11402", ("58",))]
    assert claim.disposition == "review"


def test_suspicious_lesion_is_held_until_its_nature_is_known(desk: Any) -> None:
    """3.7 example 5 and CONTRACT, pathology pending."""
    lesion = desk.lesion("left cheek", noun="lesion", maybe="basal_cell_carcinoma", size="0.6")
    claim = desk.claim(desk.excision(lesion, margin="0.2"))
    assert [(line.code, line.diagnoses) for line in claim.lines] == [("11441", ("D49.2",))]
    assert (claim.disposition, [gap.element for gap in claim.gaps]) == ("hold", ["pathology.result"])
    proven = desk.lesion("left cheek", "squamous_cell_carcinoma_of_skin", sure="pathology", size="0.6")
    assert desk.lines(desk.excision(proven, margin="0.2")) == ["11641 C44.329"]


def test_smallest_benign_excision_includes_its_layers_for_every_payer(desk: Any) -> None:
    """3.7 example 2 as HC-2 settles it."""
    for payer in ("medicare", "commercial"):
        nevus = desk.lesion("nose", "melanocytic_nevus", size="0.3")
        claim = desk.claim(desk.excision(nevus, margin="0.1"), desk.layered(nevus, "1.2"), payer=payer)
        assert [line.code for line in claim.lines] == ["11440"]
        assert [(refused.code, refused.rule) for refused in claim.considered] == [("12051", "EX-08")]


def test_destruction_example_two_three_families(desk: Any) -> None:
    """6.9 example 2."""
    facts = (
        desk.keratoses(3),
        desk.destroyed(desk.lesion("chest", "inflamed_seborrheic_keratosis"), 4),
        desk.biopsy("tangential", desk.lesion("back", noun="lesion")),
    )
    assert desk.lines(*facts) == ["17110 L82.0", "11102-59 D49.2", "17000-59 L57.0", "17003-59 x2 L57.0"]


def test_destruction_example_four_tags(desk: Any) -> None:
    claim = desk.claim(desk.tags(28))
    assert [(line.code, line.units) for line in claim.lines] == [("11200", 1), ("11201", 2)]
    assert any("11201" in warning for warning in claim.warnings)


def test_destruction_example_five_condyloma_by_organ(desk: Any) -> None:
    facts = [
        desk.destroyed(desk.lesion(site, "anogenital_wart"), count, method="cryo")
        for site, count in (("penis", 4), ("perianal", 3), ("groin", 2))
    ]
    assert sorted(line.split()[0] for line in desk.lines(*facts)) == ["17110", "46916", "54056"]


def test_mohs_examples_two_and_six(desk: Any) -> None:
    """7.6 examples 2 and 6: blocks do not pool; a tendon makes a forearm tumor a first-group tumor."""
    scalp = desk.lesion("scalp", "squamous_cell_carcinoma_of_skin")
    assert desk.lines(desk.mohs(scalp, [7, 6, 3])) == ["17311 C44.42", "17312 x2 C44.42", "17315 x3 C44.42"]
    forearm = desk.lesion("left forearm", "squamous_cell_carcinoma_of_skin")
    assert desk.lines(desk.mohs(forearm, [2], deep_structure="extensor tendon")) == ["17311 C44.629"]


def test_mohs_example_three_three_tumors(desk: Any) -> None:
    nose, ear, back = (desk.lesion(site, "basal_cell_carcinoma") for site in ("nose", "left ear", "back"))
    facts = (desk.mohs(nose, [2]), desk.mohs(ear, [2, 1]), desk.mohs(back, [3]))
    assert desk.lines(*facts) == ["17311 C44.311", "17311-59 C44.219", "17312 C44.219", "17313 C44.519"]


def test_mohs_example_four_frozen_biopsy_that_decided_the_surgery(desk: Any) -> None:
    nose = desk.lesion("nose", "basal_cell_carcinoma", sure="pathology")
    decision = FrozenDecision(
        never_biopsied=desk.is_(True), read_first=desk.is_(True), decided_surgery=desk.is_(True), blocks=desk.is_(1)
    )
    facts = (desk.biopsy("tangential", nose, frozen=decision), desk.mohs(nose, [2, 2]))
    assert desk.lines(*facts) == ["17311 C44.311", "17312 C44.311", "11102-59 C44.311", "88331-59 C44.311"]
    without = FrozenDecision(read_first=desk.is_(True), decided_surgery=desk.is_(True))
    claim = desk.claim(desk.biopsy("tangential", nose, frozen=without), desk.mohs(nose, [2, 2]))
    assert [line.code for line in claim.lines] == ["17311", "17312"]
    assert {refused.code for refused in claim.considered} == {"11102", "88331", "88305"}


def test_mohs_example_five_immunostain_on_two_stages(desk: Any) -> None:
    cheek = desk.lesion("left cheek", "melanoma_in_situ")
    stain = MohsStain(stain="immuno", name="MART-1", specimens=2, evidence=desk.words("MART-1"))
    assert desk.lines(desk.mohs(cheek, [3, 2], stains=(stain,))) == [
        "17311 D03.39",
        "17312 D03.39",
        "88342-59 x2 D03.39",
    ]


def test_repair_examples_one_and_four(desk: Any) -> None:
    """4.6: sums by class and group; add-on blocks of five."""
    wounds = [("scalp", "3.0"), ("back", "4.0"), ("left forearm", "2.2"), ("left hand", "2.0")]
    facts = [desk.layered(desk.lesion(site, noun="laceration"), length, of="laceration") for site, length in wounds]
    assert [line.split()[0] for line in desk.lines(*facts)] == ["12034", "12041"]
    for length, units in (("18.0", 3), ("12.5", 1), ("7.6", 1)):
        leg = desk.lesion("left leg", noun="laceration")
        claim = desk.claim(desk.layered(leg, length, of="laceration", retention=True))
        assert [(line.code, line.units) for line in claim.lines] == [("13121", 1), ("13122", units)]


def test_repair_examples_two_three_and_five(desk: Any) -> None:
    cheek = desk.lesion("left cheek", noun="laceration")
    wide = {"undermining": "2.0", "defect_width": "1.8", "whole_edge": True}
    assert desk.lines(desk.layered(cheek, "4.5", of="laceration", **wide))[0].startswith("13132")
    for length, code in (("1.5", "13151"), ("0.9", "12051")):
        nose = desk.lesion("nose", noun="laceration")
        repair = desk.layered(nose, length, of="laceration", exposed_structure="lateral alar cartilage")
        assert desk.lines(repair)[0].startswith(code)
    tumor = desk.lesion("left forearm", "basal_cell_carcinoma", size="2.0")
    facts = (desk.excision(tumor, margin="0.4"), desk.closure(tumor, "4.0", retention=True, layered=False))
    assert desk.lines(*facts) == ["11603 C44.619"]


def test_repair_example_six_simple_lacerations_of_one_group(desk: Any) -> None:
    facts = [
        desk.closure(desk.lesion(site, noun="laceration"), length, of="laceration", layered=False)
        for site, length in (("chin", "2.0"), ("left cheek", "1.5"))
    ]
    assert desk.lines(*facts) == ["12013 S01.81XA,S01.412A"]


def test_repair_example_seven_glue_alone(desk: Any) -> None:
    for payer, code in (("medicare", "G0168"), ("commercial", "12001")):
        arm = desk.lesion("left forearm", noun="laceration")
        assert desk.lines(desk.closure(arm, "2.0", of="laceration", adhesive_only=True), payer=payer) == [
            f"{code} S51.812A"
        ]


def test_modifier_example_two_unrelated_lesions_inside_a_global_period(desk: Any) -> None:
    """12, example 2."""
    prior = [{"code": "11603", "date": "2026-11-03", "global_days": 10, "same_provider": True}]
    assert desk.lines(desk.keratoses(2), prior_procedures=prior) == ["17000-79 L57.0", "17003-79 L57.0"]
    later = [{"code": "11603", "date": "2026-10-30", "global_days": 10, "same_provider": True}]
    assert desk.lines(desk.keratoses(2), prior_procedures=later) == ["17000 L57.0", "17003 L57.0"]
