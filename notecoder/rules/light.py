"""Treatment with light: photodynamic therapy, ultraviolet light, excimer laser.

For photodynamic therapy a coder asks who put the drug on and who lit it. Staff: one code. The clinician both times:
another, and a third when thick lesions were first debrided; these two are for premalignant lesions (PD-01). One code a
day, plus the drug. Ultraviolet light goes by what was added to it, one code a day (10.2). The excimer laser codes are
for psoriasis, by area; other diseases and other lamps have no code of their own (PH-01).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.evidence import merged
from notecoder.facts import Encounter, Photodynamic, Phototherapy
from notecoder.rules.acts import about, act_spans, by_standing, icd10_starts, line_for, natures, said, spans
from notecoder.rules.draft import Concern, Finding, GapDraft, Refusal
from notecoder.rules.drugs import Given, drug_lines
from notecoder.rules.ladder import Row, climb, code_of, lowest, rows_for, to_tenth

MALIGNANT = {"malignant", "in_situ", "lymphoma"}
STRONGEST_FIRST = ("prolonged", "puva", "uvb_tar", "uvb_petrolatum", "uvb", "uva")


def propose(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Finding]:
    """Drafts for light treatments at this encounter."""
    rows = codebook.table("light")
    payer = context.payer
    yield from chain(
        by_standing(encounter, Photodynamic, lambda facts: _photodynamic(facts, rows, codebook), payer=payer),
        by_standing(encounter, Phototherapy, lambda facts: _phototherapy(facts, rows, codebook), payer=payer),
    )


def _photodynamic(facts: Sequence[Photodynamic], rows: Sequence[Row], codebook: Codebook) -> Iterator[Finding]:
    if not facts:
        return
    daylight = [fact for fact in facts if said(fact.daylight)]
    lit = [fact for fact in facts if fact not in daylight]
    if lit:
        yield from _lit(lit, rows, codebook)
    elif daylight:
        why = "lit by daylight, not by the practice's lamp"
        cited = merged(act_spans(daylight), *(spans(fact.daylight) for fact in daylight))
        yield Refusal(code_of(rows, "photodynamic", "staff"), why, "PD-02", cited)
        yield Concern("review", "daylight photodynamic therapy: payers differ")
    yield from drug_lines([Given(fact, fact.drug, "photodynamic therapy") for fact in facts], codebook)


def _lit(facts: Sequence[Photodynamic], rows: Sequence[Row], codebook: Codebook) -> Iterator[Finding]:
    """PD-01: the code of the day."""
    hands = [value for fact in facts for value in (fact.applied_by, fact.lit_by)]
    by_clinician = all(value is not None and value.value == "clinician" for value in hands)
    cancer = any(natures(codebook, fact.target) & MALIGNANT for fact in facts)
    debrided = any(said(fact.debrided) for fact in facts)
    if by_clinician and not cancer:
        who = "debrided" if debrided else "clinician"
        says = "drug applied and lit by the clinician" + (" after debridement" if debrided else "")
    else:
        who = "staff"
        says = "a malignant lesion: the general code" if by_clinician else "not all of it done by the clinician"
    evidence = merged(spans(*hands), spans(*(fact.debrided for fact in facts)))
    yield line_for(code_of(rows, "photodynamic", who), facts).because("PD-01", says, *evidence)
    if not by_clinician and None in hands and not any(value and value.value == "staff" for value in hands):
        yield GapDraft("procedure.method", "major", about("photodynamic therapy", facts[0].target), act_spans(facts))


def _phototherapy(facts: Sequence[Phototherapy], rows: Sequence[Row], codebook: Codebook) -> Iterator[Finding]:
    excimer = [fact for fact in facts if fact.modality.startswith("excimer")]
    for modality in STRONGEST_FIRST:
        chosen = [fact for fact in facts if fact.modality == modality]
        if chosen:
            line = line_for(code_of(rows, "phototherapy", modality), chosen)
            yield line.because("10.2", f"{modality.replace('_', ' with ')}, once a day")
            break
    psoriasis = [f for f in excimer if f.modality == "excimer_laser" and icd10_starts(codebook, f.target, "L40")]
    others = [fact for fact in excimer if fact not in psoriasis]
    if psoriasis:
        yield from _excimer(psoriasis, rows)
    if others:
        line = line_for(code_of(rows, "excimer_other"), others)
        yield line.because("PH-01", "not an excimer laser for psoriasis: no code of its own")
        yield Refusal(rows_for(rows, "excimer")[0]["code"], "only for psoriasis, by laser", "PH-01", act_spans(others))
        yield Concern("review", "a service without a code of its own needs the payer's word")


def _excimer(facts: Sequence[Phototherapy], rows: Sequence[Row]) -> Iterator[Finding]:
    """The day's area together."""
    ladder = rows_for(rows, "excimer")
    areas = [fact.area for fact in facts if fact.area is not None]
    total = sum((area.value for area in areas), Decimal(0))
    rung = next(climb(ladder, total)) if areas else lowest(ladder)
    says = f"{to_tenth(total)} sq cm treated" if areas else "no area stated: the smallest code"
    yield line_for(rung.code, facts).because("10.2", says, *spans(*areas))
    if len(areas) < len(facts):
        yield GapDraft("lesion.size", "major", about("excimer laser", facts[0].target), act_spans(facts))
