"""Further words about a visit's problems: the complaint, the finding, the course, who goes on treating."""

from __future__ import annotations

VISIT = """CC: itchy hands
HPI: 44 F, established. Hand eczema for two years, worse since winter; clobetasol helps for days only.
Exam: both palms with fissured, lichenified plaques.
Blood pressure 120/70. Denies fever.
Assessment and plan: Chronic hand eczema, not controlled. Start dupilumab."""


def test_a_problem_keeps_the_words_told_elsewhere(encounter) -> None:
    visit = encounter(VISIT).visit
    quoted = [
        span.text
        for p in visit.problems
        for span in (*p.own_complaint, *p.own_exam, *p.own_assessment, *p.status_words, *p.told)
    ]
    text = " | ".join(quoted)
    assert "clobetasol helps for days only" in text
    assert "lichenified plaques" in text
    assert "Denies fever" not in text


def test_words_told_do_not_repeat_the_problem_itself(encounter) -> None:
    for problem in encounter(VISIT).visit.problems:
        known = [*problem.own_assessment, *problem.own_exam, *problem.own_complaint, *problem.evidence]
        assert not any(t.start < k.end and k.start < t.end for t in problem.told for k in known)


def test_a_lasting_relation_is_quoted_wherever_it_is_said(encounter) -> None:
    visit = encounter(
        "HPI: 63 M with plaque psoriasis, my patient since 2017, clear on methotrexate.\n"
        "A/P: Plaque psoriasis, stable. Continue methotrexate 15 mg weekly.\n"
        "I will keep managing his psoriasis and its laboratory checks."
    ).visit
    assert visit.longitudinal is not None
    assert any("keep managing" in span.text for span in visit.longitudinal.evidence)
