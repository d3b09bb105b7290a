"""Forms: only ticked options count, whether the box stands before or after its words; joined-up keys are words."""

from __future__ import annotations

from datetime import date

import pytest

from notecoder.reading.page import mark_up
from notecoder.reading.visit_page import for_visit


def heard(text: str) -> str:
    page = for_visit(mark_up(text, date(2026, 6, 15)))
    return " ".join(" ".join(mark.clause.lower for mark in page.marks).split())


@pytest.mark.parametrize(
    ("text", "kept", "gone"),
    [
        ("trend: [ ] better [x] same, insufficient [ ] worse", ["same, insufficient"], ["better", "worse"]),
        ("at goal [ ]\nnot at goal [x]\nworsening [ ]", ["not at goal"], ["worsening"]),
        ("[x] Start doxycycline    [ ] Laser referral", ["start doxycycline"], ["laser referral"]),
        ("total_minutes_today = 57", ["total minutes today = 57"], ["_"]),
        ("plain words (left) stay", ["plain words (left) stay"], ["[ ]"]),
    ],
)
def test_only_ticked_options_are_heard(text: str, kept: list[str], gone: list[str]) -> None:
    line = heard(text)
    assert all(words in line for words in kept)
    assert not any(words in line for words in gone)


def test_the_words_of_the_note_keep_their_place() -> None:
    page = for_visit(mark_up("trend: [ ] better [x] same", date(2026, 6, 15)))
    assert [len(mark.clause.lower) for mark in page.marks] == [len(mark.clause.text) for mark in page.marks]
