"""Decisions, data, setting and headings as other practices write them; expected values by em_dx 0.4, 1.2, 1.5-1.7, 3."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from notecoder.context import EncounterContext
from notecoder.facts.visit import Visit
from notecoder.reading.page import mark_up
from notecoder.reading.visit import read_visit

DAY = date(2026, 6, 15)
ROSACEA = "HPI: returns for rosacea.\nExam: erythema and papules of the cheeks.\nA/P:\n1. Rosacea, not at goal.\n- {}\n"


def visit(text: str, **context: Any) -> Visit:
    found = read_visit(mark_up(text, DAY), (), EncounterContext(date_of_service=DAY, **context))
    assert found is not None
    return found


def drug_actions(plan: str) -> list[str]:
    return [a.action for p in visit(ROSACEA.format(plan)).problems for a in p.actions if a.action.startswith("rx_")]


@pytest.mark.parametrize(
    ("plan", "action"),
    [
        ("Put on doxycycline 40 mg", "rx_start"),
        ("Placed on doxycycline", "rx_start"),
        ("We agreed on doxycycline 40 mg daily", "rx_start"),
        ("She elects to try doxycycline", "rx_start"),
        ("Doxycycline was initiated", "rx_start"),
        ("Escalate to doxycycline", "rx_change"),
        ("Metronidazole gel refills sent", "rx_continue"),
    ],
)
def test_a_drug_decision_is_read_from_its_verb(plan: str, action: str) -> None:
    assert drug_actions(plan) == [action]


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        ("If no better, will start doxycycline", "a condition, though a comma follows it"),
        ("Could try doxycycline in future", "only possible"),
        ("Discussed doxycycline; patient declines", "refused in the next part of the sentence"),
        ("Patient declined doxycycline", "refused"),
        ("Doxycycline did not help in the past", "tried before"),
        ("Doxycycline is an option down the road", "only possible"),
    ],
)
def test_what_was_not_decided_is_no_drug_management(plan: str, reason: str) -> None:
    assert drug_actions(plan) == [], reason


def test_a_drug_refused_for_a_stated_reason_was_weighed() -> None:
    assert drug_actions("Patient declined doxycycline because of sun exposure at work") == ["rx_considered"]


@pytest.mark.parametrize(
    ("plan", "tests"),
    [
        ("Labs: ferritin, TSH, CBC", {"ferritin", "tsh", "cbc"}),
        ("Complete metabolic panel and complete blood count ordered", {"cmp", "cbc"}),
        ("Uric acid and ESR ordered", {"uric_acid", "esr"}),
        ("Lab results from last week reviewed: TSH 1.9, ferritin 14", {"tsh", "ferritin"}),
        ("If no better, check TSH", set()),
        ("Self skin and node ck monthly", set()),
    ],
)
def test_unique_tests_are_counted(plan: str, tests: set[str]) -> None:
    data = visit(ROSACEA.format(plan)).data
    assert {item.what for item in data if item.kind.startswith("test_")} == tests


@pytest.mark.parametrize(
    ("opening", "modality"),
    [
        ("Conducted via MyChart video.", "audio_video"),
        ("Telehealth visit, A/V.", "audio_video"),
        ("Visit held over the phone.", "audio_only"),
        ("Video failed after 2 minutes, completed by telephone.", "audio_only"),
        ("Offered video, declined; seen by telephone.", "audio_only"),
    ],
)
def test_modality_in_other_words(opening: str, modality: str) -> None:
    stated = visit(
        f"{opening} Patient at home.\n" + ROSACEA.format("Start doxycycline 40 mg daily"), place_of_service="10"
    )
    assert stated.modality is not None
    assert stated.modality.value == modality


@pytest.mark.parametrize(
    ("opening", "status"),
    [
        ("Pt new to practice", "new"),
        ("Visit type: New", "new"),
        ("She was last seen here in 2019", "new"),
        ("Known patient", "established"),
        ("She was last seen here 3/2026", "established"),
    ],
)
def test_new_or_established_in_other_words(opening: str, status: str) -> None:
    stated = visit(f"{opening}\n" + ROSACEA.format("Start doxycycline 40 mg daily").replace("returns for", "has"))
    assert stated.status is not None
    assert stated.status.value == status


TITLED = """Office visit

SKIN TAGS, IRRITATED
 Neck 13, right axilla 2. Rubbed by collar.
 PLAN -> removal by snip.

SEBORRHEIC DERMATITIS
 Scalp, brows: greasy scale. Flaring since last visit.
 PLAN -> start ketoconazole 2% shampoo three times a week
"""


def test_a_line_that_names_a_disease_is_the_title_of_what_follows() -> None:
    found = [(p.problem_class, [d.term for d in p.diagnoses]) for p in visit(TITLED).problems]
    assert ("chronic_not_at_goal", ["seborrheic_dermatitis"]) in found


def test_one_disease_told_twice_is_one_problem() -> None:
    text = (
        "I have followed her since WLE 6/2022. No new lesions.\nA: hx melanoma L scapula, 4 yrs out, NED.\n"
        "P: I continue melanoma surveillance, exam every 6 months because most recurrences come early.\n"
    )
    assert [p.problem_class for p in visit(text).problems] == ["chronic_stable"]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Exam: streaks of vesicles, no fever: poison ivy dermatitis. Start clobetasol ointment.\n", ["poison_ivy_dermatitis"]),
        ("A/P:\n1. Acne vulgaris, not at goal. Start tretinoin 0.025% cream.\nSide effects: cheilitis, xerosis.\n", ["acne_vulgaris"]),
        ("A/P:\n1. Allergic contact dermatitis from poison ivy. Start prednisone 40 mg taper.\n", ["poison_ivy_dermatitis"]),
    ],
    ids=["a denial ends at a colon", "side effects are no problems", "the closer name stands"],
)  # fmt: skip
def test_the_condition_is_the_one_the_note_concludes(text: str, terms: list[str]) -> None:
    assert [d.term for p in visit(text).problems for d in p.diagnoses] == terms


def test_the_total_among_the_minutes_of_single_days() -> None:
    """TH-06: the cumulative minutes of a thread count."""
    text = (
        "PORTAL MESSAGE THREAD, started by the patient (established).\nClinician assessment: dyshidrotic eczema\n"
        "Time log: 04/13 6 min | 04/14 4 min | TOTAL 10 min\n"
    )
    stated = visit(text)
    assert stated.minutes is not None
    assert (stated.minutes.value, stated.other_minutes) == (10, None)


def test_drugs_changed_today_under_a_heading_of_their_own_are_decisions() -> None:
    text = "Dx: Dermatomyositis - still active\nMeds today: mycophenolate increased from 500 mg to 1 g BID\n"
    assert [(a.action, a.detail) for p in visit(text).problems for a in p.actions] == [("rx_change", "mycophenolate")]


def test_advice_to_go_to_the_emergency_room_is_no_emergency_visit() -> None:
    from notecoder import code_note

    text = (
        "HPI: returns for rosacea.\nExam: papules of the cheeks.\nA/P:\n1. Rosacea, not at goal. Start doxycycline 40 mg daily.\n"
        "- Go to the emergency department for fever or swelling of the face\n"
    )
    coded = code_note(
        text, context={"date_of_service": "2026-06-15", "payer": "commercial", "patient_status": "established"}
    )
    assert [line.code for line in coded.lines] == ["99214"]
