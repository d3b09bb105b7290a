"""Injections and the drugs given: intralesional, intramuscular, botulinum toxin, filler."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from notecoder.evidence import Evidence, Stated
from notecoder.facts import Chemodenervation, Drug, DrugInjection, Filler, IntralesionalInjection, Procedure
from notecoder.reading.counts import Count, total_of
from notecoder.reading.events import Event
from notecoder.reading.families.desk import Desk
from notecoder.reading.families.destruction import group_act, group_target
from notecoder.reading.groups import Group, gather
from notecoder.reading.lesions import LESION_GROUPS
from notecoder.reading.page import Mark, SeenAct
from notecoder.reading.targets import span_of

_DRUGS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(rf"\b(?:{words})", re.IGNORECASE))
    for name, words in (
        ("triamcinolone acetonide", r"triamcinolone|kenalog|\btac\b|\btmc\b|\bilk\b|\bil ?k\b|\bk-?(?:2\.5|5|10|20|40)\b|aristocort"),
        ("methylprednisolone acetate", r"depo-?medrol|methylprednisolone acetate"),
        ("methylprednisolone sodium succinate", r"solu-?medrol|methylprednisolone sodium"),
        ("dexamethasone sodium phosphate", r"dexamethasone|decadron"),
        ("betamethasone", r"celestone|betamethasone (?:acetate|sodium)"),
        ("ceftriaxone", r"ceftriaxone|rocephin"),
        ("bleomycin", r"bleomycin"),
        ("fluorouracil", r"5-?fu\b|fluorouracil"),
        ("methotrexate", r"methotrexate|\bmtx\b"),
        ("candida antigen", r"candida(?: albicans)?(?: skin test)?(?: antigen)?|candin"),
        ("onabotulinumtoxina", r"onabotulinum\w*|botox"),
        ("abobotulinumtoxina", r"abobotulinum\w*|dysport"),
        ("incobotulinumtoxina", r"incobotulinum\w*|xeomin"),
        ("rimabotulinumtoxinb", r"rimabotulinum\w*|myobloc"),
        ("daxibotulinumtoxina", r"daxibotulinum\w*|daxxify"),
        ("omalizumab", r"omalizumab|xolair"),
        ("ustekinumab", r"ustekinumab|stelara"),
        ("tildrakizumab", r"tildrakizumab|ilumya"),
        ("penicillin g benzathine", r"bicillin|benzathine penicillin"),
        ("dupilumab", r"dupilumab|dupixent"),
        ("diphenhydramine", r"diphenhydramine|benadryl"),
    )
)
_D = r"(?:\d{1,4}(?:\.\d{1,3})?|\.\d{1,3})"
_CONCENTRATION = re.compile(rf"(?P<c>{_D})\s*mg\s*(?:/|per)\s*(?:ml|cc)|\b(?:k|kenalog|tac|triamcinolone|ilk)[\s-]*(?P<k>2\.5|3\.3|5|10|20|40|80)\b(?!\s*(?:mg(?!\s*/)|lesions?|ml|cc|u\b))", re.IGNORECASE)
_VOLUME = re.compile(rf"(?<![\w.])(?P<v>{_D})\s*(?:ml|cc)\b", re.IGNORECASE)
_MASS = re.compile(rf"(?<![\w.])(?P<m>{_D})\s*mg\b(?!\s*(?:/|per))", re.IGNORECASE)
_UNITS = re.compile(rf"(?<![\w.])(?P<u>{_D})\s*(?:units?|u)\b(?!\s*(?:/|per))", re.IGNORECASE)
_WASTE = re.compile(rf"\b(?:wast\w+|discard\w+)[\s:=]*(?:amount\s*)?(?P<a>{_D})\s*(?P<ua>mg|units?|u|ml|cc)\b|(?<![\w.])(?P<b>{_D})\s*(?P<ub>mg|units?|u|ml|cc)\s*(?:\w+ ){{0,4}}?(?:wast\w+|discard\w+)", re.IGNORECASE)
_NO_WASTE = re.compile(r"\b(?:no (?:waste|wastage|drug (?:was )?(?:wasted|discarded)|discard\w*)|none (?:wasted|discarded)|nothing (?:wasted|discarded)|waste:? (?:none|0)|0 (?:mg |ml |units )?(?:wasted|discarded)|wastage:? (?:none|0)|entire vial)\b", re.IGNORECASE)
_SINGLE = re.compile(r"\b(?:single[- ](?:dose|use)|sdv|sd vial|one-time vial)\b", re.IGNORECASE)
_MULTI = re.compile(r"\b(?:multi(?:ple)?[- ]?(?:dose|use)|mdv|multidose|md vial)\b", re.IGNORECASE)
_OWN = re.compile(r"\b(?:patient(?:'s)? (?:own|supplied|brought)|brought (?:in )?(?:by|from)|own supply|pharmacy[- ]supplied|specialty pharmacy|brought her|brought his|patient-supplied)\b", re.IGNORECASE)
_COMPOUNDED = re.compile(r"\bcompound(?:ed|ing)\b", re.IGNORECASE)
_TOTAL = re.compile(r"\btotal(?:led|ling)?\b|\bin all\b|\baltogether\b", re.IGNORECASE)
_DILUTION = re.compile(r"\b(?:saline|lido\w*|diluted|reconstitut\w+|anesthe\w+|numb\w*|bupivacaine|vial|per \d+ unit)\b", re.IGNORECASE)
_INJECTED = LESION_GROUPS | {"disease", "infection", "nail", "sign"}


def build(desk: Desk) -> Iterator[Procedure]:
    """The injections of the note."""
    yield from _intralesional(desk)
    yield from _systemic(desk)
    yield from _toxin_and_filler(desk)


def _intralesional(desk: Desk) -> Iterator[Procedure]:
    acts = [(m, a) for m, a in desk.page.acts("intralesional", status=None) if not m.clause.ignored and not _anesthetic(m)]
    performed_any = any(a.status == "performed" for _, a in acts)
    for group in gather(desk.page, acts, frozenset(_INJECTED)):
        if not group.performed and performed_any:
            continue
        marks = drug_marks(desk, [m for m, _ in group.acts], group.marks)
        count, other = _count(desk, group)
        drug = read_drug(desk, marks)
        if drug is None and group.performed and group.seen is None:
            continue
        if other is not None and count is not None and group.performed:
            desk.note_conflict("number of lesions injected", "count", "code", count, other)
        agent: Literal["steroid", "antineoplastic", "antigen", "other"] = "steroid"
        if drug and drug.name in {"fluorouracil", "methotrexate"}:
            agent = "antineoplastic"
        elif drug and drug.name in {"candida antigen", "bleomycin"}:
            agent = "antigen" if drug.name.startswith("candida") else "other"
        text = " ".join(m.clause.text for m in group.marks)
        plural = count is None and bool(re.search(r"\b(?:multiple|several|keloids|cysts|patches|plaques|nodules|lesions|scars|areas)\b", text, re.IGNORECASE))
        act = group_act(desk, group, count)
        if drug is not None:
            act = act.model_copy(update={"evidence": tuple(dict.fromkeys([*act.evidence, *drug.evidence[:2]]))[:7]})
        stated = None
        if count is not None:
            mark = desk.page.marks[desk.page.layout.clause_at(count.start).index]
            stated = Stated(value=count.value, evidence=(desk.page.quote(*span_of(mark, count.start, count.end)),))
        elif not plural:
            stated = Stated(value=max(1, _site_count(desk, group)), evidence=(desk.page.quote_clause(group.acts[0][0]),))
        yield IntralesionalInjection(act=act, target=group_target(desk, group, desk.number()), count=stated, plural=plural, agent=agent, drug=drug)


def _site_count(desk: Desk, group: Group) -> int:
    marks = [m for m, a in group.acts if a.status == "performed"]
    return max((len(m.sites) for m in marks), default=1)


def _anesthetic(mark: Mark) -> bool:
    return bool(re.search(r"\b(?:anesthe\w+|lido\w*|numb\w*)\b", mark.clause.text, re.IGNORECASE)) and not any(p.search(mark.clause.text) for n, p in _DRUGS if n != "diphenhydramine")


def _count(desk: Desk, group: Group) -> tuple[Count | None, Count | None]:
    acting = [m for m, a in group.acts if a.status == "performed"]
    acting = [m for i, m in enumerate(acting) if m not in acting[:i]]
    count, other = total_of(desk.page, acting)
    if count is None or count.kind == "count":
        wide, against = total_of(desk.page, group.marks)
        if wide is not None:
            count, other = wide, against
    return count, other


def drug_marks(desk: Desk, acting: list[Mark], marks: list[Mark]) -> list[Mark]:
    """The clauses that may hold the drug: those of the act and its item, then the next ones of its paragraph."""
    found = [*acting, *(m for m in marks if m not in acting)]
    for mark in acting:
        for other in desk.page.marks:
            if other.live and other not in found and other.clause.section.index == mark.clause.section.index and abs(other.clause.index - mark.clause.index) <= 4 and (
                other.clause.item is mark.clause.item or other.clause.paragraph == mark.clause.paragraph
            ):
                found.append(other)
    return sorted(found, key=lambda m: m.clause.index)


def read_drug(desk: Desk, marks: list[Mark], wanted: str | None = None) -> Drug | None:
    """The drug of these clauses with amount, concentration, volume, container and waste."""
    name, holder = None, None
    for mark in marks:
        for candidate, pattern in _DRUGS:
            if pattern.search(mark.clause.text) and (wanted is None or candidate == wanted):
                name, holder = candidate, mark
                break
        if name:
            break
    if name is None or holder is None:
        return None
    text_marks = [m for m in marks if not (_DILUTION.search(m.clause.text) and not any(p.search(m.clause.text) for _, p in _DRUGS))]
    concentration = _first(desk, text_marks, _CONCENTRATION, ("c", "k"))
    volume = _volume(desk, text_marks, holder)
    toxin = "toxin" in name
    amount = _amount(desk, text_marks, toxin)
    if amount is None and concentration is not None and volume is not None:
        amount = Stated(value=concentration.value * volume.value, evidence=tuple(dict.fromkeys([*concentration.evidence, *volume.evidence])))
    waste = _waste(desk, text_marks, concentration)
    container = _container(desk, marks)
    own = next((desk.page.quote_clause(m) for m in marks if _OWN.search(m.clause.text)), None)
    compounded = next((desk.page.quote_clause(m) for m in marks if _COMPOUNDED.search(m.clause.text)), None)
    spans: list[Evidence] = [desk.page.quote_clause(holder)]
    spans += [e for s in (amount, volume, concentration) if s for e in s.evidence]
    return Drug(
        name=name, amount=amount, concentration=concentration, volume=volume, wasted=waste, container=container,
        supplied_by_patient=Stated(value=True, evidence=(own,)) if own else None,
        compounded=Stated(value=True, evidence=(compounded,)) if compounded else None, evidence=tuple(dict.fromkeys(spans))[:4],
    )  # fmt: skip


def _quote(desk: Desk, mark: Mark, start: int, end: int) -> Evidence:
    return desk.page.quote(*span_of(mark, mark.clause.start + start, mark.clause.start + end))


def _first(desk: Desk, marks: list[Mark], pattern: re.Pattern[str], names: tuple[str, ...]) -> Stated[Decimal] | None:
    for mark in marks:
        match = pattern.search(mark.clause.text)
        if match:
            value = next(match[n] for n in names if match[n])
            return Stated(value=Decimal("0" + value if value.startswith(".") else value), evidence=(_quote(desk, mark, match.start(), match.end()),))
    return None


def _volume(desk: Desk, marks: list[Mark], holder: Mark) -> Stated[Decimal] | None:
    """The injected volume: a total when given, else the sum of volumes of one clause ("0.2 mL; 0.3 mL; 0.1 mL")."""
    best: list[tuple[Decimal, Evidence]] = []
    run: list[tuple[Decimal, Evidence, int]] = []
    for mark in marks:
        text = mark.clause.text
        found: list[tuple[Decimal, Evidence]] = []
        for match in _VOLUME.finditer(text):
            around = text[max(0, match.start() - 40) : match.end() + 26]
            tight = text[max(0, match.start() - 22) : match.end() + 22]
            if re.search(r"\b(?:vial|sdv|mdv|saline|lido\w*|pus|epi\b|anesthe\w*|bupivacaine|xylocaine|marcaine|wast\w+|discard\w+|blood|opened)", tight, re.IGNORECASE) or re.match(r"\s*(?:each|per)\b", text[match.end():], re.IGNORECASE):
                continue
            raw = match["v"]
            value = Decimal("0" + raw if raw.startswith(".") else raw)
            span = _quote(desk, mark, match.start(), match.end())
            if _TOTAL.search(around):
                return Stated(value=value, evidence=(span,))
            found.append((value, span))
        run.extend((v, e, mark.clause.index) for v, e in found)
        if len(found) > len(best):
            best = found
    if len(best) == 1 and len(run) > 1:
        best = [(v, e) for v, e, _ in run]
    if not best:
        return None
    return Stated(value=sum((v for v, _ in best), Decimal(0)), evidence=tuple(dict.fromkeys(e for _, e in best)))


def _amount(desk: Desk, marks: list[Mark], toxin: bool) -> Stated[Decimal] | None:
    pattern, name = (_UNITS, "u") if toxin else (_MASS, "m")
    found: list[tuple[Decimal, Evidence]] = []
    for mark in marks:
        text = mark.clause.text
        if not any(p.search(text) for _, p in _DRUGS) and not _TOTAL.search(text) and not toxin and mark is not marks[0]:
            continue
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - 26) : match.start()]
            after = text[match.end() : match.end() + 22]
            if re.search(r"(?:wast\w+|discard\w+|vial|=\s*|=)\s*(?:of\s*)?$", before, re.IGNORECASE) and "total" not in before.lower() or re.match(r"\s*(?:\w+ )?(?:wast\w+|discard\w+|vial)|\s*(?:bid|qd|daily|tid|po\b|tablet|capsule|by mouth|/)", after, re.IGNORECASE):
                continue
            value = Decimal("0" + match[name] if match[name].startswith(".") else match[name])
            span = _quote(desk, mark, match.start(), match.end())
            if _TOTAL.search(before) or re.match(r"\s*(?:in )?total", after, re.IGNORECASE):
                return Stated(value=value, evidence=(span,))
            found.append((value, span))
    if not found:
        return None
    if toxin and len(found) > 1:
        return Stated(value=max(v for v, _ in found), evidence=tuple(dict.fromkeys(e for _, e in found))[:2])
    return Stated(value=found[0][0], evidence=(found[0][1],))


def _waste(desk: Desk, marks: list[Mark], concentration: Stated[Decimal] | None) -> Stated[Decimal] | None:
    for mark in marks:
        match = _WASTE.search(mark.clause.text)
        if match:
            raw, unit = (match["a"], match["ua"]) if match["a"] else (match["b"], match["ub"])
            value = Decimal("0" + raw if raw.startswith(".") else raw)
            if unit.lower() in {"ml", "cc"}:
                if concentration is None:
                    continue
                value *= concentration.value
            return Stated(value=value, evidence=(_quote(desk, mark, match.start(), match.end()),))
        if _NO_WASTE.search(mark.clause.text):
            return Stated(value=Decimal(0), evidence=(desk.page.quote_clause(mark),))
    return None


def _container(desk: Desk, marks: list[Mark]) -> Stated[Literal["single_dose", "multi_dose"]] | None:
    for mark in marks:
        if _MULTI.search(mark.clause.text):
            return Stated(value="multi_dose", evidence=(desk.page.quote_clause(mark),))
        if _SINGLE.search(mark.clause.text):
            return Stated(value="single_dose", evidence=(desk.page.quote_clause(mark),))
    return None


def _systemic(desk: Desk) -> Iterator[Procedure]:
    seen: set[str] = set()
    for mark, act in desk.page.acts("drug_injection", status=None):
        if mark.clause.ignored or act.status == "historical":
            continue
        marks = drug_marks(desk, [mark], [])
        drug = read_drug(desk, marks)
        name = drug.name if drug else "?"
        if name in seen:
            continue
        seen.add(name)
        text = mark.clause.text.lower()
        route: Literal["im", "sc"] = "im" if re.search(r"\b(?:im|i\.m\.|intramuscular\w*)\b", text) else "sc"
        status = act.status
        if status == "performed" and re.search(r"\bplan would be\b|\bself[- ]?inject|at home|q\d+w|every \d+ weeks", text):
            status = "planned"
        given = SeenAct(act.family, act.detail, act.start, act.end, status, act.clause)
        event = Event("drug_injection", None, [(mark, given)])
        condition = _condition(desk, mark)
        target = desk.target(event, condition)
        yield DrugInjection(act=desk.act(event, *(drug.evidence if drug else ())), target=target, route=route, drug=drug)


def _condition(desk: Desk, mark: Mark) -> list:  # type: ignore[type-arg]
    from notecoder.reading.groups import condition_for

    seen = condition_for(desk.page, mark, SeenAct("drug_injection", None, mark.clause.start, mark.clause.end, "performed", mark.clause.index),
                         frozenset({"disease", "infection", "keloid", "sign"}))  # fmt: skip
    return [seen] if seen else []


def _toxin_and_filler(desk: Desk) -> Iterator[Procedure]:
    for family in ("chemodenervation", "filler"):
        events: dict[str, Event] = {}
        for mark, act in desk.page.acts(family, status=None):
            if mark.clause.ignored or act.status == "historical":
                continue
            events.setdefault(act.status, Event(family, None)).acts.append((mark, act))
        event = events.get("performed") or next(iter(events.values()), None)
        if event is None:
            continue
        marks = drug_marks(desk, event.marks(), [])
        node = next((n for m in event.marks() for n in desk.registry.of_mark.get(m.clause.index, []) if n.seen), None)
        event.node = node
        act_made = desk.act(event)
        cosmetic = _cosmetic(desk, marks)
        if cosmetic is not None:
            act_made = act_made.model_copy(update={"cosmetic": cosmetic})
        target = desk.target(event, _condition(desk, event.marks()[0]))
        if family == "chemodenervation":
            yield Chemodenervation(act=act_made, target=target, drug=read_drug(desk, marks))
        else:
            volume = _volume(desk, marks, event.marks()[0])
            yield Filler(act=act_made, target=target, volume=volume)


_COSMETIC = re.compile(r"\b(?:glabell\w+|forehead lines|crow'?s feet|frown|wrinkle\w*|rhytid\w*|lines|cosmetic|aesthetic|self[- ]pay|nasolabial|lips? augment\w*|refresh|fine lines)\b", re.IGNORECASE)
_MEDICAL = re.compile(r"\b(?:hyperhidrosis|sweating|lipoatrophy|hiv|spasm|dystonia|scar)\b", re.IGNORECASE)


def _cosmetic(desk: Desk, marks: list[Mark]) -> Stated[bool] | None:
    whole = " ".join(m.clause.text for m in desk.page.live())
    if _MEDICAL.search(whole):
        return None
    hit = next((desk.page.quote_clause(m) for m in marks if _COSMETIC.search(m.clause.text)), None)
    if hit is None:
        hits = desk.find(_COSMETIC)
        hit = hits[0] if hits else None
    return Stated(value=True, evidence=(hit,)) if hit else None
