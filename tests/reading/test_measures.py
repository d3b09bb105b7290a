"""Measures: every way a note writes a size, in centimeters, with the role its words give it."""

from decimal import Decimal

import pytest


def found(page, text):
    return [(tuple(str(d.normalize()) for d in m.dims), m.role) for mark in page(text).marks for m in mark.measures]


@pytest.mark.parametrize(
    ("text", "dims"),
    [
        ("A 7 mm papule of the chin.", ("0.7",)),
        ("A 0.7 cm papule of the chin.", ("0.7",)),
        ("A .7 cm papule of the chin.", ("0.7",)),
        ("A 0,7 cm papule of the chin.", ("0.7",)),
        ("A seven millimeter papule of the chin.", ("0.7",)),
        ("Lesion of the chin, 1.2 x 0.8 cm.", ("1.2", "0.8")),
        ("Lesion of the chin, 12 x 8 mm.", ("1.2", "0.8")),
        ("Lesion of the chin, 12 mm x 8 mm.", ("1.2", "0.8")),
        ("Lesion of the chin, one point two centimeters.", ("1.2",)),
        ("Lesion of the back, 1 inch.", ("2.54",)),
    ],
)
def test_one_size_however_it_is_written(page, text, dims):
    assert [d for d, _ in found(page, text)] == [dims]


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Excised with 4 mm margins.", "margin"),
        ("A margin of 4 mm was taken.", "margin"),
        ("4 mm of normal skin all around.", "margin"),
        ("Closed in layers, final length 3.4 cm.", "length"),
        ("Layered closure 3.4 cm.", "length"),
        ("The defect measured 2.1 x 1.8 cm.", "defect"),
        ("A 4 mm punch was used.", "tool"),
    ],
)
def test_the_words_beside_it_give_its_role(page, text, role):
    assert [r for _, r in found(page, text)] == [role]


@pytest.mark.parametrize(
    "text",
    [
        "Lidocaine 1% with epinephrine, 3 cc.",
        "Liquid nitrogen, two cycles of 10 seconds.",
        "Triamcinolone 10 mg/mL, 0.4 mL.",
        "Return in 3 months.",
        "BP 128/76.",
    ],
)
def test_other_numbers_are_no_sizes(page, text):
    assert found(page, text) == []


def test_values_are_exact_decimals(page):
    (measure,) = [m for mark in page("Nevus of the back, 0.55 cm.").marks for m in mark.measures]
    assert measure.dims == (Decimal("0.55"),)
