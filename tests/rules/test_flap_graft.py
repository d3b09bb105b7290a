"""Expected lines: rulebook 5.6, gold op-007, op-011, op-032."""

from __future__ import annotations

from typing import Any

import pytest

from notecoder.facts import Flap, Graft
from notecoder.rules import flap_graft


def flap(hand: Any, site: str | None, style: str | None = "rotation", **areas: Any) -> Flap:
    """A flap whose measures are given as strings."""
    target = areas.pop("target", None) or hand.target(site)
    stated = {key: hand.is_(value) if isinstance(value, (str, bool)) else value for key, value in areas.items()}
    step = areas.get("step", "transfer")
    stated["step"] = step
    return Flap(act=hand.act(), target=target, style=hand.is_(style) if style else None, **stated)


def graft(hand: Any, site: str | None, kind: Any = "full_thickness", area: str | None = None, **more: Any) -> Graft:
    return Graft(act=hand.act(), target=hand.target(site), type=kind, area=hand.is_(area) if area else None, **more)


@pytest.mark.parametrize(
    ("site", "primary", "secondary", "lines"),
    [
        ("nasal_ala", "2.1", "3.6", ["14060"]),
        ("cheek", "6.3", "12.0", ["14041"]),
        ("scalp", "16", "72", ["14301", "14302"]),
        ("cheek", "3.0", "5.0", ["14040"]),
        ("back", "4.0", "6.0", ["14000"]),
        ("back", "4.0", "6.1", ["14001"]),
        ("forearm", "10", "20", ["14021"]),
        ("forearm", "10", "20.1", ["14301"]),
        ("helix", "40", "20", ["14301"]),
        ("back", "60", "60.1", ["14301", "14302 x3"]),
    ],
)
def test_transfer_goes_by_region_and_both_areas(
    hand: Any, site: str, primary: str, secondary: str, lines: list[str]
) -> None:
    outcome = hand.run(flap_graft, flap(hand, site, primary_area=primary, secondary_area=secondary, incised=True))
    assert (outcome.lines, outcome.gaps, outcome.refused) == (lines, [], [])


def test_further_area_points_at_its_primary(hand: Any) -> None:
    outcome = hand.run(
        flap_graft,
        flap(hand, "cheek", total_area="8"),
        flap(hand, "scalp", primary_area="16", secondary_area="72"),
    )
    assert [(line.code, line.primary) for line in outcome.drafts] == [("14040", None), ("14301", None), ("14302", 1)]


def test_two_flaps_into_one_defect_are_one_transfer(hand: Any) -> None:
    defect = hand.target("cheek")
    outcome = hand.run(
        flap_graft,
        flap(hand, None, target=defect, primary_area="6.0", secondary_area="3.0"),
        flap(hand, None, target=defect, primary_area="6.0", secondary_area="3.5"),
    )
    assert outcome.lines == ["14041"]


def test_two_defects_are_two_transfers(hand: Any) -> None:
    outcome = hand.run(flap_graft, flap(hand, "cheek", total_area="8"), flap(hand, "chin", total_area="9"))
    assert outcome.lines == ["14040", "14040"]


def test_primary_area_alone_is_the_floor_and_asks_for_the_other(hand: Any) -> None:
    outcome = hand.run(flap_graft, flap(hand, "cheek", primary_area="12"))
    assert (outcome.lines, outcome.gaps) == (["14041"], ["flap.area"])


def test_no_area_takes_the_smallest_code_of_the_region(hand: Any) -> None:
    outcome = hand.run(flap_graft, flap(hand, "nose", "transposition"))
    assert (outcome.lines, outcome.gaps) == (["14060"], ["flap.area"])


def test_drawing_the_edges_together_is_no_transfer(hand: Any) -> None:
    outcome = hand.run(flap_graft, flap(hand, "shoulder", "advancement", incised=False))
    assert (outcome.lines, outcome.refused, outcome.gaps) == ([], ["14020 AT-03"], ["closure.criteria"])


def test_advancement_without_a_word_of_cutting_is_asked(hand: Any) -> None:
    outcome = hand.run(flap_graft, flap(hand, "shoulder", "advancement", primary_area="6"))
    assert (outcome.lines, outcome.gaps) == (["14020"], ["flap.area", "closure.criteria"])


def test_island_flap_without_a_named_vessel_is_a_transfer(hand: Any) -> None:
    outcome = hand.run(flap_graft, flap(hand, "cheek", "island", primary_area="3.0", secondary_area="5.0"))
    assert (outcome.lines, outcome.refused) == (["14040"], ["15740 5.2"])


def test_island_flap_on_a_named_vessel_has_its_own_code(hand: Any) -> None:
    outcome = hand.run(flap_graft, flap(hand, "cheek", "island", total_area="8", named_vessel="facial artery"))
    assert outcome.lines == ["15740"]


@pytest.mark.parametrize(
    ("site", "style", "step", "lines"),
    [
        ("nasal_tip", "forehead", "transfer", ["15731"]),
        ("nasal_tip", "forehead", "division", ["15630"]),
        ("nasal_ala", "interpolation", "transfer", ["15576"]),
        ("helix", "interpolation", "formation", ["15576"]),
        ("cheek", "pedicle", "transfer", ["15574"]),
        ("forearm", "pedicle", "division", ["15610"]),
        ("cheek", "midface", "transfer", ["15730"]),
        ("neck", "muscle", "transfer", ["15733"]),
        ("back", "muscle", "transfer", ["15734"]),
        ("forearm", "muscle", "transfer", ["15736"]),
        ("lower_leg", "muscle", "transfer", ["15738"]),
    ],
)
def test_pedicle_flap_goes_by_region_and_stage(hand: Any, site: str, style: str, step: Any, lines: list[str]) -> None:
    flap_ = Flap(act=hand.act(), target=hand.target(site), style=hand.is_(style), step=step)
    assert hand.run(flap_graft, flap_).lines == lines


def test_delay_goes_by_the_donor_site(hand: Any) -> None:
    delayed = Flap(
        act=hand.act(),
        target=hand.target("nose"),
        style=hand.is_("forehead"),
        step="delay",
        donor=hand.site("forehead"),
    )
    assert hand.run(flap_graft, delayed).lines == ["15620"]


@pytest.mark.parametrize(
    ("site", "area", "lines"),
    [
        ("nose", "2.9", ["15260"]),
        ("hand", "30", ["15240", "15241"]),
        ("scalp", "22", ["15220", "15221"]),
        ("scalp", "20.16", ["15220", "15221"]),
        ("back", "20.0", ["15200"]),
        ("back", "60.1", ["15200", "15201 x3"]),
    ],
)
def test_full_thickness_graft_goes_by_recipient_and_area(hand: Any, site: str, area: str, lines: list[str]) -> None:
    assert hand.run(flap_graft, graft(hand, site, area=area)).lines == lines


@pytest.mark.parametrize(
    ("site", "kind", "area", "lines"),
    [
        ("lower_leg", "split_thickness", "100", ["15100"]),
        ("lower_leg", "split_thickness", "210", ["15100", "15101 x2"]),
        ("scalp", "split_thickness", "40", ["15120"]),
        ("nasal_ala", "composite", None, ["15760"]),
        ("nasal_ala", "ear_cartilage", None, ["21235"]),
        ("toe", "pinch", None, ["15050"]),
    ],
)
def test_other_grafts_have_their_own_codes(hand: Any, site: str, kind: Any, area: str | None, lines: list[str]) -> None:
    outcome = hand.run(flap_graft, graft(hand, site, kind, area))
    assert (outcome.lines, outcome.gaps) == (lines, [])


def test_grafts_of_one_group_are_added_up(hand: Any) -> None:
    grafts = (graft(hand, "nose", area="12"), graft(hand, "helix", area="9"))
    outcome = hand.run(flap_graft, *grafts)
    assert outcome.lines == ["15260", "15261"]
    assert outcome.drafts[0].targets == tuple(item.target.id for item in grafts)


def test_graft_without_area_asks(hand: Any) -> None:
    outcome = hand.run(flap_graft, graft(hand, "nose"))
    assert (outcome.lines, outcome.gaps) == (["15260"], ["graft.area"])


def test_fat_goes_by_volume(hand: Any) -> None:
    fat = Graft(act=hand.act(), target=hand.target("cheek"), type="fat", volume=hand.is_("30"))
    assert hand.run(flap_graft, fat).lines == ["15773", "15774"]


def test_face_without_a_part_takes_the_lower_group_and_asks(hand: Any) -> None:
    outcome = hand.run(flap_graft, flap(hand, "face", total_area="8"))
    assert (outcome.lines, outcome.gaps) == (["14040"], ["lesion.site"])


def test_planned_flap_is_only_considered(hand: Any) -> None:
    planned = Flap(act=hand.act("planned"), target=hand.target("nose"), style=hand.is_("forehead"), step="division")
    outcome = hand.run(flap_graft, planned)
    assert (outcome.lines, outcome.refused) == ([], ["15630 0.4"])
