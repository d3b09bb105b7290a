"""What the service can propose: the codebook of a day, and the families of procedures it covers."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from notecoder.codebook import TABLES, Codebook, covered_days
from notecoder.service.api.forms import Day
from notecoder.service.api.routing import StrictRoute
from notecoder.service.auth import Principal, caller
from notecoder.service.problems import documented

router = APIRouter(route_class=StrictRoute, tags=["codebook"])
MAY_READ = Depends(caller("read"))
FOLDERS = {"cpt": "CPT", "hcpcs": "HCPCS", "visit": "CPT"}


class CodeRow(BaseModel):
    """A code that may be proposed that day. ``label`` is the project's own short words."""

    code: str
    system: Literal["CPT", "HCPCS"]
    family: str
    label: str
    rvu: str | None
    global_days: str | None


class CodebookForm(BaseModel):
    """The codebook of a day for a payer."""

    date_of_service: str
    payer: str
    ruleset: str
    codes: list[CodeRow]


class FamilyRow(BaseModel):
    """A family of procedures and the codes in it."""

    family: str
    codes: list[str]


class FamilyList(BaseModel):
    """The families that are covered."""

    families: list[FamilyRow]


@lru_cache(maxsize=16)
def _book(day: str, payer: Literal["medicare", "commercial"]) -> dict[str, Any]:
    book = Codebook.on(date.fromisoformat(day), payer)
    rows: dict[str, dict[str, Any]] = {}
    for folder, system in FOLDERS.items():
        for path in sorted((TABLES / folder).glob("*.csv")):
            for row in book.table(f"{folder}/{path.stem}"):
                code = row.get("code", "")
                if len(code) != 5 or not code.isalnum() or not any(mark.isdigit() for mark in code):
                    continue
                rvu = book.rvu(code)
                found = {
                    "code": code,
                    "system": "HCPCS" if code[0].isalpha() else system,
                    "family": row.get("family") or path.stem,
                    "label": book.label(code),
                    "rvu": None if rvu is None else str(rvu),
                    "global_days": book.global_days(code),
                }
                rows.setdefault(code, found)
    return {
        "date_of_service": day,
        "payer": payer,
        "ruleset": book.ruleset,
        "codes": [rows[code] for code in sorted(rows)],
    }


@router.get(
    "/v1/codebook",
    summary="The codebook of a day",
    response_model=CodebookForm,
    responses=documented(401, 403, 409, 422),
)
async def codebook(
    principal: Annotated[Principal, MAY_READ],
    on: Annotated[Day, Query(description="Date of service")],
    payer: Annotated[Literal["medicare", "commercial"], Query()] = "commercial",
    family: Annotated[str | None, Query(max_length=60)] = None,
) -> dict[str, Any]:
    """Codes with their family, value and global days. A date without verified tables is refused."""
    book = await run_in_threadpool(_book, on, payer)
    if family is None:
        return book
    return {**book, "codes": [row for row in book["codes"] if row["family"] == family]}


@router.get(
    "/v1/families", summary="Families of procedures", response_model=FamilyList, responses=documented(401, 403, 422)
)
async def families(principal: Annotated[Principal, MAY_READ]) -> dict[str, Any]:
    """The families and the codes of each, whatever the day."""
    found: dict[str, set[str]] = {}
    first, _ = covered_days()
    book = await run_in_threadpool(_book, first.isoformat(), "commercial")
    for row in book["codes"]:
        found.setdefault(row["family"], set()).add(row["code"])
    return {"families": [{"family": name, "codes": sorted(codes)} for name, codes in sorted(found.items())]}
