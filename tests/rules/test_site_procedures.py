"""Expected lines: rulebook 3.3 and house convention HC-4."""

from __future__ import annotations

from typing import Any

import pytest

from notecoder.facts import Excision, Repair
from notecoder.rules import site_procedures


def cut(hand: Any, structure: Any, site: Any, **more: Any) -> Excision:
    target = more.pop("target", None) or hand.target(site)
    return Excision(act=hand.act(), target=target, structure=structure, **more)


@pytest.mark.parametrize(
    ("side", "part", "line"),
    [
        ("left", "upper", "67840-E1"),
        ("left", "lower", "67840-E2"),
        ("right", "upper", "67840-E3"),
        ("right", "lower", "67840-E4"),
    ],
)
def test_eyelid_takes_its_modifier(hand: Any, side: Any, part: Any, line: str) -> None:
    lid = hand.site("eyelid_margin", side, part=part)
    assert hand.run(site_procedures, cut(hand, "eyelid_lesion", lid)).lines == [line]


def test_eyelid_without_its_side_is_asked(hand: Any) -> None:
    outcome = hand.run(site_procedures, cut(hand, "eyelid_lesion", hand.site("eyelid_margin", part="upper")))
    assert (outcome.lines, outcome.gaps) == (["67840"], ["lesion.laterality"])


@pytest.mark.parametrize(("more", "line", "gaps"), [(True, "67966-E2", []), (False, "67961-E2", []),
                                                    (None, "67961-E2", ["lesion.size"])])  # fmt: skip
def test_full_thickness_lid_goes_by_a_quarter(hand: Any, more: bool | None, line: str, gaps: list[str]) -> None:
    quarter = hand.is_(more) if more is not None else None
    lid = hand.site("eyelid_margin", "left", part="lower")
    outcome = hand.run(site_procedures, cut(hand, "eyelid_full_thickness", lid, more_than_quarter=quarter))
    assert (outcome.lines, outcome.gaps) == ([line], gaps)


@pytest.mark.parametrize(
    ("structure", "site", "line"),
    [
        ("lip_shave", "lip_vermilion", "40500"),
        ("lip_wedge", "lip", "40510"),
        ("lip_v", "lip", "40520"),
        ("lip_large", "lip", "40530"),
    ],
)
def test_lip_goes_by_the_cut(hand: Any, structure: Any, site: str, line: str) -> None:
    assert hand.run(site_procedures, cut(hand, structure, site)).lines == [line]


def test_ear_takes_its_side(hand: Any) -> None:
    outcome = hand.run(site_procedures, cut(hand, "ear_partial", hand.site("helix", "left")))
    assert outcome.lines == ["69110-LT"]


@pytest.mark.parametrize(
    ("repair", "line", "gaps"),
    [("none", "40810", []), ("simple", "40812", []), ("complex", "40814", []), ("muscle", "40816", []),
     (None, "40810", ["closure.type"])],
)  # fmt: skip
def test_mouth_goes_by_its_repair(hand: Any, repair: str | None, line: str, gaps: list[str]) -> None:
    stated = hand.is_(repair) if repair else None
    outcome = hand.run(site_procedures, cut(hand, "mouth_vestibule", "mouth", mouth_repair=stated))
    assert (outcome.lines, outcome.gaps) == ([line], gaps)


def test_mucous_cyst_takes_the_digit(hand: Any) -> None:
    finger = hand.site("finger", "right", digit=hand.digit("hand", "right", 2))
    toe = hand.site("toe", "left", digit=hand.digit("foot", "left", 1))
    outcome = hand.run(site_procedures, cut(hand, "digital_mucous_cyst", finger), cut(hand, "digital_mucous_cyst", toe))
    assert outcome.lines == ["26160-F6", "28092-TA"]


def test_hidradenitis_of_both_axillae_is_one_line_with_50(hand: Any) -> None:
    outcome = hand.run(
        site_procedures,
        cut(hand, "hidradenitis", hand.site("axilla", "left")),
        cut(hand, "hidradenitis", hand.site("axilla", "right")),
    )
    assert outcome.lines == ["11450-50"]


def test_hidradenitis_with_complex_closure(hand: Any) -> None:
    field = hand.target("groin", "left")
    closure = Repair(
        act=hand.act(),
        target=field,
        wound_of="excision",
        claimed=hand.is_("complex"),
        layered=hand.is_(True),
        retention=hand.is_(True),
    )
    outcome = hand.run(site_procedures, cut(hand, "hidradenitis", None, target=field), closure)
    assert outcome.lines == ["11463-LT"]


def test_hidradenitis_called_complex_without_a_criterion(hand: Any) -> None:
    field = hand.target("axilla", "left")
    closure = Repair(
        act=hand.act(), target=field, wound_of="excision", claimed=hand.is_("complex"), layered=hand.is_(True)
    )
    assert hand.run(site_procedures, cut(hand, "hidradenitis", None, target=field), closure).lines == ["11450-LT"]


def test_hidradenitis_elsewhere_goes_to_a_person(hand: Any) -> None:
    outcome = hand.run(site_procedures, cut(hand, "hidradenitis", "thigh"))
    assert (outcome.lines, outcome.gaps, outcome.concerns) == ([], ["lesion.site"], ["review"])


@pytest.mark.parametrize(
    ("extent", "line", "gaps"),
    [("simple", "11770", []), ("extensive", "11771", []), ("complicated", "11772", []),
     (None, "11770", ["procedure.method"])],
)  # fmt: skip
def test_pilonidal_goes_by_extent(hand: Any, extent: str | None, line: str, gaps: list[str]) -> None:
    stated = hand.is_(extent) if extent else None
    outcome = hand.run(site_procedures, cut(hand, "pilonidal", "gluteal_cleft", extent=stated))
    assert (outcome.lines, outcome.gaps) == ([line], gaps)


def test_declined_excision_is_only_considered(hand: Any) -> None:
    refused = Excision(act=hand.act("declined"), target=hand.target("helix"), structure="ear_partial")
    outcome = hand.run(site_procedures, refused)
    assert (outcome.lines, outcome.refused) == ([], ["69110 0.4"])


@pytest.mark.parametrize(
    ("site", "through", "line", "gaps"),
    [
        ("lip", "lip_vermilion", "40650", []),
        ("lip", "lip_half", "40652", []),
        ("lip", "lip_more", "40654", []),
        ("lip", "lip_unstated", "40650", ["lesion.size"]),
        ("lip_cutaneous", "lip_unstated", "40652", ["lesion.size"]),
    ],
)
def test_wound_through_the_lip_goes_by_its_height(
    hand: Any, site: Any, through: Any, line: str, gaps: list[str]
) -> None:
    """4.4; a height that is not told takes the smallest code that fits and is asked for (CONTRACT, missing data)."""
    wound = Repair(
        act=hand.act(), target=hand.target(hand.site(site)), wound_of="laceration", through=hand.is_(through)
    )
    outcome = hand.run(site_procedures, wound)
    assert (outcome.lines, outcome.gaps) == ([line], gaps)
