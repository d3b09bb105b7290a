"""From a node to a target: the lesion's site, diagnoses, size, symptoms and the noun the note uses for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from notecoder.evidence import Evidence, Stated
from notecoder.facts import Diagnosis, Site, Target
from notecoder.reading.lesion_sizes import Sized, contradicting, size_grade
from notecoder.reading.lesion_sizes import span_of as span_of
from notecoder.reading.lesions import LESION_GROUPS
from notecoder.reading.nodes import Node, Registry
from notecoder.reading.page import Mark, Page, SeenDiagnosis

_SYMPTOM = re.compile(
    r"\b(?:bleed\w*|bled|ooz\w+|crust\w*|friable|pain(?:ful)?|tender|sore|burn(?:s|ing)|itch\w*|prurit\w+|inflam\w+|irritat\w+|infected|"
    r"sting\w*|grow(?:n|ing|s|th)|enlarg\w+|chang(?:ed|ing|es)|catch\w*|snag\w*|rub(?:s|bing|bed)|traumati[sz]ed|obstruct\w*|symptomatic|hurts?|drain(?:ed|ing|s))\b",
    re.IGNORECASE,
)
_NO_SYMPTOM = re.compile(r"\b(?:no|not|denies|without|asymptomatic|non-?)\s*(?:\w+\s){0,2}$", re.IGNORECASE)
_NOUN = re.compile(r"\b(neoplasm|growth|tumor|tumour|mass|lump|nodule|mole|lesion|papule|plaque|macule|patch|spot|bump|rash|eruption|ulcer|sore|blister|area|thickening|ulceration|wound|laceration)s?\b", re.IGNORECASE)
_GROWTH = re.compile(r"\b(?:neoplasm|growth|tumou?r|nodule|mole|nevus|papule|lesion|spot|bump|mass)\b", re.IGNORECASE)
_RANK = {"pathology": 0, "stated": 1, "uncertain": 2}
_WEAK_TERMS = {"skin_lesion_not_otherwise_specified", "localized_skin_mass_or_lump", "scar", "neoplasm_of_unspecified_behavior_of_skin", "erythema", "bleeding_skin_lesion", "skin_pain_or_tenderness", "rash", "other_skin_change", "change_in_skin_texture"}


_NOUN_TERMS = {"skin_lesion_not_otherwise_specified"}
_ERUPTIONS = {"rash", "other_skin_change", "alopecia_unspecified"}
"""What a place without a growth is sampled for, when nothing closer is known."""
_OF_THE_SKIN = {"mycosis_fungoides", "sezary_syndrome", "cutaneous_t_cell_lymphoma_unspecified"}
"""Cancers that look like a rash."""
_SUBCUTANEOUS = re.compile(r"\b(?:subcutaneous|subcut|deep|under the skin|subq|soft[- ]tissue|lumps?|mass(?:es)?|tender nodules)\b", re.IGNORECASE)
_SCAR_TREATED = re.compile(r"\b(?:scar (?:revision|excision)|(?:excis\w+|revis\w+|inject\w+|removal) (?:of )?(?:the |a |this )?(?:\w+ ){0,3}scar|(?:hypertrophic|painful|symptomatic|contracted|widened|burn) scar)\b", re.IGNORECASE)
_SECTION_RANK = {"assessment": 0, "assessment_plan": 0, "procedure": 0, "pathology": 0, "plan": 1, "body": 1, "exam": 2, "history": 3, "reason": 3}
_GENERIC = {
    "cyst_of_skin_unspecified": "cyst", "wart_unspecified": "viral", "melanocytic_nevus": "nevus", "psoriasis_unspecified": "disease",
    "seborrheic_keratosis": "seborrheic", "malignant_neoplasm_of_skin_type_not_stated": "malignant",
}  # fmt: skip
"""Terms that a more specific one of the same group, said without a place, makes precise."""


_SEVERAL = re.compile(r"(?:[A-Z]{2,3}'?s|\w*(?:keratoses|nevi|lentigines|angiomas|tags|warts|milia|cysts|keloids|scars|comedones))", re.IGNORECASE)
"""A condition named in the plural."""
_OF_OLD = re.compile(r"\b(?:history|hx|surveillance|follow(?:ed)? (?:for|since)|(?:mother|father|sister|brother|aunt|uncle|cousin|parents?|grand\w+) (?:had|has|with|died))\b", re.IGNORECASE)
"""The disease a patient is watched for, or a relative had, is not that of the lesion treated today."""


def _several(words: str) -> bool:
    return bool(words) and _SEVERAL.fullmatch(words.split()[-1]) is not None


class Targets:
    """Builds and remembers the target of each node."""

    def __init__(self, page: Page, registry: Registry) -> None:
        self.page = page
        self.registry = registry
        self._made: dict[str, Target] = {}

    def of(self, node: Node | None, *, extra: Sequence[SeenDiagnosis] = (), site: Site | None = None) -> Target:
        """The target for a node (or one without a place, when reading found none)."""
        if node is None:
            return Target(id="L0", site=site, diagnoses=self._facts(list(extra)))
        if node.id not in self._made:
            self._made[node.id] = self._build(node)
        target = self._made[node.id]
        if extra and not target.diagnoses:
            target = target.model_copy(update={"diagnoses": self._facts(list(extra))})
        return target

    def remember(self, node: Node, target: Target) -> None:
        """What a family's reader found out about a lesion holds for the families after it."""
        self._made[node.id] = target

    def _facts(self, seen: list[SeenDiagnosis]) -> tuple[Diagnosis, ...]:
        return tuple(d.fact(self.page.text) for d in seen)

    def _build(self, node: Node) -> Target:
        seen = self.diagnoses_of(node)
        if all(d.certainty == "uncertain" and (d.group == "disease" or d.term in _OF_THE_SKIN) for d in seen):
            seen = [*self._eruption(node), *seen]
        site = node.site_fact(self.page.text)
        small, large = self._diameters(node)
        return Target(
            id=node.id,
            label=node.label,
            site=site.model_copy(update={"evidence": self._places(node, site.evidence)}) if site else None,
            diagnoses=tuple(self._diagnosis(node, d) for d in seen),
            noun=self._noun(node),
            diameter=small,
            other_diameter=large,
            symptoms=self._symptoms(node),
        )

    def _places(self, node: Node, words: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
        """The site's own words, then the phrases that say where this lesion is: the line of its form, item or row."""
        return self._said(node, words, [(m, s.start, s.end) for m in node.marks if m.live for s in m.sites if s in node.seen], 4)

    def _diagnosis(self, node: Node, seen: SeenDiagnosis) -> Diagnosis:
        """A diagnosis with the phrases about this lesion that say it."""
        fact = seen.fact(self.page.text)
        said = [(m, d.start, d.end) for m in node.marks if m.live for d in m.diagnoses if d.term == seen.term and d.certainty == seen.certainty]
        return fact.model_copy(update={"evidence": self._said(node, fact.evidence, said, 3)})

    def _said(self, node: Node, words: tuple[Evidence, ...], said: list[tuple[Mark, int, int]], most: int) -> tuple[Evidence, ...]:
        spans = list(words)
        for mark, start, end in said:
            span = self.page.quote(*span_of(mark, start, end))
            if span not in spans and len(spans) < most:
                spans.append(span)
        return tuple(spans)

    def diagnoses_of(self, node: Node) -> list[SeenDiagnosis]:
        """The diagnoses said of this lesion, best first: proven, stated, uncertain; a real condition before a noun."""
        found: list[SeenDiagnosis] = []
        for mark in self.registry.marks_of(node):
            if mark.clause.ignored or mark.kind in {"family", "social", "medication", "allergy", "ros"}:
                continue
            owners = self.registry.of_mark[mark.clause.index]
            found.extend(d for d in mark.diagnoses if (self._nearest(mark, d, owners) is node or self._said_of_all(mark, owners)) and not self._others(mark, d, node) and not (d.group == "tag" and not mark.sites and any(a.family == "tag_removal" for a in mark.acts)))
        placed = {d.group for d in found if d.group in LESION_GROUPS and d.certainty in {"stated", "pathology"} and self.page.marks[d.clause].sites}
        found = [d for d in found if not self._put_off(d)]
        if placed:
            found = [d for d in found if d.group in placed or self.page.marks[d.clause].sites or not _several(self.page.text[d.start : d.end])]
        if not any(d.certainty in _RANK and d.group in LESION_GROUPS | {"infection", "nail"} and self._about_lesion(d) for d in found):
            found.extend(self._shared(node))
        elif found and (generic := [d for d in found if d.term in _GENERIC and d.certainty in {"stated", "pathology"}]):
            precise = [d for d in self._unplaced() if d.group == generic[0].group and d.term not in _GENERIC and d.certainty in {"stated", "pathology"}]
            if len({d.term for d in precise}) == 1 and not any(d.group == generic[0].group and d.term not in _GENERIC for d in found):
                found = [*precise, *(d for d in found if d not in generic)]
        return self._ranked(d for d in found if not self._elsewhere(node, d))

    def _put_off(self, seen: SeenDiagnosis) -> bool:
        """Several lesions whose own treatment was put off or declined are not the one that was treated there."""
        acts = self.page.marks[seen.clause].acts
        return bool(acts) and _several(self.page.text[seen.start : seen.end]) and all(a.status in {"deferred", "declined", "offered", "negated"} for a in acts)

    def _elsewhere(self, node: Node, seen: SeenDiagnosis) -> bool:
        """A skin disease told of other places ("acne along the jaw") is not what this lesion has."""
        if seen.group != "disease":
            return False
        site = node.site_fact(self.page.text)
        places = {place.key for place in self.page.marks[seen.clause].sites}
        return site is not None and bool(places) and site.key not in places

    def _others(self, mark: Mark, seen: SeenDiagnosis, node: Node) -> bool:
        """ "SKs." after the clause of a lesion, without a place: other lesions of the skin, none of this one."""
        if mark.sites or mark.acts or not _SEVERAL.fullmatch(self.page.text[seen.start : seen.end]):
            return False
        own = mark.clause.item is not None and any(m.sites and m.clause.item is mark.clause.item for m in node.marks)
        return not own or len(mark.clause.text.split()) <= 4

    def _ranked(self, found: Iterable[SeenDiagnosis]) -> list[SeenDiagnosis]:
        """Best first: a real condition before a noun, proven before stated, the assessment before the exam."""
        usable = [d for d in found if self._about_lesion(d) and not (d.term == "localized_skin_mass_or_lump" and not self._under_skin(d)) and d.term not in _NOUN_TERMS]
        section = {id(d): _SECTION_RANK.get(self.page.marks[d.clause].kind, 1) for d in usable}
        return ranked(usable, section)

    def _about_lesion(self, seen: SeenDiagnosis) -> bool:
        """A scar is what was treated only when it was cut or injected; a disease belongs to a lesion only beside its place."""
        mark = self.page.marks[seen.clause]
        if seen.term in {"pruritus", "other_pruritus"}:
            return False
        if seen.term == "scar":
            return bool(_SCAR_TREATED.search(mark.clause.text))
        if seen.group == "disease":
            return bool(mark.sites) or mark.clause.item is not None
        return True

    def _under_skin(self, seen: SeenDiagnosis) -> bool:
        """A nodule or mass in the fat is a sign of its own (R22); one of the skin is an unnamed growth (HC-10)."""
        return bool(_SUBCUTANEOUS.search(self.page.marks[seen.clause].clause.text)) or "lump" in self.page.text[seen.start : seen.end].lower()

    def nearest(self, mark: Mark, seen: SeenDiagnosis) -> Node | None:
        """The lesion of the clause that a diagnosis stands nearest to."""
        owners = self.registry.of_mark.get(mark.clause.index, [])
        return self._nearest(mark, seen, owners) if owners else None

    def _nearest(self, mark: Mark, seen: SeenDiagnosis, owners: list[Node]) -> Node:
        if len(owners) == 1:
            return owners[0]
        named = [n for where, n in self.registry.referred(mark.clause) if where <= seen.start and n in owners]
        if named and not any(s.start <= seen.start for n in owners for s in n.spots.get(mark.clause.index, ())):
            return named[-1]

        def away(owner: Node) -> int:
            spots = owner.spots.get(mark.clause.index, ())
            return min((min(abs(s.start - seen.end), abs(seen.start - s.end)) for s in spots), default=500)

        return min(owners, key=away)

    def _said_of_all(self, mark: Mark, owners: list[Node]) -> bool:
        """ "Lipoma for both": the clause names no one of its lesions."""
        return len(owners) > 1 and not any(n.spots.get(mark.clause.index) for n in owners) and not self.registry.referred(mark.clause)

    def _shared(self, node: Node) -> list[SeenDiagnosis]:
        """A diagnosis said without a place: for the note's only lesion, or in the title of a group of items."""
        lesions = [n for n in self.registry.nodes if n.seen and any(a.status == "performed" for m in n.marks for a in m.acts)]
        unplaced = self._unplaced()
        if len(lesions) <= 1 or (unplaced and len({d.term for d in unplaced}) == 1):
            return unplaced
        return []

    def _unplaced(self) -> list[SeenDiagnosis]:
        """Diagnoses said in clauses that speak of no place."""
        if "siteless" not in self.page.memo:
            self.page.memo["siteless"] = [
                (mark, d) for mark in self.page.live() if not mark.sites and not _OF_OLD.search(mark.clause.text)
                for d in mark.diagnoses if d.group in LESION_GROUPS | {"infection"} and d.certainty in _RANK
            ]  # fmt: skip
        return [d for mark, d in self.page.memo["siteless"] if not self._placed(mark)]

    def _placed(self, mark: Mark) -> bool:
        return any(n.seen for n in self.registry.of_mark.get(mark.clause.index, []))

    def _eruption(self, node: Node) -> list[SeenDiagnosis]:
        """A place sampled because of a rash, not because of a growth: the rash is what is known (4.4)."""
        text = " ".join(m.clause.text for m in node.marks)
        if _GROWTH.search(text):
            return []
        rash = [d for m in self.page.live() for d in m.diagnoses if d.term in _ERUPTIONS and d.certainty in {"stated", "uncertain", "pathology"}]
        return [replace(rash[0], certainty="stated")] if rash else []

    def _noun(self, node: Node) -> str | None:
        for mark in node.marks:
            match = _NOUN.search(mark.clause.text)
            if match:
                return match.group(1).lower().replace("tumour", "tumor")
        return None

    def marks_of(self, node: Node) -> list[Mark]:
        """The clauses about a lesion; for the note's only treated lesion also those about no place at all."""
        if not self._alone(node):
            return node.marks
        loose = [m for m in self.page.marks if m.live and m not in node.marks and not self._placed(m) and m.kind not in {"followup"}]
        return sorted([*node.marks, *loose], key=lambda m: m.clause.index)

    def _alone(self, node: Node) -> bool:
        treated = [n for n in self.registry.nodes if n.seen and any(
            a.status == "performed" and a.family in {"biopsy", "shave", "excision", "mohs", "repair", "destruction", "flap", "graft"} for m in n.marks for a in m.acts)]
        return treated == [node] or (not treated and [n for n in self.registry.nodes if n.seen and not _watched(n)] == [node])

    def _symptoms(self, node: Node) -> tuple[Stated[str], ...]:
        found = []
        for mark in node.marks:
            if mark.kind in {"boilerplate", "plan", "followup"}:
                continue
            for match in _SYMPTOM.finditer(mark.clause.text):
                if not _NO_SYMPTOM.search(mark.clause.text[: match.start()][-24:]):
                    start = mark.clause.start + match.start()
                    found.append(Stated(value=match.group().lower(), evidence=(self.page.quote(start, mark.clause.start + match.end()),)))
        return tuple(found[:6])

    def diameter(self, node: Node) -> Stated[Decimal] | None:
        """The clinical diameter: a measure labeled as lesion size before one merely beside the lesion's name."""
        return self._diameters(node)[0]

    def _diameters(self, node: Node) -> tuple[Stated[Decimal] | None, Stated[Decimal] | None]:
        """The diameter, and a larger one that contradicts it: of two the smaller stands until somebody says which is right."""
        found: list[Sized] = []
        for mark in self.marks_of(node):
            if not mark.live or mark.kind in {"pathology", "followup"}:
                continue
            owners = self.registry.of_mark.get(mark.clause.index, [])
            for measure in mark.measures:
                if len(owners) > 1 and not self._measure_is_of(mark, measure.start, node, owners):
                    continue
                grade = size_grade(mark, measure.role, measure.start)
                if grade is not None:
                    found.append(Sized(grade, mark, measure, self.page.quote(*span_of(mark, measure.start, measure.end))))
        if not found:
            return None, None
        best = min(found, key=lambda each: (each.grade, each.measure.start))
        rival = contradicting(best, found)
        small, large = sorted((best, rival), key=lambda each: each.value) if rival is not None else (best, None)
        return small.stated(), large.stated() if large is not None else None

    def _measure_is_of(self, mark: Mark, at: int, node: Node, owners: list[Node]) -> bool:
        named = [n for where, n in self.registry.referred(mark.clause) if where < at and n in owners]
        if named:
            return named[-1] is node

        paired = self._in_turn(mark, at, owners)
        if paired is not None:
            return paired is node

        def away(owner: Node) -> int:
            spots = owner.spots.get(mark.clause.index, ())
            return min((abs(s.start - at) if s.start > at else max(0, at - s.end - 6) for s in spots), default=500)

        return min(owners, key=away) is node


    def _in_turn(self, mark: Mark, at: int, owners: list[Node]) -> Node | None:
        """ "3.6 cm abdominal, 4.2 cm thigh": where every number stands before its place, the place that follows is its own."""
        role = next((m.role for m in mark.measures if m.start == at), None)
        numbers = [m.start for m in mark.measures if m.role == role and len(m.dims) == 1]
        places = sorted(((s.start, n) for n in owners for s in list(n.spots.get(mark.clause.index, ()))[:1]), key=lambda pair: pair[0]) if len(owners) == len(numbers) > 1 else []
        if len(places) != len(numbers) or any(number > place for number, (place, _) in zip(numbers, places, strict=True)):
            return None
        if any(number < place for number, (place, _) in zip(numbers[1:], places, strict=False)):
            return None
        return next((n for number, (_, n) in zip(numbers, places, strict=True) if number == at), None)


_LEFT_ALONE = re.compile(r"\b(?:observe[d]?|watch(?:ed|ing)?|left alone|not (?:treated|removed|touched)|no (?:treatment|action))\b", re.IGNORECASE)


def _watched(node: Node) -> bool:
    """Everything said of the lesion is that it is only watched."""
    return all(_LEFT_ALONE.search(mark.clause.text) for mark in node.marks if mark.live)


def ranked(found: Iterable[SeenDiagnosis], section: Mapping[int, int] | None = None) -> list[SeenDiagnosis]:
    """Diagnoses best first, each term once; denied and historical ones left out."""
    usable = [d for d in found if d.certainty in _RANK and d.group not in {"status", "sign"}]
    usable.sort(key=lambda d: (d.term in _WEAK_TERMS, _RANK[d.certainty], d.group not in LESION_GROUPS, (section or {}).get(id(d), 1), d.term in _GENERIC, d.start))
    kept: list[SeenDiagnosis] = []
    for seen in usable:
        if all(k.term != seen.term for k in kept):
            kept.append(seen)
    return kept
