"""Drainage, light, patch tests, bedside laboratory, wounds, suture removal, peels and lasers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from notecoder.evidence import Evidence, Stated
from notecoder.facts import (
    AcneSurgery,
    Aspiration,
    BedsideTest,
    Drug,
    ForeignBodyRemoval,
    IncisionDrainage,
    PatchTest,
    Photodynamic,
    Phototherapy,
    Procedure,
    Resurfacing,
    SutureRemoval,
    Tattooing,
    WoundDebridement,
)
from notecoder.reading.counts import total_of
from notecoder.reading.events import Event
from notecoder.reading.families.desk import Desk
from notecoder.reading.groups import scope_of
from notecoder.reading.measures import find_areas, number
from notecoder.reading.page import Mark, SeenAct
from notecoder.reading.targets import span_of


def build(desk: Desk) -> Iterator[Procedure]:
    """Every remaining family."""
    yield from _drainage(desk)
    yield from _aspiration(desk)
    yield from _acne_surgery(desk)
    yield from _foreign_body(desk)
    yield from _photodynamic(desk)
    yield from _phototherapy(desk)
    yield from _patch_tests(desk)
    yield from _bedside(desk)
    yield from _wounds(desk)
    yield from _sutures(desk)
    yield from _surface(desk)


def _stated(desk: Desk, marks: list[Mark], pattern: str, *, denied: str | None = None) -> Stated[bool] | None:
    regex = re.compile(pattern, re.IGNORECASE)
    no = re.compile(denied, re.IGNORECASE) if denied else None
    for mark in marks:
        if regex.search(mark.clause.text):
            return Stated(value=not (no and no.search(mark.clause.text)), evidence=(desk.page.quote_clause(mark),))
    return None


def _one_event(desk: Desk, family: str) -> Event | None:
    """All phrases of a family as one event; performed if any is."""
    acts = [(m, a) for m, a in desk.page.acts(family, status=None) if not m.clause.ignored and not (a.status == "historical")]
    done = [(m, a) for m, a in acts if a.status == "performed"]
    chosen = done or acts
    if not chosen:
        return None
    node = next((n for m, _ in chosen for n in desk.registry.of_mark.get(m.clause.index, []) if n.seen), None)
    return Event(family, node, chosen)


def _around(desk: Desk, event: Event) -> list[Mark]:
    found = [m for m in event.marks()]
    for mark in event.marks():
        for other in [*scope_of(desk.page, mark), *(event.node.marks if event.node else [])]:
            if other.live and other not in found:
                found.append(other)
    return sorted(found, key=lambda m: m.clause.index)


_OF = (
    ("pilonidal", r"pilonidal"), ("paronychia", r"paronychia"), ("hematoma", r"hematoma|haematoma|seroma|clot"),
    ("furuncle", r"furuncle|boil"), ("abscess", r"abscess|pus\b|purul|fluctuan"), ("cyst", r"cyst"),
)  # fmt: skip


def _drainage(desk: Desk) -> Iterator[Procedure]:
    events = [e for e in desk.events.of("incision_drainage") if e.status not in {"historical"}]
    performed = [e for e in events if e.performed]
    excised = {e.node.id for e in desk.events.of("excision") if e.node is not None and e.performed}
    for event in events:
        if not event.performed and performed:
            continue
        if event.node is not None and event.node.id in excised:
            continue
        marks = _around(desk, event)
        text = " ".join(m.clause.text for m in marks)
        if not re.search(r"abscess|cyst|boil|furunc|pus|purul|drain|paronych|hematoma|fluctu|pilonidal|infect|seroma|clot", text, re.IGNORECASE):
            continue
        what = next((name for name, pattern in _OF if re.search(pattern, text, re.IGNORECASE)), "other")
        if re.search(r"\bnail|subungual", text, re.IGNORECASE) and what == "hematoma":
            continue
        yield IncisionDrainage(
            act=desk.act(event), target=desk.target(event), of=what,  # type: ignore[arg-type]
            count=Stated(value=1, evidence=(desk.first_quote(event),)),
            incised=_stated(desk, marks, r"\b(?:incis\w+|i ?& ?d|#?\s?1[15] ?blade|blade|lanced|stab|nicked|opened|scalpel|punch)\b", denied=r"\b(?:no incision|not incised|without incision)\b"),
            loculations=_stated(desk, marks, r"\bloculat\w+|septat\w+", denied=r"\bno (?:\w+ )?(?:loculat|septat)"),
            packed=_stated(desk, marks, r"\bpack(?:ed|ing)\b|iodoform|nu ?gauze|wick", denied=r"\b(?:no packing|not packed|without packing)\b"),
            drain=_stated(desk, marks, r"\b(?:penrose|drain (?:was )?(?:placed|left)|loop drain)\b", denied=r"\bno drain"),
            multiple_incisions=_stated(desk, marks, r"\b(?:multiple|two|three|several|counter)[- ]?incisions?\b"),
            complicated=_stated(desk, marks, r"\bcomplicated\b", denied=r"\buncomplicated\b") or _simple(desk, marks),
        )  # fmt: skip


def _simple(desk: Desk, marks: list[Mark]) -> Stated[bool] | None:
    found = _stated(desk, marks, r"\b(?:uncomplicated|simple|single)\b")
    return Stated(value=False, evidence=found.evidence) if found else None


def _aspiration(desk: Desk) -> Iterator[Procedure]:
    for event in desk.events.of("aspiration"):
        if event.status == "historical":
            continue
        text = " ".join(m.clause.text for m in _around(desk, event))
        what = next((n for n, p in (("seroma", "seroma"), ("hematoma", "h(?:a)?ematoma"), ("bulla", "bulla|blister"), ("abscess", "abscess"), ("cyst", "cyst")) if re.search(p, text, re.IGNORECASE)), "other")
        if what == "other" and re.search(r"\baspirat\w+ (?:prior|before|negative)|pneumonia", text, re.IGNORECASE):
            continue
        yield Aspiration(act=desk.act(event), target=desk.target(event), of=what)  # type: ignore[arg-type]


def _acne_surgery(desk: Desk) -> Iterator[Procedure]:
    event = _one_event(desk, "acne_surgery")
    if event is None:
        return
    count, _ = total_of(desk.page, event.marks())
    yield AcneSurgery(act=desk.act(event), target=desk.target(event),
                      count=Stated(value=count.value, evidence=(desk.page.quote(count.start, count.end),)) if count else None)  # fmt: skip


def _foreign_body(desk: Desk) -> Iterator[Procedure]:
    for event in desk.events.of("foreign_body"):
        if event.status == "historical":
            continue
        marks = _around(desk, event)
        text = " ".join(m.clause.text for m in marks)
        if not re.search(r"foreign body|splinter|thorn|glass|metal|fragment|spine|embedded|shard|wood", text, re.IGNORECASE):
            continue
        yield ForeignBodyRemoval(
            act=desk.act(event), target=desk.target(event),
            incised=_stated(desk, marks, r"\b(?:incis\w+|blade|scalpel|nicked|stab)\b", denied=r"\b(?:no incision|without (?:an )?incision|not incised)\b"),
            complicated=_stated(desk, marks, r"\bcomplicated\b", denied=r"uncomplicated"),
        )  # fmt: skip


_STAFF = r"\b(?:ma|m\.a\.|rn|lpn|nurse|staff|technician|tech|medical assistant|cma)\b"
_CLINICIAN = r"\b(?:pa|pa-c|np|md|do|dr\.?|physician|provider|i|me|myself|clinician|dermatologist)\b"


def _performer(desk: Desk, marks: list[Mark], act: str) -> Stated[Literal["staff", "clinician"]] | None:
    for mark in marks:
        if not re.search(act, mark.clause.text, re.IGNORECASE):
            continue
        staff, own = re.search(_STAFF, mark.clause.text, re.IGNORECASE), re.search(r"\b(?:pa-c|pa|np|md|do|dr\.?|physician|provider|I|me|myself|clinician|dermatologist)\b", mark.clause.text)
        if staff and not own:
            return Stated(value="staff", evidence=(desk.page.quote_clause(mark),))
        if own:
            by_staff = re.search(rf"{act}[^.;]{{0,40}}\bby (?:the |our )?{_STAFF}", mark.clause.text, re.IGNORECASE)
            return Stated(value="staff" if by_staff else "clinician", evidence=(desk.page.quote_clause(mark),))
    return None


def _photodynamic(desk: Desk) -> Iterator[Procedure]:
    event = _one_event(desk, "photodynamic")
    if event is None:
        return
    if event.performed and not desk.says(r"appl(?:ied|ication)|incubat\w+|illuminat\w+|activat\w+|light (?:source|dose|exposure|on)|blue light|red light|j/cm|blu-?u"):
        event.acts = [(m, SeenAct(a.family, a.detail, a.start, a.end, "discussed", a.clause)) for m, a in event.acts]
    marks = [m for m in desk.page.live() if m.kind not in {"followup"}]
    gel = desk.says(r"ameluz|10 ?% (?:gel|ala)|bf-?rhodo|ala gel")
    sticks = next(((m, x) for m in marks for x in [re.search(r"\b(?P<n>\d|one|two|three|a single|single)\s*(?:x\s*)?(?:\w+ ){0,2}?(?:sticks?|kerasticks?|applicators?)\b|(?:sticks?|kerasticks?)\s*(?:used|x|:|=|opened)*\s*(?P<m>\d|one|two|three)", m.clause.text, re.IGNORECASE)] if x), None)
    tubes = next(((m, x) for m in marks for x in [re.search(r"\b(?P<n>\d|one|two|three|a|single|half)\s*(?:x\s*)?(?:\(?2[- ]?g(?:ram)?\)? )?tubes?\b|tubes?\s*(?:used|x|:|=)*\s*(?P<m>\d|one|two)", m.clause.text, re.IGNORECASE)] if x), None)
    amount = None
    hit = tubes if gel else sticks
    if hit:
        word = (hit[1]["n"] or hit[1]["m"]).lower().replace("a single", "one").replace("single", "one")
        value = Decimal("0.5") if word == "half" else number("one" if word == "a" else word)
        if value is not None:
            amount = Stated(value=value * 2000 if gel else value, evidence=(desk.page.quote_clause(hit[0]),))
    name = "aminolevulinic acid 10% gel" if gel else "aminolevulinic acid 20%"
    drug_named = desk.find(re.compile(r"levulan|kerastick|ameluz|aminolevulinic|\bala\b", re.IGNORECASE))
    drug = Drug(name=name, amount=amount, evidence=tuple(drug_named[:1])) if drug_named else None
    debrided = _stated(desk, marks, r"\b(?:debrid\w+|curett\w+|abrad\w+|abrasion|scraped)\b", denied=r"\b(?:no|not|without)\b[^.;]{0,20}(?:debrid|curett|abra)|not (?:debrided|curetted)")
    condition = [d for m in marks for d in m.diagnoses if d.group in {"premalignant", "malignant", "in_situ"} and d.certainty in {"stated", "pathology"}]
    target = desk.target(event, condition[:1])
    if not target.diagnoses and condition:
        target = target.model_copy(update={"diagnoses": (condition[0].fact(desk.page.text),)})
    yield Photodynamic(
        act=desk.act(event), target=target, applied_by=_performer(desk, marks, r"appl(?:ied|y|ication)|paint\w+"),
        lit_by=_performer(desk, marks, r"illuminat\w+|light|activat\w+"), debrided=debrided, drug=drug,
        daylight=_stated(desk, marks, r"\bdaylight\b"),
    )  # fmt: skip


def _phototherapy(desk: Desk) -> Iterator[Procedure]:
    event = _one_event(desk, "phototherapy")
    if event is None:
        return
    if event.performed and not desk.says(r"j/cm|mj\b|joules?|treatment (?:#|no|number|\d)|session|seconds|min(?:utes)?\b|dose|increment|delivered|exposure|treated today|sq ?cm|cm2"):
        event.acts = [(m, SeenAct(a.family, a.detail, a.start, a.end, "discussed", a.clause)) for m, a in event.acts]
    marks = list(desk.page.live())
    text = " ".join(m.clause.text for m in marks).lower()
    modality: str
    if re.search(r"excimer|xtrac|pharos|308", text):
        modality = "excimer_lamp" if re.search(r"excimer (?:lamp|light)", text) and "laser" not in text else "excimer_laser"
    elif "puva" in text or "psoralen" in text or "methoxsalen" in text:
        modality = "prolonged" if re.search(r"[4-8]\s*(?:-\s*[4-8]\s*)?hours", text) else "puva"
    elif "goeckerman" in text or re.search(r"\btar\b", text):
        modality = "uvb_tar"
    elif re.search(r"petrolatum|vaseline", text) and not re.search(r"no petrolatum", text):
        modality = "uvb_petrolatum"
    elif re.search(r"uva-?1|\buva\b", text):
        modality = "uva"
    else:
        modality = "uvb"
    area = None
    for mark in marks:
        for value, start, end in find_areas(desk.page.text, mark.clause.start, mark.clause.end):
            total = re.search(r"total", mark.clause.text, re.IGNORECASE)
            if area is None or total:
                area = Stated(value=value, evidence=(desk.page.quote(*span_of(mark, start, end)),))
    condition = [d for m in marks for d in m.diagnoses if d.group in {"disease", "malignant", "sign"} and d.certainty in {"stated", "pathology"}]
    target = desk.target(event, condition[:1])
    if condition and not any(d.term == condition[0].term for d in target.diagnoses):
        target = target.model_copy(update={"diagnoses": (condition[0].fact(desk.page.text),)})
    yield Phototherapy(act=desk.act(event), target=target, modality=modality, area=area)  # type: ignore[arg-type]


_ALLERGENS = re.compile(r"\b(?:total (?:patch tests?|allergens?|number)?[^.;\d]{0,40}|number of (?:patches|allergens)\s*[:=]?\s*)(?P<t>\d{1,3})\b|\b(?P<a>\d{1,3})\s*(?:\w+[\s-]+){0,3}?(?:allergens?|patch(?:es)?(?: tests?)?|substances|antigens|patch tests)\b(?:[^.;]{0,20}(?:applied|placed))?", re.IGNORECASE)


def _patch_tests(desk: Desk) -> Iterator[Procedure]:
    event = _one_event(desk, "patch_test")
    if event is None:
        return
    marks = [m for m in desk.page.live() if m.kind not in {"followup"}]
    total: Stated[int] | None = None
    for mark in marks:
        for match in _ALLERGENS.finditer(mark.clause.text):
            value = int(match["t"] or match["a"])
            if match["t"] and 0 < value < 400:
                total = Stated(value=value, evidence=(desk.page.quote_clause(mark),))
            elif total is None and 0 < value < 400 and not re.search(r"\bpositive\b", mark.clause.text[match.end() : match.end() + 20], re.IGNORECASE):
                total = Stated(value=value, evidence=(desk.page.quote_clause(mark),))
    text = " ".join(m.clause.text for m in marks).lower()
    reading = bool(re.search(r"\b(?:48|72|96)[- ]?(?:h|hour)\w* (?:reading|read)|final read\w*|delayed reading|patch test (?:reading|read)|day [3-7] reading|removal and (?:first )?reading today", text)) and not re.search(r"\b(?:applied|placed|application) (?:today|log|to)|were (?:applied|placed)", text)
    kind: Literal["patch", "photopatch", "phototest"] = "photopatch" if re.search(r"photo-?patch", text) else "patch"
    if event.performed and total is None and not re.search(r"applied|placed|application", text):
        event.acts = [(m, SeenAct(a.family, a.detail, a.start, a.end, "discussed", a.clause)) for m, a in event.acts]
    condition = [d for m in marks for d in m.diagnoses if d.group == "disease" and d.certainty in {"stated", "pathology"}]
    yield PatchTest(act=desk.act(event, *(total.evidence if total else ())), target=desk.target(event, condition[:1]), test=kind, count=total, reading_only=reading)


def _bedside(desk: Desk) -> Iterator[Procedure]:
    found: dict[str, Event] = {}
    for mark, act in desk.page.acts("bedside_test", status=None):
        if mark.clause.ignored or act.status in {"historical", "planned", "discussed"} and not _resulted(mark, act):
            continue
        if _resulted(mark, act) and act.status in {"negated", "historical"} and not re.search(r"\b(?:no|not|without) $", mark.clause.text[: act.start - mark.clause.start]):
            act = SeenAct(act.family, act.detail, act.start, act.end, "performed", act.clause)
        found.setdefault(act.detail or "koh", Event("bedside_test", None)).acts.append((mark, act))
    for test, event in found.items():
        mark = event.marks()[0]
        result = re.search(r"\b(?:neg(?:ative)?|pos(?:itive)?|hyphae|septate|mites?|ova|multinucleated|no (?:hyphae|fungal|mites)|spaghetti)\b[^.;]{0,30}|[+](?=\s|$)", mark.clause.text[event.acts[0][1].end - mark.clause.start :], re.IGNORECASE)
        node = next((n for m in event.marks() for n in desk.registry.of_mark.get(m.clause.index, []) if n.seen), None)
        event.node = node
        condition = [d for m in desk.page.live() for d in m.diagnoses if d.group in {"disease", "nail", "sign", "infection"} and d.certainty in {"stated", "pathology"}]
        target = desk.target(event, condition[:1])
        if condition:
            rash = [d for d in condition if "tinea" in d.term or d.term in {"rash", "onychomycosis", "scabies"}] or condition
            target = target.model_copy(update={"diagnoses": (rash[0].fact(desk.page.text),)})
        yield BedsideTest(
            act=desk.act(event), target=target, test=test,  # type: ignore[arg-type]
            result=Stated(value=result.group().lower(), evidence=(desk.page.quote_clause(mark),)) if result else None,
            in_office=_stated(desk, event.marks(), r"\b(?:in (?:room|office|clinic|house)|bedside|done here|performed (?:today|by me|in)|microscop\w+|our lab)\b"),
        )  # fmt: skip


def _resulted(mark: Mark, act: SeenAct) -> bool:
    rest = mark.clause.text[act.end - mark.clause.start : act.end - mark.clause.start + 50]
    return bool(re.search(r"\b(?:neg|pos|hyphae|mites?|ova|[+]|show\w*|reveal\w*|seen)", rest, re.IGNORECASE))


_DEPTHS = (("bone", r"\bto (?:and including )?bone|bone (?:was )?(?:debrided|removed)"), ("muscle", r"muscle|fascia"), ("subcutaneous", r"subcut\w+|subq|adipose|\bfat\b"),
           ("selective", r"selective|slough|fibrin\w*|biofilm|devitali[sz]ed (?:tissue|skin)|epidermis|dermis|necrotic"))  # fmt: skip


def _wounds(desk: Desk) -> Iterator[Procedure]:
    for event in desk.events.of("debridement"):
        if event.status == "historical":
            continue
        marks = _around(desk, event)
        text = " ".join(m.clause.text for m in marks)
        if re.search(r"\bnails?\b|toenail", " ".join(m.clause.text for m in event.marks()), re.IGNORECASE) or not re.search(r"ulcer|wound|eschar|slough|necro", text, re.IGNORECASE):
            continue
        if any(e.performed for e in desk.events.of("repair", "graft", "incision_drainage", "photodynamic") if e.node is event.node or e.node is None):
            continue
        near = " ".join(m.clause.text for m in event.marks()) + " " + text
        depth = next(((n, e) for n, p in _DEPTHS for m in [*event.marks(), *marks] for e in desk.find_in(m, re.compile(p, re.IGNORECASE))), None)
        del near
        area: Stated[Decimal] | None = None
        for mark in marks:
            for value, start, end in find_areas(desk.page.text, mark.clause.start, mark.clause.end):
                area = area or Stated(value=value, evidence=(desk.page.quote(*span_of(mark, start, end)),))
        if area is None:
            for mark in marks:
                for measure in mark.measures:
                    if measure.area is not None and area is None:
                        area = Stated(value=measure.dims[0] * measure.dims[1], evidence=(desk.page.quote(*span_of(mark, measure.start, measure.end)),))
        yield WoundDebridement(act=desk.act(event), target=desk.target(event), area=area,
                               depth=Stated(value=depth[0], evidence=(depth[1],)) if depth else None)  # type: ignore[arg-type]  # fmt: skip


def _sutures(desk: Desk) -> Iterator[Procedure]:
    event = _one_event(desk, "suture_removal")
    if event is None:
        return
    if event.performed:
        done = [(m, a) for m, a in event.acts if _removed_today(m, a)]
        if not done:
            return
        event.acts = done
    marks = _around(desk, event)
    text = " ".join(m.clause.text for m in event.marks()).lower()
    material: Literal["sutures", "staples", "both"] = "staples" if "staple" in text and "sutur" not in text and "stitch" not in text else "both" if "staple" in text else "sutures"
    elsewhere = _stated(desk, marks, r"\b(?:placed|put in|sutured|repaired|closed|done)\b[^.;]{0,40}\b(?:er\b|ed\b|emergency|urgent care|elsewhere|another|outside|hospital|by dr)|\b(?:er|ed|emergency room|urgent care)\b[^.;]{0,40}\b(?:sutur\w+|repair\w*|laceration|stitch\w*)")
    if elsewhere is None:
        elsewhere = next((Stated(value=True, evidence=(e,)) for e in desk.find(re.compile(r"\b(?:sutur\w+|stitch\w*|lacerat\w+)\b[^.;]{0,60}\b(?:at|in|by) (?:the |an? )?(?:er|ed|emergency|urgent care|outside)", re.IGNORECASE))), None)
    yield SutureRemoval(act=desk.act(event), target=desk.target(event), material=material, placed_elsewhere=elsewhere)


def _removed_today(mark: Mark, act: SeenAct) -> bool:
    text = mark.clause.text
    after = text[act.end - mark.clause.start :]
    if re.match(r"\s*(?:in|at|on|by (?:rn|ma|nurse)|~|\d|:|will|prn)", after, re.IGNORECASE) and not re.search(r"\b(?:today|removed (?:without|easily|intact|by)|were removed|was removed)\b", text, re.IGNORECASE):
        return False
    return mark.kind not in {"followup"} and not re.search(r"\b(?:to be|will|should|return for|rtc|days?\b\s*$|weeks?\b\s*$|next week)\b", text, re.IGNORECASE)


def _surface(desk: Desk) -> Iterator[Procedure]:
    done: set[str] = set()
    for event in desk.events.of("resurfacing"):
        for mark, act in event.acts:
            if act.status == "historical" or act.detail in done or mark.clause.ignored:
                continue
            method = act.detail or "peel_epidermal"
            if method == "peel_epidermal" and any(d.group == "premalignant" for d in mark.diagnoses):
                continue
            if act.status == "performed":
                done.add(method)
            single = Event("resurfacing", event.node, [(mark, act)])
            made = desk.act(single)
            cosmetic = _cosmetic(desk, mark)
            if cosmetic is not None:
                made = made.model_copy(update={"cosmetic": cosmetic})
            area = None
            for other in _around(desk, single):
                for value, start, end in find_areas(desk.page.text, other.clause.start, other.clause.end):
                    area = area or Stated(value=value, evidence=(desk.page.quote(*span_of(other, start, end)),))
            yield Resurfacing(act=made, target=desk.target(single), method=method, area=area)  # type: ignore[arg-type]
    for event in desk.events.of("tattooing"):
        if event.status == "historical":
            continue
        area = None
        for mark in _around(desk, event):
            for value, start, end in find_areas(desk.page.text, mark.clause.start, mark.clause.end):
                area = area or Stated(value=value, evidence=(desk.page.quote(*span_of(mark, start, end)),))
        yield Tattooing(act=desk.act(event), target=desk.target(event), area=area)


_COSMETIC = re.compile(r"\b(?:cosmetic\w*|aesthetic\w*|self[- ]pay|\$\s?\d+|appearance|refresh|rejuvenat\w+|ledger|financial responsibility)\b", re.IGNORECASE)


def _cosmetic(desk: Desk, mark: Mark) -> Stated[bool] | None:
    hits: list[Evidence] = [desk.page.quote_clause(m) for m in [mark, *scope_of(desk.page, mark)] if _COSMETIC.search(m.clause.text)]
    hits = hits or desk.find(_COSMETIC)
    return Stated(value=True, evidence=(hits[0],)) if hits else None
