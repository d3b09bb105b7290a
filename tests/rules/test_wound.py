"""Expected lines: rulebook 4.4, 10.6 and 10.7, gold ehr-045."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from notecoder.context import PriorProcedure
from notecoder.facts import Excision, Repair, SutureRemoval, WoundDebridement
from notecoder.facts.visit import Visit
from notecoder.rules import wound


def debrided(hand: Any, depth: str | None, area: str | None, **more: Any) -> WoundDebridement:
    return WoundDebridement(
        act=hand.act(),
        target=more.get("target") or hand.target("lower_leg"),
        depth=hand.is_(depth) if depth else None,
        area=hand.is_(area) if area else None,
    )


@pytest.mark.parametrize(
    ("depth", "area", "lines"),
    [
        ("selective", "20", ["97597"]),
        ("selective", "20.1", ["97597", "97598"]),
        ("subcutaneous", "55", ["11042", "11045 x2"]),
        ("muscle", "8", ["11043"]),
        ("bone", "41", ["11044", "11047 x2"]),
        ("eczematous", None, ["11000"]),
    ],
)
def test_debridement_goes_by_depth_and_surface(hand: Any, depth: str, area: str | None, lines: list[str]) -> None:
    outcome = hand.run(wound, debrided(hand, depth, area))
    assert (outcome.lines, outcome.gaps) == (lines, [])


def test_wounds_of_one_depth_are_added_up(hand: Any) -> None:
    facts = (debrided(hand, "subcutaneous", "15"), debrided(hand, "subcutaneous", "10"), debrided(hand, "bone", "5"))
    assert hand.run(wound, *facts).lines == ["11042", "11045", "11044"]


def test_silent_depth_and_area_are_asked(hand: Any) -> None:
    outcome = hand.run(wound, debrided(hand, None, None))
    assert (outcome.lines, outcome.gaps) == (["97597"], ["procedure.depth", "lesion.size"])


def test_wound_excised_today_is_not_debrided_besides(hand: Any) -> None:
    ulcer = hand.target("lower_leg")
    outcome = hand.run(
        wound, debrided(hand, "subcutaneous", "10", target=ulcer), Excision(act=hand.act(), target=ulcer)
    )
    assert (outcome.lines, outcome.refused) == ([], ["11042 10.6"])


@pytest.mark.parametrize(
    ("how", "lines", "gaps"),
    [("simple", ["12020"], []), ("packing", ["12021"], []), ("extensive", ["13160"], []),
     (None, ["12020"], ["closure.type"])],
)  # fmt: skip
def test_reopened_wound_goes_by_its_closure(hand: Any, how: str | None, lines: list[str], gaps: list[str]) -> None:
    fact = Repair(
        act=hand.act(),
        target=hand.target("back"),
        wound_of="dehiscence",
        secondary_closure=hand.is_(how) if how else None,
    )
    outcome = hand.run(wound, fact)
    assert (outcome.lines, outcome.gaps) == (lines, gaps)


def test_other_closures_are_not_wound_care(hand: Any) -> None:
    closure = Repair(act=hand.act(), target=hand.target("back"), wound_of="excision")
    assert hand.run(wound, closure, debrided(hand, "bone", "4")).lines == ["11044"]


def stitches(hand: Any, material: Any = "sutures", elsewhere: bool | None = None, status: Any = "performed") -> Any:
    return SutureRemoval(
        act=hand.act(status),
        target=hand.target("chin"),
        material=material,
        placed_elsewhere=hand.is_(elsewhere) if elsewhere is not None else None,
    )


@pytest.mark.parametrize(("material", "code"), [("sutures", "15853"), ("staples", "15853"), ("both", "15854")])
def test_stitches_of_somebody_else_are_billed_beside_a_visit(hand: Any, material: Any, code: str) -> None:
    outcome = hand.run(wound, stitches(hand, material, True), visit=Visit())
    assert (outcome.lines, outcome.refused) == ([code], [])


def test_stitches_alone_are_not_billed(hand: Any) -> None:
    outcome = hand.run(wound, stitches(hand, elsewhere=True))
    assert (outcome.lines, outcome.refused) == ([], ["15853 10.7"])


@pytest.mark.parametrize(
    ("days", "on", "lines"),
    [
        (10, date(2026, 11, 2), []),
        (90, date(2026, 9, 1), []),
        (0, date(2026, 10, 30), ["15853"]),
    ],
)
def test_own_stitches_are_part_of_a_surgery_with_a_postoperative_period(
    hand: Any, days: int, on: date, lines: list[str]
) -> None:
    prior = (PriorProcedure(code="11603" if days else "11104", date=on, global_days=days),)
    outcome = hand.run(wound, stitches(hand, elsewhere=False), visit=Visit(), prior_procedures=prior)
    assert outcome.lines == lines


def test_stitches_of_unknown_origin_are_not_billed(hand: Any) -> None:
    outcome = hand.run(wound, stitches(hand), visit=Visit())
    assert (outcome.lines, outcome.refused) == ([], ["15853 10.7"])


def test_planned_debridement_is_only_considered(hand: Any) -> None:
    planned = WoundDebridement(act=hand.act("planned"), target=hand.target("foot"), depth=hand.is_("bone"))
    outcome = hand.run(wound, planned)
    assert (outcome.lines, outcome.refused) == ([], ["11044 0.4"])


def test_own_wound_that_reopened_is_part_of_its_surgery(hand: Any) -> None:
    prior = (PriorProcedure(code="11603", date=date(2026, 11, 2), global_days=10),)
    fact = Repair(
        act=hand.act(), target=hand.target("back"), wound_of="dehiscence", secondary_closure=hand.is_("packing")
    )
    outcome = hand.run(wound, fact, prior_procedures=prior)
    assert (outcome.lines, outcome.refused) == ([], ["12021 4.4"])
