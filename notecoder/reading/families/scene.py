"""The scene of an act: the clauses that tell of it, and small questions a reader asks of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache

from notecoder.evidence import Evidence, Stated
from notecoder.reading.events import Event
from notecoder.reading.families.desk import Desk
from notecoder.reading.groups import scope_of
from notecoder.reading.lesions import LESION_GROUPS
from notecoder.reading.measures import find_areas
from notecoder.reading.page import Mark, SeenAct, SeenDiagnosis
from notecoder.reading.targets import span_of

KNOWN = frozenset({"stated", "pathology"})
"""Certainties of a condition the note is sure of."""


@cache
def words(pattern: str) -> re.Pattern[str]:
    """A compiled, case-insensitive pattern."""
    return re.compile(pattern, re.IGNORECASE)


def stated(desk: Desk, marks: Sequence[Mark], pattern: str, *, denied: str | None = None) -> Stated[bool] | None:
    """Whether these clauses say it: True where they do, False where they only deny it, None when silent."""
    no: Evidence | None = None
    saying = desk.page.layout.saying(words(pattern))
    for mark in marks:
        if mark.clause.index not in saying:
            continue
        if denied and words(denied).search(mark.clause.text):
            no = no or desk.page.quote_clause(mark)
            continue
        return Stated(value=True, evidence=(desk.page.quote_clause(mark),))
    return Stated(value=False, evidence=(no,)) if no else None


def live_acts(desk: Desk, *families: str) -> list[tuple[Mark, SeenAct]]:
    """The acts of these families that speak of today, whatever their status; old ones left out."""
    return [(m, a) for m, a in desk.page.acts(*families, status=None) if not m.clause.ignored and a.status != "historical"]


def one_event(desk: Desk, family: str) -> Event | None:
    """All phrases of a family as one event; performed if any is."""
    acts = live_acts(desk, family)
    chosen = [(m, a) for m, a in acts if a.status == "performed"] or acts
    if not chosen:
        return None
    node = next((n for m, _ in chosen for n in desk.registry.of_mark.get(m.clause.index, []) if n.seen), None)
    return Event(family, node, chosen)


def as_status(event: Event, status: str) -> None:
    """Give every phrase of an event this status."""
    event.acts = [(m, SeenAct(a.family, a.detail, a.start, a.end, status, a.clause)) for m, a in event.acts]  # type: ignore[arg-type]


def around(desk: Desk, event: Event) -> list[Mark]:
    """The clauses of an event, of its items or paragraphs, and of its lesion."""
    found: dict[int, Mark] = {}
    for mark in event.marks():
        for other in [mark, *scope_of(desk.page, mark), *(event.node.marks if event.node else [])]:
            if other.live or other is mark:
                found.setdefault(other.clause.index, other)
    return [found[index] for index in sorted(found)]


def areas_in(desk: Desk, marks: Sequence[Mark]) -> Iterator[tuple[Decimal, Mark, int, int]]:
    """Areas written in sq cm, or as two dimensions, in reading order."""
    for mark in marks:
        column = next((i for i, title in enumerate(mark.clause.header) if re.fullmatch(r"\W*(?:area|size)?\W*(?:sq\.? ?cm|cm2|cm²)\W*", title)), None) if mark.clause.cells else None
        if column is not None and column < len(mark.clause.cells) and re.fullmatch(r"\d{1,4}(?:\.\d{1,2})?", mark.clause.cells[column]):
            at = desk.page.text.find(mark.clause.cells[column], mark.clause.start, mark.clause.end)
            yield Decimal(mark.clause.cells[column]), mark, at, at + len(mark.clause.cells[column])
            continue
        if column is not None and (listed := _LISTED_AREAS.search(mark.clause.text)) and len(mark.sites) > 1:
            for pair in _AREA_OF_PLACE.finditer(listed.group()):
                at = mark.clause.start + listed.start() + pair.start("n")
                yield Decimal(pair["n"]), mark, at, at + len(pair["n"])
            continue
        written = list(find_areas(desk.page.text, mark.clause.start, mark.clause.end))
        for value, start, end in written:
            yield value, mark, start, end
        if not written:
            for measure in mark.measures:
                if measure.area is not None:
                    yield measure.dims[0] * measure.dims[1], mark, measure.start, measure.end


def stated_area(desk: Desk, found: tuple[Decimal, Mark, int, int]) -> Stated[Decimal]:
    """An area as a stated value."""
    value, mark, start, end = found
    return Stated(value=value, evidence=(desk.page.quote(*span_of(mark, start, end)),))


_AREA_OF_PLACE = re.compile(r"[A-Za-z]\s+(?P<n>\d{1,4}(?:\.\d{1,2})?)(?=\s*(?:,|;|\||$|and\b|\+))")
_LISTED_AREAS = re.compile(r"(?:[A-Za-z][A-Za-z .'-]{1,30}\s+\d{1,4}(?:\.\d{1,2})?\s*(?:,|;|\+|and\b)\s*)+[A-Za-z][A-Za-z .'-]{1,30}\s+\d{1,4}(?:\.\d{1,2})?(?=\s*(?:\||$))")
""" "R elbow 80, L elbow 90, R knee 105" in a table with a column in sq cm."""
_TOTAL = re.compile(r"\b(?:total|together|in all|altogether|combined|sum|overall|all sites)\b", re.IGNORECASE)
_TOTAL_NUMBER = re.compile(r"\btotal\b[^\d.;]{0,34}(?:[.:=|\s]{0,30})(?P<n>\d{1,4}(?:\.\d{1,2})?)(?!\s*(?:j\b|mj|joule|%|of\b|sites|patches|units|u\b|ml|mg|min|sec))", re.IGNORECASE)
_UNTREATED = re.compile(r"\b(?:left for (?:next|another|later|now)|not (?:treated|done|tattooed|implanted|touched|today)|untreated|spared|was \d|clear|avoided|planned|discard\w*|wast\w*|sheet)\b", re.IGNORECASE)
_HEADED = re.compile(r"\(\s*(?:sq\.? ?cm|cm2|cm²|square centimeters)\s*\)|\barea\b[^.;\n]{0,20}(?:sq\.? ?cm|cm2|cm²)", re.IGNORECASE)


def total_area(desk: Desk, marks: Sequence[Mark]) -> Stated[Decimal] | None:
    """The area of a treatment: its stated total, else its parts added up (each place once)."""
    parts: list[tuple[Decimal, Mark, int, int]] = []
    headed = any(_HEADED.search(m.clause.text) or _HEADED.search(m.clause.section.title) for m in marks)
    for found in areas_in(desk, marks):
        _, mark, start, end = found
        text, base = mark.clause.text, mark.clause.start
        around_it = text[max(0, start - base - 40) : end - base + 24]
        if _TOTAL.search(text[max(0, start - base - 60) : start - base]) or re.match(r"\s*(?:in )?(?:total|all|altogether)", text[end - base :], re.IGNORECASE):
            return stated_area(desk, found)
        if not _UNTREATED.search(around_it):
            parts.append(found)
    if headed:
        for mark in marks:
            match = _TOTAL_NUMBER.search(mark.clause.text)
            if match:
                base = mark.clause.start
                return stated_area(desk, (Decimal(match["n"]), mark, base + match.start(), base + match.end()))
    if not parts:
        return None
    own = {(value, tuple((s.key, s.side) for s in mark.sites), mark.clause.index if mark.sites else 0) for value, mark, _, _ in parts}
    placed = [p for p in parts if p[1].sites]
    if len(own) > 1 and len(placed) == len(parts) and len({p[0] for p in parts}) > 1:
        evidence = tuple(dict.fromkeys(desk.page.quote(*span_of(m, a, b)) for _, m, a, b in parts))
        return Stated(value=sum((p[0] for p in parts), Decimal(0)), evidence=evidence[:4])
    return stated_area(desk, parts[0])


def conditions(marks: Sequence[Mark], groups: frozenset[str]) -> list[SeenDiagnosis]:
    """The certain conditions of these groups, in reading order."""
    return [d for m in marks for d in m.diagnoses if d.group in groups and d.certainty in KNOWN]


_INSIDE_BODY = re.compile(r"\b(?:laparotomy|thoracotomy|sternotomy|craniotomy|peritoneum|peritoneal cavity|(?:small|large|loops? of) bowel|bowel loops?|pleura|pleural (?:cavity|space)|(?:electric|oscillating|bone|sternal|gigli) saw|osteotome|(?:costal|rib) cartilages?)\b", re.IGNORECASE)
"""What only an operation inside the body comes upon."""


def inside_body(desk: Desk) -> bool:
    """Surgery of bone, chest or abdomen in a note that names no lesion of the skin: no skin code is for it (ST-01)."""
    known = LESION_GROUPS - {"scar", "neoplasm"}
    return any(m.kind not in {"history", "reason"} for m in desk.page.saying(_INSIDE_BODY)) and not any(
        d.group in known and d.certainty in {"stated", "pathology"} for m in desk.page.live() for d in m.diagnoses
    )
