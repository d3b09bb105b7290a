"""Tumors of the soft tissue under the skin: lipomas and other masses.

A coder takes the region, then the depth (above the fascia or below it), then the size: the tumor's greatest diameter
with the margin it needed (ST-01). "Lipoma removed" without a depth is the smallest subcutaneous code of the region
and a question (ST-04). Simple and layered closure is inside (ST-03).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.evidence import Evidence
from notecoder.facts import Encounter, Excision
from notecoder.rules.acts import about, by_standing, digit_modifier, line_for, side_modifiers, spans
from notecoder.rules.draft import Finding, GapDraft
from notecoder.rules.ladder import Row, Rung, climb, lowest, rows_for, to_tenth
from notecoder.rules.place import group_at


def propose(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Finding]:
    """Drafts for soft-tissue tumors excised at this encounter."""
    rows = codebook.table("soft_tissue")
    yield from by_standing(encounter, Excision, lambda facts: _tumors(facts, rows, codebook), payer=context.payer)


def _tumors(excisions: Sequence[Excision], rows: Sequence[Row], codebook: Codebook) -> Iterator[Finding]:
    for excision in excisions:
        if excision.structure == "soft_tissue":
            yield from _tumor(excision, rows, codebook)


def _tumor(excision: Excision, rows: Sequence[Row], codebook: Codebook) -> Iterator[Finding]:
    target = excision.target
    region, gaps = group_at(target, "soft-tissue tumor", "soft_tissue", codebook)
    yield from gaps
    depth = excision.depth.value if excision.depth else "subcutaneous"
    ladder = rows_for(rows, depth, region)
    size, evidence = _size(excision)
    if excision.depth is None:
        yield GapDraft("procedure.depth", "major", about("soft-tissue tumor", target), excision.act.evidence)
    if size is None:
        yield GapDraft("lesion.size", "major", about("soft-tissue tumor", target), excision.act.evidence)
    rung = _rung(ladder, size if excision.depth is not None else None)
    line = line_for(rung.code, [excision], sampled=True)
    line.modifiers += _modifiers(excision, rung.code, codebook)
    if excision.depth is None:
        line.because("ST-04", "no depth stated: the smallest subcutaneous code of the region", *evidence)
    else:
        said = f"{to_tenth(size)} cm" if size is not None else "no size stated: the smallest code"
        line.because("ST-01", f"{depth} tumor, {said}", *spans(excision.depth), *evidence)
    yield line


def _rung(ladder: list[Row], size: Decimal | None) -> Rung:
    return next(climb(ladder, size)) if size else lowest(ladder)


def _size(excision: Excision) -> tuple[Decimal | None, tuple[Evidence, ...]]:
    """ST-01: the size with its margin when the note gives it, else greatest diameter plus the narrowest margin."""
    if excision.excised_diameter is not None:
        return excision.excised_diameter.value, spans(excision.excised_diameter)
    diameter, margin = excision.target.diameter, excision.margin
    if diameter is None:
        return None, ()
    return diameter.value + (margin.value if margin else Decimal(0)), spans(diameter, margin)


def _modifiers(excision: Excision, code: str, codebook: Codebook) -> list[str]:
    """HC-4: the digit on a finger or toe, else the side where the fee schedule has one."""
    site = excision.target.site
    if site is None:
        return []
    if site.digit is not None:
        return digit_modifier(site.digit)
    return side_modifiers(codebook, code, site.side)
