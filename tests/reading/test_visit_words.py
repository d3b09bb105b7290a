"""The visit lexicon: every class matches its examples and none of its near-misses; drugs and tests are told apart."""

from __future__ import annotations

from decimal import Decimal

import pytest

from notecoder.reading.visit_words import condition_class, cue, find_drugs, find_tests, lexicon

CUES = lexicon("visit_words")
EXAMPLES = [(name, text) for name, entry in CUES.items() for text in entry["examples"]]
NEAR_MISSES = [(name, text) for name, entry in CUES.items() for text in entry["not"]]


@pytest.mark.parametrize(("name", "text"), EXAMPLES)
def test_cue_class_matches_its_example(name: str, text: str) -> None:
    assert cue(name, text.lower()) is not None


@pytest.mark.parametrize(("name", "text"), NEAR_MISSES)
def test_cue_class_leaves_its_near_miss(name: str, text: str) -> None:
    assert cue(name, text.lower()) is None


def test_every_cue_class_has_examples_and_near_misses() -> None:
    assert CUES
    assert not [name for name, entry in CUES.items() if not entry["examples"] or not entry["not"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Start adapalene 0.1% gel nightly", [("adapalene", Decimal("0.1"), True)]),
        ("adapalene 0.3% gel", [("adapalene", Decimal("0.3"), False)]),
        ("hydrocortisone 1% bid", [("hydrocortisone", Decimal(1), True)]),
        ("HC 2.5% does nothing", [("hydrocortisone", Decimal("2.5"), False)]),
        ("ketoconazole 2% shampoo", [("ketoconazole", Decimal(2), False)]),
        ("TAC 0.1% oint bid", [("triamcinolone", Decimal("0.1"), False)]),
        ("increase MTX 15 -> 20 mg", [("methotrexate", None, False)]),
        ("ILK: triamcinolone 40 mg/mL, total 0.6 mL", []),
        ("Rogaine foam 5% qd", [("minoxidil topical", Decimal(5), True)]),
        ("oral minoxidil 2.5 mg daily", [("minoxidil", None, False)]),
    ],
)
def test_drugs_are_read_with_their_strength_and_status(
    text: str, expected: list[tuple[str, Decimal | None, bool]]
) -> None:
    assert [(d.drug.name, d.percent, d.otc) for d in find_drugs(text, 0, len(text))] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CBC with differential, ESR, ASO titer, chest radiograph", ["cbc", "esr", "aso", "chest_xray"]),
        ("labs ferritin, TSH, 25-OH vit D", ["ferritin", "tsh", "vitamin_d"]),
        ("QuantiFERON, hepatitis B and hepatitis C serologies", ["quantiferon", "hepatitis_b", "hepatitis_c"]),
        ("serum BP180/BP230 antibodies", ["bp180"]),
        ("BP 128/76", []),
    ],
)
def test_tests_are_read_once_each(text: str, expected: list[str]) -> None:
    assert [test.name for test in find_tests(text, 0, len(text))] == expected


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("atopic_dermatitis", "chronic"),
        ("herpes_zoster", "acute"),
        ("melanocytic_nevus", "self_limited"),
        ("basal_cell_carcinoma", "malignancy"),
        ("long_term_methotrexate", None),
    ],
)
def test_default_class_is_that_of_the_chronicity_table(term: str, expected: str | None) -> None:
    assert condition_class(term) == expected
