"""How much of one code may be reported on one day (BX-04, 13.3).

A coder checks the units of a day against the published limit. An absolute limit is never exceeded, so the rest comes
off; a clinical limit may be, with records at hand, so the claim stays and says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.facts import Encounter
from notecoder.rules.draft import Caution, LineDraft
from notecoder.rules.sheet import Change, Limit, Remove, Sheet

ABSOLUTE = "2"


def daily_limits(sheet: Sheet, encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Change]:
    """Units above a day's limit: taken off where the limit is absolute, named in a warning elsewhere."""
    by_code: dict[str, list[LineDraft]] = {}
    for line in sheet.lines:
        by_code.setdefault(line.code, []).append(line)
    for code, lines in by_code.items():
        published = codebook.mue(code)
        total = sum(line.units for line in lines)
        if published is None or total <= published[0]:
            continue
        most, indicator = published
        if indicator == ABSOLUTE and most > 0:
            yield from _cut(lines, most)
        yield Caution(
            f"{code}: {total} units, the published daily limit is {most}"
            + ("." if indicator == ABSOLUTE else "; it may be exceeded with records that show why.")
        )


def _cut(lines: list[LineDraft], most: int) -> Iterator[Change]:
    left = most
    for line in lines:
        if left == 0:
            yield Remove(line, f"the daily limit of {most} is absolute", "13.3")
        elif line.units > left:
            yield Limit(line, left, "13.3", f"the daily limit of {most} is absolute")
            left = 0
        else:
            left -= line.units
