"""Contradictions: the same lesion on the left here and on the right there. Both statements are kept, none is chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from notecoder.facts import Conflict, Procedure
from notecoder.reading.families.desk import Desk
from notecoder.reading.nodes import Node, _related
from notecoder.reading.page import Mark
from notecoder.reading.sites import SiteMention

_TOLD = {"history", "exam", "reason", "assessment", "assessment_plan", "procedure", "body", "plan", "pathology"}


def side_conflicts(desk: Desk, procedures: Sequence[Procedure]) -> Iterator[Conflict]:
    """Sides that contradict for a treated lesion: within its own clauses, or in an exam line nothing else explains."""
    treated = {p.target.id for p in procedures if p.act.status == "performed"}
    nodes = {n.id: n for n in desk.registry.nodes}
    for node in desk.registry.nodes:
        if node.id not in treated:
            continue
        own = _own(node)
        if own is not None:
            yield _conflict(desk, node, *own)
            continue
        other = _opposite(desk, node, nodes, treated)
        if other is not None:
            yield _conflict(desk, node, *other)


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
    same_place = [n for n in nodes.values() if n is not node and n.site is not None and _related(n.site.key, site.key)]
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
