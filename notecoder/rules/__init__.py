"""From facts to the claim they support.

Families first, each with its own way of deciding; then edits, which look at all lines together; then order, questions
and disposition. Both tuples are explicit: what stands here is what happens, in this order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType

from notecoder.claim import Claim, CodedDiagnosis, Considered, Line, Step
from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.evidence import Evidence, merged
from notecoder.facts import Encounter
from notecoder.rules import (
    biopsy,
    cosmetic,
    destruction,
    drainage,
    excision,
    flap_graft,
    injection,
    laboratory,
    light,
    mohs,
    nail,
    necessity,
    pathology,
    repair,
    shave,
    site_procedures,
    skin_substitute,
    soft_tissue,
    tags,
    visit,
    wound,
)
from notecoder.rules.diagnoses import assign
from notecoder.rules.disposition import judge
from notecoder.rules.draft import Concern, LineDraft, Refusal
from notecoder.rules.edits import drop_bundled, orphans, separate_lesions
from notecoder.rules.gaps import collected, conflict_gaps
from notecoder.rules.global_period import post_operative
from notecoder.rules.limits import daily_limits
from notecoder.rules.refusals import reading_of_mohs_tissue, typed_codes
from notecoder.rules.sequence import in_order, limited_diagnoses, modifiers_in_order
from notecoder.rules.sheet import Change, Remove, Sheet
from notecoder.rules.visit_partner import lonely_visit

FAMILIES: tuple[ModuleType, ...] = (
    visit,
    mohs,
    flap_graft,
    skin_substitute,
    excision,
    soft_tissue,
    site_procedures,
    repair,
    shave,
    biopsy,
    destruction,
    tags,
    drainage,
    injection,
    nail,
    light,
    wound,
    cosmetic,
    pathology,
    laboratory,
    necessity,
)
"""Each has ``propose(encounter, context, codebook) -> Iterator[Finding]``."""

Edit = Callable[[Sheet, Encounter, EncounterContext, Codebook], Iterator[Change]]
"""Looks at the whole sheet and asks for changes."""


def no_encounter(sheet: Sheet, encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Change]:
    """A planning sheet or a handout has no lines, whatever it describes."""
    if encounter.setting is not None and encounter.setting.value == "none":
        for line in list(sheet.lines):
            yield Remove(line, "no patient was seen: the text is not the record of an encounter", "0.4")


EDITS: tuple[Edit, ...] = (
    no_encounter,
    drop_bundled,
    orphans,
    daily_limits,
    post_operative,
    separate_lesions,
    lonely_visit,
)
"""In this order: what goes, what is too much, then modifiers."""


def propose(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Claim:
    """The claim that the facts of an encounter support, with what was refused, what is missing, and why."""
    sheet = Sheet()
    for family in FAMILIES:
        sheet.take(family.propose(encounter, context, codebook))
    for edit in EDITS:
        for change in list(edit(sheet, encounter, context, codebook)):
            sheet.apply(change)
    for draft in conflict_gaps(encounter):
        sheet.note(draft)
    for line in sheet.lines:
        for finding in list(assign(line, encounter, codebook)):
            sheet.note(finding)
    _without_words(sheet)
    return _claim(sheet, encounter, context, codebook)


def _without_words(sheet: Sheet) -> None:
    """A line without evidence is a defect: it never leaves, and a person looks."""
    for line in [line for line in sheet.lines if not line.evidence]:
        sheet.apply(Remove(line, "no words of the note stand behind it", "0.4"))
        sheet.note(Concern("review", f"{line.code}: no words of the note stand behind it"))


def _claim(sheet: Sheet, encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Claim:
    ordered = in_order(sheet, codebook, context.place_of_service)
    pointers = limited_diagnoses(ordered)
    lines = tuple(_line(draft, pointers[id(draft)], codebook) for draft in ordered)
    for refusal in [*typed_codes(encounter, ordered, sheet.refusals, codebook)]:
        sheet.note(refusal)
    for refusal in reading_of_mohs_tissue(encounter, ordered):
        sheet.note(refusal)
    for code in _not_billable(lines, codebook):
        sheet.note(Concern("review", f"{code} is not a billable diagnosis on this date"))
    gaps = collected(sheet.gaps, encounter)
    disposition, reasons = judge(gaps, sheet.concerns, encounter, codebook.warning)
    warnings = [caution.text for caution in sheet.cautions] + ([codebook.warning] if codebook.warning else [])
    return Claim(
        disposition=disposition,
        reasons=reasons,
        lines=lines,
        considered=tuple(_considered(sheet.refusals, lines)),
        gaps=gaps,
        diagnoses=tuple(_diagnoses(ordered, lines)),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _line(draft: LineDraft, pointers: tuple[str, ...], codebook: Codebook) -> Line:
    evidence = merged(draft.evidence, draft.course)
    index = {(span.document, span.start, span.end): position for position, span in enumerate(evidence)}
    steps = (
        Step(rule=rule, says=says, evidence=tuple(index[span.document, span.start, span.end] for span in spans))
        for rule, says, spans in draft.steps
    )
    return Line(
        code=draft.code,
        system="CPT" if draft.code[0].isdigit() else "HCPCS",
        units=draft.units,
        modifiers=modifiers_in_order(draft.modifiers),
        diagnoses=pointers,
        label=codebook.label(draft.code),
        evidence=evidence,
        trace=tuple(steps),
    )


def _considered(refusals: list[Refusal], lines: tuple[Line, ...]) -> Iterator[Considered]:
    """Refused codes, each once, without those that another lesion brought onto the claim."""
    seen = {line.code for line in lines}
    for refusal in refusals:
        if refusal.code not in seen:
            seen.add(refusal.code)
            yield Considered(
                code=refusal.code, reason=refusal.reason, rule=refusal.rule, evidence=tuple(refusal.evidence)
            )


def _diagnoses(drafts: list[LineDraft], lines: tuple[Line, ...]) -> Iterator[CodedDiagnosis]:
    evidence: dict[str, tuple[Evidence, ...]] = {}
    for draft, line in zip(drafts, lines, strict=True):
        for code in line.diagnoses:
            shown = draft.evidence10.get(code) or tuple(draft.evidence[:1])
            evidence[code] = merged(evidence.get(code, ()), shown)
    for code, spans in evidence.items():
        yield CodedDiagnosis(code=code, evidence=spans)


def _not_billable(lines: tuple[Line, ...], codebook: Codebook) -> Iterator[str]:
    for code in dict.fromkeys(code for line in lines for code in line.diagnoses):
        if not codebook.icd10_valid(code):
            yield code


__all__ = ["EDITS", "FAMILIES", "propose"]
