"""Debridement by the deepest tissue removed, stitches taken out today."""

from decimal import Decimal

import pytest


def all_of(encounter, text, kind):
    return [p for p in encounter(text).procedures if p.kind == kind and p.act.status == "performed"]


@pytest.mark.parametrize(
    ("text", "depth", "area"),
    [
        (
            "Venous ulcer of the left calf, 4 x 3 cm. Slough and fibrin sharply debrided with a curette down to dermis.",
            "selective",
            12,
        ),
        (
            "Ulcer of the right heel. Necrotic subcutaneous fat was removed with scissors over 15 sq cm; fascia intact.",
            "subcutaneous",
            15,
        ),
        (
            "Wound of the back: debrided sharply, necrotic muscle and fascia excised, area debrided 6 x 3 cm.",
            "muscle",
            18,
        ),
    ],
)
def test_the_deepest_tissue_removed(encounter, text, depth, area):
    fact = all_of(encounter, text, "debridement")[0]
    assert (fact.depth.value, fact.area.value) == (depth, Decimal(area))


def test_tissue_that_is_only_seen_is_not_removed(encounter):
    fact = all_of(
        encounter, "Leg ulcer 2 x 2 cm. Fat layer exposed, muscle visible. Slough debrided with forceps.", "debridement"
    )[0]
    assert fact.depth.value == "selective"


def test_a_sheet_with_a_column_for_each_wound(encounter):
    text = (
        "Dx: venous insufficiency with ulcers. Debridement today.\n\n"
        "            Wound 1                       Wound 2\n"
        "site        R calf                        L ankle\n"
        "how         necrotic fat removed          slough off down to dermis\n"
        "area        12 sq cm                      6 sq cm\n"
    )
    found = [(p.depth.value, p.area.value) for p in all_of(encounter, text, "debridement")]
    assert found == [("subcutaneous", Decimal(12)), ("selective", Decimal(6))]


@pytest.mark.parametrize(
    "text",
    [
        "Laceration of the left shin sutured in the ER 10 days ago. Seven nylon sutures removed today without difficulty.",
        "R forearm cut, sewn at urgent care (not us). Healed, 4 nylon out by MA, steri-strips.",
    ],
)
def test_stitches_of_another_place_out_today(encounter, text):
    assert [p.placed_elsewhere.value for p in all_of(encounter, text, "suture_removal")] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "BCC of the cheek excised and closed. Sutures out in 7 days.",
        "Punch biopsy of the arm, 4-0 nylon. Suture removal in two weeks.",
        "Total suture line about 9 cm after excision of the cheek lesion.",
    ],
)
def test_an_appointment_is_no_removal(encounter, text):
    assert all_of(encounter, text, "suture_removal") == []


def test_the_wound_whose_stitches_come_out_is_not_closed_today(encounter):
    text = "Laceration of the right shin, 7 sutures placed at the hospital ER. Count: 7 nylon in, 7 out."
    assert all_of(encounter, text, "repair") == []
