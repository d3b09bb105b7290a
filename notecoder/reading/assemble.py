"""From the marked-up note to the encounter: every family reads the page, then what contradicts is kept as conflict."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from notecoder.context import EncounterContext
from notecoder.evidence import Evidence, Stated
from notecoder.facts import Conflict, Encounter, Procedure, TypedCode
from notecoder.facts.encounter import PastProcedure
from notecoder.reading.conflicts import side_conflicts
from notecoder.reading.course import with_courses
from notecoder.reading.dates import dates_in
from notecoder.reading.families import (
    closure,
    destruction,
    drainage,
    injections,
    laboratory,
    lesion_work,
    light,
    mohs,
    nails,
    paring,
    pathology,
    reconstruction,
    reopened,
    structures,
    surface,
    toxins,
    wounds,
)
from notecoder.reading.families.desk import Desk
from notecoder.reading.fitting import fitted
from notecoder.reading.nodes import Registry
from notecoder.reading.page import Mark, Page, mark_up
from notecoder.reading.plain import plainly, restored
from notecoder.reading.reports import is_report, reports_of, with_results
from notecoder.reading.seconds import added, in_document
from notecoder.reading.status import plainly_done
from notecoder.reading.visit_setting import modality

_FAMILIES = (mohs, lesion_work, structures, closure, reopened, reconstruction, destruction, paring, injections, toxins, nails, drainage, light, laboratory, wounds, surface)
_CODE = re.compile(r"(?<![\d.$#/-])(?:[1-9]\d{4}|[A-HJ-V]\d{4})(?:-(?:25|59|57|24|79|58|X[EPSU]))*(?![\d.])\b")
_CODE_CONTEXT = re.compile(r"\b(?:cpt|code|codes|charge|charges|bill\w*|level|lvl|-25|modifier|x\d)\b|\|", re.IGNORECASE)


def read_page(text: str, context: EncounterContext) -> tuple[Page, Registry]:
    """The marked-up page and its lesions."""
    page = mark_up(text, context.date_of_service)
    return page, Registry(page).build()


def assemble(text: str, context: EncounterContext, *, documents: Sequence[Mapping[str, Any]] = ()) -> Encounter:
    """The encounter of one note. Pure: same text, documents and context, same facts; quotes are the note's own words."""
    plain = plainly(text)
    if plain is None:
        return _assemble(text, context, documents)
    encounter: Encounter = restored(_assemble(plain.text, context, documents), plain, text)
    return encounter


def _assemble(text: str, context: EncounterContext, documents: Sequence[Mapping[str, Any]]) -> Encounter:
    page, registry = read_page(text, context)
    desk = Desk(page, registry, context)
    procedures: list[Procedure] = []
    setting = _setting(desk)
    nothing = setting is not None and setting.value == "none"
    for family in _FAMILIES:
        procedures.extend(family.build(desk))
    reports = reports_of(documents, context.date_of_service)
    procedures = with_results(procedures, reports, page.marks)
    procedures.extend(pathology.build(desk, procedures, reports))
    if is_report(page):
        procedures = [p if p.kind == "pathology" else _as_old(p) for p in procedures]
    procedures.extend(_second_notes(procedures, documents, context))
    if nothing or _nothing_done(desk):
        procedures = [_undone(p) for p in procedures]
    held = modality(page)
    if held is not None and held.value in _WRITTEN:
        procedures = [_undone(p) for p in procedures]  # the patient was not there: nothing was done to them
    procedures = with_courses(desk, fitted(desk, procedures))
    conflicts = [*desk.conflicts, *side_conflicts(desk, procedures)]
    from notecoder.reading.visit import read_visit

    return Encounter(
        setting=setting, procedures=tuple(procedures), visit=read_visit(page, tuple(procedures), context) if not nothing else None,
        past_procedures=tuple(_past(desk)), staged=_staged(desk), complication_return=_return_to_or(desk),
        conflicts=_unique(conflicts), typed_codes=tuple(_typed(page)),
        pathology_pending=None if reports else _pending(desk), cosmetic_only=_cosmetic_only(desk, procedures),
    )  # fmt: skip


_WRITTEN = frozenset({"econsult_written", "econsult_verbal", "portal", "image"})


def _undone(procedure: Procedure) -> Procedure:
    if procedure.act.status != "performed":
        return procedure
    return procedure.model_copy(update={"act": procedure.act.model_copy(update={"status": "planned"})})


def _as_old(procedure: Procedure) -> Procedure:
    """What a laboratory's sheet tells of how tissue was taken was done on another day."""
    return procedure.model_copy(update={"act": procedure.act.model_copy(update={"status": "historical"})})


def _second_notes(procedures: Sequence[Procedure], documents: Sequence[Mapping[str, Any]], context: EncounterContext) -> list[Procedure]:
    """What further notes of this encounter tell that this one does not."""
    found: list[Procedure] = []
    for position, document in enumerate(documents):
        text = document.get("text")
        if document.get("kind") in {"visit", "operative"} and isinstance(text, str) and text.strip():
            name = str(document.get("id") or f"document-{position + 1}")
            other = assemble(text, context)
            found += [in_document(p, name) for p in added([*procedures, *found], other.procedures)]
    return found


def _unique(conflicts: list[Conflict]) -> tuple[Conflict, ...]:
    seen: dict[tuple[str, str | None], Conflict] = {}
    for conflict in conflicts:
        seen.setdefault((conflict.subject, conflict.target or conflict.about), conflict)
    return tuple(seen.values())


_NONE = re.compile(r"\b(?:patient (?:was )?not seen|planning sheet|chart (?:prep|preparation) only|no[- ]show(?:ed)?\b|did not (?:show|attend|arrive|keep)|cancel(?:l)?ed (?:the |his |her |their )?(?:visit|appointment)|left without being seen|appointment (?:was )?cancel)", re.IGNORECASE)
_NOTHING_DONE = re.compile(
    r"\b(?:nothing was performed|no procedures? (?:(?:was|were) )?(?:carried out|performed|done|undertaken)(?: (?:today|at this visit|this visit))?|no procedures? today|nothing (?:was )?(?:treated|biopsied|frozen|removed|cut|done)(?: today| at this visit)?|"
    r"nothing (?:was )?(?:\w+(?:, or |, | or |, and | and )){1,5}\w+ (?:today|at today['’]s (?:visit|appointment)|at this (?:visit|appointment))|no (?:biops\w+|bx|treatment|procedure|cutting|freezing|ln2|cryo\w*)(?:,? (?:or|and|,) \w+){0,3} (?:was |were )?(?:done |performed |taken |carried out )?(?:today|at this visit)|"
    r"(?:procedures?|procedures? performed|procedures? today)\s*[:=]\s*none)\s*(?:[.;,)]|$)", re.IGNORECASE)  # fmt: skip


def _nothing_done(desk: Desk) -> bool:
    """The note says of the whole visit that nothing was done: what sounds like a procedure is talk of one."""
    said = any(not m.sites for m in desk.page.saying(_NOTHING_DONE))
    return said and not any(
        a.status == "performed" and (m.kind == "procedure" or plainly_done(m.clause, a.start, a.end)) for m in desk.page.live() for a in m.acts
    )


_EMERGENCY = re.compile(r"(?<!to the )(?<!to an )(?<!to )(?<!the nearest )(?<!or )\b(?:emergency (?:department|room)(?! (?:for|if|with))|\bED (?:course|presentation)|brought by ems|ed physician)\b", re.IGNORECASE)
_INPATIENT = re.compile(r"\b(?:inpatient|hospital day|when (?:the patient is )?discharged|admitted (?:to|for)|on the ward|lying in bed)\b", re.IGNORECASE)
_OR = re.compile(r"\b(?:taken (?:back )?to the (?:or|operating room)|operating room|general endotracheal|general anesthesia|spinal anesthetic|pacu|recovery room)\b", re.IGNORECASE)


def _setting(desk: Desk) -> Stated | None:  # type: ignore[type-arg]
    for value, pattern in (("none", _NONE), ("emergency", _EMERGENCY), ("inpatient", _INPATIENT), ("operating_room", _OR)):
        hits = [desk.page.quote_clause(m) for m in desk.page.saying(pattern) if not (value == "none" and _row_of_another_day(desk, m))]
        if hits:
            return Stated(value=value, evidence=(hits[0],))
    return None


def _row_of_another_day(desk: Desk, mark: Mark) -> bool:
    """A flow sheet's row of an earlier or later session ("4/24  no show")."""
    days = [day for day, start, _ in dates_in(mark.clause.text, desk.page.on) if start < 6]
    return bool(days) and days[0] != desk.page.on


_PAST_WHAT = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in (("mohs", r"mohs"), ("flap", r"\bflap"), ("graft", r"\bgraft"), ("excision", r"excis\w+|exc\b|wle"), ("destruction", r"ed&?c|ln2|cryo\w*|frozen|curett\w+"), ("biopsy", r"\bbx\b|biops\w+"), ("repair", r"repair|closure")))
_DIGIT = re.compile(r"\d")
_AGO = re.compile(r"\b(?:pod|post-?op(?:erative)? day)\s*#?\s*(?P<p>\d{1,2})\b|\b(?P<n>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten)\s*(?P<u>days?|d|weeks?|wks?|wk|months?|mos?)\s*(?:ago|s/p|post|after|out from|status post|since)\b", re.IGNORECASE)
_SINCE = re.compile(r"\b(?:s/p|status post|after|following|since|post|ago|performed|done|on|out from|from)\b", re.IGNORECASE)
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}


def _past(desk: Desk) -> list[PastProcedure]:
    found = []
    for mark in desk.page.marks:
        if mark.clause.section.kind in {"boilerplate", "codes", "family"} or mark.clause.section.pasted and mark.kind not in {"past", "history"}:
            continue
        ago = _AGO.search(mark.clause.text) if desk.page.says(mark, _AGO) else None
        if ago is None and _DIGIT.search(mark.clause.text) is None:
            continue
        what = next((name for name, pattern in _PAST_WHAT if desk.page.says(mark, pattern)), None)
        if what is None:
            continue
        days = None
        if ago:
            if ago["p"]:
                days = int(ago["p"])
            else:
                n = _NUMBERS.get(ago["n"].lower()) or int(ago["n"])
                days = n * (1 if ago["u"].lower().startswith("d") else 7 if ago["u"].lower().startswith("w") else 30)
        dated = [(day, s) for day, s, _ in dates_in(mark.clause.text, desk.page.on) if 0 < (desk.page.on - day).days <= 120]
        if days is None and not (dated and _SINCE.search(mark.clause.text)):
            continue
        site = mark.sites[0].fact(desk.page.text) if mark.sites else None
        on = dated[0][0] if dated else (desk.page.on - timedelta(days=days) if days is not None else None)
        mine = bool(re.search(r"\b(?:by me|i (?:performed|did|excised)|here|our office|this (?:office|practice))\b", mark.clause.text, re.IGNORECASE))
        other = bool(re.search(r"\b(?:by dr|elsewhere|outside|another|by (?:his|her) )", mark.clause.text, re.IGNORECASE))
        found.append(PastProcedure(what=what, on=on, days_ago=(desk.page.on - on).days if on else days, site=site,
                                   same_provider=True if mine else False if other else None, evidence=(desk.page.quote_clause(mark),)))  # fmt: skip
    return found


def _first(hits: list[Evidence]) -> Stated[bool] | None:
    return Stated(value=True, evidence=(hits[0],)) if hits else None


def _staged(desk: Desk) -> Stated[bool] | None:
    if desk.is_mohs_note:
        return None
    return _first(desk.find(re.compile(r"\b(?:staged (?:procedure|excision|re-?excision|repair|reconstruction|surgery)|second stage (?:of|flap|reconstruction)|planned (?:second|re-?excision|division)|positive margins? (?:on|from|at)|margins? (?:were |was )?(?:positive|involved)|re-?excision|(?:back|here|returns?) for (?:a )?wider|incompletely (?:removed|excised)|(?:margin|edge)s? (?:was |were )?(?:involved|positive)|(?:at|extends to|involves?) (?:the )?(?:\w+ )?(?:edge|margin)|division and inset|flap takedown|takedown of)\b", re.IGNORECASE)))


def _return_to_or(desk: Desk) -> Stated[bool] | None:
    return _first(desk.find(re.compile(r"\b(?:return(?:ed|s)?|taken back|brought back|back) to (?:the )?(?:or\b|operating room|operating theat)|\btake-?back\b|unplanned return", re.IGNORECASE)))


def _typed(page: Page) -> list[TypedCode]:
    found: dict[str, TypedCode] = {}
    for mark in page.marks:
        for match in _CODE.finditer(mark.clause.text):
            code = match.group()[:5]
            if code.isdigit() and not (10000 <= int(code) <= 99499):
                continue
            if mark.kind != "codes" and not _CODE_CONTEXT.search(mark.clause.text) and not re.search(r"-(?:25|59|79|58|24|57)", match.group()):
                continue
            start = mark.clause.start + match.start()
            found.setdefault(code, TypedCode(code=code, evidence=(page.quote(start, mark.clause.start + match.end()),)))
    for mark in page.marks:
        for match in re.finditer(r"(?<!\d)99(?:20[2-5]|21[1-5]|24[2-5])(?!\d)", mark.clause.text):
            start = mark.clause.start + match.start()
            found.setdefault(match.group(), TypedCode(code=match.group(), evidence=(page.quote(start, start + 5),)))
    return list(found.values())


def _pending(desk: Desk) -> Stated[bool] | None:
    """Tissue was sent and its result is not in the note."""
    section = [desk.page.quote_clause(m) for m in desk.page.live() if m.kind == "pathology" and re.match(r"\W*(?:still )?pending\b", m.clause.lower)]
    return _first(section or desk.find(re.compile(r"\b(?:path(?:ology)? (?:is )?pending|await\w* path\w*|pending path\w*|call with path\w*|sent (?:to|for) path\w*|to path\w*|sent as (?:\w+ )?specimens?|specimens? (?:\w+ ){0,2}(?:sent|submitted))\b", re.IGNORECASE)))


def _cosmetic_only(desk: Desk, procedures: list[Procedure]) -> Stated[bool] | None:
    hits = desk.find(re.compile(r"\b(?:no insurance (?:billing|claim)|self[- ]pay (?:visit|session)?,? no insurance|cosmetic (?:visit|consult\w*|session|encounter)|aesthetic (?:encounter|visit|session))\b", re.IGNORECASE))
    titles = [s for s in desk.page.layout.sections if re.search(r"aesthetic|cosmetic", s.title, re.IGNORECASE)]
    if hits or (titles and procedures):
        return _first(hits or [desk.page.quote(titles[0].start, titles[0].start + len(titles[0].title))])
    return None
