"""The stored judge: loads without trusting any type, knows plain cases, speaks only where rules leave it open."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from importlib.resources import files

import pytest
from skops.io import get_untrusted_types, load  # type: ignore[import-untyped]

from notecoder.context import EncounterContext
from notecoder.facts import Act, Destruction, Target
from notecoder.reading.page import mark_up
from notecoder.reading.visit import read_visit
from notecoder.reading.visit_judge import LABELS, MODEL, features, probabilities

DAY = date(2026, 6, 15)


def test_stored_model_holds_only_types_that_skops_trusts() -> None:
    stored = files("notecoder.models") / MODEL
    assert get_untrusted_types(data=stored.read_bytes()) == []


def test_probabilities_are_those_of_the_stored_pipeline() -> None:
    sentences = ["", "x", "It's 5% w/ AK's", "Start doxycycline 40 mg daily,  for rosacea", "no-o—o é 12.5 mm punch"]
    pipeline = load(files("notecoder.models") / MODEL, trusted=[])
    expected = pipeline.predict_proba([features(sentence) for sentence in sentences])
    rows = probabilities(sentences)
    assert [[row[label] for label in pipeline.classes_] for row in rows] == [
        pytest.approx(list(row)) for row in expected
    ]


@pytest.mark.parametrize(
    ("sentence", "label"),
    [
        ("Start doxycycline 40 mg daily for papulopustular rosacea", "separate"),
        ("Lidocaine 1% with epinephrine, 4 mm punch biopsy, 4-0 nylon", "procedure"),
        ("Patient denies fever, no known drug allergies", "neither"),
    ],
)
def test_plain_sentences_get_their_label(sentence: str, label: str) -> None:
    (row,) = probabilities([sentence])
    assert set(row) == set(LABELS)
    assert max(row, key=lambda name: row[name]) == label


def test_numbers_are_one_digit_to_the_model() -> None:
    assert features("MTX 15 mg, 0.1%  twice") == "mtx 0 mg, 0% twice"


def test_only_an_open_problem_beside_a_procedure_is_judged() -> None:
    text = "A/P:\n1. Eczema, flaring. Start triamcinolone 0.1% ointment bid.\n2. Warts x3, LN2 today.\n"
    wart = Destruction(act=Act(id="d1"), target=Target(id="t1"))
    context = EncounterContext(date_of_service=DAY)
    beside = read_visit(mark_up(text, DAY), (wart,), context)
    assert beside is not None
    opinions = {p.diagnoses[0].term: p.judged for p in beside.problems if p.diagnoses}
    opinion = opinions["eczema_unspecified"]
    assert opinion is not None and Decimal(0) <= opinion.margin <= Decimal(1)
    alone = read_visit(mark_up(text.split("2.")[0], DAY), (), context)
    assert alone is not None
    assert [p.judged for p in alone.problems] == [None]
