"""Closures: what the note says of each wound's layers, length, undermining and the criteria of a complex repair.

No class is decided here; "complex closure performed" is only what the note claims (RP-08).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Literal

from notecoder.evidence import Evidence, Stated
from notecoder.facts import Diagnosis, Procedure, Repair, Target
from notecoder.reading.events import Event
from notecoder.reading.families.desk import Desk
from notecoder.reading.families.nails import sewn_within
from notecoder.reading.families.reopened import reopened, through_of
from notecoder.reading.families.scene import inside_body
from notecoder.reading.families.structures import FIELDS, hidradenitis_surgery
from notecoder.reading.measures import Measure
from notecoder.reading.nodes import Node
from notecoder.reading.page import Mark
from notecoder.reading.targets import span_of

_CLOSURE = re.compile(r"\b(?:clos(?:ed|ure)|shut|sewn|oversewn|finished|scar (?=\d)|repair\w*|sutur\w+|approximat\w+|layer(?:ed|s)?|vicryl|monocryl|pds|nylon|prolene|ethilon|silk|gut|chromic|polysorb|biosyn|dexon|staples?|dermabond|glue|adhesive|steri-?strips?|undermin\w+|retention|line|linear|length|final wound|wound (?:length|measur\w+)|stitch\w*)\b", re.IGNORECASE)
DEEP = re.compile(r"\b(?:layered|(?:galea|subcutis|fascia|fat|subcutaneous \w+)(?: and (?:galea|subcutis|fascia|fat|dermis))? (?:came|brought|drawn|pulled|joined|met) (?:together )?(?:with|by|under)|(?:two|three|2|3|multi(?:ple)?|double)[- ]?layer\w*|in (?:two |three |2 |3 )?layers|buried|deep(?! (?:fat|fascia|margin|edge|to\b|plane|base|peroneal))(?: dermal| dermis| layer| row| bites?| stitch\w*| sutures?|s)?|dead space (?:was )?(?:closed|obliterated|taken|tacked|sutured)|(?:fascial|dermal|subdermal|subcuticular|muscle|muscular|galeal|perichondrial|subcutaneous|fat)(?:/\w+)?(?:,| and| &| \+|/)[^.;]{0,40}\b(?:layers?|cutaneous|skin|epiderm\w+)|(?:muscle|galea|fascia|perichondri\w+|subcut\w*|subq|sub-q|dermis)(?:/\w+)? (?:and (?:\w+ )?)?(?:in|with|by|using|w/) (?:an? )?(?:\d-0 )?(?:vicryl|monocryl|pds|polysorb|maxon|biosyn|dexon|chromic|polyglactin|\d-0)|(?:perichondrial|fascial|galeal|dermal|subdermal)(?:/\w+)? (?:\d-0 )?(?:vicryl|monocryl|pds|polysorb|maxon|biosyn|dexon|chromic|polyglactin)|inside (?:and|&|\+|with)[^.;]{0,30}outside|dermal (?:sutures?|layer)|in the dermis|to the dermis|dermis|subcuticular pl\w+|layers? closed|subcutaneous(?:ly)? (?:sutures?|layer|tissue|fat|closed|was|with)|subcut\w* (?:sutures?|layer)|subq (?:sutures?|layer)|sub-?q(?! (?:fat|tissue|lipoma|mass|nodule|emphysema|injection))|subcu|sub-?cu(?:t|taneous)?(?= (?:vicryl|monocryl|pds|\d-0))|(?:vic|vicryl|monocryl|pds|mono)\s+sq\b|\bsq\s+(?:\d-0\s+)?(?:vic|vicryl|monocryl|pds|sutures?|polysorb|maxon)|layers,? (?=\d-0)|in layers|(?:in|to|into|of) the (?:subcutis|subcutaneous (?:plane|fat|layer)|fat)|(?:vicryl|monocryl|pds|polysorb|maxon|biosyn|chromic|polyglactin)\b[^.;,\d]{0,24}\b(?:subcutaneous|subcutis|subcut|subq|deep|dermal|dermis|fat|fibro-?fatty|submucosa\w*|muscle|orbicularis|frontalis|platysma|galea|fascia)|subdermal|superficial fascia|fascia(?:l)? (?:sutures?|layer|closed|plication)|plication|intermediate(?: layered)?(?: linear)?(?: closure| repair)|deep dermals|deeps)\b", re.IGNORECASE)
_ABSORBABLE = re.compile(r"\b(?:vic|vicryl|monocryl|pds|polysorb|biosyn|dexon|maxon|polydioxanone|poliglecaprone|polyglactin)\b", re.IGNORECASE)
_SURFACE = re.compile(r"\b(?:nylon|prolene|ethilon|silk|fast[- ](?:absorbing )?gut|plain gut|staples?|polypropylene|running|interrupted|epiderm\w+|skin|top|superficial sutures|chromic|surgipro|novafil|dermabond|steri-?strips?)\b", re.IGNORECASE)
_SINGLE = re.compile(r"\b(?:nothing (?:placed |put |sutured )?(?:deep|below|beneath|under\w*)|(?:epiderm\w+|skin|superficial|cutaneous)(?:/dermal)? (?:sutures?|stitch\w*|bites?|closure|layer) only|(?:sutured|stitched|closed|sewn) superficially|no (?:deeps|buried|subq|vicryl|absorbables?)|(?:one|single) (?:plane|row)|skin (?:layer )?only|(?:single|one|1)[- ]layer\w*|no deep (?:sutures?|stitch\w*|layer)|no buried|without deep|no layered|not layered|no deep or|simple (?:interrupted|closure|repair|running)|simply closed|simple sutures|in a simple fashion|closed simply|epidermal sutures only|only skin sutures|skin sutures only|no dermal sutures|no subcutaneous sutures)\b", re.IGNORECASE)
NO_CLOSURE = re.compile(r"\b(?:granulate\b|to granulate|left (?:wide )?open|not sutured|unsutured|unclosed|2nd intent\w*|second(?:ary)?-intention|healing in|heal in\b|second(?:ary)? intent(?:ion)?|granulat\w+|left open|no (?:repair|closure|sutures?|stitch\w*)|not closed|heal(?:ed|s)? by (?:itself|granulation|second)|closure:? none|was not repaired|left to heal|packed open|sih\b|will reconstruct|delayed (?:closure|repair|reconstruction)|no suture|stays? open|no closure|repair (?:deferred|by))\b", re.IGNORECASE)
_COMPLEX = re.compile(r"\bcomplex(?: linear| layered| multi-?layer\w*)?(?: \w+)? ?(?:closure|repair|reconstruction)?\b|\bclc\b", re.IGNORECASE)
_INTERMEDIATE = re.compile(r"\bintermediate\b", re.IGNORECASE)
_SIMPLE = re.compile(r"\bsimple (?:linear )?(?:closure|repair|primary)\b", re.IGNORECASE)
_WHOLE_EDGE = re.compile(r"\b(?:entire|whole|full length|all (?:edges|sides|directions|around|margins)|complete(?:ly)?|circumferential\w*|in all|both (?:sides|edges|wound edges)|each side|either side|360|along (?:the )?(?:one|at least one|an?|both|each)?\s?(?:entire|full|whole)|throughout)\b", re.IGNORECASE)
_UNDERMINED = re.compile(r"\bundermin\w+|\b(?:edges?|sides?)\b[^.;]{0,30}\b(?:raised|freed|lifted|elevated|mobili[sz]ed|released)\b|\b(?:raised|freed|lifted|elevated|released|mobili[sz]ed)\b[^.;]{0,40}\bedges?\b", re.IGNORECASE)
_NOT_UNDERMINED = re.compile(r"\b(?:no|without|not|minimal) (?:\w+ )?undermin\w+|undermining (?:was )?not", re.IGNORECASE)
_EXPOSED = re.compile(r"\b(?:expos\w+|bare|visible|denuded)\b[^.;]{0,60}\b(cartilage|bone|tendon|perichondrium|periosteum|facial nerve|temporal (?:artery|branch)|nerve|artery|named vessel)|\b(cartilage|bone|tendon|nerve|artery|periosteum|vessels?)\b[^.;]{0,40}\b(?:expos\w+|bare|visible|denuded|in the base|at the base)", re.IGNORECASE)
_NOT_EXPOSED = re.compile(r"\b(?:no|not|without|never|nor)\b[^.;]{0,50}\b(?:expos\w+|cartilage|bone|tendon|nerve|vessel)|(?:cartilage|bone|tendon|nerve|perichondrium|muscle)[^.;]{0,24}(?:not|un)[- ]?(?:expos\w+|bare|involved)|intact", re.IGNORECASE)
_FREE = re.compile(r"\b(?:free margin|helical rim|(?:vermilion|vermillion)(?: border)?|nostril rim|nostril margin|alar rim|rim of the (?:nostril|helix)|margin of the nostril|nasal rim)\b", re.IGNORECASE)
_FREE_DENIED = re.compile(r"\b(?:not (?:crossed|involved|reached|on|violated)|spared|did not (?:involve|cross|reach)|without (?:involving|crossing)|above the|no free margin|well (?:above|away)|short of|not involv\w+|uninvolved|intact|away from|from the|clear of|lateral to|medial to|no (?:free margin|distortion))\b", re.IGNORECASE)
_FREE_USED = re.compile(r"\b(?:lined up|line up|key stitch\w*|matched|brought (?:together|into)|lip repair|involv\w+|cross\w+|through|across|align\w*|realign\w*|re-?approximat\w+|reconstruct\w+|restored|included|includ\w+|part of|repair\w*|step|notch|at the|sutured|everted)\b", re.IGNORECASE)
_RETENTION = re.compile(r"\bretention (?:sutures?|stitch\w*)|bolster retention", re.IGNORECASE)
_EDGES = re.compile(r"\b(?:devitali[sz]ed|crushed|macerated|ragged|nonviable|non-viable|shredded|dusky|necrotic|frayed)\b[^.;]{0,30}\b(?:edges?|margins?|skin|tissue|tags?|strips?|rims?)\b[^.;]{0,30}\b(?:trimmed|excised|debrid\w+|cut (?:back|away|off)|removed|snipped|resected|freshened)\b|\b(?:trimmed|excised|debrid\w+|cut (?:back|away|off)|removed|snipped|resected|freshened)\b[^.;]{0,30}\b(?:devitali[sz]ed|crushed|macerated|ragged|nonviable|necrotic|shredded|frayed)\b|\b(?:wound )?(?:edges?|margins?) (?:\w+ ){0,2}(?:trimmed|cut|freshened|snipped) back\b|\b(?:(?:wound )?edges? (?:\w+ ){0,3}(?:debrid\w+|excised|freshened|trimmed)|debrid\w+ of (?:the )?(?:wound )?edges?|devitali[sz]ed (?:edges?|tissue|skin))\b", re.IGNORECASE)
_CONTAMINATED = re.compile(r"\b(?:(?:soil|dirt|grit|gravel|sand|leaf|debris|asphalt|glass|mud)\b[^.;]{0,30}\b(?:ground in|embedded|imbedded|driven in|in the wound|throughout)|(?:brush|vigorous|prolonged) scrub\w*|(?:forceps )?removal of embedded|heav\w+ contaminat\w+|grossly contaminat\w+|particulate|gravel|road (?:grit|rash|debris)|extensive (?:cleaning|cleansing|irrigation|scrubbing)|embedded (?:dirt|debris|gravel)|asphalt)\b", re.IGNORECASE)
_GLUE = re.compile(r"\b(?:dermabond|tissue (?:glue|adhesive)|skin (?:glue|adhesive)|cyanoacrylate|glue[d]?|adhesive)\b", re.IGNORECASE)
_STRIPS = re.compile(r"\b(?:steri-?strips?|adhesive strips|butterfl\w+|tape strips)\b", re.IGNORECASE)
SUTURE = re.compile(r"\b(?:\d-0|(?<!\d )sutur\w+(?! (?:at|superior|lateral|medial|inferior|proximal|distal|tag|mark))|stitch\w*|nylon|prolene|ethilon|vic|vicryl|monocryl|pds|gut|silk|staples?|oh (?:nylon|vicryl|monocryl|prolene|fast))\b", re.IGNORECASE)
_DONOR = re.compile(r"\bdonor\b", re.IGNORECASE)
_LACERATION = re.compile(r"\b(?:lacerat\w+|stab wounds?|lac|laced|(?:clean |straight |jagged |deep |superficial )+cut|cut (?:on|to(?! (?:the |an? )?(?:appropriate|proper|desired|correct|right|size|length|fit|shape))|from|by)|gash\w*|chain\s?saw|table saw|box ?cutter|slic(?:ed|ing) (?:open|on|by|with)|split (?:over|of the|open|wound)|tear of (?:the )?(?:bed|skin)|torn (?:skin|wound|by))\b", re.IGNORECASE)


_EVERY = re.compile(r"\b(?:both|all|each|every)\s+(?:of the\s+)?(?:two\s+|three\s+|four\s+)?(?:sites?|wounds?|defects?|areas?|excisions?|lesions?|closures?|repairs?|were|was|closed)\b", re.IGNORECASE)


_SAME_CLOSURE = re.compile(r"\bsame (?:layered )?(?:closure|repair|sutures?|stitch\w*|layers|way|technique|manner|fashion|materials?)|\b(?:closed|closure|repaired|sutured)\b[^.;]{0,20}\b(?:the same|likewise|similarly|identical\w*|alike|as (?:above|before|for))", re.IGNORECASE)
""" "Same closure, 2.9 cm"."""


def build(desk: Desk) -> Iterator[Procedure]:
    """One repair fact for each wound with words about its closure."""
    fields = hidradenitis_surgery(desk)
    removed = any(True for _ in desk.page.acts("suture_removal"))
    if reopened(desk) or inside_body(desk):
        return  # closed again (4.4); no wound of the skin's own
    wounds = [w for w in _wounds(desk) if not (fields and w[0].site is not None and w[0].site.key in FIELDS)]
    before: Repair | None = None
    for node, origin, target in wounds:
        if removed and origin in {"laceration", "other"}:
            continue  # a wound whose stitches come out today was closed on another day
        marks = _closure_marks(desk, node, len(wounds))
        repair = _repair(desk, node, origin, target, marks)
        if repair is None:
            continue
        alike = next((m for m in marks if _SAME_CLOSURE.search(m.clause.text)), None)
        if repair.layered is None and before is not None and before.layered is not None and alike is not None:
            repair = repair.model_copy(update={"layered": Stated(value=before.layered.value, evidence=(desk.page.quote_clause(alike), *before.layered.evidence[:1]))})
        before = repair
        yield repair


def read_closure(desk: Desk, node: Node, target: Target, marks: list[Mark]) -> Repair | None:
    """The closure these clauses tell of, as the closure of an excision of ``target``."""
    return _repair(desk, node, "excision", target, [m for m in marks if _of_closure(m) and not _later(m)])


_NO_STITCH = re.compile(r"\b(?:no|without(?: any)?|not) (?:sutur\w+|stitch\w*)", re.IGNORECASE)
""" "Glued, no sutures": closed all the same."""
Origin = Literal["excision", "mohs", "laceration", "other"]


def _wounds(desk: Desk) -> list[tuple[Node, Origin, Target]]:
    """The lesions whose treatment leaves a wound that may be closed, in reading order."""
    from notecoder.reading.families.mohs import mohs_nodes

    found: list[tuple[Node, Origin, Target]] = []
    taken: set[str] = set()
    for node in mohs_nodes(desk):
        found.append((node, "mohs", desk.targets.of(node)))
        taken.add(node.id)
    excised = {e.node.id: e for e in desk.events.of("excision") if e.node is not None and e.performed}
    sampled = {e.node.id for e in desk.events.of("biopsy", "shave", "nail") if e.node is not None and e.performed}
    for node in desk.registry.nodes:
        if node.id in taken or not (node.seen or node.id in excised) or sewn_within(desk, node):
            continue
        if node.id in excised or (node.id not in sampled and any(m.role == "margin" for mk in desk.targets.marks_of(node) if mk.live and not any(a.family == "excision" and a.status == "elsewhere" for a in mk.acts) and mk.kind not in {"history", "plan"} for m in mk.measures)):
            found.append((node, "excision", desk.targets.of(node)))
        elif (_lacerated(node) or _torn(desk, node)) and not any(m.role in {"margin", "ellipse"} for mk in node.marks for m in mk.measures):
            found.append((node, "laceration", _as_cut(desk, node)))
        elif node.id not in sampled and any(a.family == "repair" and a.status == "performed" for m in node.marks for a in m.acts) and (_repair_only(desk) or _beside_transfer(desk, node)):
            found.append((node, "other", desk.targets.of(node)))
    return found


def _as_cut(desk: Desk, node: Node) -> Target:
    """The target of a laceration: torn skin that the note calls by no other name is one."""
    target = desk.targets.of(node)
    if any(d.certainty in {"stated", "pathology"} for d in target.diagnoses):
        return target
    told = next((m for m in node.marks if m.live and (_LACERATION.search(m.clause.text) or _TEAR.search(m.clause.text))), None)
    if told is None:
        return target
    return target.model_copy(update={"diagnoses": (Diagnosis(term="laceration", certainty="stated", evidence=(desk.page.quote_clause(told),)),)})


def _lacerated(node: Node) -> bool:
    return any(m.live and m.kind != "history" and _LACERATION.search(m.clause.text) and not re.search(r"\b(?:19|20)\d\d\b|years ago|old lacerat", m.clause.text) for m in node.marks)


_TEAR = re.compile(r"\b(?:split|nick|tear|torn|sliced?|rip|ripped|gashe?s?|avulsions?|avulsed|bites?|bite wound|cuts?|puncture|wound|skin flap|scratch(?:es)?|opening|laceration|lacs?)\b", re.IGNORECASE)
_HURT = re.compile(r"\b(?:windshield|airbag|lid|fell|falls?|tripped|slipped|bitten|bit|dog|cat|pit ?bull|horse|rooster|raccoon|box ?cutter|knife|glass|door|tin|can lid|chain ?saw|saw|fence|barbed|wire|struck|bumped|banged|kicked|crash\w*|mva|mvc|bike|bicycle|scooter|accident|trauma\w*|caught (?:it |his |her )?on|corner|coffee table|counter|shelf|rock|rake|hoe|shovel|hedge|trimmer|clippers|shears|mandoline?|slicer|blender|tool|drill|metal|nail gun|injur\w+)\b", re.IGNORECASE)
_TREATED = frozenset({"biopsy", "shave", "excision", "mohs", "nail", "incision_drainage", "destruction", "graft", "flap", "foreign_body", "aspiration"})


def _torn(desk: Desk, node: Node) -> bool:
    """A cut that was not made here: torn skin and what tore it are told, and nothing else was done to the place."""
    if desk.says(_OTHER_SURGERY):
        return False  # the skin closure at the end of another specialty's operation
    live = [m for m in node.marks if m.live and m.kind not in {"past", "followup"}]
    if not any(desk.page.says(m, _TEAR) for m in live) or not any(SUTURE.search(m.clause.text) or _GLUE.search(m.clause.text) or any(a.family == "repair" and a.status == "performed" and desk.page.text[a.start : a.end].lower().endswith("ed") for a in m.acts if m.kind != "history") for m in live):
        return False
    if any(a.family in _TREATED and a.status == "performed" and not (a.family == "nail" and a.detail in {"avulsion", "trimming"}) and not (a.family == "excision" and _EDGES.search(m.clause.text)) for m in live for a in m.acts):
        return False
    return any(desk.page.says(m, _HURT) for m in desk.page.marks if not m.clause.ignored and m.kind not in {"past", "family", "social", "followup"})


_SKIN_WOUND = r"\b(?:mohs|carcinoma|melanoma|lacerat\w+|defect|dehisc\w+|skin (?:lesion|cancer|tumou?r|wound|flap)|wound (?:edges?|margins?|repair|closure)|scar (?:revision|excision)|abrasion|bite)\b"
_OTHER_SURGERY = r"\b(?:fracture\w*|osteotom\w*|bunion\w*|carpal tunnel|laparoscop\w*|port sites?|episiotom\w*|arthro\w+|caloric|periosteum were|joint capsule|hernia\w*|append\w+ectomy|cesarean|delivery of (?:the )?(?:infant|placenta|head)|tarsectomy|endoscop\w*|port-?a-?cath\w*|pacemaker|generator pocket|port pocket|central line|shunt|cardiac|stent\w*|prosthes[ie]s|cataract|hysterectom\w*|tonsil\w*)\b"
"""A skin closure at the end of another specialty's operation is a part of it."""
_OTHER_WORK = frozenset({"biopsy", "shave", "excision", "nail", "incision_drainage", "destruction", "skin_substitute", "graft", "flap", "aspiration", "foreign_body", "debridement"})


_LISTED = re.compile(r"\s*(?:skin|\w+)?\s*[:/=–-]\s")
""" "Forehead: layered closure": the wound is listed under its place; "ear closed in one line" may be the donor's."""


def _beside_transfer(desk: Desk, node: Node) -> bool:
    """Of several wounds made elsewhere one got a flap or graft, this one was sewn by itself, its length measured."""
    if not desk.says(r"\bmohs\b|\bdefects?\b") or desk.is_mohs_note or any(a.family in _OTHER_WORK - {"flap", "graft"} for _, a in desk.page.acts()):
        return False
    moved = [(m, a) for m, a in desk.page.acts("flap", "graft")]
    apart = all(m not in node.marks and desk.registry.for_act(m, a) is not node and all(s.key != node.site.key for s in m.donors) for m, a in moved) if node.site is not None else False
    own = any(a.family == "repair" and a.status == "performed" for m in node.marks for a in m.acts if m.sites and m.sites[0].start - m.clause.start < 6 and _LISTED.match(desk.page.text, m.sites[0].end) and any(x.role in {"length", "final"} for x in m.measures))
    return bool(moved) and apart and own


def _repair_only(desk: Desk) -> bool:
    """The note's work is the repair itself (a defect made earlier or by another surgeon)."""
    if not desk.says(_SKIN_WOUND) or desk.says(_OTHER_SURGERY):
        return False
    return not desk.is_mohs_note and not any(act.family in _OTHER_WORK for _, act in desk.page.acts())


def _closure_marks(desk: Desk, node: Node, wounds: int) -> list[Mark]:
    marks = [m for m in node.marks if m.live and m.kind not in {"followup", "history", "reason"} and _of_closure(m)]
    if wounds == 1:
        for mark in desk.page.live():
            if mark not in marks and mark.kind not in {"followup", "history", "reason"} and _of_closure(mark):
                owners = desk.registry.of_mark.get(mark.clause.index, [])
                if not owners or all(not o.seen for o in owners) or node in owners:
                    marks.append(mark)
    elif wounds > 1:
        for mark in desk.page.saying(_EVERY):
            if mark not in marks and _CLOSURE.search(mark.clause.text):
                marks.append(mark)
    kept = [m for m in marks if not _later(m)]
    return sorted(kept, key=lambda m: m.clause.index)


def _of_closure(mark: Mark) -> bool:
    """Words of closing a wound, or a length or undermining measured."""
    said = _CLOSURE.search(mark.clause.text) if mark.kind != "exam" else SUTURE.search(mark.clause.text)
    return bool(said or any(m.role in {"length", "undermining"} or m.role == "final" and len(m.dims) == 1 for m in mark.measures)) and not _DONOR.search(mark.clause.text)


def _later(mark: Mark) -> bool:
    if mark.kind in {"procedure", "body", "assessment", "assessment_plan", "exam", "plan"}:
        return bool(re.match(r"\W*(?:plan|anticipated|will|if|suture removal|sutures? (?:out|removal|\d+ ?(?:d|days?|wks?|weeks?)\b)|remove sutures|s/r|staples? (?:out|\d+ ?(?:d|days?|wks?|weeks?)\b))\b", mark.clause.text, re.IGNORECASE)) or (
            bool(mark.acts) and all(a.family != "repair" or a.status not in {"performed", "negated"} for a in mark.acts) and any(a.family == "repair" for a in mark.acts)
        )
    return False


def _stated(desk: Desk, marks: Iterable[Mark], pattern: re.Pattern[str], denied: re.Pattern[str] | None = None) -> Stated[bool] | None:
    for mark in marks:
        if pattern.search(mark.clause.text) and not (denied and denied.search(mark.clause.text)):
            return Stated(value=True, evidence=(desk.page.quote_clause(mark),))
    return None


def _repair(desk: Desk, node: Node, origin: Origin, target: Target, marks: list[Mark]) -> Repair | None:
    own = [m for m in marks if SUTURE.search(m.clause.text) or any(a.family == "repair" for a in m.acts) or DEEP.search(m.clause.text) and not _of_a_stage(desk, m)]
    none = [m for m in [*marks, *node.marks] if NO_CLOSURE.search(m.clause.text) and m.live]
    sutured = [m for m in own if not _negated_only(m)]
    glued = any(_GLUE.search(m.clause.text) for m in sutured) and all(_NO_STITCH.search(m.clause.text) for m in none)
    if not sutured or (none and not glued and not any(SUTURE.search(m.clause.text) or DEEP.search(m.clause.text) for m in sutured if m not in none)):
        return None
    glue = _stated(desk, sutured, _GLUE)
    strips = _stated(desk, sutured, _STRIPS)
    stitched = any(SUTURE.search(_GLUE.sub("", _STRIPS.sub("", m.clause.text))) for m in sutured)
    length = _length(desk, node, marks)
    evidence = tuple(dict.fromkeys(desk.page.quote_clause(m) for m in sutured))[:5]
    event = Event("repair", node, [(m, desk.silent_act("repair", m)) for m in sutured[:4]])
    del evidence
    return Repair(
        act=desk.act(event), target=target, wound_of=origin,
        claimed=_claimed(desk, sutured) or _claimed(desk, marks), layered=_layered(desk, sutured),
        adhesive_only=glue if glue and not stitched else None,
        strips_only=strips if strips and not stitched and not glue else None,
        length=length, defect_width=_width(desk, node, marks),
        undermining=_undermining(desk, marks, node), undermined=_stated(desk, marks, _UNDERMINED, _NOT_UNDERMINED),
        whole_edge=_edge(desk, marks), exposed_structure=_exposed(desk, node), free_margin=_free_margin(desk, [*marks, *(m for m in desk.targets.marks_of(node) if m not in marks and m.kind not in {"history", "exam", "followup"})]),
        retention=_stated(desk, marks, _RETENTION, re.compile(r"\b(?:no|without|not)\b[^.;]{0,20}retention", re.IGNORECASE)),
        edges_debrided=_stated(desk, node.marks, _EDGES) if origin == "laceration" else None,
        through=through_of(desk, node, origin, marks),  # type: ignore[arg-type]
        contaminated=_stated(desk, node.marks, _CONTAMINATED, re.compile(r"\bno (?:gross |significant )?(?:contaminat|debris|particulate)", re.IGNORECASE)) if origin == "laceration" else None,
    )  # fmt: skip


def _of_a_stage(desk: Desk, mark: Mark) -> bool:
    """The clause tells of a Mohs layer and its margins: its "deep" and "layer" close nothing."""
    from notecoder.reading.families.mohs import tallies

    return any(mark in told for tally in tallies(desk) for told in tally.stages.values())


def _negated_only(mark: Mark) -> bool:
    acts = [a for a in mark.acts if a.family == "repair"]
    return bool(acts) and all(a.status in {"negated", "planned", "discussed", "declined", "historical"} for a in acts) and not _ABSORBABLE.search(mark.clause.text)


def _claimed(desk: Desk, marks: list[Mark]) -> Stated[Literal["simple", "intermediate", "complex"]] | None:
    for name, pattern in (("complex", _COMPLEX), ("intermediate", _INTERMEDIATE), ("simple", _SIMPLE)):
        for mark in marks:
            match = pattern.search(mark.clause.text)
            if match and not re.search(r"\b(?:no|not)\s+(?:\w+\s)?$", mark.clause.text[: match.start()], re.IGNORECASE):
                return Stated(value=name, evidence=(desk.page.quote_clause(mark),))  # type: ignore[arg-type]
    return None


def _layered(desk: Desk, marks: list[Mark]) -> Stated[bool] | None:
    """Deep and surface sutures, or the word for it; "single layer" when nothing contradicts it."""
    for mark in marks:
        single = _SINGLE.search(mark.clause.text)
        deep = DEEP.search(_CUT_DOWN.sub(" ", _SINGLE.sub(" ", mark.clause.text)))
        if single and not deep and not (_ABSORBABLE.search(mark.clause.text) and _SURFACE.search(mark.clause.text) and "simple" in single.group().lower()):
            return Stated(value=False, evidence=(desk.page.quote_clause(mark),))
        if deep and not re.search(r"\b(?:no|without|nothing|never)\s+(?:\w+\s)?$", mark.clause.text[: deep.start()], re.IGNORECASE) and _is_closing(mark, deep):
            return Stated(value=True, evidence=(desk.page.quote_clause(mark),))
    return None


_CUT_DOWN = re.compile(r"\b(?:excis\w+|incis\w+|cut|carried|taken|dissect\w+|removed|out)\b[^.;,]{0,24}\b(?:to|into|through)\s+(?:the )?(?:level of (?:the )?)?(?:deep |superficial )?(?:subcut\w*(?: (?:fat|tissue|plane))?|subq|fat|fascia|dermis|adipose)", re.IGNORECASE)
""" "Excised to subcutaneous fat": how deep the cut went, no layer closed."""


def _is_closing(mark: Mark, deep: re.Match[str]) -> bool:
    """ "Deep" and "dermis" describe a closure only beside sutures; "excised deep to fat" describes the cut."""
    word = deep.group().lower()
    if word in {"deep", "dermis", "subcutaneous tissue", "subcutaneous fat", "in the dermis", "to the dermis"} or word.startswith(("subcutaneous", "in the", "into the", "to the", "of the")):
        return bool(SUTURE.search(mark.clause.text) or re.search(r"\bclos\w+|approximat\w+", mark.clause.text, re.IGNORECASE))
    return True


def _measures(desk: Desk, node: Node, marks: Iterable[Mark], roles: set[str]) -> Iterator[tuple[Mark, Measure]]:
    for mark in marks:
        owners = desk.registry.of_mark.get(mark.clause.index, [])
        for measure in mark.measures:
            if measure.role in roles and (len(owners) <= 1 or desk.targets._measure_is_of(mark, measure.start, node, owners)):
                yield mark, measure


_BARE_LENGTH = re.compile(r"\W*(?:(?:final|total|overall|resultant|resulting|finished|length|line|scar|it came to|came to|measured|measures|ended up(?: at)?|in all)\W*){0,3}\d+(?:\.\d+)?\s*(?:cm|mm)\W*(?:(?:long|total|end to end|from end to end|when done|final|finished|scar|line|overall|in all|in total|sutured|closure|seam|length|altogether)\W*){0,2}", re.IGNORECASE)
""" "4.6 cm." after the sutures: what they closed."""


def _length(desk: Desk, node: Node, marks: list[Mark]) -> Stated[Decimal] | None:
    """The sutured length (RP-04): a measure called so, else one beside the closure words that is nothing else."""
    for roles in ({"length"}, {"final"}):
        for mark, measure in _measures(desk, node, marks, roles):
            if len(measure.dims) > 1:
                continue
            return Stated(value=measure.greatest, evidence=(desk.page.quote(*span_of(mark, measure.start, measure.end)),))
    for mark, measure in _measures(desk, node, marks, {"unknown"}):
        before = mark.clause.text[: measure.start - mark.clause.start]
        if len(measure.dims) == 1 and re.search(r"\b(?:clos\w+|shut|sewn|stitch\w*|repair\w*|layer(?:ed|s)?|sutur\w+|vicryl|nylon|prolene|monocryl|pds|silk|ethilon|gut|staples?|linear|dermabond)\b", before, re.IGNORECASE):
            return Stated(value=measure.greatest, evidence=(desk.page.quote(*span_of(mark, measure.start, measure.end)),))
    for mark in marks:
        after = desk.page.marks[mark.clause.index + 1] if mark.clause.index + 1 < len(desk.page.marks) else None
        if after is not None and SUTURE.search(mark.clause.text) and _BARE_LENGTH.fullmatch(after.clause.text) and len(after.measures) == 1 and node in desk.registry.of_mark.get(after.clause.index, [node]):
            return Stated(value=after.measures[0].greatest, evidence=(desk.page.quote_clause(after),))
    if any(m.role == "margin" for mark in node.marks for m in mark.measures):
        return None
    if any(_LACERATION.search(m.clause.text) for m in node.marks) or _torn(desk, node) or _repair_only(desk):
        for mark, measure in _measures(desk, node, node.marks, {"length", "lesion", "unknown", "defect", "distance"}):
            return Stated(value=measure.greatest, evidence=(desk.page.quote(*span_of(mark, measure.start, measure.end)),))
    return None


def _width(desk: Desk, node: Node, marks: list[Mark]) -> Stated[Decimal] | None:
    for roles in ({"width"}, {"defect", "final"}, {"ellipse"}):
        for mark, measure in _measures(desk, node, [*desk.targets.marks_of(node), *(m for m in marks if m not in node.marks)], roles):
            if roles == {"width"} or len(measure.dims) > 1:
                return Stated(value=measure.least, evidence=(desk.page.quote(*span_of(mark, measure.start, measure.end)),))
    for mark, measure in _measures(desk, node, [*desk.targets.marks_of(node), *(m for m in marks if m not in node.marks)], {"defect"}):
        return Stated(value=measure.greatest, evidence=(desk.page.quote(*span_of(mark, measure.start, measure.end)),))
    return None


def _undermining(desk: Desk, marks: list[Mark], node: Node) -> Stated[Decimal] | None:
    found = [(measure.greatest, mark, measure) for mark, measure in _measures(desk, node, marks, {"undermining"})]
    if not found:
        return None
    value, mark, measure = max(found, key=lambda t: t[0])
    return Stated(value=value, evidence=(desk.page.quote(*span_of(mark, measure.start, measure.end)),))


def _edge(desk: Desk, marks: list[Mark]) -> Stated[bool] | None:
    for mark in marks:
        if _UNDERMINED.search(mark.clause.text) and _WHOLE_EDGE.search(mark.clause.text):
            return Stated(value=True, evidence=(desk.page.quote_clause(mark),))
    return None


def _exposed(desk: Desk, node: Node) -> Stated[str] | None:
    for mark in node.marks:
        match = _EXPOSED.search(mark.clause.text) if mark.live else None
        if match and not _NOT_EXPOSED.search(mark.clause.text):
            return Stated(value=(match[1] or match[2]).lower(), evidence=(desk.page.quote_clause(mark),))
    return None


def _free_margin(desk: Desk, marks: list[Mark]) -> Stated[str] | None:
    for mark in marks:
        match = _FREE.search(mark.clause.text)
        if match and not _FREE_DENIED.search(mark.clause.text) and _FREE_USED.search(mark.clause.text):
            return Stated(value=match.group().lower(), evidence=(desk.page.quote_clause(mark),))
    return None


def quotes(desk: Desk, marks: Iterable[Mark]) -> tuple[Evidence, ...]:
    """The clauses as quotes."""
    return tuple(desk.page.quote_clause(m) for m in marks)
