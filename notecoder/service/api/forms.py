"""What the REST interface takes and gives, as models: they are the OpenAPI description and the check of what comes in.

Incoming forms are strict (a number is no text) and closed, except the context, whose further keys are kept and
returned. Nothing here rounds, fills in or corrects.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from notecoder.claim import CodingResult

VISIBLE_PATTERN = (
    r"^[^\u0000]*[^\s\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200f\u2028\u2029\u202f\u205f\u3000\ufeff][^\u0000]*$"
)
"""At least one visible character and no NUL; spelled out, because ``\\s`` differs between JSON Schema and Python."""
ID_PATTERN = r"^[0-9a-f]{32}$"


def _real_date(value: str) -> str:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise ValueError("expected a date such as 2026-11-10") from None
    return value


def _words(value: str) -> str:
    if re.search(VISIBLE_PATTERN, value) is None:
        raise ValueError("expected text that is not empty")
    return value


def _whole(value: object) -> object:
    """JSON knows one kind of number: 2.0 is a whole one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(_whole)]
Day = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        json_schema_extra={"format": "date"},
        examples=["2026-11-10"],
    ),
    AfterValidator(_real_date),
]
NoteText = Annotated[str, Field(min_length=1, json_schema_extra={"pattern": VISIBLE_PATTERN}), AfterValidator(_words)]
Reason = Annotated[
    str, Field(min_length=1, max_length=1000, json_schema_extra={"pattern": VISIBLE_PATTERN}), AfterValidator(_words)
]
ResultId = Annotated[str, Field(pattern=ID_PATTERN, examples=["5f1c0b7e9a3d4e2f8b6a7c5d4e3f2a1b"])]
Code = Annotated[str, Field(pattern=r"^[A-Z0-9]{5}$", examples=["11102"])]
Modifier = Annotated[str, Field(pattern=r"^[A-Z0-9]{2}$", examples=["59"])]
Diagnosis = Annotated[str, Field(pattern=r"^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$", examples=["D49.2"])]


class Form(BaseModel):
    """What is sent to us: strict and closed."""

    model_config = ConfigDict(extra="forbid", strict=True)


class PriorProcedureForm(BaseModel):
    """An earlier procedure whose global period may still run."""

    model_config = ConfigDict(extra="allow", strict=True)

    code: str = Field(min_length=1, max_length=20)
    date: Day
    global_days: Whole = Field(default=0, ge=0, le=365)
    same_provider: bool = True


class ContextForm(BaseModel):
    """What is known beside the text. Further keys are kept and returned."""

    model_config = ConfigDict(extra="allow", strict=True)

    date_of_service: Day
    payer: Literal["medicare", "commercial", "medicare_advantage", "medicaid", "tricare", "workers_comp", "self_pay", "other"] | None = None  # fmt: skip  # noqa: E501
    patient_status: Literal["new", "established"] | None = None
    place_of_service: Annotated[str, Field(pattern=r"^[0-9]{2}$")] | None = None
    provider_is_pathologist: bool | None = None
    prior_procedures: list[PriorProcedureForm] | None = Field(default=None, max_length=100)
    clinician_id: Annotated[str, Field(max_length=200)] | None = None
    encounter_id: Annotated[str, Field(max_length=200)] | None = None


class DocumentForm(Form):
    """A further document of the same encounter."""

    id: str = Field(min_length=1, max_length=200)
    kind: Literal["pathology", "visit", "operative", "addendum"] = "visit"
    date: Day | None = None
    text: NoteText


class NoteForm(Form):
    """A note to code. ``replaces``: the id under which an earlier version of this note was sent."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "visit-8812",
                    "text": "Left cheek: 6 mm pearly papule. Shave biopsy after 1 cc lidocaine. Hemostasis with "
                    "aluminum chloride.\nImpression: neoplasm of uncertain behavior, rule out BCC.",
                    "context": {
                        "date_of_service": "2026-11-10",
                        "payer": "medicare",
                        "patient_status": "established",
                        "place_of_service": "11",
                    },
                }
            ]
        },
    )

    id: Annotated[str, Field(max_length=200)] | None = None
    text: NoteText
    context: ContextForm
    documents: list[DocumentForm] = Field(default_factory=list, max_length=50)
    replaces: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class BatchForm(Form):
    """Notes to code later. Each entry has the form of a note; one that has not is answered with an error of its own."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "notes": [
                        {
                            "id": "a",
                            "text": "Shave biopsy of the left cheek.",
                            "context": {"date_of_service": "2026-11-10"},
                        },
                        {
                            "id": "b",
                            "text": "Punch biopsy of the back, closed with one suture.",
                            "context": {"date_of_service": "2026-11-10", "payer": "medicare"},
                        },
                    ]
                }
            ]
        },
    )

    notes: list[dict[str, Any]] = Field(min_length=1, max_length=10_000)


class CodedForm(CodingResult):
    """A coded note: the result of the contract, and the id to ask for it again (null when nothing is kept)."""

    result_id: ResultId | None = None


class JobItemForm(BaseModel):
    """One note of a job. ``coded_with``: the position of the note of the same encounter whose result it shares."""

    id: str | None
    state: Literal["queued", "running", "done", "error"]
    result_id: ResultId | None
    coded_with: int | None
    error: str | None


class JobForm(BaseModel):
    """A job and its notes, in the order they were sent."""

    job_id: ResultId
    state: Literal["running", "done"]
    total: int
    done: int
    created: int
    finished: int | None
    items: list[JobItemForm]


class JobAccepted(BaseModel):
    """The notes are on disk and will be answered."""

    job_id: ResultId
    total: int


class HookForm(Form):
    """A receiver of webhooks."""

    url: str = Field(min_length=9, max_length=500, examples=["https://ehr.example.org/hooks/notecoder"])
    events: list[Literal["result.created", "result.decided", "result.superseded", "job.finished"]] = Field(
        min_length=1, max_length=10
    )


class HookRow(BaseModel):
    """A receiver. The signing secret is shown once, when it is made."""

    webhook_id: ResultId
    url: str
    events: list[str]
    created: int
    disabled: int | None
    secret: str | None = None


class AuditRow(BaseModel):
    """An entry of the audit log."""

    audit_id: int
    at: int
    subject: str
    action: str
    object: str | None
    request_id: str | None


class ExtractedForm(BaseModel):
    """Text of a file, and for each stretch of it the place in the file (page, source offsets)."""

    text: str
    kind: Literal["text", "html", "rtf", "pdf"]
    pages: int
    segments: list[dict[str, int]]
    warnings: list[str]
