"""Pathology reports: results prove diagnoses, specimens follow the report, and whose work it was."""

from datetime import date

import pytest

from notecoder.context import EncounterContext
from notecoder.reading.assemble import assemble

DAY = date(2026, 11, 10)
NOTE = "1. L forearm, scaly plaque. 4 mm punch biopsy from the edge. Jar A.\n2. R calf, brown patch. 4 mm punch biopsy. Jar B."
REPORT = "DERMATOPATHOLOGY REPORT\nA. Skin, left forearm, punch: Tinea corporis. PAS stain shows septate hyphae.\nB. Skin, right calf, punch: Stasis dermatitis.\nGross: A, tan cylinder. B, tan cylinder."


def read(note, report, **context):
    documents = [{"id": "path-1", "kind": "pathology", "text": report}] if report else []
    return assemble(note, EncounterContext(date_of_service=DAY, **context), documents=documents)


def test_each_part_proves_the_lesion_it_came_from():
    found = {p.target.site.key: p.target.diagnoses[0] for p in read(NOTE, REPORT).procedures if p.kind == "biopsy"}
    assert {key: (d.term, d.certainty) for key, d in found.items()} == {
        "forearm": ("tinea_corporis", "pathology"),
        "lower_leg": ("stasis_dermatitis", "pathology"),
    }


def test_the_words_of_a_report_name_their_document():
    spans = [s for p in read(NOTE, REPORT).procedures if p.kind == "biopsy" for s in p.target.diagnoses[0].evidence]
    assert spans
    assert all(s.document == "path-1" and REPORT[s.start : s.end] == s.text for s in spans)


def test_a_doubtful_result_proves_nothing():
    doubtful = "SPECIMEN: skin, left forearm. DIAGNOSIS: suspicious for squamous cell carcinoma, deeper levels pending."
    biopsy = next(p for p in read("L forearm papule, shave biopsy.", doubtful).procedures if p.kind == "biopsy")
    assert all(d.certainty != "pathology" for d in biopsy.target.diagnoses)


def test_a_part_of_the_other_side_is_not_this_lesion():
    other = "A. Skin, right cheek: Basal cell carcinoma.\nB. Skin, right ear: Squamous cell carcinoma."
    biopsy = next(p for p in read("L cheek papule, shave biopsy.", other).procedures if p.kind == "biopsy")
    assert all(d.certainty != "pathology" for d in biopsy.target.diagnoses)


@pytest.mark.parametrize(
    ("words", "prepared", "read_here"),
    [
        ("Slides prepared and stained in our own laboratory and read by me.", True, True),
        ("Tissue cut and stained at Bellhaven Histology; slides signed out by our dermatopathologist.", False, True),
        (
            "In-house histology: grossed, embedded, cut here. Slides couriered to Meridian (outside), reads and bills own prof component.",
            True,
            False,
        ),
    ],
)
def test_whose_work_it_was(words, prepared, read_here):
    found = next(p for p in read(f"{NOTE}\n\n{words}", None).procedures if p.kind == "pathology")
    assert (found.prepared.value, found.read.value, len(found.specimens)) == (prepared, read_here, 2)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("Specimens sent to pathology.", "only sent away"),
        ("Outside slides of 2024 were re-read by our dermatopathologist.", "an earlier specimen"),
        ("No frozen sections were cut here.", "denied"),
    ],
)
def test_near_misses_are_no_pathology_of_the_group(words, why):
    assert [p for p in read(f"{NOTE}\n\n{words}", None).procedures if p.kind == "pathology"] == [], why


def test_a_log_of_the_laboratory_cuts_nothing_today():
    log = "IN-HOUSE HISTOLOGY LOG\njar   label               other\nA     R shoulder, shave    -\nB     nape, cyst wall      -\nC     R sole, punch        PAS-F, control ok\nGrossed, processed, cut and stained here. Trays driven to Kestrel; Dr. there reads and bills the reading."
    found = read(log, None).procedures
    pathology = next(p for p in found if p.kind == "pathology")
    assert [p.kind for p in found if p.act.status == "performed"] == ["pathology"]
    assert [(s.label, s.tissue, s.organism_stains) for s in pathology.specimens] == [
        ("A", "skin", 0),
        ("B", "cyst", 0),
        ("C", "skin", 1),
    ]


def test_a_second_note_is_counted_once():
    second = {
        "id": "op-2",
        "kind": "operative",
        "text": "Punch biopsy of the left forearm. Liquid nitrogen to three warts of the right hand.",
    }
    found = assemble(NOTE, EncounterContext(date_of_service=DAY), documents=[second]).procedures
    kinds = [(p.kind, p.target.site.key) for p in found if p.act.status == "performed"]
    assert sorted(kinds) == [("biopsy", "forearm"), ("biopsy", "lower_leg"), ("destruction", "hand")]
    assert {s.document for p in found if p.kind == "destruction" for s in p.act.evidence} == {"op-2"}
