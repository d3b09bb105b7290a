"""The marked-up note: every clause with its sites, diagnoses, measures and acts, and the status of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from typing import Any

from notecoder.evidence import Evidence
from notecoder.facts import Diagnosis, Site
from notecoder.facts.common import Certainty, Status
from notecoder.reading.acts import find_acts
from notecoder.reading.clinical import Target, cues_for
from notecoder.reading.dates import dates_in
from notecoder.reading.donors import SEWN_TO, done_now, set_aside
from notecoder.reading.frames import FACTS, govern
from notecoder.reading.layout import lay_out
from notecoder.reading.learned import ACT_STATUS, act_features, model
from notecoder.reading.lesions import find_diagnoses
from notecoder.reading.measures import Measure, cell_measures, find_measures
from notecoder.reading.mention import quote_of
from notecoder.reading.outline import Clause, Kind, Layout
from notecoder.reading.sites import SiteMention, find_sites
from notecoder.reading.status import act_status, certainty, plainly_done, told_of_earlier


@dataclass(slots=True)
class SeenAct:
    """An act phrase with its status."""

    family: str
    detail: str | None
    start: int
    end: int
    status: Status
    clause: int


@dataclass(slots=True)
class SeenDiagnosis:
    """A condition phrase with its certainty."""

    term: str
    group: str
    start: int
    end: int
    certainty: Certainty
    clause: int

    def fact(self, text: str, site: Site | None = None) -> Diagnosis:
        """The diagnosis as a fact."""
        return Diagnosis(term=self.term, certainty=self.certainty, site=site, evidence=(quote_of(text, self.start, self.end),))


_NOT_TODAY = frozenset({"past", "family", "social", "medication", "allergy", "ros", "vitals"})


@dataclass(slots=True, eq=False)
class Mark:
    """One clause and what is said in it."""

    clause: Clause
    sites: list[SiteMention] = field(default_factory=list)
    donors: list[SiteMention] = field(default_factory=list)
    """The places a flap or graft came from; none of them is in ``sites``."""
    diagnoses: list[SeenDiagnosis] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    acts: list[SeenAct] = field(default_factory=list)
    kind: Kind = field(init=False)
    """The kind of section it stands in."""
    live: bool = field(init=False)
    """Says something about today's patient: not boilerplate, not pasted, not past history."""

    def __post_init__(self) -> None:
        self.kind = self.clause.section.kind
        self.live = not self.clause.ignored and self.kind not in _NOT_TODAY


@dataclass(slots=True)
class Page:
    """The whole note, marked up."""

    text: str
    on: date
    layout: Layout
    marks: list[Mark]
    memo: dict[str, Any] = field(default_factory=dict)
    """Answers to questions asked of the same page many times."""
    _live: tuple[Mark, ...] = field(default=(), init=False, repr=False)
    _live_at: dict[int, Mark] = field(default_factory=dict, init=False, repr=False)
    _acts: tuple[tuple[Mark, SeenAct], ...] = field(default=(), init=False, repr=False)

    _quotes: dict[tuple[int, int], Evidence] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self._live = tuple(mark for mark in self.marks if mark.live)
        self._live_at = {mark.clause.index: mark for mark in self._live}
        self._acts = tuple((mark, act) for mark in self.marks for act in mark.acts)

    def quote(self, start: int, end: int) -> Evidence:
        """Evidence for the words at [start, end); the same words are one span."""
        span = self._quotes.get((start, end))
        if span is None:
            span = self._quotes[start, end] = quote_of(self.text, start, end)
        return span

    def quote_clause(self, mark: Mark) -> Evidence:
        """Evidence for a whole clause."""
        return self.quote(mark.clause.start, mark.clause.end)

    def live(self) -> Iterator[Mark]:
        """The marks that speak of today."""
        return iter(self._live)

    def with_marks(self, marks: list[Mark]) -> Page:
        """The same page with other marks of the same clauses, in the same order; what was asked of it is asked anew."""
        return Page(self.text, self.on, self.layout, marks)

    def saying(self, pattern: re.Pattern[str]) -> tuple[Mark, ...]:
        """The marks of today whose clause holds what the expression finds."""
        found = self.layout.saying(pattern)
        return tuple(self._live_at[index] for index in sorted(found) if index in self._live_at) if found else ()

    def says(self, mark: Mark, pattern: re.Pattern[str]) -> bool:
        """The clause of the mark holds what the expression finds."""
        return mark.clause.index in self.layout.saying(pattern)

    def acts(self, *families: str, status: str | None = "performed") -> Iterator[tuple[Mark, SeenAct]]:
        """The acts of these families (all when none is named) with this status (all when None), in reading order."""
        for mark, act in self._acts:
            if (not families or act.family in families) and (status is None or act.status == status):
                yield mark, act


_LANDMARK = re.compile(
    r"(?:\b(?:above|below|lateral to|medial to|superior to|inferior to|distal to|proximal to|anterior to|posterior to|near|toward|towards|"
    r"in front of|adjacent to|next to|distance to|distance from|distances from|from the|to the edge of|short of|away from|beyond|beneath|across|over to|just off|spar\w+|"
    r"pull(?:s|ed|ing)? (?:on|up|down)|drag\w*(?: on)?|distort\w*|tug\w*(?: on)?|borders?(?! on\b)|abut\w*|close to|extending to|extends to|reaching|between|behind|clear of|involving neither|not crossing|crossing|up to|level of|"
    r"not on|(?<!took )(?<!taken )(?<!cut )(?<!shaved )(?<!came )(?<!come )(?<!snipped )(?<!sliced )off|donor(?: site)?\s*(?:=|:|was|is|from)?|(?:sutur\w*|sewn|anchored|taped|secured|tacked) to)\s+(?:the |her |his |a )?(?:\w+ ){0,2}(?:of (?:the |her |his )?)?)$",
    re.IGNORECASE,
)
_SITE_DENIED = re.compile(r"^[^.;,]{0,30}?\b(?:not (?:biopsied|treated|involved|touched|examined|crossed|sampled)|was not|were not|uninvolved|spared|intact|is clear|are clear|clear(?! (?:in|after|on|at|with|by)\b)|(?<!from )(?<!of )normal(?! skin)|unremarkable|fine|declined|fine today|was fine)\b", re.IGNORECASE)
_OPENED_DENIAL = re.compile(r"\s*\((?:not|no|clear|normal|neg|uninvolved|spared|intact)\b", re.IGNORECASE)
"""In parentheses the denial must be the first word: "upper lip (vermilion not involved)" is of the lip."""
_NO_BEFORE = re.compile(r"\b(?:no|not|none|without|except|nor|neither)\s+(?:the |any |on the )?(?:\w+ ){0,1}$", re.IGNORECASE)


def _site_counts(text: str, site: SiteMention, clause: Clause) -> bool:
    """A site word that places something, not a landmark, a normal finding or a denied site."""
    before = text[max(clause.start, site.start - 40) : site.start]
    after = text[site.end : min(clause.end, site.end + 60)]
    denied = _SITE_DENIED.match(after) and (after.lstrip()[:1] != "(" or _OPENED_DENIAL.match(after))
    landmark = _LANDMARK.search(before)
    if landmark and landmark.group().lower().startswith("from the") and _TAKEN_FROM.search(text[clause.start : site.start]):
        landmark = None
    if landmark and SEWN_TO.search(text[max(clause.start, site.start - 120) : site.start]):
        landmark = None
    return not (landmark or _NO_BEFORE.search(before) or denied)


_TAKEN_FROM = re.compile(r"\b(?:remov\w+|excis\w+|shav\w+|snip\w+|clip\w+|biops\w+|sampl\w+|curett\w+)\b(?![^.;]*\b(?:graft|donor|harvest))[^.;]{0,60}\bfrom the (?:\w+ ){0,3}(?:of (?:the |her |his )?)?$", re.IGNORECASE)
""" "Removed the cyst from the left shoulder" names its place; "2 cm from the eyelid" does not."""


_SAME_PLACE = re.compile(r"\b(?:same|that|this)\s+$", re.IGNORECASE)


def _as_before(text: str, site: SiteMention, marks: list[Mark]) -> SiteMention:
    """ "Right forearm: ... Same forearm: five more": the side last said of it."""
    if site.side is not None or not _SAME_PLACE.search(text[max(0, site.word_start - 6) : site.word_start]):
        return site
    side = next((s.side for mark in reversed(marks[-12:]) for s in reversed(mark.sites) if s.key == site.key and s.side is not None), None)
    return replace(site, side=side) if side is not None else site


_POST_OP = re.compile(r"\W*(?:post-?op(?:erative)? day|pod)\s*#?\s*\d{1,3}\W*", re.IGNORECASE)
""" "Post-op day 6." names what was done then in the next clause."""
_DONE_ON = re.compile(r"\W*(?:date of (?:the )?(?:surgery|operation|procedure)|(?:surgery|operation|procedure) date)\b", re.IGNORECASE)
""" "Operation: excision. Date of surgery: 9/2": of another day."""


_RESULT_BETWEEN = re.compile(r"[^.;]{0,16}?(?:=|->|→|showed|shows|came back(?: as)?)\s*", re.IGNORECASE)
""" "Shave 10/20 = benign keratosis": what the earlier act found is there to be dealt with."""


def _treated_before(mark: Mark, seen: SeenDiagnosis) -> bool:
    """The condition stands beside an act that was done in the past ("two AKs frozen in April")."""
    if mark.kind in {"assessment", "assessment_plan", "procedure"}:
        return False
    text, base = mark.clause.text, mark.clause.start
    if any(_RESULT_BETWEEN.fullmatch(text[a.end - base : seen.start - base]) for a in mark.acts if a.end <= seen.start):
        return False
    near = [a for a in mark.acts if a.family != "biopsy" and "(" not in text[min(a.start, seen.end) - base : max(a.start, seen.end) - base] and min(abs(a.start - seen.end), abs(seen.start - a.end)) < 40]
    return bool(near) and all(a.status == "historical" for a in near)


_BARE_BIOPSIED = re.compile(r"(?:biopsied|bx'?e?d|sampled)", re.IGNORECASE)
_BY_BIOPSY = re.compile(r"\b(?:by|on|per|from|at|via)\s+(?:\w+\s)?$", re.IGNORECASE)
_PROVED = re.compile(r"\s*(?:\+|pos\w*|proven|confirmed|done|in chart)", re.IGNORECASE)


def _biopsied_before(marks: list[Mark], *, cut: bool) -> None:
    """ "Lentigo maligna, mid back, biopsied. 8 mm margins": the biopsy that named a cancer cut out today was of another day."""
    for mark in marks:
        text, base = mark.clause.text, mark.clause.start
        for act in mark.acts:
            if act.family != "biopsy" or act.status != "performed":
                continue
            told = cut and _BARE_BIOPSIED.fullmatch(text[act.start - base : act.end - base]) is not None
            if not told and not _BY_BIOPSY.search(text[: act.start - base]) and not _PROVED.match(text, act.end - base):
                continue
            known = any(d.group in {"malignant", "in_situ"} and d.certainty in {"stated", "pathology"} and d.end <= act.start for d in mark.diagnoses)
            if known and not re.search(r"\btoday\b|\b(?:was|were|then|also)\s+$", text[: act.start - base], re.IGNORECASE) and re.match(r"\s*(?:[.;,)]|$)", text[act.end - base :]):
                act.status = "historical"


def _same_technique(mark: Mark, text: str) -> None:
    """ "Shave bx R cheek, bx L jawline": the second is taken as the first."""
    for first, second in pairwise(mark.acts):
        between = text[first.end : second.start]
        if first.family == second.family == "biopsy" and first.status == second.status == "performed" and first.detail and second.detail is None and len(between) < 70 and _LISTED.search(between):
            second.detail = first.detail


_LISTED = re.compile(r"(?:,|&|\+|/|\band\b|;)\s*(?:(?:also|another|a|one|second|2nd|then|the same|same)\s+)*$", re.IGNORECASE)


_BRACKET = re.compile(r"\([^()]*\)?")


def _in_brackets_of_old(mark: Mark) -> None:
    """ "02/11 excision, right back (3 mm rim, sewn in layers 4.9 cm)": what the brackets tell of an earlier act is of its day."""
    old = [a for a in mark.acts if a.status == "historical"]
    for inside in _BRACKET.finditer(mark.clause.text) if old else ():
        start, end = mark.clause.start + inside.start(), mark.clause.start + inside.end()
        if not any(a.end <= start for a in old) or any(a.status == "performed" and a.end <= start for a in mark.acts) or _TODAY_INSIDE.search(inside.group()):
            continue
        for act in mark.acts:
            if act.status == "performed" and start <= act.start < end:
                act.status = "historical"
        mark.measures = [replace(m, role="earlier") if start <= m.start < end and m.role in {"length", "undermining", "width"} else m for m in mark.measures]


_TODAY_INSIDE = re.compile(r"\b(?:today|now|this (?:visit|morning|afternoon))\b", re.IGNORECASE)


def mark_up(text: str, on: date, *, reread: bool = True) -> Page:
    """Read a note into a page. Pure: same text and date, same page.

    ``reread``: the learned reader looks over the status of each act; not so where it is being trained.
    """
    layout = lay_out(text, on)
    shown = layout.text
    marks: list[Mark] = []
    targets: list[Target] = []
    for clause in layout.clauses:
        mark = Mark(clause)
        marks.append(mark)
        if clause.section.kind == "boilerplate" and clause.ignored:
            continue
        mark.sites = [_as_before(shown, s, marks) for s in find_sites(shown, clause.start, clause.end) if _site_counts(shown, s, clause)]
        if clause.cells:
            mark.measures = list(cell_measures(shown, clause.start, clause.end, clause.cells, clause.header))
        else:
            mark.measures = list(find_measures(shown, clause.start, clause.end, clause.key))
        for dx in find_diagnoses(shown, clause.start, clause.end):
            mark.diagnoses.append(SeenDiagnosis(dx.term, dx.group, dx.start, dx.end, "stated", clause.index))
            targets.append(Target(dx.start, dx.end, "dx"))
        told = clause.start + len(clause.key) + 2 if clause.key and clause.text[:1] == "[" and mark.measures else clause.start
        for named in find_acts(shown, told, clause.end):
            mark.acts.append(SeenAct(named.family, named.detail, named.start, named.end, "performed", clause.index))
            targets.append(Target(named.start, named.end, "act"))
    set_aside(marks, layout)
    found = cues_for(shown, [(c.start, c.end) for c in layout.clauses], targets)
    position = 0
    for mark in marks:
        proven = mark.kind == "pathology"
        for seen in mark.diagnoses:
            seen.certainty = certainty(mark.clause, found[position], proven_section=proven, start=seen.start)
            position += 1
        for act in mark.acts:
            act.status, _ = act_status(mark.clause, act.start, act.end, found[position], on, act.family)
            position += 1
        done_now(mark)
        for seen in mark.diagnoses:
            if seen.certainty == "stated" and _treated_before(mark, seen):
                seen.certainty = "history"
    cut = any(m.role == "margin" for mark in marks if mark.live and mark.kind not in {"plan", "followup"} for m in mark.measures)
    _biopsied_before(marks, cut=cut)
    for before, mark in pairwise(marks):
        if _POST_OP.fullmatch(before.clause.text) and before.clause.paragraph == mark.clause.paragraph:
            for act in mark.acts:
                act.status = "historical"
        if mark.clause.paragraph == before.clause.paragraph and _DONE_ON.match(mark.clause.text) and any(day < on for day, _, _ in dates_in(mark.clause.text, on)) and not any(day >= on for day, _, _ in dates_in(mark.clause.text, on)):
            for act in before.acts:
                act.status = "historical"
        if before.clause.text.rstrip().endswith(":") and before.clause.paragraph == mark.clause.paragraph and told_of_earlier(before.clause.text, on):
            for act in mark.acts:
                act.status = "historical"
            mark.measures = [replace(m, role="earlier") for m in mark.measures]
    for mark in marks:
        _in_brackets_of_old(mark)
    govern(marks, text, layout)
    if reread:
        for mark in marks:
            _reread(mark)
    for mark in marks:
        _same_technique(mark, text)
    return Page(text, on, layout, marks)


_TAKEN_BACK, _TOLD_TAKEN_BACK = 0.1, 0.01
"""The probabilities of "done" below which the learned reader takes an act back (models/act_status)."""
_CHOSEN = re.compile(r"^\W*(?:after|since|because|although|though|despite|as)\b[^,]{3,60}, |\b(?:chose|chooses|chosen|opted|elect(?:s|ed)|decid(?:es|ed)|decision made|settled on|agree[sd]|wishes|wants)\b", re.IGNORECASE)
_LONGEST_TITLE, _TOO_SHORT = 10, 5
"""Words: of a clause that opens with the act, of any other."""
_TOLD_AT_LENGTH = 40
"""Characters: a phrase of the lexicon so long tells the act by itself ("nails required manual and electric debridement")."""


def _reread(mark: Mark) -> None:
    """Take back an act the rules hold for done, where the words of its clause speak plainly against it.

    A title names what is told below it, a choice is often told for its doing, and verbs and facts of doing behind the
    act are the rules' own ground: these are taken back only for more.
    """
    if not mark.live:
        return
    text, base = mark.clause.text, mark.clause.start
    for act in mark.acts:
        if act.status != "performed":
            continue
        short = text.count(" ") < (_LONGEST_TITLE if act.start - base < 4 else _TOO_SHORT) or text.isupper()
        told = act.end - act.start > _TOLD_AT_LENGTH
        firm = short or told or _CHOSEN.search(text) or FACTS.search(text, act.end - base) or plainly_done(mark.clause, act.start, act.end)
        features = act_features(text, act.start - base, act.end - base, act.family)
        if model(ACT_STATUS).probabilities(features)["done"] < (_TOLD_TAKEN_BACK if firm else _TAKEN_BACK):
            act.status = "discussed"
