"""Visits about a result, and drugs by the names other practices use (em_dx 1.4, 1.6)."""

from __future__ import annotations

from datetime import date

import pytest

from notecoder.context import EncounterContext
from notecoder.reading.page import mark_up
from notecoder.reading.visit import read_visit
from notecoder.reading.visit_words import find_drugs

DAY = date(2026, 6, 15)


def terms(text: str) -> list[str]:
    visit = read_visit(mark_up(text, DAY), (), EncounterContext(date_of_service=DAY))
    return [d.term for p in visit.problems for d in p.diagnoses] if visit is not None else []


def test_what_an_earlier_biopsy_found_is_what_the_visit_is_about() -> None:
    text = (
        "68F est. Biopsy result visit: R cheek shave 5/20 = benign lichenoid keratosis. Site healed. Explained benign."
    )
    assert terms(text) == ["benign_lichenoid_keratosis"]


def test_a_disease_not_yet_cleared_is_there() -> None:
    text = (
        "47M est - actinic keratoses diffuse scalp, not cleared w/ cryo. Plan: fluorouracil 5% cream BID x 3 weeks.\n"
    )
    assert terms(text) == ["actinic_keratosis"]


@pytest.mark.parametrize(
    ("words", "otc"),
    [
        ("Mycolog cream bid", False),
        ("Lotrisone cream bid", False),
        ("montelukast 10 mg nightly", False),
        ("Cabtreo nightly", False),
        ("famotidine 20 mg bid", True),
        ("triple antibiotic daily", True),
    ],
)
def test_a_drug_is_known_by_its_other_names(words: str, otc: bool) -> None:
    assert [d.otc for d in find_drugs(words, 0, len(words))] == [otc]


def test_a_bare_continue_both_means_the_drugs_just_named() -> None:
    text = "14M est. Acne: doing well on tretinoin and clindamycin. Continue both. RTC 6 mo.\n"
    visit = read_visit(mark_up(text, DAY), (), EncounterContext(date_of_service=DAY))
    assert visit is not None
    assert [a.action for p in visit.problems for a in p.actions] == ["rx_continue"]


def test_the_verb_at_the_end_of_a_list_orders_every_test() -> None:
    text = "Est. Itching and hives x 2 weeks. Wheals trunk. Acute urticaria. Start cetirizine 10 BID. CBC, CMP, TSH ordered.\n"
    visit = read_visit(mark_up(text, DAY), (), EncounterContext(date_of_service=DAY))
    assert visit is not None
    assert {i.what for i in visit.data if i.kind == "test_ordered"} == {"cbc", "cmp", "tsh"}


def test_an_assessment_letter_ends_the_report_of_an_earlier_biopsy() -> None:
    text = (
        "Biopsy L arm 5/25: interface dermatitis.\nA: SCLE, active on arms and neck\nP: hydroxychloroquine 200 mg BID\n"
    )
    visit = read_visit(mark_up(text, DAY), (), EncounterContext(date_of_service=DAY))
    assert visit is not None
    assert [(p.problem_class, [d.term for d in p.diagnoses]) for p in visit.problems] == [
        ("chronic_not_at_goal", ["subacute_cutaneous_lupus"])
    ]
