"""Peels, lasers on vessels, color put into skin."""

from decimal import Decimal

import pytest


def all_of(encounter, text, kind):
    return [p for p in encounter(text).procedures if p.kind == kind and p.act.status == "performed"]


@pytest.mark.parametrize(
    ("text", "method"),
    [
        (
            "Actinic keratoses. Full face chemical peel: Jessner's then 35% TCA to a white frost, into the papillary dermis.",
            "peel_dermal",
        ),
        ("Superficial glycolic acid peel of the face, three coats, actinic keratoses.", "peel_epidermal"),
    ],
)
def test_how_deep_a_peel_went(encounter, text, method):
    fact = all_of(encounter, text, "resurfacing")[0]
    assert (fact.method, fact.target.site.key) == (method, "face")


def test_acid_on_one_keratosis_is_its_destruction_and_no_peel(encounter):
    text = "Actinic keratosis of the left nose. Trichloroacetic acid applied to the lesion, a small chemical peel of that spot."
    assert all_of(encounter, text, "resurfacing") == []
    assert len(all_of(encounter, text, "destruction")) == 1


def test_the_area_of_a_vessel_laser_is_the_total_treated(encounter):
    text = "Port-wine stain of the left face and neck. Pulsed dye laser: cheek 49 sq cm; neck 15 sq cm; total treated 64 sq cm."
    assert [(p.method, p.area.value) for p in all_of(encounter, text, "resurfacing")] == [
        ("vascular_laser", Decimal(64))
    ]
    assert all_of(encounter, text, "destruction") == []


def test_color_put_in_to_match_the_skin(encounter):
    text = "Vitiligo of the wrists. Micropigmentation: R wrist 3.9 sq cm, L wrist 2.7 sq cm, chin not done. Total implanted 6.6 sq cm."
    assert [p.area.value for p in all_of(encounter, text, "tattooing")] == [Decimal("6.6")]


@pytest.mark.parametrize(
    "text",
    [
        "The vermilion border was tattooed with methylene blue before the lip was cut.",
        "Nevus beside an old tattoo of the arm.",
    ],
)
def test_a_mark_with_dye_is_no_tattooing(encounter, text):
    assert all_of(encounter, text, "tattooing") == []


def test_what_is_said_cosmetic_elsewhere_stays_there(encounter):
    text = "1) Port-wine stain, L neck, bleeds. PDL, 2 x 4 = 8 cm2.\n2) Spider veins of the nose, wants PDL: told cosmetic, not today."
    assert [p.act.cosmetic for p in all_of(encounter, text, "resurfacing")] == [None]
