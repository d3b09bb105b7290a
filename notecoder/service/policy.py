"""What is kept of a coded note (the ``keep`` setting), and for how long.

``nothing``: no result; a batch or HL7 answer waits one hour for its caller. ``results`` (the default): codes, units,
diagnoses, rules, gaps and offsets, without the note's words. ``all``: also the note, for its own, shorter time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from notecoder.service.settings import Settings
from notecoder.service.store.tables import now_ms

NOT_KEPT = "(words of the note are not kept)"
QUOTED = re.compile(r"\"[^\"]{3,}\"|“[^”]{3,}”|‘[^’]{3,}’|(?<!\w)'[^']{3,}'(?!\w)")
LONGEST_RUN = 4
"""A kept sentence may repeat at most this many words of the note in a row (``left cheek wound`` is no quotation)."""
WORD = re.compile(r"\w+")
KEPT_CONTEXT = (
    "date_of_service",
    "payer",
    "patient_status",
    "place_of_service",
    "provider_is_pathologist",
    "prior_procedures",
    "clinician_id",
    "encounter_id",
)
UNCLAIMED_HOURS = 1.0


def kept_form(result: Mapping[str, Any], *, texts: Iterable[str], keep: str) -> dict[str, Any]:
    """``result`` (contract form) as the policy stores it. ``text_kept`` says which form it is."""
    if keep == "all":
        return {**result, "text_kept": True}
    runs = _word_runs(texts)

    def sentence(text: str) -> str:
        text = QUOTED.sub(NOT_KEPT, text)
        words = [word.lower() for word in WORD.findall(text)]
        ahead = range(len(words) - LONGEST_RUN)
        return NOT_KEPT if any(tuple(words[at : at + LONGEST_RUN + 1]) in runs for at in ahead) else text

    def spans(found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [{name: span[name] for name in ("start", "end", "document", "role") if name in span} for span in found]

    return {
        "schema_version": result["schema_version"],
        "id": result["id"],
        "ruleset": result["ruleset"],
        "context": {name: value for name, value in result["context"].items() if name in KEPT_CONTEXT},
        "disposition": result["disposition"],
        "reasons": [sentence(reason) for reason in result["reasons"]],
        "lines": [
            {
                **line,
                "label": sentence(line["label"]),
                "evidence": spans(line["evidence"]),
                "trace": [{**step, "says": sentence(step["says"])} for step in line["trace"]],
            }
            for line in result["lines"]
        ],
        "considered": [
            {**item, "reason": sentence(item["reason"]), "evidence": spans(item["evidence"])}
            for item in result["considered"]
        ],
        "gaps": [
            {
                **gap,
                "about": sentence(gap["about"]),
                "query": sentence(gap["query"]),
                "evidence": spans(gap["evidence"]),
            }
            for gap in result["gaps"]
        ],
        "diagnoses": [{**item, "evidence": spans(item["evidence"])} for item in result["diagnoses"]],
        "facts": {},
        "warnings": [sentence(warning) for warning in result["warnings"]],
        "text_kept": False,
    }


def _word_runs(texts: Iterable[str]) -> set[tuple[str, ...]]:
    runs: set[tuple[str, ...]] = set()
    for text in texts:
        words = [word.lower() for word in WORD.findall(text)]
        runs.update(tuple(words[at : at + LONGEST_RUN + 1]) for at in range(len(words) - LONGEST_RUN))
    return runs


def result_expires(settings: Settings) -> int:
    """When a result stored now has to be gone."""
    if settings.keep == "nothing":
        return now_ms() + round(UNCLAIMED_HOURS * 3_600_000)
    return now_ms() + round(settings.keep_results_days * 86_400_000)


def text_expires(settings: Settings) -> int | None:
    """When a text stored now has to be gone; None when none is stored."""
    return now_ms() + round(settings.keep_text_days * 86_400_000) if settings.keep == "all" else None
