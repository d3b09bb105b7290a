"""Expected lines: rulebook section 9 with its examples, 6.7, gold ehr-007 and free-026."""

from __future__ import annotations

from typing import Any

import pytest

from notecoder.facts import Biopsy, Destruction, NailProcedure, Paring
from notecoder.rules import nail

GREAT_TOE_L = ("foot", "left", 1)
GREAT_TOE_R = ("foot", "right", 1)


def on(hand: Any, action: Any, *digits: tuple[Any, Any, int], **more: Any) -> NailProcedure:
    stated = {key: hand.is_(value) for key, value in more.items()}
    return NailProcedure(
        act=hand.act(),
        target=hand.target("toenail"),
        action=action,
        digits=tuple(hand.digit(*digit) for digit in digits),
        **stated,
    )


@pytest.mark.parametrize(
    ("digit", "modifier"),
    [
        (("foot", "left", 1), "TA"),
        (("foot", "left", 5), "T4"),
        (("foot", "right", 1), "T5"),
        (("foot", "right", 5), "T9"),
        (("hand", "left", 1), "FA"),
        (("hand", "left", 5), "F4"),
        (("hand", "right", 1), "F5"),
        (("hand", "right", 5), "F9"),
    ],
)
def test_each_digit_has_its_modifier(hand: Any, digit: Any, modifier: str) -> None:
    assert hand.run(nail, on(hand, "avulsion", digit)).lines == [f"11730-{modifier}"]


def test_matrix_removal_includes_the_avulsion_of_that_nail(hand: Any) -> None:
    outcome = hand.run(nail, on(hand, "avulsion", GREAT_TOE_L), on(hand, "matrixectomy", GREAT_TOE_L))
    assert (outcome.lines, outcome.refused) == (["11750-TA"], ["11730 NL-02"])


def test_further_avulsions_are_add_ons(hand: Any) -> None:
    outcome = hand.run(nail, on(hand, "avulsion", GREAT_TOE_R, ("foot", "right", 2), ("foot", "right", 3)))
    assert outcome.lines == ["11730-T5", "11732-T6", "11732-T7"]
    assert [line.primary for line in outcome.drafts] == [None, 0, 0]


def test_lifting_the_plate_is_part_of_the_biopsy(hand: Any) -> None:
    thumb = ("hand", "left", 1)
    outcome = hand.run(nail, on(hand, "avulsion", thumb), on(hand, "biopsy", thumb))
    assert (outcome.lines, outcome.refused) == (["11755-FA"], ["11730 NL-02"])


def test_different_nails_keep_their_services(hand: Any) -> None:
    outcome = hand.run(nail, on(hand, "avulsion", GREAT_TOE_L), on(hand, "matrixectomy", GREAT_TOE_R))
    assert outcome.lines == ["11750-T5", "11730-TA"]


def test_silent_digit_and_side_are_asked(hand: Any) -> None:
    assert hand.run(nail, on(hand, "avulsion", count=3)).lines == ["11730", "11732 x2"]
    assert hand.run(nail, on(hand, "matrixectomy")).gaps == ["nail.digit"]
    sideless = hand.run(nail, on(hand, "matrixectomy", ("foot", None, 1)))
    assert (sideless.lines, sideless.gaps) == (["11750"], ["lesion.laterality"])


def test_clipping_for_the_laboratory_is_no_biopsy(hand: Any) -> None:
    outcome = hand.run(nail, on(hand, "clipping", GREAT_TOE_L))
    assert (outcome.lines, outcome.refused) == ([], ["11755 BX-07"])


@pytest.mark.parametrize(("count", "line"), [(1, "11720"), (5, "11720"), (6, "11721"), (10, "11721")])
def test_debridement_is_once_by_number(hand: Any, count: int, line: str) -> None:
    assert hand.run(nail, on(hand, "debridement", count=count)).lines == [line]


def test_uncounted_debridement_is_asked(hand: Any) -> None:
    outcome = hand.run(nail, on(hand, "debridement"))
    assert (outcome.lines, outcome.gaps) == (["11720"], ["lesion.count"])


@pytest.mark.parametrize(("payer", "line"), [("commercial", "11719"), ("medicare", "G0127-Q8")])
def test_trimming_dystrophic_nails_is_a_medicare_code(hand: Any, payer: Any, line: str) -> None:
    trim = on(hand, "trimming", count=10, dystrophic=True, class_finding="B")
    assert hand.run(nail, trim, payer=payer).lines == [line]


def corns(hand: Any, count: int | None, **more: Any) -> Paring:
    target = more.pop("target", None) or hand.target("foot", dx=("corn_or_callus",))
    finding = more.pop("class_finding", None)
    return Paring(
        act=hand.act(),
        target=target,
        count=hand.is_(count) if count else None,
        class_finding=hand.is_(finding) if finding else None,
        **more,
    )


@pytest.mark.parametrize(("count", "line"), [(1, "11055"), (2, "11056"), (4, "11056"), (5, "11057")])
def test_paring_is_once_by_number(hand: Any, count: int, line: str) -> None:
    assert hand.run(nail, corns(hand, count)).lines == [line]


def test_mycotic_nails_and_calluses_with_class_finding(hand: Any) -> None:
    outcome = hand.run(
        nail, on(hand, "debridement", count=8, class_finding="B"), corns(hand, 2, class_finding="B"), payer="medicare"
    )
    assert sorted(outcome.lines) == ["11056-Q8", "11721-Q8"]


def test_foot_care_without_a_finding_is_asked_of_medicare(hand: Any) -> None:
    assert hand.run(nail, corns(hand, 2), payer="medicare").gaps == ["medical_necessity"]
    assert hand.run(nail, corns(hand, 2)).gaps == []


def test_wart_pared_and_frozen_is_only_destroyed(hand: Any) -> None:
    wart = hand.target("sole", dx=("plantar_wart",))
    outcome = hand.run(nail, corns(hand, 1, target=wart), Destruction(act=hand.act(), target=wart))
    assert (outcome.lines, outcome.refused) == ([], ["11055 DS-06"])


def test_uncounted_plural_paring_is_asked(hand: Any) -> None:
    outcome = hand.run(nail, corns(hand, None, plural=True))
    assert (outcome.lines, outcome.gaps) == (["11055"], ["lesion.count"])


def test_planned_matrix_removal_is_only_considered(hand: Any) -> None:
    planned = NailProcedure(
        act=hand.act("planned"),
        target=hand.target("toenail"),
        action="matrixectomy",
        digits=(hand.digit(*GREAT_TOE_L),),
    )
    outcome = hand.run(nail, planned)
    assert (outcome.lines, outcome.refused) == ([], ["11750 0.4"])


def test_plate_lifted_for_a_biopsy_of_the_biopsy_family(hand: Any) -> None:
    thumb = hand.site("fingernail", "left", digit=hand.digit("hand", "left", 1))
    biopsy = Biopsy(act=hand.act(), target=hand.target(thumb))
    outcome = hand.run(nail, biopsy, on(hand, "avulsion", ("hand", "left", 1)), on(hand, "avulsion", GREAT_TOE_L))
    assert (outcome.lines, outcome.refused) == (["11730-TA"], ["11730 BX-13"])


def test_fold_excised_beside_an_avulsion_of_that_nail_is_part_of_it(hand: Any) -> None:
    outcome = hand.run(nail, on(hand, "fold_excision", GREAT_TOE_L), on(hand, "avulsion", GREAT_TOE_L))
    assert (outcome.lines, outcome.refused) == (["11730-TA"], ["11765 NL-02"])
