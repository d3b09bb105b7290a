"""Notes whose form hides what belongs together: read on paper, quoted from the note as it was sent."""

import pytest

from notecoder.reading.plain import looks_scanned, plainly

COLUMNS = """MOHS SURGERY
| | Tumor 1 | Tumor 2 |
|---|---|---|
| Site | left cheek | right temple |
| Diagnosis | BCC | SCC, invasive |
| Stage I - blocks | 2, clear | 3, positive |
| Stage II - blocks | n/a | 1, clear |
Slides read by me.
"""

SPACED = """Excisions today. Both BCC on biopsy of 10/10.

              LESION A          LESION B
site          left forearm      right upper arm
diameter      8 mm              12 mm
margin        4 mm              4 mm
"""

FAXED = """RlVERSlDE CLlNlC   D0S 11/1O/2026
Patient is a 60 yr old rnale.
R cheek: inflarned seborrheic keratosis, l.2 x O.9 crn
Shave rernoval to the rnid derrnis.
"""


def test_a_table_of_tumors_in_columns_is_read_tumor_by_tumor(encounter):
    found = [p for p in encounter(COLUMNS).procedures if p.kind == "mohs"]
    assert [(p.target.site.key, [s.blocks.value for s in p.stages]) for p in found] == [
        ("cheek", [2]),
        ("temple", [3, 1]),
    ]


def test_columns_set_by_spaces_and_an_earlier_biopsy(encounter):
    found = [p for p in encounter(SPACED).procedures if p.act.status == "performed"]
    assert [(p.kind, p.target.site.key, str(p.target.diameter.value), str(p.margin.value)) for p in found] == [
        ("excision", "forearm", "0.8", "0.4"),
        ("excision", "upper_arm", "1.2", "0.4"),
    ]


@pytest.mark.parametrize("note", [COLUMNS, SPACED, FAXED])
def test_quotes_are_words_of_the_note(encounter, note):
    def spans(value):
        if isinstance(value, dict):
            if {"start", "end", "text"} <= value.keys():
                yield value
            value = list(value.values())
        if isinstance(value, list | tuple):
            for item in value:
                yield from spans(item)

    found = list(spans(encounter(note).model_dump()))
    assert found
    assert all(note[s["start"] : s["end"]] == s["text"] and s["text"] for s in found)


def test_a_faxed_note_reads_its_sizes(encounter):
    assert looks_scanned(FAXED)
    shave = next(p for p in encounter(FAXED).procedures if p.kind == "shave")
    assert str(shave.target.diameter.value) == "1.2"


@pytest.mark.parametrize(
    "note",
    [
        "Shave biopsy, left cheek, 6 mm papule. Drysol. Specimen to pathology.",
        "Lesion | Site | Size\nA | left cheek | 5 mm\nB | right cheek | 6 mm\n",
        "PMH: HTN, HLD. Born in 1950; burns easily, never tans. C5-C6 disc. 5-0 nylon.",
    ],
)
def test_an_ordinary_note_is_left_alone(note):
    assert plainly(note) is None
