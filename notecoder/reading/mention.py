"""Spans of the note as components see them, before they become facts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from notecoder.evidence import Evidence, quote


def quote_of(text: str, start: int, end: int) -> Evidence:
    """Evidence for the words at [start, end)."""
    return quote(text, start, end)


def any_of(words: Iterable[str]) -> str:
    """A regular expression for any of the words, as a trie: its cost does not grow with their number.

    White space inside a word matches any white space. The longest word at a place wins.
    """
    trie: dict[str, dict] = {}  # type: ignore[type-arg]
    for word in words:
        node = trie
        for char in word:
            node = node.setdefault(char, {})
        node[""] = {}
    return _branch(trie)


def _branch(node: dict[str, dict]) -> str:  # type: ignore[type-arg]
    ends = "" in node
    parts = []
    for char in sorted(key for key in node if key):
        head = r"\s+" if char == " " else re.escape(char)
        parts.append(head + _branch(node[char]))
    if not parts:
        return ""
    body = parts[0] if len(parts) == 1 and not ends else "(?:" + "|".join(parts) + ")"
    return body + "?" if ends else body
