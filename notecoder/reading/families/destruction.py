"""Destruction and tag removal: by condition, with the count of lesions.

Premalignant and benign lesions are treated in groups; a malignant one is a lesion of its own with a diameter (DS-08).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from notecoder.evidence import Evidence, Stated
from notecoder.facts import Destruction, Procedure, Site, TagRemoval, Target
from notecoder.facts.common import Act, Diagnosis, Status
from notecoder.reading.counts import Count, counts_in
from notecoder.reading.events import SAME_AGAIN, Event
from notecoder.reading.families.desk import Desk
from notecoder.reading.families.surface import vessel_lesion
from notecoder.reading.groups import TREATABLE, Group, count_of, gather, relevant, scope_of
from notecoder.reading.nodes import Node
from notecoder.reading.page import Mark, SeenAct, SeenDiagnosis
from notecoder.reading.places import merged_sites
from notecoder.reading.targets import span_of

_MALIGNANT = frozenset({"malignant", "in_situ"})
_COSMETIC = re.compile(r"\b(?:cosmetic\w*|self[- ]pay|out of pocket|for looks|looks only|billed cash|paid \$|pd \$|\$\s?\d+|patient pays?|aesthetic|appearance|(?:dis)?likes? (?:the |their |its )?(?:look|appearance)s?|how (?:it|they) looks?|medicare never covers|never covered|pays? cash|non-?covered)\b", re.IGNORECASE)
_NOTICE = re.compile(r"\b(?:abn|waiver|notice|financial responsibility|self[- ]pay form|form|agreement)\b[^.;]{0,110}\b(?:signed|on file|obtained)|advance beneficiary notice[^.;]{0,140}\bsigned|\bsigned\b[^.;]{0,30}\b(?:abn|waiver|notice|form|agreement)|\$\d+ self pay signed", re.IGNORECASE)
_ABN = re.compile(r"\babn\b|\badvance (?:beneficiary )?notice\b", re.IGNORECASE)
_CLAIM_WANTED = re.compile(
    r"\b(?:wants?|wish\w*|asks?|asked|requests?|requested|insists?)\b[^.;]{0,50}\b(?:claim|charge|bill\w*|submit\w*|sent|denial)\b"
    r"|\boption (?:1|one)\b|\bpatient['’]?s request\b[^.;]{0,30}\b(?:claim|bill\w*|submit\w*)\b",
    re.IGNORECASE,
)
_EXTENSIVE = re.compile(r"\bextensive\b|\bnumerous confluent\b", re.IGNORECASE)
_PLURAL = re.compile(r"\b(?:multiple|several|numerous|many|lesions|keratoses|aks|sks|isks|warts|verrucae|papules|scattered|diffuse|few)\b", re.IGNORECASE)
_NAMES = {"cryo": "cryo", "curettage": "curettage", "electro": "electro", "chemical": "chemical", "laser": "laser"}
_ORDER = ("curettage", "cryo", "laser", "chemical", "electro")


def build(desk: Desk) -> Iterator[Procedure]:
    """The destructions and tag removals of the note."""
    yield from _destructions(desk)
    yield from _tags(desk)


def _usable(desk: Desk) -> list[tuple[Mark, SeenAct]]:
    found = []
    for mark, act in desk.page.acts("destruction", status=None):
        if mark.clause.ignored or act.status == "historical" and mark.kind in {"past", "history"}:
            continue
        if act.detail == "electro" and (_hemostasis(mark, act) or any(a.family in {"shave", "biopsy", "excision", "tag_removal"} and a.status == "performed" and not (a.family == "tag_removal" and _warts_only(mark)) for a in mark.acts)) or act.detail == "laser" and vessel_lesion(desk, mark):
            continue
        if act.detail == "curettage" and _prepares_for_light(desk, mark):
            continue
        if desk.is_mohs_note and (not mark.sites or desk.is_mohs(desk.registry.for_act(mark, act))) and (act.detail in {"curettage", "electro"} or _MICROSCOPY.match(mark.clause.text[act.start - mark.clause.start :])):
            continue
        found.append((mark, act))
    return found


def _warts_only(mark: Mark) -> bool:
    """ "Filiform warts snipped, bases hyfrecated": destroyed, no tags."""
    return any(d.group in {"viral", "condyloma", "seborrheic"} for d in mark.diagnoses) and not any(d.group == "tag" for d in mark.diagnoses)


def _prepares_for_light(desk: Desk, mark: Mark) -> bool:
    """Thick keratoses curetted before the drug of photodynamic therapy are prepared, not destroyed (PD-01)."""
    if not any(a.status == "performed" for _, a in desk.page.acts("photodynamic")) or _THOROUGH.search(mark.clause.text):
        return False
    return not any(d.group not in {"premalignant", "hyperkeratosis", "noun"} for d in mark.diagnoses if d.group in TREATABLE)


_THOROUGH = re.compile(r"\bed ?& ?c\b|\bc ?& ?d\b|desiccat|electro|\bcurettage and\b|hyfrecat", re.IGNORECASE)
_MICROSCOPY = re.compile(r"frozen\b|froze\b", re.IGNORECASE)
"""In a Mohs note tissue is frozen for the microscope; cryosurgery is called LN2 or cryotherapy."""


def _hemostasis(mark: Mark, act: SeenAct) -> bool:
    """Cautery that stops bleeding destroys nothing; "destruction" as a bare word needs a lesion."""
    text = mark.clause.text
    near = text[max(0, act.start - mark.clause.start - 40) : act.end - mark.clause.start + 50]
    return bool(re.search(r"hemosta\w+|bleed\w*|cautery for|setting", near, re.IGNORECASE))


def _destructions(desk: Desk) -> Iterator[Procedure]:
    acts = _usable(desk)
    malignant: list[tuple[Mark, SeenAct]] = []
    grouped: list[tuple[Mark, SeenAct]] = []
    for mark, act in acts:
        node = desk.registry.for_act(mark, act)
        own = [d for d in mark.diagnoses if d.group in TREATABLE and d.certainty in {"stated", "pathology", "uncertain"}]
        if own:
            is_malignant = any(d.group in _MALIGNANT and d.certainty != "uncertain" for d in own) and not any(d.group not in _MALIGNANT for d in own if abs(d.end - act.start) < 30)
        else:
            seen = desk.targets.diagnoses_of(node) if node else []
            is_malignant = bool(seen) and seen[0].group in _MALIGNANT and act.detail in {"curettage", "cryo", "electro", "laser"} and seen[0].certainty != "uncertain"
            if not is_malignant and act.detail == "curettage" and not any(d.group in {"premalignant", "viral", "seborrheic"} for m in scope_of(desk.page, mark) for d in m.diagnoses):
                is_malignant = bool(seen) and seen[0].group in _MALIGNANT or desk.says(r"\b(?:bcc|scc|sccis|basal cell|squamous cell|bowen)")
        (malignant if is_malignant else grouped).append((mark, act))
    for mark in desk.page.saying(SAME_AGAIN):
        own = [d for d in mark.diagnoses if d.group in TREATABLE - _MALIGNANT and d.certainty in {"stated", "pathology"}]
        before = [(m, a) for m, a in acts if m.clause.index < mark.clause.index and a.status == "performed"]
        if own and before and not mark.acts:  # "six warts got the same treatment"
            grouped.append((mark, replace(before[-1][1], clause=mark.clause.index, start=mark.clause.end, end=mark.clause.end)))
    yield from _malignant(desk, malignant)
    for group in gather(desk.page, grouped, TREATABLE - _MALIGNANT, lambda mark, act: _labeled(desk, mark, act)):
        yield from _group(desk, group)


def _labeled(desk: Desk, mark: Mark, act: SeenAct) -> SeenDiagnosis | None:
    """ "Pin (3), destroyed: LN2" under "pin 3 - inflamed keratosis": the condition of the lesion with that label."""
    node = desk.registry.for_act(mark, act)
    if node is None or not node.labels or mark.sites or any(d.group in TREATABLE for d in mark.diagnoses) or (mark.clause.item is not None and mark.clause.item.index in desk.registry.by_item):
        return None
    seen = {d.term: d for d in desk.targets.diagnoses_of(node) if d.group in TREATABLE - _MALIGNANT and d.certainty in {"stated", "pathology"}}
    return next(iter(seen.values())) if len(seen) == 1 else None


def _malignant(desk: Desk, acts: list[tuple[Mark, SeenAct]]) -> Iterator[Procedure]:
    events: dict[str, Event] = {}
    for mark, act in acts:
        node = desk.registry.for_act(mark, act)
        meant = [n for n in desk.registry.meant_by_all(mark) if any(d.group in _MALIGNANT for d in desk.targets.diagnoses_of(n))] if act.status == "performed" else []
        meant = meant if len(meant) > 1 else _each_of(desk, mark, act)
        if len(meant) > 1:
            for each in meant:
                events.setdefault(each.id, Event("destruction", each)).acts.append((mark, act))
            continue
        key = node.id if node is not None and node.seen else "?"
        events.setdefault(key, Event("destruction", node if node is not None and node.seen else None)).acts.append((mark, act))
    for mark in desk.page.saying(SAME_AGAIN):
        if any(a.family == "destruction" and a.status == "performed" for a in mark.acts):
            continue
        before = [(m, a) for m, a in acts if m.clause.index < mark.clause.index and a.status == "performed"]
        for node in desk.registry.of_mark.get(mark.clause.index, []):
            if before and node.seen and (node.id not in events or not events[node.id].performed):
                events[node.id] = Event("destruction", node, [(mark, before[-1][1])])
    loose = events.pop("?", None)
    if loose is not None:
        performed = [e for e in events.values() if e.performed]
        tumors = [n for n in desk.registry.nodes if n.seen and any(d.group in _MALIGNANT and d.certainty in {"stated", "pathology"} for d in desk.targets.diagnoses_of(n))]
        if not performed and loose.performed and tumors:
            for node in tumors if len(tumors) > 1 and any(re.search(r"\b(?:both|all|each)\b", m.clause.lower) for m, _ in loose.acts) else tumors[:1]:
                events[node.id] = Event("destruction", node, list(loose.acts))
        elif not performed:
            events["?"] = loose
    for event in events.values():
        marks = [m for m in (event.node.marks if event.node else event.marks()) if m.live]
        if len(events) == 1 and event.performed:
            marks += [m for m in desk.page.live() if m not in marks and not desk.registry.of_mark.get(m.clause.index) and m.kind not in {"history", "plan", "followup"}]
        final = desk.smallest(marks, "final", event) or desk.smallest([m for m in marks if re.search(r"curett|defect", m.clause.lower)], "defect", event)
        yield Destruction(
            act=desk.act(event), target=desk.target(event), method=_method(desk, [(m, a) for m, a in event.acts]),
            count=Stated(value=1), final_diameter=final,
        )  # fmt: skip


def _each_of(desk: Desk, mark: Mark, act: SeenAct) -> list[Node]:
    """The tumors one act was done to: several places with sizes in its clause, the list under it, or the list "both" means."""
    if act.status != "performed":
        return []
    sites = merged_sites(mark.sites, desk.page.text)
    rivals = [a for a in mark.acts if a is not act and a.family != "repair" and a.family != act.family or a.family == act.family and a is not act and a.detail == act.detail]
    if len(sites) > 1:
        sized = len([m for m in mark.measures if m.role in {"lesion", "unknown", "final", "defect"}]) >= len(sites)
        named = [d for d in mark.diagnoses if d.group in _MALIGNANT]
        if rivals or not (sized or len(named) >= len(sites) or any(desk.page.text[d.end - 1] == "s" for d in named)):
            return []
        return [desk.registry.adopt(site, mark) for site in sites]
    if sites and desk.page.text[act.end : act.end + 1] == ":":
        below = [n for m in desk.page.marks[mark.clause.index : mark.clause.index + 8] if m is mark or _of_list(m, mark) for n in desk.registry.of_mark.get(m.clause.index, []) if n.seen]
        return list(dict.fromkeys(below))
    if not sites and re.search(r"\b(?:both|each|all|every|these|they)\b", mark.clause.text, re.IGNORECASE):
        above: list[Node] = []
        for other in reversed(desk.page.marks[max(0, mark.clause.index - 8) : mark.clause.index]):
            if not _of_list(other, mark):
                if other.sites or other.acts or other.clause.paragraph != mark.clause.paragraph:
                    break
                continue  # "Both proven 4/28." between the list and its treatment
            above += [n for n in desk.registry.of_mark.get(other.clause.index, []) if n.seen and n not in above and any(s in n.seen for s in other.sites)]
        return above[::-1]
    return []


def _of_list(other: Mark, mark: Mark) -> bool:
    """A line of the list the act speaks of: a malignant growth at a place, no act of its own."""
    return other.live and other.clause.section.index == mark.clause.section.index and bool(other.sites) and any(d.group in _MALIGNANT for d in other.diagnoses) and not any(a.status == "performed" for a in other.acts)


def _method(desk: Desk, acts: list[tuple[Mark, SeenAct]]) -> Stated[Literal["cryo", "electro", "curettage", "laser", "chemical", "other"]] | None:
    said = [a.detail for _, a in acts if a.detail]
    for name in _ORDER:
        if name in said:
            mark = next(m for m, a in acts if a.detail == name)
            return Stated(value=_NAMES[name], evidence=(desk.page.quote_clause(mark),))  # type: ignore[arg-type]
    return None


def _status(group: Group) -> Status:
    return "performed" if group.performed else group.acts[0][1].status


def sites_of(desk: Desk, marks: list[Mark]) -> tuple[Site, ...]:
    """The sites of a group, in reading order, each once."""
    found: list[Site] = []
    for mark in marks:
        for mention in merged_sites(mark.sites, desk.page.text):
            fact = mention.fact(desk.page.text)
            if all((f.key, f.side, f.digit and f.digit.number) != (fact.key, fact.side, fact.digit and fact.digit.number) for f in found):
                found.append(fact)
    return tuple(found)


def _naming(desk: Desk, seen: SeenDiagnosis) -> list[Mark]:
    """The clauses that name the condition."""
    return [m for m in desk.page.live() if any(d.term == seen.term for d in m.diagnoses)]


def _counted_there(desk: Desk) -> list[Mark]:
    """The clauses that count lesions at the places of condylomas ("the shaft carries three lesions")."""
    return [m for m in desk.page.live() if m.sites and any(s.key in _ANATOMY for s in m.sites) and any(c.kind != "total" for c in counts_in(desk.page, m)) and not re.match(r"\W*(?:no|none)\b", m.clause.text, re.IGNORECASE)]


def group_target(desk: Desk, group: Group, number: int) -> Target:
    """One target for a group of lesions: its own id, so that it never shares a lesion with a procedure elsewhere."""
    acting = [m for m, a in group.acts if a.status == "performed"] or [m for m, _ in group.acts]
    sites = sites_of(desk, acting) or sites_of(desk, group.marks)
    if not sites and group.seen is not None and group.seen.group == "condyloma":
        sites = sites_of(desk, _naming(desk, group.seen)) or sites_of(desk, _counted_there(desk))
    if group.part is not None:
        wide = (*sites_of(desk, group.marks), *sites_of(desk, _naming(desk, group.seen) if group.seen else []), *sites_of(desk, _counted_there(desk)))
        sites = tuple(s for s in (*sites, *wide) if _ANATOMY.get(s.key, "other") == group.part)
    diagnoses: tuple[Diagnosis, ...] = (group.seen.fact(desk.page.text, sites[0] if sites else None),) if group.seen else ()
    if group.seen is not None and group.seen.term in {"common_wart", "wart_unspecified"} and any(s.key == "sole" for s in sites):
        plantar = diagnoses[0].model_copy(update={"term": "plantar_wart"})
        diagnoses = (plantar,) if all(s.key == "sole" for s in sites) else (plantar, *diagnoses) if sites[0].key == "sole" else (*diagnoses, plantar)
    return Target(id=f"G{number}", site=sites[0] if sites else None, more_sites=sites[1:], diagnoses=diagnoses,
                  symptoms=_symptoms(desk, group))  # fmt: skip


def _symptoms(desk: Desk, group: Group) -> tuple[Stated[str], ...]:
    from notecoder.reading.targets import _NO_SYMPTOM, _SYMPTOM

    found = []
    for mark in group.marks:
        for match in _SYMPTOM.finditer(mark.clause.text):
            if not _NO_SYMPTOM.search(mark.clause.text[: match.start()][-24:]):
                start = mark.clause.start + match.start()
                found.append(Stated(value=match.group().lower(), evidence=(desk.page.quote(start, mark.clause.start + match.end()),)))
    return tuple(found[:4])


def group_act(desk: Desk, group: Group, count: Count | None) -> Act:
    """The act of a group with the clauses that tell of it, its condition and its count."""
    spans: list[Evidence] = []
    for mark, act in group.acts:
        if act.status == _status(group):
            spans.append(desk.page.quote_clause(mark))
    if count is not None:
        mark = desk.page.marks[desk.page.layout.clause_at(count.start).index]
        spans.append(desk.page.quote(*span_of(mark, count.start, count.end)))
    if group.seen is not None:
        mark = desk.page.marks[group.seen.clause]
        spans.append(desk.page.quote(*span_of(mark, group.seen.start, group.seen.end)))
    spans.extend(_seen_before(desk, group))
    whole = dict.fromkeys(spans)
    unique = tuple(s for s in whole if not any(o is not s and o.start <= s.start and s.end <= o.end for o in whole))
    cosmetic = next((desk.page.quote_clause(m) for m in group.marks if _COSMETIC.search(m.clause.text)), None)
    noticed = list(group.marks)
    if group.seen is not None and group.seen.group not in {"premalignant", "viral", "condyloma", "malignant", "in_situ"}:
        noticed += [m for m in desk.page.live() if m not in noticed]  # a notice is signed for what Medicare may refuse
    notice = next((desk.page.quote_clause(m) for m in noticed if _NOTICE.search(m.clause.text)), None)
    wanted = next((desk.page.quote_clause(m) for m in group.marks if _CLAIM_WANTED.search(m.clause.text)), None)
    return Act(
        id=f"{group.family}-{desk.number()}", status=_status(group), evidence=unique[:8],
        cosmetic=Stated(value=True, evidence=(cosmetic,)) if cosmetic and _is_cosmetic(group) else None,
        notice=Stated(value=True, evidence=(notice,)) if notice else None,
        abn=_abn(desk, noticed), claim_requested=Stated(value=True, evidence=(wanted,)) if wanted else None,
    )  # fmt: skip


def _abn(desk: Desk, marks: list[Mark]) -> Stated[Literal["required", "voluntary"]] | None:
    """An advance beneficiary notice that was signed, as the note's words call it (HC-15)."""
    for mark in marks:
        if _ABN.search(mark.clause.text) and not re.search(r"\b(?:no|not|without|declin\w+|refus\w+|unsigned)\b", mark.clause.text, re.IGNORECASE):
            voluntary = re.search(r"\bvoluntary\b", mark.clause.text, re.IGNORECASE)
            return Stated(value="voluntary" if voluntary else "required", evidence=(desk.page.quote_clause(mark),))
    return None


_LISTED = re.compile(r"\b\d+\b|\bx\s?\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|total)\b", re.IGNORECASE)
_PAPULES = re.compile(r"\b(?:papules?|macules?|plaques?|spots?|lesions?|growths?|total|sites?|scaly|gritty|crusty|keratotic|verrucous)\b", re.IGNORECASE)


def _seen_before(desk: Desk, group: Group) -> list[Evidence]:
    """Phrases elsewhere that count the lesions of this condition: the exam's list by site, the form's total."""
    found = []
    items = {id(m.clause.item) for m, _ in group.acts if m.clause.item is not None}
    for mark in desk.page.live():
        if mark.kind not in {"exam", "procedure", "history", "body", "assessment", "assessment_plan"} or not desk.page.says(mark, _LISTED):
            continue
        if any(a.family not in {"destruction", "tag_removal"} for a in mark.acts):
            continue
        same = group.seen is not None and any(d.term == group.seen.term for d in mark.diagnoses)
        ours = not mark.diagnoses and (id(mark.clause.item) in items or mark.kind == "exam" or not items) and _PAPULES.search(mark.clause.text)
        if same or ours:
            found.append(desk.page.quote(*span_of(mark, mark.clause.start, min(mark.clause.end, mark.clause.start + 60))))
            if len(found) == 4:
                break
    return found


def _is_cosmetic(group: Group) -> bool:
    """The clause of the act itself (or its own item) says so; a refused cosmetic wish elsewhere does not."""
    acting = [m for m, a in group.acts if a.status == "performed"]
    items = {id(m.clause.item) for m in acting if m.clause.item is not None}
    acting += [m for m in group.marks if id(m.clause.item) in items and m not in acting]
    return any(_COSMETIC.search(m.clause.text) and not re.search(r"\b(?:declin\w+|not (?:done|treated)|told (?:this is|it is))\b", m.clause.text, re.IGNORECASE) for m in acting) or (
        group.seen is not None and group.seen.group in {"vascular"} and any(_COSMETIC.search(m.clause.text) for m in group.marks)
    )


def _counted(desk: Desk, group: Group) -> tuple[Count | None, Count | None]:
    count, other = count_of(desk.page, group)
    return count, other  # type: ignore[return-value]


def _group(desk: Desk, group: Group) -> Iterator[Procedure]:
    parts = [p for c in _cosmetic_split(desk, group) for p in _by_anatomy(desk, c)]
    for part in parts:
        count, other = _counted(desk, part)
        if other is not None and count is not None and part.performed:
            desk.note_conflict(f"number of lesions treated ({part.seen.term.replace('_', ' ') if part.seen else 'lesions'})", "count", "code", count, other)
        number = desk.number()
        text = " ".join(m.clause.text for m in part.marks)
        if part.seen is not None and part.seen.group == "tag":
            if any(_about_tags(desk, m) for m, _ in desk.page.acts("tag_removal")):
                continue
            yield TagRemoval(act=group_act(desk, part, count), target=group_target(desk, part, number), count=_as_stated(desk, count))
            continue
        extensive = next((desk.page.quote_clause(m) for m in (*part.marks, *(_naming(desk, part.seen) if part.seen else ())) if _EXTENSIVE.search(m.clause.text)), None)
        single = count is None and not _PLURAL.search(text)
        yield Destruction(
            act=group_act(desk, part, count), target=group_target(desk, part, number), method=_method(desk, part.acts),
            count=_as_stated(desk, count) or (_one(desk, part) if single else None), at_least=bool(count and count.at_least),
            plural=count is None and not single,
            extensive=Stated(value=True, evidence=(extensive,)) if extensive and part.seen and part.seen.group == "condyloma" else None,
        )  # fmt: skip


_ANATOMY = {"penis": "penis", "vulva": "vulva", "vagina": "vagina", "anus": "anus", "perianal": "anus", "perineum": "anus"}


def _by_anatomy(desk: Desk, group: Group) -> list[Group]:
    """Condylomas of the penis, the vulva, the anus and elsewhere are families of their own (DS-11)."""
    if group.seen is None or group.seen.group not in {"condyloma", "viral"}:
        return [group]
    acting = [m for m, a in group.acts if a.status == "performed"] or [m for m, _ in group.acts]
    sites = sites_of(desk, acting)
    if not any(s.key in _ANATOMY for s in sites):
        sites = sites_of(desk, group.marks)
    if not sites and group.seen.group == "condyloma":
        sites = sites_of(desk, _naming(desk, group.seen)) or sites_of(desk, _counted_there(desk))
    per_act = {id(a): {_ANATOMY.get(s.key, "other") for s in m.sites} for m, a in group.acts}
    families = list(dict.fromkeys(_ANATOMY.get(s.key, "other") for s in sites if s.key != "genitalia" or len(sites) == 1))
    if len(families) <= 1:
        return [group]
    return [Group(group.family, group.seen, [(m, a) for m, a in group.acts if not per_act[id(a)] or name in per_act[id(a)]] or group.acts, group.marks, part=name) for name in families]


def _one(desk: Desk, group: Group) -> Stated[int]:
    return Stated(value=1, evidence=(desk.page.quote_clause(group.acts[0][0]),))


def _as_stated(desk: Desk, count: Count | None) -> Stated[int] | None:
    if count is None:
        return None
    mark = desk.page.marks[desk.page.layout.clause_at(count.start).index]
    return Stated(value=count.value, evidence=(desk.page.quote(*span_of(mark, count.start, count.end)),))


def _cosmetic_split(desk: Desk, group: Group) -> list[Group]:
    """Lesions of one condition treated partly as medical and partly at the patient's cost are two groups (COS-02)."""
    cosmetic = [(m, a) for m, a in group.acts if _COSMETIC.search(m.clause.text)
                or any(_COSMETIC.search(o.clause.text) for o in relevant(desk.page, m, None) if o.clause.item is m.clause.item and m.clause.item is not None and o.clause.paragraph == m.clause.paragraph)]  # fmt: skip
    medical = [pair for pair in group.acts if pair not in cosmetic]
    if not cosmetic or not medical:
        return [group]
    result = []
    for acts in (medical, cosmetic):
        part = Group(group.family, group.seen, acts)
        for mark, _ in acts:
            for other in relevant(desk.page, mark, None):
                if other not in part.marks and bool(_COSMETIC.search(other.clause.text)) == (acts is cosmetic):
                    part.marks.append(other)
            if mark not in part.marks:
                part.marks.append(mark)
        result.append(part)
    return result


def _tags(desk: Desk) -> Iterator[Procedure]:
    acts = [(m, a) for m, a in desk.page.acts("tag_removal", status=None) if not m.clause.ignored and _about_tags(desk, m)]
    if not any(a.status == "performed" for _, a in acts):
        acts += [(m, desk.silent_act("tag_removal", m)) for m in desk.page.saying(_WITH_SCISSORS) if not m.acts and m.kind not in {"history", "reason", "followup"} and not _TO_COME.search(m.clause.text) and _about_tags(desk, m)]
    for group in gather(desk.page, acts, frozenset({"tag"})):
        count, _ = _counted(desk, group)
        yield TagRemoval(act=group_act(desk, group, count), target=group_target(desk, group, desk.number()), count=_as_stated(desk, count))


_WITH_SCISSORS = re.compile(r"\b(?:cut|clipped|taken|trimmed|came|removed)(?: off)?(?: today| all)? (?:with|using|by) (?:(?:the|a|sharp|curved|straight|fine|iris|gradle|small|sterile) )*scissors\b", re.IGNORECASE)
""" "Taken off today with curved scissors: left neck seven, right neck four", in a note of tags."""


_TO_COME = re.compile(r"\b(?:will|can|could|to be|plan\w*|next|if|offer\w*|declin\w*)\b", re.IGNORECASE)


def _about_tags(desk: Desk, mark: Mark) -> bool:
    """The clause, its item or, when they name no other lesion, the note speaks of tags."""
    scope = [mark, *scope_of(desk.page, mark)]
    if any(d.group == "tag" for m in scope for d in m.diagnoses):
        return True
    if any(d.group in TREATABLE and d.certainty in {"stated", "pathology"} for d in mark.diagnoses):
        return False
    return any(d.group == "tag" and d.certainty != "negated" for m in desk.page.live() for d in m.diagnoses)
