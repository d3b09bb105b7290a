"""Paring of corns and calluses: how many, by one code (6.7).

The number of the blade is no number of calluses. A wart pared before it is frozen is part of its destruction (DS-06), so only
what is called a corn, a callus or a keratosis of pressure counts here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from notecoder.evidence import Stated
from notecoder.facts import Paring, Procedure
from notecoder.reading.counts import Count, total_of
from notecoder.reading.families.desk import Desk
from notecoder.reading.families.destruction import group_act, group_target
from notecoder.reading.groups import Group, gather, scope_of
from notecoder.reading.measures import SPELLED, number
from notecoder.reading.page import Mark
from notecoder.reading.places import merged_sites

_HYPERKERATOTIC = frozenset({"hyperkeratosis"})
_N = rf"(?P<n>\d{{1,2}}|{SPELLED})"
_NAMED = re.compile(rf"(?<![#\w.]){_N}\s+(?:\w+[\s,-]+){{0,3}}?(?:callus\w*|callosit\w+|corns?|helomas?|tylomas?|keratoses|lesions?)\b(?!\s*\d)|(?:callus\w*|corns?|helomas?|keratoses|lesions?|pared)\s*(?:pared|trimmed|debrided|count)?\s*(?:[x×:=(]|\.{{2,}})\s*{_N.replace('?P<n>', '?P<m>')}(?![\w./#])|(?<![#\w.]){_N.replace('?P<n>', '?P<k>')}\s+(?:only|in all|in total|total|altogether|pared)\b", re.IGNORECASE)
_PLURAL = re.compile(r"\b(?:calluses|callosities|corns|helomas|keratoses|multiple|several|both)\b", re.IGNORECASE)


def build(desk: Desk) -> Iterator[Procedure]:
    """The parings of the note."""
    acts = []
    for mark, act in desk.page.acts("paring", status=None):
        if mark.clause.ignored or act.status == "historical":
            continue
        scope = [mark, *scope_of(desk.page, mark)]
        if _to_destroy(mark, scope) or _over_a_wart(desk, mark):
            continue
        if any(d.group == "hyperkeratosis" for m in scope for d in m.diagnoses) and not any(d.group in {"viral", "condyloma"} for d in mark.diagnoses):
            acts.append((mark, act))
    groups = gather(desk.page, acts, _HYPERKERATOTIC)
    performed = [g for g in groups if g.performed]
    for group in performed or groups:
        count = _count(desk, group)
        text = " ".join(m.clause.text for m in group.marks)
        yield Paring(act=group_act(desk, group, None), target=group_target(desk, group, desk.number()), count=count,
                     plural=count is None and bool(_PLURAL.search(text)), class_finding=desk.class_finding())  # fmt: skip


def _to_destroy(mark: Mark, scope: list[Mark]) -> bool:
    """Pared first, then frozen: a step of the destruction of a wart (DS-06)."""
    frozen = any(a.family == "destruction" and a.status == "performed" for a in mark.acts)
    return frozen or (mark.clause.item is not None and any(d.group == "viral" for m in scope for d in m.diagnoses) and any(a.family == "destruction" and a.status == "performed" for m in scope for a in m.acts))


def _over_a_wart(desk: Desk, mark: Mark) -> bool:
    """ "Callus thinned so the needle would pass": in a note whose warts are treated, without a place of its own (DS-06)."""
    if mark.sites or not any(d.group == "viral" and d.certainty != "negated" for m in desk.page.live() for d in m.diagnoses):
        return False
    return any(True for _ in desk.page.acts("destruction", "intralesional"))


def _count(desk: Desk, group: Group) -> Stated[int] | None:
    acting = [m for m, a in group.acts if a.status == "performed"]
    marks = list({m.clause.index: m for m in [*acting, *group.marks, *(o for m in acting for o in scope_of(desk.page, m) if m.clause.item is not None)]}.values())
    for mark in marks:
        for match in _NAMED.finditer(mark.clause.text):
            value = number(match["n"] or match["m"] or match["k"])
            if value is not None and 0 < value < 40 and value == int(value):
                return Stated(value=int(value), evidence=(desk.page.quote_clause(mark),))
    listed = _listed(desk, marks)
    if listed:
        return Stated(value=listed, evidence=(desk.page.quote_clause(marks[0]),))
    counted: Count | None
    counted, _ = total_of(desk.page, [m for m in marks if not re.search(r"#\s?1[0125]\b", m.clause.text)])
    if counted is not None and counted.value < 40:
        return Stated(value=counted.value, evidence=(desk.page.quote(counted.start, counted.end),))
    if any(_PLURAL.search(m.clause.text) for m in marks):
        return None
    return Stated(value=1, evidence=(desk.page.quote_clause(marks[0]),))


def _listed(desk: Desk, marks: list[Mark]) -> int:
    """ "callus R 1st MTP; callus L 5th MTP": the places of a list, when there are two or more."""
    places: set[tuple[str, str]] = set()
    for mark in marks:
        for site in merged_sites(mark.sites, desk.page.text):
            around = desk.page.text[max(mark.clause.start, site.start - 10) : min(mark.clause.end, site.end + 24)].lower()
            places.add((site.key + str(site.side), re.sub(r"\s+", " ", around)))
    named = sum(1 for m in marks for d in m.diagnoses if d.group == "hyperkeratosis")
    return len(places) if len(places) >= 2 and (named >= 2 or any(re.search(r"[;,]|\band\b", m.clause.text) for m in marks)) else 0
