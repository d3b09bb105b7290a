"""Expected lines: rulebook 10.1 and 10.2 with their examples."""

from __future__ import annotations

from typing import Any

import pytest

from notecoder.facts import Photodynamic, Phototherapy
from notecoder.rules import light


def pdt(
    hand: Any, by: str | None, *, lit: str | None = None, dx: str = "actinic_keratosis", **more: Any
) -> Photodynamic:
    drug = more.pop("drug", hand.drug("aminolevulinic acid 20%", "1"))
    stated = {key: hand.is_(value) for key, value in more.items()}
    return Photodynamic(
        act=hand.act(),
        target=hand.target("cheek", dx=(dx,)),
        applied_by=hand.is_(by) if by else None,
        lit_by=hand.is_(lit or by) if lit or by else None,
        drug=drug,
        **stated,
    )


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"by": "clinician", "debrided": True}, "96574"),
        ({"by": "clinician", "debrided": False}, "96573"),
        ({"by": "clinician"}, "96573"),
        ({"by": "staff"}, "96567"),
        ({"by": "staff", "debrided": True}, "96567"),
        ({"by": "clinician", "lit": "staff"}, "96567"),
        ({"by": "clinician", "dx": "basal_cell_carcinoma"}, "96567"),
    ],
)
def test_hands_and_debridement_choose_the_code(hand: Any, facts: dict[str, Any], code: str) -> None:
    outcome = hand.run(light, pdt(hand, **facts))
    assert (outcome.lines, outcome.gaps) == ([code, "J7308"], [])


def test_silence_on_who_did_it_is_asked(hand: Any) -> None:
    outcome = hand.run(light, pdt(hand, None))
    assert (outcome.lines, outcome.gaps) == (["96567", "J7308"], ["procedure.method"])


def test_two_areas_are_one_code_a_day_and_two_sticks(hand: Any) -> None:
    outcome = hand.run(
        light, pdt(hand, "clinician"), pdt(hand, "clinician", drug=hand.drug("aminolevulinic acid 20%", "1"))
    )
    assert outcome.lines == ["96573", "J7308"]
    two = pdt(hand, "clinician", drug=hand.drug("aminolevulinic acid 20%", "2"))
    assert hand.run(light, two).lines == ["96573", "J7308 x2"]


@pytest.mark.parametrize(("mg", "line"), [("2000", "J7345 x200"), ("1000", "J7345 x100"), (None, "J7345 x200")])
def test_gel_is_billed_by_ten_milligrams(hand: Any, mg: str | None, line: str) -> None:
    outcome = hand.run(light, pdt(hand, "clinician", drug=hand.drug("aminolevulinic acid 10%", mg)))
    assert outcome.lines == ["96573", line]


def test_daylight_takes_no_lamp_code(hand: Any) -> None:
    outcome = hand.run(light, pdt(hand, "staff", daylight=True))
    assert (outcome.lines, outcome.refused, outcome.concerns) == (["J7308"], ["96567 PD-02"], ["review"])


def lamp(hand: Any, modality: Any, dx: str = "plaque_psoriasis", area: str | None = None, **act: Any) -> Phototherapy:
    return Phototherapy(
        act=hand.act(**act),
        target=hand.target("elbow", dx=(dx,)),
        modality=modality,
        area=hand.is_(area) if area else None,
    )


@pytest.mark.parametrize(
    ("modality", "code"),
    [("uvb", "96900"), ("uva", "96900"), ("uvb_tar", "96910"), ("uvb_petrolatum", "96910"), ("puva", "96912"),
     ("prolonged", "96913")],
)  # fmt: skip
def test_light_goes_by_what_was_added(hand: Any, modality: Any, code: str) -> None:
    assert hand.run(light, lamp(hand, modality)).lines == [code]


def test_light_is_once_a_day(hand: Any) -> None:
    assert hand.run(light, lamp(hand, "uvb"), lamp(hand, "puva")).lines == ["96912"]


@pytest.mark.parametrize(
    ("area", "code"), [("180", "96920"), ("249.9", "96920"), ("250", "96921"), ("500", "96921"), ("500.1", "96922")]
)
def test_excimer_goes_by_area(hand: Any, area: str, code: str) -> None:
    assert hand.run(light, lamp(hand, "excimer_laser", area=area)).lines == [code]


def test_areas_of_the_day_are_added_up(hand: Any) -> None:
    facts = (lamp(hand, "excimer_laser", area="180"), lamp(hand, "excimer_laser", area="120"))
    assert hand.run(light, *facts).lines == ["96921"]


def test_excimer_without_area_asks(hand: Any) -> None:
    outcome = hand.run(light, lamp(hand, "excimer_laser"))
    assert (outcome.lines, outcome.gaps) == (["96920"], ["lesion.size"])


@pytest.mark.parametrize(("modality", "dx"), [("excimer_laser", "vitiligo"), ("excimer_lamp", "plaque_psoriasis")])
def test_excimer_for_anything_else_has_no_code(hand: Any, modality: Any, dx: str) -> None:
    outcome = hand.run(light, lamp(hand, modality, dx, "300"))
    assert (outcome.lines, outcome.refused, outcome.concerns) == (["96999"], ["96920 PH-01"], ["review"])


def test_planned_light_is_only_considered(hand: Any) -> None:
    outcome = hand.run(light, lamp(hand, "uvb", status="planned"))
    assert (outcome.lines, outcome.refused) == ([], ["96900 0.4"])
