"""How a phrase can open: the first letters that a search needs to begin at all.

A coder who looks for a word does not read every line for it; the eye runs over the beginnings of the words and stops
where one could be it. Here the openings that a regular expression allows are worked out once, from the expression
itself, so that a text without any of them is passed over. What is found is exactly what the expression finds.

An opening is up to ``WIDTH`` characters in lower case; every digit is "0" and every white space " ". Only an expression
that begins where no ASCII letter stands before has openings: at ``\\b``, or behind ``(?<!\\w)`` and the like.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

WIDTH = 3
MOST = 600
"""An expression that can open in more ways than this is looked for everywhere."""

_DIGIT, _SPACE = re.compile(r"\d"), re.compile(r"\s")
_PLAIN = str.maketrans({**{c: "0" for c in "123456789"}, **{c: " " for c in "\t\n\r\v\f\x1c\x1d\x1e\x1f"}})
_FOLDED = str.maketrans({"İ": "i", "ı": "i", "ſ": "s", "K": "k"})
"""Letters that a search without regard to case takes for an ASCII letter, and lower case does not."""
_BEGINNING = re.compile(r"(?<![a-z])(?=(.{1,3}))", re.DOTALL)


CLAUSE = 1_000
"""Characters of a text about which answers are kept, because it will be asked again; a longer one is no clause."""
KEPT = 20_000
"""Openings of notes whose answer is kept."""


def plain(text: str) -> str:
    """The text as openings are written, character for character."""
    if text.isascii():
        return text.lower().translate(_PLAIN)
    return _SPACE.sub(" ", _DIGIT.sub("0", text.translate(_FOLDED).lower()))


@lru_cache(maxsize=4)
def _plainly(text: str) -> str:
    """``plain`` of a note, asked for more than once."""
    return plain(text)


@lru_cache(maxsize=4)
def _walk(text: str) -> tuple[tuple[int, str], ...]:
    """Every beginning of a word of the note and what opens there, from left to right."""
    return tuple((beginning.start(), beginning[1]) for beginning in _BEGINNING.finditer(_plainly(text)))


@lru_cache(maxsize=2048)
def beginnings(text: str) -> frozenset[str]:
    """Every opening in a clause, in all lengths: what stands where no ASCII letter comes before."""
    found = set(_BEGINNING.findall(plain(text)))
    return frozenset([*found, *{word[:2] for word in found}, *{word[:1] for word in found}])


class Index:
    """Where each opening stands in the clauses of a note, and which of them an expression is found in."""

    def __init__(self, text: str, spans: Sequence[tuple[int, int]]) -> None:
        self._whole = _plainly(text)
        self._spans = tuple(spans)
        self._texts = tuple(text[start:end] for start, end in spans)
        self._saying: dict[int, tuple[re.Pattern[str], frozenset[int]]] = {}
        self._places: dict[str, list[list[tuple[int, int]]]] = {}
        """By opening, whole or its beginning: the clauses and the places in them where what opens so stands."""
        places: dict[str, list[tuple[int, int]]] = {}
        walk = _walk(text)
        for position, (start, end) in enumerate(self._spans):
            at = bisect_left(walk, (start, ""))
            if start < end and (at == len(walk) or walk[at][0] != start):  # a clause that begins inside a word
                places.setdefault(self._whole[start : start + WIDTH], []).append((position, 0))
            while at < len(walk) and (place := walk[at][0]) < end:
                places.setdefault(walk[at][1], []).append((position, place - start))
                at += 1
        for opening, standing in places.items():
            for width in range(1, len(opening) + 1):
                self._places.setdefault(opening[:width], []).append(standing)

    def saying(self, pattern: re.Pattern[str]) -> frozenset[int]:
        """The positions of the clauses in which a search for the expression finds something; asked once, kept."""
        kept = self._saying.get(id(pattern))  # the expression is kept beside its answer, so that no other takes its identity
        if kept is None:
            kept = self._saying[id(pattern)] = pattern, frozenset(self._found(pattern))
        return kept[1]

    def _found(self, pattern: re.Pattern[str]) -> Iterator[int]:
        texts = self._texts
        opens = openings(pattern)
        if opens is None:
            yield from (position for position in self._able(pattern) if pattern.search(texts[position]))
            return
        places, match = self._places, pattern.match
        for opening in places.keys() & opens:
            for standing in places[opening]:
                for position, place in standing:
                    if match(texts[position], place):
                        yield position

    def _able(self, pattern: re.Pattern[str]) -> Iterable[int]:
        """The positions of the clauses that hold what the expression cannot be found without."""
        words = needs(pattern)
        if words is None:
            return range(len(self._texts))
        held = [word for word in words if word in self._whole]
        whole = self._whole
        return [position for position, span in enumerate(self._spans) if any(whole.find(word, *span) >= 0 for word in held)] if held else ()


class Glossary:
    """Expressions looked for together in one walk over the words, each only where it can open."""

    def __init__(self, patterns: Iterable[re.Pattern[str]]) -> None:
        self._patterns = tuple(patterns)
        self._by: dict[str, list[int]] = {}
        self._able: dict[str, tuple[int, ...]] = {}
        self._openable = lru_cache(maxsize=4)(self._openable_in)
        for rank, pattern in enumerate(self._patterns):
            if _guard(parser.parse(pattern.pattern, pattern.flags), pattern.flags) != "look":
                raise ValueError(f"expected an expression behind (?<!\\w) or the like, found {pattern.pattern[:40]!r}")
            for opening in openings(pattern) or {""}:
                self._by.setdefault(opening, []).append(rank)

    def each(self, text: str, start: int, end: int) -> Iterator[tuple[int, re.Match[str]]]:
        """(rank, match) for what every expression finds by itself in ``text[start:end]``, from left to right."""
        free: dict[int, int] = {}
        for place, able in self._places(text, start, end):
            for rank in able:
                if free.get(rank, 0) <= place and (match := self._patterns[rank].match(text, place, end)):
                    free[rank] = match.end()
                    yield rank, match

    def first(self, text: str, start: int, end: int) -> Iterator[tuple[int, re.Match[str]]]:
        """(rank, match) for what all of them joined by ``|`` find: at one place the first that fits, none overlapping."""
        free = start
        for place, able in self._places(text, start, end):
            if place < free:
                continue
            for rank in able:
                if match := self._patterns[rank].match(text, place, end):
                    free = match.end()
                    yield rank, match
                    break

    def _places(self, text: str, start: int, end: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Where at least one of them can open, and the ranks of those that can."""
        places, able = self._openable(text)
        for at in range(bisect_left(places, start), bisect_left(places, end)):
            yield places[at], able[at]

    def _openable_in(self, text: str) -> tuple[list[int], list[tuple[int, ...]]]:
        """``_places`` in the whole note, which is asked for clause by clause."""
        walk = _walk(text)
        known = self._able if len(self._able) < KEPT else {}
        for opening in {opening for _, opening in walk} - known.keys():
            known[opening] = tuple(sorted({rank for width in range(WIDTH + 1) for rank in self._by.get(opening[:width], ())}))
        able = [(place, ranks) for place, opening in walk if (ranks := known[opening])]
        return [place for place, _ in able], [ranks for _, ranks in able]


@lru_cache(maxsize=1024)
def openings(pattern: re.Pattern[str]) -> frozenset[str] | None:
    """What every match of the pattern begins with, or None when it can begin with anything or inside a word."""
    parsed = parser.parse(pattern.pattern, pattern.flags)
    guard = _guard(parsed, pattern.flags)
    closed, still = _after(parsed, {""}) if guard else ({""}, set())
    found = {_short(word, closed | still) for word in closed | still}
    if "" in found or len(found) > MOST or (guard == "border" and not all(word[0].isalnum() for word in found)):
        return None
    return frozenset(found)


@lru_cache(maxsize=1024)
def needs(pattern: re.Pattern[str]) -> tuple[str, ...] | None:
    """Strings, written as openings are, of which every match holds one; None when the expression names none."""
    return _needed(parser.parse(pattern.pattern, pattern.flags))


def _needed(items: Iterable[tuple[Any, Any]]) -> tuple[str, ...] | None:
    best: tuple[str, ...] | None = None
    run = ""
    for operator, argument in [*items, (None, None)]:
        if operator is code.LITERAL and argument < 128:
            run += plain(chr(argument))
            continue
        ways: list[tuple[str, ...] | None] = [(run,)] if run else []
        run = ""
        if operator is code.SUBPATTERN:
            ways.append(_needed(argument[-1]))
        elif operator is code.BRANCH:
            each = [_needed(way) for way in argument[1]]
            ways.append(None if None in each else tuple(dict.fromkeys(word for way in each for word in way or ())))
        elif operator in (code.MAX_REPEAT, code.MIN_REPEAT) and argument[0]:
            ways.append(_needed(argument[2]))
        for way in ways:
            if way is not None and (best is None or min(map(len, way)) > min(map(len, best))):
                best = way
    return best


def _guard(items: Iterable[tuple[Any, Any]], flags: int) -> str:
    """What keeps it from beginning inside a word: the border of a word, a look behind that forbids letters, nothing."""
    for operator, argument in items:
        if operator is code.AT and argument is code.AT_BOUNDARY:
            return "border"
        if operator is code.AT and argument in (code.AT_BEGINNING, code.AT_BEGINNING_STRING):
            return "look"
        if operator is code.ASSERT_NOT and argument[0] < 0 and _bars_letters(argument[1], flags):
            return "look"
        if operator is code.SUBPATTERN:
            return _guard(argument[-1], flags)
        if operator is code.BRANCH:
            guards = [_guard(way, flags) for way in argument[1]]
            return min(guards, key=("", "border", "look").index)
        if operator not in (code.AT, code.ASSERT, code.ASSERT_NOT):
            return ""
    return ""


def _bars_letters(items: Sequence[tuple[Any, Any]], flags: int) -> bool:
    if len(items) != 1 or items[0][0] is not code.IN:
        return False
    members = items[0][1]
    small = (code.RANGE, (ord("a"), ord("z"))) in members and flags & re.IGNORECASE
    return bool((code.CATEGORY, code.CATEGORY_WORD) in members or small)


def _short(word: str, known: set[str]) -> str:
    """The shortest known opening that covers the word."""
    return next((word[:n] for n in range(len(word)) if word[:n] in known), word)


def _after(items: Iterable[tuple[Any, Any]], still: set[str]) -> tuple[set[str], set[str]]:
    """Openings after these items: those that are complete, and those that what follows will lengthen."""
    closed: set[str] = set()
    for operator, argument in items:
        done, still = _after_one(operator, argument, still)
        closed |= done | {word for word in still if len(word) >= WIDTH}
        still = {word for word in still if len(word) < WIDTH}
        if len(still) + len(closed) > 4 * MOST:
            return closed | still, set()
    return closed, still


def _after_one(operator: Any, argument: Any, still: set[str]) -> tuple[set[str], set[str]]:
    if operator in (code.AT, code.ASSERT, code.ASSERT_NOT):
        return set(), still
    if operator is code.LITERAL and argument < 128:
        return set(), {word + plain(chr(argument)) for word in still}
    if operator is code.IN and (letters := _letters(argument)):
        return set(), {word + letter for word in still for letter in letters}
    if operator is code.SUBPATTERN:
        return _after(argument[-1], still)
    if operator is code.BRANCH:
        ways = [_after(way, still) for way in argument[1]]
        return set().union(*(way[0] for way in ways)), set().union(*(way[1] for way in ways))
    if operator in (code.MAX_REPEAT, code.MIN_REPEAT):
        return _repeated(argument, still)
    return still, set()


def _repeated(argument: tuple[int, int, Any], still: set[str]) -> tuple[set[str], set[str]]:
    least, most, items = argument
    closed: set[str] = set()
    passed = set(still) if least == 0 else set()
    for turn in range(1, min(most, WIDTH) + 1):
        done, still = _after(items, still)
        closed |= done
        if turn >= min(least, WIDTH):
            passed |= still
    return closed, passed


def _letters(members: Sequence[tuple[Any, Any]]) -> set[str]:
    """The letters of a class as openings are written; empty for one that holds more than a few ASCII letters."""
    found: set[str] = set()
    for operator, argument in members:
        if operator is code.LITERAL and argument < 128:
            found.add(plain(chr(argument)))
        elif operator is code.RANGE and argument[1] < 128:
            found.update(plain(chr(letter)) for letter in range(argument[0], argument[1] + 1))
        elif operator is code.CATEGORY and argument is code.CATEGORY_DIGIT:
            found.add("0")
        elif operator is code.CATEGORY and argument is code.CATEGORY_SPACE:
            found.add(" ")
        else:
            return set()
    return found
