"""Groups of lesions treated alike: frozen keratoses and warts, snipped tags, injected keloids, pared corns.

One group is one condition treated by one act; its sites and its count come from the clause of the act, from its item, or
from the exam line that lists the same condition.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from notecoder.reading.counts import counts_in, place_column, total_of
from notecoder.reading.lesions import LESION_GROUPS
from notecoder.reading.nodes import lesion_item
from notecoder.reading.outline import Item
from notecoder.reading.page import Mark, Page, SeenAct, SeenDiagnosis


@dataclass(slots=True)
class Group:
    """Lesions of one condition treated alike. ``marks``: the clauses that describe the treatment, in order."""

    family: str
    seen: SeenDiagnosis | None
    acts: list[tuple[Mark, SeenAct]] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    part: str | None = None
    """The anatomic family this part of a split group is for."""

    @property
    def performed(self) -> bool:
        return any(act.status == "performed" for _, act in self.acts)


def scope_of(page: Page, mark: Mark) -> list[Mark]:
    """The clauses an act may take its condition and count from: its item, else its line's paragraph."""
    if "scopes" not in page.memo:
        page.memo["scopes"] = _scopes(page)
    scopes: dict[tuple[int, ...], list[Mark]] = page.memo["scopes"]
    item = outer_item(mark.clause.item)
    return scopes.get((mark.clause.section.index, mark.clause.paragraph) if item is None else (item.index,), [])


def _scopes(page: Page) -> dict[tuple[int, ...], list[Mark]]:
    """The clauses of each item with those below it, and of each paragraph those that stand in no item."""
    found: dict[tuple[int, ...], list[Mark]] = {}
    for mark in page.live():
        item = mark.clause.item
        if item is None:
            found.setdefault((mark.clause.section.index, mark.clause.paragraph), []).append(mark)
        while item is not None:
            found.setdefault((item.index,), []).append(mark)
            item = item.parent
    return found


def outer_item(item: Item | None) -> Item | None:
    """The item that is the unit of treatment: the innermost labeled one."""
    return lesion_item(item)


def inside(item: Item | None, outer: Item) -> bool:
    """``item`` is ``outer`` or stands below it."""
    while item is not None:
        if item is outer:
            return True
        item = item.parent
    return False


def condition_for(page: Page, mark: Mark, act: SeenAct, groups: frozenset[str]) -> SeenDiagnosis | None:
    """The condition an act was done to: in its clause, in its item, in the clauses before it, in the assessment."""
    here = [d for d in mark.diagnoses if d.group in groups and d.certainty in {"stated", "pathology", "uncertain"}]
    if here:
        before = [d for d in here if d.end <= act.start]
        after = [d for d in here if d.start >= act.end]
        if before and after and after[0].start - act.end < 16 and act.start - before[-1].end > 24:
            return after[0]
        return before[-1] if before else (after or here)[0]
    placed = _listed_there(page, mark, groups)
    if placed is not None:
        return placed
    scope = scope_of(page, mark)
    ahead = [d for m in scope if m.clause.index <= mark.clause.index for d in m.diagnoses if _usable(d, groups)]
    if ahead:
        return ahead[-1]
    behind = [d for m in scope for d in m.diagnoses if _usable(d, groups)]
    if behind:
        return behind[0]
    earlier = [d for m in page.marks if m.live and m.clause.index < mark.clause.index for d in m.diagnoses if _usable(d, groups)]
    if earlier:
        return earlier[-1]
    assessed = [d for m in page.live() if m.kind in {"assessment", "assessment_plan"} for d in m.diagnoses if _usable(d, groups)]
    assessed = assessed or [d for m in page.live() for d in m.diagnoses if _usable(d, groups)]
    return assessed[0] if len({d.term for d in assessed}) == 1 else None


def _listed_there(page: Page, mark: Mark, groups: frozenset[str]) -> SeenDiagnosis | None:
    """The condition an earlier clause lists at the very place the act names ("Back: 6 seborrheic keratoses")."""
    places = {s.key for s in mark.sites}
    if len(places) > 1:
        told_there = [_listed_at(page, mark, groups, {place}) for place in sorted(places)]
        return told_there[0] if told_there[0] is not None and len({d.term if d else "" for d in told_there}) == 1 else None
    return _listed_at(page, mark, groups, places) if places else None


def _listed_at(page: Page, mark: Mark, groups: frozenset[str], places: set[str]) -> SeenDiagnosis | None:
    for other in reversed(page.marks[: mark.clause.index]):
        if not other.live or {s.key for s in other.sites} != places:
            continue
        told = {d.term: d for d in other.diagnoses if _usable(d, groups)}
        if told:
            return next(iter(told.values())) if len(told) == 1 else None
    return None


def _usable(seen: SeenDiagnosis, groups: frozenset[str]) -> bool:
    return seen.group in groups and seen.certainty in {"stated", "pathology", "uncertain"}


TREATABLE = LESION_GROUPS - {"scar"}
Labeled = Callable[[Mark, SeenAct], SeenDiagnosis | None]


def gather(page: Page, acts: list[tuple[Mark, SeenAct]], groups: frozenset[str], labeled: Labeled = lambda mark, act: None) -> list[Group]:
    """The groups of these acts, by condition; acts without any condition form one group of their own.

    ``labeled``: the condition of the lesion whose label the act's line names ("pin (3): LN2"), if it does.
    """
    found: dict[str, Group] = {}
    for mark, act in acts:
        shared = _shared(page, mark, act, groups)
        conditions: list[SeenDiagnosis | None] = [d for d, _ in shared]
        for seen in conditions or [labeled(mark, act) or condition_for(page, mark, act, groups)]:
            key = (seen.term if seen else "?") + ("" if act.status == "performed" else f"/{act.status}")
            group = found.setdefault(key, Group(act.family, seen))
            if seen and group.seen and group.seen.certainty == "uncertain" != seen.certainty:
                group.seen = seen
            group.acts.append((mark, act))
            listed = [m for d, lines in shared if seen is not None and d.term == seen.term for m in lines]
            for clause in [*relevant(page, mark, seen), *listed]:
                if clause not in group.marks:
                    group.marks.append(clause)
    for group in found.values():
        group.marks.sort(key=lambda m: m.clause.index)
    return list(found.values())


Shared = list[tuple[SeenDiagnosis, list[Mark]]]


def _shared(page: Page, mark: Mark, act: SeenAct, groups: frozenset[str]) -> Shared:
    """The conditions one act was done to, when they are several: counted in its clause, or listed before it.

    "Froze 3 AKs and 2 warts"; "L hand: 3 AKs, 1 wart. R hand: 2 AKs. Everything listed was frozen".
    """
    if act.status != "performed":
        return []
    here = [d for d in mark.diagnoses if _usable(d, groups) and d.group in TREATABLE]
    if here:
        rivals = [a for a in mark.acts if a is not act and a.family in {"destruction", "tag_removal", "shave", "excision", "biopsy"} and a.detail != act.detail or a.family == act.family and a is not act]
        counted = {c.term for c in counts_in(page, mark) if c.term is not None}
        both = {d.term: d for d in reversed(here) if d.term in counted}
        return [(d, [mark]) for d in reversed(both.values())] if len(both) > 1 and not rivals else []
    if mark.sites or not (_OF_EVERYTHING.search(mark.clause.text) or len(mark.clause.text) <= act.end - act.start + 12):
        return []
    listed: dict[str, tuple[SeenDiagnosis, list[Mark]]] = {}
    for other in reversed(page.marks[max(0, mark.clause.index - 12) : mark.clause.index]):
        if not other.live or other.clause.section.index != mark.clause.section.index or any(a.status == "performed" for a in other.acts):
            break
        own = [d for d in other.diagnoses if _usable(d, groups) and d.group in TREATABLE]
        if own and counts_in(page, other):
            for seen in own:
                listed.setdefault(seen.term, (seen, []))[1].append(other)
    return list(listed.values()) if len(listed) > 1 else []


_OF_EVERYTHING = re.compile(r"\b(?:everything|every one|every|each|all|both|these|those|them)\b", re.IGNORECASE)


def relevant(page: Page, mark: Mark, seen: SeenDiagnosis | None) -> list[Mark]:
    """The act's clause, the clauses of its item that are not about another condition, and the condition's own clause."""
    chosen = [mark]
    scope = scope_of(page, mark)
    if mark.clause.item is not None:
        for other in scope:
            terms = {d.term for d in other.diagnoses if d.group in TREATABLE and d.certainty != "negated"}
            if not terms or seen is None or seen.term in terms:
                chosen.append(other)
    elif seen is not None:
        for other in scope:
            if other.clause.index in (mark.clause.index - 1, mark.clause.index + 1, seen.clause):
                terms = {d.term for d in other.diagnoses if d.group in TREATABLE}
                if seen.term in terms or not terms and other.clause.index > mark.clause.index and not other.acts:
                    chosen.append(other)
    for row in _rows(page):
        if row not in chosen and row.clause.section.index == mark.clause.section.index and not any(d.group in TREATABLE for d in row.diagnoses):
            chosen.append(row)
    if _THE_ABOVE.search(mark.clause.text) or not mark.sites and not mark.diagnoses and mark.clause.item is None and _ALL_OF_THEM.search(mark.clause.text):
        others = [m for m in _list_above(page, mark) if m not in chosen]
        chosen += [m for m in others if seen is None or not any(d.group in TREATABLE for d in m.diagnoses) or any(d.term == seen.term for d in m.diagnoses)]
    chosen += [page.marks[i] for i in sorted(_list_below(page, mark)) if page.marks[i] not in chosen]
    if (tally := _tally_before(page, mark, seen)) is not None and tally not in chosen:
        chosen.append(tally)
    after = mark.clause.index + 1
    if after < len(page.marks):
        row = page.marks[after]
        if row.live and row.clause.cells and row.sites and not row.acts and not row.diagnoses and row.clause.paragraph == mark.clause.paragraph:
            chosen.append(row)
    if seen is not None and all(m.clause.index != seen.clause for m in chosen):
        chosen.append(page.marks[seen.clause])
    if seen is not None and seen.clause and not page.marks[seen.clause].sites:
        found = page.marks[seen.clause - 1]  # "One on each temple. These are actinic keratoses."
        if found.live and found.sites and not found.acts and found not in chosen and found.clause.paragraph == page.marks[seen.clause].clause.paragraph and not any(d.group in TREATABLE for d in found.diagnoses):
            chosen.append(found)
    return chosen


_PATCHES = re.compile(r"\W*(?:sites?|counts?|patches|areas?|lesions?|spots?|papules?|locations?|treated|injected|frozen|done|today)(?: \w+){0,2}\s*[:=-]", re.IGNORECASE)
""" "Patches today: vertex x3, chin 1": the list of what was treated."""


_THE_ABOVE = re.compile(r"\b(?:each|all|both|every one|the lesions?|those|these)(?: of)?(?: the)? (?:above|listed|noted)\b|\bto (?:each|all) of (?:these|them|the above)\b|\bthe above\b|\b(?:every|each|all|everything)\b[^.;]{0,24}\bon (?:the|that|this) list\b|\b(?:every|each|all)\b[^.;]{0,40}\bin (?:that|this|the) list\b|\bthe whole list\b", re.IGNORECASE)


_ALL_OF_THEM = re.compile(r"\b(?:everything|every one|each one|all|both)\b", re.IGNORECASE)


def _list_above(page: Page, mark: Mark) -> list[Mark]:
    """The lines before it that each name a place with a number: what "each of the above" means."""
    found: list[Mark] = []
    for other in reversed(page.marks[max(0, mark.clause.index - 12) : mark.clause.index]):
        if other.live and other.sites and not other.acts and any(c.kind != "total" for c in counts_in(page, other)):
            found.append(other)
        elif found and other.clause.paragraph < found[-1].clause.paragraph:
            break
    return found[::-1]


_EXCEPT = re.compile(r"\b(?:except\w*|but (?:not|for)|apart from|all but|save for)\b", re.IGNORECASE)


def _tally_before(page: Page, mark: Mark, seen: SeenDiagnosis | None) -> Mark | None:
    """ "Keloids. R shoulder 3, L shoulder 2, chest 3. Triamcinolone injected": places with numbers, just before the act."""
    if mark.sites or mark.clause.item is not None or _EXCEPT.search(mark.clause.text):
        return None
    if any(c.kind == "total" for m in page.marks[mark.clause.index : mark.clause.index + 3] if m.live for c in counts_in(page, m)):
        return None
    for other in reversed(page.marks[max(0, mark.clause.index - 4) : mark.clause.index]):
        if not other.live or other.clause.section.index != mark.clause.section.index or any(a.status == "performed" for a in other.acts):
            return None
        terms = {d.term for d in other.diagnoses if d.group in TREATABLE}
        if terms and (seen is None or terms != {seen.term}):
            return None
        if len([c for c in counts_in(page, other) if c.kind == "site"]) > 1:
            return other
    return None


def _list_below(page: Page, mark: Mark) -> set[int]:
    """The lines under a clause that ends in a colon, as long as each names a place and no act: what was treated."""
    found: set[int] = set()
    if not re.search(r":\s*\d{0,3}$", mark.clause.text.rstrip()):
        return found
    for other in page.marks[mark.clause.index + 1 : mark.clause.index + 12]:
        if not other.sites or other.acts or other.measures or len(other.clause.text) > 60:
            break
        found.add(other.clause.index)
    return found


def _rows(page: Page) -> list[Mark]:
    """Rows of a table, dotted lines and lists of places that name no act."""
    if "rows" not in page.memo:
        page.memo["rows"] = [m for m in page.live() if (m.sites or m.clause.cells and place_column(m)) and not m.acts and (_dotted(m) or len(m.sites) > 1 and not m.measures and _PATCHES.match(m.clause.text))]
    rows: list[Mark] = page.memo["rows"]
    return rows


def _dotted(mark: Mark) -> bool:
    return bool(mark.clause.cells) or "...." in mark.clause.text


_AS_FOUND = re.compile(r"\b(?:noted|listed|counted|described|mapped|found|seen|marked)\b[^.;]{0,24}\b(?:exam\w*|above|map|diagram|o)\b|\b(?:above|exam)\b", re.IGNORECASE)
""" "All of the keratoses noted in the exam, fifteen in all": the exam's list is what was treated."""


def count_of(page: Page, group: Group) -> tuple[object, object]:
    """The group's count (and a contradicting one), from the treating clauses first, then from where else it is listed."""
    acting = [m for m, a in group.acts if a.status == "performed"]
    acting = [m for i, m in enumerate(acting) if m not in acting[:i]]
    term = group.seen.term if group.seen is not None else None
    count, other = total_of(page, acting, term)
    ended = next((c for m in group.marks for c in counts_in(page, m) if c.kind == "stopped"), None)
    if ended is not None:
        return ended, None
    if count is None or count.kind == "count":
        wide, against = total_of(page, group.marks, term)
        if wide is not None and (count is None or wide.kind == "total" or (wide.kind == "site" and count.kind == "count")):
            count, other = wide, against
    if count is not None and count.kind == "total" and group.seen is not None and any(_AS_FOUND.search(m.clause.text) for m in acting):
        parts, _ = total_of(page, [m for m in page.live() if m.kind == "exam" and m.sites and not m.acts and not any(d.group in TREATABLE and d.term != group.seen.term for d in m.diagnoses)])
        firsts = [found[0] for m in page.live() if m.kind == "exam" and m.sites and (found := [c for c in counts_in(page, m) if c.kind != "total"])]
        if parts is not None and parts.kind == "site" and parts.value != count.value and all(c.kind == "site" for c in firsts):
            count, other = (parts, count) if parts.value < count.value else (count, parts)
    if count is not None and count.kind == "total" and other is None and (below := [page.marks[i] for m in acting for i in sorted(_list_below(page, m))]):
        parts, _ = total_of(page, below)
        if parts is not None and parts.kind == "site" and len(below) > 1 and parts.value != count.value:
            count, other = (parts, count) if parts.value < count.value else (count, parts)
    if count is None and group.seen is not None:
        listed = [m for m in page.marks if m.live and m.kind in {"exam", "assessment", "body", "assessment_plan", "history"}
                  and any(d.term == group.seen.term and d.certainty != "negated" for d in m.diagnoses)]  # fmt: skip
        count, other = total_of(page, listed, term)
    if count is None:
        count, other = total_of(page, [m for m in _rows(page) if not m.diagnoses and _dotted(m)])
    return count, other
