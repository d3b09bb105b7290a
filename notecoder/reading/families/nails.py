"""Nails: what was done to which digit.

A coder goes nail by nail and takes the largest service each had (NL-02). Blood under a nail is told by three things (a dark
or bloody nail, a hole, blood out), so an item that tells all three is an evacuation whatever its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from notecoder.evidence import Stated
from notecoder.facts import Digit, NailProcedure, Procedure, Site, Target
from notecoder.reading.counts import total_of
from notecoder.reading.events import SAME_AGAIN, Event
from notecoder.reading.families.desk import Desk
from notecoder.reading.families.digits import digits_in, digits_of, key_of
from notecoder.reading.families.drainage import scenes
from notecoder.reading.groups import scope_of
from notecoder.reading.measures import SPELLED, number
from notecoder.reading.nodes import Node
from notecoder.reading.page import Mark, SeenAct

Acts = list[tuple[Mark, SeenAct]]
_RANK = ("matrixectomy", "biopsy", "avulsion", "bed_reconstruction", "bed_repair", "fold_excision", "hematoma", "debridement", "trimming", "clipping")
_ALL_TEN = re.compile(r"\b(?:all (?:ten|10) (?:\w+ )?(?:toe)?nails|(?:toe)?nails (?:x\s*)?(?:10|ten)|all (?:of (?:the|her|his) )?toenails|1-5 (?:bilateral\w*|b/l|both feet)|bilateral(?:ly)? 1-5|nails 1-10)\b", re.IGNORECASE)
_DYSTROPHIC = re.compile(r"\b(?:dystroph\w+|mycotic|onychomyco\w+|thick\w*|hypertroph\w+|onychauxis|onychogryph\w+|brittle|ridged|discolored|crumbl\w+)\b", re.IGNORECASE)
_NAIL = re.compile(r"\b(?:nails?|mycotic|toenails?|fingernails?|thumbnail|nail matrix|hallux|nail plate|subungual|eponychi\w+|hyponychi\w+|(?:lateral|medial|nail) (?:sulcus|groove|fold)|spicule|lunula|onycho\w+|ingrow\w+)\b", re.IGNORECASE)
_BLOOD_UNDER = re.compile(r"\b(?:toe|finger|thumb)?nails?\b[^.;]{0,20}\b(?:lifted|raised|elevated|pushed up|filled|dark|black|purple|tense|full) (?:up )?(?:by|with|of|from) (?:\w+ )?(?:blood|clot|h(?:a)?ematoma)|\b(?:subungual h(?:a)?ematoma|black (?:toe|thumb|finger)?nail|(?:blood|h(?:a)?ematoma) (?:under|beneath|below) (?:the )?(?:nail|plate))\b", re.IGNORECASE)
_HOLE = re.compile(r"\b(?:trephin\w*|drill\w*|bored|hole|holes|cautery|pierc\w+|punctur\w+|(?:heated )?paper ?clip|18[- ]?g\w*|evacuat\w+|decompress\w+|drained)\b", re.IGNORECASE)
_BLOOD_OUT = re.compile(r"\b(?:blood|evacuat\w+|drained|decompress\w+|released|relief|pain gone)\b", re.IGNORECASE)
_N = rf"(?P<n>\d{{1,2}}|{SPELLED})"
_COUNTED = re.compile(
    rf"\b(?:all )?{_N}\s+(?:of (?:the |her |his )?(?:\w+ )?)?(?:(?:thick\w*|mycotic|dystrophic|fungal|long|painful|elongated|discolored|involved|affected|remaining|hypertrophic|right|left)[\s,]+)*(?:toe|finger)?nails?\b"
    rf"|(?:nails?|toenails?)\s*(?:debrided|trimmed|treated|reduced|clipped|done|cut|total|count)?\s*(?:[:=x×#(]|\.{{2,}}|\s-\s)\s*{_N.replace('?P<n>', '?P<m>')}(?![\w./]|\s*(?:-|mm|cm|sec|wk|week))"
    rf"|\ball\s+{_N.replace('?P<n>', '?P<k>')}\s+(?:were |was )?(?:reduced|debrided|trimmed|clipped|ground|thinned|cut)",
    re.IGNORECASE,
)


def build(desk: Desk) -> Iterator[Procedure]:
    """The nail procedures of the note, one for each action and digit group."""
    found: dict[tuple[str, str], Acts] = {}
    digits: dict[tuple[str, str], list[Digit]] = {}
    for mark, act in [*desk.page.acts("nail", status=None), *_biopsies_of_nails(desk), *folds_cut(desk), *_blood_under_nails(desk), *_same_again(desk)]:
        if mark.clause.ignored or act.status == "historical" and mark.kind in {"past", "history", "reason"}:
            continue
        if act.detail in {"avulsion", "hematoma", "bed_repair", "trimming", "debridement", "matrixectomy"} and not _about_nails(desk, mark):
            continue
        action = act.detail or "debridement"
        own = digits_of(desk, mark)
        key = (action if act.status == "performed" else f"{action}/{act.status}", key_of(own))
        found.setdefault(key, []).append((mark, act))
        digits.setdefault(key, own)
    merged = _merge(found)
    done: dict[str, set[str]] = {}
    for (action, place), acts in sorted(merged.items(), key=lambda kv: (_RANK.index(kv[0][0].split("/")[0]), kv[0][1])):
        name = action.split("/")[0]
        if "/" not in action:
            covered = {p for a in _RANK[: _RANK.index(name)] for p in done.get(a, set())}
            repaired = done_on(merged, ("bed_repair", "bed_reconstruction"))
            if name == "avulsion" and (place in covered | repaired or (place == "" and (done.get("matrixectomy") or done.get("biopsy") or repaired))):
                continue
            if name == "bed_repair" and done.get("biopsy") and not any(_INJURED.search(m.clause.text) for m in desk.page.live()):
                continue  # the bed sewn after a sample was cut from it
            if name == "trimming" and done.get("debridement"):
                continue
            done.setdefault(name, set()).add(place)
        yield _nail(desk, name, acts, digits[(action, place)])


def done_on(merged: dict[tuple[str, str], Acts], actions: Sequence[str]) -> set[str]:
    """The places of these actions, performed."""
    return {place for action, place in merged if action in actions}


_INJURED = re.compile(r"\b(?:lacerat\w+|tear|torn|tore|crush\w*|split|saw|door|injur\w+|trauma\w*|avulsed by|caught|hammer|knife|cut)\b", re.IGNORECASE)
_BED_OR_MATRIX = re.compile(r"\b(?:bed|matrix|nail(?! polish)|plate|subungual|hyponychium|band|onycho\w+)\b", re.IGNORECASE)
_WEDGE_OF_FOLD = re.compile(r"\b(?:wedge|ellipse|crescent)\b", re.IGNORECASE)
_FOLD = re.compile(r"\b(?:nail[- ]?folds?|nail[- ]?walls?|(?:lateral|medial) (?:nail )?folds?|overgrown (?:skin|flesh)|ungual (?:fold|lip))\b", re.IGNORECASE)


def folds_cut(desk: Desk) -> Iterator[tuple[Mark, SeenAct]]:
    """ "Lateral fold hypertrophied over the nail. Wedge excised": the fold of that digit was what the wedge was cut from."""
    if any(True for _, a in desk.page.acts("nail") if a.detail == "fold_excision") or not desk.page.saying(_FOLD):
        return
    for mark, act in desk.page.acts("excision"):
        node = desk.registry.for_act(mark, act)
        if _WEDGE_OF_FOLD.search(mark.clause.text) and node is not None and node.site is not None and node.site.key in {"toe", "finger", "toenail", "fingernail"}:
            yield mark, SeenAct("nail", "fold_excision", act.start, act.end, act.status, act.clause)


def of_nail_unit(desk: Desk, node: Node | None, text: str) -> bool:
    """The tissue is of the nail: the place is a nail, or a digit whose bed, matrix or plate is spoken of."""
    if node is None or node.site is None:
        return False
    return node.site.key in {"fingernail", "toenail"} or node.site.key in {"finger", "toe"} and bool(_BED_OR_MATRIX.search(text)) and bool(desk.page.saying(_NAIL))


def sewn_within(desk: Desk, node: Node) -> bool:
    """The stitches at this digit close what was done to its nail (section 9)."""
    if node.site is None or node.site.key not in {"finger", "toe", "fingernail", "toenail"}:
        return False
    acts = [(m, a) for m, a in desk.page.acts("nail") if a.detail in {"fold_excision", "bed_repair", "biopsy", "matrixectomy"}]
    return any(m in node.marks for m, _ in [*acts, *folds_cut(desk), *_biopsies_of_nails(desk)])


def _biopsies_of_nails(desk: Desk) -> Iterator[tuple[Mark, SeenAct]]:
    for mark, act in desk.page.acts("biopsy", status=None):
        node = desk.registry.for_act(mark, act)
        if of_nail_unit(desk, node, mark.clause.text):
            yield mark, SeenAct("nail", "biopsy", act.start, act.end, act.status, act.clause)


def _blood_under_nails(desk: Desk) -> Iterator[tuple[Mark, SeenAct]]:
    """Items that tell of blood under a nail, a hole and blood out, where no phrase says it in one."""
    told = {m.clause.index for m, a in desk.page.acts("nail", status=None) if a.detail == "hematoma"}
    for marks in scenes(desk):
        if any(m.clause.index in told for m in marks) or not any(desk.page.says(m, _BLOOD_UNDER) for m in marks):
            continue
        hole = next((m for m in marks if _HOLE.search(m.clause.text) and _BLOOD_OUT.search(m.clause.text) and not re.search(r"\b(?:no|not|declin\w+|offered|will|if)\b", m.clause.text, re.IGNORECASE)), None)
        if hole is not None:
            yield hole, SeenAct("nail", "hematoma", hole.clause.start, hole.clause.end, "performed", hole.clause.index)


def _same_again(desk: Desk) -> Iterator[tuple[Mark, SeenAct]]:
    """ "RIGHT great toe: medial fifth, same way": what was last done to a nail, on that digit too."""
    for mark in desk.page.saying(SAME_AGAIN):
        if any(a.family == "nail" for a in mark.acts) or not digits_in(desk, mark):
            continue
        before = [(m, a) for m, a in desk.page.acts("nail") if m.clause.index < mark.clause.index and m.clause.section.index == mark.clause.section.index]
        if before:
            yield mark, SeenAct("nail", before[-1][1].detail, mark.clause.start, mark.clause.end, "performed", mark.clause.index)


def _about_nails(desk: Desk, mark: Mark) -> bool:
    near = [mark, *scope_of(desk.page, mark)]
    if any(_NAIL.search(m.clause.text) or _NAIL.search(m.clause.section.title) for m in near):
        return True
    return any(_OF_DIGIT.search(m.clause.text) for m in near) or _OF_NAIL.search(mark.clause.text) is not None and bool(desk.page.saying(_OF_DIGIT))


_OF_DIGIT = re.compile(r"\b(?:toes?|hallux|halluces|fingers?|thumbs?|ring block|digital block|nails?|matri(?:x|ces|cal)|eponychi\w+|ingrow\w+|paronychi\w+)\b", re.IGNORECASE)
_OF_NAIL = re.compile(r"\b(?:plates?|matri\w+|spicules?|phenol\w*|borders?|edges?)\b", re.IGNORECASE)


def _merge(found: dict[tuple[str, str], Acts]) -> dict[tuple[str, str], Acts]:
    """Phrases of one action without a digit join the phrase that names it; the same digits are one procedure."""
    merged = dict(found)
    for action, place in list(found):
        if place == "":
            others = [k for k in merged if k[0] == action and k[1] != ""]
            if others:
                merged[others[0]] = sorted([*merged[others[0]], *merged.pop((action, ""))], key=lambda p: p[1].start)
    for action, place in list(merged):
        for other in list(merged):
            if other != (action, place) and other[0] == action and place and set(place.split(",")) < set(other[1].split(",")):
                merged[other] = sorted([*merged[other], *merged.get((action, place), [])], key=lambda p: p[1].start)
                merged.pop((action, place), None)
    return merged


def _counted(desk: Desk, marks: Sequence[Mark], scope: Sequence[Mark]) -> Stated[int] | None:
    """The number of nails: beside the word nail, "all eight reduced", all ten, else a count of the clause."""
    for mark in [*marks, *scope]:
        for match in _COUNTED.finditer(mark.clause.text):
            value = number(match["n"] or match["m"] or match["k"])
            if value is not None and 0 < value <= 20 and value == int(value):
                return Stated(value=int(value), evidence=(desk.page.quote_clause(mark),))
    everything = next((m for m in [*marks, *scope] if _ALL_TEN.search(m.clause.text)), None)
    if everything is not None:
        return Stated(value=10, evidence=(desk.page.quote_clause(everything),))
    counted, _ = total_of(desk.page, list(marks))
    if counted is not None and counted.value <= 20:
        return Stated(value=counted.value, evidence=(desk.page.quote(counted.start, counted.end),))
    return None


def _nail(desk: Desk, action: str, acts: Acts, digits: list[Digit]) -> NailProcedure:
    event = Event("nail", None, acts)
    marks = [m for m, _ in acts]
    scope = list({m.clause.index: m for mark in marks for m in scope_of(desk.page, mark)}.values())
    count = _counted(desk, marks, scope) if action in {"debridement", "trimming", "avulsion"} and (len(digits) <= 1 or action != "avulsion") else None
    if count is not None and len(digits) > 1 and count.value == len(digits):
        count = None
    if count is not None and action in {"debridement", "trimming"} and count.value > len(digits):
        digits = []
    nails = [d for m in [*marks, *scope] for d in m.diagnoses if d.group == "nail" and d.certainty in {"stated", "pathology"}]
    if not nails:
        nails = [d for m in desk.page.live() for d in m.diagnoses if d.group == "nail" and d.certainty in {"stated", "pathology"}]
    if action == "hematoma":
        nails = sorted(nails, key=lambda d: "hematoma" not in d.term)
    sided = [d for d in digits if d.side is not None]
    digits = sided or ([] if action in {"avulsion", "matrixectomy", "hematoma", "biopsy"} else digits)
    first = digits[0] if digits else None
    hand = re.search(r"fingernail|finger|thumb", " ".join(m.clause.text for m in marks), re.IGNORECASE)
    key = ("fingernail" if first.limb == "hand" else "toenail") if first else "fingernail" if hand else "toenail"
    site = Site(key=key, side=first.side if first else None, digit=first, evidence=first.evidence if first else ())
    dystrophic = next((desk.page.quote_clause(m) for m in [*marks, *scope] if _DYSTROPHIC.search(m.clause.text)), None)
    target = Target(id=f"N{desk.number()}" if not digits else "N" + key_of(digits), site=site, diagnoses=tuple(dict.fromkeys(d.fact(desk.page.text) for d in nails[:3])))
    return NailProcedure(
        act=desk.act(event, *(e for d in digits for e in d.evidence)), target=target, action=action, digits=tuple(digits), count=count,  # type: ignore[arg-type]
        dystrophic=Stated(value=True, evidence=(dystrophic,)) if dystrophic else None, class_finding=desk.class_finding(),
    )  # fmt: skip
