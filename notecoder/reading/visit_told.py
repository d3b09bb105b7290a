"""Where else the note tells of a visit's facts: the words a reviewer would underline beside those that decided.

The problem's own line decides its class; the sentence of the history in which the patient complains of it, the finding
on examination and the statement of its course show that it was addressed (EM-P). How the visit was held, who goes on
treating and what was measured may be said more than once. Nothing is decided here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from notecoder.evidence import Evidence, Stated, merged
from notecoder.facts import Procedure
from notecoder.facts.visit import Problem, Visit
from notecoder.reading.page import Mark, Page
from notecoder.reading.visit_words import condition_class, cue, find_drugs, find_tests, groups_of, sign_pattern

MOST = 6
"""Further clauses that a problem keeps."""
LONG = 150
_TELLS = frozenset({"history", "reason", "exam", "assessment", "assessment_plan", "plan", "body"})
_FINDS = frozenset({"history", "reason", "exam", "body"})
_MINE = re.compile(
    r"\b(?:i|i'm|i've|i'll|we|we've|my|our|me|us)\b[^.;]{0,60}\b(?:follow\w*|manag\w+|direct\w*|coordinat\w+|steer\w*|run|running|own|owns|"
    r"continu\w+|keep|remain|monitor\w*|surveillance|look(?:ed|ing)? after|tak\w+ care|care (?:for|of)|treat\w*|long[- ]term|every \d|q ?\d)|"
    r"\b(?:sees?|seen|followed|with|under) (?:by )?(?:me|us|my care)\b|\b(?:rtc|return|recheck|back|follow-?up|f/u)\b[^.;]{0,24}\b(?:w/?|with) (?:me|us)\b",
    re.IGNORECASE,
)
_HELD = re.compile(r"\b(?:video|audio|telephone|phone|sound and picture|two-way|camera|webcam|platform|call(?:ed)?)\b", re.IGNORECASE)
_BEGAN = re.compile(r"\b(?:patient|pt|she|he|mother|father|parent)\b[^.;]{0,20}\b(?:called|phoned|rang|initiated|requested)\b", re.IGNORECASE)
_MEASURED = re.compile(
    r"\b(?:bp|blood pressure|pulse|weight|temp\w*)\b[^.;]{0,30}\d|\b(?:dr\.?|physician|supervis\w+)\b[^.;]{0,30}\b(?:in (?:the )?(?:office|suite|clinic|building)|on ?site|available|supervis\w+)\b",
    re.IGNORECASE,
)
_CHOSEN = re.compile(
    r"\b(?:chose|chooses|choos\w+|elect(?:s|ed)|opt(?:s|ed) for|prefers?|agrees?|agreed|declin\w+|refus\w+|advised|recommended|offered|compared|discussed|"
    r"alternatives?|options?|gone over|versus|apixaban|warfarin|anticoag\w*|blood thinner\w*|clopidogrel|pacemaker|defibrillator|immunosuppress\w*)\b",
    re.IGNORECASE,
)
"""Words of a decision about surgery: what was offered, weighed, chosen or refused, and what makes it riskier."""
_HEALS = re.compile(r"\b(?:heal\w*|edges|dehisc\w*|approximated|no (?:redness|drainage|erythema|pus)|wound)\b", re.IGNORECASE)
_NOTHING = re.compile(r"\b(?:denies|negative for|ros|allerg\w+|nkda|no known)\b", re.IGNORECASE)


def with_words(page: Page, visit: Visit, procedures: Sequence[Procedure]) -> Visit:
    """The visit, its facts with the further clauses that state them."""
    treated = {site.key for p in procedures if p.act.status == "performed" for site in (p.target.site, *p.target.more_sites) if site}
    alone = len(visit.problems) == 1 and not treated
    problems = tuple(
        problem.model_copy(update={"told": tuple(_told(page, problem, alone=alone))}) for problem in visit.problems
    )
    update: dict[str, object] = {"problems": problems}
    for name, pattern, cue_name in (("longitudinal", _MINE, "longitudinal"), ("modality", _HELD, ""), ("patient_initiated", _BEGAN, "patient_began"), ("staff_only", _MEASURED, "")):
        fact = getattr(visit, name)
        if fact is not None and fact.value:
            update[name] = _widened(page, fact, pattern, cue_name)
    return visit.model_copy(update=update)


def with_complaints(page: Page, problems: Sequence[Problem], *, booked: bool) -> tuple[Problem, ...]:
    """Problems without a complaint or examination of their own, with those that the note tells outside its plan (E1, E3)."""
    return tuple(p if p.own_complaint or p.own_exam else _complained(page, p, booked=booked) for p in problems)


def _complained(page: Page, problem: Problem, *, booked: bool) -> Problem:
    terms = {d.term for d in problem.diagnoses}
    groups = frozenset(g for term in terms for g in groups_of(term))
    known = merged(problem.own_assessment, problem.evidence)
    complaint: list[Evidence] = []
    exam: list[Evidence] = []
    for mark in page.live():
        if mark.kind not in _FINDS or page.says(mark, _NOTHING) or any(a.status == "performed" for a in mark.acts):
            continue
        found = _spot(page, mark, terms, groups, [])
        if found is None or found[0] > 2:
            continue
        span = _around(page, mark, found[1], found[2])
        if not any(span.start < e.end and e.start < span.end for e in known):
            (complaint if mark.kind in {"history", "reason"} else exam).append(span)
    if not complaint and not exam and problem.own_assessment:
        head = page.marks[page.layout.clause_at(problem.own_assessment[0].start).index]
        if head.kind == "body" and booked:
            complaint = [span for span in problem.status_words if cue("not_at_goal", span.text.lower())]
        elif head.kind == "body":
            complaint, exam = _in_its_own_words(problem)
    return problem.model_copy(update={"own_complaint": tuple(complaint[:2]), "own_exam": tuple(exam[:2])})


_SAYS_SO = re.compile(
    r"\b(?:complain\w*|complaint|worr\w+|bother\w*|troubl\w+|concern\w*|asks?|asked|request\w*|wanted|mentions?|mentioned|brought up|raises|raised|"
    r"(?:visit|appointment|seen|here|came|come|in|also) (?:was |also |today )*(?:about|for)|unrelated|separate(?:ly)?|besides|in addition|second (?:problem|issue|reason|matter)|"
    r"other (?:problem|issue|reason|matter)|main reason|same (?:visit|sitting|appointment)|follow-?up|returns?|reports?|says|tells|notes|noticed|"
    r"for (?:\w+ )?(?:days|weeks|months|years)|since|daily|every (?:day|night)|nightly|itch\w*|pain\w*|sleep\w*|burn\w*)\b",
    re.IGNORECASE,
)
_SEEN_SO = re.compile(
    r"\b(?:exam\w*|looked at|inspect\w*|palpa\w+|dermoscop\w*|dermatoscop\w*|pull test|on the (?:scalp|face|trunk|arms?|legs?|hands?|feet|chest|back|elbows?|knees?)|"
    r"bsa|iga|pga|easi|pasi|hurley|\d+ ?% of)\b",
    re.IGNORECASE,
)


def _in_its_own_words(problem: Problem) -> tuple[list[Evidence], list[Evidence]]:
    """In running text one sentence is complaint, finding and plan: its words for how the disease goes, and what was seen."""
    own = merged(problem.own_assessment, problem.evidence, problem.status_words)
    said = [*problem.status_words, *(span for span in own if _SAYS_SO.search(span.text))]
    return said[:2], [span for span in own if _SEEN_SO.search(span.text)][:2]


def _widened(page: Page, fact: Stated[object], pattern: re.Pattern[str], cue_name: str) -> Stated[object]:
    """The fact with up to three clauses more that say it."""
    more = []
    for mark in page.live():
        match = pattern.search(mark.clause.text) or (cue(cue_name, mark.clause.lower) if cue_name else None)
        if match and not _NOTHING.search(mark.clause.text):
            more.append(_around(page, mark, match.start(), match.end()))
    new = [span for span in more if not any(span.start < e.end and e.start < span.end for e in fact.evidence)]
    return fact.model_copy(update={"evidence": merged(fact.evidence, new[:3])})


def _told(page: Page, problem: Problem, *, alone: bool) -> Iterator[Evidence]:
    """Clauses elsewhere about a problem: its name, its signs, its drugs, or, for the only problem, what was found."""
    terms = {d.term for d in problem.diagnoses}
    groups = frozenset(g for term in terms for g in groups_of(term))
    nouns = [noun for noun in problem.nouns if len(noun) > 3]
    known = merged(problem.own_assessment, problem.evidence, problem.own_exam, problem.status_words, problem.own_complaint)
    surgical = any(a.action in {"future_procedure", "treatment_choice"} for a in problem.actions)
    heads = {page.layout.clause_at(e.start).index for e in (*problem.own_assessment, *problem.own_exam)}
    ranked: list[tuple[int, int, Evidence]] = []
    nothing = {mark.clause.index for mark in page.saying(_NOTHING)}
    for mark in page.live():
        if mark.kind not in _TELLS or mark.clause.index in nothing or any(a.status == "performed" for a in mark.acts):
            continue
        found = _spot(page, mark, terms, groups, nouns)
        if found is None and (decided := _CHOSEN.search(mark.clause.text) if surgical else None):
            found = (2, decided.start(), decided.end())
        if found is None and terms & {"suture_removal", "laceration"} and (well := _HEALS.search(mark.clause.text)):
            found = (1, well.start(), well.end())
        if found is None and any(0 < head - mark.clause.index <= 3 for head in heads) and cue("complains", mark.clause.lower) and any(condition_class(d.term) == "sign" for d in mark.diagnoses):
            found = (2, 0, min(LONG, len(mark.clause.text)))
        if found is None and alone and mark.kind in _FINDS and len(mark.clause.text) > 20:
            found = (3, 0, min(LONG, len(mark.clause.text)))
        if found is None:
            continue
        span = _around(page, mark, found[1], found[2])
        if not any(span.start < e.end and e.start < span.end for e in known):
            status = any(cue(name, mark.clause.lower) for name in ("not_at_goal", "stable", "improving", "severe"))
            ranked.append((found[0] - status, mark.clause.index, span))
    for _, _, span in sorted(sorted(ranked, key=lambda each: each[:2])[:MOST], key=lambda each: each[1]):
        yield span


def _spot(page: Page, mark: Mark, terms: set[str], groups: frozenset[str], nouns: Sequence[str]) -> tuple[int, int, int] | None:
    """Rank and place of the words about a condition: its name before its signs, its signs before its drugs."""
    base = mark.clause.start
    for seen in mark.diagnoses:
        if seen.certainty != "negated" and (seen.term in terms or groups_of(seen.term) & groups):
            return 1, seen.start - base, seen.end - base
    for noun in nouns:
        at = mark.clause.lower.find(noun)
        if at >= 0:
            return 1, at, at + len(noun)
    if mark.kind in _FINDS:
        for group in sorted(groups):
            pattern = sign_pattern(group)
            match = pattern.search(mark.clause.text) if pattern and page.says(mark, pattern) else None
            if match:
                return 2, match.start(), match.end()
    for drug in find_drugs(page.text, mark.clause.start, mark.clause.end):
        if drug.drug.groups & groups:
            return 2, drug.start - base, drug.end - base
    if any(True for _ in find_tests(page.text, mark.clause.start, mark.clause.end)) and not nouns and not groups:
        return 3, 0, min(LONG, len(mark.clause.text))
    return None


def _around(page: Page, mark: Mark, start: int, end: int) -> Evidence:
    """The clause when it is short, else the part of it around the words."""
    text = mark.clause.text
    if len(text) <= LONG:
        return page.quote(mark.clause.start, mark.clause.end)
    left = text.rfind(" ", 0, max(0, start - 50)) + 1
    right = text.find(" ", min(len(text), end + 70))
    return page.quote(mark.clause.start + left, mark.clause.start + (right if right >= 0 else len(text)))
