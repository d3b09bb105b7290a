"""The closed set of things that can be wrong with an input, each with a code that integrators can rely on.

No message ever carries text of the note.
"""

from __future__ import annotations

from typing import Literal, get_args

ErrorCode = Literal[
    "empty_note",
    "note_too_large",
    "not_text",
    "bad_context",
    "bad_row",
    "date_missing",
    "date_not_covered",
    "file_not_found",
    "internal_error",
]
ERROR_CODES: tuple[str, ...] = get_args(ErrorCode)


class NoteError(ValueError):
    """Bad input. ``code`` is one of ``ERROR_CODES``; ``message`` says what was wrong, what was expected and where."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code: ErrorCode = code
        self.message = message

    def __reduce__(self) -> tuple[type[NoteError], tuple[ErrorCode, str]]:
        """Errors travel between processes."""
        return NoteError, (self.code, self.message)
