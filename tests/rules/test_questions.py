"""Which words are asked about: what a code of the claim depends on, not the mere mention of an act (HC-18, CONTRACT)."""

from __future__ import annotations

from datetime import date

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.facts import (
    Biopsy,
    Destruction,
    Encounter,
    Excision,
    IntralesionalInjection,
    Repair,
    Shave,
    SkinSubstitute,
    Target,
)
from notecoder.rules import biopsy, destruction, injection, necessity, propose, repair, shave, skin_substitute


def test_a_sampling_at_a_place_without_technique_is_asked_about(hand) -> None:
    """CONTRACT: biopsy technique absent: no code, gap procedure.technique."""
    fact = Biopsy(act=hand.act(), target=hand.target("cheek", "left", noun="papule"))
    outcome = hand.run(biopsy, fact)
    assert outcome.lines == []
    assert outcome.gaps == ["procedure.technique"]


def test_a_mere_word_for_a_sampling_is_not_asked_about_beside_one_that_is_told(hand) -> None:
    told = Biopsy(act=hand.act(), target=hand.target("cheek", "left", noun="papule"), technique=hand.is_("punch"))
    word = Biopsy(act=hand.act(), target=Target(id="t0"))
    outcome = hand.run(biopsy, told, word)
    assert outcome.lines == ["11104"]
    assert outcome.gaps == []


def test_a_word_for_a_sampling_that_stands_alone_is_asked_about(hand) -> None:
    outcome = hand.run(biopsy, Biopsy(act=hand.act(), target=Target(id="t0")))
    assert "procedure.technique" in outcome.gaps


def test_a_sampled_place_without_any_finding_is_asked_about(hand) -> None:
    fact = Biopsy(act=hand.act(), target=hand.target("chest"), technique=hand.is_("punch"))
    assert hand.run(biopsy, fact).gaps == ["lesion.diagnosis"]


def test_one_finding_named_for_several_samples_answers_for_all(hand) -> None:
    """Two punches of a scarring alopecia, named at the first: the second is of the same (BX-02, BX-03)."""
    first = Biopsy(act=hand.act(), target=hand.target("scalp", noun="rash"), technique=hand.is_("punch"))
    second = Biopsy(act=hand.act(), target=hand.target("scalp", "left"), technique=hand.is_("punch"))
    outcome = hand.run(biopsy, first, second)
    assert outcome.lines == ["11104", "11105"]
    assert outcome.gaps == []


def test_a_further_word_for_freezing_is_not_asked_about(hand) -> None:
    told = Destruction(act=hand.act(), target=hand.target("hand", dx=["actinic_keratosis"]), count=hand.is_("1"))
    word = Destruction(act=hand.act(), target=hand.target("hand"))
    outcome = hand.run(destruction, told, word)
    assert outcome.lines == ["17000"]
    assert outcome.gaps == []


def test_a_freezing_at_a_place_without_any_lesion_is_asked_about(hand) -> None:
    outcome = hand.run(destruction, Destruction(act=hand.act(), target=hand.target("hand")))
    assert outcome.lines == []
    assert outcome.gaps == ["lesion.diagnosis"]


def test_a_freezing_without_place_and_lesion_is_not_asked_about_beside_other_work(hand) -> None:
    sampled = Biopsy(act=hand.act(), target=hand.target("cheek", noun="papule"), technique=hand.is_("punch"))
    word = Destruction(act=hand.act(), target=Target(id="t0"))
    assert hand.run(destruction, sampled, word).gaps == []


def test_two_sizes_that_make_two_codes_are_one_question(hand) -> None:
    """CONTRACT: a contradiction on which a code depends; SH bands 0.6-1.0 and 1.1-2.0 cm."""
    target = hand.target("back", diameter=hand.is_("0.8"), other_diameter=hand.is_("1.2"), dx=["melanocytic_nevus"])
    outcome = hand.run(shave, Shave(act=hand.act(), target=target))
    assert outcome.lines == ["11301"]
    assert outcome.gaps == ["note.conflict"]


def test_two_sizes_of_one_code_are_no_question(hand) -> None:
    target = hand.target("back", diameter=hand.is_("0.7"), other_diameter=hand.is_("0.9"), dx=["melanocytic_nevus"])
    assert hand.run(shave, Shave(act=hand.act(), target=target)).gaps == []


def test_a_drug_named_once_in_a_session_answers_for_all(hand) -> None:
    named = IntralesionalInjection(
        act=hand.act(), target=hand.target("chest", dx=["keloid"]), drug=hand.drug("triamcinolone acetonide", "10")
    )
    other = IntralesionalInjection(act=hand.act(), target=hand.target("shoulder", "left", dx=["keloid"]))
    assert "drug.name" not in hand.run(injection, named, other).gaps
    assert "drug.name" in hand.run(injection, other).gaps


def test_an_advance_notice_answers_the_question_for_symptoms(hand) -> None:
    """HC-15; 5: a seborrheic keratosis without symptoms needs a reason for Medicare."""
    plain = Destruction(act=hand.act(), target=hand.target("back", dx=["seborrheic_keratosis"]), count=hand.is_("6"))
    noticed = plain.model_copy(update={"act": hand.act(abn=hand.is_("required"))})
    assert hand.run(necessity, plain, payer="medicare").gaps == ["lesion.symptoms"]
    assert hand.run(necessity, noticed, payer="medicare").gaps == []


def test_a_skin_cancer_without_its_type_is_asked_about(hand) -> None:
    """em_dx 9.3 DX_HISTOLOGY_MISSING."""
    day = date(2026, 11, 10)
    target = hand.target("cheek", "left", dx=["malignant_neoplasm_of_skin_type_not_stated"], diameter=hand.is_("1.0"))
    fact = Excision(act=hand.act(), target=target, margin=hand.is_("0.4"))
    claim = propose(
        Encounter(procedures=(fact,)), EncounterContext(date_of_service=day), Codebook.on(day, "commercial")
    )
    assert "lesion.diagnosis" in [gap.element for gap in claim.gaps]


def test_a_sheet_sewn_over_a_wound_is_no_closure_to_measure(hand) -> None:
    """SS-01: fixing the sheet is part of its application."""
    wound = hand.target("scalp", id="w", dx=["squamous_cell_carcinoma_of_skin"])
    sheet = SkinSubstitute(act=hand.act(), target=wound, area=hand.is_("27"), product=hand.is_("epifix"))
    sewn = Repair(act=hand.act(), target=wound, wound_of="mohs", layered=hand.is_(False))
    assert hand.run(repair, sheet, sewn).lines == []
    assert hand.run(repair, sheet, sewn).gaps == []


def test_the_area_covered_answers_for_the_amount_of_a_sheet(hand) -> None:
    sheet = SkinSubstitute(act=hand.act(), target=hand.target("scalp"), area=hand.is_("27"), product=hand.is_("epifix"))
    assert hand.run(skin_substitute, sheet, place_of_service="11").gaps == []


def test_an_unnamed_sheet_is_asked_about_only_where_the_practice_supplies_it(hand) -> None:
    sheet = SkinSubstitute(act=hand.act(), target=hand.target("scalp"), area=hand.is_("27"))
    assert hand.run(skin_substitute, sheet, place_of_service="11").gaps == ["drug.name"]
    assert hand.run(skin_substitute, sheet, place_of_service="22").gaps == []
