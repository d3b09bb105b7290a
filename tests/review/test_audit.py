"""A billed claim beside a supported one."""

from __future__ import annotations

import pytest

from notecoder.claim import CodingResult, Considered, Line, Step
from notecoder.errors import NoteError
from notecoder.evidence import Evidence
from notecoder.review.audit import BilledLine, audit, billed_lines, report


def supported(code: str, *modifiers: str, units: int = 1) -> Line:
    return Line(
        code=code,
        modifiers=modifiers,
        units=units,
        diagnoses=("D49.2",),
        evidence=(Evidence(start=0, end=5, text="shave"),),
        trace=(Step(rule="BX-02", says="the one primary code"),),
    )


RESULT = CodingResult(
    lines=(supported("99214", "25"), supported("11102"), supported("11103", units=2), supported("17000", "59")),
    considered=(Considered(code="88305", reason="nobody of the group read the slide", rule="HC-7"),),
)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("99213-25, 11102x2, 88305",
         (BilledLine("99213", ("25",)), BilledLine("11102", (), 2), BilledLine("88305"))),
        ("17000-59-RT x 3", (BilledLine("17000", ("59", "RT"), 3),)),
        ("11103x2-xs;g2211", (BilledLine("11103", ("XS",), 2), BilledLine("G2211"))),
        ("0419T\nJ3301 X4", (BilledLine("0419T"), BilledLine("J3301", (), 4))),
        ("17110-59 25", (BilledLine("17110", ("59", "25")),)),
    ],
)  # fmt: skip
def test_billed_lines_are_read(text: str, lines: tuple[BilledLine, ...]) -> None:
    assert billed_lines(text) == lines


@pytest.mark.parametrize(
    "text", ["", " , ", "9921", "99213-", "99213-255", "11102x0", "shave biopsy", "11102x", "99213 11102"]
)
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(NoteError) as raised:
        billed_lines(text)
    assert raised.value.code == "bad_context"
    assert "shave" not in raised.value.message


def verdicts(text: str) -> list[tuple[str, str | None, str | None]]:
    found = audit(RESULT, billed_lines(text))
    return [
        (item.verdict, str(item.billed) if item.billed else None, item.supported.code if item.supported else None)
        for item in found.items
    ]


def test_the_same_claim_is_billed_as_is() -> None:
    found = audit(RESULT, billed_lines("11103x2, 17000-XS, 11102, 99214-25"))
    assert found.as_is and {item.verdict for item in found.items} == {"bill as is"}
    assert report(found).startswith("Bill as is")


def test_lines_are_changed_added_and_removed() -> None:
    assert verdicts("99213-25, 11102, 11103, 88305") == [
        ("change", "99213-25", "99214"),
        ("bill as is", "11102", "11102"),
        ("change", "11103", "11103"),
        ("add", None, "17000"),
        ("remove", "88305", None),
    ]


def test_both_directions_are_said_in_the_same_words() -> None:
    more, less = (audit(RESULT, billed_lines(f"99214-25, 11102, 11103x{units}, 17000-59")) for units in (3, 1))
    words = [next(item.says[0] for item in found.items if item.verdict == "change") for found in (more, less)]
    assert words == ["the note supports 2 units, billed were 3 units", "the note supports 2 units, billed were 1 unit"]


def test_reasons_name_rule_and_modifier() -> None:
    found = audit(RESULT, billed_lines("99214, 11102-59, 11103x2, 17000-59, 88305"))
    says = {str(item.billed): item.says for item in found.items}
    assert says["99214"][0] == "modifier 25 belongs here"
    assert says["11102-59"][0] == "modifier 59 has no support in the note"
    assert says["88305"] == ("nobody of the group read the slide (HC-7)",)
    assert "the one primary code (BX-02)" in says["11103 x2"]


def test_a_line_billed_twice_is_removed_once() -> None:
    assert ("remove", "11102", None) in verdicts("99214-25, 11102, 11102, 11103x2, 17000-59")


def test_report_counts_and_quotes() -> None:
    text = report(audit(RESULT, billed_lines("99213-25, 11102, 88305")))
    assert text.startswith("Differs: 1 to change, 2 to add, 1 to remove, 1 to bill as is")
    assert "99213-25 -> 99214-25" in text and '"shave"' in text
