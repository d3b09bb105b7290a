"""Where in the note something is said.

Every value the product reads and every code it proposes points back to words of the original note. Offsets are
Python string indices (Unicode code points) into the text as it was sent, end exclusive: ``text[start:end]`` is the
quoted text, always.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

LONGEST_SPAN = 240
"""A span is a phrase, a sentence or a table row: at most this many characters (CONTRACT)."""

T = TypeVar("T")


class Frozen(BaseModel):
    """A value that crosses rooms: immutable, and closed to unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Evidence(Frozen):
    """A quoted phrase of the note (or of one of its documents)."""

    start: int
    end: int
    text: str
    document: str | None = Field(default=None, exclude_if=lambda name: name is None)
    """The further document the quote is from; the key is absent for the note itself."""
    role: str = "support"

    def __eq__(self, other: object) -> bool:
        """Same words at the same place; said here because spans are compared more often than anything else."""
        if self is other or not isinstance(other, Evidence):
            return self is other
        return (self.start, self.end, self.document, self.role, self.text) == (
            other.start,
            other.end,
            other.document,
            other.role,
            other.text,
        )

    def __hash__(self) -> int:
        return hash((self.start, self.end, self.document, self.role))


class Stated(Frozen, Generic[T]):
    """A value and where the note states it. ``None`` instead of a ``Stated`` means the note is silent."""

    value: T
    evidence: tuple[Evidence, ...] = ()


def quote(text: str, start: int, end: int, *, document: str | None = None, role: str = "support") -> Evidence:
    """Evidence for ``text[start:end]``: white space trimmed at both ends, cut to ``LONGEST_SPAN`` characters."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end - start > LONGEST_SPAN:
        cut = text.rfind(" ", start, start + LONGEST_SPAN)
        end = cut if cut > start else start + LONGEST_SPAN
    return Evidence(start=start, end=end, text=text[start:end], document=document, role=role)


def merged(*groups: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The spans of all groups in their order, each once."""
    seen: dict[tuple[str | None, int, int], Evidence] = {}
    for group in groups:
        for span in group:
            seen.setdefault((span.document, span.start, span.end), span)
    return tuple(seen.values())
