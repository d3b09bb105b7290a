"""The course of an act: the clauses that tell how it was done are kept with it, those of other acts and plans are not."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from notecoder.reading.course import steps

RAW = tomllib.loads((files("notecoder.reading") / "lexicon" / "course.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, entry in RAW.items() for text in entry["examples"]])
def test_step_words_match_their_examples(kind: str, text: str) -> None:
    assert steps()[kind].search(text)


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, entry in RAW.items() for text in entry["not"]])
def test_step_words_match_no_near_miss(kind: str, text: str) -> None:
    assert not steps()[kind].search(text)


def course(encounter, kind: str, place: str) -> str:
    """The course of the act of a kind at a place, as one text."""
    found = [
        p for p in encounter.procedures if p.kind == kind and p.target.site is not None and p.target.site.key == place
    ]
    assert len(found) == 1
    return " | ".join(span.text for span in found[0].act.course)


TWO_EXCISIONS = """OPERATIVE REPORT
DIAGNOSES: 1. Basal cell carcinoma, left forearm. 2. Epidermal cyst, right upper back.
PROCEDURE: Site 1, left forearm: the 1.0 cm basal cell carcinoma was excised with a 4 mm margin. Dissection went to the deep fat. The dermis was brought together with 4-0 PDS.
Site 2, right upper back: the 1.4 cm cyst was excised. It was delivered intact through the incision. Skin was closed with nylon.
PLAN: If the margin is involved, a re-excision will be scheduled."""


def test_the_narrative_of_a_lesion_goes_with_its_own_act(encounter) -> None:
    note = encounter(TWO_EXCISIONS)
    forearm, back = course(note, "excision", "forearm"), course(note, "excision", "back")
    assert "deep fat" in forearm and "delivered" not in forearm
    assert "delivered intact" in back and "deep fat" not in back


def test_what_may_be_done_later_is_no_part_of_it(encounter) -> None:
    for procedure in encounter(TWO_EXCISIONS).procedures:
        assert not any("scheduled" in span.text for span in procedure.act.course)


FORM = """PROCEDURE: Cryotherapy
Diagnosis: Actinic keratosis
Method: liquid nitrogen, 2 cycles
Site: left temple
Lesions treated: 3
Follow-up: 6 months"""


def test_the_fields_of_a_form_go_with_its_act(encounter) -> None:
    frozen = next(p for p in encounter(FORM).procedures if p.kind == "destruction" and p.target.diagnoses)
    quoted = " | ".join(span.text for span in (*frozen.act.evidence, *frozen.act.course))
    assert "Lesions treated: 3" in quoted and "liquid nitrogen, 2 cycles" in quoted
    assert "Follow-up" not in quoted


LISTED = """Exam: Scalp: 5 gritty scaly papules. Left hand: 2.
Trunk: several waxy stuck-on papules, quiet.
A/P: 1. Actinic keratoses, scalp and left hand. Liquid nitrogen to all 7, one cycle each."""


def test_the_examination_of_a_group_goes_with_its_destruction(encounter) -> None:
    frozen = next(p for p in encounter(LISTED).procedures if p.kind == "destruction")
    quoted = " | ".join(span.text for span in (*frozen.act.evidence, *frozen.act.course))
    assert "gritty scaly papules" in quoted
    assert "stuck-on" not in quoted


def test_quotes_are_exact_and_short(encounter) -> None:
    for text in (TWO_EXCISIONS, FORM, LISTED):
        for procedure in encounter(text).procedures:
            for span in procedure.act.course:
                assert text[span.start : span.end] == span.text
                assert len(span.text) <= 240


def test_nothing_is_told_of_an_act_that_was_not_done(encounter) -> None:
    note = encounter("Plan: shave biopsy of the left cheek lesion next week. Specimen to our laboratory.")
    assert all(not procedure.act.course for procedure in note.procedures)
