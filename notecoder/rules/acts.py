"""What was done, by whom it is paid, and the line that starts from it.

A coder goes through the acts of one kind and parts them: those done today for a medical reason make lines; those only
planned, offered, declined or done earlier make none, and the code they would have had is kept as a refusal; those for
appearance stay off the claim, unless the patient asks Medicare to say no (CO-01).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from notecoder.codebook import Codebook
from notecoder.evidence import Evidence, Stated, merged
from notecoder.facts import Act, Diagnosis, Digit, Encounter, Site, Target
from notecoder.rules.draft import Finding, LineDraft, Refusal


class Fact(Protocol):
    """Any procedure fact."""

    @property
    def act(self) -> Act: ...
    @property
    def target(self) -> Target: ...


P = TypeVar("P", bound=Fact)
Kind = type[P] | tuple[type[P], ...]
Decide = Callable[[list[P]], Iterator[Finding]]

WHY_NOT = {
    "planned": "planned, not done at this visit",
    "offered": "offered, not done",
    "declined": "declined by the patient",
    "deferred": "put off, not done at this visit",
    "discussed": "talked about, not done",
    "historical": "done on an earlier date",
    "elsewhere": "done by somebody else",
    "negated": "the note says it was not done",
    "aborted": "stopped before it was complete",
}
FOR_APPEARANCE = "for appearance, paid by the patient: kept off the claim"


def of_kind(encounter: Encounter, kind: Kind[P]) -> list[P]:
    """The facts of one kind, in the order of the note."""
    return [fact for fact in encounter.procedures if isinstance(fact, kind)]


def is_cosmetic(encounter: Encounter, act: Act) -> bool:
    """The note says so of this act, or of the whole encounter."""
    if act.cosmetic is not None:
        return act.cosmetic.value
    return bool(encounter.cosmetic_only and encounter.cosmetic_only.value)


def done(encounter: Encounter, kind: Kind[P]) -> list[P]:
    """The facts of one kind that were done today for a medical reason."""
    facts = of_kind(encounter, kind)
    return [fact for fact in facts if fact.act.status == "performed" and not is_cosmetic(encounter, fact.act)]


def by_standing(
    encounter: Encounter, kind: Kind[P], decide: Decide[P], *, payer: str = "commercial"
) -> Iterator[Finding]:
    """What ``decide`` says of the acts done; of every other act only the codes it would have had, as refusals."""
    proposed: set[str] = set()
    facts = done(encounter, kind)
    noticed = {fact.target.id for fact in facts if fact.act.abn and fact.act.abn.value == "required"}
    for finding in decide(facts):
        if isinstance(finding, LineDraft):
            proposed.add(finding.code)
            if payer == "medicare" and noticed & set(finding.targets):
                finding.modifiers.append("GA")
                told = [fact.act.abn for fact in facts if fact.target.id in finding.targets]
                finding.because("HC-15", "advance notice signed: GA", *spans(*told))
        yield finding
    for fact in of_kind(encounter, kind):
        cosmetic = is_cosmetic(encounter, fact.act)
        if fact.act.status == "performed" and not cosmetic:
            continue
        tempting = [finding for finding in decide([fact]) if isinstance(finding, LineDraft | Refusal)]
        if cosmetic and fact.act.status == "performed" and payer == "medicare" and said(fact.act.claim_requested):
            yield from _for_denial((line for line in tempting if isinstance(line, LineDraft)), fact.act)
            continue
        for found in tempting:
            if found.code not in proposed and (isinstance(found, LineDraft) or fact.act.status == "performed"):
                proposed.add(found.code)
                yield _not_on_claim(found.code, fact.act)


def _not_on_claim(code: str, act: Act) -> Refusal:
    if act.status == "performed":
        spans = act.cosmetic.evidence if act.cosmetic else ()
        return Refusal(code, FOR_APPEARANCE, "CO-01", merged(act.evidence, spans))
    return Refusal(code, WHY_NOT[act.status], "0.4", act.evidence)


def _for_denial(lines: Iterable[LineDraft], act: Act) -> Iterator[LineDraft]:
    """CO-01: an excluded service billed on request, GY, with GX when a voluntary notice was signed."""
    for line in lines:
        if act.abn and act.abn.value == "voluntary":
            line.modifiers.append("GX")
        line.modifiers.append("GY")
        line.codes10 = ["Z41.1"]
        words = merged(act.evidence, spans(act.claim_requested, act.cosmetic, act.abn, act.notice))
        yield line.because("CO-01", "excluded service, billed because the patient asks for it", *words)


def said(value: Stated[bool] | None) -> bool:
    """Stated true; silence and a stated no are both false."""
    return value is not None and value.value


def denied(value: Stated[bool] | None) -> bool:
    """Stated false; silence is not."""
    return value is not None and not value.value


def diagnoses_of(facts: Iterable[Fact]) -> list[Diagnosis]:
    """The diagnoses of the facts' targets, each condition at each site once."""
    seen: dict[tuple[object, ...], Diagnosis] = {}
    for fact in facts:
        for diagnosis in fact.target.diagnoses:
            where = diagnosis.site or fact.target.site
            key = (diagnosis.term, diagnosis.certainty, where.key if where else None, where.side if where else None)
            seen.setdefault(key, diagnosis)
    return list(seen.values())


def line_for(
    code: str, facts: Sequence[Fact], *, units: int = 1, sampled: bool = False, primary: int | None = None
) -> LineDraft:
    """A line for what was done to the targets of the facts; its evidence starts with the acts and their sites."""
    targets = {fact.target.id: fact.target for fact in facts}
    sites: list[Site] = []
    for target in targets.values():
        sites += [site for site in (target.site, *target.more_sites) if site is not None]
    line = LineDraft(
        code,
        units=units,
        targets=tuple(targets),
        sites=tuple(sites),
        lesions=tuple(targets.values()),
        diagnoses=diagnoses_of(facts),
        nouns=tuple(dict.fromkeys(target.noun for target in targets.values() if target.noun)),
        sampled=sampled,
        primary=primary,
    )
    line.evidence.extend(merged(*(fact.act.evidence for fact in facts), *(site.evidence for site in sites)))
    line.course.extend(merged(*(fact.act.course for fact in facts)))
    return line


def spans(*values: Stated[Any] | None) -> tuple[Evidence, ...]:
    """The evidence of the values that are stated."""
    return merged(*(value.evidence for value in values if value is not None))


def act_spans(facts: Iterable[Fact]) -> tuple[Evidence, ...]:
    """The evidence of the acts."""
    return merged(*(fact.act.evidence for fact in facts))


def about(what: str, target: Target) -> str:
    """How a gap names its subject: the act and where, in the note's own label when it has one."""
    label = f" {target.label}" if target.label else ""
    if target.site is None:
        return f"{what}{label}"
    side = f"{target.site.side} " if target.site.side else ""
    return f"{what}{label}, {side}{target.site.key.replace('_', ' ')}"


NO_DESCRIPTION = frozenset({"lesion", "area", "wound", "spot"})
"""What a note calls a lesion without saying anything of it."""


NOTHING_NAMED = "skin_lesion_not_otherwise_specified"


def only_mentioned(fact: Fact) -> bool:
    """Nothing of its own is told: no place, no lesion, no size. A word for an act is not yet the record of one (HC-18)."""
    target = fact.target
    return target.site is None and not target.diagnoses and target.noun is None and target.diameter is None


def names_a_condition(encounter: Encounter) -> bool:
    """The note names a lesion or a condition somewhere: beside another act, or as a problem of the visit."""
    problems = encounter.visit.problems if encounter.visit is not None else ()
    return any(_described(fact.target) for fact in encounter.procedures) or any(
        problem.diagnoses or problem.nouns for problem in problems
    )


def _described(target: Target) -> bool:
    """More is said of the lesion than that there is one."""
    named = any(diagnosis.term != NOTHING_NAMED for diagnosis in target.diagnoses)
    if named or target.diameter is not None or target.symptoms:
        return True
    return target.noun is not None and target.noun not in NO_DESCRIPTION


def side_modifiers(codebook: Codebook, code: str, side: str | None) -> list[str]:
    """50, LT or RT where the fee schedule's bilateral indicator is 1, else nothing (HC-4)."""
    if codebook.bilateral(code) != "1" or side not in {"left", "right", "bilateral"}:
        return []
    return {"left": ["LT"], "right": ["RT"], "bilateral": ["50"]}[side]


def digit_modifier(digit: Digit | None) -> list[str]:
    """NL-03: FA to F9 for fingers, TA to T9 for toes; nothing without the side."""
    if digit is None or digit.side is None:
        return []
    place = digit.number - 1 + (5 if digit.side == "right" else 0)
    letter = "F" if digit.limb == "hand" else "T"
    return [f"{letter}A" if place == 0 else f"{letter}{place}"]


def eyelid_modifier(site: Site | None) -> list[str]:
    """E1 upper left, E2 lower left, E3 upper right, E4 lower right (HC-4)."""
    if site is None:
        return []
    known = {("left", "upper"): "E1", ("left", "lower"): "E2", ("right", "upper"): "E3", ("right", "lower"): "E4"}
    found = known.get((site.side or "", site.part or ""))
    return [found] if found else []


def natures(codebook: Codebook, target: Target) -> set[str]:
    """Nature of each condition the note establishes for a target: malignant, premalignant, wart, scar ..."""
    found = set()
    for diagnosis in target.diagnoses:
        row = codebook.term(diagnosis.term) if diagnosis.certainty in {"stated", "pathology"} else None
        if row is not None:
            found.add(row["nature"])
    return found


def icd10_starts(codebook: Codebook, target: Target, *starts: str) -> bool:
    """A condition the note establishes for a target has a code (or a family) beginning so."""
    for diagnosis in target.diagnoses:
        row = codebook.term(diagnosis.term) if diagnosis.certainty in {"stated", "pathology"} else None
        if row is not None and row["code_or_family"].lstrip("@").startswith(starts):
            return True
    return False


def numbered(findings: Iterable[Finding]) -> Iterator[Finding]:
    """An add-on is built pointing so many lines back (-1: the line before it); here it gets its primary's position."""
    position = 0
    for finding in findings:
        if isinstance(finding, LineDraft):
            if finding.primary is not None and finding.primary < 0:
                finding.primary += position
            position += 1
        yield finding
