"""The reader of act status: its stored numbers, and what it may turn around and what not."""

from importlib.resources import files

import pytest
from skops.io import get_untrusted_types, load  # type: ignore[import-untyped]

from notecoder.reading.learned import ACT_STATUS, act_features, model, tokens


def test_the_stored_model_holds_only_types_that_skops_trusts():
    assert get_untrusted_types(data=(files("notecoder.models") / ACT_STATUS).read_bytes()) == []


def test_probabilities_are_those_of_the_stored_pipeline():
    clauses = [("", 0, 0), ("We shall freeze it in the spring", 9, 15), ("3.5 mm punch, é — done", 0, 12)]
    rows = [act_features(text, start, end, "biopsy") for text, start, end in clauses]
    pipeline = load(files("notecoder.models") / ACT_STATUS, trusted=[])
    for row, expected in zip(rows, pipeline.predict_proba(rows), strict=True):
        read = model(ACT_STATUS).probabilities(row)
        assert [read[label] for label in pipeline.classes_] == pytest.approx(list(expected), abs=1e-5)


def test_numbers_are_one_digit_to_the_model():
    assert tokens("LN2 to 12 AK's, 0.5 cm") == ["ln", "0", "to", "0", "ak's", ",", "0", "cm"]


def done(encounter, text):
    return sorted(p.kind for p in encounter(text).procedures if p.act.status == "performed")


@pytest.mark.parametrize(
    "text",
    [
        "We shall freeze the remaining keratoses on her scalp in three months' time.",
        "We have referred her to plastic surgery for excision of the 6 cm lipoma of the back.",
        "Excision of the residual dysplastic nevus with 3 mm margins is booked for Thursday.",
        "The wart on his thumb was burned off with acid by a family doctor when he was a teenager.",
        "Punch of the shin attempted but discontinued at the patient's request after the anesthetic.",
    ],
)
def test_acts_told_as_not_done_today(encounter, text):
    assert not done(encounter, text)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Six common warts of the right hand were frozen, two cycles each.", ["destruction"]),
        ("Shave biopsy of the left cheek papule, aluminum chloride, to pathology.", ["biopsy"]),
        ("EXCISION OF BASAL CELL CARCINOMA, LEFT FOREARM, 1.1 CM WITH 4 MM MARGINS", ["excision"]),
    ],
)
def test_acts_told_as_done_stay_done(encounter, text, kinds):
    assert done(encounter, text) == kinds


def test_beside_a_denial_nothing_is_given_back(page):
    (mark,) = page("Nails debrided today: No").marks
    assert {act.status for act in mark.acts} == {"negated"}
