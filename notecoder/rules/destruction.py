"""Destruction: the diagnosis chooses the family, the count or the size chooses the code; the method hardly ever does.

A coder sorts what was frozen, burned, curetted or lasered by what it was. Premalignant: the first lesion, each further
up to fourteen, or one code for fifteen and more (DS-01). Warts, molluscum, seborrheic keratoses and other benign
growths: one code up to fourteen, another from fifteen, whatever the sites (DS-04). Viral growths of penis, vulva,
vagina and anus: the organ's own code, where the method does count (DS-11). Vascular: the area treated (6.6). A proven
cancer: each lesion by site group and diameter (DS-08, DS-09). A lesion that was sampled is not counted (DS-03), and one
nobody has named cannot be sorted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.evidence import merged
from notecoder.facts import Destruction, Encounter, Excision, Mohs
from notecoder.rules.acts import (
    about,
    by_standing,
    done,
    line_for,
    names_a_condition,
    numbered,
    only_mentioned,
    said,
    spans,
)
from notecoder.rules.draft import Finding, GapDraft, Refusal
from notecoder.rules.ladder import Row, climb, lowest, rows_for
from notecoder.rules.place import group_at
from notecoder.rules.precedence import MALIGNANT, nature_of, sampled_instead
from notecoder.rules.sizes import rounding, rung_for, second_size

ORGANS = {
    "penis": "penis",
    "vulva": "vulva",
    "vagina": "vagina",
    "anus": "anus",
    "perianal": "anus",
}
VIRAL = frozenset({"anogenital_wart", "wart", "molluscum"})
METHOD_COUNTS = frozenset({"penis", "anus"})


def propose(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Finding]:
    """Drafts for the lesions destroyed at this encounter."""
    cut_out = {fact.target.id for kind in (Excision, Mohs) for fact in done(encounter, kind)}

    def decide(facts: Sequence[Destruction]) -> Iterator[Finding]:
        kept = []
        for fact in facts:
            if fact.target.id in cut_out:
                why = "part of the removal of this lesion"
                yield Refusal(_nearest(fact, codebook), why, "EX-16", fact.act.evidence)
            elif sampled_instead(fact, encounter, codebook) is not None and _count(fact) == 1:
                why = "this lesion was sampled: it is not counted as destroyed"
                yield Refusal(_nearest(fact, codebook), why, "DS-03", fact.act.evidence)
            else:
                kept.append(fact)
        yield from numbered(chain.from_iterable(_families(kept, encounter, codebook)))

    yield from by_standing(encounter, Destruction, decide, payer=context.payer)


def _families(facts: Sequence[Destruction], encounter: Encounter, codebook: Codebook) -> Iterator[Iterator[Finding]]:
    """Line by line of each family. A freezing without any lesion is a further word for those that have one, if any has."""
    sorted_facts: dict[str, list[Destruction]] = {}
    for fact in facts:
        sorted_facts.setdefault(family_of(fact, codebook), []).append(fact)
    rows = codebook.table("destruction")
    for family in ("premalignant", "benign"):
        if family in sorted_facts:
            yield _counted(sorted_facts[family], rows_for(rows, family), family)
    for fact in sorted_facts.get("malignant", ()):
        yield _malignant(fact, rows, codebook)
    for organ in ORGANS.values():
        if organ in sorted_facts:
            yield _organ(sorted_facts.pop(organ), organ, rows)
    if "vascular" in sorted_facts:
        yield _vascular(sorted_facts["vascular"], rows_for(rows, "vascular"))
    unknown = sorted_facts.get("unknown", [])
    if len(unknown) == len(facts):
        for fact in unknown:
            if not only_mentioned(fact) or not (names_a_condition(encounter) or len(encounter.procedures) > 1):
                yield _unsorted(fact)


def family_of(fact: Destruction, codebook: Codebook) -> str:
    """premalignant, benign, malignant, vascular, an organ, tag (another family's), or unknown."""
    nature = nature_of(fact, codebook)
    site = fact.target.site.key if fact.target.site else ""
    if nature in VIRAL and site in ORGANS:
        return ORGANS[site]
    if nature in MALIGNANT:
        return "malignant"
    if nature in {"premalignant", "vascular", "tag"}:
        return str(nature)
    return "unknown" if nature in {None, "unspecified", "sign", "uncertain"} else "benign"


def _count(fact: Destruction) -> int:
    return max(1, fact.count.value) if fact.count else 1


def _uncounted(fact: Destruction) -> bool:
    return fact.count is None and (fact.plural or bool(fact.target.more_sites))


def _nearest(fact: Destruction, codebook: Codebook) -> str:
    """The code somebody would be tempted to use for this act."""
    family = family_of(fact, codebook)
    rows = codebook.table("destruction")
    if family == "malignant":
        group, _ = group_at(fact.target, "destruction", "ex3", codebook)
        return lowest(rows_for(rows, family, group)).code
    return lowest(rows_for(rows, family if family in {"premalignant", "vascular"} else "benign")).code


def _counted(facts: Sequence[Destruction], ladder: Sequence[Row], family: str) -> Iterator[Finding]:
    """DS-01, DS-04: per-site counts are added; without a count one lesion is all that can be reported (DS-02)."""
    total = sum(_count(fact) for fact in facts)
    evidence = spans(*(fact.count for fact in facts))
    rule = "DS-01" if family == "premalignant" else "DS-04"
    for rung in climb(ladder, Decimal(total)):
        line = line_for(rung.code, facts, units=rung.units, primary=-1 if rung.addon else None)
        yield line.because(rule, _count_words(facts, total, family), *evidence)
    for fact in facts:
        if _uncounted(fact):
            what = about(f"{family} lesions destroyed", fact.target)
            yield GapDraft("lesion.count", "major", what, fact.act.evidence)


def _count_words(facts: Sequence[Destruction], total: int, family: str) -> str:
    if all(_uncounted(fact) for fact in facts):
        return f"{family} lesions without a count: one can be reported"
    parts = " + ".join(str(_count(fact)) for fact in facts)
    least = "at least " if any(fact.at_least for fact in facts) else ""
    return f"{least}{parts} = {total} {family} lesions" if len(facts) > 1 else f"{least}{total} {family} lesions"


def _malignant(fact: Destruction, rows: Sequence[Row], codebook: Codebook) -> Iterator[Finding]:
    """DS-08, HC-9: the final diameter when the note gives it, else the lesion's; one line for each lesion."""
    what = about("destruction", fact.target)
    group, gaps = group_at(fact.target, "destruction", "ex3", codebook)
    ladder = rows_for(rows, "malignant", group)
    size, final = fact.target.diameter, fact.final_diameter
    measure = final or size
    rung = rung_for(ladder, measure.value if measure else None)
    for _ in range(_count(fact)):
        line = line_for(rung.code, [fact], sampled=True)
        if final is not None:
            line.because("DS-08", f"final diameter {final.value} cm after curettage", *final.evidence)
        elif size is not None:
            line.because("DS-08", f"lesion diameter {size.value} cm", *size.evidence)
        else:
            line.because("NUM-07", "no diameter in the note: the smallest code of the group")
        diagnosed = merged(*(diagnosis.evidence for diagnosis in fact.target.diagnoses))
        yield line.because("DS-09", f"an established malignancy, site group {group}", *diagnosed)
    yield from gaps
    if final is None:
        yield from second_size(fact.target, lambda diameter: rung_for(ladder, diameter).code, what)
    if measure is None:
        yield GapDraft("lesion.size", "major", what, fact.act.evidence)
    yield from rounding(measure.value if measure else None, what)
    if final is not None and size is not None and rung_for(ladder, size.value).code != rung.code:
        why = f"the final diameter {final.value} cm decides, not the {size.value} cm before curettage"
        yield Refusal(rung_for(ladder, size.value).code, why, "DS-08", size.evidence)


def _organ(facts: Sequence[Destruction], organ: str, rows: Sequence[Row]) -> Iterator[Finding]:
    """DS-11: one unit for each organ; "extensive" only when stated."""
    extensive = any(said(fact.extensive) for fact in facts)
    methods = [fact.method for fact in facts if fact.method]
    group = "extensive" if extensive else "simple"
    if organ in METHOD_COUNTS and not extensive:
        named = {"curettage": "electro", "other": "chemical"}
        group = named.get(methods[0].value, methods[0].value) if methods else "chemical"
    row = rows_for(rows, organ, group)[0]
    evidence = spans(*methods, *(fact.extensive for fact in facts), *(fact.count for fact in facts))
    line = line_for(row["code"], facts)
    yield line.because("DS-11", f"viral growths of the {organ}, {group}: one unit for the organ", *evidence)
    if organ in METHOD_COUNTS and not methods and not extensive:
        yield GapDraft("procedure.method", "major", about("destruction", facts[0].target), facts[0].act.evidence)


def _vascular(facts: Sequence[Destruction], ladder: Sequence[Row]) -> Iterator[Finding]:
    """6.6: the total area of the session, one code."""
    areas = [fact.area for fact in facts if fact.area]
    total = sum((area.value for area in areas), Decimal(0)) if areas else None
    line = line_for(rung_for(ladder, total).code, facts)
    if total is None:
        yield line.because("NUM-07", "vascular lesions without an area: the smallest code")
        yield GapDraft("lesion.size", "major", about("vascular lesions, area", facts[0].target), facts[0].act.evidence)
        return
    yield line.because("6.6", f"vascular lesions, {total} sq cm in all", *spans(*areas))


def _unsorted(fact: Destruction) -> Iterator[Finding]:
    what = about("destruction", fact.target)
    yield GapDraft("lesion.diagnosis", "blocker", what, fact.act.evidence)
