"""Which lesion (or wound, or tumor) is being spoken of: one node for each, however often the note returns to it.

A label ("Site 2", "lesion B", "(1)") or a site names a lesion. The same label in the history, the exam, the procedure and
the specimen list is one lesion if the sites do not contradict each other; so is the same site and side without labels.
A clause that names neither speaks of the lesion its item or paragraph is about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from notecoder.facts import Site
from notecoder.reading import references
from notecoder.reading.dates import dates_in
from notecoder.reading.lesions import LESION_GROUPS
from notecoder.reading.outline import Clause, Item
from notecoder.reading.page import Mark, Page, SeenAct
from notecoder.reading.places import FAMILY_OF, WHOLE, levels, merged_sites, parts, related, same_place
from notecoder.reading.sites import SiteMention

_OF_THE_FACE = {"cheek", "forehead", "nose", "lip", "eyelid", "temple", "chin", "face"}
""" "The facial laceration" after "supraorbital": the one lesion of the face."""
PLACE_KEY = re.compile(r"\b(?:site|location|laterality|area|body part)\b")
_LESION_NOUN = re.compile(r"\b(?:lesions?|papules?|plaques?|macules?|patch(?:es)?|nodules?|growths?|spots?|bumps?|sore|ulcer|tumou?r|neoplasm|mole|nevus|cyst|mass|wart|keratos[ei]s|scar|crust\w*|wound|defect|laceration|abscess|boil|carcinoma|torn|tears?|gash\w*|ripped|cuts? (?:of|on|to|in|through|across|over)|split(?!-))\b", re.IGNORECASE)


_PLACE_FIRST = re.compile(r"\W*(?:site|loc|location|region)\s+(?!(?:of|was|is|looks?|clean|marked|care|prepped|closed|healed|healing|healthy|has|with)\b)", re.IGNORECASE)
""" "Site R nasal dorsum.": a key without its colon."""
PLACE_KEYS = {"site", "sites", "location", "locations", "lesion", "tumor", "region", "area", "place"}


@dataclass(slots=True, eq=False)
class Node:
    """One lesion. ``marks`` are the clauses that speak of it; ``seen`` every site mention of it."""

    id: str
    labels: list[tuple[str, str]] = field(default_factory=list)
    """(kind, label) of every item that is this lesion."""
    seen: list[SiteMention] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    looks: dict[int, None] = field(default_factory=dict, repr=False)
    """The kinds of mention among ``seen`` (``Registry.look``), each once."""
    spots: dict[int, list[SiteMention]] = field(default_factory=dict, repr=False)
    """``seen`` by the clause it stands in."""
    site: SiteMention | None = None
    """The most specific site said; of equals the first of the note."""

    @property
    def label(self) -> str | None:
        """The note's own label for it, if it has one."""
        return self.labels[0][1] if self.labels else None

    def site_fact(self, text: str) -> Site | None:
        """The site as a fact; a side, part or digit said only elsewhere is added."""
        best = self.site
        if best is None:
            return None
        fact = best.fact(text)
        update: dict[str, object] = {}
        if fact.side is None and (side := next((s.side for s in self.seen if s.side and related(s.key, best.key)), None)):
            update["side"] = side
        if fact.part is None and (part := next((s.part for s in self.seen if s.part), None)):
            update["part"] = part
        if fact.digit is None and (digit := next((s.fact(text).digit for s in self.seen if s.digit), None)):
            update["digit"] = digit
        return fact.model_copy(update=update) if update else fact


_SAME = re.compile(r"\W*(?:(?:post-?op\w*|final)\b[^:]{0,24}:\s*)?(?:the )?same\b", re.IGNORECASE)
""" "POSTOP DX: Same, clear": of the lesion just named."""
_OF_WORK = frozenset({"body", "procedure", "assessment", "assessment_plan"})


class Registry:
    """Builds the nodes of a page in reading order."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.nodes: list[Node] = []
        self.by_item: dict[int, Node] = {}
        self.of_mark: dict[int, list[Node]] = {}
        self.current: Node | None = None
        self._from_item = False
        self._where: tuple[int, int] = (-1, -1)
        self.version = 0
        """How often a place was added to a lesion, or a lesion to a clause."""
        self._looks: dict[tuple[object, ...], int] = {}
        self._shown: list[SiteMention] = []
        """A mention of each look."""
        self._alike: dict[tuple[int, int], bool] = {}

    def build(self) -> Registry:
        """Walk all live clauses."""
        for mark in self.page.marks:
            if mark.live:
                self._visit(mark)
        self._join_contradicting_sides()
        self._only_place()
        self._only_lesion()
        return self

    def _only_lesion(self) -> None:
        """In a note of one lesion its measures and the work on it are of that lesion, under whatever heading they stand."""
        if len(self.nodes) != 1 or not self.nodes[0].seen:
            return
        node = self.nodes[0]
        for mark in self.page.marks[min(m.clause.index for m in node.marks) :] if node.marks else ():
            if mark.live and not self.of_mark.get(mark.clause.index) and not mark.sites and mark.kind in _OF_WORK and (mark.measures or any(a.family != "suture_removal" for a in mark.acts)):
                node.marks.append(mark)
                self.of_mark[mark.clause.index] = [node]
                self.version += 1
        node.marks.sort(key=lambda m: m.clause.index)

    def _only_place(self) -> None:
        """A note that speaks of no lesion in so many words but names one place and tells work: the work is of that place."""
        live = [m for m in self.page.marks if m.live and m.kind in {"body", "procedure", "exam", "assessment", "assessment_plan"}]
        if any(n.seen for n in self.nodes) or not any(a.status == "performed" for m in live for a in m.acts):
            return
        named = [s for m in live for s in merged_sites(m.sites, self.page.text)]
        if len({(s.key, s.side) for s in named}) != 1:
            return
        node = self._new(named[0])
        for site in named:
            self._see(node, site)
        for mark in live:
            node.marks.append(mark)
            self.of_mark[mark.clause.index] = [node]
        self.version += 1

    def _join_contradicting_sides(self) -> None:
        """A form that says left above a narrative that works on the right: one lesion, its side in contradiction.

        Only where the one has the size and no work, the other the work and no size, and no third lesion is near.
        """
        plain = [n for n in self.nodes if n.site is not None and n.site.side in {"left", "right"} and not n.labels]
        for form in plain:
            others = [n for n in plain if n is not form and n.site is not None and form.site is not None and n.site.key == form.site.key and n.site.side != form.site.side]
            if len(others) != 1 or len([n for n in self.nodes if n.seen]) != 2:
                continue
            told = others[0]
            sized = any(m.role in {"lesion", "margin"} for mark in form.marks for m in mark.measures)
            formal = not any(a.status == "performed" and a.family != "biopsy" for mark in form.marks for a in mark.acts) and any(mark.clause.key for mark in form.marks)
            worked = any(a.status == "performed" and a.family in {"excision", "repair", "shave", "mohs"} for mark in told.marks for a in mark.acts) or any(_CUT_WORDS.search(mark.clause.text) for mark in told.marks)
            unsized = not any(m.role in {"lesion", "margin"} for mark in told.marks for m in mark.measures)
            if sized and formal and worked and unsized:
                form.marks = sorted({m.clause.index: m for m in [*form.marks, *told.marks]}.values(), key=lambda m: m.clause.index)
                form.seen += [s for s in told.seen if s not in form.seen]
                for index, named in self.of_mark.items():
                    self.of_mark[index] = [form if n is told else n for n in named]
                self.nodes.remove(told)
                return

    def _visit(self, mark: Mark) -> None:
        clause = mark.clause
        place = (clause.section.index, clause.paragraph)
        item = lesion_item(clause.item)
        if item is not None and item.kind == "bullet" and item.index not in self.by_item and not mark.sites:
            item = None
        fresh_section = self._where[0] != place[0]
        if item is None and not _SAME.match(clause.text) and (
            (self._from_item and self._where != place) or (fresh_section and mark.kind not in {"procedure", "body"})
        ):
            self.current = None
        self._where = place
        named: list[Node] = []
        if item is None and _bare_heading(mark):
            self.current = None
            self.of_mark[clause.index] = []
            return
        sites = merged_sites(mark.sites, self.page.text)
        listed = self._by_labels(clause) if item is not None and clause.start > item.start + 1 and not sites else []
        if listed:
            named.extend(listed)
        elif item is not None:
            named.append(self._item_node(item, sites, mark))
        elif sites and (self._speaks_of_lesion(mark) or self._place_heading(mark, sites)) and not self._old_scar(mark):
            for site in sites:
                node = self._by_site(site) or self._new(site)
                self._see(node, site)
                if node not in named:
                    named.append(node)
        for node in self._by_reference(clause):
            if node not in named:
                named.append(node)
        if not named and item is None and (told := self.meant_by_all(mark) if references.FOR_ALL.search(clause.text) else self._by_condition(mark)):
            named.extend(told)
        everyone = [] if named or mark.acts and not self._the_cuts(mark) or item is not None and item.index not in self.by_item else self.meant_by_all(mark)
        if everyone:
            named.extend(everyone)
        elif named and not self._bygone(mark):
            self.current = named[-1]
            self._from_item = item is not None
        elif self.current is not None and (clause.item is None or lesion_item(clause.item) is None or lesion_item(clause.item).kind == "bullet"):  # type: ignore[union-attr]
            named.append(self.current)
        elif clause.item is not None and (parent := self._parent_node(clause.item)):
            named.append(parent)
        for node in named:
            node.marks.append(mark)
        self.of_mark[clause.index] = named

    def _by_labels(self, clause: Clause) -> list[Node]:
        """The lesions whose letters open a clause, when the note has them all."""
        listed = references.LABEL_LIST.match(clause.text)
        letters = re.findall(r"[A-H]", listed["labels"]) if listed else []
        found = [next((n for n in self.nodes if ("letter", letter) in n.labels), None) for letter in letters]
        return [n for n in found if n is not None] if None not in found else []

    def _by_condition(self, mark: Mark) -> list[Node] | None:
        """A line that names a condition and no place: the one lesion said to be it, not the one last spoken of."""
        clause = mark.clause
        before = self.page.marks[clause.index - 1].clause if clause.index else None
        if mark.sites or mark.acts or mark.kind not in {"assessment", "assessment_plan", "plan"} or (before is not None and "\n" not in self.page.text[before.end : clause.start]):
            return None
        terms = {d.term for d in mark.diagnoses if d.group in LESION_GROUPS and d.certainty in {"stated", "pathology"}}
        if not terms or len(clause.text) > 90:
            return None
        having = [n for n in self.nodes if n.seen and any(d.term in terms and d.certainty != "negated" for m in n.marks for d in m.diagnoses)]
        return having if len(having) == 1 and having[0] is not self.current else None

    def _parent_node(self, item: Item | None) -> Node | None:
        while item is not None:
            if item.index in self.by_item:
                return self.by_item[item.index]
            item = item.parent
        return None

    def _speaks_of_lesion(self, mark: Mark) -> bool:
        return bool(
            any(a.status in {"performed", "planned", "deferred", "declined", "offered"} for a in mark.acts) or (mark.clause.key or "").split(" ")[-1] in PLACE_KEYS or any(d.group in LESION_GROUPS or d.group in {"noun", "infection", "nail", "injury"} for d in mark.diagnoses)
            or (mark.clause.key and PLACE_KEY.search(mark.clause.key)) or (len(mark.clause.text) < 60 and _PLACE_FIRST.match(mark.clause.text)) or mark.measures or _LESION_NOUN.search(mark.clause.text)
        )

    def _place_heading(self, mark: Mark, sites: list[SiteMention]) -> bool:
        """A paragraph that opens with nothing but a place ("BACK, LEFT OF THE SPINE AT T7.")."""
        before = self.page.marks[mark.clause.index - 1] if mark.clause.index else None
        opens = before is None or before.clause.paragraph != mark.clause.paragraph or "\n" in self.page.text[before.clause.end : mark.clause.start]
        return opens and len(mark.clause.text) < 60 and sites[0].start - mark.clause.start < 12

    @staticmethod
    def _bygone(mark: Mark) -> bool:
        """The clause tells only of earlier work or denied findings: what follows does not speak of its place."""
        if _NOTHING_TO_IT.search(mark.clause.text) and not any(a.status == "performed" for a in mark.acts):
            return True
        said = [a for a in mark.acts if a.family != "biopsy" and not (a.family == "repair" and a.start == mark.clause.start)]
        if said:
            return all(a.status in {"historical", "elsewhere", "negated", "discussed", "declined"} for a in said) and not any(d.certainty in {"stated", "pathology", "uncertain"} for d in mark.diagnoses)
        return bool(mark.diagnoses) and all(d.certainty in {"history", "negated"} for d in mark.diagnoses)

    def _old_scar(self, mark: Mark) -> bool:
        """Only a scar or something long past is said of the place: not a lesion of today."""
        if any(act.status == "performed" for act in mark.acts):
            return False
        if any(d.group in LESION_GROUPS - {"scar"} and d.certainty in {"stated", "pathology", "uncertain"} for d in mark.diagnoses):
            return False
        past = any((self.page.on - day).days > 45 for day, _, _ in dates_in(mark.clause.text, self.page.on))
        return (past and not mark.measures) or (any(d.group == "scar" for d in mark.diagnoses) and not mark.measures)

    def _item_node(self, item: Item, sites: list[SiteMention], mark: Mark) -> Node:
        node = self.by_item.get(item.index)
        if node is None:
            node = self._same_label(item, sites, mark) or self._fitting(sites, item) or self._of_parent(item, sites)
            if node is None:
                node = self._new(None)
            if item.label is not None and (item.kind, item.label) not in node.labels:
                node.labels.append((item.kind, item.label))
            self.by_item[item.index] = node
        for site in sites:
            if node.site is None or self._any_alike(site, node):
                self._see(node, site)
        return node

    def _of_parent(self, item: Item, sites: list[SiteMention]) -> Node | None:
        """A step listed under a lesion, without a place of its own, is about that lesion."""
        parent = lesion_item(item.parent)
        node = self.by_item.get(parent.index) if parent is not None and not sites else None
        return node if node is not None and node.seen else None

    def _same_label(self, item: Item, sites: list[SiteMention], mark: Mark) -> Node | None:
        if item.label is None:
            return None
        free = {"letter", "named", "row"}
        for node in self.nodes:
            kinds = {kind for kind, label in node.labels if label == item.label}
            if not kinds:
                continue
            if sites and node.seen:
                if any(self._any_alike(s, node) for s in sites):
                    return node
                if (kinds | {item.kind}) <= free and any(related(s.key, t.key) for s in sites for t in node.seen):
                    return node  # same label and place, another side: one lesion, a contradiction to report
            elif item.kind in free and kinds & free:
                return node
            elif not sites and kinds == {"number"} == {item.kind} and mark.kind == "plan" and any(m.kind == "assessment" for m in node.marks):
                return node  # the plan's "1." is about the assessment's "1."
        return None

    def _fitting(self, sites: list[SiteMention], item: Item) -> Node | None:
        """An unlabeled node at exactly this place."""
        if len(sites) != 1:
            return None
        look = self._look(sites[0])
        able = [n for n in self.nodes if n.seen and self._fits(n, look)
                and all(kind != item.kind or label == item.label for kind, label in n.labels)]
        exact = [n for n in able if n.site and n.site.key == sites[0].key] or able
        return exact[0] if len(exact) == 1 else None

    def _by_site(self, site: SiteMention) -> Node | None:
        look = self._look(site)
        able = [n for n in self.nodes if n.seen and self._fits(n, look)]
        if not able and site.key == "face":
            able = [n for n in self.nodes if n.site is not None and FAMILY_OF.get(n.site.key, n.site.key) in _OF_THE_FACE]
            return able[0] if len(able) == 1 else None
        if not able:
            return None
        if self.current in able:
            return self.current
        exact = [n for n in able if any(s.key == site.key and (not site.side or s.side == site.side) for s in n.seen)]
        return (exact or able)[0]

    def _by_reference(self, clause: Clause) -> list[Node]:
        found: list[Node] = []
        for _, node in self.referred(clause):
            if node not in found:
                found.append(node)
        return found

    def referred(self, clause: Clause) -> list[tuple[int, Node]]:
        """The labeled lesions a clause refers to ("lesion 2", "site A", "A 1.5 cm, B 1.2 cm") and where in the note."""
        found = []
        for pattern in (references.REFERENCE, references.BARE_LETTER, references.LEADING_LETTER):
            for match in pattern.finditer(clause.text) if clause.index in self.page.layout.saying(pattern) else ():
                more = re.findall(r"\d{1,2}|[A-H]", match["more"]) if pattern is references.REFERENCE else []
                for said in (match["label"], *more):
                    label = references.ORDINAL.get(said.lower(), said.upper())
                    node = next((n for n in self.nodes if any(known == label and (pattern is references.REFERENCE or kind in {"letter", "named", "row"}) for kind, known in n.labels)), None)
                    if node is not None:
                        found.append((clause.start + match.start(), node))
        return sorted(found, key=lambda pair: pair[0])

    def adopt(self, site: SiteMention, mark: Mark) -> Node:
        """The lesion at a place that later words make one, its clause added."""
        node = self._by_site(site) or self._new(site)
        self._see(node, site)
        if mark not in node.marks:
            node.marks.append(mark)
            self.of_mark.setdefault(mark.clause.index, []).append(node)
            self.version += 1
        return node

    def marks_of(self, node: Node) -> list[Mark]:
        """The clauses that speak of a lesion, in the note's order."""
        found = {mark.clause.index: mark for mark in node.marks if node in self.of_mark.get(mark.clause.index, ())}
        return [found[index] for index in sorted(found)]

    def _new(self, site: SiteMention | None) -> Node:
        node = Node(f"L{len(self.nodes) + 1}")
        self.nodes.append(node)
        self.version += 1
        if site:
            self._see(node, site)
        return node

    def _see(self, node: Node, site: SiteMention) -> None:
        here = node.spots.setdefault(self.page.layout.clause_at(site.start).index, [])
        if site not in here:
            here.append(site)
            node.seen.append(site)
            node.looks[self._look(site)] = None
            node.site = max(node.site or site, site, key=lambda s: (s.key not in WHOLE, s.side is not None, s.part is not None, -s.start))
            self.version += 1

    def _look(self, site: SiteMention) -> int:
        """The number of its kind: mentions of one kind are of the same places (``same_place``)."""
        text = self.page.text
        kind = (site.key, site.side, site.digit, site.part, frozenset(parts(text, site)), frozenset(levels(text, site)))
        if kind not in self._looks:
            self._looks[kind] = len(self._shown)
            self._shown.append(site)
        return self._looks[kind]

    def _same_place(self, one: int, other: int) -> bool:
        if (one, other) not in self._alike:
            self._alike[one, other] = same_place(self.page.text, self._shown[one], self._shown[other])
        return self._alike[one, other]

    def _any_alike(self, site: SiteMention, node: Node) -> bool:
        look = self._look(site)
        return any(self._same_place(look, other) for other in node.looks)

    def _fits(self, node: Node, look: int) -> bool:
        """A mention of this look can be of this lesion: it matches one mention of it and contradicts none."""
        fits = [self._same_place(look, other) for other in node.looks if related(self._shown[look].key, self._shown[other].key)]
        return bool(fits) and all(fits)

    def _of_phrase(self, mark: Mark, act: SeenAct) -> SiteMention | None:
        """The site that follows the act with "of, from, on" before any other act of its family."""
        for site in merged_sites(mark.sites, self.page.text):
            if site.start < act.end:
                continue
            between = self.page.text[act.end : site.start]
            if any(a.family == act.family and a.start > act.end + 12 and a.start < site.start for a in mark.acts):
                return None
            return site if _OF.match(between) else None
        return None

    def meant_by_all(self, mark: Mark) -> list[Node]:
        """The lesions that "Both: ...", "each was ...", "all three sites" speak of: the list just before the clause."""
        if mark.sites:
            return []
        if self._the_cuts(mark):
            cut = [n for n in self.nodes if n.seen and any(m.sites and m.kind != "history" and d.term == "laceration" and d.certainty == "stated" for m in n.marks for d in m.diagnoses)]
            return cut if len(cut) > 1 else []
        if not self.page.says(mark, references.OF_ALL):
            return []
        said = references.HOW_MANY.search(mark.clause.text)
        wanted = {"both": 2, "two": 2, "three": 3, "four": 4, "2": 2, "3": 3, "4": 4}.get(said[1].lower()) if said else None
        listed = [n for n in self.nodes if n.seen and n.labels and any(m.clause.index < mark.clause.index and m.live for m in n.marks)]
        listed = [n for n in listed if not any(references.WAITS.search(m.clause.text) for m in n.marks)]
        listed = [n for n in listed if not any(a.status in {"negated", "declined", "deferred", "historical"} and a.family != "biopsy" for m in n.marks for a in m.acts)]
        if len(listed) < 2 or (wanted is not None and len(listed) != wanted):
            return []
        return listed

    def _the_cuts(self, mark: Mark) -> bool:
        before = self.page.marks[mark.clause.index - 1] if mark.clause.index else None
        return self.page.says(mark, references.CUTS) or before is not None and self.page.says(before, references.CUTS) and references.THEY.match(mark.clause.text) is not None

    def for_act(self, mark: Mark, act: SeenAct) -> Node | None:
        """The lesion an act phrase is about: of several named in the clause, the one whose site stands nearest."""
        nodes = self.of_mark.get(mark.clause.index, [])
        if len(nodes) == 1:
            return nodes[0]
        if nodes:
            named = self._of_phrase(mark, act)
            if named is not None and (owner := next((n for n in nodes if named in n.seen), None)):
                return owner

            def away(node: Node) -> tuple[int, int]:
                spots = node.spots.get(mark.clause.index)
                return min(((abs(s.start - act.end) if s.start >= act.start else abs(act.start - s.end)), s.start) for s in spots) if spots else (999, 0)
            return min(nodes, key=away)
        if self.current is None and len(self.nodes) == 1:
            return self.nodes[0]
        return None


def _bare_heading(mark: Mark) -> bool:
    """Only the name of an act: the heading of the list below it ("bx -", "Procedures:")."""
    if not mark.acts or mark.sites or mark.diagnoses or mark.measures or len(mark.clause.text) > 60:
        return False
    rest = mark.clause.text
    for act in mark.acts:
        rest = rest.replace(rest[act.start - mark.clause.start : act.end - mark.clause.start], " " * (act.end - act.start))
    if len(mark.clause.text) <= 30 and not re.search(r"[A-Za-z0-9]{2}", rest) and mark.clause.text.rstrip()[-1:] in {":", "-", "–"}:
        return True
    return bool(_TITLE.search(rest)) and not re.search(r"[A-Za-z0-9]{2}", _TITLE.sub("", rest))


_TITLE = re.compile(r"\b(?:procedures?|note|report|operative|operation|surgery|surgical|details?|record|log|performed)\b", re.IGNORECASE)
_OF = re.compile(r"[\s,]*(?:(?:biops\w+|bx|was|were|taken|obtained|done|performed|excision|removal)\s+)*(?:of|from|on|at|to|over|through|in)\b[^.;]{0,60}$", re.IGNORECASE)


_NOTHING_TO_IT = re.compile(r"\bnothing (?:was |is |has been )?(?:done|needed) (?:to|for|with) (?:it|this|that|them|those) (?:one )?(?:today|now|this time)\b", re.IGNORECASE)
_CUT_WORDS = re.compile(r"\b(?:ellipse|excis\w+|incis\w+|outlined|taken through)\b", re.IGNORECASE)


def lesion_item(item: Item | None) -> Item | None:
    """The innermost labeled item that can be a lesion or a problem (bullets under it belong to it)."""
    while item is not None:
        if item.kind in {"number", "letter", "named", "row"}:
            return item
        if item.kind == "bullet" and item.parent is None:
            return item
        item = item.parent
    return None
