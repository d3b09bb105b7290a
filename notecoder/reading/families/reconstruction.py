"""Flaps, grafts, skin substitutes and wound preparation: what was moved or placed, where, and its area."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from notecoder.evidence import Stated
from notecoder.facts import Flap, Graft, Procedure, Site, SkinSubstitute, Target, WoundPreparation
from notecoder.reading.dates import dates_in
from notecoder.reading.events import Event
from notecoder.reading.families.desk import Desk
from notecoder.reading.families.flap_areas import OF_FLAP as _OF_FLAP
from notecoder.reading.families.flap_areas import pairs_of
from notecoder.reading.measures import find_areas
from notecoder.reading.nodes import Node
from notecoder.reading.page import Mark, SeenAct
from notecoder.reading.targets import span_of

_STYLE_ORDER = ("forehead", "tarsoconjunctival", "interpolation", "muscle", "island", "transposition", "rotation", "advancement", "other")
_MOVED = re.compile(r"\b(?:flap|tissue|skin|pedicle)\b[^.;]{0,80}\b(?:incised|elevated|raised|mobili[sz]ed|transposed|rotated|advanced|moved|transferred|inset|sewn|sutured|draped|dissected|designed|developed|set in|passed)\b|\b(?:incised|elevated|raised|mobili[sz]ed|transposed|rotated|advanced|moved|transferred|inset|developed|designed|drawn|undermined and)\b[^.;]{0,60}\b(?:flap|into the defect|into place|pedicle)\b", re.IGNORECASE)
_NOT_MOVED = re.compile(r"\b(?:no (?:additional |flap |extra |other )?incisions?|no flap (?:was )?(?:incised|raised|elevated|cut)|no back[- ]?cuts?|without (?:additional |flap )?incisions?|not (?:a )?(?:true )?flap|no secondary defect|linear closure|straight line|edges (?:were |could be )?(?:both )?(?:advanced|brought) (?:to|toward)|no tissue (?:was )?(?:transferred|moved))\b", re.IGNORECASE)
_VESSEL = re.compile(r"\b(?:(?:named|axial) (?:vessel|artery)|(?:supratrochlear|angular|facial|labial|superficial temporal|supraorbital|infraorbital|dorsal nasal|occipital|postauricular|transverse facial) (?:artery|vessels?|branch))\b[^.;]{0,60}", re.IGNORECASE)
_DISSECTED = re.compile(r"\b(?:identif\w+|dissect\w+|isolat\w+|preserv\w+|skeletoni[sz]\w+|traced)\b", re.IGNORECASE)
_TOTAL_AREA = re.compile(r"\b(?:total|combined|sum|flap area|together|altogether|area of (?:the )?(?:flap|transfer|repair))\b", re.IGNORECASE)
_OPEN_WOUND = re.compile(r"\b(?:wound|defect|bed|opening|hole)\b", re.IGNORECASE)
_PRIMARY = re.compile(r"\b(?:primary|defect)\b", re.IGNORECASE)
_SECONDARY = re.compile(r"\b(?:secondary|donor|flap (?:itself|donor))\b", re.IGNORECASE)
_DONOR_FROM = re.compile(r"\b(?:from|donor(?: site)?(?: was| is| =|:)?|harvest\w*(?: from)?|taken from)\b", re.IGNORECASE)
_GRAFT_WORD = re.compile(r"\b(?:graft|wound|ulcer|bed|ftsg|stsg|template|recipient|trimmed|defect|donor|substitute|applied|xenograft|allograft|product|covered|cm2|sq)\b", re.IGNORECASE)
_WASTED = re.compile(r"\b(?:wast\w+|discard\w+|unused|left over|remainder)\b", re.IGNORECASE)
_NOT_BOUGHT = re.compile(r"\b(?:sample|no charge|free of charge|hospital(?:'s)? stock|from (?:the )?hospital|supplied by the (?:hospital|facility)|facility stock|donated)\b", re.IGNORECASE)
_GENERIC = re.compile(r"skin graft(?:ing)?", re.IGNORECASE)
_ANCHORED = re.compile(r"\b(?:sutur\w+|stapl\w+|anchor\w+|fixed|secured|tacked|steri-?strips?|bolster\w*)\b", re.IGNORECASE)
_PRODUCTS = re.compile(r"\b(?:epifix|puraply(?: am)?|kerecis\w*|apligraf|dermagraft|oasis(?: (?:ultra|burn|wound matrix))?|primatrix|grafix(?: \w+)?|theraskin|biovance|mediskin|endoform|stravix|amnioband|integra(?: \w+)*|novosorb|myriad(?: matrix)?|porcine xenograft|ez ?derm)\b", re.IGNORECASE)


_WOUND_EDGES = re.compile(r"(?:(?:wound|skin|cutaneous) flaps?|flap closure|flaps?)", re.IGNORECASE)
""" "Flap closure" in a title and "wound flaps brought together": the edges of the wound, no tissue transfer."""


def build(desk: Desk) -> Iterator[Procedure]:
    """Flaps, grafts, substitutes and preparations of the note."""
    yield from _flaps(desk)
    yield from _grafts(desk)
    yield from _substitutes(desk)
    for event in desk.events.of("wound_preparation"):
        yield WoundPreparation(act=desk.act(event), target=desk.target(event), area=_area(desk, event, "graft"))


def defect_node(desk: Desk, mark: Mark, act: SeenAct) -> Node | None:
    """The defect a flap or graft covers: the lesion excised or operated on, not the donor named beside it."""
    from notecoder.reading.families.mohs import mohs_nodes, tumors_of

    tumors = mohs_nodes(desk) or [e.node for e in desk.events.of("excision") if e.node is not None and e.performed] or tumors_of(desk)
    own = _not_the_donor(desk, mark, desk.registry.for_act(mark, act))
    if act.detail == "interpolation" and (recipient := _recipient(desk, mark, own)) is not None:
        return recipient
    if act.family == "graft" and sum(1 for _ in desk.page.acts("graft", status=None)) == 1 and own is not None and own.site is not None and own.site in mark.sites and len(mark.sites) == 1 and own.site.start < act.start:
        return own  # "Nasal tip: preauricular graft": the clause itself says what was covered
    open_wound = _open_wound_before(desk, mark)
    if open_wound is not None:
        return open_wound
    if own is not None and any(own is t for t in tumors):
        return own
    if len(tumors) == 1:
        return tumors[0]
    seen = [n for n in tumors if mark in n.marks or any(m.clause.paragraph == mark.clause.paragraph for m in n.marks)]
    if seen:
        return seen[-1]
    return own or (tumors[0] if tumors else None)


def _not_the_donor(desk: Desk, mark: Mark, own: Node | None) -> Node | None:
    """ "Hand defect, FTSG from the groin": of two places in one clause the donor is not what is covered."""
    here = [n for n in desk.registry.of_mark.get(mark.clause.index, []) if n.seen]
    if own is None or len(here) != 2:
        return own
    spots = own.spots.get(mark.clause.index, [])
    if spots and all(_DONOR_FROM.search(desk.page.text[max(mark.clause.start, s.start - 24) : s.start]) for s in spots):
        return next(n for n in here if n is not own)
    return own


def _recipient(desk: Desk, mark: Mark, own: Node | None) -> Node | None:
    """ "Helical defect. Retroauricular pedicle raised": the place in a pedicle's name is the donor, the defect receives it."""
    named = [s for s in mark.sites if _PEDICLE.match(desk.page.text, s.end)]
    if own is None or own.site is None or not any(s in own.seen for s in named):
        return None
    before = [n for m in desk.page.marks[max(0, mark.clause.index - 4) : mark.clause.index] if m.live and m.sites and _OPEN_WOUND.search(m.clause.text)
              for n in desk.registry.of_mark.get(m.clause.index, []) if n.seen and n is not own]  # fmt: skip
    return before[-1] if before else None


_PEDICLE = re.compile(r"\s*(?:\w+ )?(?:pedicle|flap|interpolat\w+|skin flap)\b", re.IGNORECASE)


def _open_wound_before(desk: Desk, mark: Mark) -> Node | None:
    """The lesion whose wound or defect was measured just before the flap or graft was planned into it."""
    for other in reversed(desk.page.marks[max(0, mark.clause.index - 4) : mark.clause.index]):
        if other.clause.section.index != mark.clause.section.index or not other.live:
            continue
        if re.search(r"\bclosed\b|\bdonor\b|\bharvest", other.clause.text, re.IGNORECASE):
            continue
        if other.measures and other.sites and _OPEN_WOUND.search(other.clause.text) and not _SECONDARY.search(other.clause.text):
            nodes = [n for n in desk.registry.of_mark.get(other.clause.index, []) if n.seen]
            return nodes[0] if len(nodes) == 1 else None
    return None


def _events(desk: Desk, family: str) -> list[Event]:
    found: dict[str, Event] = {}
    for mark, act in desk.page.acts(family, status=None):
        if mark.clause.ignored or (act.status == "historical" and mark.kind in {"past", "history"}):
            continue
        node = defect_node(desk, mark, act)
        key = f"{node.id if node else '?'}{'' if act.status == 'performed' else act.status}{'/division' if act.detail == 'division' else ''}"
        found.setdefault(key, Event(family, node)).acts.append((mark, act))
    performed = {e.node.id for e in found.values() if e.performed and e.node}
    return [e for e in found.values() if e.performed or e.node is None or e.node.id not in performed or _specific(e)]


def _specific(event: Event) -> bool:
    return any(a.detail not in {None, "other"} for _, a in event.acts)


def _flaps(desk: Desk) -> Iterator[Procedure]:
    events = _events(desk, "flap")
    divided = any(e.performed and "division" in e.details() and not _raised_today(desk, e) for e in events)
    told = False
    for event in events:
        if divided and "division" not in [a.detail for _, a in event.acts]:
            continue  # the flap that is divided today was made on an earlier day
        if event.node is not None and event.node.site is not None and event.node.site.key in {"toenail", "fingernail"}:
            continue  # the fold of skin turned back to reach a matrix is a step of the nail surgery
        if desk.page.saying(_LIP_SHAVED) and all("mucosa" in desk.page.text[a.start : a.end].lower() for _, a in event.acts):
            continue  # the lining drawn over a shaved vermilion is part of that operation (3.3)
        said = [a.detail for _, a in event.acts if a.detail]
        division = "division" in said and event.performed and not _raised_today(desk, event)
        style = next((s for s in _STYLE_ORDER if s in said), None)
        if style in {"transposition", "rotation", "advancement", "other"} and event.performed and "division" not in said and desk.page.saying(_STAGED):
            style = "interpolation"
        if division and style is None:
            style = "interpolation"
        if division and told:
            continue  # the end at the donor and the end at the wound are of one pedicle
        told = told or division
        marks = _flap_marks(desk, event)
        moved = next((desk.page.quote_clause(m) for m in marks if _MOVED.search(m.clause.text) and not _earlier(desk, m)), None)
        denied = next((desk.page.quote_clause(m) for m in marks if _NOT_MOVED.search(m.clause.text)), None)
        primary, secondary, total = _areas(desk, event, marks)
        if event.performed and not division and moved is None and primary is None and secondary is None and total is None and _of_another_day(desk, event):
            continue
        if all(_WOUND_EDGES.fullmatch(m.clause.text[a.start - m.clause.start : a.end - m.clause.start]) for m, a in event.acts) and not any("flap" in m.clause.lower and _MOVED.search(m.clause.text) for m in marks) and primary is None and secondary is None and total is None:
            continue
        vessel = next((desk.page.quote_clause(m) for m in marks if _VESSEL.search(m.clause.text) and _DISSECTED.search(m.clause.text)), None)
        incised = None
        if denied is not None and secondary is None and total is None:
            incised = Stated(value=False, evidence=(denied,))
        elif moved is not None or secondary is not None or total is not None:
            incised = Stated(value=True, evidence=(moved,) if moved else ())
        quotes = [e for s in (primary, secondary, total) if s for e in s.evidence] + ([moved] if moved else [])
        stated = Stated(value=style, evidence=(desk.first_quote(event),)) if style else None
        if style in {"interpolation", "forehead"}:
            step: Literal["transfer", "formation", "delay", "division"] = "division" if division else "formation"
        else:
            step = "division" if division else "transfer"
        yield Flap(
            act=desk.act(event, *quotes), target=_recipient_of(desk, event), style=stated, step=step, primary_area=primary,  # type: ignore[arg-type]
            secondary_area=secondary, total_area=total, incised=incised,
            named_vessel=Stated(value=vessel.text, evidence=(vessel,)) if vessel else None,
        )  # fmt: skip


_LIP_SHAVED = re.compile(r"\bvermilionectom\w+|\blip[- ]shave|\bvermilion\b[^.]{0,60}\b(?:shaved|stripped)", re.IGNORECASE)
_STAGED = re.compile(
    r"\b(?:two|2)[- ]stage[d]? (?:\w+ ){0,3}(?:flap|repair|reconstruction)\b|\bfirst stage (?:of )?(?:the |a )?(?:\w+ ){0,3}flap\b|\bpedicle\b(?! (?:of (?:fat|subcut\w*)))[^.;]{0,30}\b(?:stays|left (?:on|attached|intact|in place|uncut)|remains (?:attached|intact)|to be (?:divided|cut|taken down)|will be (?:divided|cut|taken down)|is (?:to be )?divided in)\b"
    r"|\b(?:divi\w+|cut|take[- ]?down|section\w*)(?: (?:of )?(?:the |its )?(?:flap |bridge |pedicle ))?(?: and inset\w*)? (?:planned |scheduled |set |booked |is )*(?:for |in )(?:about )?(?:\d|two|three|four)\b",
    re.IGNORECASE,
)
""" "Pedicle stays three weeks": tissue that is cut free later is an interpolation flap (5.2)."""


def _earlier(desk: Desk, mark: Mark) -> bool:
    """The clause is dated to another day, or tells the history."""
    days = [day for day, _, _ in dates_in(mark.clause.text, desk.page.on)]
    return mark.kind in {"history", "reason", "past"} or bool(days) and all(day < desk.page.on for day in days)


_LOOKED_AT = re.compile(r"\b(?:beneath|under|below|from under|edge of|tip of|border of|of the) (?:the |his |her )?(?:\w+ )?flap|flap(?:'s)?(?: \w+)? (?:is|was|looks?|tip|edge|border|itself|pink|viable|healthy|healing|has (?:taken|healed)|check|intact|tense)\b|\bflap:|flap pink|\b(?:day|days|weeks?|wks?|months?)\b[^.;]{0,24}\b(?:after|from|post|s/p)\b[^.;]{0,30}flap|flap (?:yesterday|last \w+|on \d|\(\d)|flap[^.;]{0,12}\(\d{1,2}/\d", re.IGNORECASE)


def _of_another_day(desk: Desk, event: Event) -> bool:
    """A flap that is only looked at, or told of as made before: nothing was moved today."""
    told = [m for m, _ in desk.page.acts("flap", status="historical")]
    performed = [m for m, a in event.acts if a.status == "performed"]
    return bool(told) or all(_LOOKED_AT.search(m.clause.text) or _earlier(desk, m) for m in performed) or any(m.kind == "history" for m, _ in event.acts)


def _raised_today(desk: Desk, event: Event) -> bool:
    """The division is only announced while the flap is made today."""
    return any(not _earlier(desk, m) and a.detail in _STYLE_ORDER and a.status == "performed" and a.detail != "other" and re.search(r"\b(?:raised|elevated|designed|incised|harvested)\b", m.clause.text, re.IGNORECASE) for m, a in event.acts)


def _flap_marks(desk: Desk, event: Event) -> list[Mark]:
    """The clauses from the first flap phrase on, in the same node or paragraph, and the defect's own."""
    marks = [m for m in (event.node.marks if event.node else []) if m.live and m.kind not in {"followup"}]
    for mark, _ in event.acts:
        for other in desk.page.marks:
            if other.live and other.clause.section.index == mark.clause.section.index and other.clause.index >= mark.clause.index - 2 and other not in marks:
                marks.append(other)
    return sorted(marks, key=lambda m: m.clause.index)


def _areas(desk: Desk, event: Event, marks: list[Mark]) -> tuple[Stated[Decimal] | None, Stated[Decimal] | None, Stated[Decimal] | None]:
    primary: Stated[Decimal] | None = None
    secondary: Stated[Decimal] | None = None
    total: Stated[Decimal] | None = None
    for mark in marks:
        text = mark.clause.text
        for value, start, end in find_areas(desk.page.text, mark.clause.start, mark.clause.end):
            before = text[max(0, start - mark.clause.start - 60) : start - mark.clause.start]
            after = text[end - mark.clause.start : end - mark.clause.start + 24]
            stated = Stated(value=value, evidence=(desk.page.quote(*span_of(mark, start, end)),))
            if _TOTAL_AREA.search(before[-46:]) or _TOTAL_AREA.search(after):
                total = stated
            elif _SECONDARY.search(before[-44:]):
                secondary = secondary or stated
            elif _PRIMARY.search(before) or "primary" in after.lower():
                primary = primary or stated
            elif "flap" in text.lower() and total is None:
                total = stated
        for pair in pairs_of(text, told=mark in event.marks() or event.family == "flap" and _OF_FLAP.search(text) is not None):
            stated = Stated(value=pair.area, evidence=(desk.page.quote(*span_of(mark, mark.clause.start + pair.start, mark.clause.start + pair.end)),))
            if pair.part == "secondary":
                secondary = secondary or stated
            elif pair.part == "primary":
                primary = primary or stated
    return primary, secondary, total


def _area(desk: Desk, event: Event, role: str, also: str = "graft") -> Stated[Decimal] | None:
    """The area of a graft: stated in sq cm, else its two dimensions, else those of the defect it covers."""
    marks = [*event.marks(), *(m for m in (event.node.marks if event.node else []) if m.live and _GRAFT_WORD.search(m.clause.text))]
    for mark in desk.page.live():
        if mark not in marks and re.search(rf"\b(?:graft|ftsg|stsg|xenograft|substitute|recipient|{also})\b", mark.clause.lower):
            marks.append(mark)
    for mark in marks:
        for value, start, end in find_areas(desk.page.text, mark.clause.start, mark.clause.end):
            before = mark.clause.text[max(0, start - mark.clause.start - 24) : start - mark.clause.start]
            after = mark.clause.text[end - mark.clause.start : end - mark.clause.start + 12]
            if not _WASTED.search(before) and not re.search(r"donor|shelf|sheets?,? $|opened", before, re.IGNORECASE) and not re.match(r"\s*together", after, re.IGNORECASE):
                return Stated(value=value, evidence=(desk.page.quote(*span_of(mark, start, end)),))
    for wanted in ({role}, {"defect", "final"}):
        for mark in marks:
            fitting = [m for m in mark.measures if m.area is not None and m.role in wanted and not _of_donor(mark, m.start)]
            if not fitting:
                continue
            sides = {s.side for s in mark.sites if s.side}
            several = fitting[:1]
            if len(sides) > 1:
                several = [m for m in mark.measures if m.area is not None and m.role in wanted | {"unknown", "lesion"} and not _of_donor(mark, m.start)]
            evidence = tuple(dict.fromkeys(desk.page.quote(*span_of(mark, m.start, m.end)) for m in several))
            return Stated(value=sum((m.area for m in several if m.area is not None), Decimal(0)), evidence=evidence)
    if event.family == "skin_substitute":
        for mark in desk.page.live():
            wide = [m for m in mark.measures if m.area is not None and m.role in {"unknown", "lesion"} and not _of_donor(mark, m.start)]
            if len(wide) == 1 and _ULCER.search(mark.clause.text) and wide[0].area is not None:
                return Stated(value=wide[0].area, evidence=(desk.page.quote(*span_of(mark, wide[0].start, wide[0].end)),))
    return None


_ULCER = re.compile(r"\b(?:ulcer\w*|wound|vlu|dfu|burn|sore)\b", re.IGNORECASE)
""" "Gaiter ulcer 8 x 6 cm": what was covered, when nothing else is measured."""


def _of_donor(mark: Mark, at: int) -> bool:
    """The dimensions are the donor's or a template's."""
    before = mark.clause.text[: at - mark.clause.start]
    return bool(re.search(r"donor[^.;]{0,30}$|template.{0,4}$", before, re.IGNORECASE))


def _grafts(desk: Desk) -> Iterator[Procedure]:
    by_type: dict[tuple[str, str], Event] = {}
    kinds = {a.detail for _, a in desk.page.acts("graft")} & {"full_thickness", "split_thickness"}
    for event in _events(desk, "graft"):
        for mark, act in event.acts:
            kind = act.detail or "full_thickness"
            if kind == "as_named":
                named = [a.detail for m, a in desk.page.acts("graft", status=None) if a.detail in {"full_thickness", "split_thickness"} and a.status in {"performed", "planned"} and m.clause.index <= mark.clause.index]
                if not named:
                    continue
                kind = named[-1] or kind
            if len(kinds) > 1 and _GENERIC.fullmatch(desk.page.text[act.start : act.end]):
                continue  # "the skin graft" is the one named before
            key = (kind, (event.node.id if event.node else "?") + ("" if act.status == "performed" else act.status))
            by_type.setdefault(key, Event("graft", event.node)).acts.append((mark, act))
    performed = {kind for (kind, _), e in by_type.items() if e.performed}
    for (kind, _), event in by_type.items():
        if not event.performed and kind in performed:
            continue
        area = _area(desk, event, "graft") if kind in {"full_thickness", "split_thickness", "pinch", "epidermal", "dermal"} else None
        yield Graft(act=desk.act(event, *(area.evidence if area else ())), target=_recipient_of(desk, event), type=kind, area=area, donor=_donor(desk, event))  # type: ignore[arg-type]


def _donor(desk: Desk, event: Event) -> Site | None:
    for mark in event.marks():
        for site in mark.donors:
            return site.fact(desk.page.text)
        for site in mark.sites:
            if _DONOR_FROM.search(mark.clause.text[max(0, site.start - mark.clause.start - 30) : site.start - mark.clause.start]):
                return site.fact(desk.page.text)
    return None


_TOLD_OF_WOUND = re.compile(r"\b(?:mohs|inset|stump|distal end|pedicle|bridge|sewn|defect|wound|site|flap|graft|excis\w+|granulat\w+|left open|hole|bed|recipient|resect\w+|cleared|reconstruct\w+)\b", re.IGNORECASE)


def _recipient_of(desk: Desk, event: Event) -> Target:
    """The target; when no lesion of today carries the place, the wound or flap told of as made before names it."""
    target = desk.target(event)
    if target.site is not None or not event.performed:
        return target
    near = event.marks()[0].clause.index
    told = [(m, s) for m in desk.page.marks if not m.clause.ignored for s in m.sites if _TOLD_OF_WOUND.search(m.clause.text)]
    if not told:
        return target
    _, site = min(told, key=lambda pair: abs(pair[0].clause.index - near))
    return target.model_copy(update={"site": site.fact(desk.page.text)})


def _substitutes(desk: Desk) -> Iterator[Procedure]:
    for event in _events(desk, "skin_substitute"):
        marks = _flap_marks(desk, event)
        product = next((m for mark in marks for m in [_PRODUCTS.search(mark.clause.text)] if m), None)
        holder = next((mark for mark in marks if _PRODUCTS.search(mark.clause.text)), None)
        wasted = None
        for mark in marks:
            for value, start, end in find_areas(desk.page.text, mark.clause.start, mark.clause.end):
                around = mark.clause.text[max(0, start - mark.clause.start - 20) : end - mark.clause.start + 24]
                if _WASTED.search(around):
                    wasted = Stated(value=value, evidence=(desk.page.quote(*span_of(mark, start, end)),))
        anchored = next((desk.page.quote_clause(m) for m in marks if _ANCHORED.search(m.clause.text)), None)
        if holder is not None and any(_NOT_BOUGHT.search(m.clause.text) for m in marks):
            product = None
        yield SkinSubstitute(
            act=desk.act(event), target=desk.target(event), area=_area(desk, event, "graft", "matrix|sheet|template|membrane|allograft|applied"),
            product=Stated(value=product.group().lower(), evidence=(desk.page.quote_clause(holder),)) if product and holder else None,
            wasted=wasted, anchored=Stated(value=True, evidence=(anchored,)) if anchored else None,
        )  # fmt: skip
