"""What a claim looks like beyond its codes: evidence, traces, order, gaps, disposition (CONTRACT, em_dx 9)."""

from __future__ import annotations

import random
import re
from datetime import date
from typing import Any, get_args

import pytest

from notecoder.claim import Claim, Gap, GapElement
from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.evidence import Stated
from notecoder.facts import Encounter, Excision, Flap, ForeignBodyRemoval, TypedCode
from notecoder.rules import propose
from notecoder.rules.draft import GapDraft
from notecoder.rules.gaps import QUERIES, gap_of
from notecoder.rules.sequence import modifiers_in_order

FORBIDDEN = (
    r"\b\d{5}\b", r"\$", r"\bRVU", r"payer", r"insur", r"reimburs", r"\bbill", r"\bcode", r"\bcoding", r"modifier",
    r"\blevel", r"medical necessity requires", r"higher", r"to support", r"would you agree", r"consider adding",
    r"so that", r"\b25\b", r"\b59\b", r"\bpaid\b", r"payment", r"intermediate closure", r"complex",
)  # fmt: skip


def busy_claim(desk: Any) -> Claim:
    tumor = desk.lesion("back", "basal_cell_carcinoma", size="1.0")
    nevus = desk.lesion("left thigh", "melanocytic_nevus", size="0.8")
    return desk.claim(
        desk.excision(tumor, margin="0.4"),
        desk.layered(tumor, "4.2"),
        desk.excision(nevus),
        desk.layered(nevus),
        desk.keratoses(5),
        desk.biopsy("tangential", desk.lesion("right ear", noun="papule")),
        desk.biopsy(None, desk.lesion("left arm", noun="papule")),
        desk.mohs(desk.lesion("nose", "basal_cell_carcinoma"), [6, None]),
        payer="medicare",
    )


@pytest.mark.parametrize("element", get_args(GapElement))
def test_every_element_has_a_neutral_question(element: Any) -> None:
    """em_dx 9.3: no code, money, payer, level or preferred answer."""
    gap = gap_of(GapDraft(element, "major", "left cheek wound"))
    assert gap.query.endswith((".", "?"))
    for wording in FORBIDDEN:
        assert not re.search(wording, gap.query, re.IGNORECASE), wording


def test_questions_about_real_gaps_stay_neutral(desk: Any) -> None:
    asked = [gap.query for gap in busy_claim(desk).gaps]
    assert len(asked) >= 4
    for query in asked:
        assert not [wording for wording in FORBIDDEN if re.search(wording, query, re.IGNORECASE)], query


def test_no_question_is_left_over() -> None:
    assert set(QUERIES) == set(get_args(GapElement))


def test_every_line_rests_on_words_and_every_step_points_to_them(desk: Any) -> None:
    claim = busy_claim(desk)
    assert len(claim.lines) >= 7
    for line in claim.lines:
        assert line.evidence, line.code
        assert line.label, line.code
        assert line.trace, line.code
        assert all(0 <= index < len(line.evidence) for step in line.trace for index in step.evidence)
        assert all(step.rule and step.says for step in line.trace)
    assert {code for line in claim.lines for code in line.diagnoses} == {coded.code for coded in claim.diagnoses}
    assert all(coded.evidence for coded in claim.diagnoses)


def test_same_facts_give_the_same_bytes(desk: Any) -> None:
    encounter = Encounter(procedures=(desk.keratoses(5), desk.tags(20), desk.shave(desk.lesion("back", size="0.4"))))
    context = EncounterContext(date_of_service=date(2026, 11, 10))
    results = {propose(encounter, context, Codebook.on(date(2026, 11, 10))).model_dump_json() for _ in range(3)}
    assert len(results) == 1


def test_order_of_facts_does_not_change_the_codes(desk: Any) -> None:
    facts = [
        desk.keratoses(16),
        desk.tags(3),
        desk.biopsy("punch", desk.lesion("back", noun="papule")),
        desk.biopsy("tangential", desk.lesion("chest", noun="papule")),
        desk.shave(desk.lesion("left cheek", "melanocytic_nevus", size="0.7")),
        desk.destroyed(desk.lesion("left hand", "common_wart"), 2),
    ]
    expected = sorted(desk.lines(*facts))
    for seed in range(5):
        random.Random(seed).shuffle(facts)
        assert sorted(desk.lines(*facts)) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["59", "79"], ("79", "59")),
        (["E1", "59"], ("59", "E1")),
        (["Q8", "59"], ("59", "Q8")),
        (["RT", "58", "59"], ("58", "59", "RT")),
        (["GA", "25"], ("25", "GA")),
        (["59", "59"], ("59",)),
    ],
)
def test_modifiers_stand_in_billing_order(given: list[str], expected: tuple[str, ...]) -> None:
    """MD-02."""
    assert modifiers_in_order(given) == expected


def test_lines_follow_relative_values_of_the_place(desk: Any) -> None:
    """13.4: at a facility the excision outranks its closure less clearly: 11602 4.09, 12032 4.94."""
    tumor = desk.lesion("back", "basal_cell_carcinoma", size="1.0")
    ear = desk.lesion("right ear", "basal_cell_carcinoma")
    facts = (
        desk.biopsy("tangential", desk.lesion("nose", noun="papule")), desk.excision(tumor, margin="0.4"),
        desk.layered(tumor, "4.2"), desk.mohs(ear, [2, 2]),
    )  # fmt: skip
    codes = [line.code for line in desk.claim(*facts, place_of_service="22").lines]
    assert codes == ["17311", "17312", "12032", "11602", "11102"]


def gaps(claim: Claim) -> list[tuple[str, str]]:
    return [(gap.element, gap.severity) for gap in claim.gaps]


def test_missing_measures_take_the_smallest_code_and_go_to_a_person(desk: Any) -> None:
    """CONTRACT, missing data."""
    keratosis = desk.lesion("left forearm", "inflamed_seborrheic_keratosis")
    tumor = desk.lesion("back", "basal_cell_carcinoma")
    cases = (
        ((desk.shave(keratosis),), ["11300"], {"lesion.size"}),
        ((desk.excision(tumor), desk.layered(tumor)), ["12031", "11600"],
         {"lesion.size", "lesion.margin", "closure.length"}),
        ((desk.destroyed(desk.lesion("left hand", "squamous_cell_carcinoma_in_situ")),), ["17270"], {"lesion.size"}),
        ((desk.mohs(desk.lesion("lip_cutaneous", "basal_cell_carcinoma"), [None, None]),), ["17311", "17312"],
         {"mohs.blocks"}),
        ((desk.mohs(desk.lesion("nose", "basal_cell_carcinoma"), []),), ["17311"], {"mohs.stages"}),
    )  # fmt: skip
    for facts, codes, elements in cases:
        claim = desk.claim(*facts)
        assert [line.code for line in claim.lines] == codes
        assert {gap.element for gap in claim.gaps} == elements
        assert claim.disposition == "review"


def test_biopsy_without_a_technique_has_no_code_and_waits(desk: Any) -> None:
    """1.5 example 4."""
    claim = desk.claim(desk.biopsy(None, desk.lesion("left arm", noun="papule")))
    assert (claim.lines, gaps(claim), claim.disposition) == ((), [("procedure.technique", "blocker")], "hold")


def test_contradiction_holds_only_what_depends_on_it(desk: Any) -> None:
    for affects, disposition in (("code", "hold"), ("diagnosis", "review"), ("nothing", "ready")):
        lesion = desk.lesion("left hand", "common_wart")
        claim = desk.claim(
            desk.destroyed(lesion, 2), conflicts=(desk.conflict("side of the wart", "side", lesion, affects),)
        )
        assert [gap.element for gap in claim.gaps] == ["note.conflict"]
        assert claim.disposition == disposition


def test_ehr_019_side_conflict_and_missing_size(desk: Any) -> None:
    """D04.60, smallest code, 59 on the biopsy; review."""
    hand = desk.lesion("left hand", "squamous_cell_carcinoma_in_situ")
    conflict = desk.conflict("side of the dorsal hand lesion", "side", hand, "diagnosis")
    facts = (
        desk.destroyed(hand, method="curettage"),
        desk.biopsy("tangential", desk.lesion("back", noun="papule")),
    )
    claim = desk.claim(*facts, conflicts=(conflict,), payer="medicare")
    assert [(line.code, line.modifiers, line.diagnoses) for line in claim.lines] == [
        ("17270", (), ("D04.60",)),
        ("11102", ("59",), ("D49.2",)),
    ]
    assert {gap.element for gap in claim.gaps} == {"lesion.size", "note.conflict"}
    assert claim.disposition == "review"


@pytest.mark.parametrize("status", ["planned", "offered", "declined", "deferred", "discussed", "historical",
                                    "elsewhere", "negated", "aborted"])  # fmt: skip
def test_what_was_not_done_is_refused_by_name(desk: Any, status: str) -> None:
    tumor = desk.lesion("back", "basal_cell_carcinoma", size="1.0")
    claim = desk.claim(desk.excision(tumor, margin="0.4", act=desk.act(status)))
    assert claim.lines == ()
    assert [(refused.code, refused.rule) for refused in claim.considered] == [("11602", "0.4")]
    assert claim.gaps == () and claim.disposition == "ready"


def test_planning_sheet_has_no_lines(desk: Any) -> None:
    tumor = desk.lesion("back", "basal_cell_carcinoma", size="1.0")
    claim = desk.claim(desk.excision(tumor, margin="0.4"), setting=desk.is_("none"))
    assert claim.lines == ()
    assert [refused.code for refused in claim.considered] == ["11602"]


def test_biopsy_of_a_lesion_that_was_excised_is_part_of_it(desk: Any) -> None:
    """BX-08."""
    nevus = desk.lesion("back", "melanocytic_nevus", size="0.8")
    claim = desk.claim(desk.biopsy("punch", nevus), desk.excision(nevus, margin="0.2"))
    assert [line.code for line in claim.lines] == ["11402"]
    assert [(refused.code, refused.rule) for refused in claim.considered] == [("11104", "BX-08")]


def test_sampled_keratosis_is_not_counted_as_destroyed(desk: Any) -> None:
    """DS-03."""
    keratosis = desk.lesion("left temple", "actinic_keratosis")
    claim = desk.claim(desk.biopsy("tangential", keratosis), desk.destroyed(keratosis, 1), desk.keratoses(4))
    assert [(line.code, line.units) for line in claim.lines] == [("11102", 1), ("17000", 1), ("17003", 3)]


def test_sampled_and_curetted_growth_waits_for_its_report(desk: Any) -> None:
    """DS-10."""
    growth = desk.lesion("back", noun="lesion", maybe="basal_cell_carcinoma", size="0.8")
    claim = desk.claim(desk.biopsy("tangential", growth), desk.destroyed(growth, method="curettage"))
    assert [(line.code, line.diagnoses) for line in claim.lines] == [("11102", ("D49.2",))]
    assert (claim.disposition, [gap.element for gap in claim.gaps]) == ("hold", ["pathology.result"])
    proven = desk.lesion("back", "basal_cell_carcinoma", sure="pathology", size="0.8")
    assert desk.lines(desk.biopsy("tangential", proven), desk.destroyed(proven, method="curettage")) == [
        "17261 C44.519"
    ]


def test_flap_swallows_the_excision_and_the_repair_of_its_wound(desk: Any) -> None:
    """EX-09, 4.3."""
    tumor = desk.lesion("left cheek", "squamous_cell_carcinoma_of_skin", size="1.0")
    flap = Flap(
        act=desk.act(), target=tumor, style=desk.is_("rotation"), primary_area=desk.is_("4.0"),
        secondary_area=desk.is_("5.0"), incised=desk.is_(True),
    )  # fmt: skip
    claim = desk.claim(desk.excision(tumor, margin="0.4"), desk.layered(tumor, "4.0"), flap)
    assert [line.code for line in claim.lines] == ["14040"]
    assert {refused.code for refused in claim.considered} == {"11642", "12052"}
    unmeasured = desk.claim(desk.excision(tumor), flap)
    assert ([line.code for line in unmeasured.lines], unmeasured.gaps) == (["14040"], ())


def test_slides_read_by_somebody_else_make_it_an_excision(desk: Any) -> None:
    """MO-03."""
    claim = desk.claim(desk.mohs(desk.lesion("nose", "basal_cell_carcinoma", size="0.8"), [2, 1], reads=False))
    assert [line.code for line in claim.lines] == ["11641"]


def test_mohs_without_a_word_about_the_reader(desk: Any) -> None:
    """HC-7: the codes, a question, review; the context's flag answers it."""
    nose = desk.lesion("nose", "basal_cell_carcinoma")
    claim = desk.claim(desk.mohs(nose, [2], reads=None))
    assert ([line.code for line in claim.lines], [gap.element for gap in claim.gaps], claim.disposition) == (
        ["17311"], ["mohs.pathology"], "review",
    )  # fmt: skip
    assert desk.claim(desk.mohs(nose, [2], reads=None), provider_is_pathologist=True).disposition == "ready"


def test_typed_codes_get_plain_reasons(desk: Any) -> None:
    """Section 14: S5, S7, S18 and a visit typed beside a destruction."""
    typed = tuple(TypedCode(code=code, evidence=desk.words(code)) for code in ("17304", "11920", "99213", "17000"))
    claim = desk.claim(desk.keratoses(1), typed_codes=typed)
    assert [line.code for line in claim.lines] == ["17000"]
    reasons = {refused.code: (refused.rule, refused.reason) for refused in claim.considered}
    assert set(reasons) >= {"17304", "11920", "99213"} and "17000" not in reasons
    assert reasons["17304"][0] == "S5" and "2006" in reasons["17304"][1]
    assert reasons["11920"][0] == "S18"


def test_mohs_tissue_is_never_a_specimen(desk: Any) -> None:
    """MO-12."""
    claim = desk.claim(desk.mohs(desk.lesion("nose", "basal_cell_carcinoma"), [2]))
    assert [(refused.code, refused.rule) for refused in claim.considered] == [("88305", "MO-12")]


def test_thin_reading_goes_to_a_person(desk: Any) -> None:
    claim = desk.claim(desk.keratoses(3, act=desk.act(doubtful=True)))
    assert claim.disposition == "review"


def test_date_outside_the_tables_is_coded_for_review_with_a_warning(desk: Any) -> None:
    encounter = Encounter(procedures=(desk.keratoses(3),))
    context = EncounterContext(date_of_service=date(2027, 2, 1))
    claim = propose(encounter, context, Codebook.on(date(2027, 2, 1), unverified="review"))
    assert [line.code for line in claim.lines] == ["17000", "17003"]
    assert claim.disposition == "review"
    assert "2026-12-31" in claim.warnings[0] and "2024-07" in claim.warnings[0]


def test_rounded_size_is_said(desk: Any) -> None:
    """NUM-06: 0.55 cm is 0.6."""
    claim = desk.claim(desk.shave(desk.lesion("back", "melanocytic_nevus", size="0.55")))
    assert [line.code for line in claim.lines] == ["11301"]
    assert len(claim.warnings) == 1 and "0.55" in claim.warnings[0]


def test_absolute_daily_limit_is_never_exceeded(desk: Any) -> None:
    """BX-04: 17110 once a day; 17111 covers everything from fifteen."""
    claim = desk.claim(*(desk.destroyed(desk.lesion(site, "common_wart"), 9) for site in ("left hand", "right hand")))
    assert [(line.code, line.units) for line in claim.lines] == [("17111", 1)]


def test_gaps_are_asked_once_and_gravest_first(desk: Any) -> None:
    claim = busy_claim(desk)
    order = [{"blocker": 0, "major": 1, "minor": 2}[gap.severity] for gap in claim.gaps]
    assert order == sorted(order) and order[0] == 0
    assert len({(gap.element, gap.about) for gap in claim.gaps}) == len(claim.gaps)
    assert all(isinstance(gap, Gap) for gap in claim.gaps)


def test_cyst_needs_no_margin(desk: Any) -> None:
    """CY-01."""
    cyst = desk.lesion("scalp", "pilar_cyst", size="1.4")
    claim = desk.claim(Excision(act=desk.act(), target=cyst, structure="cyst"))
    assert ([line.code for line in claim.lines], claim.gaps, claim.disposition) == (["11422"], (), "ready")


def test_ambiguous_site_takes_the_lower_group_and_a_question(desk: Any) -> None:
    """HC-17, SITE-02."""
    claim = desk.claim(desk.shave(desk.lesion("postauricular", "melanocytic_nevus", size="0.4")))
    assert [line.code for line in claim.lines] == ["11305"]
    assert [gap.element for gap in claim.gaps] == ["lesion.site"]


def test_silence_is_not_a_stated_no() -> None:
    assert Encounter().cosmetic_only is None
    assert Stated(value=False).value is False


def test_tags_without_a_stated_reason_are_asked_about(desk: Any) -> None:
    """GEN-03: for Medicare a person looks first; a stated symptom settles it."""
    assert [(gap.element, gap.severity) for gap in desk.claim(desk.tags(4), payer="medicare").gaps] == [
        ("lesion.symptoms", "major")
    ]
    assert desk.claim(desk.tags(4)).gaps == ()
    itchy = desk.destroyed(desk.lesion("back", "seborrheic_keratosis", symptoms="bleeding"), 2)
    assert desk.claim(itchy, payer="medicare").gaps == ()
    inflamed = desk.destroyed(desk.lesion("back", "inflamed_seborrheic_keratosis"), 2)
    assert desk.claim(inflamed, payer="medicare").gaps == ()


def test_contradiction_is_not_asked_twice(desk: Any) -> None:
    """CONTRACT: note.conflict alone stands for one contradiction."""
    keratoses = desk.keratoses(None, "scalp", plural=True)
    other = desk.keratoses(None, "left hand", plural=True)
    conflict = desk.conflict("number of keratoses", "count", keratoses.target, "code")
    claim = desk.claim(keratoses, other, conflicts=(conflict,))
    assert sorted((gap.element, gap.about) for gap in claim.gaps) == [
        ("lesion.count", "premalignant lesions destroyed, left hand"),
        ("note.conflict", "number of keratoses"),
    ]


def test_cancer_inside_a_global_period_of_an_unplaced_excision_goes_to_a_person(desk: Any) -> None:
    """em_dx 11.2: 58 or 79 needs words; without them somebody looks."""
    prior = [{"code": "11603", "date": "2026-11-04", "global_days": 10, "same_provider": True}]
    tumor = desk.lesion("back", "basal_cell_carcinoma", size="1.0")
    claim = desk.claim(desk.excision(tumor, margin="0.4"), prior_procedures=prior)
    assert ([line.modifiers for line in claim.lines], claim.disposition) == ([("79",)], "review")


def test_another_group_has_no_global_period_here(desk: Any) -> None:
    prior = [{"code": "11603", "date": "2026-11-04", "global_days": 10, "same_provider": False}]
    assert desk.lines(desk.keratoses(1), prior_procedures=prior) == ["17000 L57.0"]


def test_closing_the_cut_for_a_foreign_body_is_part_of_its_removal(desk: Any) -> None:
    """RP-13: one wound, one service."""
    arm = desk.lesion("left forearm", noun="splinter")
    removal = ForeignBodyRemoval(act=desk.act(), target=arm, incised=desk.is_(True))
    claim = desk.claim(removal, desk.closure(arm, "1.0", of="other", layered=False))
    assert [line.code for line in claim.lines] == ["10120"]
    assert [(refused.code, refused.rule) for refused in claim.considered] == [("12001", "RP-13")]
