"""Reconstruction as surgeons tell it: which of two places received the tissue, and which numbers are the two areas."""

from decimal import Decimal

import pytest


def all_of(encounter, text, kind):
    return [p for p in encounter(text).procedures if p.kind == kind and p.act.status == "performed"]


@pytest.mark.parametrize(
    ("text", "kind", "site"),
    [
        (
            "Mohs defect of the right ala, made elsewhere. Flap elevated from the right cheek, turned over and sewn in.",
            "flap",
            "nasal_ala",
        ),
        (
            "Left helix wound from Mohs elsewhere. Retroauricular interpolation flap raised and sewn to the helical rim.",
            "flap",
            "helix",
        ),
        (
            "Nasal tip wound, Mohs two weeks ago. FTSG from the left preauricular crease, 1.4 x 1.2 cm, sewn in.",
            "graft",
            "nasal_tip",
        ),
        (
            "Right temple wound from surgery elsewhere, now covered with a full-thickness skin graft harvested from the left clavicle.",
            "graft",
            "temple",
        ),
        (
            "Second stage. Pedicle divided at the cheek, the alar end thinned and inset, cheek stump trimmed and closed.",
            "flap",
            "nasal_ala",
        ),
        (
            "Bridge of the forehead flap divided. Proximal stump returned to the brow, distal end inset on the nose.",
            "flap",
            "nose",
        ),
    ],
)
def test_the_place_that_receives_the_tissue(encounter, text, kind, site):
    assert [p.target.site.key for p in all_of(encounter, text, kind)] == [site]


@pytest.mark.parametrize(
    ("words", "primary", "secondary"),
    [
        ("Areas: primary 2.2 x 2.0 cm, secondary 2.4 x 2.0 cm.", "4.4", "4.8"),
        ("Defect 1.5 x 1.4, donor 2.0 x 1.2.", "2.1", "2.4"),
        ("Total area 3.0 x 2.0 + 2.5 x 2.0.", "6", "5"),
        ("Wound 18 by 15 mm; flap bed 20 x 15 mm.", "2.7", "3"),
        ("4 x 3 cm primary, 5 x 4 cm secondary.", "12", "20"),
        ("2.0 x 2.0 primary and 3.0 x 2.0 secondary.", "4", "6"),
        ("Wound 2.0 x 2.0 cm. The flap left a second wound of 3.0 x 1.5 cm.", "4", "4.5"),
    ],
)
def test_the_two_areas_of_a_transfer(encounter, words, primary, secondary):
    text = f"Left cheek cancer wound. Rhombic flap incised, raised and transposed into it. {words}"
    fact = all_of(encounter, text, "flap")[0]
    assert (fact.primary_area.value, fact.secondary_area.value) == (Decimal(primary), Decimal(secondary))


def test_a_tumor_and_its_margin_are_no_area(encounter):
    text = "Left cheek SCC 1.2 x 1.0 cm. Rhombic flap incised, raised and transposed into the wound."
    fact = all_of(encounter, text, "flap")[0]
    assert (fact.primary_area, fact.secondary_area, fact.total_area) == (None, None, None)


def test_a_flap_cut_free_later_is_an_interpolation(encounter):
    text = "Nasolabial flap raised and sewn into the right alar defect; pedicle to be divided in three weeks."
    fact = all_of(encounter, text, "flap")[0]
    assert (fact.style.value, fact.step) == ("interpolation", "formation")


def test_inset_alone_divides_nothing(encounter):
    text = "Paramedian forehead flap for the nasal tip defect. Flap raised on its pedicle, thinned and inset."
    assert [p.step for p in all_of(encounter, text, "flap")] == ["formation"]


def test_a_number_ends_its_sentence(encounter):
    text = "Nasal tip, SCC, biopsy 4/9. Full-thickness graft 1.2 x 1.0 cm sewn into the wound."
    assert len(all_of(encounter, text, "graft")) == 1
