"""Shave removals: one code for each lesion, by site group and the diameter of the lesion alone.

A coder wants the whole raised lesion gone by a horizontal cut that stays within the dermis. No margin is added, no
diameters are added up, no closure exists (SH-01 to SH-05). A biopsy is sampling, whatever blade was used; curettage
is destruction (SH-07).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.facts import Encounter, Excision, Mohs, Shave
from notecoder.rules.acts import about, by_standing, done, line_for, spans
from notecoder.rules.draft import Finding, GapDraft, Refusal
from notecoder.rules.ladder import rows_for
from notecoder.rules.place import group_at
from notecoder.rules.sizes import rounding, rung_for, second_size


def propose(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Finding]:
    """Drafts for the shave removals of this encounter."""
    taken = {fact.target.id for kind in (Excision, Mohs) for fact in done(encounter, kind)}

    def decide(shaves: Sequence[Shave]) -> Iterator[Finding]:
        for shave in shaves:
            yield from _one(shave, codebook, part_of_greater=shave.target.id in taken)

    yield from by_standing(encounter, Shave, decide, payer=context.payer)


def _one(shave: Shave, codebook: Codebook, *, part_of_greater: bool) -> Iterator[Finding]:
    target = shave.target
    what = about("shave removal", target)
    group, gaps = group_at(target, "shave removal", "ex3", codebook)
    size = target.diameter.value if target.diameter else None
    rung = rung_for(rows_for(codebook.table("shave"), "shave", group), size)
    if part_of_greater:
        why = "slicing this lesion is part of its removal in the same session"
        yield Refusal(rung.code, why, "SH-06", shave.act.evidence)
        return
    line = line_for(rung.code, [shave], sampled=True)
    if target.diameter:
        line.because("SH-02", f"lesion diameter {size} cm, no margin added", *target.diameter.evidence)
    else:
        line.because("NUM-07", "no diameter in the note: the smallest code of the group")
        yield GapDraft("lesion.size", "major", what, shave.act.evidence)
    line.because("0.3", f"site group {group}", *(target.site.evidence if target.site else ()))
    yield line.because("SH-01", "removed by a horizontal slice", *spans(*target.symptoms))
    yield from gaps
    ladder = rows_for(codebook.table("shave"), "shave", group)
    yield from second_size(target, lambda diameter: rung_for(ladder, diameter).code, what)
    yield from rounding(size, what)
