"""Offsets as the other side counts them.

Ours are Unicode code points (Python string indices). Browsers, Java and .NET count UTF-16 code units, in which a
character beyond U+FFFF takes two; ``in_utf16`` restates a result that way.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import Any


class Utf16:
    """Converts code-point offsets of one text to UTF-16 code units and back."""

    def __init__(self, text: str) -> None:
        self._wide = [index for index, character in enumerate(text) if ord(character) > 0xFFFF]
        self._wide_units = [index + before for before, index in enumerate(self._wide)]

    def units(self, offset: int) -> int:
        """The UTF-16 offset of a code-point offset."""
        return offset + bisect_left(self._wide, offset)

    def points(self, offset: int) -> int:
        """The code-point offset of a UTF-16 offset; one in the middle of a character counts as its start."""
        before = bisect_left(self._wide_units, offset)
        if before and self._wide_units[before - 1] + 1 == offset:
            return self._wide[before - 1]
        return offset - before


def in_utf16(result: Mapping[str, Any], *, text: str, documents: Mapping[str, str]) -> dict[str, Any]:
    """A result (contract form) with every ``start``/``end`` counted in UTF-16 units of the text it points into."""
    main = Utf16(text)
    others = {name: Utf16(body) for name, body in documents.items()}

    def restate(value: Any) -> Any:
        if isinstance(value, dict):
            moved = {name: restate(part) for name, part in value.items()}
            start, end = value.get("start"), value.get("end")
            if type(start) is int and type(end) is int:
                count = others.get(value["document"], main) if value.get("document") else main
                moved["start"], moved["end"] = count.units(start), count.units(end)
            return moved
        if isinstance(value, list | tuple):
            return [restate(part) for part in value]
        return value

    return {name: part if name == "context" else restate(part) for name, part in result.items()}
