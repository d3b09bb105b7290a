"""Excisions of skin lesions and cysts: nature, site group, excised diameter.

A coder asks three things of each lesion cut out through the dermis. What is it: only an established malignancy takes
the malignant codes, everything else the benign ones, and while nobody knows, the claim waits (EX-10 to EX-13). Where:
one of three site groups. How wide: the lesion's widest diameter plus twice the narrowest margin, or the excised
diameter the note itself states; never the ellipse, the defect or the closure (EX-02). Each lesion is its own line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.evidence import Evidence
from notecoder.facts import Encounter, Excision, Flap, Mohs
from notecoder.rules.acts import about, by_standing, denied, done, line_for, said, spans
from notecoder.rules.draft import Concern, Finding, GapDraft, LineDraft, Refusal
from notecoder.rules.ladder import rows_for
from notecoder.rules.place import group_at
from notecoder.rules.precedence import MALIGNANT, nature_of
from notecoder.rules.sizes import rounding, rung_for, second_size

SKIN = frozenset({"skin", "cyst"})
OPEN = frozenset({"unspecified", "sign"})
TRANSFERS = frozenset({"advancement", "rotation", "transposition", "other", None})
NO_MARGIN_NEEDED = frozenset({"cyst", "lipoma"})
SMALLEST_BENIGN = frozenset({"11400", "11420", "11440"})
"""Excisions that include every closure (EX-08, HC-2)."""


@dataclass(frozen=True, slots=True)
class Width:
    """The excised diameter as the note lets it be known, cm."""

    value: Decimal | None
    says: str
    evidence: tuple[Evidence, ...]
    no_size: bool = False
    no_margin: bool = False


def propose(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Finding]:
    """Drafts for the skin excisions of this encounter."""
    under_mohs = {fact.target.id for fact in done(encounter, Mohs)}

    def decide(excisions: Sequence[Excision]) -> Iterator[Finding]:
        for excision in excisions:
            if excision.structure in SKIN:
                yield from _one(excision, encounter, codebook, under_mohs=excision.target.id in under_mohs)

    yield from by_standing(encounter, Excision, decide, payer=context.payer)


def _one(excision: Excision, encounter: Encounter, codebook: Codebook, *, under_mohs: bool) -> Iterator[Finding]:
    target = excision.target
    what = about("excision", target)
    group, gaps = group_at(target, "excision", "ex3", codebook)
    width = excised_width(excision, codebook)
    code = excision_code(excision, codebook, group)
    if _moved_over(target.id, encounter):
        why = "the tissue transfer that closes this wound includes the excision"
        yield Refusal(code, why, "EX-09", excision.act.evidence)
        return
    if under_mohs:
        yield Refusal(code, "the tumor was taken by Mohs surgery, not by an excision", "EX-09", excision.act.evidence)
        return
    line = line_for(code, [excision], sampled=True)
    line.because("EX-02" if width.value is not None else "NUM-07", width.says, *width.evidence)
    line.because("0.3", f"site group {group}", *(target.site.evidence if target.site else ()))
    yield _with_nature(line, excision, codebook)
    yield from gaps
    if width.no_size:
        yield GapDraft("lesion.size", "major", what, excision.act.evidence)
    if width.no_margin:
        yield GapDraft("lesion.margin", "major", what, width.evidence or excision.act.evidence)
    yield from second_size(target, lambda diameter: _code_of_size(excision, diameter, codebook, group), what)
    yield from rounding(width.value, what)
    yield from _nature_questions(excision, encounter, codebook, what)


def _moved_over(target: str, encounter: Encounter) -> bool:
    """A tissue transfer, not a flap with a code of its own, was moved into this wound (EX-09)."""
    for flap in done(encounter, Flap):
        style = flap.style.value if flap.style else None
        plain = style in TRANSFERS or (style == "island" and flap.named_vessel is None)
        if flap.target.id == target and flap.step == "transfer" and plain and not denied(flap.incised):
            return True
    return False


def excision_code(excision: Excision, codebook: Codebook, group: str) -> str:
    """The skin excision code of a lesion in a site group."""
    kind = "malignant" if nature_of(excision, codebook) in MALIGNANT else "benign"
    return rung_for(rows_for(codebook.table("excision"), kind, group), excised_width(excision, codebook).value).code


def _code_of_size(excision: Excision, diameter: Decimal, codebook: Codebook, group: str) -> str:
    """The code if the lesion had this diameter."""
    stated = excision.target.diameter
    target = excision.target.model_copy(update={"diameter": stated and stated.model_copy(update={"value": diameter})})
    return excision_code(excision.model_copy(update={"target": target}), codebook, group)


def code_at_wound(target: str, encounter: Encounter, codebook: Codebook) -> str | None:
    """The skin excision code of the lesion whose wound this is; None when the wound is not of a skin excision."""
    for excision in done(encounter, Excision):
        if excision.target.id == target and excision.structure in SKIN:
            group, _ = group_at(excision.target, "excision", "ex3", codebook)
            return excision_code(excision, codebook, group)
    return None


def excised_width(excision: Excision, codebook: Codebook) -> Width:
    """EX-02 to EX-04, CY-01: the stated excised diameter, else lesion plus two margins, else the lesion alone."""
    if excision.excised_diameter is not None:
        value = excision.excised_diameter.value
        return Width(value, f"excised diameter {value} cm as the note states it", excision.excised_diameter.evidence)
    diameter, margin = excision.target.diameter, excision.margin
    free = excision.structure == "cyst" or nature_of(excision, codebook) in NO_MARGIN_NEEDED
    if diameter is None:
        says = "no lesion diameter in the note: the smallest code of the group"
        return Width(None, says, spans(margin), no_size=True, no_margin=margin is None and not free)
    if margin is None:
        says = f"lesion diameter {diameter.value} cm, no margin stated"
        return Width(diameter.value, says, diameter.evidence, no_margin=not free)
    value = diameter.value + 2 * margin.value
    says = f"{diameter.value} cm + 2 x {margin.value} cm margin = {value} cm"
    return Width(value, says, spans(diameter, margin))


def _with_nature(line: LineDraft, excision: Excision, codebook: Codebook) -> LineDraft:
    nature = nature_of(excision, codebook)
    evidence = tuple(span for diagnosis in excision.target.diagnoses for span in diagnosis.evidence)
    if nature in MALIGNANT:
        return line.because("EX-11", "an established malignancy (in situ counts): malignant codes", *evidence)
    if nature is None or nature in OPEN:
        return line.because("EX-10", "nature not established: benign codes until the report", *evidence)
    return line.because("EX-12", "an established condition of the benign set: benign codes", *evidence)


def _nature_questions(
    excision: Excision, encounter: Encounter, codebook: Codebook, what: str
) -> Iterator[GapDraft | Concern]:
    """CONTRACT, pathology pending: hold while the nature is open; a definite benign impression does not wait."""
    nature = nature_of(excision, codebook)
    if nature is None or nature in OPEN:
        yield GapDraft("pathology.result", "blocker", what, excision.act.evidence)
        yield Concern("hold", f"{what}: the nature of the lesion is open (EX-10)")
        return
    by_report = any(diagnosis.certainty == "pathology" for diagnosis in excision.target.diagnoses)
    if nature == "nevus" and not by_report and said(encounter.pathology_pending):
        yield GapDraft("pathology.result", "minor", what, spans(encounter.pathology_pending))
