"""Which words are asked about: what a code of the claim depends on, not the mere mention of an act (HC-18, CONTRACT)."""

from __future__ import annotations

from notecoder.facts import Biopsy, Destruction, Target
from notecoder.rules import biopsy, destruction


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
