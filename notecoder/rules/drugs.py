"""Drugs given in the office: which code, how many units, what was thrown away.

A coder bills the amount given, in started units of the drug's code (8.3). Medicare also wants what was discarded from
a single-dose container, on a line of its own with JW, or JZ on the drug's line when nothing was; from a multi-dose
vial neither. A drug the patient brought or a pharmacy compounded has no line. Each drug of the day is one line,
whatever number of acts it was given in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from notecoder.codebook import Codebook
from notecoder.evidence import merged
from notecoder.facts import Drug
from notecoder.rules.acts import Fact, about, line_for, said, spans
from notecoder.rules.draft import Concern, Finding, GapDraft, LineDraft, Refusal
from notecoder.rules.ladder import Row, started


@dataclass(frozen=True, slots=True)
class Given:
    """One drug given in one act. ``about``: what the act was, for gaps."""

    fact: Fact
    drug: Drug | None
    about: str


def drug_lines(given: Sequence[Given], codebook: Codebook) -> Iterator[Finding]:
    """Lines, refusals and gaps for the drugs of these acts."""
    table = codebook.table("hcpcs/drugs")
    by_code: dict[str, list[Given]] = {}
    rows: dict[str, Row] = {}
    for item in given:
        row = _row(item.drug, table)
        if item.drug is None and any(other.drug is not None and other.about == item.about for other in given):
            continue  # named once for all that were injected alike
        if item.drug is None:
            yield GapDraft("drug.name", "major", about(item.about, item.fact.target), item.fact.act.evidence)
        elif row is None:
            yield Concern("review", f"no code is known here for {item.drug.name}")
        elif said(item.drug.supplied_by_patient) or said(item.drug.compounded):
            yield _not_ours(row["code"], item)
        else:
            rows[row["code"]] = row
            by_code.setdefault(row["code"], []).append(item)
    for code, together in by_code.items():
        yield from _one_drug(rows[code], together, medicare=codebook.payer == "medicare")


def _row(drug: Drug | None, table: Sequence[Row]) -> Row | None:
    return next((row for row in table if drug is not None and row["drug"] == drug.name), None)


def _not_ours(code: str, item: Given) -> Refusal:
    drug = item.drug
    assert drug is not None
    brought = said(drug.supplied_by_patient)
    why = "the patient brought the drug" if brought else "a compounded drug has no such code"
    evidence = merged(drug.evidence, spans(drug.supplied_by_patient, drug.compounded))
    return Refusal(code, why, "8.3", evidence or item.fact.act.evidence)


def _one_drug(row: Row, given: Sequence[Given], *, medicare: bool) -> Iterator[Finding]:
    drugs = _distinct(given)
    facts = [item.fact for item in given]
    amounts = [drug.amount for drug in drugs if drug.amount is not None]
    amount = sum((value.value for value in amounts), Decimal(0))
    per = Decimal(row["per"])
    units = started(amount, per) if amount else int(row["smallest"] or 1)
    line = line_for(row["code"], facts, units=units)
    line.evidence = list(merged(*(drug.evidence for drug in drugs), spans(*amounts), line.evidence))
    if len(amounts) < len(drugs):
        line.because("8.3", "no amount stated: the smallest quantity")
        yield GapDraft("drug.dose", "major", about(given[0].about, given[0].fact.target), tuple(line.evidence[:1]))
    else:
        line.because(
            "8.3", f"{amount.normalize():f} {row['unit']} given, a unit for each started {per}", *spans(*amounts)
        )
    yield line
    if medicare and amount:
        yield from _waste(row, line, drugs, given[0], amount)


def _distinct(given: Sequence[Given]) -> list[Drug]:
    """The drugs as given; one amount that several acts share (one syringe for three keloids) counts once."""
    found: list[Drug] = []
    for item in given:
        if item.drug is not None and not (item.drug in found and item.drug.evidence):
            found.append(item.drug)
    return found


def _waste(row: Row, line: LineDraft, drugs: Sequence[Drug], first: Given, amount: Decimal) -> Iterator[Finding]:
    """JW on what was discarded, JZ when nothing was; only for single-dose containers."""
    single = [drug for drug in drugs if _single_dose(row, drug)]
    if not single:
        return
    wasted = [_wasted(drug) for drug in single]
    known = [value for value in wasted if value is not None]
    if len(known) < len(wasted):
        yield GapDraft("drug.wastage", "major", about(first.about, first.fact.target), tuple(line.evidence[:1]))
        return
    per = Decimal(row["per"])
    discarded = started(amount + sum(known, Decimal(0)), per) - line.units
    evidence = merged(*(spans(drug.wasted, drug.opened, drug.container) for drug in single))
    if discarded <= 0:
        line.modifiers.append("JZ")
        line.because("8.3", "single-dose container, nothing discarded", *evidence)
        return
    waste = line_for(row["code"], [first.fact], units=discarded)
    waste.targets, waste.sites, waste.lesions, waste.diagnoses = line.targets, line.sites, line.lesions, line.diagnoses
    waste.modifiers.append("JW")
    waste.evidence = list(evidence or line.evidence[:1])
    yield waste.because("8.3", "discarded from a single-dose container", *evidence)


def _single_dose(row: Row, drug: Drug) -> bool:
    return drug.container.value == "single_dose" if drug.container else row["container"] == "single_dose"


def _wasted(drug: Drug) -> Decimal | None:
    if drug.wasted is not None:
        return drug.wasted.value
    if drug.opened is not None and drug.amount is not None:
        return max(drug.opened.value - drug.amount.value, Decimal(0))
    return None
