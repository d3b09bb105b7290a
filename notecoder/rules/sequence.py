"""The order of lines, of modifiers and of diagnoses on the claim (MD-02, 13.4, CONTRACT).

A coder puts the visit first, then procedures by relative value of the place of service, each add-on after its primary,
then pathology and laboratory work, drugs last. Modifiers that change the price come before 59, then sides and digits,
then the rest. A claim carries twelve diagnoses, a line points to four.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from notecoder.codebook import Codebook
from notecoder.rules.draft import LineDraft
from notecoder.rules.kinds import VISIT_ADDONS, is_addon, kind_of
from notecoder.rules.sheet import Sheet

KINDS = ("visit", "procedure", "laboratory", "drug")
PRICING = ("22", "24", "25", "26", "50", "52", "53", "54", "55", "56", "57", "58", "78", "79", "TC", "93", "95")
DISTINCT = ("59", "XE", "XP", "XS", "XU", "76", "77", "91")
SIDES = ("LT", "RT", "E1", "E2", "E3", "E4", "FA", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "TA", "T1",
         "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9")  # fmt: skip
MOST_DIAGNOSES = 12
MOST_POINTERS = 4


def modifiers_in_order(modifiers: Sequence[str]) -> tuple[str, ...]:
    """MD-02: pricing, then distinct service, then anatomy, then information; each once."""
    groups = (PRICING, DISTINCT, SIDES)

    def place(modifier: str) -> tuple[int, int]:
        for rank, group in enumerate(groups):
            if modifier in group:
                return rank, group.index(modifier)
        return len(groups), 0

    return tuple(sorted(dict.fromkeys(modifiers), key=place))


def in_order(sheet: Sheet, codebook: Codebook, place_of_service: str) -> list[LineDraft]:
    """Billing sequence of the lines."""
    addons = [line for line in sheet.lines if _follows(line, codebook)]
    leading = [line for line in sheet.lines if line not in addons]

    def weight(line: LineDraft) -> tuple[int, Decimal]:
        value = codebook.rvu(line.code, place_of_service) or Decimal(0)
        return KINDS.index(kind_of(line.code)), -value

    ordered: list[LineDraft] = []
    waiting = {id(line): _primary(line, leading, sheet, codebook) for line in addons}
    for line in sorted(leading, key=weight):
        ordered.append(line)
        ordered += sorted((addon for addon in addons if waiting[id(addon)] is line), key=weight)
    ordered += [addon for addon in addons if waiting[id(addon)] is None]
    return ordered


def _follows(line: LineDraft, codebook: Codebook) -> bool:
    return line.code in VISIT_ADDONS or (is_addon(line.code, codebook) and kind_of(line.code) != "drug")


def _primary(line: LineDraft, leading: list[LineDraft], sheet: Sheet, codebook: Codebook) -> LineDraft | None:
    """The line an add-on stands behind: its own primary, else the last line with a primary code of it."""
    own = sheet.primaries.get(id(line))
    while own is not None and own not in leading:
        own = sheet.primaries.get(id(own))
    if own is not None:
        return own
    wanted = codebook.addon_primaries(line.code) or ()
    fitting = [other for other in leading if other.code in wanted]
    if not fitting and line.code in VISIT_ADDONS:
        fitting = [other for other in leading if kind_of(other.code) == "visit"]
    return fitting[-1] if fitting else None


def limited_diagnoses(lines: Sequence[LineDraft]) -> dict[int, tuple[str, ...]]:
    """Pointers of each line within the twelve diagnoses of a claim, by the identity of the line.

    The first diagnosis of every line is kept before any second one.
    """
    kept: dict[str, None] = {}
    for rank in range(MOST_POINTERS):
        for line in lines:
            if rank < len(line.codes10) and len(kept) < MOST_DIAGNOSES:
                kept.setdefault(line.codes10[rank])
    return {id(line): tuple(code for code in line.codes10[:MOST_POINTERS] if code in kept) for line in lines}
