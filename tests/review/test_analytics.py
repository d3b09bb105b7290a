"""Figures of em_dx 8, worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from notecoder.codebook import Codebook
from notecoder.errors import NoteError
from notecoder.review.analytics import billed_row, compared, figures, report

BOOK = Codebook.on(date(2026, 11, 10))


def rows(*given: dict[str, Any]) -> list[Any]:
    return [billed_row(row) for row in given]


LINES = rows(
    {"claim": "1", "code": "99213", "modifiers": "25", "status": "paid", "billed": "200", "allowed": "90", "paid": "80",
     "contractual": "110", "served": "2026-03-02", "submitted": "2026-03-04", "first_pass": "yes"},
    {"claim": "1", "code": "11102", "status": "paid", "billed": "300", "allowed": "110", "paid": "110",
     "contractual": "190", "served": "2026-03-02", "submitted": "2026-03-04", "first_pass": "yes"},
    {"claim": "2", "code": "99214", "status": "denied", "carc": "97", "billed": "250", "contractual": "0", "paid": "0",
     "served": "2026-03-05", "submitted": "2026-03-15", "first_pass": "no", "appealed": "yes", "overturned": "yes"},
    {"claim": "3", "code": "17311", "status": "paid", "billed": "1000", "allowed": "700", "paid": "700", "contractual": "300"},
    {"claim": "3", "code": "17312", "units": 2, "status": "denied", "carc": "151", "billed": "250", "paid": "0",
     "contractual": "0", "appealed": "yes"},
    {"claim": "3", "code": "17315", "units": 1, "status": "", "billed": "0", "paid": "0", "contractual": "0"},
)  # fmt: skip


def test_figures_have_their_denominators() -> None:
    found = figures(LINES)
    assert found["lines"] == 6 and found["claims"] == 3
    assert found["allowed by family"] == {
        "E/M": Decimal("90.00"),
        "Mohs": Decimal("700.00"),
        "biopsy": Decimal("110.00"),
    }
    assert found["net collection rate"] == Decimal("0.6357")  # 890 / (2000 - 600)
    assert found["established visits"] == {"99212": 0, "99213": Decimal("0.5"), "99214": Decimal("0.5"), "99215": 0}
    assert found["25 per visit claim"] == Decimal("0.5")
    assert found["25 per procedure claim"] == Decimal("0.5")
    assert found["denial rate"] == Decimal("0.4")
    assert found["denials by reason"] == {"151": Decimal("0.5"), "97": Decimal("0.5")}
    assert found["denied money"] == Decimal("500.00")
    assert found["overturned on appeal"] == Decimal("0.5")
    assert found["clean claim rate"] == Decimal("0.5")
    assert found["Mohs stages per case"] == 3 and found["blocks beyond five per case"] == 1
    assert found["days from service to submission"] == 2


def test_what_cannot_be_computed_is_absent() -> None:
    assert figures(rows({"claim": "1", "code": "11102"})) == {
        "lines": 1, "claims": 1, "25 per procedure claim": Decimal(0),
    }  # fmt: skip
    assert figures([]) == {"lines": 0, "claims": 0}


def result(*lines: tuple[str, int, tuple[str, ...]], gaps: tuple[tuple[str, str], ...] = ()) -> dict[str, Any]:
    return {
        "lines": [{"code": code, "units": units, "modifiers": list(marks)} for code, units, marks in lines],
        "gaps": [{"element": element, "severity": severity} for element, severity in gaps],
    }


def test_both_directions_stand_apart() -> None:
    billed = rows(
        {"claim": "up", "code": "99214", "modifiers": "25"},
        {"claim": "down", "code": "99213"},
        {"claim": "down", "code": "11102"},
        {"claim": "unknown", "code": "99215"},
    )
    supported = {
        "up": result(("99213", 1, ("25",)), gaps=(("em.mdm", "major"), ("consent", "minor"))),
        "down": result(("99213", 1, ()), ("11102", 1, ()), ("11103", 2, ())),
    }
    found = compared(billed, supported, BOOK)
    work = {row["code"]: Decimal(row["work"] or 0) for row in BOOK.table("rvu/rvu")}
    assert work["99213"] == Decimal("1.30") and work["99214"] == Decimal("1.92")  # section 8
    assert found["claims compared"] == 2
    assert found["work billed beyond the documentation"] == Decimal("1.92")
    assert found["work documented and not billed"] == Decimal("1.30") + 2 * work["11103"]
    assert found["add-ons billed per supported"] == {"11103": "0 of 2"}
    assert found["open elements"] == {"em.mdm": 1}
    assert found["claims with open documentation"] == Decimal("0.5")
    assert found["billed 25 with support"] == 1
    assert found["services without a billed line"] == 2


def test_a_slide_billed_beside_mohs_alone_is_counted() -> None:
    alone = rows({"claim": "m", "code": "17311"}, {"claim": "m", "code": "88305"})
    beside = rows({"claim": "m", "code": "17311"}, {"claim": "m", "code": "88305"}, {"claim": "m", "code": "11102"})
    assert [compared(lines, {"m": result()}, BOOK)["slides billed beside Mohs alone"] for lines in (alone, beside)] == [
        1,
        0,
    ]


def test_report_prints_every_figure() -> None:
    text = report(figures(LINES))
    assert "denial rate                              0.4000" in text and "  biopsy                   110.00" in text


@pytest.mark.parametrize("row", [{}, {"claim": "1"}, {"claim": "1", "code": "11102", "billed": "x"},
                                 {"claim": "1", "code": "11102", "served": "3/3/26"}])  # fmt: skip
def test_a_row_that_cannot_be_read_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(NoteError) as raised:
        billed_row(row)
    assert raised.value.code == "bad_row"
