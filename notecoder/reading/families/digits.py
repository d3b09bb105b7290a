"""Which fingers and toes: "R great toe", "L 2nd and 3rd toenails", "toenails 1,2,3,5 R and 1,2 L", "T5", "right #1-5"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from notecoder.facts import Digit
from notecoder.reading.families.desk import Desk
from notecoder.reading.groups import scope_of
from notecoder.reading.page import Mark

Limb = Literal["hand", "foot"]
_ORDINALS = {"great": 1, "big": 1, "hallux": 1, "halluces": 1, "thumbs": 1, "first": 1, "1st": 1, "thumb": 1, "second": 2, "2nd": 2, "index": 2, "third": 3, "3rd": 3, "middle": 3, "long": 3,
             "fourth": 4, "4th": 4, "ring": 4, "fifth": 5, "5th": 5, "little": 5, "small": 5, "pinky": 5}  # fmt: skip
_ORDINAL = r"(?:great|big|hallux|halluces|first|1st|thumb|second|2nd|index|third|3rd|middle|long|fourth|4th|ring|fifth|5th|little|small|pinky)"
_SIDE = r"(?:left|right|lt|rt|bilateral|bilat|both|b/l|L|R)"
_NAMED = re.compile(rf"(?<![\w/])(?P<side>{_SIDE})\.?\s+(?P<first>{_ORDINAL})(?P<more>(?:\s*(?:,|and|&|/|,\s*and)\s*{_ORDINAL})*)(?:\s+(?P<what>toe|finger|toenail|fingernail|nail|digit|gt|thumb)s?)?(?![\w-])", re.IGNORECASE)
_THUMBNAIL = re.compile(rf"(?<![\w/])(?P<side>{_SIDE})\.?\s+thumb[- ]?nails?\b", re.IGNORECASE)
_RUN = re.compile(r"(?<![\w/])(?P<side>right|left|R|L)\s*(?:toes?|toenails?|foot|feet|hand|fingers?|nails?|digits?)?\s*(?:#|nails?\s*|:\s*)?(?P<a>[1-5])\s*(?:-|–|to|through|thru)\s*(?P<b>[1-5])(?![\w.]|\s*(?:mm|cm|wk|week|day|mo))", re.IGNORECASE)
_HASH = re.compile(r"(?:#\s*(?P<n>[1-5])\s*(?P<side>right|left|R|L)\b|\b(?P<s2>right|left|R|L)\s*#\s*(?P<n2>[1-5])\b)", re.IGNORECASE)
_LIST_THEN_SIDE = re.compile(r"(?<![\d.])(?P<nums>#?[1-5](?:\s*(?:,\s*and|,|and|&)\s*#?[1-5])+|(?<=nails )[1-5]|(?<=toes )[1-5])\s*(?:on (?:the )?|of (?:the )?)?(?P<side>right|left|R|L)(?![\w/])", re.IGNORECASE)
_SIDE_THEN_LIST = re.compile(r"(?<![\w/])(?P<side>right|left|R|L)\s*(?:toes?|toenails?|foot|nails?|digits?)?\s*[:#]?\s*(?P<nums>#?[1-5](?:\s*(?:,\s*and|,|and|&)\s*#?[1-5])+)(?![\w.]|\s*(?:mm|cm))", re.IGNORECASE)
_LIMB_THEN_ORDINALS = re.compile(rf"(?<![\w/])(?P<side>right|left|R|L)\s+(?P<limb>foot|hand)\W{{1,3}}(?:toes?|nails?|digits?|fingers?)?\s*(?P<nums>{_ORDINAL}(?:\s*(?:,\s*and|,|and|&|/|\+)\s*{_ORDINAL})*)\b(?! (?:web|mt|met|visit|time|stage))", re.IGNORECASE)
""" "Right foot 1st, 2nd, 5th"."""
_TICKED_SIDE = re.compile(r"\b(?P<what>foot|hand|side|toes?|fingers?|limb|laterality)\b\W{0,3}[^\n.;]{0,12}?(?:\[ ?x ?\]|\( ?x ?\)|[☑☒✓])\s*(?P<side>left|right|L|R)\b", re.IGNORECASE)
_TICKED_DIGITS = re.compile(r"\b(?P<what>toes?|fingers?|digits?|nails?|toenails?|fingernails?)\b[\s:=#-]*(?P<nums>(?:(?:\[ ?x ?\]|\( ?x ?\)|[☑☒✓])\s*(?:[1-5](?:st|nd|rd|th)?|great|big|hallux|second|third|fourth|fifth|little)\b[^\w\[(☑☒✓\n]{0,6})+)", re.IGNORECASE)
""" "Foot: [x] L  Toe: [x] 1 [x] 2" with the other boxes empty."""
_CODE = re.compile(r"(?<![\w-])(?P<code>T[A1-9]|F[A1-9])(?![\w-])")
_HAND = re.compile(r"finger|thumb|\bhands?\b|\bindex\b", re.IGNORECASE)


_UNSIDED = re.compile(rf"\b(?P<first>{_ORDINAL})\s+(?P<what>toe|finger|toenail|fingernail)s?\b", re.IGNORECASE)
""" "The nail on the second toe" of the left foot."""


def _side_of_foot(desk: Desk, mark: Mark) -> list[Digit]:
    """A digit named without a side in a passage that tells of one foot or hand."""
    unsided = _UNSIDED.search(mark.clause.text) or next((found for other in scope_of(desk.page, mark) if (found := _UNSIDED.search(other.clause.text))), None)
    if unsided is None:
        return []
    scope = " ".join(other.clause.text for other in [mark, *scope_of(desk.page, mark)])
    limbs = {(m[1].lower(), m[2].lower()) for m in re.finditer(r"\b(left|right)\s+(foot|hand)\b", scope, re.IGNORECASE)}
    wanted = "hand" if unsided["what"].lower().startswith("finger") else "foot"
    sides = {side for side, limb in limbs if limb == wanted}
    if len(sides) == 1:
        side: Literal["left", "right"] = "left" if "left" in sides else "right"
        return [Digit(limb="hand" if wanted == "hand" else "foot", side=side, number=_ORDINALS[unsided["first"].lower()], evidence=(desk.page.quote_clause(mark),))]
    return []


def _ticked(desk: Desk) -> list[Digit]:
    """The digits ticked on a form, their side ticked beside them."""
    sides = {m["side"][0].lower() for mark in desk.page.live() for m in _TICKED_SIDE.finditer(mark.clause.text)}
    if len(sides) != 1:
        return []
    side: Literal["left", "right"] = "left" if "l" in sides else "right"
    found: dict[str, Digit] = {}
    for mark in desk.page.live():
        for match in _TICKED_DIGITS.finditer(mark.clause.text):
            limb: Limb = "hand" if match["what"].lower().startswith("finger") or any(re.search(r"\bhand\b", m.clause.text, re.IGNORECASE) for m in desk.page.live()) else "foot"
            for word in re.findall(r"[1-5]|great|big|hallux|second|third|fourth|fifth|little", match["nums"], re.IGNORECASE):
                number = int(word) if word.isdigit() else _ORDINALS[word.lower()]
                digit = Digit(limb=limb, side=side, number=number, evidence=(desk.page.quote_clause(mark),))
                found.setdefault(key_of([digit]), digit)
    return list(found.values())


def key_of(digits: list[Digit]) -> str:
    """A stable name for a set of digits."""
    return ",".join(sorted(f"{d.limb}{d.side}{d.number}" for d in digits))


_LONE_SIDE = re.compile(r"\W*(?P<side>right|left|R|L|Rt|Lt)(?: side| foot| toe| hand)?\s*(?:[-–:]|\s=)\s")
""" "R - both borders split": the only digit of that side."""


def digits_of(desk: Desk, mark: Mark) -> list[Digit]:
    """The digits named in the clause, else in its item or paragraph (the nearest before it), else the note's only ones."""
    own = digits_in(desk, mark)
    if any(d.side is not None for d in own):
        return [*own, *(d for d in _further(desk, mark) if key_of([d]) not in {key_of([o]) for o in own})]
    sided = _side_of_foot(desk, mark)
    if own or sided:
        return sided or own
    if (lone := _LONE_SIDE.match(mark.clause.text)) is not None:
        side = "left" if lone["side"][0].lower() == "l" else "right"
        there = {key_of([d]): d for m in desk.page.live() for d in digits_in(desk, m) if d.side == side}
        if len(there) == 1:
            return list(there.values())
    near = [(other.clause.index, found) for other in scope_of(desk.page, mark) if (found := digits_in(desk, other))]
    before = [found for index, found in near if index <= mark.clause.index]
    if near:
        return before[-1] if before else near[0][1]
    for node in desk.registry.of_mark.get(mark.clause.index, []):
        site = node.site_fact(desk.page.text)
        if site is not None and site.digit is not None:
            return [site.digit]
    if ticked := _ticked(desk):
        return ticked
    everywhere = {key_of([d]): d for m in desk.page.live() for d in digits_in(desk, m)}
    return list(everywhere.values()) if len(everywhere) == 1 else []


_ONLY_DIGITS = re.compile(rf"\W*(?:(?:{_SIDE}|foot|feet|hand|toes?|fingers?|toenails?|nails?|and|#?[1-5]|{_ORDINAL})\W*){{2,12}}", re.IGNORECASE)


def _further(desk: Desk, mark: Mark) -> list[Digit]:
    """ "Right foot 1st, 2nd; left foot 1st and 3rd": the list goes on in the clauses after it."""
    found: list[Digit] = []
    for other in desk.page.marks[mark.clause.index + 1 : mark.clause.index + 3]:
        if other.clause.paragraph != mark.clause.paragraph or other.acts or not _ONLY_DIGITS.fullmatch(other.clause.text):
            break
        found += digits_in(desk, other)
    return found


def digits_in(desk: Desk, mark: Mark) -> list[Digit]:
    """The digits named in one clause, in reading order, each once."""
    found: dict[str, Digit] = {}
    for side, number, limb, start, end in _mentions(mark.clause.text):
        digit = Digit(limb=limb, side=side, number=number, evidence=(desk.page.quote(mark.clause.start + start, mark.clause.start + end),))
        found.setdefault(key_of([digit]), digit)
    for mention in mark.sites:
        fact = mention.fact(desk.page.text)
        if fact.digit is None or key_of([fact.digit]) in found:
            continue
        if not any(d.number == fact.digit.number and d.limb == fact.digit.limb and (fact.digit.side is None or d.side == fact.digit.side) for d in found.values()):
            found[key_of([fact.digit])] = fact.digit
    return list(found.values())


def _sides(word: str) -> tuple[Literal["left", "right"], ...]:
    plain = word.lower()
    if plain[0] == "b":
        return ("left", "right")
    return ("left",) if plain[0] == "l" else ("right",)


def _mentions(text: str) -> Iterator[tuple[Literal["left", "right"], int, Limb, int, int]]:
    limb: Limb = "hand" if _HAND.search(text) and not re.search(r"\btoe|hallux|\bfoot|\bfeet", text, re.IGNORECASE) else "foot"
    for match in _CODE.finditer(text):
        letter, digit = match["code"][0], match["code"][1]
        place = 1 if digit == "A" else int(digit) + 1
        yield ("left" if place <= 5 else "right"), (place if place <= 5 else place - 5), ("foot" if letter == "T" else "hand"), match.start(), match.end()
    for match in _NAMED.finditer(text):
        ordinals = [match["first"], *re.findall(_ORDINAL, match["more"] or "", re.IGNORECASE)]
        what = (match["what"] or "").lower()
        if not what and not re.search(r"nails?|toes?|hallu|thumb|finger", text, re.IGNORECASE):
            continue
        for word in ordinals:
            plain = word.lower()
            if plain in {"first", "1st", "second", "2nd", "third", "3rd", "fourth", "4th", "fifth", "5th"} and not what and re.match(r"\s*(?:mt|met|intersp|web|visit|time|stage)", text[match.end() :], re.IGNORECASE):
                continue
            own: Limb = "hand" if what.startswith("finger") or plain in {"thumb", "index", "middle", "long", "ring", "pinky"} else "foot" if what in {"toe", "toenail", "gt"} or plain in {"hallux", "great", "big"} else limb
            for side in _sides(match["side"]):
                yield side, _ORDINALS[plain], own, match.start(), match.end()
    for match in _THUMBNAIL.finditer(text):
        for side in _sides(match["side"]):
            yield side, 1, "hand", match.start(), match.end()
    for match in _RUN.finditer(text):
        for n in range(int(match["a"]), int(match["b"]) + 1):
            yield _sides(match["side"])[0], n, limb, match.start(), match.end()
    for pattern in (_LIST_THEN_SIDE, _SIDE_THEN_LIST) if re.search(r"nails?|toes?", text, re.IGNORECASE) else ():
        for match in pattern.finditer(text):
            for n in re.findall(r"[1-5]", match["nums"]):
                yield _sides(match["side"])[0], int(n), limb, match.start(), match.end()
    for match in _LIMB_THEN_ORDINALS.finditer(text):
        own = "hand" if match["limb"].lower() == "hand" else "foot"
        for word in re.findall(_ORDINAL, match["nums"], re.IGNORECASE):
            yield _sides(match["side"])[0], _ORDINALS[word.lower()], own, match.start(), match.end()
    for match in _HASH.finditer(text):
        yield _sides(match["side"] or match["s2"])[0], int(match["n"] or match["n2"]), limb, match.start(), match.end()
