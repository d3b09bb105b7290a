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
from notecoder.reading.lesions import LESION_GROUPS
from notecoder.reading.nodes import PLACE_KEY, Node, Registry
from notecoder.reading.page import Mark, Page, SeenAct
from notecoder.reading.places import merged_sites
from notecoder.reading.sites import SiteMention

_ONLY_WATCHED = re.compile(r"\b(?:observe[d]?|watch(?:ed|ing)?|left alone|let be|not (?:treated|disturbed|touched)|no (?:treatment|action))\b", re.IGNORECASE)
_ALL = re.compile(r"\b(?:both|all|each|every|the (?:two|three|four|five)|either)\b", re.IGNORECASE)


_EACH = re.compile(r"\b(?:each|both|all (?:two|three|four|five|of (?:them|these))|(?:the )?(?:two|three|four) (?:were|was)|every one)\b", re.IGNORECASE)
_OF_EACH = re.compile(r"\s*(?:biops\w+|bx)?\s*(?:of|from|on|at|to|for)?\s*(?:each|both|all)\b(?!\s+(?:wounds?|edges?|margins?|layers?|with))", re.IGNORECASE)
_JOINED = re.compile(r"\s*(?:\([^)]{0,40}\)\s*|,?\s*\d+(?:\.\d+)?\s*(?:x\s*\d+(?:\.\d+)?\s*)?(?:mm|cm)\s*)?(?:,|;|/|&|\+|and|,\s*and|,\s*&)\s*(?:(?:the|a|one|on|from|of|another|also)\s+)*", re.IGNORECASE)
_AND_A_SECOND = re.compile(r"[^.;]{0,60}(?:,|\band|\bplus)\s+(?:also\s+)?(?:a |the )?(?:second|another|third|one more|2nd|3rd|further)\b[^.;]{0,50}", re.IGNORECASE)
""" "A punch of the abdomen for H&E, and a second from the right arm"."""
LABELS = re.compile(r"(?:\s+(?i:method|technique|removal|procedure))?\s*(?:of|to|on|:|-)?\s*(?:lesions?|sites?|specimens?)?\s*\(?(?P<labels>[A-Ha-h1-9](?:\s*(?:,|/|&|and|\+)\s*[A-Ha-h1-9]){1,7})\)?(?!\w|\.\w)")
_LABELS_FIRST = re.compile(r"\W*(?i:lesions?|sites?|both|for)?\s*(?P<labels>[A-H](?:\s*(?:,|/|&|and|\+)\s*[A-H]){1,7})(?=\s*(?:[-–:,]|\(|were|was|each|both|had|underwent|by|removed|shaved|excised|sampled))")
""" "A and B - removal by shave"."""
_NOT_THIS_ONE = re.compile(r"\b(?:not (?:removed|done|treated|excised|biopsied|touched|today)|prefers? to wait|declin\w+|deferred|postponed|wait until|no (?:treatment|procedure))\b", re.IGNORECASE)
SAME_AGAIN = re.compile(r"\b(?:(?:the )?same (?:way|manner|fashion|technique|procedure|method|steps|thing|treatment|care|\w+ (?:cycles|passes))|likewise|similarly|identical(?:ly)?|in (?:a )?similar (?:manner|fashion|way)|ditto|as above|done the same)\b", re.IGNORECASE)


_CARE_OF = re.compile(r"\W*(?:biopsy|shave|excision|punch)(?: (?:or|and|/) \w+)? sites?\b", re.IGNORECASE)
"""What to do with the wound, not the act that made it."""


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
        return any(act.status == "performed" for _, act in self.acts)

    def details(self) -> list[str]:
        """The techniques or methods said in performed phrases, in order."""
        return [act.detail for _, act in self.acts if act.detail and act.status == "performed"]

    def marks(self) -> list[Mark]:
        """The clauses of its performed phrases (of all phrases when none is performed)."""
        chosen = [mark for mark, act in self.acts if act.status == "performed"] or [mark for mark, _ in self.acts]
        return [m for i, m in enumerate(chosen) if m not in chosen[:i]]


_DEBRIDED = re.compile(r"\bdebrid\w+\b[^.;]*\b(?:necro\w+|ulcers?|decubitus|eschar|slough|pressure (?:sore|injury))\b|\b(?:necro\w+|ulcers?|decubitus|eschar|slough)\b[^.;]*\bdebrid", re.IGNORECASE)
""" "Wide excision and debridement of the necrotic decubitus": wound care (10.6)."""


_EDGES_CUT = re.compile(r"\b(?:ragged|devitali[sz]ed|crushed|macerated|wound|skin|necrotic|nonviable|both)\s+(?:wound )?(?:edges?|margins?|tags?|strips?)\s+(?:\w+ )?$", re.IGNORECASE)
_CUT_EDGES = re.compile(r"(?:of )?(?:the )?(?:ragged|devitali[sz]ed|crushed|macerated|necrotic|nonviable)?\s*(?:wound |skin )?(?:edges?|margins)\b", re.IGNORECASE)


def _edges_only(mark: Mark, act: SeenAct) -> bool:
    """ "Ragged edges excised" before a wound is sewn: part of its closure (4.2)."""
    text, base = mark.clause.text, mark.clause.start
    return bool(_EDGES_CUT.search(text[: act.start - base]) or _CUT_EDGES.match(text[act.end - base :].lstrip()))


_WOUND = re.compile(r"\b(?:ulcers?|ulceration|decubitus|eschar|necro\w+|gangren\w*|slough|devitali[sz]ed|nonviable|non-viable|pressure (?:sore|injury)|calciphylaxis|burn)\b", re.IGNORECASE)


class Events:
    """The events of a page."""

    def __init__(self, page: Page, registry: Registry) -> None:
        self.page = page
        self.registry = registry
        self._cleans: bool | None = None
        self._found: dict[tuple[str, ...], tuple[int, list[Event]]] = {}

    def of(self, *families: str) -> list[Event]:
        """The events of these families, one for each lesion and family, in reading order."""
        version = self.registry.version
        known, found = self._found.get(families, (-1, []))
        if known != version:
            found = self._of(families)
            if self.registry.version == version:
                self._found[families] = version, found
        return [Event(event.family, event.node, list(event.acts)) for event in found]

    def _of(self, families: tuple[str, ...]) -> list[Event]:
        placed: dict[tuple[str, str], Event] = {}
        loose: list[tuple[Mark, SeenAct]] = []
        for mark, act in self.page.acts(*families, status=None):
            if mark.clause.ignored or act.family == "excision" and (_DEBRIDED.search(mark.clause.text) or _edges_only(mark, act) or self._cleans_a_wound()):
                continue
            spread = self._spread(mark, act)
            if spread:
                for node in spread:
                    placed.setdefault((act.family, node.id), Event(act.family, node)).acts.append((mark, act))
                continue
            own = self.registry.for_act(mark, act)
            if own is None or not own.seen:
                loose.append((mark, act))
                continue
            placed.setdefault((act.family, own.id), Event(act.family, own)).acts.append((mark, act))
        for mark, act in loose:
            self._place(mark, act, placed)
        self._rows(families, placed)
        self._same(families, placed)
        return list(placed.values())

    def _cleans_a_wound(self) -> bool:
        """A note of debridement that names no lesion: the tissue excised is the wound's (10.6)."""
        if self._cleans is None:
            live = [m for m in self.page.live() if m.kind not in {"history", "past"}]
            debrided = any(a.family == "debridement" and a.status == "performed" for m in live for a in m.acts)
            wound = any(_WOUND.search(m.clause.text) for m in live)
            growth = any(d.certainty in {"stated", "pathology"} and d.group in {"malignant", "in_situ", "nevus", "cyst", "lipoma", "benign", "keloid", "neoplasm"} and not _WOUND.search(m.clause.text) for m in live for d in m.diagnoses)
            self._cleans = debrided and wound and not growth
        return self._cleans

    def _spread(self, mark: Mark, act: SeenAct) -> list[Node]:
        """ "Each was shaved off", "both were closed": the lesions of the last clause that named two or more."""
        listed = LABELS.match(self.page.text, act.end, mark.clause.end) if act.status == "performed" else None
        if listed is None and act.status == "performed":
            listed = _LABELS_FIRST.match(mark.clause.text)
        if listed:
            named = [n for label in re.findall(r"(?<![A-Za-z])[A-Ha-h1-9](?![A-Za-z])", listed["labels"]) for n in self.registry.nodes if n.seen and any(known == label.upper() for _, known in n.labels)]
            if len(named) >= 2:
                return named
        meant = self.registry.meant_by_all(mark) if act.status == "performed" else []
        if meant:
            return meant
        row = self._row_of_sites(mark, act)
        if row:
            return [self.registry.adopt(site, mark) for site in row]
        sized = self._sized_list(mark, act)
        if sized:
            return [self.registry.adopt(site, holder) for holder, site in sized]
        if act.status == "performed" and len(mark.sites) >= 2:
            before = self.page.text[max(mark.clause.start, act.start - 30) : act.start]
            near = [s for s in merged_sites(mark.sites, self.page.text) if 0 <= act.start - s.end <= 80 and not any(s.end <= a.start < act.start for a in mark.acts)]
            if (_EACH.search(before) or _OF_EACH.match(self.page.text, act.end, mark.clause.end)) and len(near) >= 2:
                return [self.registry.adopt(site, mark) for site in near]
        if act.status != "performed" or mark.sites or not _EACH.search(mark.clause.text):
            return []
        for earlier in reversed(self.page.marks[max(0, mark.clause.index - 6) : mark.clause.index]):
            if not earlier.live or earlier.clause.section.index != mark.clause.section.index:
                continue
            sites = merged_sites(earlier.sites, self.page.text)
            if len(sites) >= 2 and not any(a.status in {"negated", "declined", "historical"} for a in earlier.acts):
                return [self.registry.adopt(site, earlier) for site in sites]
        return []

    def _rows(self, families: tuple[str, ...], placed: dict[tuple[str, str], Event]) -> None:
        """Table rows or lettered lesions under the name of an act: it was done to each of them."""
        for mark, act in self.page.acts(*families):
            own = self.registry.for_act(mark, act)
            if mark.sites or any(d.group not in {"noun", "sign", "lipoma", "cyst"} for d in mark.diagnoses) or mark.clause.ignored or len(mark.clause.text) > 60 or mark.clause.cells or (own is not None and own.seen):
                continue
            for other in self.page.marks[mark.clause.index + 1 : mark.clause.index + 14]:
                if other.kind in {"past", "boilerplate"}:
                    continue
                if other.clause.section.index != mark.clause.section.index and other.clause.section.title not in mark.clause.text and other.kind != mark.kind:
                    break
                if any(a.family in {"biopsy", "shave", "excision", "destruction", "mohs"} and a.family != act.family for a in other.acts):
                    break
                if not other.sites or not (other.clause.cells or (other.clause.item is not None and other.clause.item is not mark.clause.item and other.clause.item.kind in {"letter", "number", "named"})):
                    continue
                for node in self.registry.of_mark.get(other.clause.index, []):
                    if node.seen and (act.family, node.id) not in placed and not any(_NOT_THIS_ONE.search(m.clause.text) for m in node.marks):
                        again = SeenAct(act.family, act.detail, other.clause.start, other.clause.end, "performed", other.clause.index)
                        placed[(act.family, node.id)] = Event(act.family, node, [(mark, act), (other, again)])

    def _row_of_sites(self, mark: Mark, act: SeenAct) -> list[SiteMention]:
        """ "Shave bx L forearm, R cheek and mid back": one phrase, several lesions."""
        if act.status != "performed" or act.family not in {"biopsy", "shave"}:
            return []
        sites = [s for s in merged_sites(mark.sites, self.page.text) if s.start >= act.end]
        row: list[SiteMention] = []
        for site in sites:
            between = self.page.text[row[-1].end if row else act.end : site.start]
            if any(a.family in {"biopsy", "shave", "excision", "destruction"} and a.start > act.end + 10 and a.start < site.start for a in mark.acts):
                break
            if row and not _JOINED.fullmatch(between) and not _AND_A_SECOND.fullmatch(between) or not row and len(between) > 50:
                break
            row.append(site)
        return row if len(row) >= 2 else []

    def _sized_list(self, mark: Mark, act: SeenAct) -> list[tuple[Mark, SiteMention]]:
        """ "Shaved off: left chest 0.9 cm; left thigh 0.8 cm": places with a size each, in the clause and those under it."""
        if act.status != "performed" or act.family != "shave":
            return []
        own = [(mark, s) for s in merged_sites(mark.sites, self.page.text)]
        colon = ":" in self.page.text[act.end : own[0][1].start if own and own[0][1].start > act.end else mark.clause.end]
        if own and (len(mark.measures) < len(own) or any(a is not act and a.family in {"shave", "biopsy", "excision", "destruction"} for a in mark.acts)):
            return []
        if not colon:
            return own if len(own) > 1 else []
        for other in self.page.marks[mark.clause.index + 1 : mark.clause.index + 9]:
            sites = merged_sites(other.sites, self.page.text)
            if not other.live or other.clause.section.index != mark.clause.section.index or other.acts or len(sites) != 1 or len(other.measures) != 1 or len(other.clause.text) > 70:
                break
            own.append((other, sites[0]))
        return own if len(own) > 1 else []

    def _same(self, families: tuple[str, ...], placed: dict[tuple[str, str], Event]) -> None:
        """ "The second was treated in the same way": the act last told is repeated on that lesion."""
        told = [(m, a) for m, a in self.page.acts(*families) if not m.clause.ignored]
        for mark in self.page.saying(SAME_AGAIN):
            if any(a.family in families for a in mark.acts):
                continue
            for node in self.registry.of_mark.get(mark.clause.index, []):
                before = [(m, a) for m, a in told if m.clause.index < mark.clause.index]
                if node.seen and before and (before[-1][1].family, node.id) not in placed:
                    act = before[-1][1]
                    again = SeenAct(act.family, act.detail, mark.clause.start, mark.clause.end, "performed", mark.clause.index)
                    placed[(act.family, node.id)] = Event(act.family, node, [(mark, again)])

    def _place(self, mark: Mark, act: SeenAct, placed: dict[tuple[str, str], Event]) -> None:
        if act.status != "performed":
            placed.setdefault((act.family, f"?{act.status}"), Event(act.family, None)).acts.append((mark, act))
            return
        if _ALL.search(mark.clause.text) and len(candidates := self._untreated(act.family)) > 1:
            for node in candidates:
                placed.setdefault((act.family, node.id), Event(act.family, node)).acts.append((mark, act))
            return
        if any(e.family == act.family and e.node is not None and e.performed for e in placed.values()):
            return
        terms = {d.term for d in mark.diagnoses if d.group in LESION_GROUPS and d.certainty in {"stated", "pathology"}}
        having = [n for n in self.registry.nodes if n.seen and any(d.term in terms and d.certainty in {"stated", "pathology"} for m in n.marks for d in m.diagnoses)] if terms else []
        if len(having) == 1:
            placed.setdefault((act.family, having[0].id), Event(act.family, having[0])).acts.append((mark, act))
            if mark not in having[0].marks:
                having[0].marks.append(mark)
            return
        lesions = [n for n in self.registry.nodes if n.seen and self._is_lesion(n)]
        if len(lesions) > 1 and act.family in {"excision", "repair"}:
            cut = [n for n in lesions if any(m.role in {"margin", "length", "undermining", "excised", "ellipse"} for mark_ in n.marks if mark_.live for m in mark_.measures)]
            if len(cut) > 1 and act.family == "excision" and all(n.labels for n in cut):
                for node in cut:
                    placed.setdefault((act.family, node.id), Event(act.family, node)).acts.append((mark, act))
                return
            lesions = cut if len(cut) == 1 else lesions
        if len(lesions) > 1 and act.family in {"biopsy", "shave"} and (last := self._told_before(mark, lesions)) is not None:
            lesions = [last]
        if len(lesions) == 1:
            placed.setdefault((act.family, lesions[0].id), Event(act.family, lesions[0])).acts.append((mark, act))
            return
        own = self.registry.for_act(mark, act)
        key = own.id if own is not None else "?"
        placed.setdefault((act.family, key), Event(act.family, own)).acts.append((mark, act))

    def _told_before(self, mark: Mark, lesions: list[Node]) -> Node | None:
        """The lesion a sampling without a place is of: the last one told of in its paragraph, else the only one in doubt."""
        if _CARE_OF.match(mark.clause.text):
            return None
        before = [(m, n) for m in self.page.marks[: mark.clause.index] if m.live for n in self.registry.of_mark.get(m.clause.index, []) if n in lesions]
        here = [n for m, n in before if m.clause.section is mark.clause.section and m.clause.paragraph == mark.clause.paragraph]
        if here:
            return here[-1]
        doubted = [n for m, n in before if len(self.registry.of_mark[m.clause.index]) == 1 and any(d.group == "neoplasm" or d.certainty == "uncertain" for d in m.diagnoses)]
        return doubted[0] if doubted and all(n is doubted[0] for n in doubted) else None

    def _is_lesion(self, node: Node) -> bool:
        told = [m for m in node.marks if not _ONLY_WATCHED.search(m.clause.text)]
        return any(m.acts or m.measures or (m.clause.key and PLACE_KEY.search(m.clause.key)) or any(d.group not in {"sign", "status", "scar"} for d in m.diagnoses) for m in told)

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
