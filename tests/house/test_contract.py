"""Forms that integrators rely on and that no type checks."""

from __future__ import annotations

from notecoder.evidence import Evidence


def test_evidence_in_the_note_itself_names_no_document() -> None:
    """CONTRACT: "document" is absent for the main text."""
    assert Evidence(start=0, end=4, text="note").model_dump(mode="json") == {
        "start": 0,
        "end": 4,
        "text": "note",
        "role": "support",
    }
    assert Evidence(start=0, end=4, text="note", document="path-1").model_dump(mode="json")["document"] == "path-1"
