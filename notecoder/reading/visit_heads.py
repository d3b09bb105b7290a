"""Which conditions of a clause may head a problem, and which lines are titles of problems.

A coder takes what a clause says the patient has: not what is denied, an effect to watch for, a relative's disease, a
condition in an "if". A line that is nothing but the name of a disease opens a block of its own, and what follows it
belongs to it until the next such line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from notecoder.reading.lesions import find_diagnoses
from notecoder.reading.mention import any_of
from notecoder.reading.outline import Clause
from notecoder.reading.page import Mark, Page, SeenDiagnosis
from notecoder.reading.visit_words import condition_class, cue, lexicon

PLAN_KINDS = frozenset({"assessment", "assessment_plan", "plan", "followup"})
_NOT_THIS = {
    "bullous_pemphigoid": re.compile(r"\bBP\Z"),
    "dermatomyositis": re.compile(r"\bDM\Z"),
    "hidradenitis_suppurativa": re.compile(r"(?:mg|mcg|tabs?|caps?|\d) HS\Z"),
    "cafe_au_lait_macule": re.compile(r"\bcalm\Z"),
}
"""Abbreviations and words that more often mean something else: blood pressure, diabetes, bedtime, calm."""
_RELATIVE = re.compile(
    r"[^.;]{0,24}\b(?:in|of) (?:a|his|her|the) (?:brother|sister|mother|father|son|daughter|aunt|uncle)\b"
)
_WATCH = re.compile(r"\s*(?:surveillance|follow-?up|monitoring|screening|skin checks?|checks?|in remission|survivor)\b", re.IGNORECASE)
""" "Melanoma surveillance": a cancer of the past that is looked for again."""
_DOUBT = re.compile(
    r"\b(?:suspected|probable|possible|presumed|likely|r/o|rule out|favou?r|if|\?)\s*(?:\w+\s+)?\Z", re.IGNORECASE
)


def conditions_of(page: Page, mark: Mark) -> list[SeenDiagnosis]:
    """Conditions of a clause that may head a problem."""
    found: list[SeenDiagnosis] = []
    if _ASIDE.match(mark.clause.lower) or cue("listed", mark.clause.lower):
        return found
    supposed = _SUPPOSED.match(mark.clause.lower)
    for seen in mark.diagnoses:
        bar = _NOT_THIS.get(seen.term)
        if supposed and seen.start - mark.clause.start < supposed.end():
            continue
        if _EPITHET.match(page.text, seen.start) or _of_another_visit(page, mark, seen):
            continue
        if bar and bar.search(page.text[max(0, seen.start - 5) : seen.end]):
            continue
        if condition_class(seen.term) == "malignancy" and _WATCH.match(page.text, seen.end):
            seen = SeenDiagnosis(seen.term, seen.group, seen.start, seen.end, "history", seen.clause)
        if seen.certainty != "negated" and condition_class(seen.term):
            if _RELATIVE.match(page.text, seen.end):
                continue
            if _DOUBT.search(page.text, max(mark.clause.start, seen.start - 24), seen.start):
                seen = SeenDiagnosis(seen.term, seen.group, seen.start, seen.end, "uncertain", seen.clause)
            elif seen.certainty == "history" and _still_present(page, mark, seen):
                seen = SeenDiagnosis(seen.term, seen.group, seen.start, seen.end, "stated", seen.clause)
            found.append(seen)
    return [*_screening(mark), *(found or _medical(page, mark))]


@cache
def _medical_words() -> tuple[re.Pattern[str], dict[str, str]]:
    """The words for conditions of the rest of medicine; what is written in capitals counts only so."""
    terms = {word: term for term, entry in lexicon("visit_medical").items() for word in [*entry["words"], *entry.get("cased", ())]}
    plain = any_of(word for word in terms if word.islower())
    exact = any_of(word for word in terms if not word.islower())
    return re.compile(rf"(?<![\w-])(?:(?i:{plain})|{exact})(?![\w-])"), terms


_OPENS = re.compile(
    r"\W*(?:(?:#?\d{1,2}|[a-z])[.):]\W*)?(?:(?:assessment|impression|dx|diagnosis|problem|a|a/p|imp)\b[^a-z]*)?"
    r"(?:(?:essential|chronic|mild|moderate|severe|uncontrolled|controlled|persistent|stage \d|acute|recurrent|poorly controlled)\W+)*"
)


def _medical(page: Page, mark: Mark) -> list[SeenDiagnosis]:
    """A condition outside the skin that the clause of an assessment opens with; elsewhere it is only history."""
    pattern, terms = _medical_words()
    match = pattern.search(mark.clause.text)
    if match is None or _OPENS.fullmatch(mark.clause.lower[: match.start()]) is None:
        return []
    numbered = mark.kind == "body" and mark.clause.item is not None and mark.clause.item.label is not None
    told_so = mark.kind in PLAN_KINDS or numbered or cue("assessment_cue", mark.clause.lower[: match.start()]) is not None
    if not told_so or cue("left_to_others", mark.clause.lower):
        return []
    word = re.sub(r"\s+", " ", match.group())
    term = terms.get(word) or terms.get(word.lower())
    if term is None:
        return []
    start = mark.clause.start + match.start()
    return [SeenDiagnosis(term, "medical", start, mark.clause.start + match.end(), "stated", mark.clause.index)]


_ASIDE = re.compile(
    r"\W*(?:side ?effects?|adverse (?:effects?|events?|reactions?)|tolera\w+|se|ae|ros|review of systems|contraindications?|allerg\w+|"
    r"warned (?:of|about)|risks?(?: of| include)?|ddx|differential(?: diagnosis)?|meds?|pmh|pmhx|fhx?|family history)\s*[:=(-]"
)
"""Lines that name conditions as effects, risks or history, not as what was treated."""
_SUPPOSED = re.compile(r"\W*(?:if|should|in case of|when|were)\b[^,:;]*[,:;]?")
"""What stands under a condition at the start of a clause is not there today."""
_EPITHET = re.compile(r"(?:itchy|pruritic)[ ,]+(?:\w+[ ,]+)?(?:plaques?|rash|patch(?:es)?|skin|scalp|bumps?|papules?|spots?|areas?|lesions?|eruption|blister\w*|welts?|wheals?|streaks?|vesicles?|nodules?|growths?|moles?|hands?|feet)\b", re.IGNORECASE)
"""An adjective of a finding is no complaint of its own."""
_SEEN_BEFORE = re.compile(r"\b(?:last|previous|prior|earlier|recent) (?:\w+ )?(?:visit|appointment|appt|seen|here)\b|\blov\b|\b(?:est|known|seen|followed|established)\b(?: here| pt| patient)*[^().;]{0,24}$")
_LEFT_OUT = re.compile(r"\W*(?:(?:was|were|is|are) )?not (?:\w+ )?(?:discussed|addressed|examined|looked at|reviewed|evaluated|raised|checked|part of today)\b")


def _of_another_visit(page: Page, mark: Mark, seen: SeenDiagnosis) -> bool:
    """What an earlier visit was for ("last seen 5/2026 (eczema)"), or what today's left out ("acne not discussed")."""
    opened = page.text.rfind("(", mark.clause.start, seen.start)
    if opened >= 0 and ")" not in page.text[opened : seen.start] and _SEEN_BEFORE.search(page.text[mark.clause.start : opened].lower()):
        return True
    denied = seen.term in {"pruritus", "rash"} and re.search(r"\b(?:not|isn't|never|no longer|non-?)\s*$", page.text[max(mark.clause.start, seen.start - 12) : seen.start].lower())
    return bool(denied) or _LEFT_OUT.match(page.text[seen.end : seen.end + 40].lower()) is not None


_GONE = re.compile(
    r"\b(?:h/o|history of|hx(?: of)?|s/p|status post|prior|previous|past|old|resolved|healed|remote)\W+(?:\w+\W+){0,3}\Z",
    re.IGNORECASE,
)


def _still_present(page: Page, mark: Mark, seen: SeenDiagnosis) -> bool:
    """A lasting or acute disease that the assessment lists is there today, whatever is said of its past."""
    if mark.kind not in PLAN_KINDS or condition_class(seen.term) not in ("chronic", "acute", "severe", "systemic"):
        return False
    after = page.text[seen.end : seen.end + 24].lower()
    return not _GONE.search(page.text, mark.clause.start, seen.start) and not re.match(
        r"\W*(?:,|-|:)?\s*(?:is |has |now )?(?:resolved|healed|gone)\b", after
    )


def _screening(mark: Mark) -> list[SeenDiagnosis]:
    """A screening examination, with melanoma in the family where the same line says so (DX 4.8)."""
    found: list[SeenDiagnosis] = []
    for name, term in (("screening_exam", "skin_cancer_screening"), ("family_melanoma", "family_history_of_melanoma")):
        match = cue(name, mark.clause.lower)
        if match is None or (not found and name == "family_melanoma"):
            continue
        start, end = mark.clause.start + match.start(), mark.clause.start + match.end()
        found.append(SeenDiagnosis(term, "status", start, end, "stated", mark.clause.index))
    return found


def titled(page: Page, clause: Clause, sections: set[int]) -> list[SeenDiagnosis]:
    """Conditions in the heading of a section, at its first clause: "PROBLEM A: plaque psoriasis"."""
    section = clause.section
    if section.index in sections or not section.title:
        return []
    sections.add(section.index)
    end = min(clause.start, section.start + len(section.title) + 12)
    found = (
        SeenDiagnosis(m.term, m.group, m.start, m.end, "stated", clause.index)
        for m in find_diagnoses(page.text, section.start, end)
    )
    return [seen for seen in found if condition_class(seen.term) and seen.group != "noun"]


_TITLE_KINDS = PLAN_KINDS | {"body", "other"}
_TITLE_ENDS = frozenset({"assessment", "assessment_plan", "past", "family", "social", "medication", "allergy", "ros",
                         "boilerplate", "followup"})  # fmt: skip
_TELLS = re.compile(r"\b(?:is|was|are|were|has|had|have|since|started|on|will|for \d+|here|returns?|follow|visit|seen|with)\b|[.;?]\s")
_LEAD = re.compile(r"\W*(?:(?:problem|dx|issue|condition|concern|topic|#|no\.?)\W*)?(?:\w{1,2}\W+)?(?:(?:chronic|mild|moderate|severe|active)\W+)*")


def title_line(page: Page, mark: Mark) -> bool:
    """The clause is a whole short line that only names a disease: the title of what follows."""
    clause = mark.clause
    if clause.item is not None or mark.kind not in _TITLE_KINDS or not mark.diagnoses or mark.acts or clause.key:
        return False
    start = page.text.rfind("\n", 0, clause.start) + 1
    end = page.text.find("\n", clause.start)
    line = page.text[start : end if end > 0 else len(page.text)].strip()
    seen = mark.diagnoses[0]
    if end < 0 or len(line) > 70 or page.text[start : clause.start].strip() or _TELLS.search(line.lower()):
        return False
    kind = condition_class(seen.term)
    lead = _LEAD.fullmatch(line[: seen.start - start].lower()) is not None
    return lead and not _LEFT_OUT.match(page.text[seen.end : end].lower()) and seen.certainty in ("stated", "pathology", "history") and kind not in (None, "sign", "undiagnosed")


def blocks(page: Page, live: Sequence[Mark]) -> list[range]:
    """For each title line the clauses that stand under it (itself first), up to the next title or another section."""
    titles = [n for n, mark in enumerate(live) if title_line(page, mark)]
    found = []
    for place, n in enumerate(titles):
        limit = titles[place + 1] if place + 1 < len(titles) else len(live)
        last = next((m for m in range(n + 1, limit) if live[m].kind in _TITLE_ENDS and live[n].kind != live[m].kind), limit)
        if last - n >= 2:
            found.append(range(live[n].clause.index, live[last - 1].clause.index + 1))
    return found
