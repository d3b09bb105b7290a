"""Evidence for prior authorizations (em_dx 6): what the note says counts, plans and samples do not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from notecoder.codebook import Codebook
from notecoder.errors import NoteError
from notecoder.review.prior_auth import Packet, packet

BOOK = Codebook.on(date(2026, 11, 10))


def look(text: str, drug: str = "dupilumab", indication: str = "atopic dermatitis", **context: Any) -> Packet:
    return packet(text, drug=drug, indication=indication, codebook=BOOK, context=context)


def status(found: Packet, start: str) -> tuple[str, str]:
    need = next(need for need in found.needs if need.need.startswith(start))
    return need.status, need.value


@pytest.mark.parametrize(
    ("words", "point", "expected"),
    [
        ("BSA 18%", "bsa", ("found", "18")),
        ("18.5% BSA", "bsa", ("found", "18.5")),
        ("Body surface area involved is about 6 %", "bsa", ("not_met", "6")),
        ("BSA 12% at baseline. BSA 4% today", "bsa", ("ambiguous", "12, 4")),
        ("widespread", "bsa", ("missing", "")),
        ("vIGA-AD score of 4", "iga", ("found", "4")),
        ("IGA 2", "iga", ("not_met", "2")),
        ("EASI 21.4", "easi", ("found", "21.4")),
        ("both hands", "special site", ("found", "hands")),
        ("arms and legs", "special site", ("missing", "")),
    ],
)
def test_severity_is_read_with_its_threshold(words: str, point: str, expected: tuple[str, str]) -> None:
    assert status(look(f"Atopic dermatitis. {words}."), point) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Failed clobetasol for 6 weeks.", "found"),
        ("Clobetasol x 2 weeks without improvement.", "ambiguous"),
        ("Clobetasol for 6 weeks.", "ambiguous"),
        ("Tacrolimus ointment for two months, inadequate response.", "found"),
        ("Clobetasol not tolerated (burning, side effects).", "found"),
        ("Topical steroids are contraindicated on the face.", "found"),
        ("Plan: start clobetasol for 6 weeks; failed moisturizer.", "missing"),
        ("Never tried tacrolimus.", "missing"),
        ("Samples of clobetasol for 6 weeks failed.", "missing"),
        ("Failed moisturizer.", "missing"),
    ],
)
def test_a_step_counts_only_when_it_was_taken_and_failed(words: str, expected: str) -> None:
    assert status(look(words), "topical steroid")[0] == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("QuantiFERON negative 03/02/2026.", ("found", "2026-03-02")),
        ("QuantiFERON negative on 2024-03-02.", ("not_met", "2024-03-02")),
        ("QuantiFERON negative.", ("ambiguous", "")),
        ("QuantiFERON ordered 11/01/2026.", ("ambiguous", "")),
        ("", ("missing", "")),
    ],
)
def test_screening_has_a_date(words: str, expected: tuple[str, str]) -> None:
    assert status(look(f"Psoriasis. {words}", "Skyrizi", "plaque psoriasis"), "tb") == expected


def test_age_and_weight_come_from_the_context_or_the_note() -> None:
    assert status(look("x", "Rinvoq", age=11), "age") == ("not_met", "11")
    assert status(look("A 14-year-old, weight 43 kg.", "Rinvoq"), "age") == ("found", "14")
    assert status(look("A 14-year-old, weight 38.5 kg.", "Rinvoq"), "weight") == ("not_met", "38.5")
    assert "weight" not in {need.kind for need in look("A 34-year-old.", "Tremfya", "plaque psoriasis").needs}


def test_another_biologic_is_shown() -> None:
    assert status(look("She is currently on Humira."), "no other")[0] == "ambiguous"
    assert status(look("Failed Humira in 2023."), "no other")[0] == "found"


def test_hurley_stages_are_counted_in_roman_numerals() -> None:
    for words, expected in (("Hurley stage II", "found"), ("Hurley I", "not_met"), ("Hurley 3", "found")):
        assert status(look(words, "Humira", "hidradenitis suppurativa"), "hurley")[0] == expected


def test_words_are_those_of_the_note_and_questions_are_neutral() -> None:
    text = "Dermatology clinic. BSA 18%. Failed clobetasol for 6 weeks. Will start dupilumab."
    found = look(text)
    for need in found.needs:
        assert bool(need.question) == (need.status in {"missing", "ambiguous"} or bool(need.question))
        assert "approv" not in need.question.lower()
        for span in need.evidence:
            assert text[span.start : span.end] == span.text
    assert found.form()["letter"]["prior therapies"] == ["Failed clobetasol for 6 weeks"]
    assert "approved" not in str(found.form())


def test_every_checklist_can_be_worked() -> None:
    rows = BOOK.table("prior_auth/checklists")
    assert len(rows) == 45
    for row in rows:
        found = look("Dermatology.", row["drug"], row["indication"])
        assert found.drug == row["drug"] and {need.kind for need in found.needs} >= {"prescriber", "exclusion"}


def test_a_drug_without_a_checklist_is_refused() -> None:
    with pytest.raises(NoteError):
        look("x", "aspirin")
