"""Denied lines (em_dx 7): what the note does not support is corrected, what it supports is answered with its words."""

from __future__ import annotations

from datetime import date

import pytest

from notecoder.claim import CodingResult, Considered, Gap, Line
from notecoder.codebook import Codebook
from notecoder.errors import NoteError
from notecoder.evidence import Evidence
from notecoder.review.audit import billed_lines
from notecoder.review.denials import DO_NOT_APPEAL, Denied, answer

BOOK = Codebook.on(date(2026, 11, 10))
WORDS = (Evidence(start=0, end=5, text="shave"),)
RESULT = CodingResult(
    lines=(
        Line(code="99213", modifiers=("25",), diagnoses=("L70.0",), evidence=WORDS),
        Line(code="11102", diagnoses=("D49.2",), evidence=WORDS),
        Line(code="17000", modifiers=("59",), diagnoses=("L57.0",), evidence=WORDS),
    ),
    considered=(Considered(code="11400", reason="the lesion was sampled, not removed", rule="BX-08"),),
    gaps=(
        Gap(element="lesion.symptoms", severity="major", about="cheek", query="Please document any symptoms."),
        Gap(element="consent", severity="minor", about="cheek", query="Please document consent."),
    ),
)


def work(line: str, carc: str, *rarc: str, diagnoses: tuple[str, ...] = ()) -> tuple[str, str, str | None]:
    found = answer(Denied(billed_lines(line)[0], carc, rarc, diagnoses), RESULT, BOOK)
    return found.cause, found.fix, found.corrected


@pytest.mark.parametrize(
    ("line", "carc", "cause", "fix", "corrected"),
    [
        ("99213", "97", "missing_modifier", "corrected claim", "99213-25"),
        ("17000", "236", "missing_modifier", "corrected claim", "17000-59"),
        ("17000-XS", "236", "missing_modifier", "appeal", None),
        ("99213-25", "97", "missing_modifier", "appeal", None),
        ("99213-25", "150", "documentation_gap", "appeal", None),
        ("11102x2", "151", "coding_error", "corrected claim", "11102"),
        ("11102", "50", "necessity", "appeal", None),
        ("11102", "CO-50", "necessity", "appeal", None),
        ("11102", "45", "eligibility_admin", "accept", None),
        ("11102", "22", "eligibility_admin", "verify and rebill", None),
        ("11102", "252", "documentation_gap", "send records", None),
    ],
)
def test_cause_and_fix(line: str, carc: str, cause: str, fix: str, corrected: str | None) -> None:
    assert work(line, carc) == (cause, fix, corrected)


@pytest.mark.parametrize("line", ["11400", "88305", "99215"])
def test_what_the_note_does_not_support_is_not_appealed(line: str) -> None:
    found = answer(Denied(billed_lines(line)[0], "50"), RESULT, BOOK)
    assert found.says.startswith(DO_NOT_APPEAL) and found.fix == "corrected claim" and found.letter == ()
    if line == "11400":
        assert "the lesion was sampled, not removed (BX-08)" in found.says


def test_a_wrong_first_diagnosis_is_corrected() -> None:
    assert work("11102", "11", diagnoses=("L82.1",)) == ("coding_error", "corrected claim", "11102")
    assert work("11102", "11", diagnoses=("D49.2",)) == ("coding_error", "appeal", None)


def test_a_visit_inside_a_global_period_is_a_question_of_24() -> None:
    found = answer(Denied(billed_lines("99213-25")[0], "97", ("M144",)), RESULT, BOOK)
    assert "24" in found.says and found.confidence == "low" and found.letter == ()


def test_an_appeal_has_sections_questions_and_words_of_the_note() -> None:
    found = answer(Denied(billed_lines("11102")[0], "50"), RESULT, BOOK)
    assert found.evidence == WORDS
    assert found.open_questions == ("Please document any symptoms.",)
    assert found.letter[0] == "the claim" and found.letter[-2] == "the deadline named in the denial letter"


def test_every_reason_code_of_the_map_has_an_answer() -> None:
    rows = BOOK.table("denials/carc")
    assert len(rows) == 67
    for row in rows:
        found = answer(Denied(billed_lines("11102")[0], row["carc"]), RESULT, BOOK)
        assert found.cause == row["cause"] and found.fix


def test_an_unknown_reason_code_is_refused() -> None:
    with pytest.raises(NoteError):
        work("11102", "9999")
