"""Tests done in the office: patch tests and what is looked at under the practice's own microscope.

A coder counts patch tests by substance on the day they are put on, never on the day they are read (10.3). A scraping
looked at in the office has one code for most payers and others for Medicare (10.4). A test sent out has no line here,
and a test without a result is a question.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.evidence import merged
from notecoder.facts import BedsideTest, Encounter, PatchTest
from notecoder.rules.acts import about, act_spans, by_standing, denied, line_for, said, spans
from notecoder.rules.draft import Finding, GapDraft, Refusal
from notecoder.rules.ladder import Row, climb, lowest, rows_for

SENT_OUT_UNLESS_SAID = {"fungal_culture", "bacterial_culture"}
"""A culture goes to a laboratory unless the note says that the practice grows it."""


def propose(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Finding]:
    """Drafts for patch tests and bedside tests of this encounter."""
    rows = codebook.table("laboratory")
    payer = context.payer
    yield from chain(
        by_standing(encounter, PatchTest, lambda facts: _patch_tests(facts, rows), payer=payer),
        by_standing(encounter, BedsideTest, lambda facts: _bedside(facts, rows, payer), payer=payer),
    )


def _patch_tests(facts: Sequence[PatchTest], rows: Sequence[Row]) -> Iterator[Finding]:
    for test in ("patch", "photopatch", "phototest"):
        ladder = rows_for(rows, test)
        applied = [fact for fact in facts if fact.test == test and not fact.reading_only]
        for fact in facts:
            if fact.test == test and fact.reading_only:
                yield Refusal(
                    ladder[0]["code"], "a reading: billed on the day of application", "10.3", fact.act.evidence
                )
        if not applied:
            continue
        counts = [fact.count for fact in applied if fact.count is not None]
        number = sum(count.value for count in counts)
        rung = next(climb(ladder, Decimal(number))) if number else lowest(ladder)
        says = f"{number} substances" if number else "substances not counted: one"
        yield line_for(rung.code, applied, units=rung.units).because("10.3", says, *spans(*counts))
        if len(counts) < len(applied) and test != "phototest":
            yield GapDraft("lesion.count", "major", about(f"{test} test", applied[0].target), act_spans(applied))


def _bedside(facts: Sequence[BedsideTest], rows: Sequence[Row], payer: str) -> Iterator[Finding]:
    by_code: dict[str, list[BedsideTest]] = {}
    for fact in facts:
        code = rows_for(rows, fact.test, _group(fact, payer))[0]["code"]
        if denied(fact.in_office) or (fact.test in SENT_OUT_UNLESS_SAID and not said(fact.in_office)):
            why = "sent to a laboratory: the laboratory bills it"
            yield Refusal(code, why, "10.4", merged(fact.act.evidence, spans(fact.in_office)))
        else:
            by_code.setdefault(code, []).append(fact)
    for code, together in by_code.items():
        units = len({fact.target.id for fact in together})
        words = " and ".join(dict.fromkeys(fact.test.replace("_", " ") for fact in together))
        evidence = merged(*(spans(fact.result, fact.in_office) for fact in together))
        yield line_for(code, together, units=units).because("10.4", f"{words} looked at in the office", *evidence)
        for fact in together:
            if fact.result is None:
                what = about(fact.test.replace("_", " "), fact.target)
                yield GapDraft("pathology.result", "minor", what, fact.act.evidence)


def _group(fact: BedsideTest, payer: str) -> str:
    if fact.test in {"koh", "scabies"}:
        return payer
    if fact.test == "tzanck":
        return "wide" if said(fact.wide_report) else "plain"
    return ""
