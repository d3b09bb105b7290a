"""Pathology of the billing group: levels, stains, frozen sections.

A coder bills pathology only for work that the note shows this practice did (HC-7, PA-04): slides made and read here,
the whole code; read here but made elsewhere, 26; made here but read elsewhere, TC; a jar sent away, nothing. The level
goes by what the tissue is, not by what was found in it (PA-02); stains are counted for each specimen and stain, never
for blocks (PA-03). Tissue of Mohs surgery is never looked at twice (MO-12).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from notecoder.codebook import FACILITY, Codebook
from notecoder.context import EncounterContext
from notecoder.evidence import Evidence, Stated, merged
from notecoder.facts import Encounter, Mohs, Pathology, PathologySpecimen, Target
from notecoder.rules.acts import Fact, about, by_standing, done, line_for, said, spans
from notecoder.rules.draft import Finding, GapDraft, LineDraft, Refusal
from notecoder.rules.ladder import Row, climb, code_of, rows_for

COUNTED = ("organism_stains", "other_stains", "antibodies", "immunofluorescence", "frozen_blocks")


@dataclass(frozen=True, slots=True)
class Part:
    """A specimen, the report it is in, and the lesion it came from."""

    report: Pathology
    specimen: PathologySpecimen
    target: Target


def propose(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Finding]:
    """Drafts for the group's own pathology on tissue of this encounter."""
    rows = codebook.table("pathology")
    lesions = {item.target.id: item.target for item in encounter.procedures if not isinstance(item, Pathology)}
    mohs = {item.target.id for item in done(encounter, Mohs)}

    def decide(reports: Sequence[Pathology]) -> Iterator[Finding]:
        for report in reports:
            parts = [_part(report, specimen, lesions) for specimen in report.specimens]
            yield from _report(report, parts, rows, mohs, context)

    yield from by_standing(encounter, Pathology, decide, payer=context.payer)


def _part(report: Pathology, specimen: PathologySpecimen, lesions: dict[str, Target]) -> Part:
    target = lesions.get(specimen.target or "", report.target)
    if target is report.target and specimen.diagnoses:
        target = target.model_copy(
            update={
                "id": f"{target.id}-{specimen.label}",
                "diagnoses": specimen.diagnoses,
                "site": specimen.site or target.site,
            }
        )
    return Part(report, specimen, target)


def _report(
    report: Pathology, parts: Sequence[Part], rows: Sequence[Row], mohs: set[str], context: EncounterContext
) -> Iterator[Finding]:
    modifiers, refused, evidence = whose_work(report.prepared, report.read, context)
    own = [part for part in parts if part.target.id not in mohs]
    for part in parts:
        if part not in own:
            why = "tissue of the Mohs surgery: its pathology is included"
            cited = part.specimen.evidence or report.act.evidence
            yield Refusal(_level(part.specimen, rows) or code_of(rows, "level", "skin"), why, "MO-12", cited)
    if refused:
        levels = dict.fromkeys(_level(part.specimen, rows) for part in own)
        for code in [level for level in levels if level] or [code_of(rows, "level", "skin")]:
            yield Refusal(code, refused, "PA-04", merged(report.act.evidence, evidence))
        return
    if not parts:
        yield GapDraft("specimen.count", "minor", about("pathology", report.target), report.act.evidence)
    for line in _lines(own, rows):
        line.modifiers += modifiers
        yield line.because("PA-04", _whose_words(modifiers), *evidence)


def whose_work(
    prepared: Stated[bool] | None, read: Stated[bool] | None, context: EncounterContext
) -> tuple[list[str], str, tuple[Evidence, ...]]:
    """Modifiers for the part of the work this group did, or why there is no line, and the words that show it (PA-04).

    The note has to show one half of the work; the other half, when it is silent, is the group's own only where the
    encounter says that it makes and reads its slides (HC-7). A hospital owns the technical half of its own laboratory.
    """
    evidence = spans(prepared, read)
    if not said(prepared) and not said(read):
        return [], "the note does not show that this practice made or read the slides", evidence
    group = bool(context.provider_is_pathologist)
    made = prepared.value if prepared is not None else group
    interpreted = read.value if read is not None else group
    if context.place_of_service in FACILITY - {"02"}:
        made = False
    if made and interpreted:
        return [], "", evidence
    if interpreted:
        return ["26"], "", evidence
    if made:
        return ["TC"], "", evidence
    return [], "the technical work belongs to the hospital, the reading to somebody else", evidence


def _whose_words(modifiers: Sequence[str]) -> str:
    if not modifiers:
        return "slides made and read by this practice"
    return "slides read here, made elsewhere" if modifiers == ["26"] else "slides made here, read elsewhere"


def _level(specimen: PathologySpecimen, rows: Sequence[Row]) -> str:
    """Level code of a specimen; empty when it had no routine examination (immunofluorescence, frozen only)."""
    if not specimen.routine or specimen.immunofluorescence:
        return ""
    return code_of(rows, "level", specimen.tissue)


def _lines(parts: Sequence[Part], rows: Sequence[Row]) -> Iterator[LineDraft]:
    """Levels first, then what was done besides on the specimens."""
    levels: dict[str, list[Part]] = {}
    for part in parts:
        code = _level(part.specimen, rows)
        if code:
            levels.setdefault(code, []).append(part)
    for code in sorted(levels):
        number = len(levels[code])
        yield _line(code, levels[code], number).because("PA-01", f"{number} of this level, one a specimen")
    decalcified = [part for part in parts if part.specimen.decalcified]
    if decalcified:
        yield _line(code_of(rows, "decalcified"), decalcified, len(decalcified)).because("PA-01", "decalcified")
    for what in COUNTED:
        yield from _stains(what, [part for part in parts if getattr(part.specimen, what)], rows)


def _stains(what: str, parts: Sequence[Part], rows: Sequence[Row]) -> Iterator[LineDraft]:
    """PA-03: for each specimen, the first and the further ones."""
    units: dict[str, int] = {}
    holders: dict[str, list[Part]] = {}
    for part in parts:
        for rung in climb(rows_for(rows, what), Decimal(getattr(part.specimen, what))):
            units[rung.code] = units.get(rung.code, 0) + rung.units
            holders.setdefault(rung.code, []).append(part)
    for code, number in units.items():
        yield _line(code, holders[code], number).because("PA-03", f"{what.replace('_', ' ')}, for each specimen")


def _line(code: str, parts: Sequence[Part], units: int) -> LineDraft:
    facts: list[Fact] = [part.report.model_copy(update={"target": part.target}) for part in parts]
    line = line_for(code, facts, units=units, sampled=True)
    line.evidence = list(merged(*(part.specimen.evidence for part in parts), line.evidence))
    return line
