"""Repairs: the lengths of all wounds of one class and one site group, added up, one code.

A coder first asks whether the wound may have a repair at all: closing a biopsy, a shave, a destruction or a donor site
is part of that procedure, a flap or graft is the closure of its own defect, simple closure is part of every excision,
and the smallest benign excisions include any closure (4.3, EX-08, RP-13). What remains is graded by what was done
(``rules.closure``), grouped by the sites of that class, added up within class and group, never across (RP-03, HC-6).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.facts import (
    Aspiration,
    Biopsy,
    Destruction,
    Encounter,
    Excision,
    Flap,
    ForeignBodyRemoval,
    Graft,
    IncisionDrainage,
    Mohs,
    NailProcedure,
    Repair,
    Shave,
    SkinSubstitute,
    TagRemoval,
)
from notecoder.rules.acts import about, by_standing, denied, done, line_for, numbered, spans
from notecoder.rules.closure import Closure, grade
from notecoder.rules.draft import Finding, GapDraft, LineDraft, Refusal
from notecoder.rules.excision import SKIN, SMALLEST_BENIGN, code_at_wound
from notecoder.rules.ladder import Row, Rung, climb, lowest, rows_for, to_tenth
from notecoder.rules.place import group_at

SCHEME = {"simple": "rs2", "intermediate": "ri3", "complex": "rc4"}
ORDER = ("complex", "intermediate", "simple")
INCLUDED_IN = {
    "biopsy": "closure of a biopsy site is part of the biopsy",
    "shave": "a shave removal includes whatever closes it",
    "destruction": "a destruction includes whatever closes it",
    "flap_donor": "closing the donor site is part of the flap",
    "graft_donor": "closing the donor site is part of the graft",
}
CLOSED_WITHIN = (
    Biopsy, Shave, Destruction, TagRemoval, NailProcedure, IncisionDrainage, Aspiration, ForeignBodyRemoval,
)  # fmt: skip
NO_COMPLEX_UP_TO = Decimal("1.0")


@dataclass(frozen=True, slots=True)
class Wound:
    """One wound that may be reported, with its class."""

    repair: Repair
    closure: Closure
    grade: str


def propose(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Finding]:
    """Drafts for the wound closures of this encounter."""

    def decide(repairs: Sequence[Repair]) -> Iterator[Finding]:
        wounds = []
        for repair in repairs:
            if repair.wound_of == "dehiscence" or repair.through is not None:
                continue
            closure = grade(repair)
            why = _included(repair, closure, encounter, codebook)
            if why is None:
                wounds.append(Wound(repair, closure, _payable_class(closure, context)))
            else:
                yield from _refuse(repair, closure, why, codebook)
        yield from numbered(_aggregate(wounds, codebook))

    yield from by_standing(encounter, Repair, decide, payer=context.payer)


def _payable_class(closure: Closure, context: EncounterContext) -> str:
    """Adhesive alone has its own code for Medicare and is a simple repair elsewhere (4.2, HC-2)."""
    if closure.grade == "adhesive":
        return "adhesive" if context.payer == "medicare" else "simple"
    return closure.grade


def _included(repair: Repair, closure: Closure, encounter: Encounter, codebook: Codebook) -> tuple[str, str] | None:
    """Rule and reason why this closure is no line of its own; None when it may be one (4.3)."""
    wound = repair.target.id
    if closure.grade == "none":
        return "4.2", closure.says
    if repair.wound_of in INCLUDED_IN:
        return "RP-13", INCLUDED_IN[repair.wound_of]
    covered: list[Flap | Graft] = [fact for fact in done(encounter, Flap) if not denied(fact.incised)]
    covered += done(encounter, Graft)
    if any(fact.target.id == wound for fact in covered):
        return "4.3", "a flap or graft closes this wound"
    if any(fact.target.id == wound for fact in done(encounter, SkinSubstitute)):
        return "SS-01", "fixing the sheet that covers this wound is part of its application"
    if any(fact.target.id == wound for fact in done(encounter, Mohs)):
        return None
    for excision in done(encounter, Excision):
        if excision.target.id == wound and excision.structure not in SKIN:
            return "ST-03", "closure is part of this excision"
    code = code_at_wound(wound, encounter, codebook)
    if code is None and any(fact.target.id == wound for kind in CLOSED_WITHIN for fact in done(encounter, kind)):
        return "RP-13", "closure is part of what was done to this lesion"
    if code is None:
        return ("EX-07", "simple closure is part of the excision") if _simple_excision(repair, closure) else None
    if code in SMALLEST_BENIGN:
        return "EX-08", "a benign excision of 0.5 cm or less includes its closure"
    if closure.grade in {"simple", "adhesive"}:
        return "EX-07", "simple closure is part of the excision"
    return None


def _simple_excision(repair: Repair, closure: Closure) -> bool:
    return repair.wound_of == "excision" and closure.grade in {"simple", "adhesive"}


def _refuse(repair: Repair, closure: Closure, why: tuple[str, str], codebook: Codebook) -> Iterator[Finding]:
    what = closure.grade if closure.grade in SCHEME else "simple"
    rule, reason = why
    group, _ = group_at(repair.target, "repair", SCHEME[what], codebook)
    length = repair.length.value if repair.length else None
    for rung in _rungs(rows_for(codebook.table("repair"), what, group), length)[:1]:
        yield Refusal(rung.code, reason, rule, repair.act.evidence)
    if closure.unproven and rule not in {"RP-13", "4.3"}:
        yield GapDraft("closure.criteria", "major", about("closure", repair.target), closure.evidence)


def _rungs(ladder: Sequence[Row], length: Decimal | None) -> list[Rung]:
    return list(climb(ladder, length)) if length else [lowest(list(ladder))]


def _aggregate(wounds: Sequence[Wound], codebook: Codebook) -> Iterator[Finding]:
    """RP-03 class by class, the highest first: a complex sum too short for its code moves down (RP-02)."""
    rows = codebook.table("repair")
    pending = list(wounds)
    for what in ORDER:
        moved: list[Wound] = []
        for group, same in _by_group([wound for wound in pending if wound.grade == what], what, codebook):
            total = _total(same)
            if what == "complex" and total is not None and to_tenth(total) <= NO_COMPLEX_UP_TO:
                moved += [Wound(wound.repair, wound.closure, "intermediate") for wound in same]
                continue
            yield from _lines(same, rows_for(rows, what, group), total, what)
        pending = [wound for wound in pending if wound.grade != what] + moved
    for wound in pending:
        yield from _lines([wound], rows_for(rows, "adhesive", "medicare"), Decimal(1), "adhesive")
    yield from _questions(wounds, codebook)


def _by_group(wounds: Sequence[Wound], what: str, codebook: Codebook) -> Iterable[tuple[str, list[Wound]]]:
    groups: dict[str, list[Wound]] = {}
    for wound in wounds:
        group, _ = group_at(wound.repair.target, "repair", SCHEME[what], codebook)
        groups.setdefault(group, []).append(wound)
    return groups.items()


def _total(wounds: Sequence[Wound]) -> Decimal | None:
    lengths = [wound.repair.length.value for wound in wounds if wound.repair.length]
    return sum(lengths, Decimal(0)) if lengths else None


def _lines(wounds: Sequence[Wound], ladder: Sequence[Row], total: Decimal | None, what: str) -> Iterator[Finding]:
    repairs = [wound.repair for wound in wounds]
    for rung in _rungs(ladder, total):
        line = line_for(rung.code, repairs, units=rung.units, primary=-1 if rung.addon else None, sampled=True)
        for wound in wounds:
            rule = "RP-02" if wound.grade != wound.closure.grade and what == "intermediate" else wound.closure.rule
            line.because(rule, f"{what}: {wound.closure.says}", *wound.closure.evidence)
        yield _with_length(line, repairs, total, what)


def _with_length(line: LineDraft, repairs: Sequence[Repair], total: Decimal | None, what: str) -> LineDraft:
    if what == "adhesive":
        return line
    evidence = spans(*(repair.length for repair in repairs))
    if total is None:
        return line.because("RP-04", "no length of the sutured wound: the smallest code of class and group")
    if len(repairs) > 1:
        parts = " + ".join(str(repair.length.value) for repair in repairs if repair.length)
        return line.because("RP-03", f"lengths of one class and group: {parts} = {total} cm", *evidence)
    return line.because("RP-04", f"sutured wound {total} cm", *evidence)


def _questions(wounds: Sequence[Wound], codebook: Codebook) -> Iterator[Finding]:
    for wound in wounds:
        target = wound.repair.target
        if wound.repair.length is None and wound.grade != "adhesive":
            yield GapDraft("closure.length", "major", about("closure", target), wound.repair.act.evidence)
        if wound.closure.unproven:
            yield GapDraft("closure.criteria", "major", about("closure", target), wound.closure.evidence)
        if wound.grade in SCHEME:
            _, gaps = group_at(target, "closure", SCHEME[wound.grade], codebook)
            yield from gaps
