"""Injections: into lesions, under the skin, into muscle, into sweat glands and facial muscles.

A coder counts lesions, not needle sticks: one to seven are one code, eight and more the other, once (IL-01). A drug
against tumors put into a tumor has its own pair; bleomycin or antigen into warts stays with the ordinary one (IL-04).
A drug under the skin or into muscle is one unit an injection, never for numbing (AD-01). Botulinum toxin against sweat
goes by area, against a facial movement disorder by side; for lines it is not billed at all (AD-02).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.facts import Chemodenervation, DrugInjection, Encounter, IntralesionalInjection
from notecoder.rules.acts import (
    Kind,
    about,
    act_spans,
    by_standing,
    icd10_starts,
    line_for,
    natures,
    side_modifiers,
    spans,
)
from notecoder.rules.draft import Finding, GapDraft, LineDraft, Refusal
from notecoder.rules.drugs import Given, drug_lines
from notecoder.rules.ladder import Row, climb, code_of, rows_for

HANDS_FEET = {"hand", "palm", "finger", "foot", "sole", "toe"}
ORDINARY = {"wart", "anogenital_wart", "scar"}
"""Warts and scars take the ordinary injection codes even when the drug is one against tumors (IL-04)."""

Injected = IntralesionalInjection | DrugInjection | Chemodenervation
WORDS = {
    "intralesional": "intralesional injection",
    "drug_injection": "injection",
    "chemodenervation": "chemodenervation",
}


def propose(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Finding]:
    """Drafts for injections and their drugs at this encounter."""
    rows = codebook.table("injection")

    def decide(facts: Sequence[Injected]) -> Iterator[Finding]:
        lesions = [fact for fact in facts if isinstance(fact, IntralesionalInjection)]
        yield from _intralesional(
            [fact for fact in lesions if not _against_tumor(fact, codebook)], "intralesional", rows
        )
        yield from _intralesional([fact for fact in lesions if _against_tumor(fact, codebook)], "antineoplastic", rows)
        yield from _drug_injections([fact for fact in facts if isinstance(fact, DrugInjection)], rows)
        treated = []
        for finding, fact in _toxin([fact for fact in facts if isinstance(fact, Chemodenervation)], rows, codebook):
            treated += fact if isinstance(finding, LineDraft) else []
            yield finding
        others = [fact for fact in facts if not isinstance(fact, Chemodenervation)]
        yield from drug_lines([Given(fact, fact.drug, WORDS[fact.kind]) for fact in [*others, *treated]], codebook)

    kinds: Kind[Injected] = (IntralesionalInjection, DrugInjection, Chemodenervation)
    yield from by_standing(encounter, kinds, decide, payer=context.payer)


def _against_tumor(fact: IntralesionalInjection, codebook: Codebook) -> bool:
    """IL-04."""
    bleomycin = fact.drug is not None and fact.drug.name == "bleomycin"
    return fact.agent == "antineoplastic" and not bleomycin and not natures(codebook, fact.target) & ORDINARY


def _intralesional(facts: Sequence[IntralesionalInjection], what: str, rows: Sequence[Row]) -> Iterator[Finding]:
    """IL-01: the lesions of all acts together."""
    if not facts:
        return
    number = sum(fact.count.value if fact.count else 1 for fact in facts)
    evidence = spans(*(fact.count for fact in facts))
    rung = next(climb(rows_for(rows, what), Decimal(number)))
    says = f"{number} {'lesion' if number == 1 else 'lesions'} injected"
    yield line_for(rung.code, facts, units=rung.units).because("IL-01", says, *evidence)
    for fact in facts:
        both = fact.target.site is not None and fact.target.site.side == "bilateral" and not fact.target.more_sites
        if fact.plural and fact.count is None and not both:
            yield GapDraft("injection.count", "major", about("intralesional injection", fact.target), fact.act.evidence)


def _drug_injections(facts: Sequence[DrugInjection], rows: Sequence[Row]) -> Iterator[Finding]:
    """AD-01: a unit an injection."""
    if not facts:
        return
    number = sum(fact.count.value if fact.count else 1 for fact in facts)
    rung = next(climb(rows_for(rows, "drug_injection"), Decimal(number)))
    line = line_for(rung.code, facts, units=rung.units)
    yield line.because("AD-01", "drug given under the skin or into muscle", *spans(*(fact.count for fact in facts)))


def _toxin(
    facts: Sequence[Chemodenervation], rows: Sequence[Row], codebook: Codebook
) -> Iterator[tuple[Finding, list[Chemodenervation]]]:
    """AD-02: one line for each area, and the facts it stands for."""
    areas: dict[str, list[Chemodenervation]] = {}
    for fact in facts:
        areas.setdefault(_area(fact, codebook), []).append(fact)
    for area, together in areas.items():
        code = code_of(rows, "chemodenervation", area)
        if area == "face" and not any(_medical(fact, codebook) for fact in together):
            yield Refusal(code, "no movement disorder is named for the face", "AD-02", act_spans(together)), together
            gap = GapDraft(
                "lesion.diagnosis", "major", about("chemodenervation", together[0].target), act_spans(together)
            )
            yield gap, together
            continue
        line = line_for(code, together)
        sides = _sides(together)
        if area == "face":
            line.modifiers += side_modifiers(codebook, code, sides)
        elif area == "axilla" and sides in {"left", "right"}:
            line.modifiers.append("52")
        yield line.because("AD-02", f"toxin given: {area.replace('_', ' or ')}"), together


def _medical(fact: Chemodenervation, codebook: Codebook) -> bool:
    return bool(fact.target.diagnoses) and natures(codebook, fact.target) != {"cosmetic"}


def _area(fact: Chemodenervation, codebook: Codebook) -> str:
    site = fact.target.site
    if site is None:
        return "other"
    if site.key == "axilla":
        return "axilla"
    if site.key in HANDS_FEET:
        return "hand_foot"
    sweat = icd10_starts(codebook, fact.target, "L74", "R61")
    return "face" if codebook.site(site.key).soft_tissue == "face_scalp" and not sweat else "other"


def _sides(facts: Sequence[Chemodenervation]) -> str | None:
    sites = [site for fact in facts for site in (fact.target.site, *fact.target.more_sites) if site is not None]
    sides = {site.side for site in sites if site.side}
    if "bilateral" in sides or {"left", "right"} <= sides:
        return "bilateral"
    return next(iter(sides), None) if len(sides) == 1 else None
