"""Skin tags: up to fifteen are one code, each started ten beyond it an add-on, by any method (DS-07).

A coder counts the tags taken off for a medical reason, and only those; tags the patient pays to be rid of never raise
the count. The diagnosis has to be a tag: a growth snipped to learn what it is was sampled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.facts import Destruction, Encounter, TagRemoval
from notecoder.rules.acts import about, by_standing, done, line_for, numbered, spans
from notecoder.rules.destruction import family_of
from notecoder.rules.draft import Finding, GapDraft
from notecoder.rules.ladder import climb, rows_for

Removed = TagRemoval | Destruction


def propose(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Finding]:
    """Drafts for the skin tags removed at this encounter."""
    burned = [fact for fact in done(encounter, Destruction) if family_of(fact, codebook) == "tag"]
    snipped = done(encounter, TagRemoval)

    def decide(facts: Sequence[TagRemoval]) -> Iterator[Finding]:
        performed = any(fact in snipped for fact in facts) or not facts
        yield from numbered(_tags([*facts, *(burned if performed else ())], codebook))

    yield from by_standing(encounter, TagRemoval, decide, payer=context.payer)


def _tags(facts: Sequence[Removed], codebook: Codebook) -> Iterator[Finding]:
    if not facts:
        return
    total = sum(max(1, fact.count.value) if fact.count else 1 for fact in facts)
    evidence = spans(*(fact.count for fact in facts))
    words = f"{total} tags" if any(fact.count for fact in facts) else "tags without a count: the first code"
    for rung in climb(rows_for(codebook.table("tags"), "tag"), Decimal(total)):
        line = line_for(rung.code, facts, units=rung.units, primary=-1 if rung.addon else None)
        yield line.because("DS-07", words, *evidence)
    for fact in facts:
        if fact.count is None:
            yield GapDraft("lesion.count", "minor", about("skin tags", fact.target), fact.act.evidence)
