"""Modifier 25 needs a partner: a service of the same day that the visit is separate from.

A coder looks at the finished lines once more. When nothing on the claim has a global period or an edit with the visit
(only a KOH slide, say, or a procedure that was cosmetic and left the claim), the visit stands alone without 25
(M-SEL-00, M-SEL-06).
"""

from __future__ import annotations

from collections.abc import Iterator

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.facts import Encounter
from notecoder.rules.kinds import is_surgical
from notecoder.rules.sheet import Change, Sheet, Unmark


def lonely_visit(sheet: Sheet, encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Change]:
    """Take 25 off a visit when no other line has a global period or an NCCI pair with it."""
    for visit in [line for line in sheet.lines if "25" in line.modifiers]:
        others = [line for line in sheet.lines if line is not visit and not line.code.startswith("992")]
        if "57" in visit.modifiers:  # the visit is where the 90-day procedures were decided: 25 is for the others
            others = [line for line in others if codebook.global_days(line.code) not in {"090", "ZZZ"}]
        if not any(_asks_for_25(other.code, visit.code, codebook) for other in others):
            yield Unmark(visit, "25", "M-SEL-00", "no other service on the claim has an edit with the visit: no 25")


def _asks_for_25(code: str, visit: str, codebook: Codebook) -> bool:
    pair = codebook.ptp(code, visit) or codebook.ptp(visit, code)
    return is_surgical(code, codebook) or pair is not None
