"""Mohs surgery: stages of each tumor, blocks beyond five within a stage, the surgeon as pathologist.

A coder first makes sure that one physician cut and read (MO-03); if somebody else read the slides, it was an excision.
Each tumor starts with its own first-stage code by site, or by the deep structure the surgery reached (MO-04); further
stages are add-ons, and blocks beyond five count stage by stage, never pooled (MO-01). A second tumor of the same code
is a second line, its stages join those of the first (MO-05). Reading the tissue is part of it; only stains that are
not routine stand beside it (MO-12, MO-13).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.evidence import merged
from notecoder.facts import Encounter, Mohs
from notecoder.rules.acts import about, by_standing, denied, line_for, numbered, said, spans
from notecoder.rules.draft import Concern, Finding, GapDraft, LineDraft
from notecoder.rules.ladder import Row, code_of, rows_for
from notecoder.rules.place import group_at
from notecoder.rules.precedence import MALIGNANT, nature_of
from notecoder.rules.sizes import rung_for

BLOCKS_INCLUDED = 5


def propose(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Finding]:
    """Drafts for the tumors treated by Mohs surgery at this encounter."""
    rows = codebook.table("mohs")

    def decide(tumors: Sequence[Mohs]) -> Iterator[Finding]:
        own = [tumor for tumor in tumors if not denied(tumor.surgeon_reads)]
        yield from numbered(_drafts(own, context, rows, codebook))
        for tumor in tumors:
            if tumor not in own:
                yield from _read_by_another(tumor, codebook)

    yield from by_standing(encounter, Mohs, decide, payer=context.payer)


def _drafts(
    tumors: Sequence[Mohs], context: EncounterContext, rows: Sequence[Row], codebook: Codebook
) -> Iterator[Finding]:
    groups: dict[str, list[Mohs]] = {}
    for tumor in tumors:
        groups.setdefault(_group(tumor, codebook), []).append(tumor)
    back = 0
    for group, same in groups.items():
        for tumor in same:
            yield _first_stage(tumor, code_of(rows, "first", group), codebook)
            back += 1
        further = [tumor for tumor in same if len(tumor.stages) > 1]
        if further:
            yield _further_stages(further, code_of(rows, "further", group))
            back += 1
    extra = [tumor for tumor in tumors if _extra_blocks(tumor)]
    if extra:
        yield _blocks(extra, code_of(rows, "blocks"), back)
    for tumor in tumors:
        yield from _stains(tumor, rows)
        yield from _questions(tumor, context, codebook)


def _group(tumor: Mohs, codebook: Codebook) -> str:
    if tumor.deep_structure is not None:
        return "head"
    return group_at(tumor.target, "Mohs surgery", "mo2", codebook)[0]


def _first_stage(tumor: Mohs, code: str, codebook: Codebook) -> LineDraft:
    line = line_for(code, [tumor], sampled=True)
    evidence = tumor.stages[0].evidence if tumor.stages else ()
    line.because("MO-05", "each tumor starts with its first stage", *evidence)
    if tumor.deep_structure is not None:
        says = f"the surgery reached {tumor.deep_structure.value}"
        line.because("MO-04", says, *tumor.deep_structure.evidence)
    if said(tumor.surgeon_reads):
        line.because("MO-03", "the surgeon read the slides", *spans(tumor.surgeon_reads))
    if said(tumor.continued):
        line.because("HC-8", "a tumor begun on an earlier day starts again with a first stage")
    return line


def _further_stages(tumors: Sequence[Mohs], code: str) -> LineDraft:
    units = sum(len(tumor.stages) - 1 for tumor in tumors)
    line = line_for(code, tumors, units=units, primary=-1, sampled=True)
    evidence = merged(*(stage.evidence for tumor in tumors for stage in tumor.stages[1:]))
    return line.because("MO-05", f"{units} {'stage' if units == 1 else 'stages'} after the first", *evidence)


def _extra_blocks(tumor: Mohs) -> int:
    counts = [stage.blocks.value for stage in tumor.stages if stage.blocks]
    return sum(max(0, count - BLOCKS_INCLUDED) for count in counts)


def _blocks(tumors: Sequence[Mohs], code: str, back: int) -> LineDraft:
    units = sum(_extra_blocks(tumor) for tumor in tumors)
    line = line_for(code, tumors, units=units, primary=-back, sampled=True)
    over = [
        stage for tumor in tumors for stage in tumor.stages if stage.blocks and stage.blocks.value > BLOCKS_INCLUDED
    ]
    parts = ", ".join(f"stage {stage.number}: {stage.blocks.value}" for stage in over if stage.blocks)
    says = f"blocks beyond five, stage by stage ({parts})"
    return line.because("MO-01", says, *spans(*(stage.blocks for stage in over)))


def _stains(tumor: Mohs, rows: Sequence[Row]) -> Iterator[Finding]:
    """MO-13: the first antibody and each further one by specimen; a special stain on frozen tissue."""
    first = True
    for stain in tumor.stains:
        group = ("first" if first else "further") if stain.stain == "immuno" else ""
        first = first and stain.stain != "immuno"
        line = line_for(code_of(rows, stain.stain, group), [tumor], units=stain.specimens, sampled=True)
        line.separate = "MO-13"
        if said(tumor.surgeon_reads):
            line.because("MO-03", "the surgeon read the slides", *spans(tumor.surgeon_reads))
        yield line.because("MO-13", f"{stain.name}, not a routine stain, on {stain.specimens}", *stain.evidence)


def _questions(tumor: Mohs, context: EncounterContext, codebook: Codebook) -> Iterator[Finding]:
    what = about("Mohs surgery", tumor.target)
    _, gaps = group_at(tumor.target, "Mohs surgery", "mo2", codebook)
    yield from gaps
    if not tumor.stages:
        yield GapDraft("mohs.stages", "major", what, tumor.act.evidence)
    elif any(stage.blocks is None for stage in tumor.stages):
        silent = merged(*(stage.evidence for stage in tumor.stages if stage.blocks is None))
        yield GapDraft("mohs.blocks", "major", what, silent or tumor.act.evidence)
    if tumor.surgeon_reads is None and not context.provider_is_pathologist:
        yield GapDraft("mohs.pathology", "major", what, tumor.act.evidence)
    if nature_of(tumor, codebook) not in MALIGNANT:
        yield GapDraft("lesion.diagnosis", "major", what, tumor.act.evidence)
        yield Concern("review", f"{what}: no established skin cancer (7.2)")


def _read_by_another(tumor: Mohs, codebook: Codebook) -> Iterator[Finding]:
    """MO-03: the surgeon did not read the slides, so the removal is an excision."""
    what = about("excision", tumor.target)
    group, gaps = group_at(tumor.target, "excision", "ex3", codebook)
    kind = "malignant" if nature_of(tumor, codebook) in MALIGNANT else "benign"
    size = tumor.target.diameter
    rung = rung_for(rows_for(codebook.table("excision"), kind, group), size.value if size else None)
    line = line_for(rung.code, [tumor], sampled=True)
    line.because("MO-03", "somebody else read the slides: an excision", *spans(tumor.surgeon_reads))
    if size is not None:
        line.because("EX-04", f"lesion diameter {size.value} cm, no margin stated", *size.evidence)
    yield line
    yield from gaps
    yield GapDraft("lesion.margin" if size else "lesion.size", "major", what, tumor.act.evidence)
