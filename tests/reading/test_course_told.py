"""What a line quotes of how its act was done, and a visit of how it was decided: for an auditor who re-derives the code."""

import pytest


def quotes(procedure):
    return " | ".join(e.text for e in (*procedure.act.evidence, *procedure.act.course))


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        (
            "Laceration of the left foot. Scrubbed with a brush and 1.5 L of saline until no grit was left. Closed with 3-0 nylon, 4.2 cm.",
            "repair", "1.5 L of saline",
        ),
        (
            "Keloids of the chest and shoulders.\nSeveral on the chest, pink-brown, rubbery.\nILK today: Kenalog 10, 0.8 cc into the keloids.",
            "intralesional", "rubbery",
        ),
        (
            "Skin tags.\nShe counted eleven round the neck and seven under the arms, all snipped with sharp scissors.\nEighteen tags snipped.",
            "tag_removal", "eleven round the neck",
        ),
    ],
)  # fmt: skip
def test_the_course_of_an_act_is_quoted(encounter, text, kind, words):
    done = [p for p in encounter(text).procedures if p.kind == kind and p.act.status == "performed"]
    assert done and words in quotes(done[0])


def test_a_decision_about_surgery_is_quoted_with_what_was_offered_and_chosen(encounter):
    text = (
        "A: Basal cell carcinoma of the right nasal ala.\nP: Mohs, standard excision and radiation compared at length. "
        "He takes apixaban. Mohs scheduled for July 21."
    )
    told = " | ".join(
        e.text
        for p in encounter(text).visit.problems
        for e in (*p.told, *p.evidence, *(s for a in p.actions for s in a.evidence))
    )
    assert "compared at length" in told and "apixaban" in told


def test_a_line_of_an_order_set_is_a_test_ordered(encounter):
    text = (
        "Diagnoses and all orders for this visit:\n\nBlistering eruption, suspect bullous pemphigoid\n  -  CBC WITH DIFFERENTIAL; Future\n"
        "  -  predniSONE 20 MG tablet; Take 2 tablets daily\n\nAssessment\nWidespread blistering eruption, spreading. Prednisone started today."
    )
    assert ("test_ordered", "cbc") in {(d.kind, d.what) for d in encounter(text).visit.data}
