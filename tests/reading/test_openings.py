"""What an expression can open with, and that looking only there finds what the expression finds."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from notecoder.reading.openings import Glossary, Index, beginnings, needs, openings

SAMPLES = Path(__file__).resolve().parents[2] / "corpora" / "samples"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"\bbx\b", {"bx"}),
        (r"\b(?:punch|p ?bx)", {"pun", "p b", "pbx"}),
        (r"(?<!\w)(?:skin )?biops\w+", {"ski", "bio"}),
        (r"\b[ab]c{2,3}", {"acc", "bcc"}),
        (r"\b(?:no|not)\b", {"no"}),
        (r"(?<!\w)\d ?mm", {"0 m", "0mm"}),
        (r"\bx(?=yz)y", {"xy"}),
        (r"(?<!\w)a\w*b", {"a"}),
        (r"(?<!\w)a?b?", None),
        (r"(?<!\w)\w+ nails", None),
        (r"(?<!\w)[^.;]{0,40}nails", None),
        (r"\b(?:don’t|wasn't)", {"don", "was"}),
        (r"punch", None),
        (r"(?:\b|x)punch", None),
        (r"(?:^|\bno )punch", {"pun", "no "}),
        (r"\b(?:%|pct)", None),
        (r"(?<!\w)(?:%|pct)", {"%", "pct"}),
        (r"(?<!non-)\bpunch", {"pun"}),
        (r"(?<!-)punch", None),
    ],
)
def test_openings_of_an_expression(pattern: str, expected: set[str] | None) -> None:
    assert openings(re.compile(pattern, re.IGNORECASE)) == (None if expected is None else frozenset(expected))


def test_a_text_begins_after_every_sign_and_digit_but_not_inside_a_word() -> None:
    assert beginnings("A 2cm BX") == {"a", "a ", "a 0", "0", "0c", "0cm", "c", "cm", "cm ", "b", "bx"}


@pytest.mark.parametrize("text", ["ſutures", "BIOPSY", "bıopsy", "K-wire", "5mm", "٥mm", "a\xa0b", "Å punch"])
def test_letters_that_a_search_takes_for_others_open_the_same(text: str) -> None:
    pattern = re.compile(r"(?<!\w)(?:suture|biopsy|k-wire|\d ?mm|a\sb|punch)", re.IGNORECASE)
    assert [m.span() for _, m in Glossary([pattern]).each(text, 0, len(text))] == [
        m.span() for m in pattern.finditer(text)
    ]
    assert pattern.search(text) is not None


def test_each_finds_what_every_expression_finds_alone() -> None:
    patterns = [re.compile(p, re.IGNORECASE) for p in (r"(?<!\w)a b", r"(?<!\w)(?:a|b c|b)", r"(?<!\w)\w+ c")]
    text = "a b c a b, B C"
    found = sorted((rank, match.span()) for rank, match in Glossary(patterns).each(text, 0, len(text)))
    assert found == [(rank, m.span()) for rank, pattern in enumerate(patterns) for m in pattern.finditer(text)]
    assert (0, (0, 3)) in found and (2, (2, 5)) in found


def test_first_finds_what_the_joined_expression_finds() -> None:
    words = ["azelaic acid", "aza", "a(?= b)", "b"]
    joined = re.compile("|".join(rf"(?<!\w)(?:{word})(?!\w)" for word in words), re.IGNORECASE)
    text = "Azelaic acid; a b, aza b azaz"
    glossary = Glossary(re.compile(rf"(?<!\w)(?:{word})(?!\w)", re.IGNORECASE) for word in words)
    assert [m.span() for _, m in glossary.first(text, 0, len(text))] == [m.span() for m in joined.finditer(text)]
    assert [rank for rank, _ in glossary.first(text, 0, len(text))] == [0, 2, 3, 1, 3]


def test_a_search_in_a_part_of_the_text_sees_what_stands_before_it() -> None:
    glossary = Glossary([re.compile(r"(?<!\w)nail", re.IGNORECASE)])
    assert [m.start() for _, m in glossary.each("toenail nail", 3, 12)] == [8]


def test_acts_of_a_note_are_found_as_each_expression_finds_them() -> None:
    acts = tomllib.loads((files("notecoder.reading") / "lexicon" / "acts.toml").read_text(encoding="utf-8"))["act"]
    patterns = [re.compile(rf"(?<![\w/])(?:{'|'.join(act['patterns'])})(?!\w)", re.IGNORECASE) for act in acts]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(SAMPLES.glob("*.txt")))
    expected = [(rank, m.span()) for rank, pattern in enumerate(patterns) for m in pattern.finditer(text)]
    assert len(expected) > 20
    assert sorted((rank, m.span()) for rank, m in Glossary(patterns).each(text, 0, len(text))) == expected


def test_a_glossary_refuses_what_can_begin_inside_a_word() -> None:
    with pytest.raises(ValueError, match="expected"):
        Glossary([re.compile("punch")])


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"\b\w+ graft\b", (" graft",)),
        (r"(?:tap|cut) ?biops\w+", ("biops",)),
        (r"\w*(?:shave|punch)", ("shave", "punch")),
        (r"\w*(?:shave|\d+)", None),
        (r"[^.;]{0,40}(?:flap)?", None),
        (r"\d{2,3}(?:mm)+", ("mm",)),
    ],
)
def test_what_an_expression_cannot_be_found_without(pattern: str, expected: tuple[str, ...] | None) -> None:
    assert needs(re.compile(pattern, re.IGNORECASE)) == expected


def test_an_index_says_what_a_search_of_every_text_says() -> None:
    texts = ["Shave biopsy taken.", "FTSG, a full-thickness\ngraft", "no word of it", "Kın graft", "the graftſ"]
    whole = "".join(texts)
    ends = [len("".join(texts[: place + 1])) for place in range(len(texts))]
    index = Index(whole, list(zip([0, *ends], ends, strict=False)))
    for pattern in (r"\bshave\b", r"\b\w+\sgraft\b", r"[a-z]+\sgrafts?", r"[a-z]", r"\bskin graft", r"a\sfull"):
        compiled = re.compile(pattern, re.IGNORECASE)
        assert index.saying(compiled) == {place for place, text in enumerate(texts) if compiled.search(text)}
