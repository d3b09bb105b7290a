"""Nails and pared corns.

A coder works digit by digit: one service for one nail, the largest one (NL-02), with the digit's modifier (NL-03).
Avulsions are a first nail and further ones; debridement, trimming and paring are one code a day by number. Lifting the
plate to reach the matrix is part of the biopsy, clipping a nail for the laboratory is no biopsy (BX-07, BX-13).
Medicare pays for foot care of this kind only with a class finding, Q7 to Q9, or a painful or infected nail (NL-04).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.facts import Biopsy, Destruction, Digit, Encounter, NailProcedure, Paring, Target
from notecoder.rules.acts import about, act_spans, by_standing, digit_modifier, done, line_for, numbered, said, spans
from notecoder.rules.draft import Finding, GapDraft, LineDraft, Refusal
from notecoder.rules.ladder import Row, climb, code_of, rows_for

PER_NAIL = ("matrixectomy", "bed_reconstruction", "bed_repair", "biopsy", "avulsion", "fold_excision", "hematoma")
"""The services of one nail, the one that includes those after it first (NL-02, BX-13)."""
CLASS_FINDING = {"A": "Q7", "B": "Q8", "C": "Q9"}
FOOT_CARE = ("trimming", "debridement")


def propose(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Finding]:
    """Drafts for nail procedures and paring at this encounter."""
    rows = codebook.table("nail")
    payer = context.payer
    frozen = {item.target.id for item in done(encounter, Destruction)}
    sampled = [item.target for item in done(encounter, Biopsy)]
    yield from numbered(
        chain(
            by_standing(encounter, NailProcedure, lambda facts: _nails(facts, rows, payer, sampled), payer=payer),
            by_standing(encounter, Paring, lambda facts: _paring(facts, rows, payer, frozen), payer=payer),
        )
    )


def _nails(
    facts: Sequence[NailProcedure], rows: Sequence[Row], payer: str, sampled: Sequence[Target]
) -> Iterator[Finding]:
    kept: dict[str, list[tuple[NailProcedure, Digit | None]]] = {action: [] for action in PER_NAIL}
    taken: dict[tuple[str, str | None, int], str] = {}
    for action in PER_NAIL:
        for fact in facts:
            if fact.action != action:
                continue
            for digit in _nails_of(fact):
                key = (digit.limb, digit.side, digit.number) if digit else None
                if action == "avulsion" and any(_same_nail(target, fact, digit) for target in sampled):
                    why = "the plate was lifted for the biopsy of the same nail"
                    yield Refusal(_first_code(rows, action), why, "BX-13", fact.act.evidence)
                    continue
                if key is not None and key in taken:
                    larger = taken[key].replace("_", " ")
                    yield Refusal(
                        _first_code(rows, action), f"part of the {larger} of the same nail", "NL-02", fact.act.evidence
                    )
                    continue
                if key is not None:
                    taken[key] = action
                kept[action].append((fact, digit))
    for action in PER_NAIL:
        yield from _avulsions(kept[action], rows) if action == "avulsion" else _single(kept[action], action, rows)
    for action in FOOT_CARE:
        yield from _foot_care([fact for fact in facts if fact.action == action], action, rows, payer)
    for fact in facts:
        if fact.action == "clipping":
            why = "a clipping for the laboratory is no nail biopsy"
            yield Refusal(code_of(rows, "biopsy"), why, "BX-07", fact.act.evidence)


def _same_nail(target: Target, fact: NailProcedure, digit: Digit | None) -> bool:
    """A biopsy's target is this nail: by its id, or by its digit."""
    if target.id == fact.target.id:
        return True
    other = target.site.digit if target.site else None
    return digit is not None and other is not None and digit_modifier(other) == digit_modifier(digit)


def _first_code(rows: Sequence[Row], action: str) -> str:
    return rows_for(rows, action)[0]["code"]


def _nails_of(fact: NailProcedure) -> list[Digit | None]:
    """The digits of a fact, or as many unnamed nails as it counts."""
    site = fact.target.site
    named: list[Digit | None] = [*fact.digits]
    if not named and site is not None and site.digit is not None:
        named = [site.digit]
    count = fact.count.value if fact.count else 1
    return named or [None] * count


def _single(nails: Sequence[tuple[NailProcedure, Digit | None]], action: str, rows: Sequence[Row]) -> Iterator[Finding]:
    """A line for each nail."""
    for fact, digit in nails:
        yield from _with_digit(line_for(code_of(rows, action), [fact]), fact, digit, action.replace("_", " "))


def _avulsions(nails: Sequence[tuple[NailProcedure, Digit | None]], rows: Sequence[Row]) -> Iterator[Finding]:
    """NL-01: first nail, then each further one."""
    if not nails:
        return
    first, further = (row["code"] for row in rows_for(rows, "avulsion"))
    unnamed = [fact for fact, digit in nails[1:] if digit is None]
    named = [(fact, digit) for fact, digit in nails[1:] if digit is not None]
    yield from _with_digit(line_for(first, [nails[0][0]]), *nails[0], "avulsion")
    for place, (fact, digit) in enumerate(named, 1):
        yield from _with_digit(line_for(further, [fact], primary=-place), fact, digit, "avulsion")
    if unnamed:
        line = line_for(further, unnamed, units=len(unnamed), primary=-1 - len(named))
        yield line.because("NL-01", f"{len(unnamed)} further nails avulsed", *spans(*(fact.count for fact in unnamed)))


def _with_digit(line: LineDraft, fact: NailProcedure, digit: Digit | None, words: str) -> Iterator[Finding]:
    """NL-03: the digit's modifier, or the question for what it lacks."""
    found = digit_modifier(digit)
    line.modifiers = found + line.modifiers
    evidence = digit.evidence if digit else ()
    yield line.because("NL-03", f"{words} of one nail", *evidence)
    if digit is None:
        yield GapDraft("nail.digit", "major", about(f"nail {words}", fact.target), fact.act.evidence)
    elif not found:
        yield GapDraft("lesion.laterality", "major", about(f"nail {words}", fact.target), evidence or fact.act.evidence)


def _foot_care(facts: Sequence[NailProcedure], action: str, rows: Sequence[Row], payer: str) -> Iterator[Finding]:
    """Trimming and debridement: one code a day."""
    if not facts:
        return
    counts = [len(fact.digits) or (fact.count.value if fact.count else 0) for fact in facts]
    number = sum(counts)
    if action == "trimming":
        dystrophic = payer == "medicare" and any(said(fact.dystrophic) for fact in facts)
        code = code_of(rows, "trimming_dystrophic" if dystrophic else "trimming")
    else:
        code = next(climb(rows_for(rows, action), Decimal(number or 1))).code
    line = line_for(code, facts)
    evidence = spans(*(fact.count for fact in facts))
    line.because("NL-04", f"{number} nails" if number else "nails not counted: the smallest number", *evidence)
    yield from _class_finding(line, facts, payer)
    if action == "debridement" and 0 in counts:
        yield GapDraft("lesion.count", "major", about("nail debridement", facts[0].target), act_spans(facts))


def _class_finding(line: LineDraft, facts: Sequence[NailProcedure | Paring], payer: str) -> Iterator[Finding]:
    """Q7, Q8 or Q9 for Medicare; without a finding and without pain or infection its need is asked."""
    stated = [fact.class_finding for fact in facts if fact.class_finding is not None]
    if payer == "medicare" and stated:
        line.modifiers.append(CLASS_FINDING[min(finding.value for finding in stated)])
        line.because("NL-04", "foot-care class finding", *spans(*stated))
    yield line
    if payer == "medicare" and not stated and not any(fact.target.symptoms for fact in facts):
        yield GapDraft("medical_necessity", "minor", about("foot care", facts[0].target), facts[0].act.evidence)


def _paring(facts: Sequence[Paring], rows: Sequence[Row], payer: str, frozen: set[str]) -> Iterator[Finding]:
    """6.7: corns and calluses by number, one code; pared before freezing is part of the destruction (DS-06)."""
    kept: list[Paring] = []
    for fact in facts:
        if fact.target.id in frozen:
            why = "pared to be destroyed: part of the destruction"
            yield Refusal(_first_code(rows, "paring"), why, "DS-06", fact.act.evidence)
        else:
            kept.append(fact)
    if not kept:
        return
    number = sum(fact.count.value if fact.count else 1 for fact in kept)
    line = line_for(next(climb(rows_for(rows, "paring"), Decimal(number))).code, kept)
    line.because("6.7", f"{number} pared", *spans(*(fact.count for fact in kept)))
    yield from _class_finding(line, kept, payer)
    for fact in kept:
        if fact.plural and fact.count is None:
            yield GapDraft("lesion.count", "major", about("paring", fact.target), fact.act.evidence)
