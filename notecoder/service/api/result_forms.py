"""A stored result, the decisions on it and its gaps, as the REST interface takes and gives them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from notecoder.claim import Considered, Disposition, Gap, Step
from notecoder.service.api.forms import Code, Diagnosis, Form, Modifier, Reason, ResultId, Whole


class SpanForm(BaseModel):
    """Where the evidence is; ``text`` is there only while the policy keeps the note."""

    start: int
    end: int
    text: str | None = None
    document: str | None = Field(default=None, exclude_if=lambda name: name is None)
    role: str = "support"


class StoredLineForm(BaseModel):
    """A line of a stored result."""

    code: str
    system: str
    units: int
    modifiers: list[str]
    diagnoses: list[str]
    label: str
    evidence: list[SpanForm]
    trace: list[Step]


class StoredConsideredForm(Considered):
    """A refused code of a stored result."""

    evidence: list[SpanForm]  # type: ignore[assignment]


class GapEventForm(BaseModel):
    """One step in the life of a gap's question. ``at``: milliseconds since 1970."""

    state: Literal["open", "sent", "answered", "changed"]
    subject: str
    at: int
    answer: str | None


class StoredGapForm(Gap):
    """A gap of a stored result and what became of its question."""

    evidence: list[SpanForm]  # type: ignore[assignment]
    state: Literal["open", "sent", "answered", "changed"]
    history: list[GapEventForm]


class StoredDiagnosisForm(BaseModel):
    """A diagnosis of a stored result."""

    code: str
    evidence: list[SpanForm]


class AcceptLine(Form):
    """The line is right."""

    action: Literal["accept"]
    line: Whole = Field(ge=0, le=1000)
    reason: Reason | None = None


class RejectLine(Form):
    """The line must not be billed."""

    action: Literal["reject"]
    line: Whole = Field(ge=0, le=1000)
    reason: Reason


class BilledAs(Form):
    """A line as the coder wants it."""

    code: Code
    system: Literal["CPT", "HCPCS"] = "CPT"
    units: Whole = Field(default=1, ge=1, le=999)
    modifiers: list[Modifier] = Field(default_factory=list, max_length=4)
    diagnoses: list[Diagnosis] = Field(default_factory=list, max_length=4)


class ChangeLine(Form):
    """The line is replaced by ``to``."""

    action: Literal["change"]
    line: Whole = Field(ge=0, le=1000)
    to: BilledAs
    reason: Reason


class AddLine(Form):
    """A line that was missing."""

    action: Literal["add"]
    to: BilledAs
    reason: Reason


LineDecision = Annotated[AcceptLine | RejectLine | ChangeLine | AddLine, Field(discriminator="action")]


class DecisionForm(Form):
    """A coder's decision. ``final`` closes the result; sending a claim on hold needs ``override_reason``."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "lines": [
                        {"action": "accept", "line": 0},
                        {
                            "action": "change",
                            "line": 1,
                            "to": {"code": "11103", "units": 2, "diagnoses": ["D49.2"]},
                            "reason": "two more lesions in the table",
                        },
                    ],
                    "final": True,
                }
            ]
        },
    )

    lines: list[LineDecision] = Field(max_length=200)
    final: bool = False
    override_reason: Reason | None = None


class DecisionRecord(BaseModel):
    """A decision as it was recorded. ``at``: milliseconds since 1970."""

    decision_id: ResultId
    subject: str
    at: int
    final: bool
    lines: list[dict[str, Any]]
    override_reason: str | None = None


class StoredForm(BaseModel):
    """A result as it was kept. Without text (the default) evidence is offsets only and ``facts`` is empty."""

    result_id: ResultId
    version: int
    superseded_by: ResultId | None
    state: Literal["open", "accepted", "rejected", "withdrawn", "superseded"]
    created: int
    expires: int
    text_kept: bool
    schema_version: Literal["1"]
    id: str | None
    ruleset: str
    context: dict[str, Any]
    disposition: Disposition
    reasons: list[str]
    lines: list[StoredLineForm]
    considered: list[StoredConsideredForm]
    gaps: list[StoredGapForm]
    diagnoses: list[StoredDiagnosisForm]
    facts: dict[str, Any]
    warnings: list[str]
    decisions: list[DecisionRecord]


class DecisionAnswer(BaseModel):
    """What a decision led to."""

    decision_id: ResultId
    state: Literal["open", "accepted", "rejected"]
    lines: list[BilledAs]


class GapForm(Form):
    """A gap's question moved on."""

    state: Literal["open", "sent", "answered", "changed"] = Field(examples=["sent"])
    answer: Reason | None = None


class ResultRow(BaseModel):
    """A row of the worklist. ``created``: milliseconds since 1970."""

    result_id: ResultId
    created: int
    disposition: Disposition
    state: str
    lines: int
    version: int
    superseded_by: str | None
    origin_kind: str


class ResultList(BaseModel):
    """A page of the worklist, newest first; ``next``: the ``before`` of the following page."""

    results: list[ResultRow]
    next: int | None
