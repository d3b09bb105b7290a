"""A billed claim beside what the note supports: bill as is, change, remove, add, and why.

An auditor lays both claims side by side. A line with the same code, units and modifiers stands. The same code with
other units or modifiers is a change; so is another code of the same family in the same place, such as a visit of
another level. What is left over was billed without support, or done and not billed; both are said in the same tone.
X{EPSU} is read as 59 (HC-3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from notecoder.claim import CodingResult, Line
from notecoder.errors import NoteError
from notecoder.evidence import Evidence
from notecoder.review.evaluate import DISTINCT
from notecoder.review.families import family_of, is_visit

Verdict = Literal["bill as is", "change", "remove", "add"]
BILLED = re.compile(
    r"(?P<code>\d{4}[0-9A-Z]|[A-Z]\d{4})"
    r"(?P<before>(?:[-\s]+(?!X\d)[A-Z0-9]{2}(?![A-Z0-9]))*)"
    r"(?:\s*[xX*×]\s*(?P<units>\d{1,4}))?"
    r"(?P<after>(?:[-\s]+[A-Z0-9]{2}(?![A-Z0-9]))*)",
    re.ASCII,
)
FORM = 'expected codes such as "99213-25, 11102x2, 88305"'


@dataclass(frozen=True, slots=True)
class BilledLine:
    """One line as it was billed."""

    code: str
    modifiers: tuple[str, ...] = ()
    units: int = 1

    def __str__(self) -> str:
        return _shown(self.code, self.modifiers, self.units)


@dataclass(frozen=True, slots=True)
class Item:
    """One finding. ``billed`` or ``supported`` is None when there is no such line; ``says`` gives the reasons."""

    verdict: Verdict
    billed: BilledLine | None
    supported: Line | None
    says: tuple[str, ...]
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Audit:
    """All findings in the order of the supported claim, then what should go."""

    items: tuple[Item, ...]
    disposition: str

    @property
    def as_is(self) -> bool:
        """Nothing to change."""
        return all(item.verdict == "bill as is" for item in self.items)

    def form(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "as_is": self.as_is,
            "disposition": self.disposition,
            "items": [
                {
                    "verdict": item.verdict,
                    "billed": None if item.billed is None else str(item.billed),
                    "supported": None if item.supported is None else shown_line(item.supported),
                    "says": list(item.says),
                    "evidence": [span.model_dump(mode="json", exclude_none=True) for span in item.evidence],
                }
                for item in self.items
            ],
        }


def billed_lines(text: str) -> tuple[BilledLine, ...]:
    """Read ``99213-25, 11102x2, 88305``. Raises ``bad_context`` for anything else."""
    found = []
    for position, part in enumerate(re.split(r"[,;\n]+", text.upper().strip()), 1):
        if not part.strip():
            continue
        match = BILLED.fullmatch(part.strip())
        if match is None or match["units"] == "0":
            raise NoteError("bad_context", f"billed line {position} cannot be read; {FORM}")
        marks = re.findall(r"[A-Z0-9]{2}", f"{match['before']} {match['after']}")
        found.append(BilledLine(match["code"], tuple(marks), int(match["units"] or 1)))
    if not found:
        raise NoteError("bad_context", f"no billed line; {FORM}")
    return tuple(found)


def audit(result: CodingResult, billed: Sequence[BilledLine]) -> Audit:
    """Compare a billed claim with the result of coding its note."""
    theirs, ours = list(billed), list(result.lines)
    pairs = [*_pair(theirs, ours, _same), *_pair(theirs, ours, _same_code), *_pair(theirs, ours, _same_family)]
    order = {id(line): position for position, line in enumerate(result.lines)}
    items = [_compared(mine, line) for mine, line in pairs] + [_missing(line) for line in ours]
    items.sort(key=lambda item: order[id(item.supported)])
    items += [_unsupported(line, result) for line in theirs]
    return Audit(items=tuple(items), disposition=result.disposition)


def _pair(theirs: list[BilledLine], ours: list[Line], alike: Any) -> Iterator[tuple[BilledLine, Line]]:
    """Pairs that are alike; both leave their lists."""
    for line in list(theirs):
        mate = next((mine for mine in ours if alike(line, mine)), None)
        if mate is not None:
            theirs.remove(line)
            ours[:] = [mine for mine in ours if mine is not mate]
            yield line, mate


def marks_of(modifiers: Sequence[str]) -> frozenset[str]:
    """Modifiers as compared: X{EPSU} as 59 (HC-3)."""
    return frozenset("59" if mark in DISTINCT else mark for mark in modifiers)


def _same(billed: BilledLine, line: Line) -> bool:
    return (
        billed.code == line.code
        and billed.units == line.units
        and marks_of(billed.modifiers) == marks_of(line.modifiers)
    )


def _same_code(billed: BilledLine, line: Line) -> bool:
    return billed.code == line.code


def _same_family(billed: BilledLine, line: Line) -> bool:
    family = family_of(billed.code)
    if family in {"HCPCS", "other", "other surgery", "medicine", "other integumentary", "graft/other"}:
        return False
    return family == family_of(line.code) and "G2211" not in (billed.code, line.code)


def _compared(billed: BilledLine, line: Line) -> Item:
    if _same(billed, line):
        return Item("bill as is", billed, line, _why(line), line.evidence)
    says = []
    if billed.code != line.code:
        says.append(f"the note supports {line.code} ({line.label or family_of(line.code)}) instead of {billed.code}")
    if billed.units != line.units:
        says.append(f"the note supports {_units(line.units)}, billed were {_units(billed.units)}")
    lacking, excess = (
        sorted(marks_of(line.modifiers) - marks_of(billed.modifiers)),
        sorted(marks_of(billed.modifiers) - marks_of(line.modifiers)),
    )
    if lacking:
        says.append(f"modifier {', '.join(lacking)} belongs here")
    if excess:
        says.append(f"modifier {', '.join(excess)} has no support in the note")
    return Item("change", billed, line, (*says, *_why(line)), line.evidence)


def _units(count: int) -> str:
    return "1 unit" if count == 1 else f"{count} units"


def _missing(line: Line) -> Item:
    return Item("add", None, line, ("supported by the note and not billed", *_why(line)), line.evidence)


def _unsupported(billed: BilledLine, result: CodingResult) -> Item:
    alike = [refused for refused in result.considered if is_visit(refused.code) and is_visit(billed.code)]
    for refused in [*(refused for refused in result.considered if refused.code == billed.code), *alike]:
        if not any(is_visit(line.code) for line in result.lines) or refused.code == billed.code:
            return Item("remove", billed, None, (f"{refused.reason} ({refused.rule})",), refused.evidence)
    if any(line.code == billed.code for line in result.lines):
        return Item("remove", billed, None, (f"the note supports {billed.code} on fewer lines than were billed",))
    what = "a visit of this kind" if is_visit(billed.code) else "this service"
    return Item("remove", billed, None, (f"the note does not show {what}",))


def _why(line: Line) -> tuple[str, ...]:
    return tuple(f"{step.says} ({step.rule})" for step in line.trace)


def shown_line(line: Line) -> str:
    """A supported line as billed: ``11102-59 x2``."""
    return _shown(line.code, line.modifiers, line.units)


def _shown(code: str, modifiers: Sequence[str], units: int) -> str:
    return code + "".join(f"-{mark}" for mark in modifiers) + (f" x{units}" if units != 1 else "")


def report(found: Audit) -> str:
    """The audit for a person: the verdict of the whole claim, then each line with its reasons and the words quoted."""
    counts = {verdict: sum(item.verdict == verdict for item in found.items) for verdict in _ORDER}
    head = (
        "Bill as is: every billed line is what the note supports."
        if found.as_is
        else "Differs: " + ", ".join(f"{count} to {verdict}" for verdict, count in counts.items() if count)
    )
    if found.as_is and not found.items:
        head = "Nothing billed and nothing supported."
    lines = [head, ""]
    for item in found.items:
        lines.append(f"  {item.verdict:<10}  {_headline(item)}")
        lines += [f"              {words}" for words in item.says]
        lines += [f'              "{" ".join(span.text.split())}"' for span in item.evidence[:3]]
        lines.append("")
    if found.disposition != "ready":
        lines.append(f"The note itself is marked {found.disposition}: see notecoder code for its questions.")
    return "\n".join(lines).rstrip() + "\n"


_ORDER: tuple[Verdict, ...] = ("change", "add", "remove", "bill as is")


def _headline(item: Item) -> str:
    if item.verdict == "change" and item.billed is not None and item.supported is not None:
        return f"{item.billed} -> {shown_line(item.supported)}"
    return str(item.billed) if item.billed is not None else shown_line(item.supported) if item.supported else ""
