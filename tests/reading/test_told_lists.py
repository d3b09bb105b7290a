"""Several lesions in one passage: which size, margin, closure and number belongs to which."""

from collections import Counter

import pytest

from notecoder import code_note

CONTEXT = {
    "date_of_service": "2026-05-12",
    "payer": "medicare",
    "patient_status": "established",
    "place_of_service": "11",
}


def units(text):
    found = Counter()
    for line in code_note(text, context=CONTEXT).lines:
        if not line.code.startswith("992") and line.code != "G2211":
            found[line.code] += line.units
    return dict(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # one act before its list: each place with a measure is a lesion of its own
        ("Shave removals of irritated nevi: right flank 7 mm; left flank 5 mm; upper back 1.1 cm.", {"11300": 1, "11301": 1, "11302": 1}),
        ("SCCs in situ treated with curettage and electrodesiccation, three cycles: right shin 1.2 cm, left shin 0.9 cm, right forearm 0.6 cm.", {"17261": 2, "17262": 1}),
        ("ED&C of two superficial BCCs. Left upper back 0.8 cm. Right upper back 1.3 cm.", {"17261": 1, "17262": 1}),
        ("Lipomas removed from the subcutaneous fat: left upper arm 2.4 cm, right upper arm 3.5 cm. Layered closure both.", {"24071": 1, "24075": 1}),
        ("Cuts from a broken window: right palm 2.2 cm, right forearm 3.1 cm, each sutured with 4-0 nylon in one layer.", {"12002": 1}),
        # a measure told once for all, numbers in turn
        ("Excised today, path benign on all: nevus right calf 6 mm, nevus left calf 8 mm, nevus mid back 1.0 cm. 2 mm margins each. Single layer nylon.", {"11401": 1, "11402": 2}),
        ("Two SCCs, left forearm 8 mm and right calf 11 mm, excised with 4 mm margins each; closed in layers to 3.6 and 4.2 cm respectively.", {"11602": 2, "12034": 1}),
        # labels
        ("A. Pink plaque, chest. B. Brown macule, L calf. C. SK, back.\nLesions A and B: shave biopsy. Lesion C: no treatment.", {"11102": 1, "11103": 1}),
        ("#1 BCC left cheek 6 mm, margin 3 mm. #2 SCC right ear 5 mm, margin 4 mm. Both excised; both closed in layers, 2.2 cm and 2.4 cm.", {"11642": 2, "12052": 1}),
        # lesion, margin and closed wound without a verb of cutting
        ("Nevus L shoulder 5 mm + 2 mm margin, closed in layers 2.6 cm. Nevus R shoulder 4 mm + 2 mm margin, closed with a single layer of nylon. Path benign.", {"11401": 2, "12032": 1}),
    ],
)  # fmt: skip
def test_each_lesion_gets_its_own(text, expected):
    assert units(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nose 2 AKs, forehead 3 AKs, L ear 1 AK, L hand 3 warts. Every one of them was treated with liquid nitrogen.", {"17000": 1, "17003": 5, "17110": 1}),
        ("AKs frozen: each hand 3, scalp 5, both ears 2 each.", {"17004": 1}),
        ("Twelve AKs were mapped; ten were frozen, the two on the lids were left alone.", {"17000": 1, "17003": 9}),
        ("Froze eight of the eleven AKs.", {"17000": 1, "17003": 7}),
        ("Froze two AKs on the left ear, another three on the right, and one on the nose.", {"17000": 1, "17003": 5}),
        ("LN2 to 18 AKs in all: scalp 10, forehead 3, the rest on the hands.", {"17004": 1}),
        ("Cryo: ten inflamed SKs on the trunk. Five flat warts of the right knee got the same treatment.", {"17111": 1}),
    ],
)  # fmt: skip
def test_numbers_of_a_list(text, expected):
    assert units(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Old scars of both wounds, right and left forearm, look fine; nothing done today.",
        "A. Nevus, chest. B. Nevus, L calf. Both look benign and were left alone.",
    ],
)
def test_lists_to_which_nothing_was_done(text):
    assert units(text) == {}
