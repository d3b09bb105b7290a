"""A coder's decision: whether it fits the result, and the claim that follows from it.

Decisions are the record that coaching and calibration need, and each one can become a regression case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection

from notecoder.service.problems import Problem
from notecoder.service.store import audit, results
from notecoder.service.store.database import Database

BILLED = ("code", "system", "units", "modifiers", "diagnoses")


def check_decision(stored: results.StoredResult, decision: Mapping[str, Any]) -> None:
    """Whether a decision can be recorded on a result. Raises ``Problem`` 409 with what stands against it."""
    if stored.superseded_by or stored.withdrawn:
        raise Problem(409, "superseded", "a newer version of this note was coded; decide on that one")
    if stored.state != "open":
        raise Problem(409, "already_decided", "the final decision on this result was made")
    named = [item["line"] for item in decision["lines"] if "line" in item]
    if any(line >= len(stored.payload["lines"]) for line in named):
        raise Problem(409, "no_such_line", f"the claim has {len(stored.payload['lines'])} lines, counted from 0")
    if len(set(named)) != len(named):
        raise Problem(409, "decided_twice", "the same line appears twice in this decision")


def check_final(stored: results.StoredResult, decision: Mapping[str, Any], record: Mapping[int, Any]) -> None:
    """Whether the decision may close the result. Raises ``Problem`` 409."""
    if len(record) < len(stored.payload["lines"]):
        raise Problem(409, "undecided_lines", "a final decision needs a decision on every line")
    if stored.payload["disposition"] == "hold" and not decision.get("override_reason"):
        raise Problem(409, "on_hold", "the claim is on hold; to close it anyway give override_reason")


def line_record(decisions: Iterable[Mapping[str, Any]]) -> dict[int, Mapping[str, Any]]:
    """The last word on each line, over all decisions in their order."""
    return {item["line"]: item for decision in decisions for item in decision["lines"] if "line" in item}


def decided_lines(payload: Mapping[str, Any], decisions: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The claim as the coder left it: rejected lines out, changed ones changed, added ones last."""
    decisions = list(decisions)
    record, lines = line_record(decisions), []
    for number, line in enumerate(payload["lines"]):
        word = record.get(number)
        if word is not None and word["action"] == "reject":
            continue
        source = word["to"] if word is not None and word["action"] == "change" else line
        lines.append({name: source[name] for name in BILLED})
    for decision in decisions:
        lines.extend(
            {name: item["to"][name] for name in BILLED} for item in decision["lines"] if item["action"] == "add"
        )
    return lines


def regression_cases(connection: Connection, *, database: Database, tenant: str | None) -> Iterator[dict[str, Any]]:
    """Each finally decided result as a case: what was proposed, what the coder billed, and why.

    The note's text is part of it only while the policy keeps it; otherwise the case still counts for calibration.
    """
    for owner, result_id in results.decided_results(connection, tenant=tenant):
        stored = results.read_result(connection, database=database, tenant=owner, result_id=result_id)
        if stored is None or stored.state == "open":
            continue
        made = results.read_decisions(connection, database=database, tenant=owner, result_id=result_id)
        source = stored.source or {}
        yield {
            "id": result_id,
            "text": source.get("text"),
            "documents": source.get("documents", []),
            "context": stored.payload["context"],
            "ruleset": stored.payload["ruleset"],
            "disposition": stored.payload["disposition"],
            "proposed": [{name: line[name] for name in BILLED} for line in stored.payload["lines"]],
            "lines": decided_lines(stored.payload, made),
            "decisions": [{"final": one["final"], "at": one["at"], "lines": one["lines"]} for one in made],
        }
        audit.record(connection, tenant=owner, subject="command line", action="decision.exported", object=result_id)
