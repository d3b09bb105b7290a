"""Visit facts from small notes in several voices; expected values from em_dx 0.4, 1.2-1.8, 2.7 and 3.6."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from notecoder.context import EncounterContext
from notecoder.facts.visit import Problem, Visit
from notecoder.reading.page import mark_up
from notecoder.reading.visit import read_visit

DAY = date(2026, 6, 15)


def read(text: str, **context: Any) -> Visit | None:
    return read_visit(mark_up(text, DAY), (), EncounterContext(date_of_service=DAY, **context))


def visit(text: str, **context: Any) -> Visit:
    found = read(text, **context)
    assert found is not None
    return found


def gist(problem: Problem) -> tuple[str, list[str], list[Any]]:
    kept = [(a.action, a.detail) for a in problem.actions if a.action not in ("generic_advice", "other")]
    return problem.problem_class, [d.term for d in problem.diagnoses], kept


SOAP = """S: Rosacea back for follow-up, metronidazole gel x 4 mo without much benefit.
O: Face with 12 papulopustules and erythema.
A/P:
1. Papulopustular rosacea, not at goal. Stop metronidazole. Start doxycycline 40 mg daily.
"""
TERSE = "38F est. 1 comedonal acne - clear on tretinoin 0.05%. cont, refill x1 yr."
LETTER = """Dear Dr. Roe,

I saw this gentleman today. He has prurigo nodularis, uncontrolled despite ten weeks of clobetasol.

We settled on nemolizumab, which I prescribed today.
"""
DICTATED = (
    "here for eczema which is worse on the hands today assessment hand eczema flaring plan start clobetasol "
    "ointment twice daily for two weeks"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SOAP, ("chronic_not_at_goal", ["other_rosacea"], [("rx_stop", "metronidazole"), ("rx_start", "doxycycline")])),
        (TERSE, ("chronic_stable", ["acne_vulgaris"], [("rx_continue", "tretinoin")])),
        (LETTER, ("chronic_not_at_goal", ["prurigo_nodularis"], [("rx_start", "nemolizumab")])),
        (DICTATED, ("chronic_not_at_goal", ["eczema_unspecified"], [("rx_start", "clobetasol")])),
    ],
    ids=["soap", "terse", "letter", "dictated"],
)
def test_one_managed_problem_is_read_in_any_voice(text: str, expected: tuple[str, list[str], list[Any]]) -> None:
    problems = visit(text).problems
    assert len(problems) == 1
    kind, terms, actions = gist(problems[0])
    assert (kind, terms) == expected[:2]
    assert set(expected[2]) <= set(actions)


def test_history_lists_and_pasted_notes_make_no_problem() -> None:
    text = """PMH: psoriasis, eczema, acne.
Medications: clobetasol, methotrexate.
Assessment/Plan:
1. Herpes zoster, right T5. Start valacyclovir 1 g tid x 7 d.
"""
    assert [[d.term for d in p.diagnoses] for p in visit(text).problems] == [["herpes_zoster"]]


def test_problem_left_to_another_clinician_is_not_addressed() -> None:
    text = "A/P:\n1. Scabies. Permethrin 5% cream tonight.\n2. Psoriasis, followed by PCP.\n"
    assert [[d.term for d in p.diagnoses] for p in visit(text).problems] == [["scabies"]]


def test_what_is_only_possible_is_no_drug_management() -> None:
    text = "A/P:\n1. Atopic dermatitis, stable. Consider dupilumab if fails. Gentle skin care.\n"
    assert not [a for p in visit(text).problems for a in p.actions if a.action.startswith("rx_")]


def test_drug_tried_before_is_no_decision() -> None:
    text = "HPI: psoriasis, failed clobetasol and calcipotriene.\nA/P:\n1. Plaque psoriasis, worse. Start apremilast.\n"
    actions = [(a.action, a.detail) for p in visit(text).problems for a in p.actions if a.action.startswith("rx_")]
    assert actions == [("rx_start", "apremilast")]


def test_undiagnosed_eruption_with_a_grave_differential_is_uncertain() -> None:
    text = "A/P:\n1. Rash, undiagnosed. Ddx mycosis fungoides vs eczema. Triamcinolone 0.1% ointment bid.\n"
    (problem,) = visit(text).problems
    assert (problem.problem_class, [d.term for d in problem.diagnoses]) == ("undiagnosed_uncertain", ["rash"])


def test_cancer_under_surveillance_is_history_and_stable() -> None:
    text = "A/P: Hx melanoma R arm, NED. Skin exams q6mo because most recurrences are early.\n"
    (problem,) = visit(text).problems
    assert problem.problem_class == "chronic_stable"
    assert [d.term for d in problem.diagnoses] == [
        "follow_up_after_completed_cancer_treatment",
        "personal_history_of_melanoma",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("New to the practice. Acne, worse. Start tretinoin.", "new"),
        ("71F est. acne flaring, start tretinoin", "established"),
        ("LOV 3/25. Acne flaring, start tretinoin.", "established"),
        ("Seen once at our Eastside office Feb 2022 for wart, nobody since. Acne flaring, start tretinoin.", "new"),
        ("Acne flaring, start tretinoin.", None),
    ],
)
def test_status_follows_the_notes_words(text: str, expected: str | None) -> None:
    status = visit(text).status
    assert (status.value if status else None) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("I spent 42 minutes total on the date of the visit.", Decimal(42)),
        ("Total time 30-40 minutes.", Decimal(30)),
        ("Time of application 25 min by MA under supervision.", None),
        ("4 minutes of transcription.", None),
        ("Pressure held for 10 minutes.", None),
    ],
)
def test_only_the_clinicians_total_counts_as_time(sentence: str, expected: Decimal | None) -> None:
    minutes = visit(f"A/P:\n1. Acne, flaring. Start tretinoin.\n\n{sentence}\n").minutes
    assert (minutes.value if minutes else None) == expected


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("TELEDERM live video (Doxy.me). pt at home Columbus, verbal consent for tele ok", "audio_video"),
        ("PHONE ONLY. Pt home (TX), offered video, declined - no internet. Consent ok.", "audio_only"),
        ("Office visit. Will follow up by video next time.", None),
    ],
)
def test_modality_is_how_they_met_not_what_was_offered(heading: str, expected: str | None) -> None:
    found = visit(f"{heading}\nA/P:\n1. Acne, flaring. Start tretinoin.\n", place_of_service="10")
    assert (found.modality.value if found.modality else None) == expected


def test_two_totals_that_disagree_are_both_kept() -> None:
    text = "33M f/u (29 min total today)\nA/P:\n1. Acne, flaring. Start tretinoin.\n\nTotal time today: 34 min\n"
    found = visit(text)
    assert found.minutes is not None and found.other_minutes is not None
    assert (found.minutes.value, found.other_minutes.value) == (Decimal(29), Decimal(34))


def test_toxicity_monitoring_needs_tests_at_this_visit() -> None:
    watched = visit("A/P:\n1. Psoriasis, at goal. Continue methotrexate 15 mg weekly. Repeat CBC and CMP in 8 weeks.\n")
    silent = visit("A/P:\n1. Psoriasis, at goal. Continue methotrexate 15 mg weekly.\n")
    assert [(t.drug, t.tests) for t in watched.toxicity] == [("methotrexate", ("cbc", "cmp"))]
    assert silent.toxicity == ()


def test_no_show_and_handout_are_no_encounter() -> None:
    assert read("10:40 appt TBSE - NO SHOW. Called x1. Psoriasis last seen 4/25.") is None
    handout = "Melasma: your doctor may prescribe a cream. Put it on your cheeks at night. Use your sunscreen."
    assert read(handout) is None


def test_every_quote_is_the_notes_own_words() -> None:
    found = visit(SOAP)
    spans = [e for p in found.problems for group in (p.evidence, p.own_assessment, p.status_words) for e in group]
    assert spans
    assert all(SOAP[e.start : e.end] == e.text for e in spans)
