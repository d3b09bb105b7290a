"""Errors have one shape: problem+json (RFC 9457) with a code from a closed set.

``detail`` says what was expected and where; it never repeats what was sent, because that may be words of a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from notecoder.errors import NoteError
from notecoder.service.pool import CodingFailed

MEDIA_TYPE = "application/problem+json"
SAFE_FIELD = re.compile(r"[a-z][a-zA-Z0-9_]{0,39}\Z")
STATUS_OF_NOTE_ERROR = {"note_too_large": 413, "date_not_covered": 409}


class FieldProblem(BaseModel):
    """One field that is wrong."""

    where: str = Field(examples=["body.context.date_of_service"])
    expected: str = Field(examples=["a date such as 2026-11-10"])


class ProblemForm(BaseModel):
    """The one shape of an error."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["the note is empty; expected its text"])
    code: str = Field(examples=["empty_note"])
    errors: list[FieldProblem] = Field(default_factory=list)


class Problem(Exception):
    """A refusal. ``code`` is what integrators switch on; ``detail`` is what a person reads."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Iterable[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = [dict(error) for error in errors]
        self.headers = dict(headers or {})

    def response(self) -> JSONResponse:
        """The answer a caller gets."""
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        if self.errors:
            body["errors"] = self.errors
        return JSONResponse(body, status_code=self.status, headers=self.headers, media_type=MEDIA_TYPE)


def problem_of(error: Exception) -> Problem:
    """Any error of the application as a problem."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, NoteError):
        return Problem(STATUS_OF_NOTE_ERROR.get(error.code, 422), error.code, error.message)
    if isinstance(error, CodingFailed):
        detail = "the note could not be coded; the operator's log names the place by this request's id"
        if error.code == "timeout":
            detail = error.message
        return Problem(503, error.code, detail, headers={"Retry-After": "5"})
    if isinstance(error, RequestValidationError):
        fields = [{"where": _where(item["loc"]), "expected": _expected(item)} for item in error.errors()[:20]]
        code = _note_code(error.errors()[0])
        return Problem(422, code, f"{fields[0]['where']}: {fields[0]['expected']}", errors=fields)
    if isinstance(error, HTTPException):
        code = {404: "not_found", 405: "method_not_allowed", 400: "bad_request"}.get(error.status_code, "refused")
        detail = {404: "nothing is here", 405: "this method is not offered here"}.get(
            error.status_code, "the request could not be read"
        )
        return Problem(error.status_code, code, detail, headers=error.headers)
    raise error


def _note_code(item: Mapping[str, Any]) -> str:
    """The contract's code for what is wrong with a note; ``bad_request`` for anything else."""
    where = [str(part) for part in item["loc"]]
    if where == ["body", "text"]:
        return "empty_note" if item["type"] in {"missing", "string_too_short", "value_error"} else "not_text"
    if where[:2] == ["body", "context"]:
        missing = item["type"] == "missing" and where[-1] in {"date_of_service", "context"}
        return "date_missing" if missing else "bad_context"
    return "bad_request"


def _where(location: Iterable[Any]) -> str:
    return ".".join(
        str(part) if isinstance(part, int) or SAFE_FIELD.match(str(part)) else "(field)" for part in location
    )


def _expected(item: Mapping[str, Any]) -> str:
    kind, limits = str(item["type"]), item.get("ctx") or {}
    said = {
        "missing": "this field is required",
        "extra_forbidden": "this field is not known",
        "json_invalid": "expected JSON",
        "string_type": "expected text",
        "string_unicode": "expected text in valid Unicode",
        "int_type": "expected a whole number",
        "bool_type": "expected true or false",
        "list_type": "expected a list",
        "model_attributes_type": "expected an object",
        "model_type": "expected an object",
        "dict_type": "expected an object",
    }.get(kind)
    if said is None and kind == "literal_error":
        said = f"expected {limits.get('expected')}"
    if said is None and kind in {"string_pattern_mismatch", "value_error"}:
        reason = limits.get("error")
        said = str(reason) if isinstance(reason, ValueError) else "the form of this value is not as described"
    if said is None and "length" in str(sorted(limits)):
        said = "length out of range: " + ", ".join(
            f"{name} {value}" for name, value in limits.items() if "length" in name
        )
    return said or f"not as described ({kind})"


async def answer_problem(request: Request, error: Exception) -> JSONResponse:
    """FastAPI's hook: every error in the one shape. 405 names all methods of the path, over all its routes."""
    problem = problem_of(error)
    if problem.status == 405:
        problem.headers["Allow"] = ", ".join(sorted(_methods(request.app.routes, request.scope)))
    return problem.response()


def _methods(routes: Iterable[BaseRoute], scope: Scope) -> set[str]:
    found: set[str] = set()
    for route in routes:
        match, _ = route.matches(scope)
        if match is not Match.NONE:
            found |= set(getattr(route, "methods", None) or ())
    return found


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI entries of these refusals."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemForm"}}},
        }
        for status in statuses
    }
