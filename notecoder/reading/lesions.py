"""Conditions and lesions as the note names them: which, and (later, by status) how surely.

Words come from ``lexicon/diagnoses.toml``; the longest phrase at a place wins. A short abbreviation that means several
things (AD, HS, MM) counts only as it is written, and never inside a measure or a code.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from notecoder.reading.mention import any_of

LESION_GROUPS = frozenset(
    {"malignant", "in_situ", "premalignant", "seborrheic", "viral", "condyloma", "tag", "nevus", "cyst", "lipoma", "keloid",
     "scar", "vascular", "benign", "uncertain_behavior", "neoplasm", "hyperkeratosis"}
)  # fmt: skip
"""Groups that name a lesion a procedure can be done to."""


@dataclass(frozen=True, slots=True)
class DiagnosisMention:
    """A condition as written; ``group`` is its kind (malignant, nevus, viral, disease, sign, noun ...)."""

    term: str
    group: str
    start: int
    end: int


@cache
def _lexicon() -> tuple[re.Pattern[str], dict[str, tuple[str, str]], re.Pattern[str], dict[str, tuple[str, str]]]:
    raw = tomllib.loads((files("notecoder.reading") / "lexicon" / "diagnoses.toml").read_text(encoding="utf-8"))
    words: dict[str, tuple[str, str]] = {}
    cased: dict[str, tuple[str, str]] = {}
    for term, entry in raw.items():
        for word in entry["words"]:
            words.setdefault(word, (term, entry["group"]))
        for word in entry.get("cased", ()):
            cased.setdefault(word, (term, entry["group"]))

    def pattern(entries: dict[str, tuple[str, str]], flags: int) -> re.Pattern[str]:
        return re.compile(r"(?<!\w)" + any_of(entries) + r"(?:'?s|es)?(?!\w)", flags)

    return pattern(words, re.IGNORECASE), words, pattern(cased, 0), cased


_NOT_AFTER = {
    "MM": re.compile(r"[\d.(\[]\s*$"),
    "AA": re.compile(r"(?:\d|est|yo|y/o)\s*$"),
    "AT": re.compile(r"."),
    "TE": re.compile(r"[\d]\s*$"),
    "CD": re.compile(r"."),
}


_FEATURE = re.compile(
    r"\b(?:with|w/|and|plus|overlying|arborizing|surface|prominent|visible|fine|few|scattered|show\w*|has|scale|crust\w*|ulcer\w*|"
    r"papule|nodule|plaque|pearly|shiny|rolled border)s?[,;]?\s+(?:an? |some |few )?$",
    re.IGNORECASE,
)
"""Vessels seen on a lesion are its feature, not a condition."""
_OTHER_TAG = re.compile(r"\b(?:suture|silk|stitch|price|gift|name|ear|id|marking|nylon|dog)\s+$", re.IGNORECASE)


_INFLAMED_BEFORE = re.compile(r"(?<!not )(?<!non-)(?<!non )\b(?:inflamed|irritated|traumati[sz]ed)[\w ,/&-]{0,30}$", re.IGNORECASE)
_INFLAMED_AFTER = re.compile(r"(?:(?!\b(?:no|not|non|without|never|nor|neither|nothing|un)\b)[^.;:]){0,60}?\b(?:inflamed|irritated|traumati[sz]ed)\b", re.IGNORECASE)
""" "Seborrheic keratoses of the trunk, inflamed": the word belongs to them (em_dx.md, the list of terms)."""


def find_diagnoses(text: str, start: int, end: int) -> Iterator[DiagnosisMention]:
    """The conditions named in ``text[start:end]``, left to right, none overlapping."""
    plain, words, exact, cased = _lexicon()
    found: list[DiagnosisMention] = []
    for match in plain.finditer(text, start, end):
        word = re.sub(r"\s+", " ", match.group().lower())
        entry = words.get(word) or words.get(word.removesuffix("'s")) or words.get(word[:-1]) or words.get(word[:-2])
        if entry and word.startswith("telangiect") and _FEATURE.search(text[max(start, match.start() - 24) : match.start()]):
            continue
        if entry and not (entry[1] == "tag" and _OTHER_TAG.search(text[max(start, match.start() - 12) : match.start()])):
            found.append(DiagnosisMention(entry[0], entry[1], match.start(), match.end()))
    for match in exact.finditer(text, start, end):
        word = match.group()
        entry = cased.get(word) or cased.get(word.removesuffix("s")) or cased.get(word.removesuffix("'s"))
        bar = _NOT_AFTER.get(word)
        if word == "PSA" and re.search(r"\b(?:prostat\w+|blood tests?|labs?|called the)\b[^.;]{0,60}$", text[max(0, match.start() - 90) : match.start()], re.IGNORECASE):
            continue
        if word == "MAC" and re.search(r"\b(?:an[ae]sth\w*|sedation|local|with|under|iv|general)\b[\s:,/+&]*(?:and\s+|with\s+|under\s+)?$", text[max(0, match.start() - 26) : match.start()], re.IGNORECASE):
            continue  # monitored anesthesia care
        if word == "POD" and re.match(r"\s*#?\d", text[match.end() : match.end() + 4]):
            continue
        if entry is None or (bar and bar.search(text[max(0, match.start() - 6) : match.start()])):
            continue
        if not any(m.start < match.end() and match.start() < m.end for m in found):
            found.append(DiagnosisMention(entry[0], entry[1], match.start(), match.end()))
    found.sort(key=lambda m: m.start)
    for position, mention in enumerate(found):
        if mention.term == "seborrheic_keratosis":
            low = found[position - 1].end if position else start
            high = found[position + 1].start if position + 1 < len(found) else end
            if _INFLAMED_BEFORE.search(text[max(low, mention.start - 40) : mention.start]) or _INFLAMED_AFTER.match(text[mention.end : min(high, mention.end + 80)]):
                mention = DiagnosisMention("inflamed_seborrheic_keratosis", mention.group, mention.start, mention.end)
        yield mention
