"""The two areas of a tissue transfer: the wound that is filled and the one the flap leaves (AT-01).

Surgeons write them in many forms: "primary 2.5 x 2.5, secondary 2.5 x 2.4", "defect 1.6 x 1.6 cm, donor 2.2 x 1.2",
"3.2 x 3.0 + 4.0 x 2.5", "wound 18 by 16 mm; flap bed 20 x 18". The first pair of a sum is the wound, the second the
flap's own; a pair called neither belongs to the wound when it is called a wound. A size of the tumor is none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from notecoder.reading.measures import SPELLED, number

_N = rf"(?:\d{{1,2}}(?:[.,]\d{{1,2}})?|[.]\d{{1,2}}|{SPELLED})"
_UNIT = r"(?:mm|cm|millimet(?:er|re)s?|centimet(?:er|re)s?)"
_PAIR = re.compile(rf"(?<![\w.,/-])(?P<a>{_N})\s*(?P<ua>{_UNIT})?\s*(?:long|wide|high|tall)?\s*(?:x|×|by|\*)\s*(?P<b>{_N})(?![.,]?\d)\s*(?P<ub>{_UNIT})?(?!\s*(?:x|×|by)\s*\d)", re.IGNORECASE)
_SECOND = r"(?:secondary|second|2nd|2[°o]|donor|flap|(?:triangle|burow\w*|limbs?|lobes?|island|leaf|kite)|(?:bed|area|place|skin|site|hole|wound|defect) (?:it|the flap|this|that) (?:came|left|was|created|made|leaves)|(?:created|left|made|opened|vacated) by (?:the |its |raising |moving |lifting )*(?:flap|transfer|rotation|movement|donor|raising|moving|lifting)|movement|raised area|undermined area)"
_FIRST = r"(?:primary|first|1st|1[°o]|defect|wound|hole|gap|opening|recipient|surgical bed|excision(?:al)? (?:site|bed|defect)|resection|cancer (?:hole|bed)|tumou?r (?:bed|hole)|mohs)"
_ROLE = re.compile(rf"\b(?:(?P<second>{_SECOND}(?:[\s-]+(?:motion )?(?:wound|defect|hole|site|area|bed|gap|opening|skin))?)|(?P<first>{_FIRST}))", re.IGNORECASE)
_BEHIND = re.compile(rf"\s*\(?(?:(?:cm|mm|sq)\b\.?\s*)?(?:for |of |in |at |was |is |as |on )?(?:the |its |a )?(?:(?P<second>{_SECOND})|(?P<first>{_FIRST}))\b", re.IGNORECASE)
_PLUS = re.compile(r"\s*\)?\s*(?:\+|plus|and|&|with|,\s*then)\s*\(?\s*", re.IGNORECASE)
_GROWTH = re.compile(r"\b(?:lesion|tumou?r|bcc|scc|carcinoma|melanoma|nodule|papule|plaque|pre-?op|clinical\w*|cyst|mole|n[ae]+vus|mass|graft|dressing)\b[^.;,/]{0,24}$", re.IGNORECASE)
OF_FLAP = re.compile(r"\b(?:flap|donor|secondary|primary|transfer|areas?|2nd|second (?:defect|wound)|defects?)\b", re.IGNORECASE)
""" "Areas: ...": a clause that may be about the two wounds of a transfer."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two dimensions and which of the two wounds they are of; offsets in the clause."""

    start: int
    end: int
    area: Decimal
    part: Literal["primary", "secondary"] | None


def pairs_of(text: str, *, told: bool) -> Iterator[Pair]:
    """The areas of a clause. ``told``: the clause tells of the flap or its areas, so that an unnamed sum is theirs."""
    found = [pair for match in _PAIR.finditer(text) if (pair := _pair(text, match)) is not None]
    for position, pair in enumerate(found):
        before = found[position - 1] if position else None
        if told and before is not None and _PLUS.fullmatch(text, before.end, pair.start) and (before.part is None or pair.part is None or before.part == pair.part == _sum_name(text, before)):
            found[position - 1] = replace(before, part="primary")
            found[position] = replace(pair, part="secondary")
    if told and len(found) == 2 and {pair.part for pair in found} == {None, "secondary"}:
        found = [replace(pair, part="primary") if pair.part is None and not _GROWTH.search(text[: pair.start]) else pair for pair in found]
    yield from (pair for pair in found if pair.part is not None)


def _sum_name(text: str, first: Pair) -> str | None:
    """Both names stand before the first pair ("primary + secondary 3.2 x 3.0 + 4.0 x 2.5"): the last of them is nobody's."""
    lead = text[: first.start]
    names = {("secondary" if m["second"] else "primary") for m in _ROLE.finditer(lead)}
    return first.part if len(names) == 2 else None


def _pair(text: str, match: re.Match[str]) -> Pair | None:
    one, two = number(match["a"]), number(match["b"])
    if not one or not two:
        return None
    unit = (match["ub"] or match["ua"] or "cm").lower()
    area = one * two / 100 if unit.startswith("m") else one * two
    return Pair(match.start(), match.end(), area, _part(text, match))


def _part(text: str, match: re.Match[str]) -> Literal["primary", "secondary"] | None:
    """The nearest name: in the same stretch before the numbers, else right behind them."""
    lead = text[: match.start()]
    cut = max((m.end() for m in _PAIR.finditer(lead)), default=0)
    names = list(_ROLE.finditer(lead, cut))
    behind = _BEHIND.match(text, match.end())
    if behind and not (names and re.search(r"[,;:(]", lead[names[-1].end() :]) is None and re.match(r"\s*(?:,|;|and\b|\+)", text[match.end() :])):
        near = names[-1] if names and re.fullmatch(r"\W{0,3}", lead[names[-1].end() :]) and not re.search(r"[,;]", lead[names[-1].end() :]) else None
        if near is None:
            return "secondary" if behind["second"] else "primary"
    if names and len(lead) - names[-1].end() < 70:
        return "secondary" if names[-1]["second"] else "primary"
    return None
