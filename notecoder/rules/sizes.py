"""Sizes that choose a code: rounded as the bands are printed, or missing and asked for.

A coder takes the measure the note gives, to the nearest tenth of a centimeter, half up (NUM-06), and says so when the
rounding changed it. Without a measure the smallest code of the family stands and the measure is asked for (NUM-07).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from notecoder.evidence import merged
from notecoder.facts import Target
from notecoder.rules.draft import Caution, GapDraft
from notecoder.rules.ladder import Row, Rung, climb, lowest, to_tenth


def rung_for(ladder: Sequence[Row], size: Decimal | None) -> Rung:
    """The code of a size, or the smallest code of the ladder when nobody measured."""
    if size is None:
        return lowest(list(ladder))
    return next(climb(ladder, size))


def rounding(size: Decimal | None, what: str) -> Iterator[Caution]:
    """NUM-06: say that a size fell between two bands and was rounded."""
    if size is not None and to_tenth(size) != size:
        yield Caution(f"{what}: {size.normalize():f} cm was rounded to {to_tenth(size)} cm (NUM-06).")


def second_size(target: Target, code_for: Callable[[Decimal], str], what: str) -> Iterator[GapDraft]:
    """Two diameters of one lesion are asked about where they make two codes (CONTRACT: hold)."""
    one, two = target.diameter, target.other_diameter
    if one is not None and two is not None and code_for(one.value) != code_for(two.value):
        yield GapDraft("note.conflict", "blocker", f"size, {what}", merged(one.evidence, two.evidence))
