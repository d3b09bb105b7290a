"""Which problems were addressed, how each stands, and what was decided for it.

A coder looks for the assessment first: numbered problems, a line for each diagnosis, or in prose the sentence that
names what the patient has. Plan lines join the problem they stand under, carry the number of, name, or treat. Problem
lists, past history, pasted notes and handouts make no problem; a disease only mentioned in the history is not addressed
(EM-P-00). The class comes from the condition and the note's own status words (EM-P, EM-P-DX).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from notecoder.evidence import merged
from notecoder.facts import Procedure
from notecoder.facts.visit import Action, DataItem, PlanAction, Problem
from notecoder.reading.outline import Item
from notecoder.reading.page import Mark, Page, SeenDiagnosis
from notecoder.reading.visit_control import told
from notecoder.reading.visit_draft import Draft
from notecoder.reading.visit_heads import PLAN_KINDS, blocks, conditions_of, titled
from notecoder.reading.visit_plan import Zone, carried_on, data_items, nothing_done, plan_actions
from notecoder.reading.visit_prose import drug_alone, told_in_prose
from notecoder.reading.visit_standing import GENERIC, HISTORY_TERMS, problem_of
from notecoder.reading.visit_words import condition_class, cue, find_drugs, groups_of, sign_pattern
from notecoder.reading.visit_zones import outermost, zone_of

MEDICAL = frozenset({"pressure", "sugar", "lipids", "thyroid", "stomach", "mood", "urine"})
"""Groups outside the skin: their drugs are carried on at home unless their own problem is addressed here."""
AHEAD = frozenset({"future_procedure", "treatment_choice", "surveillance", "referral"})
"""Decisions that no word of an earlier treatment takes back."""
WATCHED = frozenset(HISTORY_TERMS.values())


def read_problems(
    page: Page, procedures: Sequence[Procedure]
) -> tuple[tuple[Problem, ...], tuple[DataItem, ...], dict[str, set[int]]]:
    """The problems of a note, its data, and for each problem the clauses it rests on."""
    state: dict[str, object] = {}
    zones = {mark.clause.index: zone_of(mark, state) for mark in page.marks}
    live = [mark for mark in page.live() if zones[mark.clause.index] != "procedure"]
    under = blocks(page, live)
    inside = [mark for mark in live if any(mark.clause.index in block for block in under)]
    zones.update(_inferred(page, [m for m in inside if zones[m.clause.index] == "other"], zones))
    zones.update({block[0]: "plan" for block in under})
    bare = not any(zones[m.clause.index] == "plan" and m.kind != "followup" for m in live)
    if bare:
        zones.update(_inferred(page, live, zones))
    drafts = _heads(page, live, zones, under, bare=bare)
    if not any(draft.heads for draft in drafts):
        zones.update(_inferred(page, live, zones))
        drafts = _heads(page, live, zones, under, bare=True)
    drafts.extend(_treated_only(page, live, zones, drafts, bare=bare))
    if bare or not any(draft.heads for draft in drafts):
        drafts.extend(told_in_prose(page, live, zones, drafts))
        drafts = drafts if any(draft.heads for draft in drafts) else drug_alone(page, live, zones) or drafts
    drafts = _one_named(_joined(page, drafts))
    _attach(page, live, zones, drafts, bare=bare)
    kept = _without_shadows([draft for draft in drafts if _addressed(draft)])
    problems = tuple(
        problem_of(page, draft, f"problem-{number}", live, zones, procedures, alone=len(kept) == 1)
        for number, draft in enumerate(kept, 1)
    )
    loose = _loose_data(page, live, zones, kept, bare=bare)
    data = [item for draft, problem in zip(kept, problems, strict=True) for item in
            (entry.model_copy(update={"problem": problem.id}) for entry in draft.data)]  # fmt: skip
    clauses = {problem.id: {m.clause.index for m in draft.marks} for draft, problem in zip(kept, problems, strict=True)}
    return problems, (*data, *loose), clauses


def _inferred(page: Page, live: Iterable[Mark], zones: dict[int, Zone]) -> dict[int, Zone]:
    """Zones in a note without a plan heading: a clause that decides or concludes is plan."""
    found: dict[int, Zone] = {}
    operated = any(mark.kind == "procedure" for mark in page.live())
    opened: dict[int, int] = {}
    for mark in live:
        opened.setdefault(mark.clause.section.index, mark.clause.paragraph)
        zone = zones[mark.clause.index]
        if zone in ("exam", "history") and mark.clause.paragraph > opened[mark.clause.section.index]:
            zone = found[mark.clause.index] = "other"
        lower = mark.clause.lower
        numbered = mark.clause.item is not None and mark.clause.item.label is not None and mark.kind == "body"
        if (
            any(a.status == "performed" for a in mark.acts)
            or numbered
            or any(a.action in AHEAD or not cue("used_before", lower) for a in plan_actions(page, mark, zone=zone, bare=True))
            or plan_actions(page, mark, zone=zone)
            or (zone != "exam" and not operated and _concludes(mark))
            or _line_names_problem(page, mark)
            or (not operated and _only_names(page, mark))
        ):
            found[mark.clause.index] = "plan"
    return found


def _line_names_problem(page: Page, mark: Mark) -> bool:
    """A line of its own that opens with a disease and says how it stands, wherever the last heading was."""
    lower = mark.clause.lower
    opens = page.text[: mark.clause.start].rstrip(" \t")[-1:] in ("\n", "")
    headed = mark.kind == "reason" and "\n" not in page.text[mark.clause.section.start : mark.clause.start]
    if mark.kind == "procedure" or headed or not opens or not told(lower):
        return False
    conditions = [d for d in conditions_of(page, mark) if condition_class(d.term) in ("chronic", "acute", "severe", "malignancy")]
    if not conditions or conditions[0].certainty not in ("stated", "pathology"):
        return False
    before = lower[: conditions[0].start - mark.clause.start]
    return re.fullmatch(r"\W*(?:#?\d{1,2}[.):\s]\W*)?(?:\w+\W+){0,2}?", before) is not None


def _only_names(page: Page, mark: Mark) -> bool:
    """A sentence that is nothing but a condition and its place is a conclusion, even within the examination."""
    named = [d for d in mark.diagnoses if d.certainty in ("stated", "pathology") and condition_class(d.term) not in (None, "sign", "undiagnosed")]
    if not named or mark.acts or mark.kind in ("reason", "procedure", "past") or "," in mark.clause.text:
        return False
    spans = sorted([(d.start, d.end) for d in named] + [(site.start, site.end) for site in mark.sites])
    rest, at = "", mark.clause.start
    for start, end in spans:
        rest, at = rest + page.text[at : max(at, start)], max(at, end)
    rest += page.text[at : mark.clause.end]
    return re.fullmatch(r"(?:\W|\b(?:of|on|the|both|mild|moderate|severe|chronic|acute|bilateral|dx|a)\b)*", rest, re.IGNORECASE) is not None


def _concludes(mark: Mark) -> bool:
    """The clause names what the patient has: an impression, or a line that opens with a condition."""
    conditions = [
        d for d in mark.diagnoses if d.certainty in ("stated", "pathology", "uncertain") and condition_class(d.term)
    ]
    if not conditions:
        return False
    first = conditions[0].start - mark.clause.start
    lower = mark.clause.lower
    opens = re.match(r"\W*(?:#?\d{1,2}[.):\s]\W*)?(?:\w+\W+){0,2}?$", lower[:first]) is not None and mark.kind == "body"
    stands = bool(told(lower))
    cancer = any(condition_class(d.term) == "malignancy" and d.certainty in ("stated", "pathology") for d in conditions)
    reported = mark.kind == "pathology" and conditions[0].certainty == "pathology"
    return bool(opens or cancer or reported or cue("assessment_cue", lower) or (stands and mark.kind != "reason"))


def _heads(
    page: Page, live: Sequence[Mark], zones: dict[int, Zone], under: Sequence[range], *, bare: bool
) -> list[Draft]:
    """Walk the plan clauses and open a draft at each problem."""
    drafts: list[Draft] = []
    current: Draft | None = None
    place: tuple[int, int | None] | None = None
    sections: set[int] = set()
    for mark in live:
        clause = mark.clause
        if zones[clause.index] != "plan":
            continue
        block = next((b for b in under if clause.index in b), None)
        if block is not None and clause.index == block[0]:
            current = _open(drafts, conditions_of(page, mark) or [mark.diagnoses[0]], None, mark)
            current.block, place = block, (clause.section.index, None)
            continue
        if current is not None and (clause.section.kind == "pathology" or (block is not None and current.block == block)):
            current.marks.append(mark)
            continue
        top = outermost(clause.item)
        if clause.section.kind == "followup" and drafts:
            kin = next((d for d in drafts for c in conditions_of(page, mark) if d.groups & groups_of(c.term)), current)
            if kin is not None:
                kin.marks.append(mark)
                continue
        named = titled(page, clause, sections)
        if named:
            current, place = _open(drafts, named, None, mark), (clause.section.index, None)
            continue
        here = (clause.section.index, top.index if top else None)
        opening = top is not None and here != place
        conditions = [
            c for c in conditions_of(page, mark) if c.group != "noun" or opening or clause.section.kind in PLAN_KINDS
        ]
        strong = [
            c
            for c in conditions
            if c.certainty != "history" or condition_class(c.term) in ("malignancy", "surveillance")
        ]
        if bare and top is None and strong and not (
            _concludes(mark) or _decides(page, mark) or _line_names_problem(page, mark) or _only_names(page, mark)
        ):
            strong = []
        if top is None and current is not None and current.item is None and _other_lesion(page, mark, current):
            drafts.append(Draft([], None, None, [mark]))
            continue
        same = _same_label(drafts, clause.section.kind, top)
        if opening and same is not None and not (strong and not same.terms & {c.term for c in strong}):
            current = same
            current.marks.append(mark)
        elif current is not None and not opening and _names(current, strong):
            current.heads = [c for c in strong if condition_class(c.term) != "sign"]
            current.marks.append(mark)
        elif strong and (
            opening or current is None or _new_topic(current, strong, clause.lower, in_item=top is not None)
        ):
            current = _open(drafts, strong, top, mark)
        elif opening or (here != place and clause.section.kind in ("assessment", "assessment_plan")):
            current = Draft([], top.label if top else None, top, [mark])
            drafts.append(current)
        elif current is not None:
            current.marks.append(mark)
            current.heads.extend(c for c in strong if not current.heads)
        place = here
    return drafts


def _decides(page: Page, mark: Mark) -> bool:
    """A clause of prose that treats or reassures what it names."""
    actions = plan_actions(page, mark, zone="plan", bare=True)
    return any(a.action.startswith(("rx_", "otc", "reassurance", "observation", "procedure")) for a in actions)


def _other_lesion(page: Page, mark: Mark, current: Draft) -> bool:
    """In prose, a procedure clause that names nothing of the current problem is about another lesion."""
    done = any(a.status == "performed" and a.family not in ("bedside_test", "pathology") for a in mark.acts)
    return done and nothing_done(page) is None and not any(d.term in current.terms for d in mark.diagnoses)


def _treated_only(
    page: Page, live: Sequence[Mark], zones: dict[int, Zone], drafts: Sequence[Draft], *, bare: bool
) -> list[Draft]:
    """A condition named only in the history whose own drug is started, changed or carried on in a plan clause."""
    covered = frozenset().union(*(d.groups for d in drafts)) if drafts else frozenset()
    found: list[Draft] = []
    for mark in live:
        zone = zones[mark.clause.index]
        for action in plan_actions(page, mark, zone=zone, bare=bare and zone == "plan"):
            groups = _drug_groups(page, action)
            if not action.action.startswith("rx_") or not groups or groups & covered:
                continue
            for other in live:
                heads = [
                    c
                    for c in conditions_of(page, other)
                    if groups_of(c.term) & groups and condition_class(c.term) != "sign" and c.certainty != "uncertain"
                ]
                if heads and not any(h.term in d.terms for d in found for h in heads):
                    head = heads[0]
                    head = SeenDiagnosis(head.term, head.group, head.start, head.end, "stated", head.clause)
                    found.append(Draft([head], None, None, [mark, other]))
                    break
    return found


def _without_shadows(drafts: list[Draft]) -> list[Draft]:
    """Drop a bare sign or lesion noun without decisions of its own when a disease is the problem."""

    def shadow(draft: Draft) -> bool:
        vague = all(
            condition_class(h.term) in ("sign", "undiagnosed") and h.group in ("sign", "noun") for h in draft.heads
        )
        idle = not any(a.action.startswith(("rx_", "otc")) for a in draft.actions)
        return vague and idle

    named = [d for d in drafts if d.heads and not shadow(d)]
    return [d for d in drafts if not shadow(d)] if named else drafts


def _one_named(drafts: list[Draft]) -> list[Draft]:
    """Numbered lines that name no condition at all are the plan of the only problem that was named without a number."""
    named = [d for d in drafts if d.heads]
    rest = [d for d in drafts if not d.heads]
    if len(named) != 1 or named[0].item is not None or not rest:
        return drafts
    if any(d.item is None or any(m.diagnoses for m in d.marks) for d in rest):
        return drafts
    for draft in rest:
        named[0].marks.extend(m for m in draft.marks if m not in named[0].marks)
    return named


def _lesions_of(page: Page, draft: Draft, drafts: Sequence[Draft]) -> Draft | None:
    """The disease whose lesions a trivial finding names: the cysts of acne, the nodules of hidradenitis."""
    trivial = bool(draft.heads) and all(condition_class(h.term) == "self_limited" for h in draft.heads)
    if not trivial or draft.item is not None:
        return None
    words = [page.text[h.start : h.end] for h in draft.heads]
    return next(
        (
            other
            for other in drafts
            for group in other.groups
            if other is not draft and other.item is None and (pattern := sign_pattern(group)) and all(pattern.fullmatch(w) for w in words)
        ),
        None,
    )


def _joined(page: Page, drafts: list[Draft]) -> list[Draft]:
    """A family's bare word ("acne", "hair loss") joins the problem that has the closer name of the same family."""
    kept: list[Draft] = []
    for draft in drafts:
        generic = bool(draft.heads) and draft.terms <= GENERIC
        host = _lesions_of(page, draft, drafts)
        if host is not None:
            host.marks.extend(m for m in draft.marks if m not in host.marks)
            continue
        closer = [d for d in drafts if d is not draft and d.groups & draft.groups and not d.terms <= GENERIC]
        if generic and closer:
            closer[0].marks.extend(m for m in draft.marks if m not in closer[0].marks)
        else:
            kept.append(draft)
    return kept


def _names(current: Draft, conditions: Sequence[SeenDiagnosis]) -> bool:
    """A stated disease that names what the problem so far only calls by its sign."""
    vague = bool(current.heads) and all(
        condition_class(h.term) in ("sign", "undiagnosed") or h.certainty == "uncertain" for h in current.heads
    )
    return vague and any(
        c.certainty in ("stated", "pathology") and condition_class(c.term) in ("chronic", "acute", "severe", "systemic")
        for c in conditions
    )


def _same_label(drafts: Sequence[Draft], kind: str, top: Item | None) -> Draft | None:
    """The assessment item that carries the number of this plan item."""
    if top is None or top.label is None or kind not in ("plan", "assessment_plan", "followup"):
        return None
    matches = [d for d in drafts if d.label == top.label and d.item is not None and d.item.index != top.index]
    return matches[0] if matches and kind == "plan" else None


def _new_topic(current: Draft, conditions: Sequence[SeenDiagnosis], lower: str, *, in_item: bool) -> bool:
    """In running text: another condition opens another problem unless it is only a part or a doubt of this one."""
    if in_item or conditions[0].certainty == "uncertain":
        return not current.heads
    terms = {c.term for c in conditions}
    if terms & current.terms or (current.groups and any(groups_of(t) & current.groups for t in terms)):
        return False
    return not (current.heads and all(condition_class(t) == "sign" for t in terms))


def _open(drafts: list[Draft], conditions: Sequence[SeenDiagnosis], top: Item | None, mark: Mark) -> Draft:
    """Open one draft for a head; self-limited findings listed together are one problem each."""
    label = top.label if top else None
    sure = [c for c in conditions if c.certainty in ("stated", "pathology")]
    for draft in drafts:
        if _same_condition(draft, sure or conditions, mark) and (top is None or draft.item is not top) and not (
            draft.label and label
        ):
            draft.marks.append(mark)
            return draft
    trivial = [c for c in sure if condition_class(c.term) == "self_limited"]
    if len(trivial) > 1 and len(trivial) == len(sure):
        made = [Draft([c], label, top, [mark]) for c in {c.term: c for c in trivial}.values()]
        drafts.extend(made)
        return made[0]
    lead = sure or list(conditions)
    kinds = {condition_class(c.term) for c in lead}
    if top is None and len(lead) > 1 and "screening" not in kinds and "surveillance" not in kinds and not _kin(lead):
        made = [Draft([c], label, top, [mark]) for c in {c.term: c for c in lead}.values()]
        drafts.extend(made)
        return made[-1]
    draft = Draft(list({c.term: c for c in [*sure, *conditions]}.values()), label, top, [mark])
    drafts.append(draft)
    return draft


def _same_condition(draft: Draft, conditions: Sequence[SeenDiagnosis], mark: Mark) -> bool:
    """The draft's own condition again; a cancer that is only watched is the same whether called past or not."""
    terms = {c.term for c in conditions}
    if draft.terms & terms:
        return True
    past = all(c.certainty == "history" for c in conditions) or bool(cue("under_surveillance", mark.clause.lower))
    return past and bool({HISTORY_TERMS.get(t, t) for t in draft.terms} & {HISTORY_TERMS.get(t, t) for t in terms} & WATCHED)


def _kin(conditions: Sequence[SeenDiagnosis]) -> bool:
    """Conditions of one family, or a condition with its sign: one problem."""
    first = groups_of(conditions[0].term)
    return any(groups_of(c.term) & first or condition_class(c.term) == "sign" for c in conditions[1:])


def _attach(page: Page, live: Sequence[Mark], zones: dict[int, Zone], drafts: list[Draft], *, bare: bool) -> None:
    """Give every plan action and test to its problem."""
    owner: dict[int, Draft] = {}
    for draft in drafts:
        for mark in draft.marks:
            owner.setdefault(mark.clause.index, draft)
    for mark in live:
        zone = zones[mark.clause.index]
        actions = plan_actions(page, mark, zone=zone, bare=bare and zone == "plan")
        for action in actions:
            chosen = _owner_of(page, action, mark, owner.get(mark.clause.index), drafts)
            if chosen is not None:
                action = _with_its_drug(page, chosen, action)
                if action.detail is None and action.action.startswith("rx_") and not _by_its_words(action):
                    continue
                chosen.actions.append(_after_procedure(page, chosen, action))
                if mark not in chosen.marks:
                    chosen.marks.append(mark)
        if mark.clause.index in owner:
            owner[mark.clause.index].data.extend(data_items(page, mark, zone=zone, bare=bare))


def _by_its_words(action: PlanAction) -> bool:
    """A decision without a drug counts where its own words speak of treatment, not of any dose (of light, of a series)."""
    return action.action == "rx_continue" and any(carried_on(span.text.lower()) for span in action.evidence)


def _after_procedure(page: Page, draft: Draft, action: PlanAction) -> PlanAction:
    """A short course that fits no disease of a lesion operated on is wound care, not drug management."""
    operated = any(a.action == "procedure" for a in draft.actions)
    groups = _drug_groups(page, action)
    if action.action == "rx_start" and operated and groups & {"bacterial", "herpes"} and not groups & draft.groups:
        return PlanAction(action="aftercare", detail=action.detail, evidence=action.evidence)
    return action


def _with_its_drug(page: Page, draft: Draft, action: PlanAction) -> PlanAction:
    """ "cont, refill" means the drug that the problem's own lines name last."""
    if action.action not in ("rx_continue", "rx_change", "rx_stop") or action.detail is not None:
        return action
    named = [d for m in draft.marks for d in find_drugs(page.text, m.clause.start, m.clause.end)]
    fitting = [d for d in named if d.drug.groups & draft.groups] or named
    if not fitting:
        return action
    drug = fitting[-1]
    spans = merged(action.evidence, (page.quote_clause(page.marks[page.layout.clause_at(drug.start).index]),))
    kind: Action = "otc" if drug.otc else action.action
    return PlanAction(action=kind, detail=drug.drug.name, strength=drug.percent, evidence=spans)


def _owner_of(page: Page, action: PlanAction, mark: Mark, home: Draft | None, drafts: Sequence[Draft]) -> Draft | None:
    """The problem an action is for: named beside it, else the one whose drug it is, else the one it stands under."""
    operated = [d for d in drafts if any(a.action == "procedure" for a in d.actions)]
    if action.action in ("aftercare", "await_pathology") and home is not None and operated and home not in operated:
        return operated[-1]  # "Suture removal in two weeks" under the last problem is of the wound, not of that problem
    named = [d for d in drafts if any(c.term in d.terms for c in mark.diagnoses if c.certainty != "negated")]
    if home is not None and home.item is not None and home.heads and home.item.label is not None:
        return home
    groups = _drug_groups(page, action)
    fitting = [d for d in named if d.groups & groups] or [d for d in drafts if d.groups & groups]
    if fitting and (home is None or home not in fitting):
        return fitting[0]
    if action.action in ("future_procedure", "treatment_choice", "surveillance") and (home is None or _trivial(home)):
        serious = [d for d in drafts if d.heads and not _trivial(d)]
        if serious:
            return serious[0]
    if groups & MEDICAL and not fitting:
        return None
    lone = home or (drafts[0] if len(drafts) == 1 else None)
    if groups and lone is not None and lone.heads and lone.item is None and _quiet(lone) and not groups & lone.groups and lone not in named:
        return None
    if home is not None and home in named:
        return home
    if len(named) == 1:
        return named[0]
    if home is not None:
        return home
    return drafts[0] if len(drafts) == 1 and action.action not in ("procedure", "aftercare") else None


def _trivial(draft: Draft) -> bool:
    return all(condition_class(h.term) in ("self_limited", "sign", "undiagnosed") for h in draft.heads)


def _quiet(draft: Draft) -> bool:
    """Every word of the problem is a trifle that is at rest: a scar told in passing."""
    return all(condition_class(h.term) == "self_limited" for h in draft.heads) and any(
        words.trend == "better" for m in draft.marks for words in told(m.clause.lower)
    )


def _drug_groups(page: Page, action: PlanAction) -> frozenset[str]:
    for span in action.evidence:
        for drug in find_drugs(page.text, span.start, span.end):
            if drug.drug.name == action.detail:
                return drug.drug.groups
    return frozenset()


def _addressed(draft: Draft) -> bool:
    """EM-P-00: evaluated or treated, not merely noted or left to somebody else."""
    if cue("left_to_others", draft.marks[0].clause.lower) and not any(
        a.action in ("rx_start", "rx_change", "rx_stop") for a in draft.actions
    ):
        return False
    if not draft.heads or all(head.group == "medical" for head in draft.heads):
        return any(a.action.startswith(("rx_", "otc")) for a in draft.actions)
    return bool(draft.actions) or cue("cleared_report", draft.marks[0].clause.lower) is None


def _loose_data(
    page: Page, live: Sequence[Mark], zones: dict[int, Zone], drafts: Sequence[Draft], *, bare: bool
) -> list[DataItem]:
    """Data outside the problems' own lines: labs reviewed, outside records, who gave the history."""
    taken = {m.clause.index for d in drafts for m in d.marks}
    sections = [
        m
        for m in page.marks
        if not m.clause.ignored and m.kind not in ("past", "family", "social", "allergy", "boilerplate")
    ]
    found: list[DataItem] = []
    for mark in sections:
        if mark.clause.index not in taken and zones[mark.clause.index] != "procedure":
            found.extend(data_items(page, mark, zone=zones[mark.clause.index], bare=bare))
    return found
