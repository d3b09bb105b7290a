"""The page as the visit reads it: options nobody ticked are blank, and joined-up keys are words.

On a form a coder reads only the boxes that are ticked: "[ ] better [x] same" says "same". Whether the box stands before
or after its words shows in the line itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from notecoder.reading.page import Mark, Page

_BOX = re.compile(r"\[ {0,3}\]|\( {1,3}\)|[□☐]")
_ANY_BOX = re.compile(r"\[[ xX✓]{0,3}\]|\([ xX]{1,3}\)|[□☐☑☒■]")
_STOP = re.compile(r"[|;\n]")


def for_visit(page: Page) -> Page:
    """The same page with unticked options left out of what cues and conditions may match. Offsets stay."""
    return replace(page, marks=[_ticked(mark) for mark in page.marks])


def _ticked(mark: Mark) -> Mark:
    clause = mark.clause
    lower = clause.text.lower().replace("_", " ")
    holes = list(_unticked(clause.text))
    for start, end in holes:
        lower = lower[:start] + " " * (end - start) + lower[end:]
    if lower == clause.lower:
        return mark
    seen = [d for d in mark.diagnoses if not any(a <= d.start - clause.start < b for a, b in holes)]
    acts = [d for d in mark.acts if not any(a <= d.start - clause.start < b for a, b in holes)]
    return replace(mark, clause=replace(clause, lower=lower), diagnoses=seen, acts=acts)


def _unticked(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the words that belong to empty boxes."""
    boxes = list(_ANY_BOX.finditer(text))
    if not boxes:
        return
    trailing = not re.search(r"\w", text[boxes[-1].end() :])
    for position, box in enumerate(boxes):
        if not _BOX.fullmatch(box.group()):
            continue
        if trailing:
            low = boxes[position - 1].end() if position else 0
            key = re.match(r"[^:=\n]{0,30}[:=]\s", text[low : box.start()])
            yield low + (key.end() if key else 0), box.end()
        else:
            high = boxes[position + 1].start() if position + 1 < len(boxes) else len(text)
            stop = _STOP.search(text, box.end(), high)
            yield box.start(), stop.start() if stop else high
