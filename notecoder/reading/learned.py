"""A linear reader of wording: was the act told as done today.

Clinicians put off, weigh, refuse and report in more ways than any list of phrases holds. The rules of ``status`` and
``frames`` decide first; where the words around an act they hold for done speak plainly against it, this reader takes
it back. It is a linear model over words, word pairs and word endings, trained by ``scripts/train`` on labelled lines
(``corpora/lines``) and on the project's notes (card: ``models/act_status/README.md``).

Of a stored pipeline only its numbers are read, as plain arrays; the text of a note is never kept.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from itertools import pairwise
from typing import Any
from zipfile import ZipFile

import numpy as np
from murmurhash.mrmr import hash_bytes
from numpy.typing import NDArray

ACT_STATUS = "act_status.skops"
FEATURES = 2**15
"""Features are hashed into so many; no word of a training note is stored."""
_TOKEN = re.compile(r"[a-z]+(?:['’][a-z]+)?|\d+(?:\.\d+)?|[^\sa-z\d]")


@dataclass(frozen=True, slots=True)
class Linear:
    """Two labels, for each hashed feature a weight in favor of the second, and what the sum starts with."""

    labels: tuple[str, str]
    weights: NDArray[np.float32]
    start: float

    def probabilities(self, features: Iterable[str]) -> dict[str, float]:
        """The probability of each label."""
        rows = [abs(hash_bytes(feature.encode(), 0)) % FEATURES for feature in features]
        share = 1.0 / (1.0 + math.exp(-(float(self.weights[rows].sum(dtype=np.float64)) + self.start)))
        return {self.labels[0]: 1.0 - share, self.labels[1]: share}


def stored(name: str) -> tuple[NDArray[np.str_], NDArray[np.float64], NDArray[np.float64]]:
    """Classes, coefficients and intercept of a stored pipeline. Raises ``KeyError`` or ``ValueError`` for another file."""
    with ZipFile(BytesIO((files("notecoder.models") / name).read_bytes())) as archive:
        named = dict(_arrays(json.loads(archive.read("schema.json"))))
        classes, coefficients, intercept = (
            np.load(BytesIO(archive.read(named[part])), allow_pickle=False)
            for part in ("classes_", "coef_", "intercept_")
        )
    return classes, coefficients, intercept


def _arrays(node: Any) -> Iterator[tuple[str, str]]:
    """(attribute, file) of each array of a stored pipeline."""
    if isinstance(node, dict):
        for name, value in node.items():
            if isinstance(value, dict) and value.get("__loader__") == "NdArrayNode":
                yield name, value["file"]
            else:
                yield from _arrays(value)
    elif isinstance(node, list):
        for value in node:
            yield from _arrays(value)


@cache
def model(name: str) -> Linear:
    """A stored model of two labels, read once."""
    (first, second), coefficients, intercept = stored(name)
    return Linear((str(first), str(second)), coefficients[0].astype(np.float32), float(intercept[0]))


def tokens(text: str) -> list[str]:
    """Words, signs and numbers in small letters, every number one digit."""
    return ["0" if token[0].isdigit() else token for token in _TOKEN.findall(text.lower())]


def act_features(text: str, start: int, end: int, family: str) -> list[str]:
    """What the model of act status sees of the act at [start, end) of a clause."""
    before, own, after = tokens(text[:start]), tokens(text[start:end]), tokens(text[end:])
    words = [*before, *own, *after]
    found = [f"F:{family}"]
    found += [f"b{at}:{word}" for at, word in enumerate(reversed(before[-4:]))]
    found += [f"a{at}:{word}" for at, word in enumerate(after[:4])]
    found += [f"B:{word}" for word in before] + [f"A:{word}" for word in after] + [f"C:{word}" for word in words]
    found += [f"CC:{one} {other}" for one, other in pairwise(words)]
    if own:
        found += [f"m:{own[0]}", f"ml:{own[-1]}", f"me:{own[0][-2:]}"]
    found += [f"s0:{' '.join(words[:1])}", f"s1:{' '.join(words[:2])}"]
    found += [f"X:{word[-3:]}" for word in words if len(word) > 4] + [f"Y:{word[:5]}" for word in words if len(word) > 5]
    return found
