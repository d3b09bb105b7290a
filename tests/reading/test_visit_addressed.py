"""Which conditions a visit addressed, how it was held and what was decided: em_dx 0.4, 1.4, 1.6, 3 and procedures 10.7."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from notecoder.context import EncounterContext
from notecoder.facts import Act, Diagnosis, SutureRemoval, Target
from notecoder.facts.visit import Problem, Visit
from notecoder.reading.page import mark_up
from notecoder.reading.visit import read_visit

DAY = date(2026, 6, 15)


def visit(text: str, **context: Any) -> Visit:
    found = read_visit(mark_up(text, DAY), (), EncounterContext(date_of_service=DAY, **context))
    assert found is not None
    return found


def gist(problem: Problem) -> tuple[str, list[str], list[Any]]:
    kept = [(a.action, a.detail) for a in problem.actions if a.action not in ("generic_advice", "other")]
    return problem.problem_class, [d.term for d in problem.diagnoses], kept


def terms(found: Visit) -> list[str]:
    return [d.term for p in found.problems for d in p.diagnoses]


@pytest.mark.parametrize(
    ("opening", "modality"),
    [
        ("9:00 connected by video; picture froze 9:03.\n9:05 finished by telephone.", "audio_only"),
        ("Video visit. Her camera was dead after a minute, so we switched to a phone call.", "audio_only"),
        ("Live video visit. The picture froze once and came back. She will phone with her weight.", "audio_video"),
        ("Live video visit. Connection good throughout.", "audio_video"),
    ],
)
def test_a_picture_that_was_lost_makes_it_a_call(opening: str, modality: str) -> None:
    """TH-AV-FALLBACK: what most of the visit was held by."""
    found = visit(
        f"{opening}\nAcne vulgaris, partial response. Plan: start tretinoin 0.05% nightly.", place_of_service="10"
    )
    assert found.modality is not None and found.modality.value == modality


@pytest.mark.parametrize(
    "line",
    [
        "41M, last office visit 3/2026 (eczema).",
        "Established, last seen in March (acne).",
        "Itchy streaks on both arms.",
        "Not itchy, no bleeding.",
    ],
)
def test_what_another_visit_was_for_is_no_problem_of_today(line: str) -> None:
    """EM-P-00: noted only."""
    found = visit(f"{line}\nAssessment: Herpes labialis, recurrent.\nPlan: valacyclovir 2 g twice, one day.")
    assert terms(found) == ["herpes_simplex_of_skin_or_lip"]


def test_what_is_left_out_is_no_problem() -> None:
    found = visit(
        "Assessment: tinea corporis.\nPlan: terbinafine 250 mg daily x 3 weeks.\nAcne not discussed.\nPsoriasis was not examined."
    )
    assert terms(found) == ["tinea_corporis"]


def test_numbered_orders_without_a_name_belong_to_the_only_problem() -> None:
    """EM-P: one chronic problem that flares, two prescriptions for it."""
    found = visit(
        "SUBJECTIVE: She comes in because she is flaring. Her hands are dry and cracked.\nIMPRESSION: Hand dermatitis.\n"
        "TREATMENT:\n1. Triamcinolone ointment 0.1% tid.\n2. Lukewarm water only.\n3. Cephalexin 500 mg bid for two weeks."
    )
    assert [gist(p)[:2] for p in found.problems] == [("chronic_not_at_goal", ["eczema_unspecified"])]
    assert {a.detail for a in found.problems[0].actions if a.action == "rx_start"} == {"triamcinolone", "cephalexin"}


@pytest.mark.parametrize(
    ("plan", "actions"),
    [
        ("Stop the cream and balm, metronidazole 0.75% cream twice a day six weeks.", [("rx_start", "metronidazole")]),
        ("Stop metronidazole cream.", [("rx_stop", "metronidazole")]),
    ],
)
def test_what_is_stopped_is_named_before_the_comma(plan: str, actions: list[tuple[str, str]]) -> None:
    found = visit(f"A: Perioral dermatitis.\nP: {plan}")
    assert gist(found.problems[0])[2] == actions


def test_a_benign_name_with_melanoma_in_doubt_has_an_uncertain_prognosis() -> None:
    """1.4: undiagnosed new problem with uncertain prognosis; the mole is still what is coded (HC-10)."""
    doubt = visit(
        "A: Atypical-appearing nevus, right upper back; melanoma cannot be excluded.\nP: Will come for biopsy July 21."
    )
    calm = visit("A: Nevus, right upper back, unchanged.\nP: Will come for removal July 21.")
    assert gist(doubt.problems[0])[:2] == ("undiagnosed_uncertain", ["melanocytic_nevus"])
    assert gist(calm.problems[0])[0] == "self_limited"


def test_a_line_that_opens_with_dx_is_the_assessment() -> None:
    found = visit(
        "cc rash?\nex: annular scaly plaques trunk\ndx tinea corporis, extensive\nrx terbinafine 250 daily x 3 wk"
    )
    assert gist(found.problems[0]) == ("acute_uncomplicated", ["tinea_corporis"], [("rx_start", "terbinafine")])


def test_a_home_drug_is_no_plan_for_a_scar_told_in_passing() -> None:
    found = visit(
        "Wound of the right shin, dressing changed. Prednisone 5 mg (PMR).\nSurgery scar of the left shin (2021) quiet."
    )
    assert not any(a.action == "rx_start" for p in found.problems for a in p.actions)


@pytest.mark.parametrize(
    ("wound", "expected"),
    [((Diagnosis(term="laceration"),), "laceration"), ((), "suture_removal")],
    ids=["injury", "operation elsewhere"],
)
def test_stitches_are_what_a_visit_without_other_work_was_for(wound: tuple[Diagnosis, ...], expected: str) -> None:
    """10.7 and 4.8: the injury is still the diagnosis while it heals, else the encounter for the removal."""
    text = "Mole of the left calf removed by a surgeon elsewhere. 6 nylon sutures removed. No further treatment for the mole needed."
    page = mark_up(text, DAY)
    out = SutureRemoval(
        act=Act(id="a1", evidence=(page.quote(54, 81),)), target=Target(id="L1", diagnoses=wound),
        placed_elsewhere={"value": True, "evidence": (page.quote(0, 20),)},
    )  # fmt: skip

    found = read_visit(page, (out,), EncounterContext(date_of_service=DAY))
    assert found is not None and terms(found) == [expected]


@pytest.mark.parametrize(
    ("assessment", "expected"),
    [
        (
            "Assessment: essential hypertension, above goal on current dose. Plan: lisinopril up to 40 mg daily.",
            ("chronic_not_at_goal", ["essential_hypertension"], [("rx_change", "blood pressure drug")]),
        ),
        (
            "Assessment: wasp sting of the right wrist.\nPlan: prednisone 40 mg daily x 5 days, ice.",
            ("acute_uncomplicated", ["wasp_sting"], [("rx_start", "prednisone")]),
        ),
    ],
)
def test_conditions_outside_the_skin_that_were_treated(assessment: str, expected: object) -> None:
    """EM-P-00: any condition evaluated or treated, whatever the specialty."""
    assert gist(visit(assessment).problems[0]) == expected


@pytest.mark.parametrize(
    "plan",
    [
        "A/P:\n1. Acne vulgaris, clear. Continue tretinoin 0.05%.\n2. Hypertension - PCP.",
        "A/P:\n1. Acne vulgaris, clear. Continue tretinoin 0.05%.\n2. Hypertension, noted.",
        "PMH: hypertension on lisinopril 20 mg daily, diabetes.\nA/P: Acne vulgaris, clear. Continue tretinoin 0.05%. Continue lisinopril.",
        "A/P: Acne vulgaris, clear. Continue tretinoin 0.05%. Avoid spironolactone given hypertension drugs.",
    ],
)
def test_conditions_outside_the_skin_that_were_only_named(plan: str) -> None:
    found = visit(plan)
    assert terms(found) == ["acne_vulgaris"]
    assert [a.detail for a in found.problems[0].actions if a.action.startswith("rx_")] == ["tretinoin"]


@pytest.mark.parametrize(
    ("text", "modality", "term"),
    [
        (
            "Photo submitted by the patient 5/3, a spot on the arm. Image reviewed by me 5/4: stuck-on papule, seborrheic keratosis. "
            "Answered by phone, no visit needed.",
            "image", "seborrheic_keratosis",
        ),
        (
            "Patient sent photos last week. Seen today in the office. Exam: annular plaque. Tinea corporis. Econazole cream bid.",
            None, "tinea_corporis",
        ),
        (
            "Interprofessional e-consult for Dr. Lane. Written report only. Opinion: nummular eczema.",
            "econsult_written", "nummular_eczema",
        ),
    ],
)  # fmt: skip
def test_a_picture_sent_in_is_a_service_of_its_own_unless_the_patient_was_seen(
    text: str, modality: str | None, term: str
) -> None:
    """TH-05 to TH-09."""
    found = visit(text)
    assert (found.modality.value if found.modality else None) == modality
    assert terms(found) == [term]


def test_numbered_conditions_outside_the_skin_need_no_heading() -> None:
    found = visit(
        "Established.\n1. Essential hypertension, uncontrolled. Increase losartan to 100 mg daily.\n"
        "2. Type 2 diabetes, stable. Continue metformin 1000 mg bid."
    )
    assert [gist(p)[:2] for p in found.problems] == [
        ("chronic_not_at_goal", ["essential_hypertension"]),
        ("chronic_stable", ["type_2_diabetes"]),
    ]
