"""Patterns of missing documentation: counted by hand, worded neutrally, in both directions."""

from __future__ import annotations

import re
from typing import Any

from notecoder.review.coach import coach, procedure_of, report


def result(
    clinician: str | None, *gaps: tuple[str, str, str], lines: tuple[str, ...] = (), typed: tuple[str, ...] = ()
) -> dict[str, Any]:
    return {
        "disposition": "review" if gaps else "ready",
        "context": {"clinician_id": clinician} if clinician else {},
        "lines": [{"code": code} for code in lines],
        "gaps": [
            {"element": element, "severity": severity, "about": about,
             "query": f"{about.capitalize()}: Please document it, or that it was not measured."}
            for element, severity, about in gaps
        ],
        "facts": {"typed_codes": [{"code": code} for code in typed]},
    }  # fmt: skip


SIZE = ("lesion.size", "major", "excision A, left cheek")
SIZE_B = ("lesion.size", "major", "excision B, back")
COUNT = ("lesion.count", "minor", "destruction, scalp")
ROWS = [
    *[result("ana", SIZE, SIZE_B, lines=("11102", "99213"), typed=("99214-25", "11102")) for _ in range(15)],
    *[result("ana", COUNT) for _ in range(5)],
    *[result("ben", SIZE) for _ in range(19)],
    result(None),
    {"id": "x", "error": {"code": "empty_note", "message": "..."}},
]


def test_elements_are_counted_by_note_and_by_question() -> None:
    form = coach(ROWS).form()
    assert (form["notes"], form["errors"]) == (40, 1)
    assert form["elements"] == [
        {"element": "lesion.size", "notes": 34, "asked": 49, "severities": {"major": 49}, "procedures": {"excision": 49},
         "question": "Please document it, or that it was not measured."},
        {"element": "lesion.count", "notes": 5, "asked": 5, "severities": {"minor": 5}, "procedures": {"destruction": 5},
         "question": "Please document it, or that it was not measured."},
    ]  # fmt: skip
    assert form["procedures"] == {"destruction": {"lesion.count": 5}, "excision": {"lesion.size": 49}}


def test_clinicians_are_shown_from_twenty_notes_on_and_in_both_directions() -> None:
    unnamed, ana, ben = coach(ROWS).form()["clinicians"]
    assert ana["clinician"] == "ana" and ana["notes"] == 20
    assert ana["typed_without_documentation"] == {"E/M": 15}
    assert ana["documented_and_not_typed"] == {"E/M": 15}
    assert ben == {"clinician": "ben", "notes": 19, "too_few": True}
    assert unnamed["too_few"] is True


def test_report_is_neutral() -> None:
    text = report(coach(ROWS))
    assert "34 of 40 notes (85%)" in text and "too few for a pattern" in text
    assert not re.search(
        r"\$|RVU|revenue|payer|target|should bill|higher|lower|9921\d|undercod|overcod", text, re.IGNORECASE
    )


def test_a_report_of_nothing_says_so() -> None:
    assert "Nothing was missing." in report(coach([]))
    assert "Nothing was missing." in report(coach([result("ana")]))


def test_procedures_are_named_without_site_and_label() -> None:
    assert [procedure_of(words) for words in ("excision A, left cheek", "biopsy", "nail avulsion 2", "visit")] == [
        "excision", "biopsy", "nail avulsion", "visit",
    ]  # fmt: skip
