"""What a laid-out note is made of: sections, items, clauses; and which heading opens which kind of section.

Offsets are into the original text. Kinds of sections and their headings are listed in ``lexicon/sections.toml``.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from notecoder.reading.openings import Index

Kind = str
"""Section kinds are listed in ``lexicon/sections.toml``; "body" is text before or without a known heading."""

PAST_KINDS = frozenset({"past", "medication", "allergy", "family", "social"})
IGNORED_KINDS = frozenset({"boilerplate", "codes"})
PARAGRAPH_KINDS = frozenset({"history"})
LINE_KINDS = frozenset(
    {"past", "medication", "allergy", "family", "social", "ros", "vitals", "codes", "pathology", "reason", "boilerplate"}
)
"""With their content on the heading's own line, these end where the next "key: value" line or paragraph begins."""


@dataclass(slots=True, eq=False)
class Section:
    """A heading and what stands under it. ``pasted``: copied from an earlier visit."""

    index: int
    kind: Kind
    title: str
    start: int
    end: int = 0
    pasted: bool = False
    after: Section | None = None
    """The section that goes on when this one, opened on one line or inside an item, ends."""
    inside: Item | None = None
    one_line: bool = False
    paragraph: bool = False
    """Ends with its paragraph ("Indication: ..." before the narrative)."""


@dataclass(slots=True, eq=False)
class Item:
    """A labeled or bulleted piece: "1." "A)" "#2" "Site 1:" "- " or a table row. ``label`` is upper case, or None."""

    index: int
    label: str | None
    kind: str
    start: int
    body: int
    """Offset after the label."""
    depth: int
    parent: Item | None
    end: int = 0


@dataclass(slots=True, eq=False)
class Clause:
    """A sentence, a line of a list, or one ``;`` part of it: the unit in which words modify each other."""

    index: int
    start: int
    end: int
    text: str
    section: Section
    item: Item | None
    paragraph: int
    key: str | None = None
    """The key of a "key: value" or "key=value" line, lower case."""
    cells: tuple[str, ...] = ()
    """The cells of a table row."""
    header: tuple[str, ...] = ()
    """The header cells of that table, when it has a header row."""
    pasted: bool = False
    lower: str = field(default="", repr=False)

    @property
    def ignored(self) -> bool:
        """Boilerplate, code suggestions, or text pasted from an earlier visit."""
        return self.pasted or self.section.pasted or self.section.kind in IGNORED_KINDS


@dataclass(slots=True)
class Layout:
    """The laid-out note."""

    text: str
    sections: list[Section]
    items: list[Item]
    clauses: list[Clause]
    _starts: list[int] = field(default_factory=list, repr=False)
    _index: Index | None = field(default=None, init=False, repr=False)

    def saying(self, pattern: re.Pattern[str]) -> frozenset[int]:
        """The indices of the clauses that hold what the expression finds; asked once, kept."""
        if self._index is None:
            self._index = Index(self.text, [(clause.start, clause.end) for clause in self.clauses])
        return self._index.saying(pattern)

    def clause_at(self, offset: int) -> Clause:
        """The clause that holds the character at ``offset`` (or the last one before it)."""
        return self.clauses[max(0, bisect_right(self._starts, offset) - 1)]

    def within(self, start: int, end: int) -> Iterator[Clause]:
        """The clauses that begin in ``[start, end)``."""
        position = bisect_right(self._starts, start - 1)
        while position < len(self.clauses) and self.clauses[position].start < end:
            yield self.clauses[position]
            position += 1


@cache
def _section_patterns() -> tuple[tuple[Kind, re.Pattern[str]], ...]:
    raw = tomllib.loads((files("notecoder.reading") / "lexicon" / "sections.toml").read_text(encoding="utf-8"))
    return tuple((entry["kind"], re.compile("(?:" + "|".join(entry["patterns"]) + r")\Z")) for entry in raw["section"])


_PULLED = re.compile(r"\((?:auto-?)?(?:pulled|imported|carried|copied|old)\b[^)]{0,20}\)", re.IGNORECASE)
""" "HX (pulled)": of another day, whatever the heading."""


@cache
def section_kind(heading: str) -> Kind | None:
    """The kind of section a heading opens, or None for words that are no known heading."""
    plain = re.sub(r"\s+", " ", re.sub(r"\(.*?\)|[\[\]{}<>*=_#~|\"]+", " ", heading.lower())).strip(" .:-–—/\t")
    if not plain or len(plain) > 60:
        return None
    if _PULLED.search(heading):
        return "past"
    for kind, pattern in _section_patterns():
        if pattern.match(plain):
            return kind
    return None
