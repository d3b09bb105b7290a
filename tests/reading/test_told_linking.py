"""Several lesions in one passage: which number belongs to which condition and place, and which are left out."""

import pytest


def groups(encounter, text):
    """The condition and number of each group destroyed or snipped today."""
    return sorted(
        (p.target.diagnoses[0].term if p.target.diagnoses else None, p.count.value if p.count else None)
        for p in encounter(text).procedures
        if p.kind in {"destruction", "tag_removal"} and p.act.status == "performed"
    )


AK, WART, ISK, TAG = "actinic_keratosis", "wart_unspecified", "inflamed_seborrheic_keratosis", "skin_tag"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Froze 4 AKs on the forehead and 3 warts on the right hand.", [(AK, 4), (WART, 3)]),
        ("Left ear: 2 AKs, 1 wart. Right ear: 3 AKs. All of it was frozen.", [(AK, 5), ("common_wart", 1)]),
        ("LN2 to 10 inflamed SKs on the trunk and to 7 warts on the hands.", [(ISK, 10), (WART, 7)]),
        ("Eight tags snipped from the neck where the collar rubs, three AKs on the scalp frozen.", [(AK, 3), (TAG, 8)]),
        (
            "Nine inflamed SKs of the back frozen. Five warts on the right knee got the same treatment.",
            [(ISK, 9), (WART, 5)],
        ),
    ],
)
def test_each_number_counts_its_own_condition(encounter, text, expected):
    assert groups(encounter, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Froze two actinic keratoses on the nose. Froze five more on the left ear.", 7),
        ("Froze five AKs on the left hand, another three on the right, and the last two on the chin.", 10),
        ("Rt hand AKs 4, Lt hand AKs 2, LN2.", 6),
        ("Right cheek: five AKs frozen. Left cheek: three AKs frozen.", 8),
        ("Each ear had 3 AKs, the nose 2. Every one was frozen.", 8),
        ("AKs: both forearms four each, scalp three. Cryotherapy to all.", 11),
        ("AKs frozen: 3 per forearm, 2 on the nose.", 8),
    ],
)
def test_numbers_of_several_places_add_up(encounter, text, expected):
    assert groups(encounter, text) == [(AK, expected)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Of ten actinic keratoses marked, she let me freeze six.", 6),
        ("8 AKs found on the face. Froze 5, the others observed.", 5),
        ("Seven AKs mapped; four frozen, three left alone at his request.", 4),
        ("LN2 today: 16 AKs altogether - scalp 9, left hand 3, the remainder over the ears.", 16),
        ("11 AKs frozen: 5 scalp, 3 forehead, the rest on the ears.", 11),
    ],
)
def test_what_was_treated_of_what_was_found(encounter, text, expected):
    assert groups(encounter, text) == [(AK, expected)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Superficial BCCs curetted and desiccated: chest 0.6 cm, right shoulder 1.4 cm, left calf 2.2 cm.",
            ["0.6", "1.4", "2.2"],
        ),
        ("BCC left upper back 0.8 cm, BCC right upper back 1.5 cm. Both curetted and desiccated.", ["0.8", "1.5"]),
        ("ED&C: BCC chest 0.6 cm; BCC right thigh 0.9 cm.", ["0.6", "0.9"]),
    ],
)
def test_each_tumor_of_a_list_is_destroyed(encounter, text, expected):
    assert (
        sorted(str(p.target.diameter.value) for p in encounter(text).procedures if p.kind == "destruction") == expected
    )
