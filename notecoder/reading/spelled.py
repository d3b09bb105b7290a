"""Words a list leaves out, put in: the unit of every number, the place of a bare side, the name of a numbered lesion.

"6 and 10 mm" is 6 mm and 10 mm; after "both forearms" a "right 2.5 cm, left 3.4 cm" is of the right and the left forearm;
"#1 ... #2 ..." and "I. ... II. ..." in one line are lesion 1 and lesion 2. A coder reads them so without noticing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from notecoder.reading.sites import SiteMention, find_sites, word_at

_N = r"\d{1,2}(?:\.\d{1,2})?|\.\d{1,2}"
_UNIT_LIST = re.compile(
    rf"(?<![\w.#/×-])(?<!\dx )(?<!x )(?P<list>(?:{_N})(?:\s*(?:,\s*and|,|and|&|\+)\s*(?:{_N}))+)(?=\s*-?(?P<unit>mm|cm)\b(?!/))", re.IGNORECASE
)
_NUMBER = re.compile(_N)
_LABELS_BEFORE = re.compile(r"(?:\b(?:lesions?|sites?|tumou?rs?|specimens?|numbers?|nos?\.?|wounds?|excisions?|stages?|digits?|toes?|nails?|jars?|parts?|levels?|[A-Z])\s*|\bx\s*|-0\s*)$", re.IGNORECASE)
_COUNTED_LIST = re.compile(r"\b(?:respectively|each|both|in turn|in that order)\b", re.IGNORECASE)


def units_of_lists(text: str) -> Iterator[tuple[int, str]]:
    """ "0.9, 1.2 and 2.2 cm": the unit belongs to every number of the list."""
    for match in _UNIT_LIST.finditer(text):
        if _LABELS_BEFORE.search(text[max(0, match.start() - 12) : match.start()]):
            continue
        numbers = list(_NUMBER.finditer(text, match.start("list"), match.end("list")))
        plain = all("." not in n.group() for n in numbers)
        if plain and match["unit"].lower() == "cm" and not _COUNTED_LIST.search(text[match.start() - 30 if match.start() > 30 else 0 : match.end() + 40]):
            continue
        for number in numbers[:-1]:
            yield number.end(), f" {match['unit']}"


_BARE_SIDE = re.compile(
    r"(?<![\w/'-])(?<!all )(?P<side>(?i:right|left))(?=\s*(?:[,.;:)(=]|\d|$|\n|(?:was|is|were|ended|closed|came|measur\w+|had|has|got|granulat\w+|one\b|also|took|needed|received|[x×]\s*\d)\b))"
    r"|(?<![\w/'-])(?P<letter>[RL])(?=\s*[:=]?\s\d{1,2}(?:\.\d{1,2})?(?:\s*(?:mm|cm|mL)\b|(?![\w./])))",
)
_A_VERB = re.compile(r"\b(?:that|which|was|were|is|be|been|being|and was|it|this|has|have|had|patient|message|vm|voicemail|she|he|they|wound|be|not)\s+$", re.IGNORECASE)
_TO_SIDE = re.compile(r"\b(?:to|from|toward|towards|turn\w*|medial|lateral|like|than|as|matches)\s+(?:the\s+)?$", re.IGNORECASE)
_TWO_SIDES = re.compile(r"\s*(?:and|or|/|&|,)\s*(?:the\s+)?(?:left|right)\b", re.IGNORECASE)
_PAIRED = frozenset({"hand", "forearm", "upper_arm", "arm", "leg", "lower_leg", "thigh", "knee", "foot", "cheek", "ear", "helix", "ear_lobe", "temple", "shoulder", "elbow", "wrist", "ankle", "axilla", "breast", "eyelid", "palm", "sole", "buttock", "eyebrow", "preauricular", "postauricular", "jawline", "groin", "flank", "toe", "finger", "areola", "hip"})
_NEAR = 220
_NAILS = re.compile(r"\b(?:\w*nails?|plates?|toes?)\b", re.IGNORECASE)


def places_of_sides(text: str) -> Iterator[tuple[int, str]]:
    """A side that stands alone is of the place of two sides named last in the paragraph."""
    bare = [m for m in _BARE_SIDE.finditer(text)]
    if not bare:
        return
    known: list[SiteMention] = list(find_sites(text, 0, len(text)))
    for match in bare:
        at = match.start()
        side = (match["side"] or {"R": "right", "L": "left"}[match["letter"]]).lower()
        before = text[max(0, at - 24) : at]
        if side == "left" and _A_VERB.search(before) or _TO_SIDE.search(before) or _TWO_SIDES.match(text, match.end()):
            continue
        if any(s.start <= at < s.end for s in known):
            continue
        earlier = [s for s in known if s.end <= at and at - s.end <= _NEAR and s.key in _PAIRED and "\n\n" not in text[s.end : at]]
        if not earlier:
            continue
        last = earlier[-1]
        if last.key in {"foot", "toe", "finger", "hand"} and re.match(r"\s*[:=]?\s*#?[1-5](?!\s*(?:mm|cm|\.\d))", text[match.end() : match.end() + 12]) and _NAILS.search(text):
            continue
        if last.side == side and not any(s.key == last.key and s.side not in {None, side} for s in known):
            continue
        if last.side is None and not re.search(r"\b(?:each|both|two|bilat\w*|other|one)\b", text[max(0, last.start - 24) : last.start], re.IGNORECASE) and not word_at(text, last).lower().endswith("s"):
            continue
        yield match.end(), f" {word_at(text, last)}"


_HASHED = re.compile(r"(?:^|(?<=[.;])\s)#\s?(?P<n>[1-6])(?=[ :.),-])", re.MULTILINE)
_ROMAN = re.compile(r"(?:^|(?<=[.;:])\s)(?P<n>I{1,3}|IV|V)(?=[.):]\s+[A-Za-z])", re.MULTILINE)
_VALUES = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5}
_STAGES = re.compile(r"\b(?:mohs|stages?|blocks?)\b", re.IGNORECASE)
_TUMOR_NAME = re.compile(r"(?<![\w/-])(?P<name>BCC|SCC|SCCis|SCCIS|MIS|DN|AK|SK|nevus|cyst|keloid|lac|nodule|papule|mole)(?P<n>[1-6])(?![\w.]|\s*(?:mm|cm))")


def numbered_lesions(text: str) -> Iterator[tuple[int, str]]:
    """Numbers in sequence inside one line that each open what is said of a lesion."""
    start = 0
    for line in text.split("\n"):
        inside = [m for m in _HASHED.finditer(text, start, start + len(line))]
        values = [int(m["n"]) for m in inside]
        if _in_turn(values) and _each_placed(text, [m.start() for m in inside], start + len(line)):
            for match in inside:
                yield match.start() + match.group().index("#"), "Lesion "
        romans = [] if _STAGES.search(line) else [m for m in _ROMAN.finditer(text, start, start + len(line))]
        numbers = [_VALUES[m["n"]] for m in romans]
        if _in_turn(numbers) and _each_placed(text, [m.start() for m in romans], start + len(line)):
            for match in romans:
                yield match.start("n"), "Lesion "
        start += len(line) + 1
    named: dict[str, list[re.Match[str]]] = {}
    for match in _TUMOR_NAME.finditer(text):
        named.setdefault(match["name"], []).append(match)
    for found in named.values():
        if {"1", "2"} <= {m["n"] for m in found}:
            for match in found:
                yield match.start(), f"Lesion {match['n']}: "
                yield match.start("n"), " no. "


_ANY = re.compile(r"\b(?:mm|cm|right|left|[RL]|II)\b|[A-Za-z#]\s?2", re.IGNORECASE)


def _in_turn(numbers: list[int]) -> bool:
    return len(numbers) > 1 and numbers == list(range(1, len(numbers) + 1))


def _each_placed(text: str, starts: list[int], end: int) -> bool:
    """What stands behind each number names a place."""
    return all(any(True for _ in find_sites(text, a, b)) for a, b in zip(starts, [*starts[1:], end], strict=True))


def spelled_out(text: str) -> list[tuple[int, str]]:
    """What is put in and where."""
    return [*units_of_lists(text), *places_of_sides(text), *numbered_lesions(text)] if _ANY.search(text) else []
