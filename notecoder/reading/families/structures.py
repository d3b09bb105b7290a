"""What was excised, when it is more than skin: a lid margin, the whole thickness of a lip, ear cartilage, a sweat-gland field.

A coder reads how it was cut, not what was thought of: "vermilionectomy was considered" excises no vermilion. Hidradenitis is
excised by fields, a field a side (3.3): the fields are those the operation names, the sides those it goes through in turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from notecoder.evidence import Stated
from notecoder.facts import Excision, Procedure, Site, Target
from notecoder.reading.events import Event
from notecoder.reading.families.desk import Desk
from notecoder.reading.nodes import Node
from notecoder.reading.page import Mark

_LIP = "lip lip_vermilion lip_mucosa lip_cutaneous"
_STRUCTURES: tuple[tuple[str, re.Pattern[str], frozenset[str] | None], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE), frozenset(keys.split()) if keys else None)
    for name, pattern, keys in (
        ("pilonidal", r"pilonidal", ""),
        ("digital_mucous_cyst", r"(?:digital )?(?:mucous|mucoid|myxoid) (?:cyst|pseudocyst)|ganglion", "finger toe fingernail toenail hand foot"),
        ("lip_v", r"\bv[- ](?:excision|wedge|shaped|lip|cut)|\(v\)|\ba v\b[^.;]{0,60}(?:cut|marked|excis\w+|base|apex)|\bv[^.;]{0,20}full[- ]thickness|shield excision|pentagonal? (?:wedge|excision)", _LIP),
        ("lip_wedge", r"(?:transverse )?(?:full[- ]thickness )?wedge (?:excision|resection)|wedge\b[^.;]{0,40}(?:skin|muscle|orbicularis)[^.;]{0,30}mucosa", _LIP),
        ("lip_shave", r"vermilionectomy|lip[- ]shave|mucosal advancement|(?:vermilion|red lip|lip)\b[^.]{0,80}\b(?:shaved|stripped|excised|removed|taken off)[^.]{0,120}\bmucos\w+[^.]{0,60}\b(?:advanc\w+|pulled|drawn|brought|slid|undermined)", "lip lip_vermilion lip_mucosa"),
        ("ear_amputation", r"amputat\w+", "ear helix ear_lobe"),
        ("ear_partial", r"\bwedge\b|partial (?:amputation|excision|resection) of (?:the )?(?:\w+ )?ear|full[- ]thickness (?:wedge|excision|resection|defect|piece)? ?(?:of|through) (?:the )?(?:ear|helix|auricle|rim|pinna)|through and through|through (?:the )?(?:skin and )?cartilage|cartilage (?:was )?(?:excised|resected|removed)|(?:skin|skin,) (?:and )?cartilage(?: and)?[^.;]{0,30}(?:excised|removed|out)", "ear helix ear_lobe"),
        ("eyelid_full_thickness", r"full[- ]thickness (?:of (?:the )?)?(?:\w+ )?(?:lid|eyelid|margin|wedge|excision|resection|pentagon\w*|block|defect)|\b(?:lid|eyelid|margin|wedge|resection|resected)\b[^.;]{0,30}(?:full[- ]thickness|through[- ]and[- ]through)|wedge (?:resection|excision)|pentagon\w*|tarsus (?:was )?(?:resected|repaired|approximated|sutured)|(?:tarsal|tarsus) (?:sutures?|repair)", "eyelid eyelid_margin canthus"),
        ("eyelid_lesion", r"", "eyelid_margin conjunctiva"),
        ("mouth_vestibule", r"", "mouth lip_mucosa"),
    )
)  # fmt: skip
_ONLY_THOUGHT = re.compile(r"\b(?:consider\w*|discuss\w*|offered|option|declin\w+|not (?:carried out|done|performed|needed|taken)|will|would|may|history|previous\w*|deferred|rather than|instead of)\b", re.IGNORECASE)
LID_MARGIN = re.compile(r"\b(?:lid margin|lash (?:line|margin)|tars(?:us|al)|ciliary margin|gr[ae]y line|margin of the (?:\w+ )?(?:eye)?lid|palpebral)\b", re.IGNORECASE)
_MARGIN = r"(?:lid margins?|lash (?:line|margin)|lashes|tars(?:us|al plate)|ciliary margin|gr[ae]y line|margins? of the (?:\w+ )?(?:eye)?lid|palpebral conjunctiva|conjunctiva)"
LID_SPARED = re.compile(
    rf"\b(?:spar\w+|avoid\w*|not (?:involv\w+|reach\w*|touch\w*|cross\w*|enter\w*|cut\w*)|without(?: (?:involv\w+|touch\w*|cross\w*|enter\w*|cutting))?|away from|clear of|short of|well (?:below|above)|below|above|beneath|from|no|neither|nor|stopp\w+ (?:short of|at|before))(?: (?:the|to|part|any|either|involvement of))* (?:(?:{_MARGIN}|and|or|nor|the)[\s,/]*)*{_MARGIN}"
    rf"|{_MARGIN}(?:[\s,/]*(?:and|or|nor)?[\s,/]*(?:the )?{_MARGIN})*[^.;,]{{0,12}}\b(?:spared|intact|not (?:involved|cut|touched|entered|reached|crossed)|uninvolved|untouched|preserved|free|left alone|clear)\b",
    re.IGNORECASE,
)
""" "Sparing the lid margin and tarsus", "margin not involved": the skin of the lid alone was cut."""
FIELDS = frozenset({"axilla", "anus", "groin", "perianal", "perineum", "umbilicus", "gluteal_cleft", "buttock", "scrotum", "vulva", "chest", "pubis", "thigh"})
_HIDRADENITIS = re.compile(r"\bhidradenitis|\bHS\b|acne inversa")
_TRACT = re.compile(r"\b(?:hidradenitis\w*|hair-?bearing|sinus tracts?|tunnels?|tracts?|diseased|scar plaque|field|en bloc|hurley|\bhs\b|apocrine|inguinal|axill\w+|groin)\b", re.IGNORECASE)
_UNTOUCHED = re.compile(r"\b(?:quiet|left alone|inspected|nothing (?:was )?(?:cut|done)|not (?:excised|operated|touched|treated)|no surgery|scars?\b[^.;]{0,20}only|in (?:19|20)\d\d|drained on its own|inject\w*|ilk|clear|uninvolved|to (?:be|follow))\b", re.IGNORECASE)
_SIDE = re.compile(r"\W*(?:on the |the |in the )?(?P<side>right|left|R|L)\b(?:\s+(?:side|axilla|axillary|groin|inguinal|armpit|area|field|region)){0,2}\s*(?=[.:,–-]|\s(?:an?|the|was|were|whole|:))", re.IGNORECASE)
_CUT = re.compile(r"\b(?:excis\w+|remov\w+|resect\w+|en bloc|taken out|extirpat\w+|unroof\w+|deroof\w+)\b", re.IGNORECASE)


def structure_of(desk: Desk, event: Event) -> str:
    """What was excised: skin, a cyst, a soft-tissue tumor, or a structure with codes of its own (3.3)."""
    node = event.node
    key = node.site.key if node and node.site else ""
    marks = [m for m in (node.marks if node else event.marks()) if not m.clause.ignored]
    if hidradenitis_surgery(desk) and (key in FIELDS or not key) and any(_TRACT.search(m.clause.text) for m in [*marks, *event.marks()]):
        return "hidradenitis"
    done = [m for m in _whole(desk, event, marks) if not _ONLY_THOUGHT.search(m.clause.text)]
    text = " ".join(m.clause.text for m in done)
    if key in {"eyelid", "eyelid_margin"}:
        text = LID_SPARED.sub(" ", text)
        named = LID_MARGIN.search(text)
        key = "eyelid_margin" if named else "eyelid" if key == "eyelid" or LID_SPARED.search(" ".join(m.clause.text for m in done)) else key
    for name, pattern, keys in _STRUCTURES:
        if (keys is None or key in keys) and pattern.search(text):
            if name == "pilonidal" and not re.search(r"cyst|sinus|disease|abscess", text, re.IGNORECASE):
                continue
            return name
    seen = desk.targets.diagnoses_of(node) if node else []
    top = next((d for d in seen if d.certainty in {"stated", "pathology"}), seen[0] if seen else None)
    if top is not None and top.group == "lipoma" or re.search(r"\b(?:subcutaneous|soft[- ]tissue|subfascial|intramuscular) (?:mass|tumou?r|lipoma)\b", text, re.IGNORECASE):
        return "soft_tissue"
    if top is not None and top.group == "cyst" or (top is None or top.group in {"noun", "infection"}) and re.search(r"\bcyst\b", text, re.IGNORECASE):
        return "cyst"
    return "skin"


def _whole(desk: Desk, event: Event, marks: Sequence[Mark]) -> list[Mark]:
    """The lesion's clauses; with one excised lesion also the clauses of the operation that name no other place."""
    excised = {e.node.id for e in desk.events.of("excision") if e.performed and e.node is not None}
    found = {m.clause.index: m for m in [*marks, *event.marks()]}
    if len(excised) <= 1:
        for mark in desk.page.live():
            if mark.kind in {"procedure", "body", "assessment", "exam", "assessment_plan"} and not any(n.seen and n is not event.node for n in desk.registry.of_mark.get(mark.clause.index, [])):
                found.setdefault(mark.clause.index, mark)
    return [found[i] for i in sorted(found)]


def hidradenitis_surgery(desk: Desk) -> bool:
    """The note excises hidradenitis."""
    if "hidradenitis_surgery" not in desk.cache:
        desk.cache["hidradenitis_surgery"] = _excises_hidradenitis(desk)
    return bool(desk.cache["hidradenitis_surgery"])


def _excises_hidradenitis(desk: Desk) -> bool:
    named = any(d.term == "hidradenitis_suppurativa" and d.certainty != "negated" for m in desk.page.live() for d in m.diagnoses)
    if not named and not desk.page.saying(_HIDRADENITIS):
        return False
    return any(a.family == "excision" and a.status == "performed" and not m.clause.ignored for m, a in desk.page.acts("excision"))


def build(desk: Desk) -> Iterator[Procedure]:
    """The fields of hidradenitis that were excised, one fact for each field and side, with its closure."""
    if not hidradenitis_surgery(desk):
        return
    from notecoder.reading.families.closure import read_closure

    for key, side, mark, own in _fields(desk):
        target = _target(desk, key, side, mark)
        acts = [(m, a) for m in own for a in m.acts if a.family == "excision" and a.status == "performed"]
        acts = acts or [(m, a) for m, a in desk.page.acts("excision") if not m.clause.ignored][:2]
        event = Event("excision", None, acts)
        act = desk.act(event, desk.page.quote_clause(mark))
        yield Excision(act=act, target=target, structure="hidradenitis")
        repair = read_closure(desk, Node(target.id, marks=list(own)), target, list(own))
        if repair is not None:
            yield repair


def _target(desk: Desk, key: str, side: Literal["left", "right"] | None, mark: Mark) -> Target:
    dx = [d for m in desk.page.live() for d in m.diagnoses if d.term == "hidradenitis_suppurativa"]
    site = Site(key=key, side=side, evidence=(desk.page.quote_clause(mark),))
    return Target(id=f"HS-{key}-{side or 'x'}", site=site, diagnoses=(dx[0].fact(desk.page.text),) if dx else ())


_SIDES: tuple[Literal["left", "right"], ...] = ("right", "left")


def _fields(desk: Desk) -> Iterator[tuple[str, Literal["left", "right"] | None, Mark, list[Mark]]]:
    """Each excised field and side with the clause that names it and the clauses that tell of it."""
    named: dict[str, tuple[set[str], Mark]] = {}
    titled = [m for m in desk.page.live() if m.kind in {"procedure", "assessment"} or m.clause.index < 4]
    in_title = {m.clause.index for m in titled}
    for mark in [*titled, *desk.page.live()]:
        if _UNTOUCHED.search(mark.clause.text) or mark.kind in {"followup", "history", "reason"}:
            continue
        if not (_CUT.search(mark.clause.text) or mark.clause.index in in_title or re.match(r"\W*specimens?", mark.clause.text, re.IGNORECASE)):
            continue
        for site in mark.sites:
            if site.key in {"axilla", "groin", "perianal", "perineum", "umbilicus", "gluteal_cleft"}:
                sides, _ = named.setdefault(site.key, (set(), mark))
                sides |= {"left", "right"} if site.side == "bilateral" or re.search(r"\b(?:right and left|left and right|both)\b", mark.clause.text, re.IGNORECASE) else {site.side} if site.side else set()
    segments = _by_side(desk)
    for key, (sides, mark) in named.items():
        for side in _SIDES:
            if side in sides or (not sides and len(segments) == 2):
                yield key, side, mark, segments.get(side, []) if len(named) == 1 and segments else _own(desk, key, side)
        if not sides and len(segments) != 2:
            yield key, next(iter(segments), None), mark, _own(desk, key, None)


def _own(desk: Desk, key: str, side: str | None) -> list[Mark]:
    """The clauses of the lesion at this place and side."""
    nodes = [n for n in desk.registry.nodes if n.site is not None and n.site.key == key and (side is None or n.site.side in {side, None, "bilateral"})]
    found = {m.clause.index: m for n in nodes for m in n.marks if m.live and m.kind not in {"followup", "history"}}
    return [found[i] for i in sorted(found)]


def _by_side(desk: Desk) -> dict[Literal["left", "right"], list[Mark]]:
    """The operation cut at "RIGHT.", "On the left ...": each side's own clauses."""
    found: dict[Literal["left", "right"], list[Mark]] = {}
    side: Literal["left", "right"] | None = None
    paragraph = -1
    for mark in desk.page.live():
        if mark.kind == "followup":
            continue
        match = _SIDE.match(mark.clause.text)
        if match:
            side = "right" if match["side"].lower().startswith("r") else "left"
            paragraph = mark.clause.paragraph
        elif mark.clause.paragraph != paragraph and side is not None or mark.sites:
            side = None
        if side is not None:
            found.setdefault(side, []).append(mark)
    return found if len(found) == 2 else {}


def extent_of(desk: Desk, marks: Sequence[Mark]) -> Stated[Literal["simple", "extensive", "complicated"]] | None:
    """How far the excision of a pilonidal cyst went (3.3)."""
    for word, pattern in (
        ("complicated", r"\bcomplicated\b|\bflap\b|branching|limberg|karydakis|cleft lift|rotation"),
        ("extensive", r"\bextensive\b|down to the (?:coccyx|sacr\w+|(?:presacral |postsacral )?fascia)|to the (?:level of (?:the )?)?(?:sacral |presacral )?fascia|marsupiali[sz]\w*|(?:multiple|several|two|three) (?:sinus )?(?:tracts?|openings|sinuses)|all (?:infected|involved) tissue|en bloc|tracts\b"),
        ("simple", r"\bsimple\b|small sinus|single (?:pit|sinus)"),
    ):
        for mark in marks:
            if re.search(pattern, mark.clause.text, re.IGNORECASE) and not re.search(r"\buncomplicated\b|\bno (?:flap|tracts?)\b", mark.clause.text, re.IGNORECASE):
                return Stated(value=word, evidence=(desk.page.quote_clause(mark),))  # type: ignore[arg-type]
    return None
