"""notecoder reads a dermatology note and proposes the claim it supports.

``read`` turns a note into facts, ``propose`` turns facts into a claim, ``explain`` prints it for a person;
``code_note`` does the first two and returns the result in the form that integrators rely on.
"""

from __future__ import annotations

from notecoder.claim import Claim, CodingResult
from notecoder.coding import code_note
from notecoder.errors import NoteError

__all__ = ["Claim", "CodingResult", "NoteError", "code_note"]
