"""Where 59, 58, 78 and 79 stand in the gold notes, from hand-built facts. Every name is the note it is taken from."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from notecoder.facts import Drug, FrozenDecision, IntralesionalInjection
from notecoder.facts.encounter import PastProcedure

FLAP_IN_JULY = [{"code": "14060", "date": "2026-07-28", "global_days": 90, "same_provider": True}]
EXCISION_IN_JULY = [
    {"code": "11602", "date": "2026-07-20", "global_days": 10, "same_provider": True},
    {"code": "12032", "date": "2026-07-20", "global_days": 10, "same_provider": True},
]


def test_free_033_sixteen_keratoses_punch_shaves_and_inflamed_keratoses(desk: Any) -> None:
    """17004 is column 1 of 11104 and 17110, 17110 of 11103."""
    facts = (
        desk.keratoses(3, "right forearm"), desk.keratoses(2, "left forearm"),
        desk.keratoses(4, "scalp"), desk.keratoses(7, "face"),
        desk.destroyed(desk.lesion("chest", "inflamed_seborrheic_keratosis"), 3),
        desk.destroyed(desk.lesion("left flank", "inflamed_seborrheic_keratosis"), 2),
        desk.biopsy("punch", desk.lesion("right lower_leg", noun="nodule", maybe="dermatofibroma")),
        desk.biopsy("tangential", desk.lesion("left nose", noun="lesion", maybe="basal_cell_carcinoma")),
        desk.biopsy("tangential", desk.lesion("back", noun="macule", maybe="malignant_melanoma_of_skin")),
    )  # fmt: skip
    assert desk.lines(*facts, payer="medicare") == [
        "17004 L57.0",
        "11104-59 D49.2",
        "11103-59 x2 D49.2",
        "17110-59 L82.0",
    ]


def test_free_034_tags_beside_inflamed_keratoses(desk: Any) -> None:
    """17110 is column 1 of 11200; the add-on carries nothing."""
    facts = (
        desk.tags(17, "neck"), desk.tags(6, "right axilla"), desk.tags(4, "left axilla"),
        desk.destroyed(desk.lesion("right breast", "inflamed_seborrheic_keratosis"), 3),
    )  # fmt: skip
    assert desk.lines(*facts) == ["17110 L82.0", "11200-59 L91.8", "11201 x2 L91.8"]


def test_free_038_benign_excisions_a_summed_repair_and_an_injection(desk: Any) -> None:
    """11440 is column 1 of 12032, the excisions of 11900."""
    upper = desk.lesion("left back", "atypical_dysplastic_nevus", sure="pathology", size="0.9")
    belly = desk.lesion("right abdomen", "melanocytic_nevus", size="0.6")
    cyst = desk.lesion("right cheek", "epidermal_inclusion_cyst", size="0.4")
    keloid = desk.lesion("right shoulder", "keloid")
    drug = Drug(name="triamcinolone acetonide", amount=desk.is_("12"), evidence=desk.words("ILK 40 mg/mL 0.3 mL"))
    injected = IntralesionalInjection(act=desk.act(), target=keloid, count=desk.is_(1), drug=drug)
    facts = (
        desk.excision(upper, margin="0.2"), desk.layered(upper, "2.4"),
        desk.excision(belly, margin="0.1"), desk.layered(belly, "1.7"),
        desk.excision(cyst, structure="cyst", excised_diameter="0.5"), desk.closure(cyst, layered=False),
        injected,
    )  # fmt: skip
    assert desk.lines(*facts) == [
        "12032-59 D22.5",
        "11402 D22.5",
        "11401 D22.5",
        "11440 L72.0",
        "11900-59 L91.0",
        "J3301 x2 L91.0",
    ]


def test_op_005_frozen_biopsy_decides_mohs_and_the_repair_needs_no_59(desk: Any) -> None:
    """The repair's only partner is the biopsy, which carries 59 already (HC-3)."""
    cheek = desk.lesion("right preauricular", "squamous_cell_carcinoma_of_skin", sure="pathology", size="1.3")
    decision = FrozenDecision(
        never_biopsied=desk.is_(True), read_first=desk.is_(True), decided_surgery=desk.is_(True), blocks=desk.is_(1)
    )
    facts = (
        desk.biopsy("tangential", cheek, frozen=decision),
        desk.mohs(cheek, [3, 1]),
        desk.layered(cheek, "4.6", of="mohs", undermining="2.2", defect_width="1.9", whole_edge=True),
    )
    claim = desk.claim(*facts, payer="medicare", provider_is_pathologist=True)
    assert [(line.code, line.modifiers) for line in claim.lines] == [
        ("17311", ()),
        ("17312", ()),
        ("13132", ()),
        ("11102", ("59",)),
        ("88331", ("59",)),
    ]
    assert {code for line in claim.lines for code in line.diagnoses} == {"C44.329"}


def test_ehr_021_shave_removals_beside_a_shave_biopsy(desk: Any) -> None:
    facts = (
        desk.shave(desk.lesion("right cheek", "fibrous_papule", size="0.4")),
        desk.shave(desk.lesion("scalp", "melanocytic_nevus", size="0.9")),
        desk.biopsy("tangential", desk.lesion("left thigh", noun="papule")),
    )
    assert desk.lines(*facts) == ["11306 D22.4", "11310 D23.39", "11102-59 D49.2"]


def test_ehr_045_wart_frozen_inside_the_ten_days_of_an_excision(desk: Any) -> None:
    wart = desk.destroyed(desk.lesion("right finger", "common_wart"), 1)
    day = date(2026, 7, 29)
    assert desk.lines(wart, prior_procedures=EXCISION_IN_JULY, day=day) == ["17110-79 B07.8"]


def test_free_027_keratoses_inside_the_ninety_days_of_a_flap(desk: Any) -> None:
    facts = [desk.keratoses(count, site) for count, site in ((5, "scalp"), (1, "right ear"), (2, "left ear"))]
    facts.append(desk.keratoses(4, "bilateral forearm"))
    assert desk.lines(*facts, payer="medicare", prior_procedures=FLAP_IN_JULY, day=date(2026, 9, 16)) == [
        "17000-79 L57.0",
        "17003-79 x11 L57.0",
    ]


def test_mt_1421_three_nevi_two_layered_wounds_and_a_keratosis(desk: Any) -> None:
    """17000 is column 2 of the excisions, 12031 of 17000: different sites, 59 on both."""
    left, mid, shoulder = (
        desk.lesion(site, "melanocytic_nevus", size=size)
        for site, size in (("left back", "2"), ("right back", "1"), ("right shoulder", "2.5"))
    )
    facts = (
        desk.excision(left), desk.layered(left), desk.excision(mid), desk.closure(mid, layered=False),
        desk.excision(shoulder), desk.layered(shoulder),
        desk.destroyed(desk.lesion("left nose", "actinic_keratosis"), 1, method="chemical"),
    )  # fmt: skip
    claim = desk.claim(*facts, pathology_pending=desk.is_(True))
    assert sorted((line.code, line.modifiers, line.diagnoses) for line in claim.lines) == [
        ("11401", (), ("D22.5",)),
        ("11402", (), ("D22.5",)),
        ("11403", (), ("D22.61",)),
        ("12031", ("59",), ("D22.5", "D22.61")),
        ("17000", ("59",), ("L57.0",)),
    ]
    assert {gap.element for gap in claim.gaps} == {"pathology.result", "closure.length", "lesion.margin"}


def test_mt_1447_two_equal_excisions_a_summed_repair_and_a_shave(desk: Any) -> None:
    """12051 is column 2 of the shave; the second 11441 is a second lesion."""
    upper, lower, ala = (
        desk.lesion(site, "melanocytic_nevus", size="1") for site in ("left cheek", "left cheek", "right nasal_ala")
    )
    facts = (
        desk.excision(upper), desk.layered(upper), desk.excision(lower), desk.layered(lower), desk.shave(ala),
    )  # fmt: skip
    assert desk.lines(*facts) == ["12051-59 D22.39", "11441 D22.39", "11441-59 D22.39", "11311 D22.39"]


def test_mt_1448_repair_beside_the_smallest_benign_excision_elsewhere(desk: Any) -> None:
    """EX-08 is about the wound of 11440 itself; at other wounds its pair with 12051 takes 59."""
    left, right = (desk.lesion(f"{side} temple", size="1.0", noun="keratotic lesion") for side in ("left", "right"))
    fold = desk.lesion("left nasolabial fold", size="0.5", noun="keratotic lesion")
    facts = (
        desk.excision(left), desk.layered(left), desk.excision(right), desk.layered(right),
        desk.excision(fold), desk.closure(fold, layered=False),
    )  # fmt: skip
    assert [line.split()[0] for line in desk.lines(*facts)] == ["12051-59", "11441", "11441-59", "11440"]


def test_trap_003_repair_beside_a_biopsy_that_carries_59(desk: Any) -> None:
    arm = desk.lesion("right upper_arm", "basal_cell_carcinoma", sure="pathology", size="0.9")
    facts = (
        desk.excision(arm, margin="0.4"), desk.layered(arm, "3.5"),
        desk.biopsy("tangential", desk.lesion("back", noun="papule")),
    )  # fmt: skip
    assert desk.lines(*facts) == ["12032 C44.612", "11602 C44.612", "11102-59 D49.2"]


def test_trap_012_keratoses_and_biopsy_inside_a_global_period(desk: Any) -> None:
    """79 before 59 on the destruction, 79 alone on its add-on."""
    prior = [{"code": "11603", "date": "2026-09-02", "global_days": 10, "same_provider": True}]
    facts = (desk.biopsy("punch", desk.lesion("left thigh", noun="papule")), desk.keratoses(2, "face"))
    assert desk.lines(*facts, prior_procedures=prior, day=date(2026, 9, 9)) == [
        "11104-79 D49.2",
        "17000-79-59 L57.0",
        "17003-79 L57.0",
    ]


def test_rooms_008_malignant_and_premalignant_destruction(desk: Any) -> None:
    """17262 and 17271 are column 1 of 17004, 17004 of 17261."""
    facts = (
        desk.destroyed(desk.lesion("back", "basal_cell_carcinoma", size="1.2"), method="curettage"),
        desk.destroyed(desk.lesion("left hand", "squamous_cell_carcinoma_in_situ", size="0.8"), method="curettage"),
        desk.destroyed(desk.lesion("right forearm", "basal_cell_carcinoma", size="0.7"), method="curettage"),
        desk.keratoses(18),
    )
    assert sorted(desk.lines(*facts, payer="medicare")) == [
        "17004-59 L57.0",
        "17261-59 C44.612",
        "17262 C44.519",
        "17271 D04.62",
    ]


def test_rooms_006_second_tumor_of_one_code(desk: Any) -> None:
    nose, ear = desk.lesion("nose", "basal_cell_carcinoma"), desk.lesion("left ear", "squamous_cell_carcinoma_of_skin")
    facts = (desk.mohs(nose, [2]), desk.mohs(ear, [2, 1]), desk.layered(ear, "2.0", of="mohs"))
    assert sorted(desk.lines(*facts, payer="medicare")) == [
        "12051 C44.229",
        "17311 C44.311",
        "17311-59 C44.229",
        "17312 C44.229",
    ]


def test_quick_002_add_on_takes_59_where_it_is_second_column_itself(desk: Any) -> None:
    facts = [desk.biopsy("tangential", desk.lesion(site, noun="papule")) for site in ("right helix", "chest", "back")]
    assert desk.lines(*facts) == ["69100 D49.2", "11102-59 D49.2", "11103-59 D49.2"]


def test_resident_009_lacerations_of_two_groups(desk: Any) -> None:
    """12002 is column 1 of 12013."""
    wounds = (("forehead", "2.0"), ("left eyebrow", "1.5"), ("scalp", "3.5"))
    facts = [
        desk.closure(desk.lesion(site, noun="laceration"), length, of="laceration", layered=False)
        for site, length in wounds
    ]
    assert sorted(desk.lines(*facts, payer="medicare")) == ["12002 S01.01XA", "12013-59 S01.81XA,S01.112A"]


@pytest.mark.parametrize(
    ("facts", "modifier"),
    [
        ({"staged": True}, "58"),
        ({"complication_return": True}, "78"),
        ({}, "79"),
    ],
)
def test_the_stated_relation_chooses_the_modifier(desk: Any, facts: dict[str, bool], modifier: str) -> None:
    """em_dx 11.2."""
    stated = {key: desk.is_(value) for key, value in facts.items()}
    prior = [{"code": "11603", "date": "2026-11-02", "global_days": 10, "same_provider": True}]
    cyst = desk.lesion("back", "epidermal_inclusion_cyst", size="1.5")
    claim = desk.claim(desk.excision(cyst, structure="cyst"), prior_procedures=prior, **stated)
    assert [line.modifiers for line in claim.lines] == [(modifier,)]


def test_global_period_read_from_the_note_alone(desk: Any) -> None:
    """em_dx 11.1: "Mohs 3 weeks ago" has no global period, an excision nine days ago has one."""
    mohs = PastProcedure(what="mohs", days_ago=21, evidence=desk.words("Mohs 3 weeks ago"))
    excised = PastProcedure(what="excision", days_ago=9, evidence=desk.words("POD 9 excision"))
    for past, expected in ((mohs, ()), (excised, ("79",))):
        claim = desk.claim(desk.keratoses(1), past_procedures=(past,))
        assert [line.modifiers for line in claim.lines] == [expected]


def test_staged_procedure_without_a_date_is_asked_for(desk: Any) -> None:
    """GP_DATE_MISSING: no modifier without a date."""
    undated = PastProcedure(what="excision", evidence=desk.words("after the excision"))
    claim = desk.claim(desk.keratoses(1), staged=desk.is_(True), past_procedures=(undated,))
    assert [line.modifiers for line in claim.lines] == [()]
    assert [gap.element for gap in claim.gaps] == ["prior_procedure.date"]
    assert desk.claim(desk.keratoses(1), staged=desk.is_(True)).gaps == ()


def test_amounts_stay_exact(desk: Any) -> None:
    """24 mm and 3 mm margins are 3.0 cm, the band up to 3.0 (DESIGN)."""
    tumor = desk.lesion("left thigh", "basal_cell_carcinoma", size="2.4")
    claim = desk.claim(desk.excision(tumor, margin="0.3"))
    assert [line.code for line in claim.lines] == ["11603"]
    assert tumor.diameter.value + 2 * Decimal("0.3") == Decimal("3.0")
