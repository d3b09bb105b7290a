"""Lesions that are usually taken off for looks: the medical reason has to be in the note (GEN-03, em_dx 5.2).

A coder looks for a symptom or a medical sign of each seborrheic keratosis, tag, angioma or spot that was destroyed,
snipped or shaved: bleeding, pain, itch, irritation, change. Where the note is silent on a Medicare claim the service
stays on it, the question is asked, and a person looks first; other payers have no such rule of their own here.
"""

from __future__ import annotations

from collections.abc import Iterator

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.facts import Destruction, Encounter, Shave, TagRemoval
from notecoder.rules.acts import about, done
from notecoder.rules.diagnoses import established
from notecoder.rules.draft import Finding, GapDraft

FOR_LOOKS = frozenset(
    {
        "seborrheic_keratosis",
        "dermatosis_papulosa_nigra",
        "skin_tag",
        "hemangioma_of_skin",
        "spider_angioma",
        "venous_lake",
        "solar_lentigo",
        "sebaceous_hyperplasia",
    }
)
"""Conditions whose removal needs a stated reason; the inflamed seborrheic keratosis states it itself."""


def propose(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Finding]:
    """Questions about lesions removed without a stated reason; an advance notice has answered them (HC-15)."""
    if context.payer != "medicare":
        return
    facts: list[Destruction | TagRemoval | Shave] = [*done(encounter, Destruction)]
    facts += [*done(encounter, TagRemoval), *done(encounter, Shave)]
    for fact in facts:
        chosen = established(fact.target.diagnoses, codebook)
        noticed = fact.act.abn is not None
        if chosen is not None and chosen.term in FOR_LOOKS and not fact.target.symptoms and not noticed:
            yield GapDraft("lesion.symptoms", "major", about("lesions removed", fact.target), fact.act.evidence)
