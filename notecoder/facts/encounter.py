"""The whole encounter as read."""

from __future__ import annotations

from datetime import date
from typing import Literal

from notecoder.evidence import Evidence, Frozen, Stated
from notecoder.facts.common import Conflict, Diagnosis, Site, TypedCode
from notecoder.facts.procedures import Procedure
from notecoder.facts.visit import Visit


class PastProcedure(Frozen):
    """An earlier procedure that the note itself mentions with a date or an interval (em_dx.md section 11)."""

    what: str
    """Our word for it: excision, mohs, flap, graft, destruction, biopsy, repair ..."""
    on: date | None = None
    days_ago: int | None = None
    site: Site | None = None
    same_provider: bool | None = None
    evidence: tuple[Evidence, ...] = ()


class Encounter(Frozen):
    """What ``read`` returns and ``propose`` consumes."""

    setting: Stated[Literal["office", "emergency", "inpatient", "operating_room", "telehealth", "none"]] | None = None
    """"none": no patient encounter at all (planning sheet, handout, letter about another date)."""
    procedures: tuple[Procedure, ...] = ()
    visit: Visit | None = None
    diagnoses: tuple[Diagnosis, ...] = ()
    """Diagnoses the note establishes, with their sites."""
    past_procedures: tuple[PastProcedure, ...] = ()
    staged: Stated[bool] | None = None
    """Today's procedure was planned or staged at an earlier one, or follows its pathology (58)."""
    complication_return: Stated[bool] | None = None
    """Return to the operating room for a complication (78)."""
    conflicts: tuple[Conflict, ...] = ()
    typed_codes: tuple[TypedCode, ...] = ()
    pathology_pending: Stated[bool] | None = None
    cosmetic_only: Stated[bool] | None = None
    evidence: tuple[Evidence, ...] = ()
