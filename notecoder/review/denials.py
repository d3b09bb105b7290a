"""A denied line, the note's own claim, and what to do: correct, appeal, send, or accept.

Whoever works denials first asks whether the note supports what was billed at all. If not, there is nothing to appeal:
the claim is corrected and what was paid too much is refunded. If it does, the reason code says what sort of answer the
payer wants, and the words of the note give it; nothing is claimed that the note does not say (DEN-01). A visit denied
as part of a surgery's global period is a question of 24, not of 25 (section 11).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from notecoder.claim import CodingResult, Gap, Line
from notecoder.codebook import Codebook, Row
from notecoder.errors import NoteError
from notecoder.evidence import Evidence
from notecoder.review.audit import BilledLine, marks_of, shown_line
from notecoder.review.families import is_visit

Cause = Literal[
    "coding_error", "missing_modifier", "documentation_gap", "necessity", "eligibility_admin", "payer_error"
]
Fix = Literal["corrected claim", "appeal", "accept", "send records", "verify and rebill"]
FIX_OF_ACTION: dict[str, Fix] = {
    "correct": "corrected claim",
    "appeal": "appeal",
    "accept": "accept",
    "send": "send records",
    "verify": "verify and rebill",
    "rebill": "verify and rebill",
}
INSIDE_GLOBAL = "M144"
DO_NOT_APPEAL = "do not appeal; correct claim/refund"
ANSWERS: dict[str, tuple[str, ...]] = {
    "necessity": ("lesion.symptoms", "medical_necessity", "lesion.diagnosis", "pathology.result"),
    "documentation_gap": ("em.mdm", "em.time", "lesion.count", "mohs.blocks", "mohs.stages", "specimen.count"),
    "missing_modifier": ("em.separate_problem", "lesion.site", "lesion.laterality"),
    "coding_error": ("pathology.result", "lesion.diagnosis", "lesion.count"),
}
"""Questions of the note whose answer the payer will want, by cause."""


@dataclass(frozen=True, slots=True)
class Denied:
    """A denied line: as it was billed, the payer's reason code and remark codes."""

    billed: BilledLine
    carc: str
    rarc: tuple[str, ...] = ()
    diagnoses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What to do about a denied line. ``confidence``: "high" when claim and note leave one answer, else "low"."""

    cause: Cause
    fix: Fix
    says: str
    corrected: str | None
    """The line as the note supports it, when it differs."""
    evidence: tuple[Evidence, ...]
    open_questions: tuple[str, ...]
    letter: tuple[str, ...]
    """Sections of the appeal, when there is one to write."""
    confidence: Literal["high", "low"]


def answer(denied: Denied, result: CodingResult, codebook: Codebook) -> Answer:
    """Work one denied line against the result of coding its note. Raises ``bad_context`` for an unknown code."""
    row = _row(denied.carc, codebook)
    cause: Cause = row["cause"]  # type: ignore[assignment]
    mates = [line for line in result.lines if line.code == denied.billed.code]
    questions = tuple(_questions(result.gaps, cause))
    if not mates:
        return _unsupported(denied, result, cause, questions)
    line = next((mate for mate in mates if not _difference(denied, mate)), mates[0])
    difference = _difference(denied, line)
    if is_visit(line.code) and INSIDE_GLOBAL in denied.rarc:
        says = "denied as part of a surgery's global period: shown by 24 and a problem of its own, not by 25"
        return Answer("missing_modifier", "corrected claim" if difference else "appeal", says,
                      shown_line(line) if difference else None, line.evidence, questions, (), "low")  # fmt: skip
    if difference:
        return Answer(_cause_of(difference, cause), "corrected claim", f"{row['meaning']}: {difference}",
                      shown_line(line), line.evidence, questions, (), "high")  # fmt: skip
    return _as_billed(row, cause, line, questions, codebook)


def _row(carc: str, codebook: Codebook) -> Row:
    wanted = carc.strip().upper().removeprefix("CO-").removeprefix("PR-").removeprefix("OA-").removeprefix("PI-")
    for row in codebook.table("denials/carc"):
        if row["carc"] == wanted:
            return row
    raise NoteError(
        "bad_context", "the reason code is not in the map; expected a claim adjustment reason code such as 97"
    )


def _unsupported(denied: Denied, result: CodingResult, cause: Cause, questions: tuple[str, ...]) -> Answer:
    """DEN-01: what the note does not support is not appealed."""
    refused = next((item for item in result.considered if item.code == denied.billed.code), None)
    why = f"{refused.reason} ({refused.rule})" if refused else "the note does not show this service"
    keep: Cause = cause if cause in {"coding_error", "documentation_gap"} else "coding_error"
    evidence = refused.evidence if refused else ()
    return Answer(keep, "corrected claim", f"{DO_NOT_APPEAL}: {why}", None, evidence, questions, (), "high")


def _difference(denied: Denied, line: Line) -> str:
    parts = []
    lacking = sorted(marks_of(line.modifiers) - marks_of(denied.billed.modifiers))
    excess = sorted(marks_of(denied.billed.modifiers) - marks_of(line.modifiers))
    if lacking:
        parts.append(f"modifier {', '.join(lacking)} was not billed")
    if excess:
        parts.append(f"modifier {', '.join(excess)} has no support in the note")
    if line.units != denied.billed.units:
        parts.append(f"the note supports {line.units} and not {denied.billed.units} units")
    if denied.diagnoses and denied.diagnoses[:1] != line.diagnoses[:1]:
        parts.append(
            f"the note supports {line.diagnoses[0] if line.diagnoses else 'no diagnosis'} as the first diagnosis"
        )
    return "; ".join(parts)


def _cause_of(difference: str, cause: Cause) -> Cause:
    return "missing_modifier" if "was not billed" in difference and cause != "coding_error" else "coding_error"


def _as_billed(row: Row, cause: Cause, line: Line, questions: tuple[str, ...], codebook: Codebook) -> Answer:
    """The note supports the line as it was billed: then the payer's reason decides."""
    fix = FIX_OF_ACTION[row["action"]]
    if fix == "corrected claim" and cause in {"coding_error", "missing_modifier"}:
        fix = "appeal"
    letter = _letter(row["letter"], codebook) if fix == "appeal" else ()
    says = f"{row['meaning']}; the note supports the line as billed. Answered by: {row['answered_by']}"
    confidence: Literal["high", "low"] = "low" if questions or fix == "appeal" else "high"
    return Answer(cause, fix, says, None, line.evidence, questions, letter, confidence)


def _letter(name: str, codebook: Codebook) -> tuple[str, ...]:
    for row in codebook.table("denials/appeal_letters"):
        if row["letter"] == name:
            return (*row["sections"].split(";"), "identifiers", "the deadline named in the denial letter", "contact")
    return ()


def _questions(gaps: tuple[Gap, ...], cause: Cause) -> list[str]:
    return [gap.query for gap in gaps if gap.element in ANSWERS.get(cause, ())]


def form(found: Answer) -> dict[str, Any]:
    """As plain data."""
    return {
        "cause": found.cause,
        "fix": found.fix,
        "says": found.says,
        "corrected": found.corrected,
        "evidence": [span.model_dump(mode="json", exclude_none=True) for span in found.evidence],
        "open_questions": list(found.open_questions),
        "letter": list(found.letter),
        "confidence": found.confidence,
    }
