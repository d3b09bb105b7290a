"""Wound care: debridement, reopened wounds, granulation tissue, stitches taken out.

A coder asks for the deepest tissue that was removed and adds up the surface of the wounds of that depth (10.6); a wound
that is made or closed today is not debrided besides. A dehiscence that is closed again or packed has its own codes
(4.4). Taking out stitches is a small add-on to a visit, and only when somebody else, or a procedure without a
postoperative period, put them in (10.7).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import chain

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.facts import (
    Diagnosis,
    Encounter,
    Excision,
    Flap,
    Graft,
    Mohs,
    Repair,
    SkinSubstitute,
    SutureRemoval,
    WoundDebridement,
)
from notecoder.rules.acts import about, act_spans, by_standing, denied, done, line_for, numbered, said, spans
from notecoder.rules.complications import Included, included_in_surgery
from notecoder.rules.draft import Finding, GapDraft, Refusal
from notecoder.rules.ladder import Row, climb, code_of, lowest, rows_for, to_tenth

DEPTHS = ("selective", "subcutaneous", "muscle", "bone")


def propose(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Finding]:
    """Drafts for wound care at this encounter."""
    rows = codebook.table("wound")
    payer = context.payer
    surgery = (Excision, Mohs, Flap, Graft, SkinSubstitute)
    closed: set[str] = {item.target.id for kind in surgery for item in done(encounter, kind)}
    closed |= {item.target.id for item in done(encounter, Repair)}
    included = included_in_surgery(encounter, context, codebook)
    yield from numbered(
        chain(
            by_standing(encounter, WoundDebridement, lambda facts: _debridements(facts, rows, closed), payer=payer),
            by_standing(encounter, Repair, lambda facts: _dehiscences(facts, rows, included), payer=payer),
            by_standing(
                encounter, SutureRemoval, lambda facts: _stitches(facts, rows, encounter, context), payer=payer
            ),
        )
    )


def _debridements(facts: Sequence[WoundDebridement], rows: Sequence[Row], closed: set[str]) -> Iterator[Finding]:
    by_depth: dict[str, list[WoundDebridement]] = {}
    for fact in facts:
        depth: str = fact.depth.value if fact.depth else "selective"
        if fact.target.id in closed:
            why = "the wound was made or closed today: its debridement is included"
            yield Refusal(rows_for(rows, depth)[0]["code"], why, "10.6", fact.act.evidence)
            continue
        if fact.depth is None:
            yield GapDraft("procedure.depth", "major", about("debridement", fact.target), fact.act.evidence)
        by_depth.setdefault(depth, []).append(fact)
    for depth in (*DEPTHS, "eczematous"):
        if depth in by_depth:
            yield from _one_depth(depth, by_depth[depth], rows)


def _one_depth(depth: str, facts: Sequence[WoundDebridement], rows: Sequence[Row]) -> Iterator[Finding]:
    """The surface of all wounds of one depth together."""
    ladder = rows_for(rows, depth)
    areas = [fact.area for fact in facts if fact.area is not None]
    total = sum((area.value for area in areas), Decimal(0))
    rungs = list(climb(ladder, total)) if areas and depth != "eczematous" else [lowest(ladder)]
    says = f"deepest tissue removed: {depth}" + (f", {to_tenth(total)} sq cm" if areas else "")
    evidence = spans(*(fact.depth for fact in facts), *areas)
    for rung in rungs:
        line = line_for(rung.code, facts, units=rung.units, primary=-1 if rung.addon else None)
        yield line.because("10.6", says, *evidence)
    if len(areas) < len(facts) and depth != "eczematous":
        yield GapDraft("lesion.size", "major", about("debridement", facts[0].target), act_spans(facts))


def _dehiscences(facts: Sequence[Repair], rows: Sequence[Row], included: Included) -> Iterator[Finding]:
    """4.4: a wound that came apart, closed again or packed; every other repair is the repair family's."""
    for fact in facts:
        if fact.wound_of != "dehiscence":
            continue
        how = fact.secondary_closure.value if fact.secondary_closure else "simple"
        if included(fact.target):
            yield Refusal(code_of(rows, "dehiscence", how), included(fact.target), "4.4", fact.act.evidence)
            continue
        line = line_for(code_of(rows, "dehiscence", how), [fact])
        yield line.because("4.4", f"reopened wound: {how}", *spans(fact.secondary_closure))
        if fact.secondary_closure is None:
            yield GapDraft("closure.type", "major", about("reopened wound", fact.target), fact.act.evidence)


def _stitches(
    facts: Sequence[SutureRemoval], rows: Sequence[Row], encounter: Encounter, context: EncounterContext
) -> Iterator[Finding]:
    """10.7: at most once a day, beside a visit."""
    if not facts:
        return
    code = code_of(rows, "suture_removal", _material(facts))
    refused = _included(facts, encounter, context)
    if refused:
        yield Refusal(code, refused, "10.7", act_spans(facts))
        return
    evidence = spans(*(item.placed_elsewhere for item in facts))
    says = "put in outside any postoperative period of this practice"
    line = line_for(code, facts)
    if not any(item.certainty in ("stated", "pathology") for fact in facts for item in fact.target.diagnoses):
        line.lesions, line.diagnoses = (), [Diagnosis(term="suture_removal", evidence=facts[0].act.evidence[:1])]
    yield line.because("10.7", says, *evidence)


def _material(facts: Sequence[SutureRemoval]) -> str:
    kinds = {fact.material for fact in facts}
    return "both" if len(kinds) > 1 or "both" in kinds else facts[0].material


def _included(facts: Sequence[SutureRemoval], encounter: Encounter, context: EncounterContext) -> str:
    """Why the removal has no line; empty when it has one."""
    if encounter.visit is None:
        return "only beside a visit, and there is none"
    if any(said(fact.placed_elsewhere) for fact in facts):
        return ""
    if any(denied(fact.placed_elsewhere) for fact in facts) and not context.prior_procedures:
        return "put in by this practice: part of that procedure"
    running = [
        prior
        for prior in context.prior_procedures
        if prior.same_provider and context.date_of_service <= prior.date + timedelta(days=prior.global_days)
    ]
    if any(prior.global_days for prior in running):
        return "inside the postoperative period of the procedure that needed them"
    if any(prior.same_provider and prior.global_days == 0 for prior in context.prior_procedures):
        return ""
    return "the note does not say that somebody else put them in: part of that procedure"
