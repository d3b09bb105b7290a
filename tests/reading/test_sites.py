"""Places on the body: whole words, with side, part and digit; landmarks are no places."""

import pytest


def found(page, text):
    return [(s.key, s.side) for mark in page(text).marks for s in mark.sites]


@pytest.mark.parametrize(
    ("text", "sites"),
    [
        ("Papule of the left forearm.", [("forearm", "left")]),
        ("Papule, forearm, L.", [("forearm", "left")]),
        ("Papule of the R cheek.", [("cheek", "right")]),
        ("Lesion between the shoulder blades.", [("back", None)]),
        ("AK of the right ear, left ear and scalp.", [("ear", "right"), ("ear", "left"), ("scalp", None)]),
        ("Papules on both cheeks.", [("cheek", "bilateral")]),
        ("Nodule of the left lower eyelid.", [("eyelid", "left")]),
    ],
)
def test_place_and_side(page, text, sites):
    assert found(page, text) == sites


@pytest.mark.parametrize(
    ("text", "not_there"),
    [
        ("Papule of the forearm.", "ear"),  # "ear" inside "forearm"
        ("The ellipse was closed.", "lip"),  # "lip" inside "ellipse"
        ("A back-and-forth motion chintz.", "chin"),
        ("The lesion, 2 cm from the nose, of the left cheek.", "nose"),
        ("Forehead flap raised.", "forehead"),
    ],
)
def test_no_place_inside_a_word_or_as_a_landmark(page, text, not_there):
    assert not_there not in {key for key, _ in found(page, text)}


def test_fingers_have_numbers(page):
    sites = [s for mark in page("Wart of the right third finger.").marks for s in mark.sites]
    assert [(s.key, s.side, s.digit) for s in sites] == [("finger", "right", 3)]


def test_upper_and_lower_lip_differ(page):
    parts = [s.part for mark in page("Papule, left upper lip. Papule, right lower lip.").marks for s in mark.sites]
    assert parts == ["upper", "lower"]
