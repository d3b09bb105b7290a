"""Procedures inside the global period of an earlier one: 58, 78 or 79 (em_dx 11).

A coder counts the days since each earlier procedure of the same group. Outside its 10 or 90 days, or after a procedure
without a global period, nothing is added. Inside: a return to the operating room for a complication is 78; what was
planned, is more extensive, or follows from the first procedure's pathology at the same place is 58; an unrelated lesion
is 79. Add-ons take what their primary takes. Without a date there is nothing to count, only a question.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.evidence import Evidence, merged
from notecoder.facts import Encounter, Excision, Flap, Site
from notecoder.rules.acts import done, said
from notecoder.rules.diagnoses import established
from notecoder.rules.draft import Concern, GapDraft, LineDraft
from notecoder.rules.kinds import is_surgical
from notecoder.rules.precedence import MALIGNANT
from notecoder.rules.sheet import Change, Mark, Sheet

LENGTHS = {"excision": 10, "repair": 10, "destruction": 10, "tag_removal": 10, "incision_drainage": 10, "nail": 10,
           "flap": 90, "graft": 90}  # fmt: skip
"""Days of an earlier procedure that the note names without a code."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier procedure whose global period includes today."""

    name: str
    day: int
    length: int
    site: Site | None = None
    evidence: tuple[Evidence, ...] = ()


def post_operative(
    sheet: Sheet, encounter: Encounter, context: EncounterContext, codebook: Codebook
) -> Iterator[Change]:
    """58, 78 or 79 on the procedure lines of a day inside a global period."""
    earlier_ones = list(running(encounter, context, codebook))
    surgical = [line for line in sheet.lines if is_surgical(line.code, codebook)]
    if not earlier_ones:
        if surgical and (said(encounter.staged) or said(encounter.complication_return)) and _undated(encounter):
            yield GapDraft("prior_procedure.date", "major", "earlier procedure", _cited(encounter))
        return
    longest = max(earlier_ones, key=lambda earlier: (earlier.length, -earlier.day))
    for line in surgical:
        modifier, why, sure = _relation(line, earlier_ones, encounter, codebook)
        says = f"day {longest.day} of the {longest.length}-day period of {longest.name}: {why}"
        yield Mark(line, modifier, "em_dx-11", says, _cited(encounter) if modifier != "79" else longest.evidence)
        if not sure:
            yield Concern("review", f"{line.code}: related to the earlier procedure or not ({modifier})")


def running(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Earlier]:
    """The earlier procedures of this group whose period includes today: from the encounter data, else from the note."""
    for prior in context.prior_procedures:
        days = (context.date_of_service - prior.date).days
        length = max(prior.global_days, _length(codebook.global_days(prior.code)))
        if prior.same_provider and 0 < days <= length:
            told = [past for past in encounter.past_procedures if past.on == prior.date or past.days_ago == days]
            words = merged(*(past.evidence for past in told))[:1]
            yield Earlier(prior.code, days, length, _site_of(prior.code, encounter), words)
    if context.prior_procedures:
        return
    for past in encounter.past_procedures:
        days_ago = past.days_ago
        if past.on is not None:
            days_ago = (context.date_of_service - past.on).days
        length = LENGTHS.get(past.what, 0)
        if days_ago is not None and past.same_provider is not False and 0 < days_ago <= length:
            yield Earlier(f"an earlier {past.what.replace('_', ' ')}", days_ago, length, past.site, past.evidence)


def _length(global_days: str | None) -> int:
    return int(global_days) if global_days in {"010", "090"} else 0


def _site_of(code: str, encounter: Encounter) -> Site | None:
    """Where the note says an earlier procedure was, when it mentions one with a site."""
    sited = [past for past in encounter.past_procedures if past.site is not None]
    return sited[0].site if len(sited) == 1 else None


def _undated(encounter: Encounter) -> bool:
    """An earlier procedure with a global period is mentioned, and none of them with its day."""
    lasting = [past for past in encounter.past_procedures if past.what in LENGTHS]
    return bool(lasting) and not any(past.on or past.days_ago is not None for past in lasting)


def _relation(
    line: LineDraft, earlier_ones: list[Earlier], encounter: Encounter, codebook: Codebook
) -> tuple[str, str, bool]:
    """The modifier, why, and whether the note carries it."""
    if said(encounter.complication_return):
        return "78", "return to the operating room for a complication", True
    if said(encounter.staged):
        return "58", "planned, staged, or following from its pathology", True
    if _re_excised(line, encounter):
        return "58", "more extensive than the first, at the same place", True
    if _divided(line, encounter):
        return "58", "the planned second step of a flap", True
    sites = [earlier.site for earlier in earlier_ones if earlier.site is not None]
    if any(same_place(site, own) for site in sites for own in line.sites):
        return "58", "the same place as the earlier procedure", False
    return "79", "another lesion, unrelated to it", bool(sites) or not _may_be_the_same(line, codebook)


def _may_be_the_same(line: LineDraft, codebook: Codebook) -> bool:
    """A cancer treated while nobody says where the earlier procedure was: it may be the same one."""
    found = (established(target.diagnoses, codebook) for target in line.lesions)
    rows = (codebook.term(diagnosis.term) for diagnosis in found if diagnosis is not None)
    return any(row is not None and row["nature"] in MALIGNANT for row in rows)


def _re_excised(line: LineDraft, encounter: Encounter) -> bool:
    again = {fact.target.id for fact in done(encounter, Excision) if said(fact.re_excision)}
    return bool(again & set(line.targets))


def _divided(line: LineDraft, encounter: Encounter) -> bool:
    divided = {fact.target.id for fact in done(encounter, Flap) if fact.step in {"division", "delay"}}
    return bool(divided & set(line.targets))


def same_place(one: Site, other: Site) -> bool:
    sides = {one.side, other.side} - {None}
    return one.key == other.key and len(sides) < 2


def _cited(encounter: Encounter) -> tuple[Evidence, ...]:
    stated = encounter.complication_return or encounter.staged
    return stated.evidence if stated is not None else ()
