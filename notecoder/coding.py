"""One note from text to result: read, propose, and put both into the form of the contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from notecoder.claim import CodingResult
from notecoder.codebook import Codebook
from notecoder.context import EncounterContext, resolve
from notecoder.errors import NoteError
from notecoder.facts import Encounter
from notecoder.rules import propose

LONGEST_NOTE = 1_000_000
"""Characters; a longer note is refused (CONTRACT)."""

UnverifiedDates = Literal["refuse", "review"]


def checked_text(text: object) -> str:
    """The note's text if it is one. Raises ``not_text``, ``empty_note`` or ``note_too_large``."""
    if not isinstance(text, str):
        raise NoteError("not_text", "text is not a string; expected the note as text")
    if len(text) > LONGEST_NOTE:
        raise NoteError("note_too_large", f"the note has {len(text):,} characters; at most {LONGEST_NOTE:,} are read")
    if "\x00" in text:
        raise NoteError("not_text", "the note holds NUL characters; expected text, not a binary file")
    if not text.strip():
        raise NoteError("empty_note", "the note is empty; expected its text")
    if not text.isascii() and any("\ud800" <= mark <= "\udfff" for mark in text):
        raise NoteError("not_text", "the note holds half characters (lone surrogates); expected Unicode text")
    return text


def checked_documents(documents: Iterable[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """The documents that have text. Raises ``bad_context`` for one that is no object, else as ``checked_text``."""
    kept = []
    for document in documents:
        if not isinstance(document, Mapping):
            raise NoteError("bad_context", "documents holds something that is no object; expected id, kind and text")
        text = document.get("text")
        if text is None or (isinstance(text, str) and not text.strip()):
            continue
        checked_text(text)
        kept.append(document)
    return tuple(kept)


def code_note(
    text: str,
    *,
    context: Mapping[str, Any],
    id: str | None = None,
    documents: Iterable[Mapping[str, Any]] = (),
    unverified_dates: UnverifiedDates = "refuse",
) -> CodingResult:
    """Code one note.

    ``context`` and ``documents`` are as CONTRACT describes them. With ``unverified_dates="review"`` a date of service
    that no table was verified for is coded with the nearest tables and comes back as ``review``.
    Raises ``NoteError`` for input that cannot be coded.
    """
    checked_text(text)
    documents = checked_documents(documents)
    resolved, warnings = resolve(context)
    codebook = Codebook.on(resolved.date_of_service, resolved.payer, unverified_dates)
    if codebook.warning:
        warnings.append(codebook.warning)
    encounter = read(text, context=resolved, documents=documents)
    claim = propose(encounter, resolved, codebook)
    reviewed = codebook.warning is not None and claim.disposition == "ready"
    return CodingResult(
        id=id, ruleset=codebook.ruleset, context=_resolved_context(resolved),
        disposition="review" if reviewed else claim.disposition,
        reasons=(*claim.reasons, *((codebook.warning,) if codebook.warning else ())),
        lines=claim.lines, considered=claim.considered, gaps=claim.gaps, diagnoses=claim.diagnoses,
        facts=encounter.model_dump(mode="json", exclude_none=True, warnings=False),
        warnings=(*warnings, *claim.warnings),
    )  # fmt: skip


def _resolved_context(context: EncounterContext) -> dict[str, Any]:
    return context.model_dump(mode="json", exclude_none=True)


def read(text: str, *, context: EncounterContext, documents: Iterable[Mapping[str, Any]] = ()) -> Encounter:
    """The encounter as facts. ``documents`` belong to the same encounter; their evidence names the document."""
    from notecoder.reading.assemble import assemble

    return assemble(text, context, documents=tuple(documents))
