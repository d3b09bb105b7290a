"""Whether a clause says that a disease is at its goal: the words, and what turns them around.

A coder reads the goal first ("not at goal", "goal met"), then words of activity and of rest. A denial turns a word
around or takes it away ("no flares", "not clear"), a wish or a condition takes it away ("goal is clear skin", "if it
flares", "for flares"), and of two times in one clause the present one counts ("was flaring, now clear").
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from notecoder.reading.visit_words import cues

Trend = Literal["worse", "better"]


@dataclass(frozen=True, slots=True)
class Told:
    """Words about control in a clause: which way, whether they name the goal itself, where."""

    trend: Trend
    goal: bool
    start: int
    end: int


_DENIED = re.compile(
    r"\b(?:no|not|without|denie[sd]|denying|never|nor|n't|neither|any|zero|free of|no longer|rarely|hardly|un|non)[ -]"
    r"(?:\w+,? (?:or |and )?){0,2}$"
)
_OPEN = re.compile(
    r"\b(?:if|unless|should|until|till|once|when(?:ever)?|in case(?: of)?|may|might|could|risk of|to prevent|prevent\w*|"
    r"prn|p\.r\.n\.|as needed|at (?:the )?first signs? of|monitor\w* for|watch\w* for|look\w* for|check\w* for|signs? of|"
    r"report any|avoid\w*|expect\w*|warned|call (?:for|with|if)|surveillance for)\b[^,;.]*$"
)
_ASIDE = re.compile(r"\b(?:for|during|with|prn|treat|treating)\s+(?:any |acute |future |bad |occasional )?$")
_WISHED = re.compile(
    r"\b(?:goal|target|aim|hop\w+|want\w*|would like|wish\w*|expect\w*|to (?:be|get|become|stay|keep|achieve|reach)|"
    r"until|till|once|if|when|unless|not|never|n't|isn't|no longer|nor|hardly|less than|far from|yet to be|should be|"
    r"will be|could be)\b(?:[ :]+[\w']+){0,4}[ :]*$"
)
_NOW = re.compile(r"\b(?:now|currently|today|at present|since then|these days|presently)\b")


@lru_cache(maxsize=512)
def told(lower: str) -> tuple[Told, ...]:
    """What a clause in lower case says of control, with the place of the words: worse or better, never both."""
    missed = [m.span() for m in cues("goal_missed", lower) if not _OPEN.search(lower[: m.start()])]
    met = [
        m.span()
        for m in cues("goal_met", lower)
        if not any(a < m.end() and m.start() < b for a, b in missed) and not _WISHED.search(lower[: m.start()])
    ]
    if missed or met:
        return _all("worse", missed, goal=True) or _all("better", met, goal=True)
    active = [m.span() for m in cues("not_at_goal", lower)]
    worse = [(a, b) for a, b in active if not _taken_back(lower[:a], lower[a:b])]
    better = [
        m.span()
        for m in cues("stable", lower)
        if not any(a <= m.start() and m.end() <= b for a, b in active if lower[a:b] != m.group())
        and not _WISHED.search(lower[: m.start()])
    ]
    if worse and better and worse[-1][1] <= better[-1][0] and _NOW.search(lower, worse[-1][1], better[-1][1]):
        worse = []
    return _all("worse", worse) or _all("better", better)


def _all(trend: Trend, spans: Iterable[tuple[int, int]], *, goal: bool = False) -> tuple[Told, ...]:
    return tuple(Told(trend, goal, start, end) for start, end in spans)


def _taken_back(before: str, words: str) -> bool:
    """Denied, only possible, or the use a drug is kept for."""
    if _DENIED.search(before) or _OPEN.search(before):
        return True
    return words.startswith(("flar", "itch")) and bool(_ASIDE.search(before))
