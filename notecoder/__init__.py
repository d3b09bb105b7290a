"""notecoder reads a dermatology note and proposes the claim it supports.

``read`` turns a note into facts, ``propose`` turns facts into a claim, ``explain`` prints it for a person;
``code_note`` does the first two and returns the result in the form that integrators rely on.
"""

from __future__ import annotations

from notecoder.claim import Claim, CodingResult
from notecoder.codebook import Codebook
from notecoder.coding import code_note, read
from notecoder.context import EncounterContext
from notecoder.errors import NoteError
from notecoder.facts import Encounter
from notecoder.report import explain
from notecoder.rules import propose

__all__ = [
    "Claim",
    "Codebook",
    "CodingResult",
    "Encounter",
    "EncounterContext",
    "NoteError",
    "code_note",
    "explain",
    "propose",
    "read",
]
