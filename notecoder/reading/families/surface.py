"""Work on the surface: peels, abrasion, lasers on vessels and hair, cautery of granulation tissue, color put into skin.

A coder asks how deep a peel went and whether it was the face (10.9), how much skin a laser covered when a vessel lesion was
treated (6.6), and whether ink was put in to match the skin: a border marked with dye is no tattooing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from notecoder.evidence import Stated
from notecoder.facts import Procedure, Resurfacing, Site, Tattooing
from notecoder.reading.events import Event
from notecoder.reading.families.desk import Desk
from notecoder.reading.families.scene import around, conditions, live_acts, one_event, total_area
from notecoder.reading.groups import scope_of
from notecoder.reading.nodes import lesion_item
from notecoder.reading.page import Mark, SeenAct

_COSMETIC = re.compile(r"\b(?:cosmetic(?! (?:sub)?units?)\w*|aesthetic(?! (?:sub)?units?)\w*|self[- ]pay|\$\s?\d+|appearance|refresh|rejuvenat\w+|ledger|financial responsibility|paid (?:at|by|in))\b", re.IGNORECASE)
_NOT_COSMETIC = re.compile(r"\b(?:not (?:for )?cosmetic|asked (?:re|about|whether|if)|(?:his|her|their) own|told|declin\w+|not (?:done|treated|today)|medically necessary)\b", re.IGNORECASE)
_DERMAL = re.compile(r"\b(?:medium|deep)(?:er)?[- ]depth|\b(?:papillary|reticular|upper|mid)[- ]?(?:papillary )?dermis|\bdermal peel|\bjessner\w*[^.;]{0,60}(?:tca|trichlor\w+)|\b(?:35|40|50)\s?%\s*(?:tca|trichlor\w+)|\b(?:tca|trichlor\w+(?: acid)?)\s*(?:35|40|50)\s?%|\bphenol peel|\bbaker|\blevel[- ](?:ii|iii|2|3)\b[^.;]{0,30}frost|into the dermis", re.IGNORECASE)
_FACE = re.compile(r"\b(?:full|entire|whole|total)[- ]face\b|\bface\b|\bfacial\b|\bforehead\b[^.;]{0,40}\bcheeks?\b|\bcheeks?\b[^.;]{0,40}\bforehead\b|\bcosmetic units\b", re.IGNORECASE)
_WIDE = re.compile(r"\b(?:full|entire|whole|total)\b|\bcoats?\b|\bfrost\w*|\bcosmetic (?:sub)?units?\b|\bdepth\b", re.IGNORECASE)
_ACNE = re.compile(r"\bacne\b", re.IGNORECASE)
_PEEL = re.compile(r"\bpeel(?:s|ed)?\b|\bfrost\w*|\bcoats?\b|\bexfoliat\w+", re.IGNORECASE)
_COLOR = re.compile(r"\b(?:micro-?pig\w*|areola\w*|nipple|vitiligo|depigment\w*|leukoderma|hypopigment\w*|pigments? (?:was|were|implant\w+|blend\w+|match\w+|mixed)|iron[- ]oxide|(?:match|correct)\w* (?:the )?(?:skin|color|colour)|medical tattoo\w*|implanted)\b", re.IGNORECASE)
_DYE_MARK = re.compile(r"\b(?:methylene|gentian|india ink|border|white roll|points?|dots?|landmarks?|colon\w*|endoscop\w*|spot\b|fiducial|sclera)\b", re.IGNORECASE)
_VESSEL = frozenset({"vascular"})


def build(desk: Desk) -> Iterator[Procedure]:
    """The work on the surface of the note."""
    yield from _peels_and_lasers(desk)
    yield from _vessel_laser(desk)
    yield from _tattooing(desk)


def _peels_and_lasers(desk: Desk) -> Iterator[Procedure]:
    found: dict[str, list[tuple[Mark, SeenAct]]] = {}
    for mark, act in live_acts(desk, "resurfacing"):
        method = act.detail or "peel_epidermal"
        if method == "vascular_laser" or method == "peel_epidermal" and not _is_peel(desk, mark):
            continue
        found.setdefault(method, []).append((mark, act))
    for method, acts in found.items():
        done = [(m, a) for m, a in acts if a.status == "performed"]
        event = Event("resurfacing", None, done or acts)
        marks = around(desk, event)
        everything = [m for m in desk.page.live() if m.kind != "followup"]
        if method == "peel_epidermal":
            whole = marks if any(lesion_item(m.clause.item) for m in event.marks()) else everything
            method = "peel_acne" if any(_ACNE.search(m.clause.text) for m in whole) and not conditions(whole, frozenset({"premalignant"})) and not _is_cosmetic(desk, event) else "peel_dermal" if any(_DERMAL.search(m.clause.text) for m in whole) else "peel_epidermal"
            yield _surface_fact(desk, event, method, whole, face=any(_FACE.search(m.clause.text) for m in [*event.marks(), *whole]))
        else:
            yield _surface_fact(desk, event, method, marks, face=False)


def _is_peel(desk: Desk, mark: Mark) -> bool:
    """Acid on a whole area, not a dab on a wart or a spot: the word peel, frost or coats stands by it."""
    spotted = any(a.family == "destruction" and a.detail == "chemical" and a.status == "performed" for m in desk.page.live() for a in m.acts)
    scope = [mark, *scope_of(desk.page, mark)]
    if spotted and not any(_WIDE.search(m.clause.text) for m in scope):
        return False
    return any(_PEEL.search(m.clause.text) for m in scope)


def _surface_fact(desk: Desk, event: Event, method: str, marks: Sequence[Mark], *, face: bool) -> Resurfacing:
    made = desk.act(event)
    looks = _is_cosmetic(desk, event)
    if looks is not None:
        made = made.model_copy(update={"cosmetic": looks})
    treated = conditions(marks, frozenset({"premalignant", "scar", "vascular", "benign", "viral"})) or conditions(marks, frozenset({"disease"}))
    node = next((n for m in event.marks() for n in desk.registry.of_mark.get(m.clause.index, []) if n.seen), None)
    event.node = node
    target = desk.target(event, treated[:1])
    if treated and (not target.diagnoses or target.diagnoses[0].term != treated[0].term):
        target = target.model_copy(update={"diagnoses": (treated[0].fact(desk.page.text),)})
    if face:
        target = target.model_copy(update={"site": Site(key="face", evidence=made.evidence[:1])})
    extent = None
    if method == "dermabrasion":
        text = " ".join(m.clause.lower for m in marks)
        extent = "total_face" if re.search(r"(?:full|entire|total|whole) face", text) else "segmental" if re.search(r"segment|nose|cheek|scar|perioral", text) else None
    return Resurfacing(act=made, target=target, method=method, area=total_area(desk, marks), extent=extent)  # type: ignore[arg-type]


def _vessel_laser(desk: Desk) -> Iterator[Procedure]:
    """A laser on a vessel lesion: by the area of the session, one for each place it is told of."""
    acts = [(m, a) for m, a in live_acts(desk, "resurfacing", "destruction") if a.detail in {"vascular_laser", "laser"} and vessel_lesion(desk, m)]
    scopes: dict[object, list[tuple[Mark, SeenAct]]] = {}
    for mark, act in acts:
        item = lesion_item(mark.clause.item)
        scopes.setdefault(item.index if item else None, []).append((mark, act))
    for own in scopes.values():
        done = [(m, a) for m, a in own if a.status == "performed"]
        event = Event("resurfacing", None, done or own)
        marks = around(desk, event)
        if not any(lesion_item(m.clause.item) for m in event.marks()):
            marks = [m for m in desk.page.live() if m.kind not in {"followup", "history"}]
        yield _surface_fact(desk, event, "vascular_laser", marks, face=False)


def vessel_lesion(desk: Desk, mark: Mark) -> bool:
    """The laser of this clause treats vessels: said in it, in its item, or as the note's only treated condition."""
    here = [d for d in mark.diagnoses if d.group != "noun"] or [d for m in scope_of(desk.page, mark) for d in m.diagnoses if d.group != "noun"]
    if here:
        return any(d.group in _VESSEL for d in here)
    return bool(conditions(list(desk.page.live()), _VESSEL)) and lesion_item(mark.clause.item) is None


def _tattooing(desk: Desk) -> Iterator[Procedure]:
    event = one_event(desk, "tattooing")
    if event is None:
        return
    event.acts = [(m, a) for m, a in event.acts if not _DYE_MARK.search(m.clause.text) or _COLOR.search(m.clause.text)]
    if not event.acts:
        return
    marks = around(desk, event)
    if not any(lesion_item(m.clause.item) for m in event.marks()):
        marks = [m for m in desk.page.live() if m.kind not in {"followup", "history"}]
    if not any(_COLOR.search(m.clause.text) for m in marks):
        return
    node = event.node or next((n for m in marks for n in desk.registry.of_mark.get(m.clause.index, []) if n.seen), None)
    event.node = node
    area = total_area(desk, marks)
    yield Tattooing(act=desk.act(event, *(area.evidence if area else ())), target=desk.target(event, conditions(marks, frozenset({"disease", "scar", "pigment"}))[:1]), area=area)


def _is_cosmetic(desk: Desk, event: Event) -> Stated[bool] | None:
    """Said in the item or paragraph of the act; in a note without items, anywhere."""
    own = around(desk, event)
    marks = own if any(lesion_item(m.clause.item) for m in event.marks()) else [*own, *desk.page.live()]
    hit = next((m for m in marks if _COSMETIC.search(m.clause.text) and not _NOT_COSMETIC.search(m.clause.text)), None)
    return Stated(value=True, evidence=(desk.page.quote_clause(hit),)) if hit else None
