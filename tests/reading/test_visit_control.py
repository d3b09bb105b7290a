"""How a disease stands, in other clinicians' words; the class is the rulebook's (em_dx 1.4: EM-P, "stable" is the goal)."""

from __future__ import annotations

from datetime import date

import pytest

from notecoder.context import EncounterContext
from notecoder.reading.page import mark_up
from notecoder.reading.visit import read_visit
from notecoder.reading.visit_control import told

DAY = date(2026, 6, 15)

WORSE = [
    "not yet at goal", "has not reached goal", "goal not met", "far from goal", "short of goal", "needs better control",
    "remains active", "still bothersome", "only slightly better", "lack of efficacy", "resistant to treatment",
    "coming back", "came back when she stopped", "loss of response", "wearing off before the next dose", "exacerbated",
    "acute exacerbation", "deteriorating", "patient dissatisfied", "undertreated", "BSA increased to 12%",
    "intolerant of clobetasol", "having side effects", "control is poor", "control: inadequate", "not much better",
    "better but not clear", "50% improved", "symptomatic", "returned after stopping treatment", "broke through",
    "continues to flare", "unhappy with control", "more plaques than last time", "interfering with sleep",
]  # fmt: skip
BETTER = [
    "at goal", "goal met", "has met her goal", "meeting treatment goals", "no flares since last visit", "flare-free",
    "no active disease", "inactive", "responding well", "excellent response", "good disease control", "well managed",
    "asymptomatic", "holding steady", "quiet", "IGA 0", "no new lesions", "in complete remission", "sustained response",
    "was flaring, now clear", "doing very well on current treatment", "pleased with her skin",
]  # fmt: skip


def classed(text: str) -> list[tuple[str, bool]]:
    visit = read_visit(mark_up(text, DAY), (), EncounterContext(date_of_service=DAY))
    assert visit is not None
    return [(problem.problem_class, bool(problem.status_words)) for problem in visit.problems]


@pytest.mark.parametrize("words", WORSE)
def test_words_of_activity_mean_not_at_goal(words: str) -> None:
    note = f"HPI: returns for psoriasis.\nA/P:\n1. Plaque psoriasis - {words}. Continue clobetasol ointment.\n"
    assert classed(note) == [("chronic_not_at_goal", True)]


@pytest.mark.parametrize("words", BETTER)
def test_words_of_rest_mean_stable(words: str) -> None:
    note = f"HPI: returns for psoriasis.\nA/P:\n1. Plaque psoriasis - {words}. Continue clobetasol ointment.\n"
    assert classed(note) == [("chronic_stable", True)]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("continue triamcinolone prn for flares", "what a drug is kept for says nothing of today"),
        ("call if it worsens", "a condition"),
        ("goal is clear skin", "a wish"),
        ("until clear, then stop", "a wish"),
        ("denies itching or worsening", "denied"),
        ("monitor for recurrence", "what to look for"),
    ],
)
def test_what_is_denied_wished_or_supposed_tells_nothing(words: str, reason: str) -> None:
    assert told(words) == (), reason


def test_the_goal_named_settles_what_other_words_leave_open() -> None:
    assert [(t.trend, t.goal) for t in told("85% improved but dry lips, at goal")] == [("better", True)]
    assert [t.trend for t in told("stable, unchanged, not at goal")] == ["worse"]


def test_denying_control_does_not_deny_the_disease() -> None:
    note = "I saw her for rosacea that is not controlled on metronidazole. I started doxycycline 40 mg daily.\n"
    assert classed(note) == [("chronic_not_at_goal", True)]
