"""Biopsies: one primary code for the day, every further lesion as an add-on of its own technique.

A coder counts lesions (or separate sites of a rash), never passes, sutures or margins. Some places have a code of
their own whatever the technique: vermilion, ear, lid margin, penis, vulva, nail (BX-11). For all other skin the
deepest technique of the day gives the one primary code, incisional before punch before tangential, and each other
lesion the add-on of its technique (BX-02). Without a technique there is no code to choose (1.4). Tissue of a lesion
that was taken off in the same session is no biopsy (BX-08).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.evidence import merged
from notecoder.facts import Biopsy, Encounter
from notecoder.rules.acts import (
    about,
    by_standing,
    digit_modifier,
    eyelid_modifier,
    line_for,
    names_a_condition,
    numbered,
    only_mentioned,
    spans,
)
from notecoder.rules.draft import Concern, Finding, GapDraft, LineDraft, Refusal
from notecoder.rules.ladder import Row, climb, code_of, rows_for
from notecoder.rules.precedence import biopsy_stays, decided_surgery, nature_of, same_lesion

TECHNIQUES = ("incisional", "punch", "tangential")
"""Highest first (BX-02)."""
TANGENTIAL_STAYS_SKIN = frozenset({"eyelid_margin"})
"""Places whose own code is not for a shave (1.2)."""
FEMALE = "vulva"


def propose(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Finding]:
    """Drafts for the biopsies of this encounter."""
    rows = codebook.table("biopsy")

    def decide(biopsies: Sequence[Biopsy]) -> Iterator[Finding]:
        kept = [biopsy for biopsy in biopsies if biopsy_stays(biopsy, encounter, codebook)]
        for biopsy in biopsies:
            if biopsy not in kept:
                yield from _part_of_greater(biopsy, encounter, rows, codebook)
        lesions = _one_per_lesion(kept)
        by_place = [biopsy for biopsy in lesions if _place(biopsy, rows, context)]
        skin = [biopsy for biopsy in lesions if biopsy not in by_place]
        yield from numbered(chain(_skin(skin, rows), _places(by_place, rows, context)))
        yield from _frozen(kept, encounter, rows)
        for biopsy in lesions:
            yield from _questions(biopsy, encounter, codebook, own_code=biopsy in by_place)

    yield from by_standing(encounter, Biopsy, decide, payer=context.payer)


def _one_per_lesion(biopsies: Sequence[Biopsy]) -> list[Biopsy]:
    """BX-01: two techniques on one lesion count as the higher only, two passes as one."""
    best: dict[str, Biopsy] = {}
    for biopsy in biopsies:
        before = best.get(biopsy.target.id)
        if before is None or _rank(biopsy) < _rank(before):
            best[biopsy.target.id] = biopsy
    return list(best.values())


def _rank(biopsy: Biopsy) -> int:
    return TECHNIQUES.index(biopsy.technique.value) if biopsy.technique else len(TECHNIQUES)


def _units(biopsies: Sequence[Biopsy]) -> int:
    return sum(max(1, biopsy.count.value) if biopsy.count else 1 for biopsy in biopsies)


def _place(biopsy: Biopsy, rows: Sequence[Row], context: EncounterContext) -> str | None:
    """The table's own place of a biopsy (1.2); None for skin of the technique codes."""
    site = biopsy.target.site
    if site is None:
        return None
    tangential = biopsy.technique is not None and biopsy.technique.value == "tangential"
    if site.key in TANGENTIAL_STAYS_SKIN and (biopsy.technique is None or tangential):
        return None
    sex = str((context.model_extra or {}).get("sex") or "").lower()
    if site.key == "perineum" and sex.startswith("f"):
        return FEMALE
    return site.key if rows_for(rows, site.key, "site") else None


def _skin(biopsies: Sequence[Biopsy], rows: Sequence[Row]) -> Iterator[Finding]:
    """BX-02, BX-03: one primary, the rest add-ons."""
    primary: str | None = None
    since = 0
    for technique in TECHNIQUES:
        same = [biopsy for biopsy in biopsies if biopsy.technique and biopsy.technique.value == technique]
        if not same:
            continue
        units = _units(same)
        first = _units(same[:1]) == 1
        if primary is None:
            primary = technique
            line = _line(code_of(rows, technique, "first"), same[:1], 1)
            yield line.because("BX-02", f"{technique} is the highest technique of the day: the one primary code")
            units, same = units - 1, same[1:] if first else same
            since = 1
        if units:
            line = _line(code_of(rows, technique, "more"), same, units, primary=-since)
            line.because("BX-03", f"{units} further by {technique} technique, one unit for each lesion or site")
            yield line
            since += 1


def _line(code: str, biopsies: Sequence[Biopsy], units: int, primary: int | None = None) -> LineDraft:
    line = line_for(code, biopsies, units=units, sampled=True, primary=primary)
    said_so = spans(*(biopsy.technique for biopsy in biopsies), *(biopsy.count for biopsy in biopsies))
    line.because("BX-01", "a unit is a separate lesion or site sampled", *said_so)
    decided = [biopsy.frozen for biopsy in biopsies if biopsy.frozen and decided_surgery(biopsy)]
    if decided:
        line.separate = "MO-15"
        words = merged(*(spans(found.never_biopsied, found.read_first, found.decided_surgery) for found in decided))
        line.because("MO-15", "sampled and read first, and the reading decided the surgery", *words)
    return line


def _places(biopsies: Sequence[Biopsy], rows: Sequence[Row], context: EncounterContext) -> Iterator[Finding]:
    """BX-11: places with their own code; each further lesion another line, or the add-on where there is one."""
    by_code: dict[str, list[Biopsy]] = {}
    for biopsy in biopsies:
        by_code.setdefault(code_of(rows, _place(biopsy, rows, context) or "", "site"), []).append(biopsy)
    for same in by_code.values():
        ladder = rows_for(rows, _place(same[0], rows, context) or "", "site")
        if len(ladder) > 1:
            yield from _first_and_more(same, ladder)
            continue
        for biopsy in same:
            for _ in range(_units([biopsy])):
                yield _place_line(ladder[0]["code"], biopsy)


def _first_and_more(biopsies: Sequence[Biopsy], ladder: Sequence[Row]) -> Iterator[Finding]:
    """First and each further lesion of the vulva or perineum."""
    units = _units(biopsies)
    split = _units(biopsies[:1]) == 1
    line = _line(ladder[0]["code"], biopsies[:1], 1)
    yield line.because("BX-11", "this place has its own biopsy code")
    if units > 1:
        more = _line(ladder[1]["code"], biopsies[1:] if split else biopsies, units - 1, primary=-1)
        yield more.because("BX-11", f"{units - 1} further lesions of this place")


def _place_line(code: str, biopsy: Biopsy) -> LineDraft:
    line = _line(code, [biopsy], 1)
    site = biopsy.target.site
    if site is not None and code.startswith("678"):
        line.modifiers += eyelid_modifier(site)
    if site is not None and site.key in {"fingernail", "toenail"}:
        line.modifiers += digit_modifier(site.digit)
    return line.because("BX-11", "this place has its own biopsy code, whatever the technique")


def _frozen(biopsies: Sequence[Biopsy], encounter: Encounter, rows: Sequence[Row]) -> Iterator[Finding]:
    """MO-15: the reading that decided the surgery, one line for its blocks."""
    for biopsy in biopsies:
        frozen = biopsy.frozen
        if frozen is None or not decided_surgery(biopsy) or same_lesion(biopsy, encounter) is None:
            continue
        blocks = frozen.blocks.value if frozen.blocks else 1
        for rung in climb(rows_for(rows, "frozen"), Decimal(blocks)):
            line = line_for(rung.code, [biopsy], units=rung.units, sampled=True)
            line.separate = "MO-15"
            line.because(
                "MO-15",
                "never biopsied before, read before the surgery, and the reading decided it",
                *spans(frozen.never_biopsied, frozen.read_first, frozen.decided_surgery, frozen.blocks),
            )
            yield line


def _part_of_greater(
    biopsy: Biopsy, encounter: Encounter, rows: Sequence[Row], codebook: Codebook
) -> Iterator[Finding]:
    """BX-08: the tissue of a lesion that was taken off goes to the laboratory without a biopsy code."""
    greater = same_lesion(biopsy, encounter)
    word = {"mohs": "Mohs surgery", "tag_removal": "removal"}.get(greater.kind, greater.kind) if greater else "removal"
    technique = biopsy.technique.value if biopsy.technique else "tangential"
    code = code_of(rows, technique, "first")
    rule = "MO-15" if greater is not None and greater.kind == "mohs" else "BX-08"
    yield Refusal(code, f"sampling of this lesion is part of its {word} in the same session", rule, biopsy.act.evidence)
    if biopsy.frozen is not None:
        yield Refusal(
            code_of(rows, "frozen"),
            "the reading of this tissue is part of the surgery unless it came first and decided it",
            rule,
            merged(biopsy.act.evidence, spans(biopsy.frozen.read_first, biopsy.frozen.blocks)),
        )


def _questions(biopsy: Biopsy, encounter: Encounter, codebook: Codebook, *, own_code: bool) -> Iterator[Finding]:
    """What a sampling leaves open; a mere word for one is asked about only when it stands alone."""
    target = biopsy.target
    where = about("biopsy", target)
    named = names_a_condition(encounter)
    if only_mentioned(biopsy) and biopsy.technique is None and (named or len(encounter.procedures) > 1):
        return
    if biopsy.technique is None and not own_code:
        yield GapDraft("procedure.technique", "blocker", where, biopsy.act.evidence)
    if target.site is None:
        yield GapDraft("lesion.site", "major", where, biopsy.act.evidence)
    elif target.site.key == "lip":
        yield GapDraft("lesion.site", "major", f"{where}, skin or vermilion", target.site.evidence)
    if not named:
        yield GapDraft("lesion.diagnosis", "major", where, biopsy.act.evidence)
    greater = same_lesion(biopsy, encounter)
    if greater is not None and greater.kind == "destruction" and nature_of(greater, codebook) != "premalignant":
        yield GapDraft("pathology.result", "blocker", where, biopsy.act.evidence)
        yield Concern("hold", f"{where}: sampled and destroyed in one session, its nature is open (DS-10)")
