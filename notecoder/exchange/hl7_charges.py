"""HL7 v2 out: ``DFT^P03``, the charges of a claim that a coder accepted.

FT1 for each line (FT1-7 and FT1-25 the code, FT1-10 units, FT1-19 diagnoses in pointer order, FT1-26 modifiers), DG1
for each diagnosis. PID and PV1 are those that the note came with. HL7 v2 has no field for evidence; the result's id in
FT1-2 leads back to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from notecoder.exchange.claim_csv import claim_diagnoses

CODE_SYSTEMS = {"CPT": "C4", "HCPCS": "HPC"}
DIAGNOSIS_SYSTEM = "I10C"
STANDARD = "|^~\\&"


def charge_message(
    *,
    lines: Sequence[Mapping[str, Any]],
    context: Mapping[str, Any],
    origin: Mapping[str, Any],
    result_id: str,
    application: str,
    facility: str,
) -> str:
    """The message. ``origin`` is ``Hl7Note.origin``; ``application`` and ``facility`` are the receiver's."""
    now = datetime.now(UTC).strftime("%Y%m%d%H%M%S+0000")
    day = str(context.get("date_of_service", "")).replace("-", "")
    diagnoses = claim_diagnoses(lines)
    segments = [
        _segment(
            "MSH",
            [
                "^~\\&",
                "notecoder",
                _restate_field(str(origin.get("facility", "")), origin),
                application,
                facility,
                now,
                "",
                "DFT^P03^DFT_P03",
                uuid4().hex[:20],
                "P",
                "2.5.1",
            ],
        ),
        _segment("EVN", ["P03", now]),
        _restated(origin, "pid") or "PID|1||unknown||unknown",
    ]
    if visit := _restated(origin, "pv1"):
        segments.append(visit)
    performer = _restate_field(str(origin.get("performer", "")), origin)
    for number, line in enumerate(lines, 1):
        system = CODE_SYSTEMS[line["system"]]
        fields = [""] * 26
        fields[0] = str(number)
        fields[1] = f"{result_id}-{number}"
        fields[3] = day
        fields[5] = "CG"
        fields[6] = f"{line['code']}^^{system}"
        fields[9] = str(line["units"])
        fields[18] = "~".join(f"{code}^^{DIAGNOSIS_SYSTEM}" for code in line["diagnoses"])
        fields[19] = performer
        fields[24] = f"{line['code']}^^{system}"
        fields[25] = "~".join(f"{modifier}^^{system}" for modifier in line["modifiers"])
        segments.append(_segment("FT1", fields))
    for number, code in enumerate(diagnoses, 1):
        segments.append(_segment("DG1", [str(number), "", f"{code}^^{DIAGNOSIS_SYSTEM}", "", "", "F"]))
    return "\r".join(segments) + "\r"


def _segment(name: str, fields: Sequence[str]) -> str:
    return "|".join([name, *fields]).rstrip("|")


def _restated(origin: Mapping[str, Any], name: str) -> str:
    return _restate_field(str(origin.get(name, "")), origin)


def _restate_field(value: str, origin: Mapping[str, Any]) -> str:
    """A piece of the incoming message with our separators, where the sender used others."""
    theirs = str(origin.get("separators") or STANDARD)
    if theirs == STANDARD or len(theirs) != len(STANDARD):
        return value
    return value.translate(str.maketrans(theirs, STANDARD))
