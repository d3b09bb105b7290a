"""The vocabulary of a visit: cue phrases, drugs and tests, found in plain text.

A coder knows the words that say how a disease stands, what was decided, how patient and clinician met. They live in
``lexicon/visit_*.toml`` with examples that must match and near-misses that must not; here they become pure finders.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from notecoder.reading.openings import CLAUSE, Glossary, beginnings, openings


@cache
def lexicon(name: str) -> dict[str, Any]:
    """A lexicon file of the visit, parsed once."""
    return tomllib.loads((files("notecoder.reading") / "lexicon" / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def _cues() -> dict[str, tuple[re.Pattern[str], frozenset[str] | None]]:
    """The expression of each class of phrases, and what it can open with."""
    patterns = {
        name: re.compile(r"(?<![a-z0-9])(?:" + "|".join(entry["patterns"]) + r")(?![a-z0-9])", re.IGNORECASE)
        for name, entry in lexicon("visit_words").items()
    }
    return {name: (pattern, openings(pattern)) for name, pattern in patterns.items()}


def cue(name: str, text: str, start: int = 0, end: int | None = None) -> re.Match[str] | None:
    """The first phrase of a cue class in ``text[start:end]``, or None."""
    if start == 0 and end is None and len(text) <= CLAUSE:
        return _cue(name, text)
    return _cues()[name][0].search(text, start, len(text) if end is None else end)


@lru_cache(maxsize=8192)
def _cue(name: str, text: str) -> re.Match[str] | None:
    """The first phrase in a clause, which is asked for it again and again."""
    pattern, opens = _cues()[name]
    if opens is not None and opens.isdisjoint(beginnings(text)):
        return None
    return pattern.search(text)


def cues(name: str, text: str, start: int = 0, end: int | None = None) -> Iterator[re.Match[str]]:
    """Every phrase of a cue class in ``text[start:end]``."""
    return _cues()[name][0].finditer(text, start, len(text) if end is None else end)


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug of the lexicon. ``groups``: groups of conditions it is given for."""

    name: str
    kind: str
    groups: frozenset[str]
    long_term: str | None
    watched: bool
    oral: bool
    otc_percent: Decimal | None


@dataclass(frozen=True, slots=True)
class DrugMention:
    """A drug as written, with the percent that stands beside it."""

    drug: Drug
    start: int
    end: int
    percent: Decimal | None
    regimen: bool
    """A strength, a form or a frequency stands beside it."""

    @property
    def otc(self) -> bool:
        """Sold over the counter as written."""
        if self.drug.kind == "strength":
            limit = self.drug.otc_percent
            return limit is not None and self.percent is not None and self.percent <= limit
        return self.drug.kind == "otc"


@cache
def _drugs() -> tuple[Glossary, tuple[Drug, ...]]:
    entries = lexicon("visit_drugs")["drug"]
    words = (rf"(?<![\w-])(?:{entry['words']})(?![a-z0-9])" for entry in entries)
    drugs = tuple(
        Drug(
            name=entry["name"],
            kind=entry["kind"],
            groups=frozenset(entry["for"].split()),
            long_term=entry.get("long_term"),
            watched=bool(entry.get("watched")),
            oral=bool(entry.get("oral")),
            otc_percent=Decimal(entry["otc_percent"]) if "otc_percent" in entry else None,
        )
        for entry in entries
    )
    return Glossary(re.compile(word, re.IGNORECASE) for word in words), drugs


_PERCENT = re.compile(r"^[^.;,\d]{0,22}?(\d{0,2}(?:\.\d+)?) ?%")
_REGIMEN = re.compile(
    r"^[^.;]{0,60}?(?:\b(?:bid|tid|qid|qd|qhs|qam|qpm|qod|prn|daily|nightly|weekly|monthly|twice|once|times|every|"
    r"q ?\d+ ?[hdwm]\w*|at night|at bedtime|mg|mcg|gm?|iu|units|cream|crm|cr(?=\W)|oint\w*|gel|lotion|foam|shampoo|soln?|"
    r"solution|wash|spray|tab\w*|caps?\w*|taper|tonight|x ?\d+ ?(?:d|days?|wks?|weeks?|mo|months?)|for (?:the )?(?:next )?(?:\d+|one|two|three|four|six|a) (?:more )?(?:days?|weeks?|months?)(?! (?:with no|without|but|did|ago|and no|had)))\b|\d ?%|/wk|\d+ ?x ?\d+(?=,))",
    re.IGNORECASE,
)
_GIVEN_HERE = re.compile(
    r"\b(?:il|ilk|intralesional\w*|inject\w*|mg/ml|mg/cc|im\b|k-?(?:5|10|40)|kenalog-\d+|mdv|vial|sdv|lot\b|sq\b|subq|subcut\w*|deltoid|glut\w*|hemostasis)",
    re.IGNORECASE,
)


@lru_cache(maxsize=4)
def _drug_words(text: str) -> tuple[tuple[int, ...], tuple[tuple[int, re.Match[str]], ...]]:
    """Every drug word of the note and where they start; asked for clause by clause, many times."""
    found = tuple(_drugs()[0].first(text, 0, len(text)))
    return tuple(match.start() for _, match in found), found


@lru_cache(maxsize=4)
def _drugs_found(text: str) -> dict[tuple[int, int], tuple[DrugMention, ...]]:
    """Answers about a note, which is asked clause by clause and more than once."""
    return {}


def find_drugs(text: str, start: int, end: int) -> Iterator[DrugMention]:
    """The drugs named in ``text[start:end]`` that are not being injected here and now."""
    known = _drugs_found(text)
    if (start, end) not in known:
        known[start, end] = tuple(_drugs_in(text, start, end))
    return iter(known[start, end])


def _drugs_in(text: str, start: int, end: int) -> Iterator[DrugMention]:
    _, drugs = _drugs()
    starts, words = _drug_words(text)
    for rank, match in words[bisect_left(starts, start) : bisect_left(starts, end)]:
        if match.end() > end:
            continue
        drug = drugs[rank]
        after = text[match.end() : end]
        inside = _PERCENT.match(text[match.start() : match.end()] + after)
        percent = _PERCENT.match(after) or (re.search(r"(\d{1,2}(?:\.\d+)?) ?%", match.group()) or inside)
        value = Decimal(percent.group(1)) if percent and percent.group(1) not in ("", ".") else None
        if drug.name in ("triamcinolone", "fluorouracil") and _GIVEN_HERE.search(
            text, max(start, match.start() - 60), end
        ):
            continue
        yield DrugMention(drug, match.start(), match.end(), value, bool(_REGIMEN.match(after) or value is not None))


@dataclass(frozen=True, slots=True)
class TestMention:
    """A test as written; ``name`` is its key."""

    __test__ = False

    name: str
    start: int
    end: int


@cache
def _tests() -> tuple[Glossary, tuple[str, ...]]:
    entries = lexicon("visit_tests")["test"]
    words = (rf"(?<!\w)(?:{entry['words']})(?!\w)" for entry in entries)
    return Glossary(re.compile(word, re.IGNORECASE) for word in words), tuple(e["name"] for e in entries)


@lru_cache(maxsize=4)
def _tests_found(text: str) -> dict[tuple[int, int], tuple[TestMention, ...]]:
    """Answers about a note, which is asked clause by clause and more than once."""
    return {}


def find_tests(text: str, start: int, end: int) -> tuple[TestMention, ...]:
    """The tests named in ``text[start:end]``."""
    known = _tests_found(text)
    if (start, end) not in known:
        glossary, names = _tests()
        found = glossary.first(text, start, end)
        known[start, end] = tuple(TestMention(names[rank], m.start(), m.end()) for rank, m in found)
    return known[start, end]


@cache
def condition_class(term: str) -> str | None:
    """How long a condition lasts by default (EM-P-DX): chronic, acute, self_limited ...; None: no problem by itself."""
    for name, terms in lexicon("visit_problems")["class"].items():
        if term in terms:
            return str(name)
    return None


@cache
def groups_of(term: str) -> frozenset[str]:
    """The groups of conditions a term belongs to (they share drugs and signs)."""
    return frozenset(name for name, terms in lexicon("visit_problems")["group"].items() if term in terms)


@cache
def sign_pattern(group: str) -> re.Pattern[str] | None:
    """What an examination of this group of conditions records."""
    words = lexicon("visit_problems")["signs"].get(group)
    return re.compile(rf"(?<![a-z])(?:{words})(?![a-z])", re.IGNORECASE) if words else None


@cache
def high_morbidity() -> re.Pattern[str]:
    """Diseases that make an undiagnosed problem's prognosis uncertain."""
    return re.compile(lexicon("visit_problems")["high_morbidity"], re.IGNORECASE)
