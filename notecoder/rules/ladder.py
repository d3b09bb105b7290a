"""From a size or a count to codes and units.

Nearly every family answers the same question: which band does this area, length, diameter or number fall into, and how
many started steps lie beyond it. A table says so row by row: above ``over`` and up to ``through`` the row's code is
reported, once, or once for each started ``step`` beyond ``over``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Rung:
    """A code and its units; ``addon`` when the units count steps beyond another code's size."""

    code: str
    units: int
    addon: bool


def to_tenth(size: Decimal) -> Decimal:
    """Half up to one decimal, as the bands are printed (NUM-06)."""
    return size.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def started(size: Decimal, step: Decimal) -> int:
    """Number of started steps in a size: CEIL of section 0.2."""
    return int((size / step).to_integral_value(rounding=ROUND_CEILING))


def rows_for(rows: Iterable[Row], what: str, group: str = "") -> list[Row]:
    """The rows of one ladder, lowest first as the table has them."""
    return [row for row in rows if row["what"] == what and row["group"] == group]


def climb(rows: Iterable[Row], size: Decimal) -> Iterator[Rung]:
    """Codes and units of a size or count, primary first; a stated zero counts as not measured (NUM-07)."""
    size, rows = to_tenth(size), list(rows)
    if size <= 0:
        yield lowest(rows)
        return
    for row in rows:
        over = Decimal(row["over"])
        if size <= over or (row["through"] and size > Decimal(row["through"])):
            continue
        step = row["step"]
        yield Rung(row["code"], started(size - over, Decimal(step)) if step else 1, addon=bool(step) and over > 0)


def lowest(rows: list[Row]) -> Rung:
    """The smallest code of a ladder, for a size that nobody wrote down (NUM-07)."""
    return Rung(rows[0]["code"], 1, addon=False)


def code_of(rows: Iterable[Row], what: str, group: str = "") -> str:
    """The code of a table row without bands."""
    return rows_for(rows, what, group)[0]["code"]
