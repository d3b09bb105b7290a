"""Events: an act of one family on one lesion, however many phrases of the note tell of it.

A title, the narrative, the plan and the specimen list speak of one event. An act without a place is the title of one that
has a place, or belongs to the note's only lesion, or ("both", "all three", "each") to every lesion of its list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from notecoder.evidence import Evidence
from notecoder.facts import Act
from notecoder.facts.common import Status
from notecoder.reading.nodes import Node, Registry
from notecoder.reading.page import Mark, Page, SeenAct

_ALL = re.compile(r"\b(?:both|all|each|every|the (?:two|three|four|five)|either)\b", re.IGNORECASE)


@dataclass(slots=True)
class Event:
    """One act on one lesion. ``node`` None: the note gives no place."""

    family: str
    node: Node | None
    acts: list[tuple[Mark, SeenAct]] = field(default_factory=list)

    @property
    def status(self) -> Status:
        """Performed if any phrase says so, else what the first one says."""
        said = [act.status for _, act in self.acts]
        return "performed" if "performed" in said else said[0]

    @property
    def performed(self) -> bool:
        return self.status == "performed"

    def details(self) -> list[str]:
        """The techniques or methods said in performed phrases, in order."""
        return [act.detail for _, act in self.acts if act.detail and act.status == "performed"]

    def marks(self) -> list[Mark]:
        """The clauses of its performed phrases (of all phrases when none is performed)."""
        chosen = [mark for mark, act in self.acts if act.status == "performed"] or [mark for mark, _ in self.acts]
        return list(dict.fromkeys(id(m) for m in chosen)) and [m for i, m in enumerate(chosen) if m not in chosen[:i]]


class Events:
    """The events of a page."""

    def __init__(self, page: Page, registry: Registry) -> None:
        self.page = page
        self.registry = registry

    def of(self, *families: str) -> list[Event]:
        """The events of these families, one for each lesion and family, in reading order."""
        placed: dict[tuple[str, str], Event] = {}
        loose: list[tuple[Mark, SeenAct]] = []
        for mark, act in self.page.acts(*families, status=None):
            if mark.clause.ignored:
                continue
            node = self.registry.for_act(mark, act)
            if node is None or not node.seen:
                loose.append((mark, act))
                continue
            placed.setdefault((act.family, node.id), Event(act.family, node)).acts.append((mark, act))
        for mark, act in loose:
            self._place(mark, act, placed)
        return list(placed.values())

    def _place(self, mark: Mark, act: SeenAct, placed: dict[tuple[str, str], Event]) -> None:
        same = [e for e in placed.values() if e.family == act.family and e.node is not None and e.performed]
        if act.status != "performed":
            placed.setdefault((act.family, f"?{act.status}"), Event(act.family, None)).acts.append((mark, act))
            return
        candidates = self._untreated(act.family)
        if _ALL.search(mark.clause.text) and len(candidates) > 1:
            for node in candidates:
                placed.setdefault((act.family, node.id), Event(act.family, node)).acts.append((mark, act))
            return
        if same:
            return
        lesions = [n for n in self.registry.nodes if n.seen and self._is_lesion(n)]
        if len(lesions) == 1:
            placed.setdefault((act.family, lesions[0].id), Event(act.family, lesions[0])).acts.append((mark, act))
            return
        own = self.registry.for_act(mark, act)
        key = own.id if own is not None else "?"
        placed.setdefault((act.family, key), Event(act.family, own)).acts.append((mark, act))

    def _is_lesion(self, node: Node) -> bool:
        return any(m.acts or m.measures or any(d.group not in {"sign", "status", "scar"} for d in m.diagnoses) for m in node.marks)

    def _untreated(self, family: str) -> list[Node]:
        """Labeled lesions that nothing was yet said to be done to."""
        return [
            n for n in self.registry.nodes
            if n.seen and n.labels and not any(a.status in {"negated", "declined", "deferred"} for m in n.marks for a in m.acts)
        ]


def act_fact(page: Page, event: Event, number: int, extra: Iterable[Evidence] = ()) -> Act:
    """The event as an act fact, with at most six quotes: the phrases that tell of it."""
    spans: list[Evidence] = []
    for mark in event.marks():
        span = page.quote_clause(mark)
        if span not in spans:
            spans.append(span)
    for span in extra:
        if span not in spans:
            spans.append(span)
    return Act(id=f"{event.family}-{number}", status=event.status, evidence=tuple(spans[:6]))
