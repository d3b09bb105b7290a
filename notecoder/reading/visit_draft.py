"""A problem while it is being put together: its conditions, clauses, actions and data."""

from __future__ import annotations

from dataclasses import dataclass, field

from notecoder.facts.visit import DataItem, PlanAction
from notecoder.reading.outline import Item
from notecoder.reading.page import Mark, SeenDiagnosis
from notecoder.reading.visit_words import groups_of


@dataclass(slots=True)
class Draft:
    """A problem while it is being put together."""

    heads: list[SeenDiagnosis]
    label: str | None
    item: Item | None
    marks: list[Mark]
    actions: list[PlanAction] = field(default_factory=list)
    data: list[DataItem] = field(default_factory=list)
    block: range | None = None
    """The clauses under the problem's own title line."""

    @property
    def terms(self) -> set[str]:
        return {head.term for head in self.heads}

    @property
    def groups(self) -> frozenset[str]:
        return frozenset().union(*(groups_of(term) for term in self.terms)) if self.heads else frozenset()
