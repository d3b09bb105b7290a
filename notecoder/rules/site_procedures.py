"""Excisions that a named structure takes out of the skin codes: eyelid, lip, ear, mouth, digit, hidradenitis, cleft.

A coder asks what was cut besides skin: the lid margin, the full thickness of a lip, ear cartilage, the lining of the
mouth, a joint's mucous cyst, the sweat-gland field of an axilla. Then the structure's own code replaces 114xx and 116xx
(3.3), and closure is mostly inside it. What the choice within a structure needs and the note lacks is asked, and the
smallest code stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from notecoder.claim import GapElement
from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.facts import Encounter, Excision, Repair
from notecoder.rules.acts import (
    about,
    by_standing,
    digit_modifier,
    done,
    eyelid_modifier,
    line_for,
    side_modifiers,
    spans,
)
from notecoder.rules.closure import grade
from notecoder.rules.draft import Concern, Finding, GapDraft, LineDraft
from notecoder.rules.ladder import Row, code_of

ELSEWHERE = {"skin", "cyst", "soft_tissue"}
HIDRADENITIS_SITES = {
    "axilla": "axilla",
    "groin": "groin",
    "perianal": "perianal",
    "perineum": "perianal",
    "umbilicus": "perianal",
    "gluteal_cleft": "perianal",
    "anus": "perianal",
}


def propose(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Finding]:
    """Drafts for excisions of named structures at this encounter."""
    rows = codebook.table("site_procedures")
    repairs = done(encounter, Repair)

    def decide(excisions: Sequence[Excision]) -> Iterator[Finding]:
        named = [excision for excision in excisions if excision.structure not in ELSEWHERE]
        for excision in named:
            if excision.structure != "hidradenitis":
                yield from _structure(excision, rows, codebook)
        yield from _hidradenitis([item for item in named if item.structure == "hidradenitis"], repairs, rows, codebook)

    yield from by_standing(encounter, Excision, decide, payer=context.payer)
    yield from by_standing(encounter, Repair, lambda facts: _through(facts, rows), payer=context.payer)


def _through(facts: Sequence[Repair], rows: Sequence[Row]) -> Iterator[Finding]:
    """4.4: a wound through the lip by how far it goes, one through the lid's margin by its thickness."""
    for repair in facts:
        if repair.through is None:
            continue
        what, _, group = repair.through.value.partition("_")
        if (
            group == "unstated"
        ):  # the smallest that fits the place; a wound of the lip's skin is more than its vermilion
            skin = repair.target.site is not None and repair.target.site.key == "lip_cutaneous"
            group = "half" if skin else "vermilion"
            yield GapDraft(
                "lesion.size", "major", about("wound through the lip, its height", repair.target), spans(repair.through)
            )
        line = line_for(code_of(rows, f"{what}_wound", group), [repair])
        if what == "lid":
            line.modifiers += eyelid_modifier(repair.target.site)
        yield line.because("4.4", f"wound of the {what} sutured: {group}", *spans(repair.through))


def _structure(excision: Excision, rows: Sequence[Row], codebook: Codebook) -> Iterator[Finding]:
    group, missing = _group(excision)
    if missing:
        yield GapDraft(missing, "major", about(_words(excision), excision.target), excision.act.evidence)
    code = code_of(rows, excision.structure, group)
    line = line_for(code, [excision], sampled=True)
    evidence = spans(excision.more_than_quarter, excision.mouth_repair, excision.extent)
    line.because("3.3", f"{_words(excision)} excised: the structure's own code", *evidence)
    yield from _with_anatomy(line, excision, codebook)


def _words(excision: Excision) -> str:
    return excision.structure.replace("_", " ")


def _group(excision: Excision) -> tuple[str, GapElement | None]:
    """The row within a structure, and what is missing to choose it."""
    if excision.structure == "eyelid_full_thickness":
        if excision.more_than_quarter is None:
            return "quarter", "lesion.size"
        return ("more" if excision.more_than_quarter.value else "quarter"), None
    if excision.structure == "mouth_vestibule":
        return (excision.mouth_repair.value, None) if excision.mouth_repair else ("none", "closure.type")
    if excision.structure == "pilonidal":
        return (excision.extent.value, None) if excision.extent else ("simple", "procedure.method")
    if excision.structure == "digital_mucous_cyst":
        site = excision.target.site
        foot = site is not None and (
            (site.digit is not None and site.digit.limb == "foot") or site.key in {"toe", "toenail", "foot"}
        )
        return ("foot" if foot else "hand"), None
    return "", None


def _with_anatomy(line: LineDraft, excision: Excision, codebook: Codebook) -> Iterator[Finding]:
    """HC-4: eyelid, digit or side on the line; a gap when the place it needs is not written."""
    site = excision.target.site
    if excision.structure.startswith("eyelid"):
        found = eyelid_modifier(site)
        missing: GapElement = "lesion.laterality"
    elif excision.structure == "digital_mucous_cyst":
        found = digit_modifier(site.digit if site else None)
        missing = "nail.digit"
    else:
        line.modifiers += side_modifiers(codebook, line.code, site.side if site else None)
        yield line
        return
    line.modifiers += found
    yield line
    if not found:
        yield GapDraft(missing, "major", about(_words(excision), excision.target), excision.act.evidence)


def _hidradenitis(
    excisions: Sequence[Excision], repairs: Sequence[Repair], rows: Sequence[Row], codebook: Codebook
) -> Iterator[Finding]:
    """One line per field; both sides of a paired field are one line with 50."""
    fields: dict[str, list[Excision]] = {}
    for excision in excisions:
        site = excision.target.site
        place = HIDRADENITIS_SITES.get(site.key) if site else None
        if place is None:
            yield GapDraft(
                "lesion.site", "major", about("hidradenitis excision", excision.target), excision.act.evidence
            )
            yield Concern("review", "hidradenitis was excised where no hidradenitis code applies")
            continue
        ladder = "hidradenitis_complex" if _closed_complex(excision, repairs) else "hidradenitis"
        fields.setdefault(code_of(rows, ladder, place), []).append(excision)
    for code, together in fields.items():
        sides = {item.target.site.side for item in together if item.target.site}
        if {"left", "right"} <= sides and codebook.bilateral(code) == "1":
            line = line_for(code, together, sampled=True)
            line.modifiers.append("50")
            yield line.because("3.3", "hidradenitis excised on both sides")
            continue
        for excision in together:
            line = line_for(code, [excision], sampled=True)
            site = excision.target.site
            line.modifiers += side_modifiers(codebook, code, site.side if site else None)
            yield line.because("3.3", "hidradenitis excised")


def _closed_complex(excision: Excision, repairs: Sequence[Repair]) -> bool:
    """The closure of this field is complex by its criteria (4.2), not by its title."""
    return any(repair.target.id == excision.target.id and grade(repair).grade == "complex" for repair in repairs)
