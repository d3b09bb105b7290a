"""Nails and corns: which digit, what was done to it, how many."""

import pytest


def nails(encounter, text):
    return [
        (p.action, sorted((d.limb, d.side, d.number) for d in p.digits))
        for p in encounter(text).procedures
        if p.kind == "nail" and p.act.status == "performed"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Ingrown nail, right great toe. Digital block, lateral border of the plate avulsed to under the fold, no phenol.",
            [("avulsion", [("foot", "right", 1)])],
        ),
        (
            "L hallux ingrown. Partial avulsion then 88% phenol to the matrix horn x 3.",
            [("matrixectomy", [("foot", "left", 1)])],
        ),
        (
            "Left thumbnail, brown band. Block, fold reflected, 3 mm punch of the distal matrix through the plate. Longitudinal melanonychia.",
            [("biopsy", [("hand", "left", 1)])],
        ),
        (
            "R index finger shut in a door, blood under the nail. Hot cautery, two holes, dark blood out, relief. Subungual hematoma.",
            [("hematoma", [("hand", "right", 2)])],
        ),
        (
            "L 2nd toe: black nail since the marathon. 18g drilled x2, dark blood out.",
            [("hematoma", [("foot", "left", 2)])],
        ),
    ],
)
def test_the_largest_service_of_each_nail(encounter, text, expected):
    assert nails(encounter, text) == expected


def test_digits_written_as_lists(encounter):
    text = "Onychomycosis. Toenails 1,2,3 R and 1,4 L thick and painful. All five reduced with nipper and burr."
    found = next(p for p in encounter(text).procedures if p.kind == "nail")
    assert (found.action, len(found.digits) or found.count.value) == ("debridement", 5)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Onychomycosis. Nails debrided ..... 8, nipper and burr.", 8),
        ("Ten mycotic toenails were debrided with a rotary burr.", 10),
        ("The remaining nine toenails required manual and electric debridement. Onychomycosis.", 9),
    ],
)
def test_debrided_nails_are_counted(encounter, text, count):
    found = next(p for p in encounter(text).procedures if p.kind == "nail")
    assert (found.action, found.count.value) == ("debridement", count)


def test_trimming_thins_no_plate(encounter):
    text = "Nine toenails, all dystrophic. Clipped to length with nippers, edges filed. No burr, nothing debrided. Class A, Q7."
    found = [p for p in encounter(text).procedures if p.kind == "nail" and p.act.status == "performed"]
    assert [(p.action, p.dystrophic.value, p.class_finding.value) for p in found] == [("trimming", True, "A")]


def test_a_great_toe_without_a_side_names_no_digit(encounter):
    assert nails(
        encounter, "Great toenail loose after soccer. Block, plate freed from the bed and removed complete."
    ) == [("avulsion", [])]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Hematoma of the left thigh evacuated through a stab incision.", "no nail"),
        ("Ingrown toenail, left. Avulsion and phenol discussed, he wants to wait.", "not done"),
        ("Plate 14 of the chart was reviewed.", "another plate"),
    ],
)
def test_near_misses_are_no_nail_work(encounter, text, why):
    assert nails(encounter, text) == [], why


def paring(encounter, text):
    return [
        p.count.value
        for p in encounter(text).procedures
        if p.kind == "paring" and p.act.status == "performed" and p.count
    ]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Calluses: R plantar 1st MT head; R heel; L plantar 5th MT head. Pared flat with #15, three in all.", 3),
        ("R sole: callus, sore. Pared #15. 1 only.", 1),
        ("Two corns of the right fifth toe pared with a #10 blade.", 2),
        ("Keratoses pared ..... callus plantar R 1st MTP ; callus plantar L 5th MTP (#15 blade)", 2),
    ],
)
def test_the_number_of_the_blade_is_no_number_of_calluses(encounter, text, count):
    assert paring(encounter, text) == [count]


def test_a_wart_pared_to_be_frozen_is_not_pared(encounter):
    assert (
        paring(encounter, "Plantar warts, both soles. Callus over each pared with #15, then frozen with LN2, R 5, L 4.")
        == []
    )
