"""Notes as copying mangles them: spaces doubled, all capitals, line ends of another system, cut in half, run together.

Whatever was done to the text, the note is answered and every quote is the words that stand at its place.
"""

import json
from pathlib import Path

import pytest

from notecoder import code_note

NOTES = sorted((Path(__file__).parents[2] / "corpora" / "notes").glob("*/*.json"))[::6]
MANGLED = {
    "spaces doubled": lambda text: text.replace(" ", "  "),
    "all capitals": str.upper,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "one line": lambda text: text.replace("\n", " "),
    "first half": lambda text: text[: len(text) // 2],
}


@pytest.mark.parametrize("way", sorted(MANGLED))
def test_a_mangled_note_is_answered_with_its_own_words(way):
    assert len(NOTES) > 30
    for path in NOTES:
        note = json.loads(path.read_text(encoding="utf-8"))
        text = MANGLED[way](note["text"])
        answer = code_note(text, context=note["context"])
        for line in answer.lines:
            for span in line.evidence:
                if span.document is None:
                    assert text[span.start : span.end] == span.text, (path.name, line.code)


def test_words_with_doubled_spaces_are_the_same_words():
    told = "Assessment\n1. Essential hypertension, above goal today. Start lisinopril 10 mg daily, recheck in 4 weeks."
    context = {"date_of_service": "2026-05-01", "payer": "medicare", "patient_status": "established"}
    once = code_note(told, context=context)
    twice = code_note(told.replace("Essential hypertension", "Essential  hypertension"), context=context)
    # one chronic illness not at goal and a prescription: moderate problem, moderate risk (EM-P, EM-R-RX)
    assert [line.code for line in once.lines] == [line.code for line in twice.lines] == ["99214"]
