"""Expected lines: rulebook 5.3 and 5.5 (SS-01 to SS-04)."""

from __future__ import annotations

from typing import Any

import pytest

from notecoder.facts import Excision, SkinSubstitute, WoundPreparation
from notecoder.rules import skin_substitute


def applied(hand: Any, site: str, area: str | None, product: str | None = "Apligraf", **more: Any) -> SkinSubstitute:
    stated = {key: hand.is_(value) for key, value in more.items()}
    return SkinSubstitute(
        act=hand.act(),
        target=hand.target(site),
        area=hand.is_(area) if area else None,
        product=hand.is_(product) if product else None,
        **stated,
    )


@pytest.mark.parametrize(
    ("site", "area", "lines"),
    [
        ("lower_leg", "25", ["15271"]),
        ("lower_leg", "25.1", ["15271", "15272"]),
        ("lower_leg", "99.9", ["15271", "15272 x3"]),
        ("lower_leg", "100", ["15273"]),
        ("lower_leg", "150", ["15273", "15274"]),
        ("foot", "30", ["15275", "15276"]),
        ("scalp", "240", ["15277", "15278 x2"]),
    ],
)
def test_application_goes_by_surface(hand: Any, site: str, area: str, lines: list[str]) -> None:
    outcome = hand.run(skin_substitute, applied(hand, site, area, applied=area))
    assert [line for line in outcome.lines if not line.startswith("Q")] == lines


def test_product_is_billed_by_square_centimeter_and_never_its_waste(hand: Any) -> None:
    outcome = hand.run(
        skin_substitute, applied(hand, "lower_leg", "20", applied="21.2", wasted="22.8"), payer="medicare"
    )
    assert outcome.lines == ["15271", "Q4101 x22"]


def test_wounds_of_one_group_are_added_up(hand: Any) -> None:
    outcome = hand.run(
        skin_substitute,
        applied(hand, "lower_leg", "20", applied="20"),
        applied(hand, "thigh", "20", applied="20"),
        applied(hand, "foot", "10", applied="10"),
    )
    assert outcome.lines == ["15271", "15272", "15275", "Q4101 x50"]


def test_powder_is_no_application(hand: Any) -> None:
    outcome = hand.run(skin_substitute, applied(hand, "lower_leg", "20", anchored=False))
    assert (outcome.lines, outcome.refused) == ([], ["15271 SS-02"])


def test_silent_measures_are_asked(hand: Any) -> None:
    outcome = hand.run(skin_substitute, applied(hand, "lower_leg", None, None))
    assert (outcome.lines, outcome.gaps) == (["15271"], ["graft.area", "drug.name"])


def test_unlisted_product_takes_the_general_code_and_a_person(hand: Any) -> None:
    outcome = hand.run(skin_substitute, applied(hand, "lower_leg", "9", "Novographt", applied="9"))
    assert (outcome.lines, outcome.concerns) == (["15271", "Q4100 x9"], ["review"])


@pytest.mark.parametrize(
    ("site", "area", "lines"),
    [("lower_leg", "100", ["15002"]), ("lower_leg", "100.1", ["15002", "15003"]), ("foot", "12", ["15004"])],
)
def test_graft_bed_goes_by_surface(hand: Any, site: str, area: str, lines: list[str]) -> None:
    bed = WoundPreparation(act=hand.act(), target=hand.target(site), area=hand.is_(area))
    assert hand.run(skin_substitute, bed).lines == lines


def test_fresh_defect_is_no_graft_bed(hand: Any) -> None:
    wound = hand.target("lower_leg")
    outcome = hand.run(
        skin_substitute,
        Excision(act=hand.act(), target=wound),
        WoundPreparation(act=hand.act(), target=wound, area=hand.is_("12")),
    )
    assert (outcome.lines, outcome.refused) == ([], ["15002 5.3"])
