"""The learned judge: is a sentence separate evaluation and management, part of the procedure, or neither.

Where the rules leave modifier 25 open a coder re-reads the sentences of the problem in question and asks what kind of
work they record. The judge does the same with a linear model over words and short letter groups, trained by
``scripts/train`` on the project's own notes (card: ``models/visit_judge/README.md``). It is asked only about problems
the rules cannot settle; it adds an opinion with its margin to the problem and changes nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from importlib.resources import as_file, files
from typing import Any, Literal

from notecoder.evidence import Evidence, merged
from notecoder.facts.visit import Judgement, Problem

Label = Literal["separate", "procedure", "neither"]
LABELS: tuple[Label, ...] = ("neither", "procedure", "separate")
MODEL = "visit_judge.skops"
TRUSTED: tuple[str, ...] = ()
"""Types outside skops' own list that the stored model may hold: none."""
OF_PROCEDURE = frozenset({"procedure", "aftercare", "await_pathology"})


def features(text: str) -> str:
    """A sentence as the model reads it: lower case, every number one digit, white space folded."""
    return re.sub(r"\s+", " ", re.sub(r"\d+(?:\.\d+)?", "0", text.lower())).strip()


@cache
def _model() -> Any:
    """The stored pipeline. Raises ``skops`` errors if the file holds a type that is not trusted."""
    from skops.io import load

    with as_file(files("notecoder.models") / MODEL) as path:
        return load(path, trusted=list(TRUSTED))


def probabilities(sentences: Sequence[str]) -> list[dict[Label, float]]:
    """For each sentence the probability of each label."""
    rows = _model().predict_proba([features(sentence) for sentence in sentences])
    names = [str(name) for name in _model().classes_]
    return [dict(zip(names, (float(value) for value in row), strict=True)) for row in rows]  # type: ignore[misc]


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
