"""What is known about an encounter beside its text: date of service, payer, patient status, place, prior procedures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from notecoder.errors import NoteError

Payer = Literal["medicare", "commercial"]
PatientStatus = Literal["new", "established"]


class PriorProcedure(BaseModel):
    """An earlier procedure whose global period may still run (em_dx.md section 11). ``global_days``: 0, 10 or 90."""

    model_config = ConfigDict(frozen=True, extra="allow")

    code: str
    date: date
    global_days: int = 0
    same_provider: bool = True


class EncounterContext(BaseModel):
    """Context of one encounter (CONTRACT). Unknown keys are kept and returned, never an error.

    ``payer`` other than medicare/commercial is mapped by ``resolve`` with a warning.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    date_of_service: date
    payer: Payer = "commercial"
    patient_status: PatientStatus | None = None
    place_of_service: str = "11"
    provider_is_pathologist: bool | None = None
    prior_procedures: tuple[PriorProcedure, ...] = ()
    clinician_id: str | None = None
    encounter_id: str | None = None

    @field_validator("date_of_service", mode="before")
    @classmethod
    def _calendar_day(cls, value: object) -> object:
        if isinstance(value, date):
            return value
        if isinstance(value, str):
            try:
                return date.fromisoformat(value.strip().removesuffix("T00:00:00"))
            except ValueError:
                pass
        raise ValueError("not a day of the calendar; expected a date such as 2026-11-10")

    @field_validator("place_of_service", mode="before")
    @classmethod
    def _two_digits(cls, value: object) -> object:
        if value is None:
            return "11"
        if isinstance(value, int) and not isinstance(value, bool):
            return f"{value:02d}"
        if isinstance(value, str) and not (value.isdigit() and len(value) == 2):
            raise ValueError("a two-digit CMS place-of-service code, such as 11")
        return value


def resolve(raw: Mapping[str, Any] | None) -> tuple[EncounterContext, list[str]]:
    """The context with its defaults, and a warning for each default or mapping a person should know of.

    Raises ``NoteError`` ``date_missing`` without a date of service and ``bad_context`` for an impossible value.
    """
    values = dict(raw or {})
    warnings: list[str] = []
    if not values.get("date_of_service"):
        raise NoteError("date_missing", "context.date_of_service is missing; expected a date such as 2026-11-10")
    payer = values.get("payer")
    if payer is None:
        values["payer"] = "commercial"
    elif isinstance(payer, str):
        known = payer.strip().lower().replace("-", "_").replace(" ", "_")
        if known in {"medicare", "commercial"}:
            values["payer"] = known
        elif known in {"medicare_advantage", "medicare_ffs", "medicare_adv", "ma"}:
            values["payer"] = "medicare"
            warnings.append("Payer coded as medicare.")
        elif known in {"medicaid", "self_pay", "other", "tricare", "workers_comp"} or known.startswith("medicaid"):
            values["payer"] = "commercial"
            warnings.append("Payer coded as commercial; its own rules were not applied.")
        else:
            raise NoteError("bad_context", "context.payer is unknown; expected medicare or commercial")
    for key in ("place_of_service", "prior_procedures"):
        if values.get(key) is None:
            values.pop(key, None)
    try:
        return EncounterContext.model_validate(values), warnings
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        message = str(first["msg"]).removeprefix("Value error, ")
        raise NoteError("bad_context", f"context.{where}: {message}") from None
