"""HL7 v2 in: ``MDM`` messages with a note, and the ACK that answers them.

Taken: T02 (original), T04 (status change with content), T06 (addendum), T08 (edit), T10 (replacement), T11 (cancel).
Only signed and available documents count: TXA-17 AU or LA, TXA-19 not OB or CA. An edit (T08) has the document number
of the note it corrects, a replacement (T10) names it in TXA-13; both supersede it. The text is the OBX-5 values in
order, one line each; a map leads from each offset back to its OBX.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import Field

from notecoder.evidence import Frozen
from notecoder.exchange.extract import Segment, Unreadable, extract, sniff

CODED = frozenset({"T02", "T04", "T06", "T08", "T10"})
WITHDRAWS = frozenset({"T11"})
SIGNED = frozenset({"AU", "LA"})
WITHDRAWN = frozenset({"OB", "CA"})
PLACE_OF_CLASS = {"O": "11", "E": "23", "I": "21", "P": "11", "R": "11", "B": "21"}
KIND_OF_TYPE = {"OP": "operative", "SP": "pathology", "PN": "visit", "CN": "visit", "HP": "visit"}
ESCAPE = re.compile(r"\\(\.[a-z]{2}[^\\]{0,12}|[A-Z][^\\]{0,64}|[FSRTE])\\", re.DOTALL)


class Hl7Refused(ValueError):
    """The message cannot be taken. ``answer``: AE (wrong) or AR (not offered here). No content in the message."""

    def __init__(self, answer: Literal["AE", "AR"], message: str) -> None:
        super().__init__(message)
        self.answer = answer
        self.message = message


class Hl7Note(Frozen):
    """A note that came by HL7. ``action``: code it, withdraw an earlier one, or only acknowledge (not signed yet)."""

    action: Literal["code", "withdraw", "acknowledge"]
    control_id: str
    sender: str
    document: str
    replaces: str | None = None
    text: str = ""
    kind: str = "visit"
    context: dict[str, Any] = Field(default_factory=dict)
    origin: dict[str, Any] = Field(default_factory=dict)
    segments: tuple[Segment, ...] = ()
    """``page`` is the number of the OBX, ``source_*`` the offsets within its value."""


class Message:
    """An HL7 v2 message taken apart: fields by segment and position, escapes undone."""

    def __init__(self, text: str) -> None:
        lines = [line for line in re.split(r"\r\n|\r|\n", text.strip("\ufeff\r\n ")) if line.strip()]
        if not lines or not lines[0].startswith("MSH") or len(lines[0]) < 8:
            raise Hl7Refused("AE", "expected a message that begins with MSH")
        self.field, self.component, self.repeat = lines[0][3], lines[0][4], lines[0][5]
        self.escape, self.sub = lines[0][6], lines[0][7]
        if len({self.field, self.component, self.repeat, self.escape, self.sub}) < 5:
            raise Hl7Refused("AE", "MSH-1 and MSH-2: the separators are not different from each other")
        self.lines = lines
        self._split = [self._fields(line) for line in lines]

    def _fields(self, line: str) -> list[str]:
        fields = line.split(self.field)
        return [fields[0], self.field, *fields[1:]] if line.startswith("MSH") else fields

    def segments(self, name: str) -> list[list[str]]:
        """All segments of a name, each as its raw fields (index 1 is the first field)."""
        return [fields for fields in self._split if fields[0] == name]

    def raw(self, name: str, field: int) -> str:
        """A raw field of the first segment of that name; empty when absent."""
        for fields in self.segments(name):
            return fields[field] if len(fields) > field else ""
        return ""

    def get(self, name: str, field: int, component: int = 1) -> str:
        """A component (first repetition), escapes undone."""
        parts = self.raw(name, field).split(self.repeat)[0].split(self.component)
        return self.plain(parts[component - 1]) if len(parts) >= component else ""

    def line(self, name: str) -> str:
        """The first segment of that name as it came."""
        return next((line for line in self.lines if line.split(self.field)[0] == name), "")

    def plain(self, value: str) -> str:
        """``value`` with escape sequences undone; formatting commands become line breaks or nothing."""
        signs = {"F": self.field, "S": self.component, "R": self.repeat, "T": self.sub, "E": self.escape}

        def undo(found: re.Match[str]) -> str:
            said = found[1]
            if said in signs:
                return signs[said]
            if said.startswith((".br", ".sp", ".ce")):
                return "\n"
            if said.startswith("X"):
                try:
                    return bytes.fromhex(said[1:]).decode("latin-1").replace("\x00", "")
                except ValueError:
                    return ""
            return ""

        if self.escape == "\\":
            return ESCAPE.sub(undo, value)
        return re.sub(ESCAPE.pattern.replace(r"\\", re.escape(self.escape)), undo, value, flags=re.DOTALL)


def read_message_plain(text: str) -> dict[str, Any]:
    """``read_message`` as plain data, ``{"refused": ...}`` when it cannot be taken: crosses process borders."""
    try:
        return {"note": read_message(text).model_dump(mode="json")}
    except Hl7Refused as refused:
        return {"refused": {"answer": refused.answer, "message": refused.message}}


def read_message(text: str) -> Hl7Note:
    """The note of an MDM message. Raises ``Hl7Refused``."""
    message = Message(text)
    kind, event, control = message.get("MSH", 9), message.get("MSH", 9, 2), message.get("MSH", 10)
    if not control:
        raise Hl7Refused("AE", "MSH-10: expected a control id")
    if kind != "MDM" or event not in CODED | WITHDRAWS:
        raise Hl7Refused("AR", "MSH-9: expected MDM with T02, T04, T06, T08, T10 or T11")
    document, parent = message.raw("TXA", 12), message.raw("TXA", 13)
    if not document:
        raise Hl7Refused("AE", "TXA-12: expected the unique document number")
    base: dict[str, Any] = {
        "control_id": control,
        "sender": f"{message.raw('MSH', 3)}|{message.raw('MSH', 4)}",
        "document": document,
    }
    if event in WITHDRAWS or message.get("TXA", 19) in WITHDRAWN:
        return Hl7Note(action="withdraw", **base)
    if message.get("TXA", 17) not in SIGNED:
        return Hl7Note(action="acknowledge", **base)
    body, segments = _text(message)
    context = _context(message)
    if "date_of_service" not in context:
        raise Hl7Refused("AE", "PV1-44, TXA-4: expected the date of service")
    return Hl7Note(
        action="code",
        **base,
        replaces=parent if event == "T10" and parent else None,
        text=body,
        kind="addendum" if event == "T06" else KIND_OF_TYPE.get(message.get("TXA", 2), "visit"),
        context=context,
        origin={
            "document": document,
            "separators": message.lines[0][3:8],
            "pid": message.line("PID"),
            "pv1": message.line("PV1"),
            "performer": message.raw("TXA", 9) or message.raw("TXA", 5) or message.raw("PV1", 7),
            "application": message.raw("MSH", 3),
            "facility": message.raw("MSH", 4),
        },
        segments=segments,
    )


def _context(message: Message) -> dict[str, Any]:
    context: dict[str, Any] = {}
    for said in (message.get("PV1", 44), message.get("TXA", 4), message.get("TXA", 6)):
        if day := _day(said):
            context["date_of_service"] = day
            break
    if place := PLACE_OF_CLASS.get(message.get("PV1", 2)):
        context["place_of_service"] = place
    if visit := message.get("PV1", 19) or message.get("PID", 18):
        context["encounter_id"] = visit
    for field in (9, 5):
        if clinician := message.get("TXA", field):
            context["clinician_id"] = clinician
            break
    return context


def _text(message: Message) -> tuple[str, tuple[Segment, ...]]:
    parts: list[str] = []
    segments, length = [], 0
    for number, fields in enumerate(message.segments("OBX"), 1):
        kind, value = fields[2] if len(fields) > 2 else "", fields[5] if len(fields) > 5 else ""
        pieces: Iterable[str]
        if kind in {"ED", "RP"}:
            pieces = [_encapsulated(message, value, kind)]
        else:
            pieces = [message.plain(repeat) for repeat in value.split(message.repeat)]
        at = 0
        for piece in pieces:
            line = piece if piece.endswith("\n") else piece + "\n"
            parts.append(line)
            segments.append(
                Segment(start=length, end=length + len(line), source_start=at, source_end=at + len(piece), page=number)
            )
            length += len(line)
            at += len(piece) + 1
    body = "".join(parts)
    if not body.strip():
        raise Hl7Refused("AE", "OBX-5: expected the text of the note")
    return body, tuple(segments)


def _encapsulated(message: Message, value: str, kind: str) -> str:
    if kind == "RP":
        raise Hl7Refused("AE", "OBX-2: a reference (RP) is not followed; send the document itself (ED, TX or FT)")
    parts = value.split(message.component)
    if len(parts) < 5 or parts[3].lower() != "base64":
        raise Hl7Refused("AE", "OBX-5: expected encapsulated data with encoding Base64")
    try:
        data = base64.b64decode("".join(parts[4].split()), validate=True)
        return extract(data, sniff(data, "")).text
    except (binascii.Error, ValueError):
        raise Hl7Refused("AE", "OBX-5: the encapsulated file cannot be read") from None
    except Unreadable as unreadable:
        raise Hl7Refused("AE", f"OBX-5: {unreadable}") from None


def _day(stamp: str) -> str | None:
    if not re.match(r"\d{8}", stamp):
        return None
    try:
        return datetime.strptime(stamp[:8], "%Y%m%d").replace(tzinfo=UTC).date().isoformat()
    except ValueError:
        return None


def acknowledgment(text: str, *, answer: Literal["AA", "AE", "AR"], message: str = "", control_id: str) -> str:
    """The ACK of a message; ``message`` says what was wrong, ``control_id`` is the ACK's own."""
    head = text.split("\r")[0].split("\n")[0]
    separator = head[3] if head.startswith("MSH") and len(head) > 8 else "|"
    fields = head.split(separator) if head.startswith("MSH") else []
    fields = [fields[index] if index < len(fields) else "" for index in range(12)]
    marks = fields[1] if len(fields[1]) >= 4 else "^~\\&"
    event = fields[8].split(marks[0])[1] if marks[0] in fields[8] else ""
    now = datetime.now(UTC).strftime("%Y%m%d%H%M%S+0000")
    kind = marks[0].join(["ACK", event, "ACK"]) if event else "ACK"
    msh = separator.join(
        ["MSH", marks, "notecoder", "", fields[2], fields[3], now, "", kind, control_id, fields[10] or "P", "2.5.1"]
    )
    segments = [msh, separator.join(["MSA", answer, fields[9]])]
    if answer != "AA":
        clean = "".join(" " if character in f"{separator}{marks}\r\n" else character for character in message)
        error = marks[0].join(["207", "Application internal error", "HL70357"])
        segments.append(separator.join(["ERR", "", "", error, "E", "", "", "", clean]))
    return "\r".join(segments) + "\r"
