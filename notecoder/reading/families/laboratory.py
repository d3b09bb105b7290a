"""Tests of the office: patch tests by substance, and what was looked at under the practice's own microscope.

A coder counts the substances that were put on, on the day they were put on (10.3): the written total before the sum of
the series. A scraping counts when somebody here looked at it and says what was seen (10.4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from notecoder.evidence import Evidence, Stated
from notecoder.facts import BedsideTest, PatchTest, Procedure
from notecoder.reading.counts import _value
from notecoder.reading.dates import dates_in
from notecoder.reading.events import Event
from notecoder.reading.families.desk import Desk
from notecoder.reading.families.scene import as_status, conditions, live_acts, stated
from notecoder.reading.groups import scope_of
from notecoder.reading.measures import SPELLED
from notecoder.reading.page import Mark, SeenAct

_NUM = rf"\d{{1,3}}|{SPELLED}"
_THING = r"(?:photo-?)?(?:allergens?|haptens?|chambers?|patch(?:es)?(?:[- ]tests?)?|substances|antigens|discs?|materials)"
_TOTAL = re.compile(rf"\b(?:total|in all|number|no\.?|#)\b(?: of)?(?: (?:number|count))?(?: of)?[^\d.;|]{{0,40}}?(?:\.{{2,}}|[:=|\s])*\s*(?P<n>{_NUM})\b(?!\s*(?:h\b|hours?|hr|days?|%|positive))|(?P<m>{_NUM})\s*(?:{_THING}\s*)?(?:in (?:all|total)|total|altogether)\b|\d[^.;=\d]{{0,24}}(?:\+|\bplus\b|\band\b|,)[^.;=]{{0,40}}\d\s*=\s*(?P<k>{_NUM})\b(?!\s*(?:h\b|hours?|%))", re.IGNORECASE)
_SOME = re.compile(rf"(?<![\w.%-])(?P<n>{_NUM})\s*(?:of (?:the )?\d{{1,3}}\s*)?(?:\w[\w&'/-]*[\s-]+){{0,4}}?{_THING}\b", re.IGNORECASE)
_SERIES = re.compile(r"(?:series|panels?|tray|core|standard|baseline|set|hairdress\w*|dental|metals?|fragrance\w*|rubber|gloves?(?:/rubber)?|acrylates?|preservatives?|plants?|textiles?|cosmetics?|sunscreens?|corticosteroids?|steroids?|vehicles?|own products|north american(?: \d\d)?|nac-?\d\d|acds(?: core)?(?: \d\d)?|t\.?r\.?u\.?e\.?)\b[^.;|\d]{0,24}?(?:\.{2,}|[:=(]|\s[-–]\s)\s*(?P<n>\d{1,3})\b(?!\s*(?:h\b|hours?|%|-))|\+\s*(?P<m>\d{1,3})\s+(?=[A-Za-z])", re.IGNORECASE)
_PLACED = re.compile(r"\b(?:taped|loaded|stuck on|appl(?:ied|ication)|placed|put on|day (?:0|1|one)|placement|on (?:the )?(?:upper )?back)\b", re.IGNORECASE)
_READ = re.compile(r"\b(?:(?:48|72|96|120)[- ]?(?:h|hr|hour)s?\b[\s-]*(?:\w+ )?(?:reading|read|interpretation)|(?:final|delayed|second|first|late|2nd|1st) read\w*(?! (?:in|at|on|due|after|mon|tue|wed|thu|fri|tomorrow|next)\b)|patch[- ]test (?:reading|read|results?|interpretation)|day (?:[2-7]|two|three|four|five) (?:reading|read)|reading (?:today|visit|of patch)|patches (?:were )?removed (?:today|and read))\b", re.IGNORECASE)
_NOT_PUT = re.compile(r"\b(?:not|none|no|without|out of stock|omitted|never)\b", re.IGNORECASE)
_KEEP = frozenset({"disease", "nail", "sign", "infection"})


def build(desk: Desk) -> Iterator[Procedure]:
    """Patch tests and bedside tests of the note."""
    yield from _patch_tests(desk)
    yield from _bedside(desk)


def _patch_tests(desk: Desk) -> Iterator[Procedure]:
    acts = [(m, a) for m, a in live_acts(desk, "patch_test") if not _not_applied(m, a)]
    done = [(m, a) for m, a in acts if a.status == "performed"]
    if not acts:
        return
    event = Event("patch_test", None, done or acts)
    marks = [m for m in desk.page.live() if m.kind != "followup"]
    total = _number_applied(desk, marks)
    applied = any(_PLACED.search(m.clause.text) and not _later(m) for m in marks)
    reading = any(_READ.search(m.clause.text) and not _later(m) for m in marks) and not any(_placed_today(m) for m in marks)
    if event.performed and not reading and total is None and not applied:
        as_status(event, "discussed")
    kind: Literal["patch", "photopatch", "phototest"] = "patch"
    said = " ".join(m.clause.text[a.start - m.clause.start : a.end - m.clause.start].lower() for m, a in event.acts)
    if "photopatch" in said.replace("-", "").replace(" ", ""):
        kind = "photopatch"
    elif re.search(r"photo ?test", said):
        kind = "phototest"
    condition = conditions([*event.marks(), *marks], frozenset({"disease"})) or conditions(marks, frozenset({"sign"}))
    yield PatchTest(act=desk.act(event, *(total.evidence if total else ())), target=desk.target(event, condition[:1]), test=kind, count=total, reading_only=reading)


def _not_applied(mark: Mark, act: SeenAct) -> bool:
    """ "Photopatch set: NOT applied": another set, left out."""
    rest = mark.clause.text[act.end - mark.clause.start :][:40]
    return bool(re.match(r"[^.;]{0,24}\b(?:not (?:applied|placed|done|used|requested)|no \(|none|omitted|n/a|declined)", rest, re.IGNORECASE))


def _later(mark: Mark) -> bool:
    return bool(re.search(r"\b(?:return|rtc|rtn|will|scheduled?|plan(?:ned)?|next|back (?:in|on|for)|wed|thu|fri|mon|tomorrow)\b", mark.clause.text, re.IGNORECASE)) and not re.search(r"\btoday\b", mark.clause.text, re.IGNORECASE)


def _placed_today(mark: Mark) -> bool:
    return bool(re.search(r"\b(?:applied|placed|application|put on) (?:today|now|log)|\b(?:were|was) (?:applied|placed) (?:to|on|today)|\bday 0\b", mark.clause.text, re.IGNORECASE)) and not re.search(r"\b(?:48|72|96|hours? ago|two days|on (?:mon|tues|wednes|thurs|fri)day|\d/\d)\b", mark.clause.text, re.IGNORECASE)


def _number_applied(desk: Desk, marks: Sequence[Mark]) -> Stated[int] | None:
    """The number of substances: a written total, else a counted noun, else the series added up."""
    some: Stated[int] | None = None
    of_series = False
    series: list[tuple[int, Evidence]] = []
    for mark in marks:
        text = mark.clause.text
        about = re.search(rf"{_THING}|patch|series|panel", text, re.IGNORECASE)
        for match in _TOTAL.finditer(text) if about else ():
            value = _value(match["n"] or match["m"] or match["k"])
            if value and value < 400:
                return Stated(value=value, evidence=(desk.page.quote_clause(mark),))
        quote = desk.page.quote_clause(mark)
        counted = [m for m in _SOME.finditer(text) if not re.search(r"\b(?:positive|reacti\w+)\b", text[m.end() : m.end() + 24], re.IGNORECASE) and not re.search(r"\bto\s*$", text[: m.start()])]
        parts = [] if _wholly_denied(text) else [int(m["n"] or m["m"]) for m in _SERIES.finditer(text) if not _NOT_PUT.search(text[m.end() : m.end() + 14])]
        if counted and len(parts) == 0:
            value = _value(counted[0]["n"])
            if value and 1 < value < 400 and some is None:
                some = Stated(value=value, evidence=(quote,))
                of_series = bool(re.search(r"\b(?:series|panels?|tray|core|standard|set)\b|t\.?r\.?u\.?e", text, re.IGNORECASE))
        elif parts:
            listed = [v for v in (_value(counted[0]["n"]) if counted and counted[0].start() < 60 else None, ) if v]
            series += [(value, quote) for value in ([*listed, *parts] if listed and listed[0] not in parts else parts) if 0 < value < 200]
    if some is not None and of_series and series:
        return Stated(value=some.value + sum(v for v, _ in series), evidence=tuple(dict.fromkeys([*some.evidence, *(e for _, e in series)]))[:4])
    if some is not None and (len(series) < 2 or sum(v for v, _ in series) <= some.value):
        return some
    if series:
        return Stated(value=sum(v for v, _ in series), evidence=tuple(dict.fromkeys(e for _, e in series))[:4])
    return some


def _wholly_denied(text: str) -> bool:
    return bool(re.search(r"\b(?:not applied|not placed|not tested|none applied)\b", text, re.IGNORECASE))


_FOUND = re.compile(r"\b(?:neg(?:ative)?|pos(?:itive)?|hypha[el]?|septate|mites?|eggs?|ova|scybala|multinucleated|giant cells|branching|spores?|arthrospores|yeast|spaghetti|pseudohyphae|budding|no (?:visible )?(?:hyphae|fung\w+|mites|organisms|microbes|elements|yeast))\b[^.;]{0,30}|[+](?=\s|$|[.;,])|\(\+\)", re.IGNORECASE)
_HERE = r"\b(?:in (?:the )?(?:room|office|clinic|house)|in-house|bedside|done here|here|performed (?:today|by me|in)|microscop\w+|our (?:own )?lab\w*|by me|at (?:the )?scope|under the scope|i (?:looked|saw|reviewed|read)|clia|ppm)\b"
_SENT = r"\b(?:sent (?:out|to|off)|send[- ]?out|to (?:the )?(?:outside|reference|hospital|main) lab|outside lab|quest\b|labcorp)\b"
_LOOKED = re.compile(r"\b(?:scrap\w+|prep\w*|mount|slide|smear|done|performed|looked|examined|put up|seen|read|show\w*|reveal\w*|today|here)\b", re.IGNORECASE)


def _bedside(desk: Desk) -> Iterator[Procedure]:
    found: dict[str, Event] = {}
    for mark, act in desk.page.acts("bedside_test", status=None):
        if mark.clause.ignored or mark.kind in {"past", "followup"} or _old(mark, act):
            continue
        if act.status == "historical" and any(day < desk.page.on for day, _, _ in dates_in(mark.clause.text, desk.page.on)):
            continue
        resulted = _result(desk, mark, act) is not None
        if act.status in {"historical", "planned", "discussed"} and not resulted:
            continue
        if resulted and act.status in {"negated", "historical"} and not re.search(r"\b(?:no|not|without|declined)\s+(?:\w+\s)?$", mark.clause.text[: act.start - mark.clause.start], re.IGNORECASE):
            act = SeenAct(act.family, act.detail, act.start, act.end, "performed", act.clause)
        found.setdefault(act.detail or "koh", Event("bedside_test", None)).acts.append((mark, act))
    for test, event in found.items():
        if event.performed and not any(_result(desk, m, a) or _LOOKED.search(m.clause.text) for m, a in event.acts):
            as_status(event, "discussed")
        event.node = next((n for m in event.marks() for n in desk.registry.of_mark.get(m.clause.index, []) if n.seen), None)
        results = [(m, r) for m, a in event.acts if (r := _result(desk, m, a))]
        scope = [*event.marks(), *(o for m in event.marks() for o in scope_of(desk.page, m))]
        near = conditions(scope, _KEEP) or conditions(list(desk.page.live()), _KEEP)
        target = desk.target(event, near[:1])
        if near:
            rash = [d for d in near if "tinea" in d.term or "zoster" in d.term or "herpes" in d.term or d.term in {"onychomycosis", "scabies", "candidiasis_of_skin_and_nail"}] or near
            target = target.model_copy(update={"diagnoses": (rash[0].fact(desk.page.text),)})
        yield BedsideTest(
            act=desk.act(event), target=target, test=test,  # type: ignore[arg-type]
            result=Stated(value=results[0][1].lower(), evidence=(desk.page.quote_clause(results[0][0]),)) if results else None,
            in_office=stated(desk, event.marks(), rf"{_HERE}|{_SENT}", denied=_SENT),
            wide_report=stated(desk, event.marks(), r"\b(?:cytolog\w+|cytopatholog\w+)\b[^.;]{0,60}\b(?:interpret\w+|report\w*)"),
        )  # fmt: skip


def _old(mark: Mark, act: SeenAct) -> bool:
    """ "KOH ... pos 2025, not repeated": an earlier one."""
    return bool(re.search(r"\bnot (?:repeated|done|performed)\b|\b(?:prior|previous|earlier|last|outside)\s+(?:\w+\s)?$", mark.clause.text[max(0, act.start - mark.clause.start - 16) :][:90], re.IGNORECASE)) and not re.search(r"\btoday\b", mark.clause.text, re.IGNORECASE)


def _result(desk: Desk, mark: Mark, act: SeenAct) -> str | None:
    """What was seen: after the test's name, in the clause that follows it, or just before it."""
    text, base = mark.clause.text, mark.clause.start
    match = _FOUND.search(text, act.end - base) or (_FOUND.search(text, act.start - base, act.end - base) if act.end - act.start > 24 else None)
    if match is None and mark.clause.index + 1 < len(desk.page.marks):
        following = desk.page.marks[mark.clause.index + 1].clause
        if following.item is mark.clause.item and following.paragraph == mark.clause.paragraph:
            match = _FOUND.match(following.text.lstrip(" :=-")) or _FOUND.search(following.text[:60])
    return match.group() if match else None
