"""Procedure phrases: what act, with which technique or method. Whether it was done is ``status``'s question.

Patterns live in ``lexicon/acts.toml``. Overlapping phrases: the longer one wins, so "punch biopsy" is one act, and
"shave excision" is a shave removal, not an excision.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from notecoder.reading.openings import Glossary


@dataclass(frozen=True, slots=True)
class ActMention:
    """An act phrase. ``detail`` is the technique, method, style, type, action, test or step of its family."""

    family: str
    detail: str | None
    start: int
    end: int


_DETAILS = ("technique", "method", "style", "type", "action", "test", "step")
_FAMILY_ORDER = MappingProxyType({"repair": 9, "flap": 3, "destruction": 4})


@cache
def _lexicon() -> tuple[Glossary, tuple[tuple[str, str | None, re.Pattern[str] | None], ...]]:
    raw = tomllib.loads((files("notecoder.reading") / "lexicon" / "acts.toml").read_text(encoding="utf-8"))
    bodies, entries = [], []
    for act in raw["act"]:
        detail = next((act[name] for name in _DETAILS if name in act), None)
        if act["family"] == "flap" and "step" in act:
            detail = act["step"]
        bodies.append(re.compile(r"(?<![\w/])(?:" + "|".join(act["patterns"]) + r")(?![\w])", re.IGNORECASE))
        near = act.get("near")
        miss = re.compile("|".join(re.escape(n) for n in near), re.IGNORECASE) if near else None
        entries.append((act["family"], detail, miss))
    return Glossary(bodies), tuple(entries)


def find_acts(text: str, start: int, end: int) -> Iterator[ActMention]:
    """The act phrases in ``text[start:end]``, left to right; of two that overlap the longer one is kept."""
    glossary, entries = _lexicon()
    found: list[tuple[int, ActMention]] = []
    for rank, match in glossary.each(text, start, end):
        family, detail, miss = entries[rank]
        if miss and any(m.start() < match.end() and match.start() < m.end()
                        for m in miss.finditer(text, max(start, match.start() - 20), min(end, match.end() + 20))):  # fmt: skip
            continue
        found.append((rank, ActMention(family, detail, match.start(), match.end())))
    found.sort(key=lambda pair: (_FAMILY_ORDER.get(pair[1].family, 2), -(pair[1].end - pair[1].start), pair[0]))
    kept: list[ActMention] = []
    for _, act in found:
        if not any(act.start < k.end and k.start < act.end and _rival(act, k) for k in kept):
            kept.append(act)
    yield from sorted(kept, key=lambda a: (a.start, a.end))


def _rival(one: ActMention, other: ActMention) -> bool:
    """Two overlapping phrases exclude each other unless one is a repair beside the act that made the wound."""
    if {one.family, other.family} == {"nail", "bedside_test"} or one.family == other.family == "nail" and {one.detail, other.detail} == {"avulsion", "matrixectomy"}:
        return False  # a clipping looked at in KOH, a plate taken off and its matrix destroyed: two acts in one phrase
    return not ({one.family, other.family} & {"repair"} and one.family != other.family and (one.end > other.end or other.end > one.end))
