"""Problems told in free words, in a note that has no plan heading and no line of its own for them.

A coder who finds no assessment asks of each disease in the running text whether something was said of it today: how it
stands, what was given or ordered for it, that it was looked at or talked over (EM-P-00). Where no disease is named at
all, the drug that is carried on, raised or stopped stands for the problem it is given for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from notecoder.reading.page import Mark, Page, SeenDiagnosis
from notecoder.reading.visit_control import told
from notecoder.reading.visit_draft import Draft
from notecoder.reading.visit_heads import conditions_of
from notecoder.reading.visit_plan import Zone, data_items, nothing_done, plan_actions
from notecoder.reading.visit_words import condition_class, cue, find_drugs, groups_of, high_morbidity

_LASTING = ("chronic", "acute", "severe", "systemic", "threat")
_WATCHED = ("malignancy", "surveillance")
_ASIDE_KINDS = frozenset({"procedure", "past", "family", "social", "medication", "allergy", "ros"})
_ADDRESSED = (
    "first_time", "surveillance", "treatment_choice", "future_procedure", "reassurance", "observation", "hospital",
    "discussion", "total_time", "historian", "referral", "own_interpretation", "generic_advice",
)  # fmt: skip
_SPOKEN = re.compile(
    r"\b(?:addressed|dealt with|seen (?:about|for|with)|visit (?:was )?(?:\w+ )?(?:about|for)|here (?:about|for|regarding)|complain\w*|"
    r"worry|worried|explain\w*|talk(?:ed)?|examined|looked at|no treatment|not treated)\b"
)
_DOUBT = re.compile(
    r"\b(?:r/o|rule out|ruling out|exclude|excluded|possible|possibly|suspect\w*|suspicious|concern\w*|differential|ddx|worr\w+|"
    r"versus|vs|until proven|not sure|uncertain|unknown|unclear|probable|likely|query|fear\w*|think\w* of)\b|\?"
)


_WATCHED_NOW = re.compile(
    r"\b(?:recurren\w+|new primar\w+|ned|surveillance|(?:full|whole|total)[- ](?:skin|body)|skin (?:check|exam\w*)|tbse|fbse|self-?exam\w*|disease[- ]free|lymph nodes?|nodes)\b"
)
"""What is said of a treated cancer when the visit is about watching for it."""
_RECOVERING = re.compile(r"\b(?:pod|post-?op\w*|suture line|sutures?|stitches|surgical wound|granulat\w*|days? after|weeks? after|last week)\b")
"""Recovery from the operation, which is not surveillance."""


_MISNAMED = re.compile(
    r"\b(?:taken|mistaken|treated|passed off|read) (?:for|as)\s+(?:an? |the )?$|\b(?:thought to be|labell?ed(?: as)?|presumed|called|misdiagnosed as|at first (?:said|thought) to be)\s+(?:an? |the )?$",
    re.IGNORECASE,
)
""" "It was taken for eczema": what the disease turned out not to be."""


def operated(page: Page, mark: Mark) -> bool:
    """The clause tells of something done here and now."""
    done = any(a.status == "performed" and a.family not in ("bedside_test", "pathology") for a in mark.acts)
    return done and nothing_done(page) is None


def told_in_prose(page: Page, live: Sequence[Mark], zones: dict[int, Zone], drafts: Sequence[Draft]) -> list[Draft]:
    """Drafts for the diseases of running text of which something is said, beside the problems already found."""
    found: list[Draft] = []
    covered = {d.marks[0].clause.index for d in drafts if d.heads}
    owned = {m.clause.index for d in drafts if d.heads for m in d.marks}
    terms = frozenset().union(*(d.terms for d in drafts)) if drafts else frozenset()
    groups = frozenset().union(*(d.groups for d in drafts)) if drafts else frozenset()
    treated = [d for m in page.live() if operated(page, m) for d in m.diagnoses]
    beside = any(operated(page, m) for m in page.live())
    listed = any(d.heads and d.item is not None and d.item.label is not None for d in drafts)  # the writer numbered the problems
    terms |= {d.term for d in treated}
    groups |= frozenset(g for d in treated for g in groups_of(d.term))
    for place, mark in enumerate(live):
        if mark.clause.index in covered or mark.kind in _ASIDE_KINDS or zones[mark.clause.index] == "exam":
            continue
        heads = [h for h in _heads(page, mark) if not _MISNAMED.search(page.text[mark.clause.start : h.start]) and h.term not in terms and not groups_of(h.term) & groups]
        if not heads or (operated(page, mark) and not told(mark.clause.lower)):
            continue
        marks = list(_stretch(page, live, place, covered))
        if heads[0].certainty == "uncertain" and mark.clause.index in owned:
            continue
        if heads[0].certainty == "history" and not _watched(marks):
            continue
        alone = not drafts and not found
        if listed and zones[mark.clause.index] != "plan" and not _managed(page, marks, zones):
            continue
        if _managed(page, marks, zones) or (not beside and (alone or _spoken_of(marks))):
            found.append(Draft(heads[:1], None, None, marks))
            covered |= {m.clause.index for m in marks}
            for other in drafts:
                other.marks[1:] = [m for m in other.marks[1:] if m not in marks]
            terms |= {heads[0].term}
            groups |= groups_of(heads[0].term)
    return found


def _heads(page: Page, mark: Mark) -> list[SeenDiagnosis]:
    """The diseases of a clause that a visit can be about, and a doubt about a dangerous one."""
    heads = []
    for seen in conditions_of(page, mark):
        kind = condition_class(seen.term)
        past = seen.certainty == "history"
        if past and seen.term == "atypical_dysplastic_nevus":
            heads.append(seen)
        if kind in _LASTING and seen.certainty in ("stated", "pathology") or kind in _WATCHED and (seen.certainty in ("stated", "pathology") or past):
            heads.append(seen)
    if not heads:
        doubt = high_morbidity().search(mark.clause.text)
        if doubt and _DOUBT.search(mark.clause.lower) and not mark.acts:
            start = mark.clause.start + doubt.start()
            heads.append(SeenDiagnosis("rash", "sign", start, mark.clause.start + doubt.end(), "uncertain", mark.clause.index))
    return heads


def _stretch(page: Page, live: Sequence[Mark], place: int, covered: set[int]) -> Iterator[Mark]:
    """The clause that names the disease and what follows, up to the next disease or the next thing done."""
    first = live[place]
    yield first
    own = {d.term for d in first.diagnoses}
    for mark in live[place + 1 :]:
        if mark.clause.index in covered or operated(page, mark) or mark.kind in _ASIDE_KINDS:
            return
        others = [h for h in _heads(page, mark) if h.term not in own and h.certainty != "uncertain"]
        if others and not groups_of(others[0].term) & groups_of(first.diagnoses[0].term if first.diagnoses else ""):
            return
        yield mark


def _watched(marks: Sequence[Mark]) -> bool:
    """A treated cancer is looked for again; its wound is not what the visit is about."""
    text = " ".join(m.clause.lower for m in marks)
    return _WATCHED_NOW.search(text) is not None and not _RECOVERING.search(text)


def _spoken_of(marks: Sequence[Mark]) -> bool:
    """Something is said of the disease today."""
    return any(
        told(m.clause.lower) or _SPOKEN.search(m.clause.lower) or any(cue(name, m.clause.lower) for name in _ADDRESSED)
        for m in marks
    )


def _managed(page: Page, marks: Sequence[Mark], zones: dict[int, Zone]) -> bool:
    """A drug, a test, a colleague, a plan to watch or to operate: management apart from anything done (2.5)."""
    for mark in marks:
        lower, zone = mark.clause.lower, zones[mark.clause.index]
        if any(cue(name, lower) for name in ("surveillance", "treatment_choice", "future_procedure", "hospital", "discussion")):
            return True
        if any(a.action.startswith("rx_") for a in plan_actions(page, mark, zone=zone, bare=True)):
            return True
        if any(item.kind != "historian" for item in data_items(page, mark, zone=zone, bare=True)):
            return True
    return False


def drug_alone(page: Page, live: Sequence[Mark], zones: dict[int, Zone]) -> list[Draft]:
    """A note that names a drug and how it works, and no disease: the drug's problem, without a name."""
    marks = [m for m in live if m.kind not in _ASIDE_KINDS]
    if any(operated(page, m) for m in marks) or any(_RECOVERING.search(m.clause.lower) for m in marks):
        return []
    named = [m for m in marks if any(d.drug.kind == "rx" for d in find_drugs(page.text, m.clause.start, m.clause.end))]
    if not named:
        return []
    acted = any(
        a.action.startswith("rx_") for m in marks for a in plan_actions(page, m, zone=zones[m.clause.index], bare=True)
    )
    stands = any(told(m.clause.lower) for m in marks)
    tested = any(True for m in marks for _ in data_items(page, m, zone=zones[m.clause.index], bare=True))
    return [Draft([], None, None, marks)] if acted or (stands and tested) else []
