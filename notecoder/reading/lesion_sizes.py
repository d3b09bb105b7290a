"""The size of a lesion: which measure it is, and whether the note gives another for the same lesion on the same day.

A measure labeled as the lesion's size goes before one merely beside its name. The exam's 8 mm and the procedure's 1.2 cm
contradict each other; what a lesion measured at its biopsy, what is left of it and its wound do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from notecoder.evidence import Evidence, Stated
from notecoder.reading.measures import Measure
from notecoder.reading.page import Mark

_PREOP = re.compile(r"pre-?\s?op|preop|before|initial|original|clinical", re.IGNORECASE)
_TODAY = frozenset({"exam", "procedure", "body", "assessment", "assessment_plan"})
_OTHER_TIME = re.compile(
    r"\b(?:was|were|had been|originally|initial\w*|previous\w*|prior|earlier|before|ago|last|first|biops\w+|bx|scar|final|after|post|"
    r"defect|wound|residual|grown|grew|now|from|increas\w+|curett\w+|ellipse|specimen|total|excised)\b",
    re.IGNORECASE,
)
_CLEARLY = Decimal("0.2")
"""Two measures closer than this are one, rounded."""


@dataclass(frozen=True, slots=True)
class Sized:
    """A measure that may be a lesion's size: the lower its grade, the surer."""

    grade: int
    mark: Mark
    measure: Measure
    quote: Evidence

    @property
    def value(self) -> Decimal:
        return self.measure.dims[0] if self.measure.range else self.measure.greatest

    def stated(self) -> Stated[Decimal]:
        """The size as a stated value."""
        return Stated(value=self.value, evidence=(self.quote,))


def size_grade(mark: Mark, role: str, at: int) -> int | None:
    """How surely a measure is the lesion's size; None when it is something else."""
    if role == "lesion":
        before = mark.clause.text[max(0, at - mark.clause.start - 30) : at - mark.clause.start]
        return 0 if _PREOP.search(before) else 1
    if role != "unknown":
        return None
    if mark.kind == "procedure" and not (mark.sites or mark.diagnoses):
        return 4
    return 2 if mark.diagnoses or mark.sites else 3


def contradicting(best: Sized, found: Iterable[Sized]) -> Sized | None:
    """Another size of the same lesion today, clearly different, told in another part of the note."""
    if not _of_today(best):
        return None
    for other in found:
        apart = other.mark.clause.section is not best.mark.clause.section or other.mark.clause.paragraph != best.mark.clause.paragraph
        if not apart or not _of_today(other) or other.grade > 2 or other.measure.range or best.measure.range:
            continue
        if abs(other.value - best.value) >= _CLEARLY and not set(other.measure.dims) & set(best.measure.dims):
            return other
    return None


def _of_today(sized: Sized) -> bool:
    """A lesion's size as seen today: not its history, its scar, what is left of it or its wound."""
    mark = sized.mark
    if mark.kind not in _TODAY or sized.grade == 2 and not mark.diagnoses or any(a.status == "historical" for a in mark.acts):
        return False
    at = sized.measure.start - mark.clause.start
    return not _OTHER_TIME.search(mark.clause.text[max(0, at - 45) : at])


def span_of(mark: Mark, start: int, end: int) -> tuple[int, int]:
    """A readable quote around a value: the whole clause when short, else the value with the words beside it."""
    clause = mark.clause
    if clause.end - clause.start <= 110:
        return clause.start, clause.end
    text = clause.text
    left = text.rfind(" ", 0, max(0, start - clause.start - 36))
    right = text.find(" ", min(len(text), end - clause.start + 30))
    return clause.start + (left + 1 if left >= 0 else 0), clause.start + (right if right >= 0 else len(text))
