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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Keloids injected with triamcinolone 40 mg/mL: L ear 0.2 mL, R ear 0.2 mL, chest 0.3 mL.", "28"),
        ("TAC 10 mg/mL: keloid L ear 0.2 mL, keloid R ear 0.3 mL, three separate chest keloids 0.4 mL apiece.", "17"),
        ("Scalp: five patches of alopecia areata, ILK 5 mg/mL 0.2 mL each.", "5"),
        ("Chest keloid: 12 mg triamcinolone. Shoulder keloid: 8 mg.", "20"),
    ],
)
def test_amounts_of_several_lesions_add_up(encounter, text, expected):
    amounts = [p.drug.amount.value for p in encounter(text).procedures if p.kind == "intralesional"]
    assert amounts == [type(amounts[0])(expected)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thick mycotic plates debrided: right foot 1st, 2nd, 4th; left foot 1st and 5th.", 5),
        ("Toes 2 and 3 of the left foot: complete plate avulsion under ring block.", 2),
        (
            "Procedure: R hallux, partial avulsion and phenol matrixectomy. L hallux has the same trouble; put off to June.",
            1,
        ),
    ],
)
def test_nails_of_a_list(encounter, text, expected):
    done = [p for p in encounter(text).procedures if p.kind == "nail" and p.act.status == "performed"]
    assert {len(p.digits) for p in done} == {expected}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "A - papule of the left temple. B - 0.7 cm irritated nevus of the right cheek. C - plaque of the chest. D - keratosis, back.\nA and C: shave biopsies. B: shave removal. D: leave.",
            [("biopsy", "chest"), ("biopsy", "temple"), ("shave", "cheek")],
        ),
        ("Bleeding SKs shaved off: left chest 0.9 cm; left thigh 0.8 cm; another on the right hand 0.4 cm.", [("shave", "chest"), ("shave", "hand"), ("shave", "thigh")]),
        ("Irritated moles. All shaved level:\nchin 5 mm\nabdomen 6 mm", [("shave", "abdomen"), ("shave", "chin")]),
        ("Two traumatized nevi, left forearm 0.7 cm and right thigh 0.9 cm, each shaved flush.", [("shave", "forearm"), ("shave", "thigh")]),
        ("Dark macules of the right knee and the left ankle: shave bx of each.", [("biopsy", "ankle"), ("biopsy", "knee")]),
        ("Both wounds from 4/7 (R cheek excision, L hand shave) look fine.", []),
    ],
)  # fmt: skip
def test_acts_of_a_list_and_of_letters(encounter, text, expected):
    done = [
        p
        for p in encounter(text).procedures
        if p.act.status == "performed" and p.kind in {"biopsy", "shave", "excision"}
    ]
    assert sorted((p.kind, p.target.site.key) for p in done) == expected
