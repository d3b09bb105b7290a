"""Wound preparation and skin substitutes.

A coder adds up the wounds of one site group and reports the application by the surface that was covered: under 100
square centimeters in steps of 25, from there in steps of 100 (SS-01). A powder, a gel or an injectable is no such
application (SS-02). The product has a line of its own, a unit a square centimeter applied (SS-03); what was cut off is
never billed for these products since 2026, so neither JW nor JZ goes on them (SS-04). Preparing a bed is for an open
wound, an eschar or a scar, never for the fresh defect of today's own surgery (5.3).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain

from notecoder.codebook import FACILITY, Codebook
from notecoder.context import EncounterContext
from notecoder.evidence import merged
from notecoder.facts import Encounter, Excision, Mohs, SkinSubstitute, WoundPreparation
from notecoder.rules.acts import about, act_spans, by_standing, denied, done, line_for, numbered, spans
from notecoder.rules.draft import Concern, Finding, GapDraft, Refusal
from notecoder.rules.ladder import Row, climb, lowest, rows_for, started, to_tenth
from notecoder.rules.place import group_at


def propose(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Finding]:
    """Drafts for graft beds and skin substitutes of this encounter."""
    rows = codebook.table("skin_substitute")
    payer = context.payer
    fresh: set[str] = {item.target.id for item in done(encounter, Excision)}
    fresh |= {item.target.id for item in done(encounter, Mohs)}
    yield from numbered(
        chain(
            by_standing(encounter, WoundPreparation, lambda facts: _beds(facts, rows, codebook, fresh), payer=payer),
            by_standing(
                encounter, SkinSubstitute, lambda facts: _applications(facts, rows, codebook, context), payer=payer
            ),
        )
    )


def _beds(
    facts: Sequence[WoundPreparation], rows: Sequence[Row], codebook: Codebook, fresh: set[str]
) -> Iterator[Finding]:
    kept = []
    for fact in facts:
        if fact.target.id in fresh:
            group, _ = group_at(fact.target, "wound preparation", "g2", codebook)
            code = rows_for(rows, "wound_preparation", group)[0]["code"]
            yield Refusal(
                code, "the fresh defect of today's own surgery is no bed to prepare", "5.3", fact.act.evidence
            )
        else:
            kept.append(fact)
    yield from _by_surface(kept, "wound_preparation", "5.3", rows, codebook)


def _applications(
    facts: Sequence[SkinSubstitute], rows: Sequence[Row], codebook: Codebook, context: EncounterContext
) -> Iterator[Finding]:
    fixed = [fact for fact in facts if not denied(fact.anchored)]
    for fact in facts:
        if fact not in fixed:
            group, _ = group_at(fact.target, "skin substitute", "g2", codebook)
            code = rows_for(rows, "skin_substitute", group)[0]["code"]
            cited = merged(fact.act.evidence, spans(fact.anchored))
            yield Refusal(code, "not a sheet fixed to the wound", "SS-02", cited)
    yield from _by_surface(fixed, "skin_substitute", "SS-01", rows, codebook)
    yield from _products(fixed, codebook, ours=context.place_of_service not in FACILITY)


def _by_surface(
    facts: Sequence[WoundPreparation | SkinSubstitute],
    what: str,
    rule: str,
    rows: Sequence[Row],
    codebook: Codebook,
) -> Iterator[Finding]:
    """The wounds of one site group together."""
    words = what.replace("_", " ")
    groups: dict[str, list[WoundPreparation | SkinSubstitute]] = {}
    for fact in facts:
        group, gaps = group_at(fact.target, words, "g2", codebook)
        yield from gaps
        groups.setdefault(group, []).append(fact)
    for group, together in groups.items():
        ladder = rows_for(rows, what, group)
        areas = [fact.area for fact in together if fact.area is not None]
        total = sum((area.value for area in areas), Decimal(0))
        says = f"{to_tenth(total)} sq cm together" if areas else "no area stated: the smallest code"
        for rung in list(climb(ladder, total)) if areas else [lowest(ladder)]:
            line = line_for(rung.code, together, units=rung.units, primary=-1 if rung.addon else None)
            yield line.because(rule, says, *spans(*areas))
        if len(areas) < len(together):
            missing = next(fact for fact in together if fact.area is None)
            yield GapDraft("graft.area", "major", about(words, missing.target), act_spans(together))


def _products(facts: Sequence[SkinSubstitute], codebook: Codebook, *, ours: bool) -> Iterator[Finding]:
    """SS-03, SS-04: units applied, nothing for what was discarded. An unnamed sheet of a hospital is its own affair."""
    table = codebook.table("hcpcs/skin_products")
    by_code: dict[str, list[SkinSubstitute]] = {}
    for fact in facts:
        if fact.product is None and not ours:
            continue
        if fact.product is None:
            yield GapDraft("drug.name", "major", about("skin substitute", fact.target), fact.act.evidence)
            continue
        row = _product_row(fact.product.value, table)
        if not row["product"]:
            yield Concern("review", "the skin substitute's own code is not known here")
        by_code.setdefault(row["code"], []).append(fact)
    for code, together in by_code.items():
        used = [fact.applied or fact.area for fact in together]
        applied = sum((amount.value for amount in used if amount is not None), Decimal(0))
        line = line_for(code, together, units=started(applied, Decimal(1)) if applied else 1)
        evidence = spans(*(fact.product for fact in together), *used)
        line.because("SS-03", f"{to_tenth(applied)} sq cm of product applied", *evidence)
        wasted = spans(*(fact.wasted for fact in together))
        if wasted:
            line.because("SS-04", "discarded product is not billed and takes no waste modifier", *wasted)
        yield line
        if any(fact.applied is None and fact.area is None for fact in together):
            yield GapDraft("drug.dose", "major", about("skin substitute", together[0].target), act_spans(together))


def _product_row(name: str, table: Sequence[Row]) -> Row:
    """The row of a product, the longest name that the note's word begins with; else the row for unlisted ones."""
    wanted = name.lower().strip()
    fitting = [row for row in table if row["product"] and wanted.startswith(row["product"])]
    return max(fitting, key=lambda row: len(row["product"]), default=next(row for row in table if not row["product"]))
