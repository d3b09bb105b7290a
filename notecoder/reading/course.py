"""The course of an act: the clauses that tell how it was done, so that a line can be checked against the note.

An act is read from the words that name it; what makes its code right often stands in the sentences after: the plane of
a dissection, the sutures, the count at the end of the form, the field "Location". A coder follows the narrative of one
lesion until the next one begins. What was planned, declined or done before is no part of it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files

from notecoder.evidence import Evidence, merged
from notecoder.facts import Procedure
from notecoder.reading.families.desk import Desk
from notecoder.reading.groups import scope_of
from notecoder.reading.page import Mark
from notecoder.reading.targets import span_of

MOST = 8
"""Clauses of its course that an act keeps."""
SHORT = 110
"""A clause up to this length is quoted whole."""
_SCENE = frozenset({"procedure", "body", "assessment", "assessment_plan", "plan", "exam", "pathology"})
_FIELD = re.compile(
    r"(?:site|location|laterality|area|lesions?|size|dimensions?|diameter|depth|method|technique|procedure|number|count|total|n|units?|"
    r"agent|device|closure|length|margins?|blocks?|stages?|digit|nails?|specimens?|indication)\b",
    re.IGNORECASE,
)
_NOT_YET = re.compile(
    r"^\W*(?:if|will|plan|planned|return|rtc|follow|call|f/u|suture removal|sutures? out|wound care|aftercare|instructions?|consider)\b|"
    r"\b(?:will be|to be|should|may|options?|discussed|explained|risks?|declin\w+|deferred|not (?:done|treated|performed|injected|biopsied))\b",
    re.IGNORECASE,
)
_BESIDE = frozenset({"repair", "pathology", "mohs", "drug_injection"})
"""Acts told in one breath with the one they belong to: a clause that names them may still tell of its course."""
_FAMILY = {"intralesional": "injection", "chemodenervation": "toxin"}


@cache
def steps() -> dict[str, re.Pattern[str]]:
    """The step words of each kind of procedure, those of every kind among them."""
    raw = tomllib.loads((files("notecoder.reading") / "lexicon" / "course.toml").read_text(encoding="utf-8"))
    shared = raw["any"]["patterns"]
    return {
        kind: re.compile(r"(?<![\w/])(?:" + "|".join([*entry["patterns"], *shared]) + r")(?!\w)", re.IGNORECASE)
        for kind, entry in raw.items()
    }


def with_courses(desk: Desk, procedures: Sequence[Procedure]) -> list[Procedure]:
    """The procedures, each one done with the clauses of its course."""
    done = [p for p in procedures if p.act.status == "performed"]
    kinds = {p.kind for p in done} - _BESIDE
    targets = {p.target.id for p in done if p.kind != "pathology"}
    scope = "note" if len(targets) <= 1 else "loose" if len(kinds) <= 1 else "own"
    return [_with_course(desk, p, targets - {p.target.id}, scope) if p.act.status == "performed" else p for p in procedures]


def _with_course(desk: Desk, procedure: Procedure, others: set[str], scope: str) -> Procedure:
    pattern = steps().get(procedure.kind)
    if pattern is None:
        return procedure
    cited = [span for span in _cited(procedure) if span.document is None]
    found: list[tuple[int, Evidence]] = []
    for mark in _scene(desk, procedure, others, scope):
        if not _NOT_YET.search(mark.clause.text):
            told = list(_windows(desk, mark, pattern))
            if not told and len(mark.clause.text) <= SHORT and _described(mark, procedure):
                told = [(0, desk.page.quote_clause(mark))]
            found += [(weight, span) for weight, span in told if not _quoted(span, cited)]
    kept = sorted(sorted(found, key=lambda each: (each[0], each[1].start))[:MOST], key=lambda each: each[1].start)
    if not kept:
        return procedure
    act = procedure.act.model_copy(update={"course": tuple(dict.fromkeys(span for _, span in kept))})
    return procedure.model_copy(update={"act": act})


def _windows(desk: Desk, mark: Mark, pattern: re.Pattern[str]) -> Iterator[tuple[int, Evidence]]:
    """The clause, or the parts of a long one that hold step words, each with its rank: many steps, fields, measures first."""
    clause = mark.clause
    words = [(m.start(), m.end(), m.group().lower()) for m in pattern.finditer(clause.text)]
    field = clause.key is not None and _FIELD.match(clause.key.split(".")[-1])
    extra = 2 * bool(field) + bool(mark.measures)
    if len(clause.text) <= SHORT:
        if words or field:
            yield -len({word for _, _, word in words}) - extra, desk.page.quote(clause.start, clause.end)
        return
    while words:
        near = [each for each in words if each[1] - words[0][0] <= SHORT - 40]
        words = words[len(near) :]
        start, end = clause.start + near[0][0], clause.start + near[-1][1]
        yield -len({word for _, _, word in near}) - extra, desk.page.quote(*span_of(mark, start, min(end, start + 80)))


def _scene(desk: Desk, procedure: Procedure, others: set[str], scope: str) -> Iterator[Mark]:
    """The clauses that may tell of the act: of its lesion, its item, its paragraph; for the only act, of the whole note."""
    anchors = {desk.page.layout.clause_at(s.start).index for s in procedure.act.evidence if s.document is None}
    near: set[int] = set()
    terms = {d.term for d in procedure.target.diagnoses[:1]} if procedure.kind in _GROUPS else set()
    named = {m.clause.index for m in desk.page.live() for d in m.diagnoses if d.term in terms and d.certainty in {"stated", "pathology"}}
    if procedure.kind == "pathology":
        scope = "note"
    for index in sorted(anchors | named):
        mark = desk.page.marks[index]
        if mark.kind in _SCENE:
            near |= {m.clause.index for m in scope_of(desk.page, mark)}
    target, of_mark = procedure.target.id, desk.registry.of_mark
    for mark in desk.page.live():
        index = mark.clause.index
        owners = [n for n in of_mark.get(index, ()) if n.seen]
        own = any(n.id == target for n in owners) if owners else False
        if index not in anchors and (not own and owners and all(n.id in others for n in owners) or _of_other_act(mark, procedure.kind)):
            continue
        told = own or index in near or scope == "note" and (not owners or mark.kind != "exam") or scope == "loose" and not owners
        if mark.kind in _SCENE and told or _described(mark, procedure):
            yield mark


_GROUPS = frozenset({"destruction", "tag_removal", "paring", "nail", "intralesional"})
_FINDING = {
    "destruction": re.compile(r"\b(?:pap(?:ule)?s?|macules?|plaques?|gritty|scaly|rough|waxy|stuck[- ]on|verruc\w+|crust\w*|keratotic|domed?|umbilicated|spots?)\b", re.IGNORECASE),
    "tag_removal": re.compile(r"\b(?:tags?|pedunculated|stalk\w*|acrochordons?|papules?)\b", re.IGNORECASE),
    "intralesional": re.compile(r"\b(?:keloids?|scars?|firm|rubbery|raised|pink|plaques?|nodul\w+|cysts?|patch(?:es)?|papules?|thick\w*)\b", re.IGNORECASE),
    "paring": re.compile(r"\b(?:class|q[789]|pulses?|dorsalis|tibial|hairless|shiny|edema|callus\w*|corns?|keratos[ei]s)\b", re.IGNORECASE),
    "nail": re.compile(r"\b(?:class|q[789]|pulses?|dorsalis|tibial|hairless|shiny|nails?|toenails?)\b", re.IGNORECASE),
}  # fmt: skip


_COUNTED = re.compile(r"\W*[A-Za-z][A-Za-z ,&-]{2,36}?[ :.=x-]+\d{1,2}\W*")
""" "forehead 4": a place with its number."""


def _described(mark: Mark, procedure: Procedure) -> bool:
    """An examination's line about lesions that were treated as a group: their look and number, by place."""
    if procedure.kind not in _GROUPS or mark.kind not in {"exam", "body", "history"} or any(a.status != "performed" for a in mark.acts):
        return False
    if not _FINDING[procedure.kind].search(mark.clause.text) and not (mark.sites and _COUNTED.fullmatch(mark.clause.text)):
        return False
    named = {d.term for d in mark.diagnoses if d.group not in {"noun", "sign", "neoplasm"}}
    if named and not named & {d.term for d in procedure.target.diagnoses}:
        return False
    places = {s.key.removesuffix("nail") for s in (procedure.target.site, *procedure.target.more_sites) if s is not None}
    return bool(named) or not mark.sites or not places or any(s.key.removesuffix("nail") in places for s in mark.sites)


def _of_other_act(mark: Mark, kind: str) -> bool:
    """The clause names acts, and all of them are others' or not done."""
    family = _FAMILY.get(kind, kind)
    return bool(mark.acts) and not any(
        a.status == "negated" or a.status == "performed" and (a.family == family or a.family in _BESIDE or family in _BESIDE) for a in mark.acts
    )


def _quoted(span: Evidence, cited: Sequence[Evidence]) -> bool:
    """The fact quotes most of these words already."""
    return any(min(s.end, span.end) - max(s.start, span.start) >= 0.4 * (span.end - span.start) for s in cited)


def _cited(procedure: Procedure) -> tuple[Evidence, ...]:
    """What a line for this act quotes in any case."""
    target = procedure.target
    size = target.diameter.evidence if target.diameter is not None else ()
    return merged(procedure.act.evidence, size, *(diagnosis.evidence for diagnosis in target.diagnoses))
