"""Opening, emptying and taking out: abscesses, cysts, hematomas, comedones, foreign bodies.

A coder looks for the incision. With a needle alone it is an aspiration, squeezed out it is part of the visit (ID-01).
All abscesses and inflamed cysts drained that day are one code: the complicated one when several were drained or when
loculations were broken, a drain was left or several cuts were made; packing alone does not make it so (ID-02). A cyst
that was drained and then taken out with its wall is only excised (CY-03).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.evidence import Evidence, merged
from notecoder.facts import AcneSurgery, Aspiration, Encounter, Excision, ForeignBodyRemoval, IncisionDrainage
from notecoder.rules.acts import about, act_spans, by_standing, denied, done, line_for, said, spans
from notecoder.rules.complications import Included, included_in_surgery
from notecoder.rules.draft import Finding, GapDraft, Refusal
from notecoder.rules.ladder import Row, code_of

NAILS = {"fingernail", "toenail"}


def propose(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Finding]:
    """Drafts for incision and drainage, aspiration, acne surgery and foreign bodies of this encounter."""
    rows = codebook.table("drainage")
    payer = context.payer
    excised = {item.target.id for item in done(encounter, Excision) if item.structure in {"skin", "cyst", "pilonidal"}}

    included = included_in_surgery(encounter, context, codebook)

    def drained(facts: Sequence[IncisionDrainage]) -> Iterator[Finding]:
        return _drainages(facts, rows, excised, included)

    yield from chain(
        by_standing(encounter, IncisionDrainage, drained, payer=payer),
        by_standing(encounter, Aspiration, lambda facts: _aspirations(facts, rows, included), payer=payer),
        by_standing(encounter, AcneSurgery, lambda facts: _acne(facts, rows), payer=payer),
        by_standing(encounter, ForeignBodyRemoval, lambda facts: _foreign_bodies(facts, rows), payer=payer),
    )


def _drainages(
    facts: Sequence[IncisionDrainage], rows: Sequence[Row], excised: set[str], included: Included
) -> Iterator[Finding]:
    abscesses: list[IncisionDrainage] = []
    for fact in facts:
        if denied(fact.incised):
            why = "no incision is described: expression belongs to the visit, a needle is an aspiration"
            cited = merged(fact.act.evidence, spans(fact.incised))
            yield Refusal(code_of(rows, "abscess", "simple"), why, "ID-01", cited)
        elif fact.target.id in excised:
            why = "the same cyst was excised: only the excision"
            yield Refusal(code_of(rows, "abscess", "simple"), why, "CY-03", fact.act.evidence)
        elif fact.of == "hematoma" and fact.target.site and fact.target.site.key in NAILS:
            why = "blood under a nail is evacuated through the plate"
            yield Refusal(code_of(rows, "hematoma"), why, "ID-05", fact.act.evidence)
        elif fact.of in {"hematoma", "wound_infection"} and included(fact.target):
            yield Refusal(code_of(rows, fact.of), included(fact.target), "ID-04", fact.act.evidence)
        elif fact.of in {"hematoma", "wound_infection"}:
            line = line_for(code_of(rows, fact.of), [fact])
            yield line.because("8.1", f"{fact.of.replace('_', ' ')} opened and drained", *spans(fact.incised))
        elif fact.of == "pilonidal":
            yield from _pilonidal(fact, rows)
        else:
            abscesses.append(fact)
    if abscesses:
        yield from _abscesses(abscesses, rows)


def _abscesses(facts: Sequence[IncisionDrainage], rows: Sequence[Row]) -> Iterator[Finding]:
    """ID-02: one code for all of the day."""
    number = sum(fact.count.value if fact.count else 1 for fact in facts)
    reason, evidence = _complicated(facts, number)
    simple, complicated = code_of(rows, "abscess", "simple"), code_of(rows, "abscess", "complicated")
    if reason:
        yield line_for(complicated, facts).because("ID-02", reason, *evidence)
        return
    yield line_for(simple, facts).because("ID-02", "one abscess or cyst drained, nothing makes it complicated")
    packed = [fact for fact in facts if said(fact.packed)]
    if packed:
        spans_of = merged(*(spans(fact.packed) for fact in packed))
        yield Refusal(complicated, "one drained and packed: packing alone is not complicated", "ID-02", spans_of)


def _complicated(facts: Sequence[IncisionDrainage], number: int) -> tuple[str, tuple[Evidence, ...]]:
    """Why a drainage is the complicated one; empty when it is not."""
    if number > 1:
        counts = spans(*(fact.count for fact in facts))
        return f"{number} drained: the code for several, once", counts or act_spans(facts)
    fact = facts[0]
    if denied(fact.complicated):
        return "", ()
    for words, value in (
        ("the note calls it complicated", fact.complicated),
        ("loculations were broken", fact.loculations),
        ("a drain was left", fact.drain),
        ("several incisions were made", fact.multiple_incisions),
    ):
        if said(value):
            return words, spans(value)
    return "", ()


def _pilonidal(fact: IncisionDrainage, rows: Sequence[Row]) -> Iterator[Finding]:
    reason, evidence = _complicated([fact], 1)
    code = code_of(rows, "pilonidal", "complicated" if reason else "simple")
    yield line_for(code, [fact]).because("8.1", f"pilonidal cyst drained{': ' if reason else ''}{reason}", *evidence)


def _aspirations(facts: Sequence[Aspiration], rows: Sequence[Row], included: Included) -> Iterator[Finding]:
    for fact in facts:
        if fact.of in {"hematoma", "seroma"} and included(fact.target):
            yield Refusal(code_of(rows, "aspiration"), included(fact.target), "ID-04", fact.act.evidence)
            continue
        yield line_for(code_of(rows, "aspiration"), [fact]).because("ID-01", f"{fact.of} emptied through a needle")


def _acne(facts: Sequence[AcneSurgery], rows: Sequence[Row]) -> Iterator[Finding]:
    """CY-05: one unit a session, whatever the number."""
    if facts:
        counts = spans(*(fact.count for fact in facts))
        yield line_for(code_of(rows, "acne_surgery"), facts).because(
            "CY-05", "comedones or milia opened, once", *counts
        )


def _foreign_bodies(facts: Sequence[ForeignBodyRemoval], rows: Sequence[Row]) -> Iterator[Finding]:
    for fact in facts:
        simple, complicated = code_of(rows, "foreign_body", "simple"), code_of(rows, "foreign_body", "complicated")
        if not said(fact.incised):
            why = "removed without an incision: part of the visit" if fact.incised else "no incision is described"
            yield Refusal(simple, why, "ID-05", merged(fact.act.evidence, spans(fact.incised)))
            if fact.incised is None:
                yield GapDraft("procedure.technique", "major", about("foreign body", fact.target), fact.act.evidence)
            continue
        code = complicated if said(fact.complicated) else simple
        evidence = spans(fact.incised, fact.complicated)
        yield line_for(code, [fact]).because("8.1", "foreign body removed through an incision", *evidence)
