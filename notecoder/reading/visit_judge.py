"""The learned judge: is a sentence separate evaluation and management, part of the procedure, or neither.

Where the rules leave modifier 25 open a coder re-reads the sentences of the problem in question and asks what kind of
work they record. The judge does the same with a linear model over words and short letter groups, trained by
``scripts/train`` on the project's own notes (card: ``models/visit_judge/README.md``). It is asked only about problems
the rules cannot settle; it adds an opinion with its margin to the problem and changes nothing else.

Of the stored pipeline only its numbers are read here, as plain arrays: what scikit-learn computes from them is a sum of
weights, and loading it to add them up would cost more than reading the note (a test holds both against each other).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Literal

import numpy as np
from murmurhash.mrmr import hash_bytes
from numpy.typing import NDArray

from notecoder.evidence import Evidence, merged
from notecoder.facts.visit import Judgement, Problem
from notecoder.reading.learned import stored

Label = Literal["separate", "procedure", "neither"]
LABELS: tuple[Label, ...] = ("neither", "procedure", "separate")
MODEL = "visit_judge.skops"
FEATURES = 2**13
"""Words are hashed into so many features, letter groups into as many behind them."""
_WORD = re.compile(r"[a-z0-9%/&']+")
OF_PROCEDURE = frozenset({"procedure", "aftercare", "await_pathology"})


def features(text: str) -> str:
    """A sentence as the model reads it: lower case, every number one digit, white space folded."""
    return re.sub(r"\s+", " ", re.sub(r"\d+(?:\.\d+)?", "0", text.lower())).strip()


@dataclass(frozen=True, slots=True)
class _Model:
    """The labels in the order of the rows of ``weights``: a row of numbers for each hashed word or letter group."""

    labels: tuple[Label, ...]
    weights: list[list[float]]
    start: NDArray[np.float64]


@cache
def _model() -> _Model:
    """The numbers of the stored pipeline. Raises ``KeyError`` or ``ValueError`` for a file that is none."""
    classes, coefficients, intercept = stored(MODEL)
    labels: dict[str, Label] = {label: label for label in LABELS}
    return _Model(tuple(labels[str(name)] for name in classes), coefficients.T.tolist(), intercept)


def _words(text: str) -> list[str]:
    """Words and pairs of neighboring words."""
    words = _WORD.findall(text)
    return [*words, *(f"{one} {other}" for one, other in pairwise(words))]


def _letters(text: str) -> list[str]:
    """Groups of three and four letters within words, the space on either side of a word among them."""
    found = []
    for word in text.split():
        padded = f" {word} "
        for width in (3, 4):
            found += [padded[at : at + width] for at in range(max(1, len(padded) - width + 1))]
            if len(padded) <= width:
                break
    return found


def _hashed(groups: Iterable[str], offset: int) -> Iterator[tuple[int, float]]:
    """(feature, value) in order of the features; the values together have length 1."""
    counted = Counter(abs(hash_bytes(group.encode(), 0)) % FEATURES for group in groups)
    length = math.sqrt(sum(count * count for count in counted.values())) or 1.0
    return ((offset + feature, counted[feature] / length) for feature in sorted(counted))


def probabilities(sentences: Sequence[str]) -> list[dict[Label, float]]:
    """For each sentence the probability of each label."""
    return [_probabilities(features(sentence)) for sentence in sentences]


def _probabilities(text: str) -> dict[Label, float]:
    model = _model()
    sums = [0.0] * len(model.labels)
    for feature, value in (*_hashed(_words(text), 0), *_hashed(_letters(text), FEATURES)):
        for row, weight in enumerate(model.weights[feature]):
            sums[row] += value * weight
    scores = np.array(sums) + model.start
    shares = np.exp(scores - scores.max())
    return dict(zip(model.labels, (shares / shares.sum()).tolist(), strict=True))


def needs_judge(problem: Problem) -> bool:
    """Modifier 25 may be open on this problem: managed, but on a treated lesion or without complaint and exam (2.4)."""
    managed = any(action.action not in OF_PROCEDURE for action in problem.actions)
    plain = bool(problem.own_complaint or problem.own_exam) and not problem.targets
    return managed and not plain


def judged(problem: Problem) -> Problem:
    """The problem with the judge's opinion on the sentences that evaluate and manage it."""
    own = (action.evidence[:1] for action in problem.actions if action.action not in OF_PROCEDURE)
    spans: tuple[Evidence, ...] = merged(problem.own_assessment[:1], *own)
    if not spans:
        return problem
    rows = probabilities([span.text for span in spans])
    means: dict[Label, float] = {label: sum(row[label] for row in rows) / len(rows) for label in LABELS}
    order = sorted(LABELS, key=lambda label: (-means[label], label))
    margin = Decimal(str(round(means[order[0]] - means[order[1]], 2)))
    return problem.model_copy(update={"judged": Judgement(label=order[0], margin=margin, evidence=spans[:2])})
