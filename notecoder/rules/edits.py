"""Which lines may stand beside each other, and where 59 goes (HC-2, HC-3, MD-01).

A coder looks up every two lines in the NCCI table, in both directions. No row: no edit, and no 59. A row with
indicator 0: the second column goes, whatever the lesions. A row with indicator 1: on the same tissue the second column
is part of the first and goes; on another lesion it stays and takes 59. Directions come from the table alone. The same
code on a second lesion is a second line with 59. A repair beside a biopsy that already carries 59 needs none of its
own. Tissue that stands twice by a rule (a reading that decided the surgery, a stain that is not routine) takes 59
without being dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.facts import Encounter
from notecoder.rules.draft import LineDraft
from notecoder.rules.kinds import is_addon, kind_of
from notecoder.rules.sheet import Change, Mark, Remove, Sheet

LESSER = frozenset({"10060", "10061", "10080", "10081", "10160", "10140"})
"""Drainage: on one lesion with an excision it is the drainage that goes, whatever the direction of the pair (CY-03)."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two lines of the claim that are a row of the NCCI table."""

    first: LineDraft
    second: LineDraft
    indicator: str
    same_tissue: bool


def pairs(sheet: Sheet, codebook: Codebook) -> Iterator[Pair]:
    """Every NCCI pair among the lines; visits are left out, their modifiers are the visit's own business."""
    lines = [line for line in sheet.lines if kind_of(line.code) != "visit"]
    for first in lines:
        for second in lines:
            if first is second or _belongs(first, second, sheet, codebook):
                continue
            indicator = codebook.ptp(first.code, second.code)
            if indicator is not None:
                yield Pair(first, second, indicator, _same_tissue(first, second))


def _belongs(first: LineDraft, second: LineDraft, sheet: Sheet, codebook: Codebook) -> bool:
    """One is the add-on of the other."""
    return (
        first.code in (codebook.addon_primaries(second.code) or ())
        or second.code in (codebook.addon_primaries(first.code) or ())
        or sheet.primaries.get(id(second)) is first
    )


def _same_tissue(first: LineDraft, second: LineDraft) -> bool:
    """Everything the second line is for is also what the first is for."""
    return bool(second.targets) and set(second.targets) <= set(first.targets)


def drop_bundled(sheet: Sheet, encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Change]:
    """MD-01: what is part of another line goes; it stays visible among the refused codes."""
    for pair in list(pairs(sheet, codebook)):
        first, second = pair.first, pair.second
        if first not in sheet.lines or second not in sheet.lines:
            continue
        if pair.indicator == "0":
            yield Remove(second, f"never reported with {first.code}, whatever the lesions (NCCI, indicator 0)", "HC-2")
        elif pair.same_tissue and not first.separate and not second.separate:
            lesser, greater = (first, second) if _first_is_lesser(first, second) else (second, first)
            yield Remove(lesser, f"same lesion or wound as {greater.code}, which includes it (NCCI)", "MD-01")


def _first_is_lesser(first: LineDraft, second: LineDraft) -> bool:
    return first.code in LESSER and second.code.startswith(("114", "116")) and set(first.targets) <= set(second.targets)


def orphans(sheet: Sheet, encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Change]:
    """An add-on whose primary is not on the claim goes with it."""
    present = {line.code for line in sheet.lines}
    for line in list(sheet.lines):
        wanted = codebook.addon_primaries(line.code)
        if wanted and not present & set(wanted):
            yield Remove(line, f"an add-on; none of its primary codes is on the claim ({wanted[0]} ...)", "MD-03")


def separate_lesions(
    sheet: Sheet, encounter: Encounter, context: EncounterContext, codebook: Codebook
) -> Iterator[Change]:
    """HC-3: 59 on the second column of a pair, and on the second line of one code."""
    partners: dict[int, list[LineDraft]] = {}
    own_rule: dict[int, str] = {}
    for pair in pairs(sheet, codebook):
        if pair.indicator != "1" or (pair.first.separate and pair.same_tissue and not pair.second.separate):
            continue
        partners.setdefault(id(pair.second), []).append(pair.first)
        if pair.same_tissue and pair.second.separate:
            own_rule[id(pair.second)] = pair.second.separate
    biopsies = {row["code"] for row in codebook.table("biopsy")}
    repairs = {row["code"] for row in codebook.table("repair")}
    for line in sheet.lines:
        others = partners.get(id(line), [])
        if not others or (line.code in repairs and _already_lifted(others, partners, biopsies)):
            continue
        codes = ", ".join(dict.fromkeys(other.code for other in others))
        rule = own_rule.get(id(line), "HC-3")
        what = "the same tissue, reported separately" if id(line) in own_rule else "another lesion or site"
        yield Mark(line, "59", rule, f"second column to {codes} in the NCCI table; {what}")
    yield from _second_lines(sheet, codebook)


def _already_lifted(others: list[LineDraft], partners: dict[int, list[LineDraft]], biopsies: set[str]) -> bool:
    """HC-3: the only line a repair is paired with is a biopsy that takes 59 itself."""
    return len(others) == 1 and others[0].code in biopsies and bool(partners.get(id(others[0])))


def _second_lines(sheet: Sheet, codebook: Codebook) -> Iterator[Change]:
    seen: set[str] = set()
    for line in sheet.lines:
        if kind_of(line.code) != "procedure" or is_addon(line.code, codebook):
            continue
        if line.code in seen:
            yield Mark(line, "59", "HC-3", "the same code on a second lesion: a second line")
        seen.add(line.code)
