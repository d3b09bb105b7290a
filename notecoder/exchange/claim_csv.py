"""The claim as CSV: one row a service line, with the columns an 837P takes from a note (loops 2300 and 2400).

Cells that a spreadsheet would run as a formula cannot occur: every value is a code, a number, a date or an id of ours.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

COLUMNS = (
    "claim_id",
    "line_number",
    "place_of_service",
    "service_date",
    "procedure_qualifier",
    "procedure_code",
    "modifier_1",
    "modifier_2",
    "modifier_3",
    "modifier_4",
    "units",
    "unit_basis",
    "diagnosis_pointers",
    "principal_diagnosis",
    "other_diagnoses",
    "diagnosis_qualifier",
)
MOST_DIAGNOSES = 12
QUALIFIER = {"CPT": "HC", "HCPCS": "HC"}


def claim_diagnoses(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """The claim's diagnoses in the order the lines point at them, at most 12, decimal points kept."""
    found: list[str] = []
    for line in lines:
        for code in line["diagnoses"]:
            if code not in found and len(found) < MOST_DIAGNOSES:
                found.append(code)
    return found


def claim_csv(lines: Sequence[Mapping[str, Any]], *, context: Mapping[str, Any], claim_id: str) -> str:
    """The rows of one claim with a header; diagnosis codes without the point, as 837P writes them."""
    diagnoses = claim_diagnoses(lines)
    plain = [code.replace(".", "") for code in diagnoses]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for number, line in enumerate(lines, 1):
        modifiers = [*line["modifiers"], "", "", "", ""][:4]
        pointers = [str(diagnoses.index(code) + 1) for code in line["diagnoses"] if code in diagnoses]
        writer.writerow(
            [
                claim_id,
                number,
                context.get("place_of_service", ""),
                str(context.get("date_of_service", "")).replace("-", ""),
                QUALIFIER[line["system"]],
                line["code"],
                *modifiers,
                line["units"],
                "UN",
                ":".join(pointers),
                plain[0] if plain else "",
                " ".join(plain[1:]),
                "ABK/ABF",
            ]
        )
    return out.getvalue()
