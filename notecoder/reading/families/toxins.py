"""Botulinum toxin and filler: where, how much, and whether for a disease or for looks.

A coder sees first what it was for: sweat glands and movement disorders are treated, lines are softened (AD-02, CO-01). Both
axillae are one service, so the places with units are gathered into one target for each region.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from notecoder.evidence import Stated
from notecoder.facts import Chemodenervation, Filler, Procedure, Site, Target
from notecoder.reading.events import Event
from notecoder.reading.families.desk import Desk
from notecoder.reading.families.drugs import drug_marks, read_drug
from notecoder.reading.families.injections import condition_of
from notecoder.reading.families.scene import live_acts, stated
from notecoder.reading.page import Mark

_COSMETIC = re.compile(r"\b(?:glabell\w+|forehead lines|crow'?s feet|frown|wrinkle\w*|rhytid\w*|lines|cosmetic\w*|aesthetic\w*|self[- ]pay|nasolabial|nlf|lips? augment\w*|refresh|fine lines|volume loss|jowls?|tear troughs?)\b", re.IGNORECASE)
_MEDICAL = re.compile(r"\b(?:hyperhidrosis|hh\b|sweat\w*|hdss|lipoatrophy|lipodystrophy|hiv|blepharospasm|hemifacial|spasm|dystonia|migraine|scar|frey)\b", re.IGNORECASE)
_UNITS_HERE = re.compile(r"(?<![\w.])[1-9]\d{0,2}(?:\.\d)?[\s-]*(?:u|units?)\b", re.IGNORECASE)
_NONE_HERE = re.compile(r"(?<![\w.])0[\s-]*(?:u|units?)\b|\b(?:deferred|declin\w+|discussed|not (?:treated|done|injected|today)|no toxin|told|says no)\b", re.IGNORECASE)
_ML = re.compile(r"(?<![\w.])(?P<v>\d{0,2}(?:\.\d{1,2})|\d{1,2})\s*(?:ml|cc)\b", re.IGNORECASE)
_NOT_FILLER = re.compile(r"\b(?:lido\w*|saline|swfi|water|vial|dilut\w+|recon\w*|anesth\w*)\b", re.IGNORECASE)
_SWEAT = re.compile(r"\b(?:hyperhidrosis|sweat\w*|hdss|frey)\b", re.IGNORECASE)
_SKIN_USE = re.compile(r"\b(?:hyperhidrosis|hh\b|sweat\w*|hdss|frey|blepharospasm|hemifacial|facial (?:spasm|synkinesis|dystonia)|glabell\w*|frown|forehead|crow'?s|wrinkl\w*|rhytid\w*|lines|cosmetic\w*|aesthetic\w*|axill\w*|palms?|scar)\b", re.IGNORECASE)
_OTHER_USE = re.compile(r"\b(?:spastic\w*|flexors?|extensors?|gastrocnemius|rectus|pectoralis|hamstrings?|cervical dystonia|torticollis|detrusor|bladder|migraine|headache|difficile|botulism|achalasia|anal fissure)\b", re.IGNORECASE)
_PRODUCTS = re.compile(r"\b(?:radiesse|calcium hydroxylapatite|sculptra|poly-?l-?lactic acid|restylane\w*|juv[eé]derm\w*|voluma|belotero\w*|bellafill)\b", re.IGNORECASE)
_REGION = {"axilla": "axilla", "hand": "hand", "palm": "hand", "finger": "hand", "foot": "foot", "sole": "foot", "toe": "foot"}


def build(desk: Desk) -> Iterator[Procedure]:
    """Toxin and filler of the note."""
    for family in ("chemodenervation", "filler"):
        acts = [(m, a) for m, a in live_acts(desk, family) if m.kind not in {"medication", "allergy"}]
        done = [(m, a) for m, a in acts if a.status == "performed" and not _NONE_HERE.search(m.clause.text)]
        if not acts or family == "chemodenervation" and not _of_skin(desk):
            continue
        event = Event(family, None, done or acts)
        if not done:
            yield _undone(desk, event, family)
        elif family == "filler":
            yield _filler(desk, event)
        else:
            yield from _toxin(desk, event)


def _of_skin(desk: Desk) -> bool:
    """Sweat, facial movement or lines: toxin for spastic limbs, bladder or headache is no work of these families."""
    text = " ".join(m.clause.text for m in desk.page.live())
    return bool(_SKIN_USE.search(text)) and not (_OTHER_USE.search(text) and not _SWEAT.search(text))


def _undone(desk: Desk, event: Event, family: str) -> Procedure:
    mark = event.marks()[0]
    event.acts = [(m, a) for m, a in event.acts if a.status != "performed"] or event.acts
    act, target = desk.act(event), desk.target(event, condition_of(desk, mark))
    if act.status == "performed":
        act = act.model_copy(update={"status": "discussed"})
    return Filler(act=act, target=target) if family == "filler" else Chemodenervation(act=act, target=target)


def _toxin(desk: Desk, event: Event) -> Iterator[Procedure]:
    marks = drug_marks(desk, event.marks())
    drug = read_drug(desk, marks)
    made = desk.act(event, *(drug.evidence if drug else ()))
    looks = _for_looks(desk, marks)
    if looks is not None:
        made = made.model_copy(update={"cosmetic": looks})
    base = desk.target(event, condition_of(desk, event.marks()[0]))
    regions = _regions(desk, [m for m in marks if m.live and not _NONE_HERE.search(m.clause.text)])
    if not regions:
        regions = _regions(desk, [m for m in desk.page.live() if not _NONE_HERE.search(m.clause.text) and m.kind != "followup"], units=False)
    if not regions:
        yield Chemodenervation(act=made, target=base, drug=drug)
        return
    for name, sites in regions.items():
        target = base.model_copy(update={"id": f"T-{name}", "site": sites[0], "more_sites": tuple(sites[1:])})
        yield Chemodenervation(act=made, target=target, drug=drug)


def _regions(desk: Desk, marks: Sequence[Mark], *, units: bool = True) -> dict[str, list[Site]]:
    """The treated places by region: those beside units before any other."""
    found: dict[str, list[Site]] = {}
    text = desk.page.text
    for mark in marks:
        if units and not _UNITS_HERE.search(mark.clause.text) or not units and found:
            continue
        for mention in mark.sites:
            site = mention.fact(text)
            own = found.setdefault(_REGION.get(site.key, site.key), [])
            if all((s.key, s.side) != (site.key, site.side) for s in own):
                own.append(site)
    axilla = found.get("axilla")
    if axilla and len(axilla) == 1 and axilla[0].side is None and desk.says(r"\baxillae\b|\bboth axill|\bbilateral\w* axill|axill\w+ bilateral|each axilla|\bunderarms\b|\barmpits\b|\bper axilla\b|primary axillary"):
        found["axilla"] = [axilla[0].model_copy(update={"side": "bilateral"})]
    return found


def _filler(desk: Desk, event: Event) -> Filler:
    marks = drug_marks(desk, event.marks())
    node = next((n for m in event.marks() for n in desk.registry.of_mark.get(m.clause.index, []) if n.seen), None)
    event.node = node
    made = desk.act(event)
    looks = _for_looks(desk, marks)
    if looks is not None:
        made = made.model_copy(update={"cosmetic": looks})
    target: Target = desk.target(event, condition_of(desk, event.marks()[0]))
    product = next(((m, x) for m in marks for x in [_PRODUCTS.search(m.clause.text)] if x), None)
    wasting = stated(desk, list(desk.page.live()), r"\b(?:facial )?(?:lipoatrophy|lipodystrophy)\b", denied=r"\bno (?:lipoatrophy|lipodystrophy)\b")
    return Filler(
        act=made, target=target, volume=_volume(desk, marks), lipoatrophy=wasting, drug=read_drug(desk, marks, "poly-l-lactic acid"),
        product=Stated(value=product[1].group().lower(), evidence=(desk.page.quote_clause(product[0]),)) if product else None,
    )  # fmt: skip


def _volume(desk: Desk, marks: Sequence[Mark]) -> Stated[Decimal] | None:
    """mL of filler: a total or a syringe, else the parts added up."""
    parts: list[tuple[Decimal, Mark]] = []
    for mark in marks:
        for match in _ML.finditer(mark.clause.text):
            near = mark.clause.text[max(0, match.start() - 24) : match.end() + 18]
            if _NOT_FILLER.search(near):
                continue
            raw = match["v"]
            value = Decimal("0" + raw if raw.startswith(".") else raw)
            if re.search(r"\btotal|\bsyringes?\b|\bin all\b", near, re.IGNORECASE):
                return Stated(value=value, evidence=(desk.page.quote_clause(mark),))
            parts.append((value, mark))
    if not parts:
        return None
    return Stated(value=sum((v for v, _ in parts), Decimal(0)), evidence=tuple(dict.fromkeys(desk.page.quote_clause(m) for _, m in parts))[:4])


def _for_looks(desk: Desk, marks: Sequence[Mark]) -> Stated[bool] | None:
    """Stated(True) when it was for appearance: no disease in the note that it treats, and words of looks."""
    if any(_MEDICAL.search(m.clause.text) for m in desk.page.live() if not _NONE_HERE.search(m.clause.text)):
        return None
    hit = next((desk.page.quote_clause(m) for m in marks if _COSMETIC.search(m.clause.text)), None)
    hits = [hit] if hit else desk.find(_COSMETIC)
    return Stated(value=True, evidence=(hits[0],)) if hits else None
