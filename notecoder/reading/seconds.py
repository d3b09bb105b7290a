"""Further notes of the same encounter: a second clinician's visit, a separate operative note.

A coder reads them too and counts what both tell only once: a procedure of the second note that the first already has, of the
same kind at the same place, adds nothing. Every quote of a second note names its document.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from notecoder.facts import Procedure

_PROCEDURE: TypeAdapter[Procedure] = TypeAdapter(Procedure)


def in_document(procedure: Procedure, document: str) -> Procedure:
    """The same fact, its evidence and its lesion marked as of another document."""
    data = _marked(procedure.model_dump(), document)
    data["target"]["id"] = f"{document}:{data['target']['id']}"
    data["act"]["id"] = f"{document}:{data['act']['id']}"
    return _PROCEDURE.validate_python(data)


def _marked(value: Any, document: str) -> Any:
    if isinstance(value, dict):
        found = {key: _marked(item, document) for key, item in value.items()}
        if {"start", "end", "text", "role"} <= found.keys():
            found["document"] = document
        return found
    if isinstance(value, list | tuple):
        return [_marked(item, document) for item in value]
    return value


def added(first: Sequence[Procedure], second: Sequence[Procedure]) -> list[Procedure]:
    """The procedures of a second note that the first does not tell: another kind, or the same kind at another place."""
    told = {_what(p) for p in first if p.act.status == "performed"}
    kinds = {p.kind for p in first if p.act.status == "performed"}
    return [p for p in second if p.act.status == "performed" and _what(p) not in told and not (p.target.site is None and p.kind in kinds)]


def _what(procedure: Procedure) -> tuple[str, str, str]:
    site = procedure.target.site
    digit = f"{site.digit.limb}{site.digit.number}" if site and site.digit else ""
    return procedure.kind, (site.key if site else "") + digit, (site.side or "") if site else ""
