"""The claim a note supports: lines, refused codes, gaps, and the steps that led there (CONTRACT)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from notecoder.evidence import Evidence, Frozen

Disposition = Literal["ready", "review", "hold"]
Severity = Literal["blocker", "major", "minor"]
GapElement = Literal[
    "lesion.size", "lesion.margin", "lesion.site", "lesion.laterality", "lesion.count", "lesion.diagnosis",
    "lesion.symptoms", "procedure.technique", "procedure.depth", "procedure.method", "closure.type", "closure.length",
    "closure.criteria", "flap.area", "graft.area", "mohs.stages", "mohs.blocks", "mohs.pathology", "specimen.count",
    "pathology.result", "em.separate_problem", "em.mdm", "em.time", "drug.name", "drug.dose", "drug.wastage",
    "injection.count", "telehealth.modality", "telehealth.location", "telehealth.consent", "telehealth.time",
    "medical_necessity", "cosmetic.notice", "date_of_service", "consent", "nail.digit", "note.conflict",
    "patient.status", "prior_procedure.date",
]  # fmt: skip


class Step(Frozen):
    """One step of the reasoning: the rule (an id of the rulebook), what it says here, and which evidence of the line."""

    rule: str
    says: str
    evidence: tuple[int, ...] = ()


class Line(Frozen):
    """One claim line. ``units`` as billed, ``modifiers`` in billing order, ``diagnoses`` in pointer order (at most 4)."""

    code: str
    system: Literal["CPT", "HCPCS"] = "CPT"
    units: int = 1
    modifiers: tuple[str, ...] = ()
    diagnoses: tuple[str, ...] = ()
    label: str = ""
    evidence: tuple[Evidence, ...] = ()
    trace: tuple[Step, ...] = ()


class Considered(Frozen):
    """A tempting code that was not proposed, and why."""

    code: str
    reason: str
    rule: str
    evidence: tuple[Evidence, ...] = ()


class Gap(Frozen):
    """Documentation that is missing or contradictory, with a neutral question (no code, no money, no suggested finding)."""

    element: GapElement
    severity: Severity
    about: str
    query: str
    evidence: tuple[Evidence, ...] = ()


class CodedDiagnosis(Frozen):
    """A diagnosis of the claim and the words that state it."""

    code: str
    evidence: tuple[Evidence, ...] = ()


class Claim(Frozen):
    """What ``propose`` returns."""

    disposition: Disposition = "ready"
    reasons: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    considered: tuple[Considered, ...] = ()
    gaps: tuple[Gap, ...] = ()
    diagnoses: tuple[CodedDiagnosis, ...] = ()
    warnings: tuple[str, ...] = ()


class CodingResult(BaseModel):
    """The result of coding one note, in the form that CONTRACT fixes. ``model_dump(mode="json")`` is that form."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal["1"] = "1"
    id: str | None = None
    ruleset: str = ""
    context: dict[str, Any] = Field(default_factory=dict)
    disposition: Disposition = "ready"
    reasons: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    considered: tuple[Considered, ...] = ()
    gaps: tuple[Gap, ...] = ()
    diagnoses: tuple[CodedDiagnosis, ...] = ()
    facts: dict[str, Any] = Field(default_factory=dict)
    warnings: tuple[str, ...] = ()
