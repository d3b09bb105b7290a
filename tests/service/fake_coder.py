"""A coder for tests of the service: a handful of phrases become lines, so that evidence, gaps and refusals exist."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from notecoder.claim import CodedDiagnosis, CodingResult, Considered, Gap, Line, Step
from notecoder.coding import checked_text
from notecoder.context import resolve
from notecoder.errors import NoteError
from notecoder.evidence import Evidence, quote

PHRASES = (
    (r"shave biops(?:y|ies)[^.\n]*", "11102", "Tangential biopsy, first lesion", "BX-01"),
    (r"punch biops(?:y|ies)[^.\n]*", "11104", "Punch biopsy, first lesion", "BX-02"),
    (r"liquid nitrogen[^.\n]*", "17000", "Destruction, premalignant, first", "DE-01"),
    (r"triamcinolone[^.\n]*", "J3301", "Triamcinolone, 10 mg", "DR-01"),
)


def code(
    text: str,
    *,
    context: Mapping[str, Any],
    id: str | None = None,
    documents: Iterable[Mapping[str, Any]] = (),
    unverified_dates: str = "refuse",
) -> CodingResult:
    """The claim of the phrases above. ``slowly`` in a note takes 0.3 s; ``explode`` raises with the note's words."""
    checked_text(text)
    resolved, warnings = resolve(context)
    if resolved.date_of_service.year != 2026 and unverified_dates == "refuse":
        raise NoteError("date_not_covered", "no tables were verified for this date of service")
    assert isinstance(resolved.date_of_service, date)
    if "slowly" in text:
        time.sleep(0.3)
    if "explode" in text:
        raise RuntimeError(f"could not read: {text}")
    lines, pages = [], [(None, text), *((document["id"], document["text"]) for document in documents)]
    for pattern, billed, label, rule in PHRASES:
        spans = tuple(
            quote(body, found.start(), found.end(), document=name, role="procedure")
            for name, body in pages
            for found in re.finditer(pattern, body, re.IGNORECASE)
        )
        if spans:
            says = f'the note states "{spans[0].text}"'
            lines.append(
                Line(
                    code=billed,
                    system="HCPCS" if billed[0].isalpha() else "CPT",
                    units=len(spans),
                    modifiers=("59",) if lines else (),
                    diagnoses=("D49.2", "L57.0")[: 1 + (billed == "17000")],
                    label=label,
                    evidence=spans,
                    trace=(
                        Step(rule=rule, says=says, evidence=(0,)),
                        Step(rule="UN-01", says="one unit for each time it is stated", evidence=()),
                    ),
                )
            )
    gaps, considered = [], []
    if found := re.search(r"impression[^\n]*", text, re.IGNORECASE):
        span: Evidence = quote(text, found.start(), found.end())
        considered.append(
            Considered(code="88305", reason="slides are read by another group", rule="PA-03", evidence=(span,))
        )
    if "cm" not in text and "mm" not in text:
        gaps.append(
            Gap(
                element="lesion.size",
                severity="major",
                about="the biopsied lesion",
                query="What was the size of the lesion before the procedure?",
                evidence=lines[0].evidence[:1] if lines else (),
            )
        )
    held = "pathology pending" in text.lower()
    return CodingResult(
        id=id,
        ruleset="fake 1",
        context=resolved.model_dump(mode="json"),
        disposition="hold" if held else "review" if gaps else "ready",
        reasons=("The nature of the lesion is open.",) if held else (),
        lines=tuple(lines),
        considered=tuple(considered),
        gaps=tuple(gaps),
        diagnoses=(CodedDiagnosis(code="D49.2", evidence=lines[0].evidence[:1]),) if lines else (),
        facts={"procedures": [{"kind": "biopsy", "said": lines[0].evidence[0].text}]} if lines else {},
        warnings=tuple(warnings),
    )
