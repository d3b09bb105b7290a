"""What callers hand in, turned into notes: a file, standard input, JSON lines, Parquet, a folder.

Whoever keeps a stack of notes in order gives each one an answer and loses none: a row that is no note is not skipped,
it becomes the error that its answer will carry. Sources are read as a stream; no message ever quotes what was read.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from notecoder.errors import ErrorCode, NoteError

LONGEST_ROW = 32_000_000
"""Bytes of one row; a longer one is read over, not kept."""
LONGEST_FILE = 8_000_000
"""Bytes of one note file; no text of 1,000,000 characters needs more."""
STANDARD_INPUT = "-"
NAME_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Note:
    """One row of the input: a note with its context, or what is wrong with the row."""

    id: str | None
    text: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    documents: tuple[Mapping[str, Any], ...] = ()
    error: NoteError | None = None


def shown(name: str) -> str:
    """A file name for a message: one short line, in case somebody gave the note itself where its file was expected."""
    if len(name) > NAME_SHOWN or "\n" in name or "\r" in name:
        return "the name given"
    return name


def decoded(raw: bytes, where: str) -> str:
    """Text of a file. Raises ``not_text`` unless it is UTF-8 (with or without its mark) without NUL characters."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NoteError("not_text", f"{where} is not UTF-8 text; expected a note as a text file") from None
    if "\x00" in text:
        raise NoteError("not_text", f"{where} holds NUL characters; expected text, not a binary file")
    return text


def read_bytes(name: str) -> bytes:
    """Content of a file, or of standard input for ``-``. Raises ``file_not_found`` or ``note_too_large``."""
    if name == STANDARD_INPUT:
        raw = sys.stdin.buffer.read(LONGEST_FILE + 1)
    else:
        try:
            with open(name, "rb") as file:
                raw = file.read(LONGEST_FILE + 1)
        except (OSError, ValueError):
            raise NoteError("file_not_found", f"{shown(name)}: no file that can be read; expected a note") from None
    if len(raw) > LONGEST_FILE:
        raise NoteError("note_too_large", f"{shown(name)}: over {LONGEST_FILE:,} bytes; at most 1,000,000 characters")
    return raw


def read_note(name: str) -> Note:
    """The note of a file, or of standard input. A file named ``.json`` holds one note in the contract's form.

    Raises ``NoteError`` for a file that is missing, too large, or no text.
    """
    where = "standard input" if name == STANDARD_INPUT else shown(name)
    text = decoded(read_bytes(name), where)
    if not name.endswith(".json"):
        return Note(id=None if name == STANDARD_INPUT else Path(name).name, text=text)
    note = note_of(_parsed(text, where), where)
    if note.error is not None:
        raise note.error
    return note


def read_notes(source: str) -> Iterator[Note]:
    """The notes of JSON lines (a file or ``-``), of a Parquet file, or of a folder of note files, in their order.

    Raises ``NoteError`` for a source that cannot be read at all; a bad row comes back as a note with its error.
    """
    if source == STANDARD_INPUT:
        return _json_lines(sys.stdin.buffer)
    path = Path(source)
    try:
        if path.is_dir():
            return _folder(path)
        file = path.open("rb")
    except (OSError, ValueError):
        raise NoteError(
            "file_not_found", f"{shown(source)}: nothing that can be read; expected JSON lines, Parquet or a folder"
        ) from None
    if path.suffix == ".parquet":
        file.close()
        return _parquet(path)
    return _json_lines(file)


def count_rows(source: str) -> int | None:
    """How many rows a source has, for a progress bar; None where only reading tells."""
    path = Path(source)
    if source == STANDARD_INPUT or path.suffix == ".parquet" or not path.is_file():
        return None
    with path.open("rb") as file:
        return sum(1 for line in _lines(file) if line is None or line.strip())


def note_of(row: object, where: str) -> Note:
    """One row in the contract's form as a note; what is wrong with it becomes its error."""
    if not isinstance(row, Mapping):
        return _bad(None, "bad_row", f"{where}: expected an object with id, text and context")
    raw = row.get("id")
    name = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw
    if name is not None and (not isinstance(name, str) or not _encodes(name)):
        return _bad(None, "bad_row", f"{where}: id is not a string; expected a string or no id")
    name = name or None
    text, context, documents = row.get("text"), row.get("context"), row.get("documents")
    if not isinstance(text, str):
        return _bad(name, "not_text", f"{where}: text is missing or not a string; expected the note as text")
    if context is not None and not isinstance(context, Mapping):
        return _bad(name, "bad_context", f"{where}: context is not an object; expected date_of_service and the like")
    if not _are_documents(documents):
        return _bad(name, "bad_row", f"{where}: documents is not a list of objects that each have id and text")
    return Note(id=name, text=text, context=dict(context or {}), documents=tuple(documents or ()))


def _are_documents(documents: object) -> bool:
    if documents is None:
        return True
    return isinstance(documents, list | tuple) and all(
        isinstance(document, Mapping) and isinstance(document.get("text"), str) for document in documents
    )


def _encodes(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _bad(name: str | None, code: ErrorCode, message: str) -> Note:
    return Note(id=name, error=NoteError(code, message))


def _parsed(text: str, where: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise NoteError("bad_row", f"{where}: not JSON; expected one object with id, text and context") from None


def read_lines(name: str) -> Iterator[bytes]:
    """The lines of a file as they are. Raises ``file_not_found``."""
    try:
        file = open(name, "rb")  # noqa: SIM115
    except (OSError, ValueError):
        raise NoteError("file_not_found", f"{shown(name)}: no file that can be read") from None
    with file:
        yield from (line or b"" for line in _lines(file))


def _json_lines(file: BinaryIO) -> Iterator[Note]:
    """Blank lines are no rows; every other line is one."""
    with file:
        for number, raw in enumerate(_lines(file), 1):
            where = f"row {number}"
            if raw is None:
                yield _bad(None, "note_too_large", f"{where}: over {LONGEST_ROW:,} bytes")
            elif raw.strip():
                try:
                    yield note_of(_parsed(decoded(raw, where), where), where)
                except NoteError as error:
                    yield Note(id=None, error=NoteError("bad_row", error.message))


def _lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Lines of a file; ``None`` for one that is too long to keep."""
    while line := file.readline(LONGEST_ROW):
        if line.endswith(b"\n") or len(line) < LONGEST_ROW:
            yield line
            continue
        while (rest := file.readline(LONGEST_ROW)) and not rest.endswith(b"\n"):
            pass
        yield None


def _parquet(path: Path) -> Iterator[Note]:
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise NoteError("bad_row", "Parquet is read by pyarrow: pip install 'notecoder[parquet]'") from None
    try:
        table = ParquetFile(path)
        columns = [name for name in ("id", "text", "context", "documents") if name in table.schema_arrow.names]
    except (ArrowException, OSError, ValueError):
        raise NoteError("bad_row", f"{shown(str(path))}: not a Parquet file") from None
    if "text" not in columns:
        raise NoteError("bad_row", f"{shown(str(path))}: no column text; expected id, text, context, documents")

    def rows() -> Iterator[Note]:
        number = 0
        try:
            for batch in table.iter_batches(batch_size=256, columns=columns):
                for row in batch.to_pylist():
                    number += 1
                    yield _parquet_row(row, f"row {number}")
        except (ArrowException, OSError):
            yield _bad(None, "bad_row", f"row {number + 1}: the Parquet file is damaged from here on")

    return rows()


def _parquet_row(row: dict[str, Any], where: str) -> Note:
    """Context and documents come as structs or as JSON text; what a struct leaves empty is not there."""
    try:
        for key in ("context", "documents"):
            value = row.get(key)
            row[key] = _plain(_parsed(value, f"{where}: {key}") if isinstance(value, str) else value)
    except NoteError as error:
        return Note(id=row["id"] if isinstance(row.get("id"), str) else None, error=error)
    return note_of(row, where)


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _folder(folder: Path) -> Iterator[Note]:
    """Every file below the folder, by name; hidden ones apart. The id of a note is its path in the folder."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder)
        if any(part.startswith(".") for part in name.parts):
            continue
        try:
            note = read_note(str(path))
        except NoteError as error:
            yield Note(id=name.as_posix(), error=error)
            continue
        yield Note(
            id=note.id if path.suffix == ".json" and note.id else name.as_posix(),
            text=note.text,
            context=note.context,
            documents=note.documents,
        )
