"""What every family's reader needs at hand: the page, the lesions, the events, and small questions about them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal

from notecoder.context import EncounterContext
from notecoder.evidence import Evidence, Stated
from notecoder.facts import Act, Conflict, Target
from notecoder.reading.events import Event, Events, act_fact
from notecoder.reading.nodes import Node, Registry
from notecoder.reading.page import Mark, Page, SeenAct, SeenDiagnosis
from notecoder.reading.targets import Targets, span_of


class Desk:
    """One note being read."""

    def __init__(self, page: Page, registry: Registry, context: EncounterContext) -> None:
        self.page = page
        self.registry = registry
        self.context = context
        self.targets = Targets(page, registry)
        self.events = Events(page, registry)
        self._numbers = 0
        self.cache: dict[str, Any] = {}
        """What one family worked out and others ask for again."""
        self.conflicts: list[Conflict] = []

    def note_conflict(self, about: str, subject: str, affects: str, *spans: Any, target: str | None = None) -> None:
        """Keep two statements that cannot both be true; ``spans`` are anything with ``start`` and ``end``."""
        quotes = []
        for span in spans:
            mark = self.page.marks[self.page.layout.clause_at(span.start).index]
            quotes.append(self.page.quote(*span_of(mark, span.start, span.end)))
        self.conflicts.append(Conflict(about=about, subject=subject, affects=affects, target=target, evidence=tuple(dict.fromkeys(quotes))))  # type: ignore[arg-type]

    def class_finding(self) -> Stated[Literal["A", "B", "C"]] | None:
        """Class findings of routine foot care: Q7 one class A, Q8 two class B, Q9 one class B and two class C."""
        for mark in self.page.live():
            match = re.search(r"\b(?:class\s+(?P<c>[ABC])\s+finding|q(?P<q>[789])\b|(?P<n>one|two|1|2)\s+class\s+(?P<k>[AB])\b)", mark.clause.text, re.IGNORECASE)
            if match:
                value = (match["c"] or {"7": "A", "8": "B", "9": "C"}.get(match["q"] or "") or match["k"]).upper()
                return Stated(value=value, evidence=(self.page.quote_clause(mark),))  # type: ignore[arg-type]
        return None

    def number(self) -> int:
        """A running number for act ids."""
        self._numbers += 1
        return self._numbers

    @property
    def is_mohs_note(self) -> bool:
        """Stages of Mohs surgery were done today."""
        from notecoder.reading.families.mohs import tallies

        return bool(tallies(self))

    def is_mohs(self, node: Node | None) -> bool:
        """The lesion was treated by Mohs surgery in this note."""
        from notecoder.reading.families.mohs import mohs_nodes

        return self.is_mohs_note and (node is None or not node.seen or any(n is node for n in mohs_nodes(self)))

    def target(self, event: Event, extra: Sequence[SeenDiagnosis] = ()) -> Target:
        """The target of an event; diagnoses of its own clauses serve when its lesion has none."""
        own = [d for m in event.marks() for d in m.diagnoses if d.certainty in {"stated", "pathology", "uncertain"} and d.group not in {"status", "sign"}]
        target = self.targets.of(event.node, extra=[*extra, *own])
        if event.node is None:
            return target.model_copy(update={"id": f"E{self.number()}"})
        return target

    def act(self, event: Event, *extra: Evidence) -> Act:
        """The act with its quotes, the lesion's size and diagnosis among them."""
        spans = list(extra)
        if event.node is not None:
            target = self.targets.of(event.node)
            for diagnosis in target.diagnoses[:1]:
                spans.extend(self._wider(e) for e in diagnosis.evidence[:1])
            if target.site:
                spans.extend(self._wider(e) for e in target.site.evidence[:1])
        return act_fact(self.page, event, self.number(), spans)

    def _wider(self, span: Evidence) -> Evidence:
        mark = self.page.marks[self.page.layout.clause_at(span.start).index]
        return self.page.quote(*span_of(mark, span.start, span.end))

    def first_quote(self, event: Event) -> Evidence:
        """The clause of the event's first performed phrase."""
        return self.page.quote_clause(event.marks()[0])

    def heading_of(self, event: Event) -> str:
        """The titles an event stands under: its section's and its items' first words."""
        parts = []
        for mark in event.marks():
            parts.append(mark.clause.section.title)
            item = mark.clause.item
            while item is not None:
                parts.append(self.page.text[item.start : item.start + 90].split("\n")[0])
                item = item.parent
        return " ".join(parts)

    def says(self, pattern: str) -> bool:
        """Today's text says this."""
        return bool(self.page.saying(re.compile(pattern, re.IGNORECASE)))

    def find(self, pattern: re.Pattern[str]) -> list[Evidence]:
        """Quotes of the live clauses that match."""
        return [self.page.quote_clause(m) for m in self.page.saying(pattern)]

    def find_in(self, mark: Mark, pattern: re.Pattern[str]) -> list[Evidence]:
        """A quote of the clause when it matches."""
        return [self.page.quote_clause(mark)] if pattern.search(mark.clause.text) else []

    def smallest(self, marks: Sequence[Mark], role: str, event: Event | None = None) -> Stated[Decimal] | None:
        """The smallest measure of a role in these clauses (the narrowest margin, EX-02)."""
        found: list[tuple[Decimal, Evidence]] = []
        for mark in marks:
            owners = self.registry.of_mark.get(mark.clause.index, [])
            cut = [a.status for a in mark.acts if a.family == "excision"]
            if cut and set(cut) <= {"historical", "elsewhere"}:
                continue  # the margin of an earlier excision
            for measure in mark.measures:
                if measure.role != role or _conditional(mark, measure.start):
                    continue
                if event is not None and event.node is not None and len(owners) > 1 and not _before_the_list(mark, role, measure.start) and not self.targets._measure_is_of(mark, measure.start, event.node, owners):
                    continue
                found.append((measure.least, self.page.quote(*span_of(mark, measure.start, measure.end))))
        if not found:
            return None
        value, span = min(found, key=lambda pair: pair[0])
        return Stated(value=value, evidence=(span,))

    def silent_act(self, family: str, mark: Mark) -> SeenAct:
        """An act that a clause implies without a phrase for it."""
        return SeenAct(family, None, mark.clause.start, mark.clause.end, "performed", mark.clause.index)


def _before_the_list(mark: Mark, role: str, at: int) -> bool:
    """ "Both out with 1 mm margins: abdomen 0.7 cm, thigh 1.0 cm": a margin said once, before the places, is every one's."""
    alone = sum(1 for m in mark.measures if m.role == role) == 1
    return role == "margin" and alone and len(mark.sites) > 1 and all(at < s.start for s in mark.sites)


_LATER = re.compile(r"\b(?:will|if|(?<!were )(?<!was )plan(?:ned)?|schedul\w+|recommend\w*|consider)\b", re.IGNORECASE)


def _conditional(mark: Mark, at: int) -> bool:
    return bool(_LATER.search(mark.clause.text[: at - mark.clause.start]))
