"""The reading in somebody else's spaCy pipeline: found by name, one span group each, nothing read twice."""

import pytest
import spacy
from spacy.tokens import Doc

NOTE = """PROCEDURE
Excision of a 1.2 cm basal cell carcinoma of the left forearm with 4 mm margins.
PLAN
Shave biopsy of the right cheek next month.
"""


@pytest.fixture(scope="module")
def doc():
    nlp = spacy.blank("en")
    for name in ("layout", "sites", "measures", "lesions", "acts", "status"):
        nlp.add_pipe(f"notecoder_{name}", config={"date_of_service": "2026-11-10"})
    return nlp(NOTE)


def labels(doc, kind):
    return [(span.text, span.label_) for span in doc.spans[f"notecoder.{kind}"]]


def test_places_with_their_sides(doc):
    assert labels(doc, "sites") == [("left forearm", "forearm/left"), ("right cheek", "cheek/right")]


def test_measures_with_their_roles(doc):
    assert labels(doc, "measures") == [("1.2 cm", "unknown"), ("4 mm", "margin")]


def test_conditions_with_their_certainty(doc):
    assert [label for _, label in labels(doc, "lesions")] == ["basal_cell_carcinoma/stated"]


def test_acts_and_what_became_of_them(doc):
    assert [label for _, label in labels(doc, "acts")] == ["excision", "biopsy"]
    assert [label for _, label in labels(doc, "status")] == ["performed", "planned"]


def test_sections(doc):
    assert {label for _, label in labels(doc, "layout")} >= {"procedure", "plan"}


def test_one_component_alone_needs_no_configuration():
    nlp = spacy.blank("en")
    nlp.add_pipe("notecoder_lesions")
    read = nlp("Actinic keratoses of the scalp.")
    assert [span.text for span in read.spans["notecoder.lesions"]] == ["Actinic keratoses"]
    saved = Doc(nlp.vocab).from_bytes(read.to_bytes())
    assert [span.label_ for span in saved.spans["notecoder.lesions"]] == ["actinic_keratosis/stated"]


def test_a_pipeline_with_components_is_saved_and_loaded(tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("notecoder_sites")
    nlp.to_disk(tmp_path)
    read = spacy.load(tmp_path)("Wart of the left thumb.")
    assert [span.text for span in read.spans["notecoder.sites"]] == ["left thumb"]


def test_a_date_that_is_none_is_refused():
    nlp = spacy.blank("en")
    nlp.add_pipe("notecoder_sites", config={"date_of_service": "10 November"})
    with pytest.raises(ValueError):
        nlp("Wart of the left thumb.")
