"""Mohs stages and their blocks told in short: every stage keeps its own blocks (MO-01)."""

import pytest


@pytest.mark.parametrize(
    ("told", "stages"),
    [
        ("Mohs surgery, two layers to clear (3 bl, 1 bl).", [(1, 3), (2, 1)]),
        ("Mohs: I (4) II (2) III (1), clear.", [(1, 4), (2, 2), (3, 1)]),
        ("Mohs took 3 stages with 2, 2 and 1 blocks.", [(1, 2), (2, 2), (3, 1)]),
        ("MMS - I: 3 blocks +, II: 2 blocks -.", [(1, 3), (2, 2)]),
        ("Mohs, stage I positive, stage II negative, 2 sections apiece.", [(1, 2), (2, 2)]),
        ("Mohs, clear on I (2 bl).", [(1, 2)]),
        ("Mohs: I +, II neg (2 bl, 1 bl).", [(1, 2), (2, 1)]),
        ("Mohs. Layer 1: cut into 6 pieces, one block each. Clear.", [(1, 6)]),
        (
            "First layer, two cassettes, slides positive at 9 o'clock. Second layer, one cassette, no tumor left.",
            [(1, 2), (2, 1)],
        ),
        (
            "First plane positive at 3 o'clock on my slides, second plane clean; two cassettes each time.",
            [(1, 2), (2, 2)],
        ),
        (
            "Layer one went into six cassettes. Slides positive at cassettes four and five. Layer two, two cassettes, clean.",
            [(1, 6), (2, 2)],
        ),
    ],
)
def test_stages_keep_their_blocks(encounter, told, stages):
    text = f"Basal cell carcinoma of the right cheek, proven by biopsy. {told} Left to granulate."
    [mohs] = [p for p in encounter(text).procedures if p.kind == "mohs"]
    assert [(s.number, s.blocks.value if s.blocks else None) for s in mohs.stages] == stages


@pytest.mark.parametrize(
    "text",
    [
        "Psoriasis, clear on ixekizumab. Pressure ulcer of the heel, stage 2.",
        "Acne, not yet clear on isotretinoin 40 mg. Chronic kidney disease stage 3.",
        "Basal cell carcinoma of the right cheek excised and closed in two layers, 4-0 Vicryl and 5-0 nylon.",
    ],
)
def test_other_stages_and_layers_are_no_mohs(encounter, text):
    assert not [p for p in encounter(text).procedures if p.kind == "mohs"]


def test_one_stage_each_for_two_tumors(encounter):
    text = "BCC of the left cheek and BCC of the chin, one Mohs stage and 2 blocks each. Both left to granulate."
    told = [p for p in encounter(text).procedures if p.kind == "mohs"]
    assert [[(s.number, s.blocks.value) for s in p.stages] for p in told] == [[(1, 2)], [(1, 2)]]
