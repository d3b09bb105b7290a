"""Wounds that are more, or less, than a cut of the skin: through a lip or a lid margin, and those that came apart again.

A wound through the lip is coded by how far up the lip it goes, one of the lid's margin by its thickness; a surgical wound
that gaped is closed again, packed, or closed at length (4.4). In all of them the length sewn decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from notecoder.evidence import Stated
from notecoder.facts import Procedure, Repair, Target
from notecoder.reading.events import Event
from notecoder.reading.families.desk import Desk
from notecoder.reading.families.structures import LID_MARGIN, LID_SPARED
from notecoder.reading.nodes import Node
from notecoder.reading.page import Mark

_THROUGH = re.compile(r"(?<!not )(?<!no )(?<!nor )(?<!never )\b(?:through[- ]and[- ]through|full[- ]thickness|(?:all|right|clean|clear|completely) (?:the way )?through|through (?:all|its (?:whole|full)|the (?:whole|full|entire)|to the (?:mouth|mucosa|inside)|into the mouth)|into the (?:mouth|oral cavity)|all (?:three )?layers)\b(?!\s+(?:not|denied))", re.IGNORECASE)
_NOT_THROUGH = re.compile(r"\b(?:not|no|nor|without|never|isn't|wasn't)\b[^.;,]{0,24}\b(?:through|full[- ]thickness)|\bpartial[- ]thickness\b|\bthrough[- ]and[- ]through\b[^.;,]{0,10}\b(?:no|absent|denied)\b", re.IGNORECASE)
_INSIDE_OUT = re.compile(r"\bmucosa\w*\b[^.]{0,60}\b(?:muscle|orbicularis|muscular\w*)\b[^.]{0,80}\b(?:skin|vermilion|cutaneous)\b|\b(?:skin|vermilion)\b[^.]{0,60}\b(?:muscle|orbicularis)\b[^.]{0,80}\bmucosa", re.IGNORECASE)
_RED_ONLY = re.compile(r"\bvermilion (?:only|alone)|\b(?:only|just|limited to|confined to|within|restricted to) (?:the )?(?:red lip|vermilion|red part)|\bskin (?:not involved|spared|intact)", re.IGNORECASE)
_MOST = re.compile(r"\b(?:more than|over|greater than|beyond|past|exceed\w+) (?:a |one[- ])?(?:half|1/2|50 ?%)|\btwo[- ]thirds|\bthree[- ](?:quarters|fourths)|\b(?:2/3|3/4|60 ?%|70 ?%|75 ?%|80 ?%)|\b(?:entire|whole|full|complete) (?:vertical )?(?:height|length) of the (?:\w+ )?lip|\bup to the (?:nose|nostril|nasal sill|columella)|\bdown to the (?:chin|mental crease)", re.IGNORECASE)
_TO_HALF = re.compile(r"\b(?:(?:one|a)[- ](?:half|third|quarter|fourth|fifth)|half|1/[2345]|(?:[1-4]\d|50) ?%)\b[^.;]{0,30}\b(?:height|lip)\b|\b(?:height|lip)\b[^.;]{0,30}\b(?:(?:one|a)[- ](?:half|third|quarter|fourth|fifth)|half|1/[2345])\b", re.IGNORECASE)
_LIP = frozenset({"lip", "lip_vermilion", "lip_mucosa", "lip_cutaneous"})
_LID = frozenset({"eyelid", "eyelid_margin"})
_TARSUS_SEWN = re.compile(r"\btars\w+\b[^.;]{0,40}\b(?:closed|sutur\w*|repair\w*|approximat\w*|sewn|joined|rejoined|\d-0|vicryl|pds)\b|\b(?:closed|sutur\w*|repair\w*|approximat\w*|sewn|rejoined)\b[^.;]{0,30}\btars\w+", re.IGNORECASE)


def through_of(desk: Desk, node: Node, origin: str, marks: Sequence[Mark]) -> Stated[str] | None:
    """How far a wound of a lip or a lid goes, when it is no wound of the skin alone."""
    if origin not in {"laceration", "other"} or node.site is None or node.site.key not in _LIP | _LID:
        return None
    if any(True for _ in desk.page.acts("flap", "graft", "mohs", status=None)):
        return None  # a wound of surgery, rebuilt
    told = {m.clause.index: m for m in [*node.marks, *marks] if m.live and m.kind not in {"history", "followup"}}
    own = [told[i] for i in sorted(told)]
    text = " ".join(m.clause.text for m in own)
    if node.site.key in _LIP:
        if _NOT_THROUGH.search(text) or not (_THROUGH.search(text) or _INSIDE_OUT.search(text)):
            return None
        shown = next((m for m in own if _THROUGH.search(m.clause.text) or _INSIDE_OUT.search(m.clause.text)), own[0])
        far = next((m for m in own if _MOST.search(m.clause.text)), None)
        red = next((m for m in own if _RED_ONLY.search(m.clause.text)), None)
        half = next((m for m in own if _TO_HALF.search(m.clause.text)), None)
        value = "lip_more" if far else "lip_half" if half else "lip_vermilion" if red else "lip_unstated"
        return Stated(value=value, evidence=tuple(dict.fromkeys(desk.page.quote_clause(m) for m in (shown, far or half or red or shown))))
    text = LID_SPARED.sub(" ", text)
    if origin != "laceration" or not LID_MARGIN.search(text):
        return None
    shown = next((m for m in own if LID_MARGIN.search(LID_SPARED.sub(" ", m.clause.text))), own[0])
    full = not _NOT_THROUGH.search(text) and (_THROUGH.search(text) or _TARSUS_SEWN.search(text))
    return Stated(value="lid_full" if full else "lid_partial", evidence=(desk.page.quote_clause(shown),))


_OPENED = re.compile(r"\b(?:re-?clos\w+|dehisc\w+|(?:wound|incision|closure|suture line|excision (?:site|line)|scar|site|edges|repair|line|it|stitches|sutures)\b[^.;]{0,80}\b(?:gap(?:ed|ing|es)|came (?:apart|open)|come (?:apart|open)|opened(?: up)?|re-?opened|burst|pulled (?:apart|open)|popped(?: open)?|split (?:open|apart)|separated|unzipped|broke(?: down| open)?|spread apart|parted|gave way|let go)|(?:re-?opened|gaping|separated) (?:surgical )?(?:wound|incision)|wound (?:separation|breakdown|disruption))\b", re.IGNORECASE)
_OF_SURGERY = re.compile(r"\b(?:surg\w+|excis\w+|incision|sutur\w+|stitch\w+|post-?op\w*|operat\w+|taken (?:off|out)|removed|remov\w+|cut out|closed|closure|repair\w*|fasciotomy|biops\w+|mohs|flap|graft|staples?|weeks? ago|days? ago|dehisc\w+|re-?clos\w+)\b", re.IGNORECASE)
_CLOSED_AGAIN = re.compile(r"\b(?:re-?clos\w+|clos(?:ed|ure)|re-?sutur\w+|sutur\w+|re-?stitch\w*|stitch\w+|sewn|resewn|re-?approximat\w+|stapl\w+|\d-0)\b", re.IGNORECASE)
_PACKED = re.compile(r"\bpack(?:ed|ing)\b", re.IGNORECASE)
_NOT_CLOSED = re.compile(r"\b(?:not (?:re-?)?(?:closed|sutured)|left open|no (?:sutures?|closure)|second(?:ary)? intent\w*|granulat\w+ (?:in|closed)|to granulate|will (?:be )?clos\w+|heal(?:ing)? (?:by|from the))\b", re.IGNORECASE)
_EXTENSIVE = re.compile(r"\b(?:extensive|complicated|complex)\b(?! history)|\bsecondary closure\b|\bretention\b|\b(?:deep )?fascia\w*\b[^.;]{0,30}\b(?:closed|sutur\w*|loosened|released|mobili[sz]ed|approximat\w*)|\b(?:infected|necro\w+|abscess)\b[^.;]{0,60}\b(?:debrid\w+|excis\w+|cleared|now clean)|\bdebrid\w+\b|\b(?:re-?)?clos\w+ in (?:two|three|2|3|multiple) layers|\bmulti-?layer\w*", re.IGNORECASE)
_SUPERFICIAL = re.compile(r"\b(?:superficial|simple|skin only|one layer|single layer|single-layer)\b", re.IGNORECASE)


def reopened(desk: Desk) -> list[Mark]:
    """The clauses of a surgical wound that came apart and is closed or packed today; none when it is left alone."""
    if "reopened" not in desk.cache:
        desk.cache["reopened"] = _reopened(desk)
    return list(desk.cache["reopened"])


_MADE_NOW = re.compile(r"\bincision (?:was |is |were )?(?:then )?(?:made|carried|placed|performed|deepened|extended)\b", re.IGNORECASE)
""" "An incision was made and carried down to the tunica, which was opened": the surgeon opens it."""


def _reopened(desk: Desk) -> list[Mark]:
    live = [m for m in desk.page.live() if m.kind != "followup"]
    first = next((m for m in live if desk.page.says(m, _OPENED) and not _MADE_NOW.search(m.clause.text) and not re.search(r"\b(?:no|without|denies|not|if|risk\w*|including|infection,)\b[^.;]{0,24}\b(?:dehisc\w+|gap\w*|separat\w+|open\w*)", m.clause.text, re.IGNORECASE)), None)
    if first is None or not any(_OF_SURGERY.search(m.clause.text) for m in live if m.clause.index <= first.clause.index + 1):
        return []
    if any(a.family in {"excision", "mohs", "biopsy", "shave", "flap", "graft", "skin_substitute"} and not EDGE_CUT.search(m.clause.text) for m, a in desk.page.acts()):
        return []
    work = [m for m in live if m.clause.index >= first.clause.index and m.kind not in {"history", "reason"} and (desk.page.says(m, _CLOSED_AGAIN) or desk.page.says(m, _PACKED)) and not _NOT_CLOSED.search(m.clause.text)]
    sewn = [m for m in work if any(a.family == "repair" and a.status == "performed" for a in m.acts) or _PACKED.search(m.clause.text) or re.search(r"\d-0\b", m.clause.text)]
    return [first, *(m for m in sewn if m is not first)] if sewn else []


EDGE_CUT = re.compile(r"\b(?:wound |skin |scar |fibrotic |granulating |necrotic )*(?:edges?|margins?|rims?|borders?) (?:were |was |then |sharply |both )*(?:excised|trimmed|freshened|cut back|removed)|\b(?:excis\w+|trimm\w+|freshen\w+|debrid\w+)(?: of)?(?: the)?(?: \w+){0,2} (?:wound )?(?:edges?|margins?|rims?)\b", re.IGNORECASE)
""" "Wound edges excised": the edges of an open wound, no lesion."""


def build(desk: Desk) -> Iterator[Procedure]:
    """The wound that came apart, closed again or packed."""
    marks = reopened(desk)
    if not marks:
        return
    everything = [m for m in desk.page.live() if m.kind != "followup"]
    packed = next((m for m in marks if _PACKED.search(m.clause.text)), None)
    sewn = any(_CLOSED_AGAIN.search(m.clause.text) for m in marks[1:] or marks)
    superficial = next((m for m in everything if _SUPERFICIAL.search(m.clause.text)), None)
    extensive = next((m for m in everything if _EXTENSIVE.search(m.clause.text)), None)
    value, shown = ("extensive", extensive) if extensive and not superficial else ("packing", packed) if packed and not sewn else ("simple", superficial or marks[-1])
    node = next((n for m in marks for n in desk.registry.of_mark.get(m.clause.index, []) if n.seen), None)
    event = Event("repair", node, [(m, desk.silent_act("repair", m)) for m in marks])
    target = desk.target(event) if node is not None else _placeless(desk, marks)
    how = Stated(value=value, evidence=(desk.page.quote_clause(shown or marks[-1]),))
    yield Repair(act=desk.act(event), target=target, wound_of="dehiscence", secondary_closure=how)  # type: ignore[arg-type]


def _placeless(desk: Desk, marks: Sequence[Mark]) -> Target:
    """The wound by the place the note gives for the earlier surgery, if it gives one."""
    site = next((s for m in desk.page.live() for s in m.sites), None)
    seen = [d for m in marks for d in m.diagnoses if d.term == "surgical_wound_dehiscence"]
    return Target(id=f"E{desk.number()}", site=site.fact(desk.page.text) if site else None, diagnoses=tuple(d.fact(desk.page.text) for d in seen[:1]))
