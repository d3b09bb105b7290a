"""CDS Hooks 2.0: a card beside the note while it is signed.

Two services: on a hook of our own for signing a note, and on ``encounter-discharge``. Both take the encounter's
documents as prefetch. The answer is one card with the claim (and a suggestion that creates the draft Claim), and one
for each question that has to be asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

PREFETCH = {
    "documents": "DocumentReference?encounter={{context.encounterId}}&status=current",
    "encounter": "Encounter/{{context.encounterId}}",
    "coverage": "Coverage?beneficiary={{context.patientId}}&status=active",
}
NEEDED = "documents"
SIGN_HOOK = "org.notecoder.note-sign"
SERVICES: tuple[dict[str, Any], ...] = (
    {
        "hook": SIGN_HOOK,
        "id": "notecoder-note-sign",
        "title": "What the signed note supports",
        "description": "Reads the note that is being signed and shows the claim it supports, with the missing words.",
        "prefetch": PREFETCH,
        "usageRequirements": "context: userId, patientId, encounterId, documentReferenceId (optional)",
    },
    {
        "hook": "encounter-discharge",
        "id": "notecoder-discharge",
        "title": "What the encounter's notes support",
        "description": "Reads the signed notes of the encounter and shows the claim they support.",
        "prefetch": PREFETCH,
    },
)
INDICATORS = {"ready": "info", "review": "warning", "hold": "critical"}
MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>~-])")
LONGEST_SUMMARY = 139
MOST_CARDS = 6


class HookRefused(ValueError):
    """The call cannot be answered. ``status`` is 400, or 412 when prefetched data is missing."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def service(service_id: str) -> Mapping[str, Any] | None:
    """The service of this id."""
    return next((one for one in SERVICES if one["id"] == service_id), None)


def check_call(call: Mapping[str, Any], *, hook: str) -> None:
    """Whether a call has the form CDS Hooks gives it. Raises ``HookRefused``."""
    if call.get("hook") != hook:
        raise HookRefused(400, "hook: not the hook of this service")
    context = call.get("context")
    if not isinstance(call.get("hookInstance"), str) or not isinstance(context, dict):
        raise HookRefused(400, "expected hookInstance and context")
    for name in ("userId", "patientId", "encounterId"):
        if not isinstance(context.get(name), str) or not context[name]:
            raise HookRefused(400, f"context.{name}: expected an id")


def bundle_of(call: Mapping[str, Any], fetched: Mapping[str, Any]) -> dict[str, Any]:
    """The prefetched (and fetched) resources as one Bundle. Raises ``HookRefused`` 412 without documents."""
    prefetch = call.get("prefetch")
    known: dict[str, Any] = {**(prefetch if isinstance(prefetch, dict) else {}), **fetched}
    if not known.get(NEEDED):
        raise HookRefused(412, "prefetch.documents: expected the encounter's DocumentReferences")
    resources: list[Any] = []
    for value in known.values():
        if not isinstance(value, dict):
            continue
        if value.get("resourceType") == "Bundle":
            entries = value.get("entry")
            for entry in entries if isinstance(entries, list) else []:
                resources.append(entry.get("resource") if isinstance(entry, dict) else None)
        else:
            resources.append(value)
    wanted = call["context"].get("documentReferenceId")
    kept = [
        one
        for one in resources
        if isinstance(one, dict)
        and (one.get("resourceType") != "DocumentReference" or not wanted or one.get("id") == wanted)
    ]
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in kept]}


def card_id(result_id: str, position: int) -> str:
    """The uuid of a card: the same result has the same cards."""
    return str(uuid5(NAMESPACE_URL, f"urn:notecoder:{result_id}:card {position}"))


def cards(
    result: Mapping[str, Any], *, result_id: str, claim: Mapping[str, Any] | None, page: str | None
) -> list[dict[str, Any]]:
    """The cards of a result. ``page`` is the address of the coder's page, without which no link is given."""
    source = {"label": "notecoder"}
    lines = [_line(line) for line in result["lines"]]
    count = f"{len(lines)} line" + ("" if len(lines) == 1 else "s")
    first: dict[str, Any] = {
        "uuid": card_id(result_id, 0),
        "summary": _cut(f"The note supports {count}: {', '.join(line['code'] for line in result['lines'])}")
        if lines
        else "The note supports no claim line",
        "indicator": INDICATORS[result["disposition"]],
        "source": source,
    }
    detail = "\n".join([*lines, *(f"- {_escaped(reason)}" for reason in result["reasons"])])
    if detail:
        first["detail"] = detail
    if lines and claim is not None:
        first["suggestions"] = [
            {
                "label": "Create the draft claim",
                "uuid": card_id(result_id, 1000),
                "actions": [{"type": "create", "description": "Draft claim from the signed note", "resource": claim}],
            }
        ]
        first["selectionBehavior"] = "at-most-one"
    if page:
        first["links"] = [
            {"label": "See the words behind each code", "url": f"{page}/#{result_id}", "type": "absolute"}
        ]
    found = [first]
    for number, gap in enumerate(result["gaps"], 1):
        if gap["severity"] == "minor" or len(found) == MOST_CARDS:
            continue
        found.append(
            {
                "uuid": card_id(result_id, number),
                "summary": _cut(gap["query"] or gap["element"]),
                "indicator": "critical" if gap["severity"] == "blocker" else "warning",
                "source": source,
            }
        )
    return found


def _line(line: Mapping[str, Any]) -> str:
    modifiers = "".join(f"-{modifier}" for modifier in line["modifiers"])
    label = f" {_escaped(line['label'])}" if line["label"] else ""
    return f"- **{line['code']}{modifiers}** x{line['units']}{label} ({', '.join(line['diagnoses']) or 'no diagnosis'})"


def _escaped(text: str) -> str:
    return MARKDOWN.sub(r"\\\1", text)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_SUMMARY else text[: LONGEST_SUMMARY - 1].rstrip() + "\u2026"
