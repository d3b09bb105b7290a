"""The visit as facts: everything in a note that is evaluation and management rather than a procedure.

A coder reads the note a second time with the procedures set aside and asks what else was done for the patient: which
problems were evaluated or treated, on what data, at what risk, in what setting, in how many minutes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

from notecoder.context import EncounterContext
from notecoder.evidence import Evidence, Stated, merged
from notecoder.facts import Diagnosis, Procedure
from notecoder.facts.visit import DataItem, PlanAction, Problem, ToxicityMonitoring, Visit
from notecoder.reading.page import Page
from notecoder.reading.visit_judge import judged, needs_judge
from notecoder.reading.visit_page import for_visit
from notecoder.reading.visit_plan import nothing_done, set_aside_denial
from notecoder.reading.visit_problems import read_problems
from notecoder.reading.visit_setting import (
    call_minutes,
    distance_facts,
    excludes_procedure,
    first,
    modality,
    patient_status,
    total_minutes,
)
from notecoder.reading.visit_told import with_complaints, with_words
from notecoder.reading.visit_words import condition_class, cue, find_drugs, find_tests


def read_visit(page: Page, procedures: Sequence[Procedure], context: EncounterContext) -> Visit | None:
    """The visit facts of a note, or None when it records no encounter with a patient."""
    page = for_visit(page)
    if first(page, "no_encounter") is not None or _handout(page):
        return None
    if any(item.act.status == "performed" for item in procedures) or _words_of_doing(page) is not None:
        set_aside_denial(page)
    done = () if nothing_done(page) is not None else procedures
    problems, data, _ = read_problems(page, done)
    setting = _setting(page, context)
    written = setting["modality"] is not None and setting["modality"].value in ("portal", "image", "econsult_written", "econsult_verbal")
    if (setting["staff_only"] is not None or written) and not problems:
        problems = _seen_by_staff(page, any_kind=written)
    if not any(problem.actions for problem in problems):
        problems = _stitches_out(procedures) or problems
    if (
        not problems
        and setting.get("staff_only") is None
        and setting.get("levelled") == ()
        and setting.get("postoperative") is None
    ):
        return None
    problems = with_complaints(page, _healing(problems, procedures), booked=setting["procedure_only_visit"] is not None)
    beside = setting["something_done"] is not None and setting["something_done"].value
    if beside:
        problems = tuple(judged(problem) if needs_judge(problem) else problem for problem in problems)
    evidence = merged(*(p.evidence[:1] for p in problems))[:3] or _first_clause(page)
    surgery = _surgery_decision(page, problems)
    decided = first(page, "decision_major")
    visit = Visit(
        problems=problems,
        data=_unique(data),
        toxicity=tuple(_toxicity(page, problems, data)),
        surgery_decision=surgery,
        decision_for_major_today=decided,
        major_next_day=_tomorrow(page, decided),
        status_diagnoses=tuple(_status_diagnoses(page, problems)),
        evidence=evidence,
        **setting,
    )
    return with_words(page, visit, done)


def _setting(page: Page, context: EncounterContext) -> dict[str, Any]:
    minutes = list(total_minutes(page))
    facts: dict[str, Any] = {
        "status": patient_status(page, context.date_of_service),
        "modality": modality(page),
        "minutes": min(minutes, key=lambda stated: stated.value, default=None),
        "minutes_exclude_procedure": excludes_procedure(page),
        "staff_only": _staff_only(page),
        "longitudinal": first(page, "longitudinal"),
        "covering": first(page, "covering"),
        "procedure_only_visit": _booked(page),
        "postoperative": first(page, "postoperative", skip=("plan", "followup", "procedure")),
        "social_limit": first(page, "social"),
        "hospital_decision": first(page, "hospital", kinds=("plan", "assessment_plan", "assessment", "body")),
        "consult_requested": first(page, "consult_request"),
        "consult_report": first(page, "consult_reply"),
        "levelled": _levelled(page),
        "something_done": _something_done(page),
    }
    if len({stated.value for stated in minutes}) > 1:
        facts["other_minutes"] = max(minutes, key=lambda stated: stated.value)
    remote = facts["modality"] is not None and facts["modality"].value != "audio_video"
    if remote and facts["minutes"] is None:
        facts["minutes"] = call_minutes(page)
    if facts["modality"] is not None or context.place_of_service in ("02", "10"):
        facts |= distance_facts(page)
    return facts


def _handout(page: Page) -> bool:
    """A text that speaks to readers, not of a patient."""
    you = len(re.findall(r"\byour?\b", page.text, re.IGNORECASE))
    patient = cue("patient_word", page.text.lower())
    return you >= 3 and patient is None


def _booked(page: Page) -> Stated[bool] | None:
    """The visit was for the procedure: so said, or the page is the procedure's own record (C1, C7)."""
    match = cue("procedure_record", page.text[:160].lower())
    if match is not None:
        return Stated(value=True, evidence=(page.quote(match.start(), match.end()),))
    return first(page, "procedure_visit", skip=("plan", "followup", "assessment_plan", "procedure"))


def _staff_only(page: Page) -> Stated[bool] | None:
    """The heading or the first lines call it a nurse's visit."""
    match = cue("staff_only", page.text[:240].lower())
    if match is None:
        return None
    end = page.text.find("\n", match.end())
    return Stated(value=True, evidence=(page.quote(match.start(), end if end > 0 else len(page.text)),))


def _seen_by_staff(page: Page, *, any_kind: bool = False) -> tuple[Problem, ...]:
    """What a staff visit was for, or what a picture shows: the first condition the note names."""
    for mark in page.marks:
        for seen in mark.diagnoses:
            kind = condition_class(seen.term)
            shown = any_kind and seen.certainty == "stated" and kind not in (None, "sign", "undiagnosed")
            if seen.certainty != "negated" and (shown or kind in ("chronic", "acute", "severe")):
                quote = page.quote_clause(mark)
                named = Diagnosis(term=seen.term, evidence=(page.quote(seen.start, seen.end),))
                return (
                    Problem(
                        id="problem-1",
                        diagnoses=(named,),
                        problem_class="chronic_stable",
                        own_assessment=(quote,),
                        evidence=(quote,),
                    ),
                )
    return ()


def _stitches_out(procedures: Sequence[Procedure]) -> tuple[Problem, ...]:
    """Stitches of somebody else's operation, looked at and taken out: that is what the visit was for (Z48.02)."""
    for item in procedures:
        ours = item.kind != "suture_removal" or item.placed_elsewhere is None or not item.placed_elsewhere.value
        if item.act.status == "performed" and not ours:
            spans = item.act.evidence[:1]
            wound = next((d for d in item.target.diagnoses if d.term == "laceration"), None)
            named = wound or Diagnosis(term="suture_removal", evidence=spans)
            if named.site is None and wound is not None:
                named = named.model_copy(update={"site": item.target.site})
            return (
                Problem(
                    id="problem-1",
                    diagnoses=(named,),
                    problem_class="self_limited",
                    own_assessment=spans,
                    evidence=spans,
                ),
            )
    return ()


def _healing(problems: tuple[Problem, ...], procedures: Sequence[Procedure]) -> tuple[Problem, ...]:
    """An injury whose stitches are taken out today is the one that they closed: its place, and healing (4.8)."""
    closed = [p.target for p in procedures if p.kind == "suture_removal" and p.act.status == "performed"]
    wound = next(((t, d) for t in closed for d in t.diagnoses if d.subsequent), None)
    if wound is None:
        return problems
    target, injury = wound

    def told(diagnosis: Diagnosis) -> Diagnosis:
        same = diagnosis.term == injury.term
        return diagnosis.model_copy(update={"subsequent": True, "site": injury.site or target.site}) if same else diagnosis

    return tuple(p.model_copy(update={"diagnoses": tuple(told(d) for d in p.diagnoses)}) for p in problems)


def _levelled(page: Page) -> tuple[Evidence, ...]:
    """Where somebody typed a visit code or level, in the note or by a helper."""
    return tuple(
        page.quote_clause(mark) for mark in page.marks if not mark.clause.pasted and cue("levelled", mark.clause.lower)
    )[:2]


def _something_done(page: Page) -> Stated[bool] | None:
    """An act performed today, or the words that go with one (local anesthetic, specimen jar, liquid nitrogen)."""
    denial = nothing_done(page)
    if denial is not None:
        return Stated(value=False, evidence=(denial,))
    record = cue("procedure_record", page.text[:160].lower())
    if record is not None:
        return Stated(value=True, evidence=(page.quote(record.start(), record.end()),))
    for mark in page.live():
        for act in mark.acts:
            if act.status == "performed" and act.family not in ("bedside_test", "pathology"):
                return Stated(value=True, evidence=(page.quote(act.start, act.end),))
    words = _words_of_doing(page)
    return Stated(value=True, evidence=(words,)) if words is not None else None


def _words_of_doing(page: Page) -> Evidence | None:
    """Words that go with a procedure done today: local anesthetic, a specimen jar, liquid nitrogen."""
    for mark in page.live():
        match = cue("procedure_words", mark.clause.lower)
        if match and not any(act.status != "performed" for act in mark.acts):
            return page.quote(mark.clause.start + match.start(), mark.clause.start + match.end())
    return None


def _first_clause(page: Page) -> tuple[Evidence, ...]:
    return tuple(page.quote_clause(mark) for mark in page.live())[:1]


def _unique(data: Sequence[DataItem]) -> tuple[DataItem, ...]:
    found: dict[tuple[str, str], DataItem] = {}
    for item in data:
        found.setdefault((item.kind, item.what), item)
    return tuple(found.values())


def _toxicity(page: Page, problems: Sequence[Problem], data: Sequence[DataItem]) -> list[ToxicityMonitoring]:
    """Watched drugs that are started or carried on with tests ordered or reviewed at this visit (EM-R-TOX)."""
    tests = tuple(dict.fromkeys(item.what for item in data if item.kind in ("test_ordered", "test_reviewed")))
    found = []
    for problem in problems:
        for action in problem.actions:
            if action.action not in ("rx_start", "rx_change", "rx_continue") or action.detail is None:
                continue
            drug = next(
                (
                    d.drug
                    for s in action.evidence
                    for d in find_drugs(page.text, s.start, s.end)
                    if d.drug.name == action.detail
                ),
                None,
            )
            if drug is None or not drug.watched or not tests:
                continue
            spans = merged(
                action.evidence[:1], *(i.evidence[:1] for i in data if i.kind in ("test_ordered", "test_reviewed"))
            )
            found.append(
                ToxicityMonitoring(
                    drug=drug.name,
                    tests=tests,
                    at_least_quarterly=_interval(page),
                    problem=problem.id,
                    evidence=spans[:4],
                )
            )
    return found


def _interval(page: Page) -> Stated[bool] | None:
    """A plan to repeat the tests at least every three months."""
    for mark in page.live():
        tests = list(find_tests(page.text, mark.clause.start, mark.clause.end)) or re.search(
            r"\blabs?\b|monitor", mark.clause.lower
        )
        if tests and cue("quarterly", mark.clause.lower):
            return Stated(value=True, evidence=(page.quote_clause(mark),))
    return None


def _surgery_decision(
    page: Page, problems: Sequence[Problem]
) -> Stated[Literal["minor", "minor_risk", "major", "major_risk"]] | None:
    """A decision about surgery not done today, with the risk factor that stands near it (EM-R-SURG)."""
    for problem in problems:
        for action in problem.actions:
            if action.action not in ("future_procedure", "treatment_choice"):
                continue
            words = " ".join(s.text.lower() for s in action.evidence)
            act = re.search(r"flap|graft", words) or re.search(
                r"mohs|excis\w+|surg\w+|pdt|photodynamic|flap|graft|wle|biops\w+|destruct\w+|cryo\w*|ed&c|curettage",
                words,
            )
            if act is None:
                continue
            major = act.group() in ("flap", "graft")
            near = " ".join(
                s.text.lower()
                for p in (problem,)
                for s in merged(p.evidence, p.own_assessment, *(a.evidence for a in p.actions))
            )
            risk = cue("surgery_risk", near) or next(
                (m for m in (cue("surgery_risk", mk.clause.lower) for mk in page.live()) if m), None
            )
            value = ("major" if major else "minor") + ("_risk" if risk else "")
            return Stated.model_validate({"value": value, "evidence": action.evidence})
    return None


def _tomorrow(page: Page, decided: Stated[bool] | None) -> Stated[bool] | None:
    """The operation decided on is set for the next day (M-SEL-02)."""
    if decided is None:
        return None
    for mark in page.live():
        if re.search(r"\b(?:tomorrow|next day|in the morning|next morning)\b", mark.clause.lower) and (
            mark.acts or cue("decision_major", mark.clause.lower)
        ):
            return Stated(value=True, evidence=(page.quote_clause(mark),))
    return None


def _status_diagnoses(page: Page, problems: Sequence[Problem]) -> list[Diagnosis]:
    """Long-term drugs in current use for a problem addressed (DX 4.8).

    A drug only begun today is not yet long-term, unless it takes the place of another of its kind.
    """
    found: dict[str, Diagnosis] = {}
    for problem in problems:
        kept, begun, stopped = (
            _long_terms(page, [a for a in problem.actions if a.action in kinds])
            for kinds in (("rx_continue", "rx_change"), ("rx_start",), ("rx_stop",))
        )
        exchanged = {term: spans for term, spans in begun.items() if term in stopped}
        for term, spans in [*kept.items(), *exchanged.items()]:
            if condition_class(term) is None:
                found.setdefault(term, Diagnosis(term=term, evidence=spans))
    return list(found.values())


def _long_terms(page: Page, actions: Sequence[PlanAction]) -> dict[str, tuple[Evidence, ...]]:
    """The diagnosis terms that long use of the drugs of these actions adds."""
    found: dict[str, tuple[Evidence, ...]] = {}
    for action in actions:
        for span in action.evidence:
            for mention in find_drugs(page.text, span.start, span.end):
                if mention.drug.name == action.detail and mention.drug.long_term:
                    found.setdefault(mention.drug.long_term, action.evidence[:1])
    return found
