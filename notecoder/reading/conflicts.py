"""Contradictions: the same lesion on the left here and on the right there. Both statements are kept, none is chosen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from notecoder.facts import Conflict, Procedure, Site, Target
from notecoder.reading.families.desk import Desk
from notecoder.reading.lesions import LESION_GROUPS
from notecoder.reading.nodes import Node
from notecoder.reading.page import Mark
from notecoder.reading.places import related
from notecoder.reading.sites import SiteMention
from notecoder.reading.targets import span_of

_TOLD = {"history", "exam", "reason", "assessment", "assessment_plan", "procedure", "body", "plan", "pathology"}


def side_conflicts(desk: Desk, procedures: Sequence[Procedure]) -> Iterator[Conflict]:
    """Sides that contradict for a treated lesion: within its own clauses, or in an exam line nothing else explains."""
    done = [p for p in procedures if p.act.status == "performed" and p.kind != "pathology"]
    treated = {p.target.id for p in done}
    told: set[str] = set()
    nodes = {n.id: n for n in desk.registry.nodes}
    for node in desk.registry.nodes:
        if node.id not in treated:
            continue
        own = _own(node)
        found = own if own is not None else _opposite(desk, node, nodes, treated)
        if found is not None:
            told.add(node.id)
            yield _conflict(desk, node, *found)
    for target in {p.target.id: p.target for p in done if p.target.id not in told}.values():
        yield from _worked_on_other_side(desk, target, done)


_WORK = re.compile(r"\b(?:infiltrat\w+|inject\w+|anesthe\w+|numbed|prepped|draped|cleans\w+|excis\w+|incis\w+|remov\w+|layer|sutur\w+|clos(?:ed|ure)|dress(?:ed|ing)|bandag\w*|wound care|frozen|curett\w+|shaved|punch\w*|biops\w+)\b", re.IGNORECASE)
"""Words of the work itself, or of the care of its wound."""


_PAST = re.compile(r"\b(?:before|previous\w*|prior|ago|last|history|hx|(?:19|20)\d\d|next|will|later)\b", re.IGNORECASE)


def _worked_on_other_side(desk: Desk, target: Target, done: Sequence[Procedure]) -> Iterator[Conflict]:
    """The work is told of the other side of the one place that was treated, or the history complains of the other digit."""
    for site in (target.site, *target.more_sites):
        if site is None or site.side not in ("left", "right") or any(_same_part(site, s) and s.side != site.side for p in done for s in (p.target.site, *p.target.more_sites) if s):
            continue
        here = site.evidence[:1]
        for mark in desk.page.live():
            if not mark.sites or desk.page.says(mark, _PAST) or any(d.group in LESION_GROUPS for d in mark.diagnoses):
                continue
            if any(a.status in {"historical", "planned", "declined", "elsewhere"} for a in mark.acts) or any(s.key == site.key and s.side in (site.side, "bilateral") for s in mark.sites):
                continue
            for seen in mark.sites:
                fact = seen.fact(desk.page.text)
                if fact.side not in ("left", "right") or fact.side == site.side or not _same_part(site, fact) or _another_lesion(desk, mark, seen):
                    continue
                if _WORK.search(mark.clause.text) and mark.kind not in {"history", "reason", "exam"} or site.digit is not None and mark.kind in {"history", "reason"}:
                    quote = desk.page.quote(*span_of(mark, seen.start, seen.end))
                    yield Conflict(about=f"side of the {site.key.replace('_', ' ')} lesion", subject="side", target=target.id, affects="diagnosis", evidence=tuple(dict.fromkeys((*here, quote))))
                    return


def _same_part(one: Site, other: Site) -> bool:
    """The same place, whatever the side."""
    numbers = {d.number for d in (one.digit, other.digit) if d is not None}
    return one.key == other.key and len(numbers) < 2 and (one.digit is None) == (other.digit is None)


def _another_lesion(desk: Desk, mark: Mark, seen: SiteMention) -> bool:
    """The mention belongs to a lesion with a finding, size or label of its own."""
    owners = [n for n in desk.registry.of_mark.get(mark.clause.index, []) if seen in n.seen]
    return any(m.measures or m.diagnoses or n.labels and m.clause.item is not None for n in owners for m in n.marks if _names(m, seen))


def _own(node: Node) -> tuple[SiteMention, SiteMention] | None:
    sided = [s for s in node.seen if s.side in ("left", "right")]
    for one in sided:
        for two in sided:
            if one.side == "left" and two.side == "right" and one.key == two.key:
                return one, two
    return None


def _opposite(desk: Desk, node: Node, nodes: dict[str, Node], treated: set[str]) -> tuple[SiteMention, SiteMention] | None:
    """A described but untreated lesion at the same place on the other side, while the treated one is described nowhere else."""
    site = node.site
    if site is None or site.side not in ("left", "right"):
        return None
    same_place = [n for n in nodes.values() if n is not node and n.site is not None and related(n.site.key, site.key)]
    if any(n.id in treated for n in same_place):
        return None
    described = any(m.kind in {"history", "exam", "reason"} and _names(m, site) for m in node.marks)
    if described:
        return None
    for rival in same_place:
        there = rival.site
        if there is None or there.key != site.key or there.side not in ("left", "right") or there.side == site.side:
            continue
        if any(a.status != "historical" for m in rival.marks for a in m.acts if m.clause.section.kind not in {"history"}):
            continue
        if any(m.kind in _TOLD and (m.measures or m.diagnoses or m.acts) for m in rival.marks):
            return there, site
    return None


def _names(mark: Mark, site: SiteMention) -> bool:
    return any(s.key == site.key and s.side in (site.side, None) for s in mark.sites)


def _conflict(desk: Desk, node: Node, one: SiteMention, two: SiteMention) -> Conflict:
    key = (node.site.key if node.site else one.key).replace("_", " ")
    quotes = []
    for site in (one, two):
        mark = desk.page.marks[desk.page.layout.clause_at(site.start).index]
        span = (mark.clause.start, mark.clause.end) if mark.clause.end - mark.clause.start < 160 else (site.start, site.end)
        quotes.append(desk.page.quote(*span))
    return Conflict(about=f"side of the {key} lesion", subject="side", target=node.id, affects="diagnosis", evidence=tuple(dict.fromkeys(quotes)))
