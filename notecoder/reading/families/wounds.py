"""Wound care: debridement by depth and surface, stitches taken out.

A coder asks for the deepest tissue that was removed, not the deepest that was seen, wound by wound (10.6). Stitches are
taken out today, by this note, and somebody put them in somewhere (10.7).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Literal

from notecoder.evidence import Stated
from notecoder.facts import Procedure, SutureRemoval, WoundDebridement
from notecoder.reading.events import Event
from notecoder.reading.families.desk import Desk
from notecoder.reading.families.scene import areas_in, around, live_acts, one_event, stated, words
from notecoder.reading.page import Mark, SeenAct
from notecoder.reading.targets import span_of

Depth = Literal["selective", "subcutaneous", "muscle", "bone"]
_REMOVED = r"(?:remov\w+|debrid\w+|excis\w+|resect\w+|taken|trimmed|cut (?:away|out|off|back)|pared|peeled|stripped|scraped|snipped|curett?\w*|rongeur\w*|off)"
_TISSUE: tuple[tuple[Depth, str], ...] = (
    ("bone", r"\bbone\b|\bcortex\b|cortical|osteomyelitic"),
    ("muscle", r"\bmuscle|\bfascia\w*|\btendon"),
    ("subcutaneous", r"subcut\w+|\bsub-?q\b|adipose|\bfat\b|\bsq\b(?!\.? ?cm)"),
    ("selective", r"selective|slough|fibrin\w*|biofilm|devitali[sz]ed (?:skin|epiderm\w*|derm\w*|tissue)|epiderm\w+|\bdermis\b|eschar|necrotic|nonviable|hyperkeratotic (?:rim|edge)"),
)
_BEFORE_NOT = re.compile(r"\b(?:no|not|without|intact|exposed|healthy|viable|spar\w+|down to(?! and)|to (?:the |bleeding |healthy )?)\s*(?:\w+\s+){0,2}$", re.IGNORECASE)
_AFTER_NOT = re.compile(r"^\w*[^.;,|]{0,24}\b(?:not|intact|spared|preserved|exposed|was (?:viable|healthy)|visible|seen|entered|layer exposed)\b", re.IGNORECASE)
_WOUND = re.compile(r"\b(?:wounds?|sores?|decubit\w+|bedsores?|vlu|dfu|pressure (?:injury|injuries)|ulcers?|ulcerat\w+|eschar|slough|dehisc\w+|necro\w+|burns?|calciphylaxis|pyoderma|devitali[sz]ed|fibrin\w*|biofilm|flap|incision)\b", re.IGNORECASE)
_AREA_BARE = re.compile(r"(?P<n>\d{1,4}(?:\.\d{1,2})?)\s*(?:sq\.?\s*cm|square (?:cm|centimeters?)|cm\s?(?:\^2|2|²))", re.IGNORECASE)


def build(desk: Desk) -> Iterator[Procedure]:
    """Debridements and suture removals of the note."""
    yield from _debridements(desk)
    yield from _sutures(desk)


def _debridements(desk: Desk) -> Iterator[Procedure]:
    acts = [(m, a) for m, a in live_acts(desk, "debridement") if not _edges(m, a)]
    done = [(m, a) for m, a in acts if a.status == "performed" and m.kind != "followup"]
    if not (done or acts):
        return
    everything = [m for m in desk.page.live() if m.kind != "followup"]
    if not any(_WOUND.search(m.clause.text) for m in everything):
        return
    columns = _columns(desk, everything)
    if done and columns:
        yield from columns
        return
    covered = any(True for _ in desk.page.acts("graft", "skin_substitute"))
    rows = _table(desk, everything)
    if rows:
        yield from rows
        return
    for event in _by_wound(desk, done or acts):
        if covered and event.node is None:
            continue  # cleaning the bed that is grafted in the same sitting
        marks = around(desk, event)
        if event.performed and not any(_WOUND.search(m.clause.text) for m in marks):
            continue
        depth = _depth(desk, [*event.marks(), *marks]) or _depth(desk, everything)
        area = _area(desk, event, marks) or _area(desk, event, everything)
        yield WoundDebridement(act=desk.act(event, *(area.evidence if area else ())), target=desk.target(event), area=area, depth=depth)  # type: ignore[arg-type]


def _edges(mark: Mark, act: SeenAct) -> bool:
    """Edges freshened before a closure, nails, or lesions prepared for light: no wound care."""
    text = mark.clause.text[max(0, act.start - mark.clause.start - 40) : act.end - mark.clause.start + 40]
    if re.search(r"\b(?:edges?|margins?)\b", mark.clause.text[act.start - mark.clause.start : act.end - mark.clause.start], re.IGNORECASE) and re.search(r"\b(?:vicryl|monocryl|pds|nylon|prolene|ethilon|sutur\w+|stitch\w*|staples?|clos(?:ed|ure)|\d-0)\b", mark.clause.text, re.IGNORECASE):
        return True
    return bool(re.search(r"\bnails?\b|toenail|keratos[ei]s|\baks?\b|callus|corn\b", text, re.IGNORECASE)) and not re.search(r"\bslough|\bulcer|\bfibrin|\beschar|\bnecro", text, re.IGNORECASE)


def _by_wound(desk: Desk, acts: list[tuple[Mark, SeenAct]]) -> list[Event]:
    """One event for each wound that is named with its own act, else one for all."""
    found: dict[str, Event] = {}
    for mark, act in acts:
        node = desk.registry.for_act(mark, act)
        key = node.id if node is not None and node.seen else "?"
        found.setdefault(key, Event("debridement", node if key != "?" else None)).acts.append((mark, act))
    loose = found.pop("?", None)
    if loose is not None and not found:
        return [loose]
    return list(found.values())


def _depth(desk: Desk, marks: Sequence[Mark]) -> Stated[Depth] | None:
    for name, pattern in _TISSUE:
        for mark in marks:
            text = mark.clause.text
            if not words(_REMOVED).search(text) and not re.search(r"\b(?:depth|to the level)\b", text, re.IGNORECASE):
                continue
            for match in words(pattern).finditer(text):
                before, after = text[max(0, match.start() - 44) : match.start()], text[match.end() : match.end() + 40]
                if _AFTER_NOT.match(after) or re.match(r"^\w*\s+(?:NOT|not|was not|is not)\b", after) or re.search(r"\b(?:no|not|without|intact|exposed|healthy|viable|spar\w+|above)\s+(?:\w+\s+){0,2}$", before, re.IGNORECASE):
                    continue
                if name in {"bone", "muscle", "subcutaneous"} and re.search(r"\b(?:down to|to|until|over)\s+(?:the |bleeding |healthy |viable |clean )*(?:\w+\s)?$", before, re.IGNORECASE) and not re.search(r"includ|through|into|level|depth", before, re.IGNORECASE):
                    continue
                return Stated(value=name, evidence=(desk.page.quote_clause(mark),))
    return None


def _area(desk: Desk, event: Event, marks: Sequence[Mark]) -> Stated[Decimal] | None:
    """The surface debrided: the sum of the wounds that one act treated, each once; after the act before before it."""
    found = list(areas_in(desk, marks))
    if not found:
        return None
    debrided = [f for f in found if re.search(r"\b(?:debrid\w+|area|post|after|removed)\b", f[1].clause.text, re.IGNORECASE)]
    chosen = debrided or found
    plain: dict[Decimal, tuple[Decimal, Mark, int, int]] = {}
    first = chosen[0][1]
    several = [f for f in chosen if f[1] is first]
    written = [f for f in several if _AREA_BARE.match(desk.page.text[f[2] : f[3]])]
    for value, mark, start, end in written or several:
        plain.setdefault(value, (value, mark, start, end))
    both = len(plain) > 1 and re.search(r"\b(?:both|all|each|whole|and)\b|\bA\b.*\bB\b", " ".join(m.clause.text for m in marks), re.IGNORECASE)
    parts = list(plain.values()) if both else [next(iter(plain.values()))]
    evidence = tuple(dict.fromkeys(desk.page.quote(*span_of(m, a, b)) for _, m, a, b in parts))
    return Stated(value=sum((p[0] for p in parts), Decimal(0)), evidence=evidence)


_OFF_TITLE = re.compile(r"\b(?:removed|came off|taken off|debrided|deepest|depth|tissue)\b", re.IGNORECASE)
_AREA_TITLE = re.compile(r"\b(?:area|sq\.? ?cm|cm2|surface)\b", re.IGNORECASE)


def _table(desk: Desk, marks: Sequence[Mark]) -> list[WoundDebridement]:
    """A table with a row for each wound, a column of what was removed and one of the area debrided."""
    result = []
    for mark in marks:
        clause = mark.clause
        if not clause.cells or not any(_OFF_TITLE.search(t) for t in clause.header) or not any(_AREA_TITLE.search(t) for t in clause.header):
            continue
        at, area, depth = clause.start, None, None
        for cell, title in zip(clause.cells, clause.header, strict=False):
            start = desk.page.text.find(cell, at, clause.end) if cell else -1
            if start < 0:
                continue
            at = start + len(cell)
            surface = _AREA_BARE.search(cell) or (re.fullmatch(r"(?P<n>\d{1,3}(?:\.\d{1,2})?)", cell) if re.search(r"sq|cm2", title) else None)
            if area is None and _AREA_TITLE.search(title) and surface:
                area = Stated(value=Decimal(surface["n"]), evidence=(desk.page.quote(start, at),))
            elif depth is None and _OFF_TITLE.search(title):
                name = next((n for n, tissue in _TISSUE if any(not _AFTER_NOT.match(cell[m.end() :][:30]) and not _BEFORE_NOT.search(cell[: m.start()]) for m in re.finditer(tissue, cell, re.IGNORECASE))), None)
                depth = Stated(value=name, evidence=(desk.page.quote(start, at),)) if name else None
        if area is None and depth is None:
            continue
        nodes = [n for n in desk.registry.of_mark.get(clause.index, []) if n.seen]
        event = Event("debridement", nodes[0] if nodes else None, [(mark, desk.silent_act("debridement", mark))])
        result.append(WoundDebridement(act=desk.act(event), target=desk.target(event), area=area, depth=depth))  # type: ignore[arg-type]
    return result if len(result) > 1 else []


def _columns(desk: Desk, marks: Sequence[Mark]) -> list[WoundDebridement]:
    """A sheet with a column for each wound: what stands under "Wound 1" is of wound 1, line by line."""
    text = desk.page.text
    head = re.search(r"(?m)^[ \t]{4,}(?P<one>(?:wound|ulcer|site) ?#?(?:1|A|one))\b[ \t]{2,}(?P<two>(?:wound|ulcer|site) ?#?(?:2|B|two))\b.*$", text, re.IGNORECASE)
    if head is None:
        return []
    line_start = text.rfind("\n", 0, head.start("one")) + 1
    left, right = head.start("one") - line_start, head.start("two") - line_start
    cells: list[list[tuple[str, int, int]]] = [[], []]
    at = head.end() + 1
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at:end]
        if not line.strip():
            break
        cells[0].append((line[left:right].rstrip(), at + left, min(end, at + right)))
        cells[1].append((line[right:].rstrip(), at + right, end))
        at = end + 1
    result = []
    for position, column in enumerate(cells):
        fact = _column_fact(desk, column, position, head.start())
        if fact is not None:
            result.append(fact)
    return result if len(result) == 2 else []


def _column_fact(desk: Desk, column: list[tuple[str, int, int]], position: int, at: int) -> WoundDebridement | None:
    from notecoder.facts import Act, Target
    from notecoder.reading.sites import find_sites

    whole = " ".join(cell for cell, _, _ in column)
    area = next(((Decimal(m["n"]), a, b) for cell, a, b in column for m in [_AREA_BARE.search(cell)] if m), None)
    how = re.sub(r"\s+", " ", whole)
    depth: Depth | None = None
    for name, pattern in _TISSUE:
        hit = next((m for m in re.finditer(pattern, how, re.IGNORECASE) if not _AFTER_NOT.match(how[m.end() :][:30]) and not _BEFORE_NOT.search(how[max(0, m.start() - 30) : m.start()])
                    and (name == "selective" or re.search(rf"{_REMOVED}", how[m.end() : m.end() + 60] + how[max(0, m.start() - 40) : m.start()], re.IGNORECASE))), None)  # fmt: skip
        if hit is not None:
            depth = name
            break
    if area is None and depth is None:
        return None
    spans = [desk.page.quote(a, b) for cell, a, b in column if cell.strip() and re.search(rf"{_REMOVED}|sq|necro|slough", cell, re.IGNORECASE)]
    spans = [s for s in spans if s.text] or [desk.page.quote(at, at + 20)]
    place = next((s for cell, a, b in column if cell.strip() for s in find_sites(desk.page.text, a, b)), None)
    dx = [d.fact(desk.page.text) for m in desk.page.live() for d in m.diagnoses if d.certainty == "stated" and d.group not in {"status", "sign", "noun"}]
    target = Target(id=f"W{position + 1}", site=place.fact(desk.page.text) if place else None, diagnoses=tuple(dx[:1]))
    return WoundDebridement(
        act=Act(id=f"debridement-{desk.number()}", evidence=tuple(spans[:5])), target=target,
        area=Stated(value=area[0], evidence=(desk.page.quote(area[1], area[2]),)) if area else None,
        depth=Stated(value=depth, evidence=tuple(spans[:1])) if depth else None,
    )  # fmt: skip


_OUT_ELSEWHERE = r"\b(?:placed|put in|sutured|repaired|closed|done|sewn|stitched)\b[^.;]{0,40}\b(?:er\b|ed\b|emergency|urgent care|elsewhere|another|outside|hospital|not (?:us|here)|by dr|clinic in)|\b(?:er|ed|emergency (?:room|department)|urgent care|outside hospital|another (?:clinic|office|hospital))\b[^.;]{0,60}\b(?:sutur\w+|repair\w*|lac(?:eration)?\b|stitch\w*|closed|sewn|staple\w*)|\b(?:sutur\w+|stitch\w*|lac(?:erat\w+)?|staples?)\b[^.;]{0,60}\b(?:at|in|by) (?:the |an? )?(?:\w+ )?(?:er\b|ed\b|emergency|urgent care|outside)|\b(?:excis\w+|operat\w+|remov\w+|surgery|mohs|procedure|repair\w*|closed)\b[^.;]{0,60}\b(?:by (?:a|an|another|his|her|the) (?:\w+ ){0,2}?(?:surgeon|dermatologist|doctor|practice|clinic)|elsewhere|at another|in another (?:state|city|country|town)|not (?:affiliated|part of|us|ours|here))|\bnot affiliated with (?:us|this)"
_TO_COME = re.compile(r"\b(?:to be|will|should|return for|rtc|rtn|sr in|next week|due|stay|remain|until|til|till|schedule\w*|plan|come back|back (?:in|for)|appt|days? for|for (?:suture|staple|stitch)|in \d|(?:\d+|one|two|three|four|six|seven|ten|fourteen)\s*(?:-\s*\d+\s*|to \w+\s*)?(?:d|days?|wks?|weeks?)\b(?! ago| post| s/p))\b", re.IGNORECASE)


def _sutures(desk: Desk) -> Iterator[Procedure]:
    event = one_event(desk, "suture_removal")
    if event is None:
        return
    if event.performed:
        done = [(m, a) for m, a in event.acts if _removed_today(m, a)]
        if not done:
            return
        event.acts = done
    marks = around(desk, event)
    text = " ".join(m.clause.text for m in event.marks()).lower()
    whole = " ".join(m.clause.text for m in marks).lower()
    staples = "staple" in re.sub(r"\bno staples?\b", "", whole)
    stitches = bool(re.search(r"sutur|stitch|nylon|prolene|silk", re.sub(r"\bno sutures?\b", "", text)))
    material: Literal["sutures", "staples", "both"] = "both" if staples and stitches else "staples" if staples else "sutures"
    elsewhere = stated(desk, marks, _OUT_ELSEWHERE) or stated(desk, list(desk.page.live()), _OUT_ELSEWHERE)
    yield SutureRemoval(act=desk.act(event), target=desk.target(event), material=material, placed_elsewhere=elsewhere)


def _removed_today(mark: Mark, act: SeenAct) -> bool:
    """ "Sutures out in 10 days" is an appointment; "4 nylon out by MA", "7 out" are done."""
    text = mark.clause.text
    if re.search(r"\b(?:today|removed (?:without|easily|intact|by)|were removed|was removed|out (?:today|by|without)|\d+ out\b)\b", text, re.IGNORECASE):
        return mark.kind != "followup" or bool(re.search(r"\btoday\b", text, re.IGNORECASE))
    near: str = text[max(0, act.start - mark.clause.start - 30) : act.end - mark.clause.start + 34]
    return mark.kind not in {"followup"} and not _TO_COME.search(near)


