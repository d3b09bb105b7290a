"""Two sizes or two sides of one lesion on one day: both statements are kept."""

from __future__ import annotations

from decimal import Decimal

import pytest

SHAVE = """EXAM: Right lower back: {exam} brown dome-shaped papule.
ASSESSMENT: Irritated nevus, right lower back.
PROCEDURE: Shave removal. The entire lesion, right lower back, measuring {done}, was removed by tangential shave."""


def sizes(encounter, text: str) -> list[tuple[Decimal | None, Decimal | None]]:
    found = [p.target for p in encounter(text).procedures if p.kind == "shave"]
    return [(t.diameter and t.diameter.value, t.other_diameter and t.other_diameter.value) for t in found]


def test_exam_and_procedure_give_two_sizes(encounter) -> None:
    assert sizes(encounter, SHAVE.format(exam="8 mm", done="1.2 cm")) == [(Decimal("0.8"), Decimal("1.2"))]


@pytest.mark.parametrize(("exam", "done"), [("8 mm", "0.8 cm"), ("8 mm", "0.9 cm")])
def test_the_same_size_or_its_rounding_is_no_second_one(encounter, exam: str, done: str) -> None:
    assert [second for _, second in sizes(encounter, SHAVE.format(exam=exam, done=done))] == [None]


def test_what_it_measured_before_is_no_second_size(encounter) -> None:
    text = SHAVE.replace("EXAM:", "HISTORY: At the last visit it was 4 mm.\nEXAM:").format(exam="8 mm", done="8 mm")
    assert [second for _, second in sizes(encounter, text)] == [None]


MOHS = """MOHS MICROGRAPHIC SURGERY
Site: left cheek
Diagnosis: Basal cell carcinoma, left cheek, biopsy proven
Stage I: The {side} cheek was infiltrated with lidocaine. A layer was taken and cut into 2 blocks. I read the slides. No tumor seen.
Wound care for the left cheek was explained."""


def test_work_told_of_the_other_side_contradicts(encounter) -> None:
    assert [c.subject for c in encounter(MOHS.format(side="right")).conflicts] == ["side"]
    assert encounter(MOHS.format(side="left")).conflicts == ()


def test_an_earlier_lesion_of_the_other_side_does_not(encounter) -> None:
    text = MOHS.format(side="left") + "\nShe had a carcinoma of the right cheek before, excised in 2019."
    assert encounter(text).conflicts == ()


def test_a_condition_told_of_all_lesions_is_that_of_each_scar_taken_out(encounter) -> None:
    note = encounter(
        "Removal of two dysplastic nevi. Her sister had melanoma.\n\n"
        "ABDOMEN, RIGHT. Residual pigment and scar measured 0.8 cm. A margin of 3 mm was scored and it was excised to fat.\n\n"
        "BACK, LEFT. Scar and pigment measured 1.0 cm, margin 3 mm, excised to fat."
    )
    found = [[d.term for d in p.target.diagnoses] for p in note.procedures if p.kind == "excision"]
    assert found == [["atypical_dysplastic_nevus"], ["atypical_dysplastic_nevus"]]
