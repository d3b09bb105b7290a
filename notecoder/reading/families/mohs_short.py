"""Mohs stages told in short: the same facts as "stage 2, 3 blocks", written out before the stages are counted.

Surgeons count layers, planes or passes and cassettes or sections as well as stages and blocks; they write "I (6) II (4)",
"two layers (2 bl, 1 bl)", "3 stages with 2, 2 and 1 blocks", "clear on I (2 bl)" or "2 sections apiece". Each of these gives
every stage its own blocks (MO-01: blocks never pool). Only the words change here; quotes are taken from the note itself.
"""

from __future__ import annotations

import re
from functools import lru_cache

_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "single": 1, "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "initial": 1,
          "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5}  # fmt: skip
_COUNT = r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight)"
_BLOCK = r"(?:blocks?|blks?|bl|bks?|pieces?|pcs?|sections?|cassettes?|specimens?)\b\.?"
_STAGE = r"(?:mohs\s+)?(?:stages?|stgs?|layers?|levels?|planes?|passes|pass)"
_ROMAN = r"(?:I{1,3}|IV|V|VI)"
_CUE = re.compile(r"\b(?:stages?|stgs?|layers?|planes?|pass|passes|levels?|blocks?|blks?|bl|pieces|pcs|sections?|cassettes?|mohs|mms)\b|\b(?:I|II|III|IV|V)\b", re.IGNORECASE)

_LIST = re.compile(
    rf"\b(?P<n>{_COUNT})\s+{_STAGE}\b(?:\s+(?:to clear|to clearance|needed|required|taken|until clear|for clearance|altogether|in all))?\s*"
    rf"(?:[,:;–-]|\bwith\b|\bof\b|\busing\b|\bin\b)?\s*\(?\s*(?P<list>{_COUNT}(?:\s*{_BLOCK})?(?:(?:\s*(?:,|/|\+|;|then|and|&)\s*)+{_COUNT}(?:\s*{_BLOCK})?)*)\s*(?P<bl>{_BLOCK})?\s*(?P<close>\))?(?!\s*(?:x|mm|cm|of)\b)",
    re.IGNORECASE,
)
""" "Three stages with 2, 2 and 1 blocks", "4 stages (3, 2, 1, 1)", "1 stage (2)"."""
_CLEAR_LIST = re.compile(
    rf"\bclear(?:ed|ance)?\s+(?:at|on|after|by|in|with)?\s*(?:{_STAGE}\s*)?(?P<n>\d|{_ROMAN}|one|two|three|four|five)\s*(?:{_STAGE}\s*)?\(\s*(?P<list>\d{{1,2}}(?:\s*{_BLOCK})?(?:\s*[,/+;]\s*\d{{1,2}}(?:\s*{_BLOCK})?)*)\s*(?:{_BLOCK})?\s*\)",
    re.IGNORECASE,
)
""" "Clear stage 3 (2,2,1)", "clear on I (2 bl)"."""
_AFTER_LIST = re.compile(
    rf"\bclear(?:ed)?\s+(?:at|on|after|by|in|with)\s+(?:the\s+)?(?P<n>first|second|third|fourth|fifth|1st|2nd|3rd|4th|5th)\s+{_STAGE}\s*[,:(–-]?\s*(?P<list>{_COUNT}(?:(?:\s*(?:,|/|\+|then|and|&)\s*)+{_COUNT})*)\s*(?P<bl>{_BLOCK})",
    re.IGNORECASE,
)
""" "Clear after the second stage, 2 and 1 blocks"."""
_LAYER_OF = re.compile(rf"\b(?:a\s+|another\s+|one\s+)?(?:layer|stage)\s+of\s+(?P<b>{_COUNT})\s+(?={_BLOCK})", re.IGNORECASE)
""" "A layer of 3 blocks, then a layer of 1 block"."""
_EACH = re.compile(rf"(?P<a>\b(?P<b>{_COUNT})\s+{_BLOCK}\s*(?:each|apiece|per {_STAGE}|in each(?: {_STAGE})?|every (?:time|{_STAGE})|both times|each time))", re.IGNORECASE)
_TOTAL = re.compile(rf"\b(?P<n>{_COUNT})\s+{_STAGE}\b", re.IGNORECASE)
_PLAIN_ROMAN = re.compile(rf"\b(?:{_STAGE})\s*(?:no\.?|number|#)?\s*(?P<s>v?i{{1,3}}|iv|v)\b(?!\s*(?:of|mm))", re.IGNORECASE)
_BRACKET_RUN = re.compile(rf"(?:\b{_ROMAN}\s*\(\s*\d{{1,2}}\s*(?:{_BLOCK})?\s*\)[\s,;/|–-]*(?:and\s+)?)+")
_BRACKET = re.compile(rf"\b(?P<s>{_ROMAN})\s*\(\s*(?P<b>\d{{1,2}})\s*(?:{_BLOCK})?\s*\)")
_COLON = re.compile(rf"(?<![A-Za-z])(?P<s>{_ROMAN})\s*(?:[:=]|\s[–-]|\s(?=\d))\s*(?P<b>{_COUNT})\s*(?={_BLOCK})", re.IGNORECASE)
""" "I: 3 blocks +, II: 2 blocks -", "I 2 blocks pos"."""
_RESULT = re.compile(rf"(?<![A-Za-z])(?P<s>{_ROMAN})\s*(?:[:=–-]\s*)?(?P<r>\+|-(?!\d)|(?:pos|neg)(?:itive|ative)?\b|clear\b|clean\b|free\b)")
_PARENS = re.compile(rf"\(\s*(?P<list>\d{{1,2}}\s*{_BLOCK}(?:\s*[,/;+]\s*\d{{1,2}}\s*(?:{_BLOCK})?)+)\s*\)", re.IGNORECASE)
_NAMED = re.compile(r"\bstage (\d{1,2})\b", re.IGNORECASE)
_ORDINAL = re.compile(r"\b(?P<o>first|second|third|fourth|fifth|1st|2nd|3rd|4th|5th)\s+(?:mohs\s+|excised\s+|tissue\s+|frozen\s+)?(?:plane|round|take|saucer|disc|disk)\b(?!\s+(?:suture|of))", re.IGNORECASE)
_OTHER = re.compile(rf"\b(?:plane|pass|round)\s+(?P<o>{_COUNT}|{_ROMAN})\b(?!\s*(?:of|mm|cm))", re.IGNORECASE)
_CASSETTE = re.compile(r"\bcassettes?\b", re.IGNORECASE)
_NAMED_CASSETTE = re.compile(r"\b(?:at|in|of|on|from)\s+cassettes?\s+(?:\w+(?:\s*(?:,|and|&)\s*\w+)?)", re.IGNORECASE)


def blocks_each(text: str) -> int:
    """The blocks that a clause gives every stage ("two cassettes each time"); 0 when it gives none."""
    match = _EACH.search(_CASSETTE.sub("blocks", text))
    return value_of(match["b"]) if match and not re.search(_BLOCK, text[: match.start()], re.IGNORECASE) else 0


def value_of(word: str) -> int:
    """A stage's number or a count, from a digit, a word or a Roman numeral; 0 for anything else."""
    word = word.lower()
    return int(word) if word.isdigit() else _WORDS.get(word, 0)


def _written(counts: list[int]) -> str:
    return " ".join(f"stage {n} {b} blocks;" for n, b in enumerate(counts, 1))


def _counts(listed: str) -> list[int]:
    return [value_of(w) for w in re.findall(_COUNT, listed, re.IGNORECASE)]


def _listed(match: re.Match[str]) -> str:
    counts = _counts(match["list"])
    said = match.groupdict().get("bl") or re.search(_BLOCK, match["list"], re.IGNORECASE) or "(" in match.group()
    return f" {_written(counts)} " if said and all(counts) and len(counts) == value_of(match["n"]) else match.group()


def _bracket_run(match: re.Match[str]) -> str:
    pairs = [(value_of(m["s"]), int(m["b"])) for m in _BRACKET.finditer(match.group())]
    if [s for s, _ in pairs] != list(range(pairs[0][0], pairs[0][0] + len(pairs))) or (len(pairs) == 1 and not re.search(_BLOCK, match.group(), re.IGNORECASE)):
        return match.group()
    return " " + " ".join(f"stage {s} {b} blocks;" for s, b in pairs) + " "


def _each(text: str) -> str:
    """Blocks told once for every stage: of the stages named, or of the number of stages."""
    match = _EACH.search(text)
    if match is None or re.search(_BLOCK, text[: match.start()], re.IGNORECASE):
        return text  # "cut into 6 pieces, one block each"
    before = text[: match.start()]
    blocks = value_of(match["b"])
    total = _TOTAL.search(before)
    named = list(dict.fromkeys(int(n) for n in _NAMED.findall(before))) or (list(range(1, value_of(total["n"]) + 1)) if total else [])
    if not named or not blocks:
        return text
    return before + " ".join(f"stage {n} {blocks} blocks;" for n in named) + text[match.end() :]


def _dealt(text: str) -> str:
    """Blocks in one bracket behind the stages: "I +, II neg (2 bl, 1 bl)"."""
    match = _PARENS.search(text)
    if match is None:
        return text
    named = list(dict.fromkeys(int(n) for n in _NAMED.findall(text[: match.start()])))
    counts = _counts(match["list"])
    return text[: match.start()] + _written(counts) + text[match.end() :] if len(named) == len(counts) else text




@lru_cache(maxsize=2048)
def in_full(text: str) -> str:
    """The clause with each stage and its blocks written out ("stage 2 3 blocks"); as it stands when nothing is told in short."""
    if not _CUE.search(text):
        return text
    told = text
    if _CASSETTE.search(told):
        told = _CASSETTE.sub("blocks", _NAMED_CASSETTE.sub(" ", told))
    told = _PLAIN_ROMAN.sub(lambda m: f"stage {value_of(m['s'])}", told)
    told = _ORDINAL.sub(lambda m: f"stage {value_of(m['o'])}", told)
    told = _OTHER.sub(lambda m: f"stage {value_of(m['o'])}", told)
    told = _CLEAR_LIST.sub(_listed, told)
    told = _LIST.sub(_listed, _AFTER_LIST.sub(_listed, told))
    if len(layers := list(_LAYER_OF.finditer(told))) > 1:
        for number, match in reversed(list(enumerate(layers, 1))):
            told = f"{told[: match.start()]}stage {number} {value_of(match['b'])} {told[match.end() :]}"
    if re.search(r"\bI", told):
        told = _BRACKET_RUN.sub(_bracket_run, told)
        told = _COLON.sub(lambda m: f"stage {value_of(m['s'])} {value_of(m['b'])} ", told)
        if len(found := [value_of(m["s"]) for m in _RESULT.finditer(told)]) > 1 and found == list(range(1, len(found) + 1)):
            told = _RESULT.sub(lambda m: f"stage {value_of(m['s'])} {m['r']}", told)
    return _dealt(_each(told))
