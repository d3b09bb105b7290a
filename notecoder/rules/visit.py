"""The visit itself: is there one apart from the procedures, which family, which level, which modifier.

A coder reads who was seen and where, takes away what belongs to today's procedures and to earlier ones still in their
global period, and asks whether what is left is a visit (EM-FAM, M25, section 11). New or established comes from the
encounter data, else from the note (EM-STAT). Decision making and time are both worked out and the higher supported
level is proposed (EM-MDM, EM-T). What was tempting but not earned stays under considered: the visit code, a
consultation (HC-14), the complexity add-on (HC-13), the postoperative tracking code (HC-16).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from notecoder.codebook import Codebook, Row
from notecoder.context import EncounterContext, PatientStatus
from notecoder.evidence import Evidence, Stated, merged
from notecoder.facts import Diagnosis, Encounter, Excision, NailProcedure, Paring, Procedure, SutureRemoval
from notecoder.facts.visit import PlanAction, Problem, Visit
from notecoder.rules import modifier25, telehealth
from notecoder.rules.acts import spans as stated_spans
from notecoder.rules.draft import Concern, Finding, GapDraft, LineDraft, Refusal
from notecoder.rules.visit_level import LEVELS, Level, level_of, name

PASSING = frozenset({"aftercare", "other", "generic_advice", "reassurance", "observation"})
"""What a trivial finding gets in passing (2.5, weak)."""
CHRONIC = ("chronic_stable", "chronic_not_at_goal", "chronic_severe")


@dataclass(frozen=True, slots=True)
class Standing:
    """New or established, and where that comes from."""

    status: PatientStatus
    says: str
    evidence: tuple[Evidence, ...] = ()
    known: bool = True


def propose(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Finding]:
    """Drafts for the visit of this encounter: at most one visit line with its add-ons, refusals and gaps."""
    visit = encounter.visit
    if visit is None or (encounter.setting is not None and encounter.setting.value == "none"):
        return
    if _out_of_scope(encounter, context, codebook):
        spans = encounter.setting.evidence[:1] if encounter.setting is not None else ()
        yield Refusal("99213", "not an office or telehealth visit", "EM-FAM-01", spans)
        return
    if not telehealth.is_live_visit(visit, context):
        yield from telehealth.remote_service(visit, context, codebook)
        return
    if visit.staff_only is not None and visit.staff_only.value:
        yield from _staff_visit(encounter, context, codebook, visit)
        return
    yield from _clinician_visit(encounter, context, codebook, visit)


def performed(encounter: Encounter) -> list[Procedure]:
    """Procedures of today that go on the claim: performed, and not cosmetic unless a claim was asked for (CO-01)."""
    return [
        item
        for item in encounter.procedures
        if item.act.status == "performed" and (not _true(item.act.cosmetic) or _true(item.act.claim_requested))
    ]


def _true(stated: Stated[bool] | None) -> bool:
    return stated is not None and stated.value


def _stitches_of_others(encounter: Encounter) -> bool:
    """Stitches that somebody else put in are taken out: an add-on to a visit (procedures 10.7, section 11)."""
    return any(isinstance(item, SutureRemoval) and _true(item.placed_elsewhere) for item in performed(encounter))


def modifier_kind(procedure: Procedure, codebook: Codebook) -> str:
    """ "25", "57" (a 90-day procedure) or "" (no edit with a visit) by the kind of procedure (M-SEL)."""
    detail = procedure.structure if isinstance(procedure, Excision) else ""
    rows = {(row["kind"], row["detail"]): row["modifier"] for row in codebook.table("visit/globals")}
    return rows.get((procedure.kind, detail), rows.get((procedure.kind, ""), "25"))


def standing_of(visit: Visit, context: EncounterContext) -> Standing:
    """EM-STAT: encounter data first, then the note, else established for the time being."""
    said = visit.status
    if context.patient_status is not None:
        spans = said.evidence[:1] if said is not None and said.value == context.patient_status else ()
        return Standing(context.patient_status, f"{context.patient_status} patient by the encounter data", spans)
    if said is not None:
        return Standing(said.value, f"{said.value} patient by the note", said.evidence[:2])
    return Standing("established", "new or established not stated, taken as established", known=False)


def _out_of_scope(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> bool:
    places = {row["place_of_service"]: row["setting"] for row in codebook.table("visit/places")}
    if places.get(context.place_of_service) == "out":
        return True
    said = encounter.setting.value if encounter.setting is not None else "office"
    return said in ("emergency", "inpatient", "operating_room")


def _staff_visit(
    encounter: Encounter, context: EncounterContext, codebook: Codebook, visit: Visit
) -> Iterator[Finding]:
    """EM-211: established, seen by staff only, nothing else billed that the visit belongs to."""
    assert visit.staff_only is not None
    spans = visit.staff_only.evidence[:2]
    if standing_of(visit, context).status == "new":
        yield Refusal("99211", "only for established patients", "EM-211", spans)
    elif _in_global(encounter, context, codebook) and _wholly_postoperative(visit):
        yield Refusal("99024", "inside the global period of an earlier procedure", "HC-16", spans)
    elif any(modifier_kind(item, codebook) for item in performed(encounter)):
        yield Refusal("99211", "part of the service done the same day", "EM-211", spans)
    else:
        draft = LineDraft("99211", diagnoses=_diagnoses(visit.problems, visit))
        draft.because("EM-211", "established patient seen by clinical staff under supervision", *spans)
        draft.because("EM-211", "what was measured", *visit.staff_only.evidence[2:4])
        for problem in visit.problems:
            draft.because("EM-211", "problem checked", *(problem.own_assessment[:1] or problem.evidence[:1]))
        yield draft


def _clinician_visit(
    encounter: Encounter, context: EncounterContext, codebook: Codebook, visit: Visit
) -> Iterator[Finding]:
    in_global = _in_global(encounter, context, codebook) and not _stitches_of_others(encounter)
    problems: tuple[Problem, ...] = visit.problems
    if in_global:
        problems = tuple(p for p in problems if not _of_earlier(p))
        if _wholly_postoperative(visit):
            said = visit.postoperative.evidence[:1] if visit.postoperative is not None else ()
            spans = merged(said, *(p.evidence for p in visit.problems))[:3]
            yield Refusal("99024", "the visit lies wholly in the global period of an earlier procedure", "HC-16", spans)
            return
    elif _undated(encounter, context, visit):
        assert visit.postoperative is not None
        yield GapDraft("prior_procedure.date", "major", "earlier procedure", visit.postoperative.evidence[:1])
    standing = standing_of(visit, context)
    visit = visit.model_copy(update={"problems": problems})
    done = visit.something_done is not None and visit.something_done.value
    denied = visit.something_done is not None and not visit.something_done.value
    today = [] if denied else performed(encounter)
    with_edit = [item for item in today if modifier_kind(item, codebook)]
    setting = telehealth.setting_of(visit, context)
    rows = _level_rows(codebook, family=setting.family, status=standing.status)
    if _stitches_of_others(encounter) and all(isinstance(item, SutureRemoval) for item in with_edit):
        says = "stitches put in elsewhere are taken out beside this visit"
        with_edit, verdict = [], modifier25.Verdict("supported", problems, says, "10.7")
    elif with_edit or done:
        verdict = _verdict(visit, with_edit, codebook)
    else:
        left = modifier25.left_alone(problems)
        verdict = modifier25.Verdict("supported", left, "no procedure with an edit shares the day", "M-SEL-00")
    level = level_of(visit, verdict.kept, codebook, rows=rows, with_procedures=bool(today))
    owned = _unshared(visit, verdict.kept, with_edit) if with_edit else ()
    if with_edit and verdict.answer != "not supported" and not owned:
        verdict = modifier25.Verdict("not supported", (), "every word for it belongs to the procedure", "M25-NODOUBLE")
    if verdict.answer == "not supported" or not verdict.kept:
        yield from _refused(visit, verdict, codebook, rows=rows, beside=bool(with_edit) or done)
        return
    if level.score == 0:
        yield GapDraft("em.mdm", "major", "visit", visit.evidence[:1])
        return
    if not verdict.propose:
        row = rows[level.score - 1]
        yield Refusal(row["code"], f"left to a person: {verdict.says}", verdict.rule, _words(verdict.kept))
        yield GapDraft("em.separate_problem", "major", "visit beside the procedure", _words(verdict.kept)[:2])
        return
    short = telehealth.short_call(visit, context, codebook)
    if short is not None:
        yield from short
        return
    yield from _visit_line(today, context, codebook, visit=visit, standing=standing, setting=setting, level=level,
                           verdict=verdict, rows=rows, in_global=in_global)  # fmt: skip


def _verdict(visit: Visit, with_edit: Sequence[Procedure], codebook: Codebook) -> modifier25.Verdict:
    """25 by section 2.4; a decision for a 90-day procedure is itself the visit (M-SEL-02)."""
    verdict = modifier25.judge(visit, with_edit, codebook)
    if verdict.answer != "not supported" or not _decided_major(visit, with_edit, codebook):
        return verdict
    says = "the visit is where the 90-day procedure was decided"
    return modifier25.Verdict("supported", visit.problems, says, "M-SEL-02")


def _decided_major(visit: Visit, with_edit: Sequence[Procedure], codebook: Codebook) -> bool:
    decided = visit.decision_for_major_today is not None and visit.decision_for_major_today.value
    tomorrow = visit.major_next_day is not None and visit.major_next_day.value
    return decided and (tomorrow or any(modifier_kind(item, codebook) == "57" for item in with_edit))


def _visit_line(
    today: Sequence[Procedure], context: EncounterContext, codebook: Codebook, *, visit: Visit, standing: Standing,
    setting: telehealth.Setting, level: Level, verdict: modifier25.Verdict, rows: Sequence[Row], in_global: bool,
) -> Iterator[Finding]:  # fmt: skip
    with_edit = [item for item in today if modifier_kind(item, codebook)]
    barred = _barred(visit, verdict.kept, with_edit)
    row = rows[level.score - 1]
    draft = LineDraft(row["code"], modifiers=[], diagnoses=_diagnoses(verdict.kept, visit))
    draft.nouns = tuple(dict.fromkeys(noun for p in verdict.kept for noun in _nouns(p)))
    draft.because("EM-STAT", standing.says, *_clear_of(standing.evidence, barred))
    draft.because(setting.rule, setting.says, *_clear_of(setting.evidence, barred))
    for rule, title, element in (("EM-P", "P", level.problems), ("EM-D", "D", level.data), ("EM-R", "R", level.risk)):
        draft.because(rule, f"{title} {element.says}", *_clear_of(element.evidence, barred))
    for problem in verdict.kept:
        spans = _clear_of(merged(problem.own_assessment[:2], problem.evidence[:3], problem.own_exam[:2],
                                 problem.status_words[:2], problem.own_complaint[:2], problem.told,
                                 *(a.evidence[:1] for a in problem.actions if a.action not in
                                   modifier25.PART_OF_PROCEDURE)), barred)  # fmt: skip
        if spans:
            draft.because("EM-P-00", "problem addressed", *spans[:14])
    draft.because("EM-MDM", f"second highest of the three: {name(level.by_mdm)}")
    draft.because("EM-T", level.time_says, *_clear_of(level.time_evidence, barred))
    if level.picked_by_time:
        draft.because("EM-T-06", "the level by time is used")
    yield from _modifiers(draft, visit, verdict, with_edit, codebook, in_global=in_global, barred=barred)
    draft.modifiers.extend(setting.modifiers)
    yield draft
    yield from _companions(draft, context, codebook, visit=visit, level=level, verdict=verdict, beside=bool(with_edit))
    yield from _doubts(visit, context, level=level, verdict=verdict, standing=standing, beside=bool(today),
                       codebook=codebook, rows=rows)  # fmt: skip
    yield from telehealth.missing_of(visit, context)


def _modifiers(
    draft: LineDraft, visit: Visit, verdict: modifier25.Verdict, with_edit: Sequence[Procedure], codebook: Codebook,
    *, in_global: bool, barred: Sequence[Evidence],
) -> Iterator[Finding]:  # fmt: skip
    """24, 25 and 57 in billing order (M-SEL)."""
    if in_global:
        draft.modifiers.append("24")
        draft.because("M-SEL-05", "unrelated to the earlier procedure whose global period runs: 24")
    kinds = {modifier_kind(item, codebook) for item in with_edit}
    decided = _decided_major(visit, with_edit, codebook)
    minor = "25" in kinds or ("57" in kinds and not decided)
    if minor and (verdict.rule != "M-SEL-02" or "25" in kinds):
        draft.modifiers.append("25")
        draft.because(verdict.rule, f"25 {verdict.answer}: {verdict.says}")
        for test in verdict.criteria:
            draft.because(f"M25-{test.id}", test.says, *_clear_of(test.evidence, barred))
    if decided and visit.decision_for_major_today is not None:
        draft.modifiers.append("57")
        draft.because("M-SEL-02", "the 90-day procedure was decided at this visit: 57",
                      *visit.decision_for_major_today.evidence[:1])  # fmt: skip
    if verdict.answer == "review":
        yield GapDraft("em.separate_problem", "major", "visit beside the procedure", _words(verdict.kept)[:2])
    elif verdict.flagged:
        yield Concern("review", f"Modifier 25: {verdict.says}.")


def _companions(
    draft: LineDraft, context: EncounterContext, codebook: Codebook, *, visit: Visit, level: Level,
    verdict: modifier25.Verdict, beside: bool,
) -> Iterator[Finding]:  # fmt: skip
    """Prolonged service, the complexity add-on, and the consultation that stays under considered."""
    if level.picked_by_time and level.minutes is not None:
        for row in codebook.table("visit/prolonged"):
            units = int((level.minutes - int(row["minutes_over"])) // int(row["step"]))
            if row["payer"] == context.payer and row["base"] == draft.code and units >= 1:
                extra = LineDraft(row["code"], units=units, diagnoses=list(draft.diagnoses), primary=0)
                yield extra.because("EM-PROL", f"{level.minutes} minutes: {units} more of {row['step']} minutes",
                                    *level.time_evidence[:1])  # fmt: skip
    yield from _complexity(draft, context, visit=visit, verdict=verdict, beside=beside)
    if visit.consult_requested is not None and visit.consult_requested.value:
        report = visit.consult_report is not None and visit.consult_report.value
        why = "Medicare does not pay consultations" if context.payer == "medicare" else "the claim uses the visit codes"
        spans = merged(visit.consult_requested.evidence[:1], visit.consult_report.evidence[:1] if report and
                       visit.consult_report is not None else ())  # fmt: skip
        if report:
            code = _level_rows(codebook, family="consult", status="any")[level.score - 1]["code"]
            yield Refusal(code, why, "HC-14", spans)


def _complexity(
    draft: LineDraft, context: EncounterContext, *, visit: Visit, verdict: modifier25.Verdict, beside: bool
) -> Iterator[Finding]:
    """G2211 (HC-13, EM-G2211)."""
    if context.payer != "medicare" or visit.longitudinal is None or not visit.longitudinal.value:
        return
    spans = visit.longitudinal.evidence[:4]
    lasting = [p for p in verdict.kept if p.problem_class in CHRONIC]
    if "25" in draft.modifiers:
        yield Refusal("G2211", "not payable beside modifier 25", "EM-G2211-25", spans)
    elif visit.covering is not None and visit.covering.value:
        yield Refusal("G2211", "the clinician covers for another and has no ongoing relationship", "EM-G2211",
                      visit.covering.evidence[:1])  # fmt: skip
    elif not draft.code.startswith("992") or not lasting or beside:
        yield Refusal("G2211", "no lasting serious or complex condition followed at an office visit", "EM-G2211", spans)
    else:
        extra = LineDraft("G2211", diagnoses=_diagnoses(lasting, visit), primary=0)
        yield extra.because("EM-G2211", "ongoing care of a serious or complex condition by this clinician", *spans)


def _doubts(
    visit: Visit, context: EncounterContext, *, level: Level, verdict: modifier25.Verdict, standing: Standing,
    beside: bool, codebook: Codebook, rows: Sequence[Row],
) -> Iterator[Finding]:  # fmt: skip
    """Gaps that would change the level or its defense, and reasons for review (HC-18)."""
    if not standing.known:
        yield GapDraft("patient.status", "major", "patient", visit.evidence[:1])
    said = visit.status
    if said is not None and context.patient_status is not None and said.value != context.patient_status:
        yield GapDraft("note.conflict", "major", "new or established patient", said.evidence[:1])
    if visit.other_minutes is not None and visit.minutes is not None:
        longer = visit.model_copy(update={"minutes": visit.other_minutes})
        other = level_of(longer, verdict.kept, codebook, rows=rows, with_procedures=beside)
        if other.score != level.score:
            spans = merged(visit.minutes.evidence[:1], visit.other_minutes.evidence[:1])
            yield GapDraft("note.conflict", "major", "total time", spans)
    if level.time_open:
        yield GapDraft("em.time", "major", "total time and the procedure's time", level.time_evidence[:1])
    for reason in level.review:
        yield Concern("review", reason)
    if level.picked_by_time and level.by_time > level.by_mdm:
        return
    unstated = _raises(visit, verdict.kept, codebook, rows=rows, beside=beside, level=level)
    if unstated is not None:
        yield GapDraft("em.mdm", "major", _called(unstated), (unstated.own_assessment or unstated.evidence)[:1])


def _raises(
    visit: Visit, kept: Sequence[Problem], codebook: Codebook, *, rows: Sequence[Row], beside: bool, level: Level
) -> Problem | None:
    """A chronic problem whose unstated control or drug decision would change the level (EM_DX_STATUS, EM_RX_DETAIL)."""
    for problem in kept:
        if problem.problem_class != "chronic_stable":
            continue
        if not problem.status_words:
            other = problem.model_copy(update={"problem_class": "chronic_not_at_goal"})
        elif not problem.actions:
            other = problem.model_copy(update={"actions": (PlanAction(action="rx_continue"),)})
        else:
            continue
        others = [other if item.id == problem.id else item for item in kept]
        if level_of(visit, others, codebook, rows=rows, with_procedures=beside).by_mdm > level.by_mdm:
            return problem
    return None


def _called(problem: Problem) -> str:
    """What a query calls the problem: its first condition or complaint word."""
    if problem.diagnoses:
        return problem.diagnoses[0].term.replace("_", " ")
    return problem.nouns[0] if problem.nouns else "problem addressed"


def _refused(
    visit: Visit, verdict: modifier25.Verdict, codebook: Codebook, *, rows: Sequence[Row], beside: bool
) -> Iterator[Finding]:
    """No visit line: the visit goes under considered, with a query only where the note itself levels one."""
    if not visit.problems and not visit.levelled:
        return
    level = level_of(visit, visit.problems, codebook, rows=rows, with_procedures=beside)
    row = rows[max(level.by_mdm, LEVELS.index("straightforward")) - 1]
    spans = merged(visit.levelled[:1], _words(visit.problems))[:3]
    yield Refusal(row["code"], verdict.says, verdict.rule, spans)
    if visit.levelled and beside:
        yield GapDraft("em.separate_problem", "minor", "visit beside the procedure", visit.levelled[:1])


def _barred(visit: Visit, kept: Sequence[Problem], with_edit: Sequence[Procedure]) -> tuple[Evidence, ...]:
    """Words of the procedures that the visit may not use: all of them, or their own act phrases if no other is left."""
    every = merged(*(item.act.evidence for item in with_edit))
    words = merged(*(p.own_assessment for p in kept), *(p.evidence for p in kept))
    return every if _clear_of(words, every) else merged(*(item.act.evidence[:1] for item in with_edit))


def _unshared(visit: Visit, kept: Iterable[Problem], with_edit: Sequence[Procedure]) -> tuple[Evidence, ...]:
    """The words for the visit that no procedure's own act phrase uses (M25-NODOUBLE)."""
    findings = (stated_spans(item.class_finding) for item in with_edit if isinstance(item, NailProcedure | Paring))
    barred = merged(*(item.act.evidence[:1] for item in with_edit), *findings)
    actions = (a.evidence for p in kept for a in p.actions if a.action not in modifier25.PART_OF_PROCEDURE)
    return _clear_of(merged(*(p.own_assessment for p in kept), *(p.evidence for p in kept), *actions), barred)


def _clear_of(spans: Iterable[Evidence], barred: Sequence[Evidence]) -> tuple[Evidence, ...]:
    return tuple(
        span
        for span in spans
        if not any(span.document == o.document and span.start < o.end and o.start < span.end for o in barred)
    )


def _words(problems: Sequence[Problem]) -> tuple[Evidence, ...]:
    return merged(*(p.own_assessment[:1] or p.evidence[:1] for p in problems))


def _diagnoses(problems: Iterable[Problem], visit: Visit) -> list[Diagnosis]:
    """Conditions treated or assessed in the note's order, then history, status and long-term drugs (DX 4.2, 4.8)."""
    found: dict[tuple[str, str | None], Diagnosis] = {}
    ordered = sorted(_spoken_for(list(problems)), key=_weight)
    for diagnosis in [*(d for p in ordered for d in p.diagnoses), *visit.status_diagnoses]:
        found.setdefault((diagnosis.term, diagnosis.site.key if diagnosis.site else None), diagnosis)
    return list(found.values())


def _spoken_for(problems: Sequence[Problem]) -> Sequence[Problem]:
    """Without findings in passing: a trivial one that got no more than a word beside problems that were managed."""
    if any(_screened(p) for p in problems):
        return problems
    weighty = [
        p for p in problems if p.problem_class != "self_limited" or any(a.action not in PASSING for a in p.actions)
    ]
    return [p for p in problems if p in weighty or p.own_complaint] if weighty else problems


def _screened(problem: Problem) -> bool:
    return any(d.term == "skin_cancer_screening" for d in problem.diagnoses)


def _weight(problem: Problem) -> int:
    """What the visit was mainly for: screening or managed problems, other lasting ones, treated lesions, trifles."""
    managed = any(a.action.startswith("rx_") for a in problem.actions)
    if problem.targets:
        return 2
    if problem.problem_class == "self_limited" and not _screened(problem) and not managed:
        return 3
    return 0 if managed or _screened(problem) else 1


def _nouns(problem: Problem) -> tuple[str, ...]:
    return problem.nouns if not any(d.certainty in ("stated", "pathology") for d in problem.diagnoses) else ()


def _level_rows(codebook: Codebook, *, family: str, status: str) -> list[Row]:
    rows = [row for row in codebook.table("visit/levels") if row["family"] == family and row["status"] == status]
    return sorted(rows, key=lambda row: LEVELS.index(row["level"]))


def _of_earlier(problem: Problem) -> bool:
    return problem.of_earlier_procedure is not None and problem.of_earlier_procedure.value


def _wholly_postoperative(visit: Visit) -> bool:
    if not visit.problems:
        return visit.postoperative is not None and visit.postoperative.value
    return all(_of_earlier(problem) or not _managed(problem) for problem in visit.problems) and any(
        _of_earlier(problem) for problem in visit.problems
    )


def _managed(problem: Problem) -> bool:
    return any(a.action not in ("aftercare", "other", "generic_advice") for a in problem.actions)


def _in_global(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> bool:
    """An earlier procedure of this group whose window of 10 or 90 days covers today (11.1)."""
    for prior in context.prior_procedures:
        days = (context.date_of_service - prior.date).days
        if prior.same_provider and prior.global_days and 0 < days <= prior.global_days:
            return True
    windows = {row["what"]: int(row["days"]) for row in codebook.table("visit/past_globals")}
    for past in encounter.past_procedures:
        ago = past.days_ago
        if ago is None and past.on is not None:
            ago = (context.date_of_service - past.on) // timedelta(days=1)
        if ago is not None and past.same_provider is not False and 0 < ago <= windows.get(past.what, 0):
            return True
    return False


def _undated(encounter: Encounter, context: EncounterContext, visit: Visit) -> bool:
    """A postoperative visit without any other service, and nothing says when the operation was (GP_DATE_MISSING)."""
    postoperative = visit.postoperative is not None and visit.postoperative.value
    return postoperative and not performed(encounter) and not _dated(encounter, context)


def _dated(encounter: Encounter, context: EncounterContext) -> bool:
    return bool(context.prior_procedures) or any(
        past.on is not None or past.days_ago is not None for past in encounter.past_procedures
    )
