"""Expected lines: rulebook 3.5 and 3.7 example 6."""

from __future__ import annotations

from typing import Any

import pytest

from notecoder.facts import Excision
from notecoder.rules import soft_tissue


def tumor(hand: Any, site: str | None, size: str | None, depth: str | None = "subcutaneous", **more: Any) -> Excision:
    target = hand.target(site, more.pop("side", None), diameter=hand.is_(size) if size else None, dx=("lipoma",))
    margin = more.pop("margin", None)
    return Excision(
        act=hand.act(more.pop("status", "performed")),
        target=target,
        structure="soft_tissue",
        depth=hand.is_(depth) if depth else None,
        margin=hand.is_(margin) if margin else None,
    )


@pytest.mark.parametrize(
    ("site", "size", "depth", "code"),
    [
        ("back", "4", "subcutaneous", "21931"),
        ("back", "2.9", "subcutaneous", "21930"),
        ("back", "3.0", "subcutaneous", "21931"),
        ("back", "5.0", "subfascial", "21933"),
        ("forehead", "1.9", "subfascial", "21013"),
        ("scalp", "2", "subcutaneous", "21012"),
        ("neck", "3.2", "subcutaneous", "21552"),
        ("chest", "4.9", "subfascial", "21556"),
        ("abdomen", "2.0", "subcutaneous", "22902"),
        ("buttock", "6", "subcutaneous", "27043"),
        ("hand", "1.5", "subcutaneous", "26111"),
        ("foot", "1.4", "subfascial", "28045"),
    ],
)
def test_tumor_goes_by_region_depth_and_size(hand: Any, site: str, size: str, depth: str, code: str) -> None:
    outcome = hand.run(soft_tissue, tumor(hand, site, size, depth))
    assert (outcome.lines, outcome.gaps) == ([code], [])


def test_margin_needed_is_added(hand: Any) -> None:
    assert hand.run(soft_tissue, tumor(hand, "back", "2.8", margin="0.2")).lines == ["21931"]


def test_depth_unsaid_takes_the_smallest_subcutaneous_code(hand: Any) -> None:
    outcome = hand.run(soft_tissue, tumor(hand, "back", "4", None))
    assert (outcome.lines, outcome.gaps) == (["21930"], ["procedure.depth"])


def test_size_unsaid_takes_the_smallest_code_of_the_depth(hand: Any) -> None:
    outcome = hand.run(soft_tissue, tumor(hand, "back", None, "subfascial"))
    assert (outcome.lines, outcome.gaps) == (["21932"], ["lesion.size"])


@pytest.mark.parametrize(
    ("site", "side", "depth", "line"),
    [
        ("forearm", "left", "subcutaneous", "25071-LT"),
        ("thigh", "right", "subfascial", "27328-RT"),
        ("back", "left", "subcutaneous", "21931"),
    ],
)
def test_side_goes_on_limbs_only(hand: Any, site: str, side: Any, depth: str, line: str) -> None:
    assert hand.run(soft_tissue, tumor(hand, site, "3.5", depth, side=side)).lines == [line]


def test_skin_cyst_is_not_a_tumor(hand: Any) -> None:
    cyst = Excision(act=hand.act(), target=hand.target("back"), structure="cyst")
    outcome = hand.run(soft_tissue, cyst, tumor(hand, "back", "2"))
    assert outcome.lines == ["21930"]


def test_planned_excision_is_only_considered(hand: Any) -> None:
    outcome = hand.run(soft_tissue, tumor(hand, "back", "4", status="planned"))
    assert (outcome.lines, outcome.refused) == ([], ["21931 0.4"])
