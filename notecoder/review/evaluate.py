"""How well results agree with gold claims: the figures a coding manager asks for, by family, with the misses.

A strict line is right when code, units and modifiers are; 59 and its four finer forms count as one modifier, order does
not matter. A whole claim is right when all its strict lines are those of the gold claim, or of one of the alternates a
competent coder could defend. An unanswered note is never right. Evidence counts when a cited span of a line with that
code touches the gold quote; a span that does not quote the note, or is longer than a table row, is bad.
"""

from __future__ import annotations

import json
import re
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from notecoder.errors import NoteError
from notecoder.evidence import LONGEST_SPAN
from notecoder.review.families import family_of, is_visit

DISTINCT = frozenset({"XE", "XP", "XS", "XU"})
Note = Mapping[str, Any]
Strict = tuple[str, tuple[str, ...], int]
Bag = Counter[Strict]


@dataclass(slots=True)
class Count:
    """Right, wrong and missed; a figure is None when there was nothing to find and nothing was found."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def add(self, gold: Counter[Any], found: Counter[Any]) -> None:
        """Compare two bags."""
        same = sum((gold & found).values())
        self.right += same
        self.wrong += sum(found.values()) - same
        self.missed += sum(gold.values()) - same

    def prf(self) -> tuple[float, float, float] | None:
        """Precision, recall and F1."""
        if not self.right + self.wrong + self.missed:
            return None
        precision = _share(self.right, self.right + self.wrong) or 0.0
        recall = _share(self.right, self.right + self.missed) or 0.0
        total = precision + recall
        return precision, recall, (2 * precision * recall / total if total else 0.0)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


@dataclass(slots=True)
class Evaluation:
    """The figures in the order they are printed, the strict lines of each family, and a sentence for each miss."""

    figures: dict[str, Any] = field(default_factory=dict)
    families: dict[str, tuple[tuple[float, float, float] | None, int]] = field(default_factory=dict)
    misses: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Sums:
    counts: dict[str, Count]
    families: dict[str, Count]
    tally: Counter[str]
    lengths: list[int]
    misses: list[str]


def gold_notes(folder: Path) -> dict[str, dict[str, Any]]:
    """The gold notes below a folder, by id. Raises ``file_not_found`` when there are none."""
    notes: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.rglob("*.json")):
        try:
            note = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise NoteError("bad_row", f"{path.name}: not JSON; expected a gold note") from None
        if isinstance(note, dict) and "text" in note and "lines" in note and "id" in note:
            notes[note["id"]] = note
    if not notes:
        raise NoteError("file_not_found", f"{folder.name}: no gold notes; expected JSON files with id, text and lines")
    return notes


def evaluate(golds: Mapping[str, Note], results: Mapping[str, Note]) -> Evaluation:
    """Compare results (contract form, by id) with gold notes."""
    names = ("code", "line", "procedure", "E/M", "dx", "gap")
    sums = _Sums({name: Count() for name in names}, {}, Counter(), [], [])
    for name, gold in golds.items():
        result = results.get(name)
        answered = result is not None and not result.get("error") and isinstance(result.get("lines"), list)
        _one_note(sums, name, gold, result if answered and result is not None else None)
    return _figures(sums, len(golds))


def _one_note(sums: _Sums, name: str, gold: Note, result: Note | None) -> None:
    found = _rows(result, "lines")
    reference = _best_reference(gold, found)
    want, mine = _strict(reference), _strict(found)
    sums.tally["unanswered"] += result is None
    _count_lines(sums, want, mine)
    exact = result is not None and want == mine
    sums.tally["exact"] += exact
    if result is not None and result.get("disposition") == "ready":
        sums.tally["ready"] += 1
        sums.tally["ready exact"] += exact
    _count_evidence(sums, gold["text"], reference, found)
    want_gaps = {gap["element"] for gap in gold.get("gaps", [])}
    optional = set(gold.get("gaps_optional", [])) - want_gaps
    sums.counts["gap"].add(
        Counter(want_gaps), Counter({gap.get("element") for gap in _rows(result, "gaps")} - optional)
    )
    used = {code for code, _, _ in mine} | {dx for line in found for dx in line.get("diagnoses") or []}
    allowed = {code for code, _, _ in want} | {dx for line in reference for dx in line.get("dx") or []}
    tempting = {refused["code"] for refused in gold.get("not_coded", [])}
    sums.tally["forbidden"] += len((tempting & used) - allowed)
    if not exact:
        sums.misses.append(
            f"{name}: missed [{_shown(want - mine)}]; wrong [{_shown(mine - want)}]; right [{_shown(want & mine)}]"
        )


def _rows(result: Note | None, key: str) -> list[Note]:
    return [item for item in ((result or {}).get(key) or []) if isinstance(item, Mapping)]


def modifiers_of(line: Note) -> tuple[str, ...]:
    """Modifiers as compared: sorted, X{EPSU} as 59, each once."""
    return tuple(sorted({"59" if mark in DISTINCT else str(mark) for mark in line.get("modifiers") or []}))


def _strict(lines: Sequence[Note]) -> Bag:
    return Counter((str(line.get("code")), modifiers_of(line), line.get("units", 1)) for line in lines)


def _best_reference(gold: Note, found: list[Note]) -> list[Note]:
    """The claim, or the alternate that fits best: by strict lines, then by primary diagnoses."""
    mine = _strict(found)

    def fit(lines: list[Note]) -> tuple[float, int]:
        count = Count()
        count.add(_strict(lines), mine)
        scores = count.prf()
        return (scores[2] if scores else 1.0), _same_primary(lines, found)

    candidates: list[list[Note]] = [gold["lines"], *gold.get("alternates", [])]
    return max(candidates, key=fit)


def _same_primary(lines: list[Note], found: list[Note]) -> int:
    return sum(
        bool(mine.get("diagnoses")) and bool(line.get("dx")) and mine["diagnoses"][0] == line["dx"][0]
        for line in lines
        for mine in found
        if mine.get("code") == line.get("code")
    )


def _count_lines(sums: _Sums, want: Bag, mine: Bag) -> None:
    sums.counts["line"].add(want, mine)
    sums.counts["code"].add(Counter({code for code, _, _ in want}), Counter({code for code, _, _ in mine}))
    for kind, visits in (("E/M", True), ("procedure", False)):
        gold = Counter({key: n for key, n in want.items() if is_visit(key[0]) == visits})
        sums.counts[kind].add(gold, Counter({key: n for key, n in mine.items() if is_visit(key[0]) == visits}))
    for name, bag in (("right", want & mine), ("wrong", mine - want), ("missed", want - mine)):
        for (code, _, _), times in bag.items():
            count = sums.families.setdefault(family_of(code), Count())
            setattr(count, name, getattr(count, name) + times)
    sums.tally["false E/M"] += any(is_visit(key[0]) for key in mine) and not any(is_visit(key[0]) for key in want)
    for code, marks, _ in want:
        if is_visit(code) and code != "G2211":
            sums.tally["25 wanted"] += 1
            sums.tally["25 right"] += any(
                is_visit(other) and other != "G2211" and ("25" in theirs) == ("25" in marks)
                for other, theirs, _ in mine
            )


def _count_evidence(sums: _Sums, text: str, reference: list[Note], found: list[Note]) -> None:
    for line in found:
        cited = _rows(line, "evidence")
        sums.tally["bad spans"] += not cited
        for span in cited:
            if _is_bad(span, text):
                sums.tally["bad spans"] += 1
            elif not span.get("document"):
                sums.lengths.append(span["end"] - span["start"])
    for line in reference:
        mates = [mine for mine in found if mine.get("code") == line["code"]]
        quotes = list(_places(text, line.get("evidence") or []))
        sums.tally["quotes"] += len(quotes)
        if not mates:
            continue
        mate = next((mine for mine in mates if modifiers_of(mine) == modifiers_of(line)), mates[0])
        _count_diagnoses(sums, line.get("dx") or [], mate.get("diagnoses") or [])
        spans = [
            (span["start"], span["end"])
            for mine in mates
            for span in _rows(mine, "evidence")
            if not _is_bad(span, text)
        ]
        for spots in quotes:
            sums.tally["quotes hit"] += any(a < end and start < b for start, end in spots for a, b in spans)


def _count_diagnoses(sums: _Sums, want: list[str], mine: list[str]) -> None:
    if want:
        sums.tally["dx lines"] += 1
        sums.tally["dx primary"] += bool(mine) and mine[0] == want[0]
        sums.counts["dx"].add(Counter(set(want)), Counter(set(mine)))


def _places(text: str, quotes: Sequence[str]) -> Iterator[list[tuple[int, int]]]:
    """Every occurrence of each quote: touching any of them is a hit."""
    for quote in quotes:
        spots = [match.span() for match in re.finditer(re.escape(quote), text)] if quote else []
        if spots:
            yield spots


def _is_bad(span: Note, text: str) -> bool:
    try:
        start, end = int(span["start"]), int(span["end"])
    except (KeyError, TypeError, ValueError):
        return True
    quoted = span.get("text")
    within = 0 <= start < end <= len(text) and end - start <= LONGEST_SPAN
    return not within or not quoted or text[start:end] != quoted


def _figures(sums: _Sums, notes: int) -> Evaluation:
    tally, counts = sums.tally, sums.counts
    figures = {
        "notes": notes,
        "unanswered": tally["unanswered"],
        "code P/R/F1": counts["code"].prf(),
        "line P/R/F1": counts["line"].prf(),
        "procedure P/R/F1": counts["procedure"].prf(),
        "E/M P/R/F1": counts["E/M"].prf(),
        "false E/M": tally["false E/M"],
        "25 right": _share(tally["25 right"], tally["25 wanted"]),
        "exact": _share(tally["exact"], notes),
        "dx primary": _share(tally["dx primary"], tally["dx lines"]),
        "dx P/R/F1": counts["dx"].prf(),
        "evidence": _share(tally["quotes hit"], tally["quotes"]),
        "span chars": statistics.median(sums.lengths) if sums.lengths else None,
        "bad spans": tally["bad spans"],
        "gap P/R/F1": counts["gap"].prf(),
        "forbidden": tally["forbidden"],
        "ready": _share(tally["ready"], notes),
        "ready exact": _share(tally["ready exact"], tally["ready"]),
    }
    families = {name: (count.prf(), count.right + count.missed) for name, count in sorted(sums.families.items())}
    return Evaluation(figures=figures, families=families, misses=sums.misses)


def _shown(bag: Bag) -> str:
    words = []
    for code, marks, units in sorted(bag.elements(), key=str):
        words.append(code + "".join(f"-{mark}" for mark in marks) + (f" x{units}" if units != 1 else ""))
    return ", ".join(words) or "nothing"


def report(evaluation: Evaluation, *, misses: int | None = None) -> str:
    """The figures as text, then families, then the misses (all unless ``misses`` says how many)."""
    lines = [f"{name:17} {_value(value)}" for name, value in evaluation.figures.items()]
    lines += ["", "strict lines by family: P / R / F1 (gold lines)"]
    lines += [f"  {name:26} {_value(scores)}  ({count})" for name, (scores, count) in evaluation.families.items()]
    shown = evaluation.misses if misses is None else evaluation.misses[:misses]
    if shown:
        lines += ["", f"misses ({len(shown)} of {len(evaluation.misses)})", *shown]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    if value is None:
        return "n/a"
    if isinstance(value, tuple):
        return " / ".join(f"{part:.3f}" for part in value)
    return f"{value:.3f}" if isinstance(value, float) else str(value)
