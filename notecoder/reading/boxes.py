"""Boxes of a form: the words of an option nobody ticked were not said.

On a form a coder reads only what is ticked: "[ ] better [x] same" says "same", and so does "better [ ] same [x]".
Whether the box stands before or after its words shows in the line itself: boxes at the end of a line stand after them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_EMPTY = re.compile(r"\[[ _]{0,3}\]|\( {1,3}\)|[□☐]")
_ANY = re.compile(r"\[[ _xX✓]{0,3}\]|\([ xXoO•]{1,3}\)|[□☐☑☒■]")
_TICKED = re.compile(r"[☑☒]|\[[ _]{0,2}[xX✓][ _]{0,2}\]|\( ?[xXoO•] ?\)")
"""Without a single tick in the note, hollow squares are bullets, not boxes."""
_STOP = re.compile(r"[|]|\s{3,}|[.;]\s")


def without_unticked(text: str) -> str:
    """The text with empty boxes and their words blanked out, every offset kept."""
    if not _TICKED.search(text):
        return text if "[" not in text and "(" not in text else _brackets_only(text)
    blanked = list(text)
    for start, end in _unticked(text):
        blanked[start:end] = " " * (end - start)
    return "".join(blanked)


def _unticked(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in text.split("\n"):
        yield from ((start + a, start + b) for a, b in _on_line(line))
        start += len(line) + 1


def _on_line(line: str) -> Iterator[tuple[int, int]]:
    boxes = list(_ANY.finditer(line))
    if not boxes:
        return
    trailing = not re.search(r"\w", line[boxes[-1].end() :]) and bool(re.search(r"\w", line[: boxes[0].start()]))
    for position, box in enumerate(boxes):
        if not _EMPTY.fullmatch(box.group()):
            continue
        if trailing:
            low = boxes[position - 1].end() if position else 0
            key = re.match(r"[^:=]{0,30}[:=]\s", line[low : box.start()])
            yield low + (key.end() if key else 0), box.end()
        else:
            high = boxes[position + 1].start() if position + 1 < len(boxes) else len(line)
            first = re.compile(r"\s*").match(line, box.end(), high)
            stop = _STOP.search(line, first.end() if first else box.end(), high)
            yield box.start(), stop.start() if stop else high


def _brackets_only(text: str) -> str:
    """The text with empty brackets and their words blanked out; hollow squares stay."""
    blanked = list(text)
    for start, end in _unticked(text.replace("□", "-").replace("☐", "-")):
        blanked[start:end] = " " * (end - start)
    return "".join(blanked)
