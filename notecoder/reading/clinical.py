"""The one room that touches spaCy's pipeline and medspaCy: tokens, ConText, and their side effects kept out.

medspaCy's import logs through loguru (PyRuSH writes every token of the note at DEBUG), silences all Python warnings and
loads QuickUMLS with nltk, which costs a second and a half and a hundred megabytes: it is imported here, lazily, with all
of that kept out. Only its ConText algorithm is used, with our own rules (``lexicon/status.toml``): its default rules
misread procedure sentences, its sentence splitter is slow and not safe in threads. ConText compares all modifiers of a
document with each other, so long notes are given to it piece by piece.
"""

from __future__ import annotations

import re
import sys
import tomllib
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import ModuleType
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span

from notecoder.reading.openings import Glossary

PIECE_TOKENS = 100
"""ConText is run on pieces of about this many tokens, cut at clause boundaries."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue that changes a target: the status it gives, where it stands in the note, and how many tokens away."""

    status: str
    start: int
    end: int
    direction: str
    distance: int


@cache
def pipeline() -> Language:
    """The blank English pipeline whose tokenizer and vocabulary everything uses. One for each process."""
    import spacy

    nlp = spacy.blank("en")
    nlp.max_length = 1_100_000
    return nlp


@cache
def _context() -> Any:
    """medspaCy's ConText with our rules."""
    with warnings.catch_warnings():
        before = list(warnings.filters)
        from loguru import logger

        logger.disable("PyRuSH")
        with _without_quickumls():
            from medspacy.context import ConText, ConTextRule

        warnings.filters = before
    context = ConText(pipeline(), rules=None, input_span_type="group", span_group_name="notecoder.targets",
                      prune_on_modifier_overlap=True, prune_on_target_overlap=False)  # fmt: skip
    directions: dict[str, set[str]] = {}
    for phrase, meanings in _meanings().items():
        directions[phrase] = {meaning.direction for meaning in meanings}
    rules = []
    for phrase, ways in directions.items():
        direction = ways.pop().upper() if len(ways) == 1 and "both" not in ways else "BIDIRECTIONAL"
        rules.append(ConTextRule(phrase, "CUE", direction=direction))
    raw = _raw()
    rules.extend(ConTextRule(phrase, "TERMINATE", direction="TERMINATE") for phrase in raw["terminators"]["phrases"])
    rules.extend(ConTextRule(phrase, "PSEUDO", direction="PSEUDO") for phrase in raw["pseudo"]["phrases"])
    context.add(rules)
    return context


@contextmanager
def _without_quickumls() -> Iterator[None]:
    """An empty module stands in for QuickUMLS while medspaCy is imported, which only wants its component registered.

    Whoever uses that component in the same process imports ``quickumls.spacy_component``, which registers it.
    """
    name = "quickumls"
    if name in sys.modules or "medspacy" in sys.modules:
        yield
        return
    empty = ModuleType(name)
    empty.spacy_component = ModuleType(f"{name}.spacy_component")  # type: ignore[attr-defined]
    sys.modules[name] = empty
    try:
        yield
    finally:
        if sys.modules.get(name) is empty:
            del sys.modules[name]


@dataclass(frozen=True, slots=True)
class _Meaning:
    status: str
    direction: str
    on: str
    scope: int


@cache
def _raw() -> dict[str, Any]:
    return tomllib.loads((files("notecoder.reading") / "lexicon" / "status.toml").read_text(encoding="utf-8"))


@cache
def _meanings() -> dict[str, tuple[_Meaning, ...]]:
    """Each phrase and all it can mean: ConText knows a phrase once, its meaning depends on side and target."""
    found: dict[str, list[_Meaning]] = {}
    for entry in _raw()["cue"]:
        for phrase in entry["phrases"]:
            meaning = _Meaning(entry["status"], entry["direction"], entry["on"], entry.get("scope", 0))
            found.setdefault(phrase, []).append(meaning)
    return {phrase: tuple(meanings) for phrase, meanings in found.items()}


_SIGNS = re.compile(r"[?'’]|\( ?b|0 ?x")
"""What cues begin with that are no words, and the apostrophe of a contraction, which is cut in two tokens."""


@cache
def _cue_phrases() -> Glossary:
    """The phrases as ConText can match them in plain text, and the contractions without an apostrophe that hold a token of one."""
    tokenizer: Any = pipeline().tokenizer
    phrases = [[token.lower_ for token in tokenizer(phrase)] for phrase in _meanings() if phrase[0].isalpha()]
    tokens = {token for phrase in phrases for token in phrase}
    cut = [text.lower() for text in tokenizer.rules if text.isalpha() and len(parts := tokenizer(text)) > 1 and any(part.lower_ in tokens for part in parts)]
    bodies = [" ?".join(map(re.escape, phrase)) for phrase in phrases] + cut
    alike: dict[str, list[str]] = {}
    for body in dict.fromkeys(bodies):
        alike.setdefault(body[:2], []).append(body + (r"(?![a-z])" if body[-1].isalpha() else ""))
    return Glossary(re.compile(rf"(?<![a-z])(?:{'|'.join(ways)})", re.IGNORECASE) for ways in alike.values())


def _may_hold_cue(text: str, start: int, end: int) -> bool:
    """Whether ConText could find a cue in this clause; most hold none, and are not given to it."""
    return _SIGNS.search(text, start, end) is not None or next(_cue_phrases().first(text, start, end), None) is not None


@dataclass(frozen=True, slots=True)
class Target:
    """A span whose status is asked: ``kind`` is "act" or "dx"."""

    start: int
    end: int
    kind: str


def cues_for(text: str, clauses: Sequence[tuple[int, int]], targets: Sequence[Target]) -> list[list[Cue]]:
    """The cues that reach each target within its own clause, in the order of ``targets``."""
    found: list[list[Cue]] = [[] for _ in targets]
    by_clause: dict[int, list[int]] = {}
    starts = [start for start, _ in clauses]
    from bisect import bisect_right

    for position, target in enumerate(targets):
        by_clause.setdefault(max(0, bisect_right(starts, target.start) - 1), []).append(position)
    piece: list[tuple[int, int, list[int]]] = []
    size = 0
    for index in sorted(by_clause):
        start, end = clauses[index]
        if not _may_hold_cue(text, start, end):
            continue
        piece.append((start, end, by_clause[index]))
        size += (end - start) // 5
        if size > PIECE_TOKENS:
            _run(text, piece, targets, found)
            piece, size = [], 0
    if piece:
        _run(text, piece, targets, found)
    return found


def _run(text: str, piece: list[tuple[int, int, list[int]]], targets: Sequence[Target], found: list[list[Cue]]) -> None:
    nlp = pipeline()
    words: list[str] = []
    spaces: list[bool] = []
    offsets: list[int] = []
    sent_starts: list[bool | int | None] = []
    for start, end, _ in piece:
        for position, token in enumerate(nlp.tokenizer(text[start:end])):
            words.append(token.text)
            spaces.append(bool(token.whitespace_))
            offsets.append(start + token.idx)
            sent_starts.append(1 if position == 0 else -1)
    doc = Doc(nlp.vocab, words=words, spaces=spaces, sent_starts=sent_starts)
    spans, owners = [], []
    for _, _, members in piece:
        for member in members:
            target = targets[member]
            span = _tokens(doc, offsets, words, target.start, target.end, target.kind.upper())
            if span is not None:
                spans.append(span)
                owners.append(member)
    doc.spans["notecoder.targets"] = spans
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _context()(doc)
    keyed = {(span.start, span.end, span.label_): owner for span, owner in zip(spans, owners, strict=True)}
    for span, modifier in doc._.context_graph.edges:
        owner = keyed.get((span.start, span.end, span.label_))
        if owner is None or modifier.category != "CUE":
            continue
        first, last = modifier.modifier_span
        where = "forward" if first < span.start else "backward"
        distance = span.start - last if where == "forward" else first - span.end
        end_at = offsets[last - 1] + len(words[last - 1])
        for meaning in _meanings().get(modifier.rule.literal, ()):
            fits = meaning.direction in (where, "both") and meaning.on in (span.label_.lower(), "both")
            if fits and (not meaning.scope or distance <= meaning.scope):
                cue = Cue(meaning.status, offsets[first], end_at, where, distance)
                if cue not in found[owner]:
                    found[owner].append(cue)


def _tokens(doc: Doc, offsets: list[int], words: list[str], start: int, end: int, label: str) -> Span | None:
    from bisect import bisect_left, bisect_right

    first = max(0, bisect_right(offsets, start) - 1)
    last = bisect_left(offsets, end)
    if last <= first:
        return None
    return Span(doc, first, last, label=label)


def warm(parts: Iterable[str] = ()) -> None:
    """Load everything a first note would have to wait for."""
    pipeline()
    _context()
    _cue_phrases()
    list(parts)
