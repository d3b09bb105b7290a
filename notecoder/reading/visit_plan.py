"""What was decided: the plan actions in one clause.

A coder reads a plan line for its verb and its object: a drug started, changed, stopped or carried on, a test ordered, a
referral, a watchful interval, a procedure, wound care. What is only possible ("if it fails", "consider"), what was
tried before, and what was injected here and now is no drug management.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from notecoder.evidence import Evidence
from notecoder.facts.visit import Action, DataItem, PlanAction
from notecoder.reading.page import Mark, Page
from notecoder.reading.visit_verbs import dose_told, verb_after
from notecoder.reading.visit_words import DrugMention, cue, cues, find_drugs, find_tests, groups_of

Zone = Literal["plan", "history", "exam", "procedure", "other"]
_SIMPLE: tuple[tuple[str, Action], ...] = (
    ("await_pathology", "await_pathology"),
    ("aftercare", "aftercare"),
    ("photoprotection", "photoprotection"),
    ("treatment_choice", "treatment_choice"),
    ("reassurance", "reassurance"),
    ("observation", "observation"),
    ("generic_advice", "generic_advice"),
)
_OTHER_DATA = (
    ("historian", "historian"),
    ("discussion", "discussion"),
    ("own_interpretation", "independent_interpretation"),
    ("outside_note", "external_note"),
)
_PART = re.compile(
    r"(?:[,;]|\.\s|\band\b(?= (?:start|stop|add|increase|decrease|switch|continue|refill|order|check|check)\w*\b))"
)


def nothing_done(page: Page) -> Evidence | None:
    """Where the note says that no procedure was done at this visit."""
    if "nothing_done" not in page.memo:
        page.memo["nothing_done"] = _nothing_done(page)
    kept: Evidence | None = page.memo["nothing_done"]
    return kept


_ONE_PLACE = re.compile(
    r"\bnothing (?:was|done|treated)\b(?:(?![^.;]*\btoday\b)|[^.;]{0,20}\b(?:there|to (?:it|them|this|that)|at that site)\b)|\bno (?:bx|biops\w+)\b", re.IGNORECASE
)
"""A denial that may be about one lesion among several."""


def set_aside_denial(page: Page) -> None:
    """Where something was done after all, "nothing was cut" speaks of one lesion, not of the visit."""
    denial = nothing_done(page)
    if denial is not None and _ONE_PLACE.search(denial.text):
        page.memo["nothing_done"] = None


def _nothing_done(page: Page) -> Evidence | None:
    for mark in page.live():
        match = cue("nothing_done", mark.clause.lower)
        if match:
            return page.quote_clause(mark)
    return None


def plan_actions(page: Page, mark: Mark, *, zone: Zone, bare: bool = False) -> list[PlanAction]:
    """The actions of one clause. ``bare``: the note has no plan heading, so a regimen alone is a decision."""
    clause = mark.clause
    found: list[PlanAction] = []
    if cue("listed", clause.lower):
        return found
    if zone == "plan" or bare or cue("decided_in_prose", clause.lower):
        found.extend(_drug_actions(page, mark, zone=zone, bare=bare))
    if zone not in ("plan",) and not bare:
        return found
    found.extend(_bare_verbs(page, mark, found))
    done = _procedure(page, mark)
    if done:
        found.append(PlanAction(action="procedure", evidence=(done,)))
    found.extend(_other_actions(page, mark, done=bool(done)))
    return found


def _drug_actions(page: Page, mark: Mark, *, zone: Zone, bare: bool) -> Iterator[PlanAction]:
    clause, lower = mark.clause, page.text[mark.clause.start : mark.clause.end].lower()
    for drug in find_drugs(page.text, clause.start, clause.end):
        left, right = _part(lower, drug.start - clause.start, drug.end - clause.start)
        ahead = page.text[clause.end : clause.end + 60].split("\n")[0].lower()
        if _refused(lower[: drug.start - clause.start], lower[drug.end - clause.start :] + ahead):
            action: Action | None = "rx_considered" if _REASON.search(lower + ahead) and not drug.otc else None
        else:
            action = _drug_action(lower, drug, base=clause.start, left=left, right=right, zone=zone, bare=bare)
            if action is None and bare and zone != "history" and _alone_behind_disease(mark, drug, lower):
                action = "otc" if drug.otc else "rx_start"
        if action is not None:
            span = page.quote(clause.start + left, min(clause.end, clause.start + right))
            yield PlanAction(action=action, detail=drug.drug.name, strength=drug.percent, evidence=(span,))


_LEFT_BARE = re.compile(r"[,:;–-]\s*(?:and |then |today |now )?(?:oral |topical |a course of )?$")


def _alone_behind_disease(mark: Mark, drug: DrugMention, lower: str) -> bool:
    """ "Cellulitis of the shin, cephalexin.", "triamcinolone instead": the name of a drug that ends the line is what is given."""
    at, after = drug.start - mark.clause.start, drug.end - mark.clause.start
    if _PAST_TIME.search(lower) or cue("used_before", lower) or cue("hypothetical", lower):
        return False
    if re.match(r"\s*(?:(?:cream|ointment|gel|lotion|foam|solution|tablets?|capsules?)\s*)?instead\b", lower[after:]):
        return True
    fits = any(groups_of(d.term) & drug.drug.groups and d.certainty != "negated" for d in mark.diagnoses)
    return fits and re.fullmatch(r"\W*(?:cream|ointment|gel|lotion|foam|solution|tablets?|capsules?|po|orally)?\W*", lower[after:]) is not None and _LEFT_BARE.search(lower[:at]) is not None


def _drug_action(
    lower: str, drug: DrugMention, *, base: int, left: int, right: int, zone: Zone, bare: bool
) -> Action | None:
    """The action on one drug, by the nearest verb before it in its part of the clause, else by its regimen."""
    at, after = drug.start - base, drug.end - base
    before, behind = lower[left:at], lower[after:right]
    whole_before = lower[:at]
    if re.search(r"\b(?:no|not|without|avoid(?:ed)?|allerg\w+ to|never)\s+(?:\w+\s+){0,2}$", before):
        return "rx_considered" if cue("considered_not_given", behind) and "because" in behind and not drug.otc else None
    if re.search(r"\b(?:due to|caused by|reaction to|since|after|secondary to)\s+(?:\w+\s+){0,2}$", whole_before):
        return None
    if re.search(r"\bas before\b|\balready (?:takes|taking|on|uses)\b|\bno rx today\b|\bat home for\b", lower):
        return None
    verb = _nearest_verb(whole_before)
    tail = verb_after(behind, lower)
    told_after = tail is not None or (bool(_DECIDED_AFTER.match(behind)) and not _PAST_TIME.search(lower))
    if cue("used_after", behind[:60]) and not (told_after and zone != "history"):
        return None
    if _firmly_open(whole_before):
        return None
    if _CONDITION.search(whole_before) or _MODAL.search(whole_before) or cue("only_possible", behind[:40]):
        if not (verb and _closest(whole_before, verb)):
            return None
    elif cue("hypothetical", whole_before) and not (verb and _closest(whole_before, verb)):
        return None
    if told_after and zone != "history" and (verb is None or (tail is not None and (not _nearest_verb(before) or (tail == "stop" and verb == "continue")))):
        verb = tail or "start"
    if verb is None and cue("used_before", before) and zone != "plan":
        return None
    if verb is None and re.search(
        r"\b(?:tried|failed|failing|failure of|on|despite|used|stopped working|since|using|with)\s+(?:\w+\s+){0,2}$",
        before,
    ):
        if zone != "plan" or not re.search(r"\bwith\s+(?:\w+\s+){0,2}$", before):
            return None
    if (
        re.match(r"\s*(?:\S+\s+){0,4}?(?:failing|failed|stopped working|does nothing|no help|helped|let |(?:did|does|was|has)(?: not|n't) |was (?:in|not )|without (?:benefit|help|success|improv))", behind)
        and verb is None
    ):
        return None
    kind = "otc" if drug.otc else None
    if verb == "stop" and drug.regimen and _STOPPED_ELSE.search(whole_before):
        verb = "start"
    if verb == "stop":
        return "rx_stop" if kind is None else "other"
    if kind:
        return "otc" if verb or zone == "plan" or drug.regimen else None
    if verb == "change" or re.match(r"\s*(?:\S+ ){0,3}?(?:->|→|up to|increased|decreased)", behind):
        return "rx_change"
    if verb == "continue" or re.match(r"[^.;]{0,40}\b(?:continu\w+|refill\w*|renew\w*|\brf\b)", behind):
        return "rx_continue"
    if verb == "start" or drug.regimen or (zone == "plan" and not bare):
        if zone != "plan" and verb is None and not (bare and drug.regimen):
            return None
        return "rx_start"
    return None


_ORDER_LINE = re.compile(r"[^;.\n]{0,40};\s*(?:future|standing|expected|normal|routine)\b", re.IGNORECASE)
""" "CBC WITH DIFFERENTIAL; Future": a line of an order set."""
_STOPPED_ELSE = re.compile(r"\b(?:stop|discontinue|quit|d/c|dc)\s+(?:using )?(?:the|her|his|that|all|both|any|this)\s+(?:(?!mg\b|daily\b)[\w'-]+ ?){1,8}[,;]\s*$")
""" "Stop the cream and the balm, metronidazole twice a day": what is stopped is named before the comma."""
_LIST = r"(?:(?:\s*(?:,|/|&|\+|\band\b|\bplus\b|\bwith\b)\s*)+[\w./ -]{2,24}?){0,6}[,:]?\s+(?:tests? |levels? |panels? |labs? |results? )?(?:were |was |are |is |to be |also |both |all |will be |have been |has been |again |being )*"
_LISTED_ORDER = re.compile(
    _LIST + r"(?:ordered|sent|drawn|obtained|requested|repeated|re-?checked|collected|run|taken|added|arranged|pending|to follow|due (?:today|now)|stat|today|now|"
    r"(?:again )?(?:every|each|q) ?(?:\d|one|two|three|four|six|eight|month|week|visit)|monthly|weekly|quarterly|(?:again )?in (?:\d|one|two|three|four|six|eight|a month))(?![a-z])"
)
_LISTED_RESULT = re.compile(
    _LIST + r"(?:reviewed|gone over|went over|looked (?:at|over)|read|seen|discussed|back|came back|in hand|normal|wnl|nl|fine|ok|okay|good|clean|unremarkable|unchanged|within|negative|elevated|steady|stable)(?![a-z])"
)
""" "CBC, CMP, TSH ordered": the verb at the end of the list is for each."""
_DECIDED_AFTER = re.compile(
    r"[^.;]{0,50}?\b(?:was|were|is|are|to be|will be|has been|have been)?\s*(?:then |also |today )?(?:started|begun|initiated|"
    r"prescribed|sent|ordered|added|given|provided|dispensed|called in|e-?prescribed|escribed|rx'?d|restarted|resumed)\b"
)
_PAST_TIME = re.compile(
    r"\bago\b|\blast (?:visit|time|year|month|week|fall|spring|summer|winter)|\bpreviously\b|\bin (?:19|20)\d\d\b|\belsewhere\b|"
    r"\bby (?:his|her|the|their|an?|dr|pcp|urgent|outside)\b|\bin the past\b|\bsince (?:19|20)\d\d"
)
_CONDITION = re.compile(r"\b(?:if|unless)\b[^,;]*$")
_MODAL = re.compile(r"\b(?:may|might|could|would|can)\s+(?:\w+ )?(?:\w+ )?$")
_FIRM_IF = re.compile(
    r"\b(?:if|unless|should)\b(?! (?:needed|tolerated|covered|approved|ok|okay|possible|able|affordable|insurance|necessary))"
    r"[^;.]*$"
)
_WOULD_VERB = re.compile(r"\b(?:may|might|could|would(?! like)|can)\s+(?:\w+ )?(?:start|try|add|use|switch|go|increase|consider|move)\b[^;.]*$")
_REFUSAL = r"(?:declin\w+|refus\w+|not interested in|prefers? (?:not|to wait|to hold|to avoid|against)|would rather (?:not|wait)|(?:did|does) not want|doesn't want|turned down|opted (?:against|not to))"
_REFUSED_BEFORE = re.compile(rf"\b{_REFUSAL}\s+(?:(?!\b(?:start|continue|use|add)\b)[\w/-]+[ ,]+){{0,4}}$")
_REFUSED_AFTER = re.compile(
    rf"[^.]{{0,28}}?(?:[;,-]|\bbut\b|\band\b|\boffered\b)?\s*(?:\w+ ){{0,3}}?{_REFUSAL}"
)
_REASON = re.compile(r"\b(?:because|due to|given|since|as (?:he|she|they|it)|concern\w*|afraid|worried|out of|reason|for fear)\b")


def _refused(before: str, after: str) -> bool:
    """The patient turned the drug down: before its name, or right after it."""
    return bool(_REFUSED_BEFORE.search(before) or (_REFUSED_AFTER.match(after) and not re.match(r"[^.]{0,40}\b(?:start|switch|instead)", after)))


def _firmly_open(before: str) -> bool:
    """The verb itself stands under the condition: "if no better, will start", "could try"."""
    return bool(_FIRM_IF.search(before) or _WOULD_VERB.search(before))


_VERBS = ("stop", "change", "continue", "start")


def _nearest_verb(before: str) -> str | None:
    """The last plan verb before a drug, within the reach of one sentence."""
    best: tuple[int, str] | None = None
    for name in _VERBS:
        for match in cues(name, before + " "):
            if len(before) - match.end() <= 90 and (best is None or match.start() > best[0]):
                best = (match.start(), name)
    return best[1] if best else None


def _closest(before: str, verb: str) -> bool:
    """The verb stands nearer to the drug than the word of possibility does."""
    last_verb = max((m.start() for m in cues(verb, before + " ")), default=-1)
    last_maybe = max((m.start() for m in cues("hypothetical", before)), default=-1)
    return last_verb > last_maybe


def _part(lower: str, start: int, end: int) -> tuple[int, int]:
    """The part of a clause, between commas and verbs, that holds the words at [start, end)."""
    left = max((m.end() for m in _PART.finditer(lower, 0, start)), default=0)
    right = min((m.start() for m in _PART.finditer(lower, end)), default=len(lower))
    return left, right


_DOSED: dict[str, Action] = {"change": "rx_change", "stop": "rx_stop", "continue": "rx_continue", "start": "rx_start"}


def _bare_verbs(page: Page, mark: Mark, found: list[PlanAction]) -> Iterator[PlanAction]:
    """ "cont, refill x1 yr", "keep going": a decision on the drug the problem is already on."""
    clause = mark.clause
    if any(action.detail for action in found):
        return
    dosed = dose_told(clause.lower)
    if dosed is not None and next(find_drugs(page.text, 0, len(page.text)), None) is not None:
        kind = _DOSED[dosed[0]]
        yield PlanAction(action=kind, evidence=(page.quote_clause(mark),))
        return
    match = cue("continue", clause.lower)
    if match and not re.match(
        r"\W*(?:sun|spf|moistur|emollient|gentle|current skin|to monitor|to observe|to follow)",
        clause.lower[match.end() :],
    ):
        if carried_on(clause.lower) and not cue(
            "hypothetical", clause.lower[: match.start()]
        ):
            yield PlanAction(action="rx_continue", evidence=(page.quote_clause(mark),))


_CARRIED_ON = re.compile(
    r"\brefill|renew|\brx\b|same|keep going|\bmeds?\b|regimen|treatment|\b(?:both|all|these|them|it|current|present|as is)\b"
)


def carried_on(lower: str) -> bool:
    """Words by which a treatment that is not named is carried on."""
    return _CARRIED_ON.search(lower) is not None


def _procedure(page: Page, mark: Mark) -> Evidence | None:
    """The clause says that something was done here and now (by its acts or by its words)."""
    if nothing_done(page) is None:
        for act in mark.acts:
            if act.status == "performed" and act.family not in ("bedside_test", "pathology"):
                return page.quote(act.start, act.end)
    match = cue("procedure_done", mark.clause.lower)
    if nothing_done(page) is not None:
        return None
    if match is None or any(
        act.status in ("planned", "negated", "discussed", "declined", "historical", "elsewhere", "deferred") for act in mark.acts
    ):
        return None
    if re.search(
        r"\b(?:no|not|without|if|may|consider|discuss\w*)\s+(?:\w+\s+){0,3}$", mark.clause.lower[: match.start()]
    ):
        return None
    return page.quote(mark.clause.start + match.start(), mark.clause.start + match.end())


def _other_actions(page: Page, mark: Mark, *, done: bool) -> Iterator[PlanAction]:
    clause = mark.clause
    span = (page.quote_clause(mark),)
    planned = any(act.status == "planned" and act.family not in ("repair", "suture_removal") for act in mark.acts)
    match = cue("future_procedure", clause.lower)
    booked = _planned_before(page, mark) if not mark.acts and _BOOKED.search(clause.lower) else None
    if (match or planned or booked) and not done and not re.search(r"\bif\b", clause.lower[: match.start() if match else None]):
        yield PlanAction(action="future_procedure", evidence=(page.quote_clause(booked), *span) if booked else span)
    surveillance = cue("surveillance", clause.lower)
    if surveillance and re.search(r"skin|tbse|fbse|surveil|exam|melanoma|cancer|recurren|nod(?:e|al)", clause.lower):
        yield PlanAction(action="surveillance", evidence=span)
    if (cue("referral", clause.lower) and not cue("hypothetical", clause.lower)) or cue(
        "other_clinician", clause.lower
    ):
        yield PlanAction(action="referral", evidence=span)
    for name, action in _SIMPLE:
        if cue(name, clause.lower):
            yield PlanAction(action=action, evidence=span)


_BOOKED = re.compile(
    r"\b(?:booked|scheduled|set|slotted|listed|arranged|penciled in|on the (?:calendar|books|list))(?: in)? (?:for|on)? ?(?:the )?(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may |jun|jul|aug|sep|oct|nov|dec|next|\d)"
)


def _planned_before(page: Page, mark: Mark) -> Mark | None:
    """ "Booked for Thursday" right behind an act that is still to be done, here or by somebody else."""
    before = page.marks[max(0, mark.clause.index - 2) : mark.clause.index]
    return next((m for m in before if any(a.status in ("planned", "elsewhere", "discussed", "deferred") for a in m.acts)), None)


def data_items(page: Page, mark: Mark, *, zone: Zone, bare: bool = False) -> Iterator[DataItem]:
    """Tests ordered or reviewed, outside notes, a historian, a discussion (EM-D)."""
    clause = mark.clause
    lower = clause.lower
    if cue("listed", lower):
        return
    for test in find_tests(page.text, clause.start, clause.end):
        kind = _test_kind(lower, test.start - clause.start, test.end - clause.start, zone=zone, bare=bare)
        if kind is None and _ORDER_LINE.match(page.text, test.end):
            kind = "test_ordered"
        if kind is not None:
            yield DataItem(
                kind=kind,
                what=test.name,
                evidence=(page.quote(*_around(clause.start, clause.end, test.start, test.end)),),
            )
    for name, kind_ in _OTHER_DATA:
        match = cue(name, lower)
        if match:
            span = page.quote(
                *_around(clause.start, clause.end, clause.start + match.start(), clause.start + match.end())
            )
            yield DataItem.model_validate({"kind": kind_, "what": match.group()[:60], "evidence": (span,)})


def _around(low: int, high: int, start: int, end: int) -> tuple[int, int]:
    """The clause when it is short, else some words around the span."""
    return (low, high) if high - low <= 200 else (max(low, start - 60), min(high, end + 60))


def _test_kind(
    lower: str, start: int, end: int, *, zone: Zone, bare: bool
) -> Literal["test_ordered", "test_reviewed"] | None:
    before, after = lower[max(0, start - 70) : start], lower[end : end + 40]
    if re.search(r"\bpcp\b[^;]{0,60}\b(?:keeps|follows|manages|handles|checks)\b", before):
        return None
    looked_at = re.search(r"\breview\w*\b|\bresults?\b", before)
    if not looked_at and (
        cue("no_test", before[-40:])
        or cue("no_test", after[:25])
        or re.search(r"\b(?:no|if|needs?|future|negative for|without|until|before|with)\s+(?:\w+\s+){0,2}$", before)
    ):
        if not re.search(r"\border\w*\b[^.;]*$", before):
            return None
    if _FIRM_IF.search(before) or re.search(r"\b(?:consider\w*|may|might|could|discuss\w*|future)\s+(?:\w+\s+){0,3}$", before):
        return None
    if cue("wants_test", before + after[:15]) or _LISTED_ORDER.match(lower[end : end + 90]):
        return "test_ordered"
    if _LISTED_RESULT.match(lower[end : end + 90]):
        return "test_reviewed"
    if re.search(
        r"\b(?:nl|normal|wnl|neg(?:ative)?|unremarkable|reviewed|pos(?:itive)?|elevated|\d+\.?\d*)\b", after[:22]
    ) or re.search(r"\breview\w*\b|\bresults?\b|\blabs? \d", before):
        return "test_reviewed"
    if zone == "plan" or (bare and re.search(r"\blabs?\b", before)):
        return "test_ordered"
    return None
