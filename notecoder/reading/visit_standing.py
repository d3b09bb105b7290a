"""From a draft to the problem as a fact: how it stands, what it is called, what is said of it elsewhere, what was done.

A coder asks of each problem addressed: is it at its treatment goal, in the note's own words; does it have a complaint
and an examination of its own; was it the thing operated on today; is it recovery from an earlier operation. The class
comes from the condition first (EM-P-DX) and from the status words after that (EM-P).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from notecoder.evidence import Evidence, Stated, merged
from notecoder.facts import Diagnosis, Procedure, Site
from notecoder.facts.visit import Problem, ProblemClass
from notecoder.reading.page import Mark, Page, SeenDiagnosis
from notecoder.reading.visit_control import told
from notecoder.reading.visit_draft import Draft
from notecoder.reading.visit_plan import Zone
from notecoder.reading.visit_prose import operated
from notecoder.reading.visit_words import (
    condition_class,
    cue,
    cues,
    find_drugs,
    groups_of,
    high_morbidity,
    sign_pattern,
)

HISTORY_TERMS = {
    "malignant_melanoma_of_skin": "personal_history_of_melanoma",
    "melanoma_in_situ": "personal_history_of_melanoma_in_situ",
    "basal_cell_carcinoma": "personal_history_of_nonmelanoma_skin_cancer",
    "squamous_cell_carcinoma_of_skin": "personal_history_of_nonmelanoma_skin_cancer",
    "malignant_neoplasm_of_skin_type_not_stated": "personal_history_of_nonmelanoma_skin_cancer",
    "squamous_cell_carcinoma_in_situ": "personal_history_of_squamous_cell_carcinoma_in_situ",
    "merkel_cell_carcinoma": "personal_history_of_merkel_cell_carcinoma",
}
_RANK = {
    "threat": 4, "severe": 4, "systemic": 4, "chronic": 3, "surveillance": 3, "malignancy": 3, "acute": 2,
    "postoperative": 2, "screening": 1, "undiagnosed": 1, "self_limited": 1, "sign": 0,
}  # fmt: skip


def problem_of(
    page: Page, draft: Draft, id: str, live: Sequence[Mark], zones: dict[int, Zone], procedures: Sequence[Procedure], *,
    alone: bool,
) -> Problem:  # fmt: skip
    complaint, exam = _own_words(page, draft, live, zones)
    own = [*complaint, *exam]
    if alone:
        told_here = {m.clause.index for m in draft.marks}
        own += [
            m
            for m in live
            if (zones[m.clause.index] == "history" or (m.kind == "body" and m.clause.index not in told_here and not operated(page, m)))
            and m not in own
        ]
    stand, words = _standing(page, draft, own, zones)
    diagnoses, nouns = _diagnoses(page, draft)
    targets, differs = _linked(draft, procedures)
    head = page.quote_clause(draft.marks[0])
    actions = tuple(dict.fromkeys(draft.actions))
    return Problem(
        id=id,
        diagnoses=diagnoses,
        nouns=nouns,
        problem_class=stand,
        status_words=words,
        actions=actions,
        own_complaint=tuple(page.quote_clause(m) for m in complaint[:2]),
        own_assessment=(head,) if draft.heads else (),
        own_exam=tuple(page.quote_clause(m) for m in exam[:2]),
        targets=targets,
        differs_from_procedures=differs,
        why_beyond_procedure=_why_beyond(page, draft),
        of_earlier_procedure=_earlier(page, draft),
        evidence=merged((head,), *(a.evidence for a in actions))[:4],
    )


def _diagnoses(page: Page, draft: Draft) -> tuple[tuple[Diagnosis, ...], tuple[str, ...]]:
    """Stated conditions in the note's order; for doubts their sign (DX-UNC); past cancer as history (4.8)."""
    facts: list[Diagnosis] = []
    sure = [h for h in draft.heads if h.certainty in ("stated", "pathology", "history")]
    watched = _under_surveillance(draft)
    for head in sure:
        term, certainty = _closer(draft, head), head.certainty
        quote = (page.quote(head.start, head.end),)
        if condition_class(term) == "malignancy" and watched and term in HISTORY_TERMS:
            term, certainty = HISTORY_TERMS[term], "history"
        if condition_class(term) == "surveillance" and not any(f.term == "skin_cancer_screening" for f in facts):
            facts.append(Diagnosis(term="follow_up_after_completed_cancer_treatment", evidence=quote))
        if certainty == "history" and condition_class(term) not in ("surveillance",):
            continue
        site = _site_of(page, draft, head)
        facts.append(
            Diagnosis(term=term, certainty="stated" if certainty == "history" else certainty, site=site, evidence=quote)
        )
    if not facts and draft.heads:
        facts.extend(_sign_for(page, draft))
    named = {g for f in facts if f.term not in GENERIC for g in groups_of(f.term)}
    facts = [f for f in facts if not (f.term in GENERIC and groups_of(f.term) & named)]
    specific = [f for f in facts if not (condition_class(f.term) == "sign" and len(facts) > 1)]
    nouns = tuple(
        dict.fromkeys(
            page.text[h.start : h.end].lower() for h in draft.heads if h.group in ("noun", "sign", "neoplasm")
        )
    )
    return tuple({f.term: f for f in specific}.values()), nouns


def _closer(draft: Draft, head: SeenDiagnosis) -> str:
    """The closest name that the problem's own lines give a condition of the same family."""
    if head.term in GENERIC:
        for mark in draft.marks:
            for seen in mark.diagnoses:
                same = groups_of(seen.term) & groups_of(head.term) and seen.term not in GENERIC
                if same and seen.certainty in ("stated", "pathology"):
                    return seen.term
    return head.term


GENERIC = frozenset(
    {"rosacea", "psoriasis_unspecified", "acne_unspecified", "wart_unspecified", "eczema_unspecified",
     "tinea_unspecified", "contact_dermatitis_unspecified", "alopecia_unspecified", "allergic_contact_dermatitis"}
)  # fmt: skip
"""Words of a family that a closer name of the same problem makes redundant."""


def _site_of(page: Page, draft: Draft, head: SeenDiagnosis) -> Site | None:
    """The site beside a condition in its own clause."""
    sites = [s for m in draft.marks if m.clause.index == head.clause for s in m.sites]
    return min(sites, key=lambda s: abs(s.start - head.end)).fact(page.text) if sites else None


def _sign_for(page: Page, draft: Draft) -> list[Diagnosis]:
    """The sign behind a doubtful diagnosis: rash, itch, hair loss as the note itself calls it (DX-UNC).

    The problem's own lines come first, then the words of the complaint and of the examination.
    """
    rash = {"rash", "other_skin_change"}
    for mark in [*draft.marks, *page.live()]:
        for seen in mark.diagnoses:
            named = seen.group == "sign" or seen.term in _SIGNS
            doubted = seen.certainty == "uncertain" and seen.term in rash and mark in draft.marks
            if named and (seen.certainty in ("stated", "history") or doubted):
                return [Diagnosis(term=seen.term, evidence=(page.quote(seen.start, seen.end),))]
    return []


_SIGNS = frozenset({"rash", "pruritus", "alopecia_unspecified", "nail_disorder_unspecified"})


def _own_words(page: Page, draft: Draft, live: Sequence[Mark], zones: dict[int, Zone]) -> tuple[list[Mark], list[Mark]]:
    """Clauses of the history and of the examination that are about this problem (E1, E3)."""
    own = {m.clause.index for m in draft.marks}
    complaint: list[Mark] = []
    exam: list[Mark] = []
    terms, related = draft.terms, draft.groups
    groups = related | ({"surveillance"} if _watched(draft) else frozenset())
    stems = {_stem(page.text[h.start : h.end]) for h in draft.heads}
    trifling = bool(draft.heads) and all(condition_class(h.term) == "self_limited" for h in draft.heads)
    for mark in live:
        if mark.clause.index in own:
            continue
        zone = zones[mark.clause.index]
        about = any(d.term in terms or groups_of(d.term) & related for d in mark.diagnoses) or any(
            stem in mark.clause.lower for stem in stems if len(stem) > 3
        )
        signs = _signs(page, mark, groups)
        about = about or (draft.block is not None and mark.clause.index in draft.block)
        if zone == "exam" and (about or signs) or zone == "other" and draft.block is not None and mark.clause.index in draft.block and signs or zone == "other" and about and trifling and not cue("complains", mark.clause.lower):
            exam.append(mark)
        elif zone in ("history", "other") and (about or _drug_of(page, mark, draft)):
            complaint.append(mark)
        elif zone == "other" and signs:
            exam.append(mark)
    labelled = [m for m in draft.marks[1:] if zones[m.clause.index] == "plan" and m.clause.section.kind == "history"]
    found_here = [m for m in draft.marks[1:] if _signs(page, m, groups) and not _drug_of(page, m, draft)]
    return complaint or labelled[:1], exam or found_here[:1]


def _signs(page: Page, mark: Mark, groups: frozenset[str]) -> bool:
    """The clause records what an examination of these conditions records."""
    return any((pattern := sign_pattern(group)) and page.says(mark, pattern) for group in groups)


def _watched(draft: Draft) -> bool:
    cancer = any(condition_class(h.term) in ("malignancy", "surveillance") for h in draft.heads)
    return cancer and _under_surveillance(draft)


def _drug_of(page: Page, mark: Mark, draft: Draft) -> bool:
    groups = draft.groups
    return any(d.drug.groups & groups for d in find_drugs(page.text, mark.clause.start, mark.clause.end))


def _stem(word: str) -> str:
    return re.sub(r"(?:es|s|a|um|is)$", "", word.lower().strip())


def _standing(
    page: Page, draft: Draft, own: Sequence[Mark], zones: dict[int, Zone]
) -> tuple[ProblemClass, tuple[Evidence, ...]]:
    """The class of a problem and the words that give it (EM-P)."""
    sure = [h for h in draft.heads if h.certainty != "uncertain"]
    base = max(
        (condition_class(h.term) or "sign" for h in sure),
        key=lambda c: _RANK[c],
        default="sign" if draft.heads else "acute",
    )
    if base == "acute" and _long_treated(page, draft):
        base = "chronic"
    heads = [m for m in draft.marks if zones[m.clause.index] == "plan"] or draft.marks
    if base == "malignancy" and _under_surveillance(draft):
        base = "surveillance"
    if base == "malignancy" and not all(h.certainty == "uncertain" for h in draft.heads):
        return "chronic_not_at_goal", (page.quote_clause(heads[0]),)
    suspected = any(condition_class(h.term) == "threat" for h in draft.heads)
    if suspected or (base == "systemic" and _organs(draft)):
        base = "threat"
    if base == "threat":
        return "threat", (page.quote_clause(heads[0]),)
    worse, better = _control(page, heads)
    if not worse and not better:
        worse, better = _control(page, [*(m for m in draft.marks if m not in heads), *own])
    if base in ("chronic", "severe"):
        severe = _status(page, "severe", [*heads, *(m for m in draft.marks if m not in heads)])
        if base == "severe" or severe:
            return "chronic_severe", severe or (page.quote_clause(heads[0]),)
        if worse:
            return "chronic_not_at_goal", worse
        if not better and (active := _stepped_up(page, draft, own)):
            return "chronic_not_at_goal", active
        return "chronic_stable", better
    if base == "surveillance":
        return "chronic_stable", better or (page.quote_clause(heads[0]),)
    if base == "self_limited" and _may_be_cancer(heads):
        return "undiagnosed_uncertain", (page.quote_clause(heads[0]),)
    if base in ("self_limited", "screening"):
        return "self_limited", ()
    return _acute(page, draft, heads, own, base=base, worse=worse)


_ACTIVE = re.compile(
    r"\b(?:again|itch\w*|sore\w*|hurt\w*|pain\w*|tender|burn\w*|sting\w*|bother\w*|embarrass\w*|thick\w*|shed\w*|soak\w*|drip\w*|bleed\w*|ooz\w*|weep\w*|drain\w*|"
    r"crack\w*|split\w*|raw|swollen|inflamed|angry|fiery|bright red|cystic|scarring|scars forming|creep\w*|sprouting|popping up|refus\w+ to|won't|will not|not (?:budg\w+|shift\w*|mov\w+|going|chang\w+)|"
    r"untouched|stuck|stays?|remain\w*|keeps?|lately|this (?:winter|summer|spring|fall|autumn|month|season)|for (?:weeks|months)|since (?:the )?\w+|after (?:a|two|three|six|\d+) (?:\w+ )?(?:years?|months?|weeks?|courses?)|"
    r"every (?:day|night|morning|week)|daily|nights?|scratch\w*|crops?|attacks?|episodes?|falling out|thinner|thinning|losing|loss|fall\w* short|too little|"
    r"[1-9]\d ?% ?(?:bsa|of)|bsa (?:of |is |at )?[1-9]\d|iga [2-4]|pga [2-4]|hurley (?:iii?|[23]))\b"
)
"""What is told of a disease that is there: alone no status, but with a stronger treatment for it no rest either."""


def _stepped_up(page: Page, draft: Draft, own: Sequence[Mark]) -> tuple[Evidence, ...]:
    """Another drug, or more of it, for a disease whose activity the note describes: it is not at its goal (EM-P)."""
    if not any(a.action in ("rx_start", "rx_change") for a in draft.actions):
        return ()
    for mark in [*draft.marks, *own]:
        for match in _ACTIVE.finditer(mark.clause.lower):
            if not _NO_BEFORE.search(mark.clause.lower[: match.start()]) and not _DENIED_LIST.search(mark.clause.lower[: match.start()]) and not _of_the_regimen(page, mark, match.start()):
                return (_around(page, mark, match.start(), match.end()),)
    return ()


def _of_the_regimen(page: Page, mark: Mark, at: int) -> bool:
    """ "Every night", "daily" behind a drug say how it is taken, not how the disease goes."""
    return any(d.end - mark.clause.start <= at <= d.end - mark.clause.start + 60 for d in find_drugs(page.text, mark.clause.start, mark.clause.end))


_ORGAN = re.compile(
    r"\b(?:hepatitis|nephritis|pneumonitis|myocarditis|carditis|organ|liver|kidneys?|renal failure|alt|ast|transaminases|creatinine|hypotens\w*|seps\w+|"
    r"septic|shock|airway|confus\w+|eye involvement|ocular|cornea\w*|vision|encephal\w+)\b", re.IGNORECASE
)  # fmt: skip


def _organs(draft: Draft) -> bool:
    """A systemic illness that has reached an organ threatens life or function (EM-P: THREAT)."""
    return any(
        not _NO_BEFORE.search(mark.clause.lower[: match.start()])
        and not re.search(r"\b(?:nl|normal|wnl|unremarkable|fine)\b", mark.clause.lower[match.end() : match.end() + 20])
        for mark in draft.marks
        for match in _ORGAN.finditer(mark.clause.lower)
    )


def _long_treated(page: Page, draft: Draft) -> bool:
    """A drug that is only given for years says that the disease lasts, whatever its name (EM-P-DX)."""
    for action in draft.actions:
        for span in action.evidence:
            for seen in find_drugs(page.text, span.start, span.end):
                if seen.drug.name == action.detail and seen.drug.long_term:
                    return True
        if not draft.heads and action.action == "rx_continue":
            return True
    return False


def _may_be_cancer(heads: Sequence[Mark]) -> bool:
    """A growth that has a benign name, with a cancer not ruled out beside it, has an uncertain prognosis."""
    return any(d.certainty == "uncertain" and condition_class(d.term) == "malignancy" for m in heads for d in m.diagnoses)


def _under_surveillance(draft: Draft) -> bool:
    """A cancer that is treated and watched, not one still to be treated (DX-ORD 4)."""
    cancers = [h for h in draft.heads if condition_class(h.term) == "malignancy"]
    if all(h.certainty == "history" for h in cancers):
        return True
    text = " ".join(m.clause.lower for m in draft.marks)
    watched = cue("under_surveillance", text)
    return bool(watched) and not re.search(r"biopsy[- ]proven|awaiting|scheduled for|recurrent|metasta", text)


def _acute(
    page: Page, draft: Draft, heads: Sequence[Mark], own: Sequence[Mark], *, base: str, worse: tuple[Evidence, ...]
) -> tuple[ProblemClass, tuple[Evidence, ...]]:
    """Acute problems, signs and undiagnosed ones; a long course makes them chronic."""
    text = " ".join(m.clause.text for m in heads)
    systemic = _status(page, "systemic", [*heads, *own])
    if systemic or base == "systemic":
        return "acute_systemic", systemic or (page.quote_clause(heads[0]),)
    doubtful = all(h.certainty == "uncertain" for h in draft.heads) or base in ("sign", "undiagnosed")
    if doubtful and not high_morbidity().search(text):
        text = " ".join([text, *(m.clause.text for m in own if any(d.term in draft.terms for d in m.diagnoses))])
    morbid = high_morbidity().search(text)
    if doubtful and (morbid or (cue("first_time", text.lower()) and base != "acute" and morbid)):
        return "undiagnosed_uncertain", (page.quote_clause(heads[0]),)
    chronic = re.search(r"\bchronic\b|\brecalcitrant\b|\b\d+ ?(?:yr|years?)\b", text.lower())
    if worse and chronic:
        return "chronic_not_at_goal", worse
    improving = _status(page, "improving", heads)
    if improving:
        return "stable_acute", improving
    return "acute_uncomplicated", ()


_NO_BEFORE = re.compile(
    r"\b(?:no|not|without|denies|never|nor|if|should|may|might|risk of|can|could)\s+(?:\w+\s+){0,2}$|"
    r"\b(?:denie[sd]|denying|negative for|(?:no|without) [a-z ]{3,20},)(?:(?!\bbut\b|\bhowever\b|\d|;).)*$", re.IGNORECASE
)

_DENIED_LIST = re.compile(
    r"\b(?:no|not|without|denie[sd]|denying|negative for|neg|never|nor|free of|ros|if|should|unless|call (?:for|with|if)|return (?:for|with|if)|"
    r"watch(?:ing)? for|look out for|risk of|report any|precautions?|warned|worry about|in case of|when)\b(?:(?!\b(?:but|has|had|have|now|today|except|with)\b)[^.;:])*$"
)
"""A denial or a warning governs the whole list behind it: "denies fever, chills, facial swelling"."""


def _status(page: Page, name: str, marks: Sequence[Mark]) -> tuple[Evidence, ...]:
    """The clauses (or the part around the words) in which a status is stated and not denied."""
    for mark in marks:
        lower = mark.clause.lower
        for match in cues(name, lower):
            if name in ("severe", "systemic") and (_NO_BEFORE.search(lower[: match.start()]) or _DENIED_LIST.search(lower[: match.start()])):
                continue
            return (_around(page, mark, match.start(), match.end()),)
    return ()


def _control(page: Page, marks: Sequence[Mark]) -> tuple[tuple[Evidence, ...], tuple[Evidence, ...]]:
    """The words for "not at its goal" and for "at its goal"; where the goal itself is named nothing else counts."""
    found = [(mark, words) for mark in marks for words in told(mark.clause.lower)]
    if any(words.goal for _, words in found):
        found = [(mark, words) for mark, words in found if words.goal]
    worse, better = (
        tuple(_around(page, mark, words.start, words.end) for mark, words in found if words.trend == trend)[:1]
        for trend in ("worse", "better")
    )
    return worse, better


def _around(page: Page, mark: Mark, start: int, end: int) -> Evidence:
    """The clause, or in a long one the part around the words."""
    first = mark.clause.start + max(0, start - 90) if start > 90 else mark.clause.start
    return page.quote(first, min(mark.clause.end, mark.clause.start + end + 60))


_NO_LESION = frozenset({"bedside_test", "pathology", "drug_injection", "patch_test"})
"""Services whose condition is managed in the visit beside them (M-SEL-06, M-SEL-07)."""


def _linked(draft: Draft, procedures: Sequence[Procedure]) -> tuple[tuple[str, ...], bool]:
    """Targets of today's procedures on this problem, and whether its condition differs from theirs (E6)."""
    marks = [(m.clause.start, m.clause.end) for m in draft.marks]
    targets: dict[str, None] = {}
    differs = True
    if any(condition_class(h.term) == "malignancy" for h in draft.heads) and _under_surveillance(draft):
        return (), True
    vague = bool(draft.heads) and all(
        h.certainty == "uncertain" or condition_class(h.term) == "sign" for h in draft.heads
    )
    for item in procedures:
        paid_by_patient = item.act.cosmetic is not None and item.act.cosmetic.value
        clipped = item.kind == "nail" and item.action == "clipping"
        if item.act.status != "performed" or item.kind in _NO_LESION or clipped or paid_by_patient:
            continue
        terms = {d.term for d in item.target.diagnoses[:1]}
        inside = any(a <= e.start < b for e in item.act.evidence[:1] for a, b in marks) or (
            vague
            and item.kind == "biopsy"
            and not any(d.certainty in ("stated", "pathology") for d in item.target.diagnoses)
        )
        shared = bool(terms & draft.terms) or any(groups_of(t) & draft.groups for t in terms)
        if inside or shared:
            targets[item.target.id] = None
            if shared or not terms:
                differs = False
    return tuple(targets), differs


def _why_beyond(page: Page, draft: Draft) -> tuple[Evidence, ...]:
    """Why treatment beyond the procedure was needed, in the note's words (M25-SAMEDX)."""
    drugs = [a for a in draft.actions if a.action.startswith("rx_")]
    if not drugs:
        return ()
    for mark in draft.marks:
        if cue("why_beyond", mark.clause.lower):
            return (page.quote_clause(mark),)
    return ()


def _earlier(page: Page, draft: Draft) -> Stated[bool] | None:
    """The problem is recovery from, or a complication of, an earlier operation."""
    for mark in draft.marks[:2]:
        if any(condition_class(d.term) == "postoperative" for d in mark.diagnoses) or (
            cue("surgical_site", mark.clause.lower)
            and re.search(r"infect|dehisc|hematoma|heal|wound|clean", mark.clause.lower)
        ):
            if not cue("not_about", mark.clause.lower):
                return Stated(value=True, evidence=(page.quote_clause(mark),))
    return None
