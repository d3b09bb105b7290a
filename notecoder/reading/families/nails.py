"""Nails: what was done to which digit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from notecoder.evidence import Stated
from notecoder.facts import Digit, NailProcedure, Procedure, Site, Target
from notecoder.reading.counts import total_of
from notecoder.reading.events import Event
from notecoder.reading.families.desk import Desk
from notecoder.reading.groups import scope_of
from notecoder.reading.page import Mark, SeenAct

_CODES = re.compile(r"\b(T[A1-9]|F[A1-9])\b")
_TOES = re.compile(r"\b(?P<side>left|right|L|R|bilateral|both)\s+(?P<which>great|big|second|2nd|third|3rd|fourth|4th|fifth|5th|little|small)(?:\s*(?:,|and|&|/)\s*(?P<more>(?:second|2nd|third|3rd|fourth|4th|fifth|5th)(?:\s*(?:,|and|&)\s*(?:second|2nd|third|3rd|fourth|4th|fifth|5th))*))?\s+(?:toe|finger|toenail|fingernail|digit)s?", re.IGNORECASE)
_ORDINALS = {"great": 1, "big": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5, "little": 5, "small": 5}
_HASH = re.compile(r"(?:#\s*(?P<n>[1-5])\s*(?P<side>right|left|R|L)\b|\b(?P<s2>right|left|R|L)\s*#\s*(?P<n2>[1-5]))", re.IGNORECASE)
_RUN = re.compile(r"\b(?P<side>right|left|R|L)\s*(?:toes?|toenails?|foot|hand|fingers?)?\s*(?:#|nails?\s*)?(?P<a>[1-5])\s*(?:-|–|to|through|thru)\s*(?P<b>[1-5])\b", re.IGNORECASE)
_ALL_TEN = re.compile(r"\b(?:all (?:ten|10) (?:toe)?nails|(?:toe)?nails (?:x\s*)?(?:10|ten)|all toenails|1-5 (?:bilateral\w*|b/l|both feet)|bilateral(?:ly)? 1-5)\b", re.IGNORECASE)
_RANK = ("matrixectomy", "biopsy", "avulsion", "bed_reconstruction", "bed_repair", "fold_excision", "hematoma", "debridement", "trimming", "clipping")
_DYSTROPHIC = re.compile(r"\b(?:dystroph\w+|mycotic|onychomyco\w+|thick\w*|hypertroph\w+|onychauxis|onychogryph\w+)\b", re.IGNORECASE)
_NAIL = re.compile(r"\b(?:nails?|toenails?|fingernails?|thumbnail|matrix|toe|hallux|plate)\b", re.IGNORECASE)


def build(desk: Desk) -> Iterator[Procedure]:
    """The nail procedures of the note, one for each action and digit group."""
    found: dict[tuple[str, str], list[tuple[Mark, SeenAct]]] = {}
    digits: dict[tuple[str, str], list[Digit]] = {}
    for mark, act in [*desk.page.acts("nail", status=None), *_biopsies_of_nails(desk)]:
        if mark.clause.ignored or act.status == "historical" and mark.kind in {"past", "history", "reason"}:
            continue
        if act.detail in {"avulsion", "hematoma", "bed_repair"} and not _about_nails(desk, mark):
            continue
        action = act.detail or "debridement"
        own = digits_of(desk, mark)
        key = (action if act.status == "performed" else f"{action}/{act.status}", _key(own))
        found.setdefault(key, []).append((mark, act))
        digits.setdefault(key, own)
    merged = _merge(found, digits)
    done: dict[str, set[str]] = {}
    for (action, place), acts in sorted(merged.items(), key=lambda kv: (_RANK.index(kv[0][0].split("/")[0]), kv[0][1])):
        name = action.split("/")[0]
        if "/" not in action:
            covered = {p for a in _RANK[: _RANK.index(name)] for p in done.get(a, set())}
            if name in {"avulsion"} and (place in covered or (place == "" and done.get("matrixectomy"))):
                continue
            done.setdefault(name, set()).add(place)
        yield _nail(desk, name, acts, digits[(action, place)])


def _biopsies_of_nails(desk: Desk) -> Iterator[tuple[Mark, SeenAct]]:
    for mark, act in desk.page.acts("biopsy", status=None):
        node = desk.registry.for_act(mark, act)
        if node is not None and node.site is not None and node.site.key in {"fingernail", "toenail"}:
            yield mark, SeenAct("nail", "biopsy", act.start, act.end, act.status, act.clause)


def _about_nails(desk: Desk, mark: Mark) -> bool:
    return any(_NAIL.search(m.clause.text) for m in [mark, *scope_of(desk.page, mark)])


def _key(digits: list[Digit]) -> str:
    return ",".join(sorted(f"{d.limb}{d.side}{d.number}" for d in digits))


def _merge(found: dict[tuple[str, str], list[tuple[Mark, SeenAct]]], digits: dict[tuple[str, str], list[Digit]]) -> dict[tuple[str, str], list[tuple[Mark, SeenAct]]]:
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
    del digits
    return merged


def digits_of(desk: Desk, mark: Mark) -> list[Digit]:
    """The digits named in the clause, else in its item, else the note's only nail lesion."""
    own = _digits_in(desk, mark)
    if own:
        return own
    for other in scope_of(desk.page, mark):
        near = _digits_in(desk, other)
        if near:
            return near
    for node in desk.registry.of_mark.get(mark.clause.index, []):
        site = node.site_fact(desk.page.text)
        if site is not None and site.digit is not None:
            return [site.digit]
    everywhere = {_key([d]): d for m in desk.page.live() for d in _digits_in(desk, m)}
    return list(everywhere.values()) if len(everywhere) == 1 else []


def _digits_in(desk: Desk, mark: Mark) -> list[Digit]:
    text = mark.clause.text
    limb: Literal["hand", "foot"] = "hand" if re.search(r"finger|thumb|hand", text, re.IGNORECASE) else "foot"
    found: dict[str, Digit] = {}

    def add(side: str | None, n: int, start: int, end: int, where: Literal["hand", "foot"] = limb) -> None:
        plain = (side or "").lower()[:1]
        full: Literal["left", "right"] | None = "left" if plain == "l" else "right" if plain == "r" else None
        digit = Digit(limb=where, side=full, number=n, evidence=(desk.page.quote(mark.clause.start + start, mark.clause.start + end),))
        found.setdefault(_key([digit]), digit)

    for match in _RUN.finditer(text):
        for n in range(int(match["a"]), int(match["b"]) + 1):
            add(match["side"], n, match.start(), match.end())
    for match in _HASH.finditer(text):
        add(match["side"] or match["s2"], int(match["n"] or match["n2"]), match.start(), match.end())
    for match in _TOES.finditer(text):
        words = [match["which"], *re.findall(r"second|2nd|third|3rd|fourth|4th|fifth|5th", match["more"] or "", re.IGNORECASE)]
        for word in words:
            for side in ("left", "right") if match["side"].lower() in {"bilateral", "both"} else (match["side"],):
                add(side, _ORDINALS[word.lower()], match.start(), match.end())
    for site in mark.sites:
        fact = site.fact(desk.page.text)
        if fact.digit is not None and _key([fact.digit]) not in found and not any(d.number == fact.digit.number and (fact.digit.side is None or d.side == fact.digit.side) for d in found.values()):
            found[_key([fact.digit])] = fact.digit
    return list(found.values())


def _nail(desk: Desk, action: str, acts: list[tuple[Mark, SeenAct]], digits: list[Digit]) -> NailProcedure:
    event = Event("nail", None, acts)
    marks = [m for m, _ in acts]
    scope = [m for mark in marks for m in scope_of(desk.page, mark)]
    count = None
    if action in {"debridement", "trimming", "avulsion"} and len(digits) <= 1:
        counted, _ = total_of(desk.page, marks)
        if counted is None:
            counted, _ = total_of(desk.page, scope)
        everything = next((m for m in [*marks, *scope] if _ALL_TEN.search(m.clause.text)), None)
        if counted is not None and counted.value <= 20:
            count = Stated(value=counted.value, evidence=(desk.page.quote(counted.start, counted.end),))
        elif everything is not None:
            count = Stated(value=10, evidence=(desk.page.quote_clause(everything),))
    nails = [d for m in [*marks, *scope] for d in m.diagnoses if d.group == "nail" and d.certainty in {"stated", "pathology"}]
    if not nails:
        nails = [d for m in desk.page.live() for d in m.diagnoses if d.group == "nail" and d.certainty in {"stated", "pathology"}]
    first = digits[0] if digits else None
    key = ("fingernail" if first.limb == "hand" else "toenail") if first else "toenail"
    site = Site(key=key, side=first.side if first else None, digit=first, evidence=first.evidence if first else ())
    dystrophic = next((desk.page.quote_clause(m) for m in [*marks, *scope] if _DYSTROPHIC.search(m.clause.text)), None)
    target = Target(id=f"N{desk.number()}" if not digits else "N" + _key(digits), site=site, diagnoses=tuple(dict.fromkeys(d.fact(desk.page.text) for d in nails[:3])))
    return NailProcedure(
        act=desk.act(event, *(e for d in digits for e in d.evidence)), target=target, action=action, digits=tuple(digits), count=count,  # type: ignore[arg-type]
        dystrophic=Stated(value=True, evidence=(dystrophic,)) if dystrophic else None, class_finding=desk.class_finding(),
    )  # fmt: skip
