"""Lesions told in lists: on either side, one beside the other, by their labels, all at once."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from notecoder.reading import references
from notecoder.reading.lesions import LESION_GROUPS
from notecoder.reading.outline import Clause, Item
from notecoder.reading.page import Mark, Page
from notecoder.reading.sites import SiteMention

if TYPE_CHECKING:
    from notecoder.reading.nodes import Node, Registry

_MEMBER = re.compile(r"\s*(?:\d+(?:\.\d+)?\s*(?:mm|cm)\s*)?(?:,|;|and|&|,\s*and)\s*(?:(?:the|a|one|1|another|on|of|from)\s+)*", re.IGNORECASE)
_EACH_SIDE = re.compile(r"\b(?:each|either)\s+(?:\w+\s+)?$", re.IGNORECASE)
_ONE_ON_EACH = re.compile(r"\b(?:one|1|an?)\b[^.;,]{0,24}\b(?:each|either)\s+(?:\w+\s+)?$", re.IGNORECASE)
_CUTTING = frozenset({"excision", "shave", "biopsy", "repair"})


def two_sides(page: Page) -> None:
    """ "Both forearm lipomas ... right 2.5 cm, left 3.4 cm", "one on each scapula": a lesion on either side."""
    told = {(s.key, s.side) for m in page.marks if m.live for s in m.sites}
    for mark in page.marks:
        if not mark.live or not any(s.side in {None, "bilateral"} for s in mark.sites):
            continue
        text, base = mark.clause.text, mark.clause.start
        for position, site in reversed(list(enumerate(mark.sites))):
            before = text[max(0, site.start - base - 30) : site.word_start - base]
            each = site.side is None and _EACH_SIDE.search(before)
            if not each and site.side != "bilateral":
                continue
            apart = {(site.key, "left"), (site.key, "right")} <= told
            if apart or each and _ONE_ON_EACH.search(before) and any(a.family in _CUTTING and a.status == "performed" for a in mark.acts):
                mark.sites[position : position + 1] = [replace(site, side="left"), replace(site, side="right")]



def listed_apart(registry: Registry, before: SiteMention, site: SiteMention, node: Node, mark: Mark) -> bool:
    """ "Left labium majus, right labium minus, clitoral hood": members of one list are so many lesions, though one word could mean the other."""
    text = registry.page.text
    if not _MEMBER.fullmatch(text[before.end : site.start]) or not any(a.family in _CUTTING and a.status == "performed" for a in mark.acts):
        return False
    same = [s for s in node.spots.get(mark.clause.index, ()) if s is not site]
    words = {text[s.word_start : s.end].lower() for s in same}
    return bool(same) and text[site.word_start : site.end].lower() not in words and (site.start - before.end > 2 or before in same or len(mark.sites) > 2)



def by_labels(registry: Registry, clause: Clause) -> list[Node]:
    """ "A and C: shave biopsies", "(a) and (b) layered": the lesions whose labels open the clause."""
    match = references.LABELS_FIRST.match(clause.text)
    if match is None:
        return []
    labels = [label.upper() for label in re.findall(r"(?<![A-Za-z])[A-Ha-h](?![A-Za-z])|\d", match["labels"])]
    found = [next((n for n in registry.nodes if n.seen and any(known == label for _, known in n.labels)), None) for label in labels]
    return [n for n in found if n is not None] if len(found) > 1 and all(found) else []



def after_the_list(registry: Registry, item: Item, mark: Mark) -> list[Node]:
    """Behind a list told in one line a sentence on "all three" or "both" is of the list, not of its last member."""
    clause = mark.clause
    if mark.sites or clause.start <= item.body or not references.OF_ALL.search(clause.text):
        return []
    line = registry.page.text.rfind("\n", 0, item.start) + 1
    if not any(other is not item and line <= other.start < clause.start and other.kind == item.kind for other in registry.page.layout.items):
        return []
    return registry.meant_by_all(mark)



def told_just_before(registry: Registry, mark: Mark, wanted: int | None) -> list[Node]:
    """The lesions of the clauses before it in its paragraph, each with a place of its own, where no labels tell them apart."""
    found: list[Node] = []
    for before in registry.page.marks[max(0, mark.clause.index - 8) : mark.clause.index]:
        if not before.live or before.clause.section.index != mark.clause.section.index or before.clause.paragraph != mark.clause.paragraph:
            continue
        if any(a.status in {"negated", "declined", "deferred", "historical"} and a.family != "biopsy" for a in before.acts) or references.WAITS.search(before.clause.text):
            continue
        lesion = before.measures or any(d.group in LESION_GROUPS or d.group in {"noun", "injury"} for d in before.diagnoses) or any(a.family in _CUTTING for a in before.acts)
        for node in registry.of_mark.get(before.clause.index, ()) if lesion else ():
            if node.seen and node.spots.get(before.clause.index) and node not in found:
                found.append(node)
    if wanted is None and len(found) < 2 or wanted is not None and len(found) != wanted:
        return []
    return found

