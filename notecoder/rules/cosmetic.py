"""Filler, peels, lasers, tattooing, and what is done for appearance.

A coder first asks who pays. For appearance means off the claim: the patient pays, and what was signed is kept in the
chart (CO-01); no covered code ever stands in for it (CO-02). Peels, lasers, hair removal and filler are taken as
cosmetic unless the note names a disease that they treat. Three are always medical: paste and cold against acne, cautery
of granulation tissue, and tattooing that corrects the color of skin (which is all that those codes are).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.evidence import merged
from notecoder.facts import Encounter, Excision, Filler, Repair, Resurfacing, Tattooing
from notecoder.rules.acts import (
    FOR_APPEARANCE,
    Fact,
    about,
    act_spans,
    by_standing,
    denied,
    done,
    is_cosmetic,
    line_for,
    natures,
    numbered,
    said,
    spans,
)
from notecoder.rules.draft import Finding, GapDraft, Refusal
from notecoder.rules.drugs import Given, drug_lines
from notecoder.rules.ladder import Row, Rung, climb, code_of, lowest, rows_for, started, to_tenth

FACE_PEELS = {"peel_epidermal", "peel_dermal"}
ALWAYS_MEDICAL = {"peel_acne", "cryo_acne", "cautery_granulation"}
TREATS: dict[str, frozenset[str]] = {
    "peel_epidermal": frozenset({"premalignant"}),
    "peel_dermal": frozenset({"premalignant"}),
    "dermabrasion": frozenset({"premalignant", "scar", "inflammatory"}),
    "abrasion": frozenset({"premalignant", "scar", "benign", "wart"}),
    "vascular_laser": frozenset({"vascular"}),
    "fractional_laser": frozenset({"scar"}),
}
"""Natures of disease that make a method medical; a method that is not here is cosmetic unless the note says not."""


def propose(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Finding]:
    """Drafts for resurfacing, filler and tattooing, and the questions about notices for whatever was cosmetic."""
    rows = codebook.table("cosmetic")
    payer = context.payer
    closed: set[str] = {item.target.id for item in done(encounter, Excision)}
    closed |= {item.target.id for item in done(encounter, Repair)}
    yield from numbered(
        chain(
            by_standing(
                encounter, Resurfacing, lambda facts: _resurfacings(facts, rows, codebook, closed), payer=payer
            ),
            by_standing(encounter, Filler, lambda facts: _fillers(facts, rows, codebook), payer=payer),
            by_standing(encounter, Tattooing, lambda facts: _tattooing(facts, rows), payer=payer),
        )
    )
    yield from _notices(encounter)


def _resurfacings(
    facts: Sequence[Resurfacing], rows: Sequence[Row], codebook: Codebook, closed: set[str]
) -> Iterator[Finding]:
    for fact in facts:
        rungs = _rungs(fact, rows, codebook)
        if fact.method == "cautery_granulation" and fact.target.id in closed:
            why = "same wound excised or closed today: included"
            yield Refusal(rungs[0].code, why, "6.7", fact.act.evidence)
        elif not _medical(fact, codebook):
            yield Refusal(rungs[0].code, "no disease it treats is named: for appearance", "CO-01", fact.act.evidence)
        else:
            words = fact.method.replace("_", " ")
            for rung in rungs:
                line = line_for(rung.code, [fact], units=rung.units, primary=-1 if rung.addon else None)
                yield line.because("10.9", words, *spans(fact.area, fact.count))
            if fact.method in {"vascular_laser", "fractional_laser"} and fact.area is None:
                yield GapDraft("lesion.size", "major", about(words, fact.target), fact.act.evidence)


def _medical(fact: Resurfacing, codebook: Codebook) -> bool:
    if fact.method in ALWAYS_MEDICAL or denied(fact.act.cosmetic):
        return True
    treated = natures(codebook, fact.target)
    if fact.method == "vascular_laser" and "vascular" in treated:
        stain = any(item.term == "port_wine_stain" for item in fact.target.diagnoses)
        return stain or bool(fact.target.symptoms)
    return bool(treated & TREATS.get(fact.method, frozenset()))


def _rungs(fact: Resurfacing, rows: Sequence[Row], codebook: Codebook) -> list[Rung]:
    """The codes of one act as if it were billed."""
    if fact.method in FACE_PEELS:
        site = fact.target.site
        face = site is not None and codebook.site(site.key).ex3 == "F"
        return [Rung(code_of(rows, fact.method, "face" if face else "other"), 1, addon=False)]
    if fact.method == "dermabrasion":
        return [Rung(code_of(rows, fact.method, fact.extent or "superficial"), 1, addon=False)]
    if fact.method == "cautery_granulation":
        return [Rung(code_of(codebook.table("wound"), "granulation"), 1, addon=False)]
    ladder = rows_for(rows, fact.method)
    size = fact.area.value if fact.area else None
    if fact.method == "abrasion":
        size = Decimal(fact.count.value) if fact.count else None
    return list(climb(ladder, size)) if size else [lowest(ladder)]


def _fillers(facts: Sequence[Filler], rows: Sequence[Row], codebook: Codebook) -> Iterator[Finding]:
    """10.9: filler for facial lipoatrophy by its own code for Medicare, else by volume when it is medical at all."""
    medical = [fact for fact in facts if said(fact.lipoatrophy) or denied(fact.act.cosmetic)]
    for fact in facts:
        if fact not in medical:
            yield Refusal(_by_volume([fact], rows).code, FOR_APPEARANCE, "CO-01", fact.act.evidence)
    if not medical:
        return
    volumes = [fact.volume for fact in medical if fact.volume is not None]
    wasting = codebook.payer == "medicare" and all(said(fact.lipoatrophy) for fact in medical)
    code = code_of(rows, "lipoatrophy") if wasting else _by_volume(medical, rows).code
    evidence = spans(*volumes, *(fact.lipoatrophy for fact in medical))
    yield line_for(code, medical).because("10.9", "filler for a medical reason", *evidence)
    if len(volumes) < len(medical) and not wasting:
        yield GapDraft("drug.dose", "major", about("filler", medical[0].target), act_spans(medical))
    yield from _filler_products(medical, codebook)
    yield from drug_lines([Given(fact, fact.drug, "filler") for fact in medical if fact.drug is not None], codebook)


def _by_volume(facts: Sequence[Filler], rows: Sequence[Row]) -> Rung:
    volume = sum((fact.volume.value for fact in facts if fact.volume), Decimal(0))
    ladder = rows_for(rows, "filler")
    return next(climb(ladder, volume)) if volume else lowest(ladder)


def _filler_products(facts: Sequence[Filler], codebook: Codebook) -> Iterator[Finding]:
    """Products that have a code, by started units of their volume."""
    for row in codebook.table("hcpcs/fillers"):
        used = [fact for fact in facts if fact.product and fact.product.value.lower() == row["product"]]
        volume = sum((fact.volume.value for fact in used if fact.volume), Decimal(0))
        if volume:
            line = line_for(row["code"], used, units=started(volume, Decimal(row["per"])))
            yield line.because("10.9", f"{volume} {row['unit']} of product", *spans(*(fact.product for fact in used)))


def _tattooing(facts: Sequence[Tattooing], rows: Sequence[Row]) -> Iterator[Finding]:
    """11920 to 11922 are tattooing to correct the color of skin, by the area of the day."""
    if not facts:
        return
    ladder = rows_for(rows, "tattooing")
    areas = [fact.area for fact in facts if fact.area is not None]
    total = sum((area.value for area in areas), Decimal(0))
    says = f"{to_tenth(total)} sq cm tattooed to correct color" if areas else "no area stated: the smallest code"
    for rung in list(climb(ladder, total)) if areas else [lowest(ladder)]:
        line = line_for(rung.code, facts, units=rung.units, primary=-1 if rung.addon else None)
        yield line.because("10.9", says, *spans(*areas))
    if len(areas) < len(facts):
        yield GapDraft("lesion.size", "major", about("tattooing", facts[0].target), act_spans(facts))


def _notices(encounter: Encounter) -> Iterator[GapDraft]:
    """CO-01: a notice that is said to be missing, or is silent where the visit's other cosmetic acts have theirs."""
    acts: list[Fact] = [item for item in encounter.procedures if item.act.status == "performed"]
    cosmetic = [item for item in acts if is_cosmetic(encounter, item.act)]
    others_signed = any(said(item.act.notice) for item in cosmetic)
    for item in _first_per_target(cosmetic):
        if denied(item.act.notice) or (item.act.notice is None and others_signed):
            evidence = merged(spans(item.act.notice), item.act.evidence)
            yield GapDraft("cosmetic.notice", "minor", about("service for appearance", item.target), evidence)


def _first_per_target(facts: Iterable[Fact]) -> list[Fact]:
    first: dict[str, Fact] = {}
    for fact in facts:
        first.setdefault(fact.target.id, fact)
    return list(first.values())
