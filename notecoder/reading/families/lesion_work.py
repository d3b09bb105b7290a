"""Sampling and removing lesions: biopsy, shave removal, excision.

The blade does not decide which it was: the purpose does. "For diagnosis, rule out" is a biopsy, "removed, flush, entire"
a shave removal, full thickness with a margin an excision (procedures.md 1.3). Words that conflict with a suspicious
differential stay a biopsy (BX-14).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Literal

from notecoder.evidence import Stated
from notecoder.facts import Biopsy, Excision, FrozenDecision, Procedure, Shave, Target
from notecoder.reading.counts import counts_in
from notecoder.reading.events import LABELS, Event, act_fact
from notecoder.reading.families.closure import DEEP, NO_CLOSURE, SUTURE
from notecoder.reading.families.desk import Desk
from notecoder.reading.families.mohs import tallies
from notecoder.reading.families.nails import of_nail_unit, sewn_within
from notecoder.reading.families.reopened import reopened
from notecoder.reading.families.scene import inside_body
from notecoder.reading.families.structures import extent_of, hidradenitis_surgery, structure_of
from notecoder.reading.lesions import LESION_GROUPS
from notecoder.reading.nodes import Node
from notecoder.reading.page import Mark

_REMOVAL = re.compile(r"\b(?:shav\w* (?:removal|remov\w+|excision|off|flush|level|away)|removal|removed (?:by|via|with)[^.;]{0,20}(?:shave|tangential)|flush|entire(?:ly)?|in toto|completely removed|wants? (?:it |them |out|off|gone|removed)|taken off|superficially shaved|level with)\b", re.IGNORECASE)
_EXPLICIT = re.compile(r"\b(?:removal (?:by|via|with|using) (?:a )?(?:shave|tangential)|shav\w* (?:removal|remov\w+|excision)|removed? (?:by|via|with) (?:a )?(?:shave|tangential)|tangential (?:removal|excision)|saucer\w* (?:removal|excision))\b", re.IGNORECASE)
_SAMPLING = re.compile(r"\b(?:biops\w+|bx|bxs|s bx|for diagnosis|to rule out|r/o|sampl\w+|diagnostic|histolog\w+ diagnosis)\b", re.IGNORECASE)
_PARTIAL = re.compile(r"\b(?:part(?:ial(?:ly)?)? of|portion of|sampled|not removed|partial|through part|edge of the (?:lesion|nodule|plaque|ulcer))\b", re.IGNORECASE)
_SEVERAL = re.compile(r"\b(?:biopsies|bxs|punches|shaves)\b", re.IGNORECASE)


def build(desk: Desk) -> Iterator[Procedure]:
    """The biopsies, shave removals and excisions of the note, whatever their status."""
    events = [e for e in desk.events.of("biopsy", "shave", "excision") if not _stage_work(desk, e)]
    by_node: dict[str, list[Event]] = {}
    for event in events:
        by_node.setdefault(event.node.id if event.node else "?" + event.family + event.status, []).append(event)
    titles = [e for e in events if e.node is None or not e.node.seen]
    placed = [e for e in events if e.node is not None and e.node.seen and e.performed]
    for group in by_node.values():
        done = [e for e in group if e.performed]
        for event in group:
            if not event.performed:
                yield from _not_done(desk, event)
        if not done or desk.is_mohs(done[0].node) and not _diagnostic_first(desk, done):
            continue
        if all(_refers_back(m) for e in done for m, a in e.acts if a.status == "performed") and len(placed) > len(done):
            continue
        if done[0] in titles and any(p.family == done[0].family or {p.family, done[0].family} <= {"biopsy", "shave"} for p in placed):
            continue
        yield from _choose(desk, done)
    yield from _implied(desk, placed)
    yield from _lump_taken_out(desk, {e.node.id for e in placed if e.node})


def _refers_back(mark: Mark) -> bool:
    """ "Biopsied as above" repeats what is told elsewhere."""
    return bool(re.search(r"\b(?:as (?:above|below|described|noted|outlined|per)|see (?:above|below|procedure|note)|per procedure note)\b", mark.clause.text, re.IGNORECASE))


def _stage_work(desk: Desk, event: Event) -> bool:
    """Excising a Mohs layer is no excision of its own."""
    if event.family == "excision" and (reopened(desk) or _of_no_skin(desk, event)):
        return True  # the edges of a wound that came apart; what was cut out was no lesion of the skin
    if not desk.is_mohs_note or event.family != "excision":
        return False
    staged = {m.clause.index for t in tallies(desk) for marks in t.stages.values() for m in marks}
    event.acts = [(m, a) for m, a in event.acts if m.clause.index not in staged and not _LAYER.search(m.clause.text)]
    return not event.acts


_NO_LESION = re.compile(r"\s*(?:of )?(?:the |a |an |this |his |her )?(?:retained |embedded |old |metallic )*(?:foreign (?:body|bodies|object|material)|fb\b|wires?\b|hardware|catheter|mesh|splinter|glass)", re.IGNORECASE)
""" "Excision of foreign body": taken out as such (procedures.md 8)."""

def _of_no_skin(desk: Desk, event: Event) -> bool:
    """A foreign body, or a growth of rib, bone or bowel: nothing that the skin codes are for (EX-01, ST-01)."""
    done = [(m, a) for m, a in event.acts if a.status == "performed"]
    if done and all(_NO_LESION.match(m.clause.text, a.end - m.clause.start) for m, a in done):
        return True
    return inside_body(desk)


_LAYER = re.compile(r"\b(?:layers?|stages?|debulk\w*|beveled?|bevell?ed|micrographic|mohs|residual|positive (?:area|sector)s?)\b", re.IGNORECASE)


def _diagnostic_first(desk: Desk, done: list[Event]) -> bool:
    return any(e.family == "biopsy" and e.performed for e in done) and desk.says(r"frozen|first|before (?:the )?mohs|prior to mohs")


def _choose(desk: Desk, done: list[Event]) -> Iterator[Procedure]:
    """The one service each lesion had (procedures.md 0.4 step 2)."""
    families = {e.family: e for e in done}
    excision, biopsy, shave = families.get("excision"), families.get("biopsy"), families.get("shave")
    node = done[0].node
    if desk.is_mohs(node):
        excision = None
    text = " ".join(m.clause.text for e in done for m, a in e.acts if a.status == "performed")
    if excision is not None and _LID_SKIN.search(" ".join(m.clause.text for m in desk.page.live())) and node is not None and node.site is not None and node.site.key in {"eyelid", "eyelid_margin", "eyebrow"} and not any(d.term != "redundant_skin" for d in desk.targets.diagnoses_of(node)):
        return  # redundant skin of the lid is no lesion
    if excision is not None and (_nail_site(excision) and desk.events.of("nail") or node is not None and (sewn_within(desk, node) or _of_the_nail(desk, node))):
        return  # the matrix or fold cut away with the nail is the nail procedure (NL-02)
    if excision is not None and hidradenitis_surgery(desk) and structure_of(desk, excision) == "hidradenitis":
        return
    if excision is not None and shave is not None and shave.details() == [] and _only_headed(excision) and _EXPLICIT_FLAT.search(text):
        yield _shave(desk, shave)  # what was done decides, not what the heading calls it (SH-01)
        return
    if excision is not None and not (_PARTIAL.search(text) and biopsy) and not (biopsy and _only_title(excision, biopsy)):
        yield _excision(desk, excision)
        return
    if shave is not None and (biopsy is None or "tangential" in biopsy.details() or not biopsy.details()):
        if _is_removal(desk, shave, biopsy, text):
            yield _shave(desk, shave)
        else:
            yield from _biopsy(desk, _merge(shave, biopsy), "tangential")
        return
    if biopsy is not None:
        yield from _biopsy(desk, biopsy, None)


def _of_the_nail(desk: Desk, node: Node) -> bool:
    """On a digit whose nail was treated, with no lesion of the skin named: "medial fifth, same way, out in one piece"."""
    if node.site is None or node.site.key not in {"toe", "finger"} or not any(True for _ in desk.page.acts("nail")):
        return False
    return not any(d.group in LESION_GROUPS - {"scar"} for d in desk.targets.diagnoses_of(node))


_LID_SKIN = re.compile(r"\bblepharoplast|\bdermatochalasis", re.IGNORECASE)
_EXPLICIT_FLAT = re.compile(r"\b(?:slic\w+|shav\w+|flush|level|horizontal|tangential\w*|razor|dermablade|planed)\b", re.IGNORECASE)


def _only_headed(excision: Event) -> bool:
    """The word excision stands only in titles."""
    done = [(m, a) for m, a in excision.acts if a.status == "performed"]
    return all(re.match(r"\W*(?:[A-Z][A-Za-z ]{0,30}:|[A-Z ,:/-]{12,}$)", m.clause.text) and len(m.clause.text) < 90 or m.kind in {"assessment", "reason"} for m, _ in done)


def _only_title(excision: Event, biopsy: Event) -> bool:
    """The excision phrase is a passing word while technique phrases say biopsy."""
    return bool(biopsy.details()) and len([1 for _, a in excision.acts if a.status == "performed"]) == 0


def _merge(shave: Event, biopsy: Event | None) -> Event:
    if biopsy is None:
        return shave
    return Event("biopsy", shave.node, sorted([*biopsy.acts, *shave.acts], key=lambda pair: pair[1].start))


def _is_removal(desk: Desk, shave: Event, biopsy: Event | None, text: str) -> bool:
    """Shave removal or tangential biopsy (1.3, BX-14)."""
    node = shave.node
    seen = desk.targets.diagnoses_of(node) if node else []
    if not seen:  # "SKs shaved off: chest 0.9 cm, thigh 0.8 cm": the condition of the list is each one's
        told = {d.term: d for m, _ in shave.acts for d in m.diagnoses if d.group in LESION_GROUPS and d.certainty != "negated"}
        seen = list(told.values()) if len(told) == 1 else []
    benign = [d for d in seen if d.certainty in {"stated", "pathology"} and d.group in
              {"nevus", "seborrheic", "benign", "tag", "viral", "vascular", "cyst", "keloid", "hyperkeratosis"}]  # fmt: skip
    doubtful = any(d.certainty == "uncertain" for d in seen)
    scope = text + " " + desk.heading_of(shave)
    if biopsy is not None and biopsy.performed:
        return bool(_EXPLICIT.search(text)) and bool(benign) and not doubtful and "tangential" not in biopsy.details()
    if _EXPLICIT.search(text):
        return bool(benign) or not doubtful or bool(node and desk.targets.of(node).symptoms)
    if _SAMPLING.search(scope) or doubtful or not benign:
        return bool(_REMOVAL.search(text)) and bool(benign) and not _SAMPLING.search(scope)
    return bool(benign)


def _shave(desk: Desk, event: Event) -> Shave:
    return Shave(act=desk.act(event), target=desk.target(event))


def _biopsy(desk: Desk, event: Event, technique: str | None) -> Iterator[Procedure]:
    if _nail_site(event) or all(of_nail_unit(desk, event.node, m.clause.text) for m, _ in event.acts):
        return
    said = technique or _technique(event)
    stated = Stated[Literal["tangential", "punch", "incisional"]](value=said, evidence=(desk.first_quote(event),)) if said else None  # type: ignore[arg-type]
    yield Biopsy(act=desk.act(event), target=desk.target(event), technique=stated, count=_count(desk, event), frozen=_frozen(desk, event))


_OF_NAIL = re.compile(r"\bnail[- ](?:matrix|bed|unit|plate|fold|wall)|\bmatrix\b|hyponychi", re.IGNORECASE)


def _nail_site(event: Event) -> bool:
    if all(_OF_NAIL.search(m.clause.text) for m, _ in event.acts):
        return True
    return event.node is not None and event.node.site is not None and event.node.site.key in {"fingernail", "toenail"}


def _technique(event: Event) -> str | None:
    """Two techniques on one lesion: the higher (BX-01)."""
    said = event.details() or [m[1].lower().replace("shave", "tangential") for mark in event.marks() if (m := _METHOD_FIELD.search(mark.clause.text))]
    return next((t for t in ("incisional", "punch", "tangential") if t in said), None)


_METHOD_FIELD = re.compile(r"\b(?:technique|method|type|tool)\b\W{1,12}(?:x\]\W{0,3})?(tangential|shave|punch|incisional)\b", re.IGNORECASE)
""" "Technique  [x] tangential": a field of its own behind the word biopsy."""


_JUST_ONE = re.compile(r"\b(?:one|an?|1|single)\s+(?:\w+\s+)?$", re.IGNORECASE)


def _count(desk: Desk, event: Event) -> Stated[int] | None:
    """Several samples told in one phrase: "three shave biopsies of the back", "punch biopsy x2"."""
    for mark, act in event.acts:
        if act.status != "performed" or _distributed(desk, event, act.start):
            continue
        if _JUST_ONE.search(mark.clause.text[: act.start - mark.clause.start]):
            continue
        if (listed := LABELS.match(desk.page.text, act.end, mark.clause.end)) is not None and (named := set(re.findall(r"[A-H]", listed["labels"]))) and len(named) > 1:
            return Stated(value=len(named), evidence=(desk.page.quote(act.start, listed.end()),))  # "Shave biopsy A and B"
        found = counts_in(desk.page, mark)
        closest = min(found, key=lambda c: min(abs(c.start - act.end), abs(act.start - c.end)), default=None)
        for count in found if closest is None or closest.value > 1 else ():
            near = 0 <= count.start - act.end <= 4 or 0 <= act.start - count.end <= 26
            if near and 1 < count.value < 20 and (count.kind in {"noun", "count", "total"}) and not _other_numbers(mark, count.start):
                return Stated(value=count.value, evidence=(desk.page.quote(count.start, count.end),))
    return None


def _distributed(desk: Desk, event: Event, at: int) -> bool:
    """The phrase tells of several lesions that each have an event of their own."""
    others = desk.cache.setdefault("biopsies", desk.events.of("biopsy", "shave"))
    return any(e.node is not event.node and any(a.start == at for _, a in e.acts) for e in others) or sum(1 for e in others if e.performed and e.node is not None and e.node.labels) > 1


def _other_numbers(mark: Mark, at: int) -> bool:
    rest = mark.clause.text[at - mark.clause.start :]
    return bool(re.match(r"[x×#(\s]*\d+\)?\s*(?:mm|sutures?|stitch\w*|nylon|prolene|\d-0|jars?|specimens?)", rest, re.IGNORECASE))


_NEVER = re.compile(r"\b(?:no (?:prior |previous |earlier )?(?:biopsy|tissue diagnosis|pathology)|never (?:been )?biopsied|not (?:been )?(?:previously )?biopsied|unbiopsied|no biopsy has|(?:never|not) (?:been )?(?:previously )?sampled(?! today))\b", re.IGNORECASE)
_READ_FIRST = re.compile(r"\bfrozen\b[^.]{0,120}|\bfroze (?:it|this|that|the (?:punch|sample|specimen|tissue|piece|biopsy))\b[^.;]{0,40}\b(?:read|examined|looked at|reviewed|interpreted)\b[^.]{0,80}", re.IGNORECASE)
_DECIDED = re.compile(r"\b(?:on the (?:strength|basis) of|went on to|elected to proceed|proceed(?:ed)? (?:today|with|to)|on the basis of|based on (?:this|the)|therefore|result (?:was )?(?:reviewed|discussed)|decision|decided|confirm\w+)\b", re.IGNORECASE)
_BLOCKS = re.compile(r"\b(one|two|three|1|2|3)\s+blocks?\b", re.IGNORECASE)


def _frozen(desk: Desk, event: Event) -> FrozenDecision | None:
    if not desk.is_mohs_note:
        return None
    never = desk.find(_NEVER)
    read = next((e for m, _ in event.acts for e in desk.find_in(m, _READ_FIRST)), None) or next(iter(desk.find(re.compile(r"frozen section", re.I))), None)
    decided = desk.find(_DECIDED)
    return FrozenDecision(
        never_biopsied=Stated(value=True, evidence=tuple(never[:1])) if never else None,
        read_first=Stated(value=True, evidence=(read,)) if read else None,
        decided_surgery=Stated(value=True, evidence=tuple(decided[:1])) if decided else None,
        blocks=Stated(value=1, evidence=(read,)) if read else None,
    )


_DEPTH = (
    ("subfascial", re.compile(r"\b(?:subfascial|below the (?:deep |muscle )?fascia|(?:beneath|deep to|under) the (?:\w+ )?fascia|intramuscular|within the (?:\w+ )?muscle|under the fascia|deep to the (?:\w+ )?fascia|fascia (?:\w+ )?was (?:opened|incised|split)|submuscular|in the muscle|muscle (?:was )?split|within (?:the )?(?:vastus|trapezius|deltoid|biceps|triceps|latissimus|pectoralis|rectus|gluteus|quadriceps)\b)\b", re.IGNORECASE)),
    ("subcutaneous", re.compile(r"\b(?:subcutaneous(?:ly)?|subcutis|subq|above the fascia|suprafascial|superficial to the (?:\w+ )?fascia|in the fat|from the fat|adipose|fascia (?:was )?(?:intact|not (?:opened|entered|violated)))\b", re.IGNORECASE)),
)  # fmt: skip
_RE_EXCISION = re.compile(r"\b(?:(?:fresh|surgical|recent) scar|re-?excis\w+|re-?exc|residual|positive margins?|scar re-?excision)\b", re.IGNORECASE)
_QUARTER = re.compile(r"(?P<more>(?:more than|over|greater than) (?:a |one[- ])?(?:quarter|fourth|1/4)|(?:one[- ])?(?:third|half|1/3|1/2|40%|30%|50%))|(?P<less>(?:less than|under|up to|about) (?:a |one[- ])?(?:quarter|fourth|1/4)|one[- ](?:fifth|quarter)|20%|25%)", re.IGNORECASE)


def _excision(desk: Desk, event: Event) -> Excision:
    structure = structure_of(desk, event)
    marks = [m for m in (desk.targets.marks_of(event.node) if event.node else event.marks()) if m.live and m.kind != "followup"]
    margin = desk.smallest(marks, "margin", event)
    excised = desk.smallest(marks, "excised", event) or _unitless_total(desk, marks)
    depth = None
    for name, pattern in _DEPTH:
        hits = [e for m in marks for e in desk.find_in(m, pattern)]
        if hits:
            depth = Stated[Literal["subcutaneous", "subfascial"]](value=name, evidence=(hits[0],))  # type: ignore[arg-type]
            break
    again = [e for m in marks for e in desk.find_in(m, _RE_EXCISION)]
    return Excision(
        act=desk.act(event), target=_with_cancer_left(desk, event), structure=structure, margin=margin, excised_diameter=excised,  # type: ignore[arg-type]
        depth=depth if structure == "soft_tissue" else None,
        re_excision=Stated(value=True, evidence=(again[0],)) if again else None,
        more_than_quarter=_quarter(desk, marks) if structure.startswith(("eyelid", "lip")) else None,
        extent=extent_of(desk, marks) if structure == "pilonidal" else None,
        mouth_repair=_mouth_repair(marks) if structure == "mouth_vestibule" else None,
    )  # fmt: skip


_EDGE_POSITIVE = re.compile(r"\b(?:margins?|edges?|report|path\w*)\b[^.;]{0,60}\b(?:positive|involved|tumou?r|carcinoma|melanoma|present|residual|not clear|extends?|reach\w*)\b|\b(?:tumou?r|carcinoma|melanoma|present)\b[^.;]{0,40}\b(?:at|to) the \S+ ?(?:o'clock )?(?:\w+ )?(?:margins?|edges?)|\bincompletely excised\b|\bpositive (?:deep|peripheral|lateral|radial|side|surgical|edge|\d+ o'clock)? ?(?:and \w+ )?(?:margins?|edges?)\b", re.IGNORECASE)


def _with_cancer_left(desk: Desk, event: Event) -> Target:
    """A re-excision after an edge with tumor is for that tumor, though the note names it in the history (EX-11)."""
    target = desk.target(event)
    if any(d.term not in {"scar", "melanocytic_nevus"} for d in target.diagnoses):
        return target
    live = list(desk.page.live())
    if not any(_EDGE_POSITIVE.search(m.clause.text) for m in live):
        return target
    named = [d for m in live for d in m.diagnoses if d.group in {"malignant", "in_situ"} and d.certainty in {"history", "pathology", "stated"}]
    if len({d.term for d in named}) != 1:
        return target
    fact = replace(named[0], certainty="pathology").fact(desk.page.text)
    known = target.model_copy(update={"diagnoses": (fact,)})
    if event.node is not None:
        desk.targets.remember(event.node, known)
    return known


def _quarter(desk: Desk, marks: list[Mark]) -> Stated[bool] | None:
    for mark in marks:
        match = _QUARTER.search(mark.clause.text)
        if match:
            return Stated(value=bool(match["more"]), evidence=(desk.page.quote_clause(mark),))
    return None


def _mouth_repair(marks: list[Mark]) -> Stated[Literal["none", "simple", "complex", "muscle"]] | None:
    text = " ".join(m.clause.text for m in marks)
    if re.search(r"sutur|closed|chromic|vicryl|gut", text, re.IGNORECASE):
        return Stated(value="simple")
    return None


_UNITLESS = re.compile(r"\b(?:total )?excised(?: diam\w*)?(?: of| =|:)?\s*(\d(?:\.\d)?)(?!\s*(?:mm|cm|x|\d))", re.IGNORECASE)


def _unitless_total(desk: Desk, marks: list[Mark]) -> Stated[Decimal] | None:
    for mark in marks:
        match = _UNITLESS.search(mark.clause.text)
        if match and Decimal(match[1]) < 10:
            start = mark.clause.start + match.start()
            return Stated(value=Decimal(match[1]), evidence=(desk.page.quote(start, mark.clause.start + match.end()),))
    return None


def _implied(desk: Desk, placed: list[Event]) -> Iterator[Procedure]:
    """A lesion with its margin in a list whose other lesions were excised was excised too."""
    listed = any(e.family == "excision" for e in placed)
    done = {e.node.id for e in placed if e.node}
    for node in desk.registry.nodes:
        if node.id in done or not node.seen or desk.is_mohs(node):
            continue
        told = [m for m in desk.targets.marks_of(node) if m.live]
        if not listed and (_destroyed(node) or not (_CUT_OUT.search(" ".join(m.clause.text for m in told)) or _closed_over(told))):
            continue
        for mark in desk.targets.marks_of(node):
            margins = [m for m in mark.measures if m.role == "margin"]
            if any(a.family == "excision" and a.status == "elsewhere" for a in mark.acts) or _LONG_AGO.search(mark.clause.text):
                continue
            if not margins or not mark.live or mark.kind in {"plan", "followup", "history"} or re.search(r"\b(?:will|plan|schedul\w+|if)\b", mark.clause.lower):
                continue
            event = Event("excision", node, [(mark, desk.silent_act("excision", mark))])
            yield _excision(desk, event)
            break


_LONG_AGO = re.compile(r"\b(?:last (?:week|month|year|spring|summer|fall|autumn|winter|visit)|(?:days?|weeks?|months?|years?) ago|in (?:19|20)\d\d|years? back|previously|elsewhere|yesterday)\b", re.IGNORECASE)


_LUMP = re.compile(r"\b(?:lump|mass|lipoma|nodule|cyst)\b", re.IGNORECASE)
_OPENED = re.compile(r"\bincision\b[^.;]{0,40}\b(?:over|above|across|made|along)\b|\b(?:made|placed)\b[^.;]{0,20}\bincision\b|\bincised\b", re.IGNORECASE)
_FREED = re.compile(r"\b(?:freed|dissected|shelled|enucleated|delivered|lifted|teased|peeled)\b[^.;]{0,60}|\bcame out\b|\b(?:removed|taken out) (?:whole|intact|in (?:one piece|toto))", re.IGNORECASE)
_SENT = re.compile(r"\b(?:laboratory|lab|patholog\w+|path|formalin|specimen|histology)\b", re.IGNORECASE)


def _lump_taken_out(desk: Desk, done: set[str]) -> Iterator[Procedure]:
    """A lump that an incision was made over, that was freed and sent away, was excised, whatever the verb."""
    live = [m for m in desk.page.live() if m.kind not in {"history", "reason", "followup"}]
    opened = next((m for m in live if desk.page.says(m, _OPENED)), None)
    freed = next((m for m in live if opened is not None and m.clause.index >= opened.clause.index and _FREED.search(m.clause.text) and not re.search(r"\b(?:flap|edges|skin)\b[^.;]{0,20}\b(?:freed|lifted)", m.clause.text)), None)
    if done or opened is None or freed is None or not any(desk.page.says(m, _SENT) for m in live):
        return
    if any(a.status == "performed" and a.family in {"excision", "incision_drainage", "aspiration", "biopsy", "shave", "mohs", "foreign_body", "nail", "flap", "graft"} for m in live for a in m.acts):
        return
    lumps = [n for n in desk.registry.nodes if n.seen and any(_LUMP.search(m.clause.text) and m.live for m in n.marks) and (freed in n.marks or opened in n.marks or any(d.group in {"lipoma", "cyst"} for m in n.marks for d in m.diagnoses))]
    known = [n for n in lumps if any(d.group in {"lipoma", "cyst"} and d.certainty in {"stated", "pathology"} for m in n.marks for d in m.diagnoses)]
    if len(known or lumps) == 1:
        node = (known or lumps)[0]
        if freed not in node.marks:
            node.marks.append(freed)
        yield _excision(desk, Event("excision", node, [(freed, desk.silent_act("excision", freed))]))


_CUT_OUT = re.compile(r"\b(?:circle|disc|disk|oval|block|whole piece|specimen|tumou?r|lesion) (?:(?!rul)\w+ )?out(?: whole| complete| entire| in one piece)?\b(?! of)|(?:->|→|,|\s-)\s*to (?:the )?(?:deep )?(?:fat|fascia|subcut\w*|subq)\b|\b(?:full thickness|(?:whole |entire )?(?:specimen|lesion|tumou?r|growth|mole|ellipse|piece|tissue) (?:was |were |is )?(?:removed|taken|lifted|dissected|delivered|cut)|(?:taken|removed|cut|dissected|carried|down) (?:down )?to(?:,? and (?:leaving|sparing|not (?:through|into)),?)? (?:the )?(?:level of (?:the )?)?(?:(?:deep|muscle|muscular) )?(?:subcut\w*|fat|fascia|adipose|subq|pericrani\w+|galea|periosteum|perichondrium|muscle)|incis\w+|excis\w+|ellip\w+|fusiform|spindle|scalpel|#?15[- ]?(?:c )?blade|number 15|blade)\b", re.IGNORECASE)


def _closed_over(marks: Sequence[Mark]) -> bool:
    """A lesion measured with its margin and then a wound sewn, covered or left open: it was cut out in between."""
    if any(a.family == "excision" and a.status != "performed" for m in marks for a in m.acts):
        return False
    told = [m for m in marks if m.kind not in {"plan", "followup", "history", "reason", "past"} and not _AHEAD.search(m.clause.text)]
    if any(a.family in {"graft", "flap"} and a.status == "performed" for m in told for a in m.acts):
        return True
    return any(SUTURE.search(m.clause.text) or DEEP.search(m.clause.text) and m.measures or NO_CLOSURE.search(m.clause.text) for m in told if not any(x.role == "margin" for x in m.measures))


_AHEAD = re.compile(r"\b(?:will|plan\w*|schedul\w+|if|would|consider\w*|discuss\w*|option\w*|recommend\w*)\b", re.IGNORECASE)


def _destroyed(node: Node) -> bool:
    return any(a.family == "destruction" and a.status == "performed" for m in node.marks for a in m.acts)


def _not_done(desk: Desk, event: Event) -> Iterator[Procedure]:
    """Planned, declined, historical ... acts explain refusals."""
    act = act_fact(desk.page, event, desk.number())
    target = desk.target(event)
    if event.family == "biopsy":
        said = next((a.detail for _, a in event.acts if a.detail), None)
        technique = Stated[Literal["tangential", "punch", "incisional"]](value=said, evidence=act.evidence[:1]) if said else None  # type: ignore[arg-type]
        yield Biopsy(act=act, target=target, technique=technique)
    elif event.family == "shave":
        yield Shave(act=act, target=target)
    else:
        yield Excision(act=act, target=target)


