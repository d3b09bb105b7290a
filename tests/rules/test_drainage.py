"""Expected lines: rulebook 8.1 with its examples, gold free-024 and free-040."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from notecoder.context import PriorProcedure
from notecoder.facts import AcneSurgery, Aspiration, Excision, ForeignBodyRemoval, IncisionDrainage
from notecoder.facts.encounter import PastProcedure
from notecoder.rules import drainage


def drained(hand: Any, of: Any = "abscess", site: str = "back", **stated: Any) -> IncisionDrainage:
    target = stated.pop("target", None) or hand.target(site)
    status = stated.pop("status", "performed")
    values = {key: hand.is_(value) for key, value in stated.items()}
    return IncisionDrainage(act=hand.act(status), target=target, of=of, **values)


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ({"incised": True}, "10060"),
        ({"incised": True, "packed": True}, "10060"),
        ({"incised": True, "loculations": True, "packed": True}, "10061"),
        ({"incised": True, "drain": True}, "10061"),
        ({"incised": True, "multiple_incisions": True}, "10061"),
        ({"complicated": True}, "10061"),
        ({"complicated": False, "packed": True}, "10060"),
        ({"count": 2}, "10061"),
        ({}, "10060"),
    ],
)
def test_abscess_is_complicated_only_for_a_reason(hand: Any, facts: dict[str, Any], line: str) -> None:
    assert hand.run(drainage, drained(hand, **facts)).lines == [line]


def test_packing_alone_refuses_the_complicated_code(hand: Any) -> None:
    assert hand.run(drainage, drained(hand, packed=True)).refused == ["10061 ID-02"]


def test_two_abscesses_are_one_line(hand: Any) -> None:
    facts = (drained(hand, site="axilla"), drained(hand, site="groin"))
    outcome = hand.run(drainage, *facts)
    assert outcome.lines == ["10061"]
    assert outcome.drafts[0].targets == tuple(fact.target.id for fact in facts)


def test_expression_without_incision_is_no_drainage(hand: Any) -> None:
    outcome = hand.run(drainage, drained(hand, "cyst", incised=False))
    assert (outcome.lines, outcome.refused) == ([], ["10060 ID-01"])


def test_cyst_drained_and_excised_is_only_excised(hand: Any) -> None:
    cyst = hand.target("back")
    outcome = hand.run(
        drainage, drained(hand, "cyst", target=cyst), Excision(act=hand.act(), target=cyst, structure="cyst")
    )
    assert (outcome.lines, outcome.refused) == ([], ["10060 CY-03"])


@pytest.mark.parametrize(
    ("of", "site", "lines"),
    [
        ("hematoma", "thigh", ["10140"]),
        ("wound_infection", "back", ["10180"]),
        ("pilonidal", "gluteal_cleft", ["10080"]),
        ("paronychia", "finger", ["10060"]),
        ("furuncle", "neck", ["10060"]),
    ],
)
def test_what_is_drained_chooses_the_code(hand: Any, of: Any, site: str, lines: list[str]) -> None:
    assert hand.run(drainage, drained(hand, of, site)).lines == lines


def test_blood_under_a_nail_is_not_drained_here(hand: Any) -> None:
    outcome = hand.run(drainage, drained(hand, "hematoma", "toenail"))
    assert (outcome.lines, outcome.refused) == ([], ["10140 ID-05"])


def test_acne_surgery_is_once_a_session(hand: Any) -> None:
    comedones = AcneSurgery(act=hand.act(), target=hand.target("cheek"), count=hand.is_(12))
    milia = AcneSurgery(act=hand.act(), target=hand.target("forehead"), count=hand.is_(3))
    assert hand.run(drainage, comedones, milia).lines == ["10040"]


def test_needle_is_an_aspiration_for_each_lesion(hand: Any) -> None:
    facts = [Aspiration(act=hand.act(), target=hand.target(site), of="seroma") for site in ("back", "thigh")]
    assert hand.run(drainage, *facts).lines == ["10160", "10160"]


@pytest.mark.parametrize(
    ("incised", "complicated", "lines", "refused", "gaps"),
    [
        (True, None, ["10120"], [], []),
        (True, True, ["10121"], [], []),
        (False, None, [], ["10120 ID-05"], []),
        (None, None, [], ["10120 ID-05"], ["procedure.technique"]),
    ],
)
def test_foreign_body_needs_an_incision(
    hand: Any, incised: Any, complicated: Any, lines: list[str], refused: list[str], gaps: list[str]
) -> None:
    fact = ForeignBodyRemoval(
        act=hand.act(),
        target=hand.target("foot"),
        incised=hand.is_(incised) if incised is not None else None,
        complicated=hand.is_(complicated) if complicated is not None else None,
    )
    outcome = hand.run(drainage, fact)
    assert (outcome.lines, outcome.refused, outcome.gaps) == (lines, refused, gaps)


@pytest.mark.parametrize("status", ["planned", "declined", "historical", "negated"])
def test_drainage_not_done_is_only_considered(hand: Any, status: Any) -> None:
    outcome = hand.run(drainage, drained(hand, status=status))
    assert (outcome.lines, outcome.refused) == ([], ["10060 0.4"])


@pytest.mark.parametrize(
    ("on", "returned", "lines", "refused"),
    [
        (date(2026, 11, 4), False, [], ["10160 ID-04"]),
        (date(2026, 11, 4), True, ["10160"], []),
        (date(2026, 10, 30), False, ["10160"], []),
    ],
)
def test_fluid_after_own_surgery_is_included(
    hand: Any, on: date, returned: bool, lines: list[str], refused: list[str]
) -> None:
    fluid = Aspiration(act=hand.act(), target=hand.target("back"), of="seroma")
    prior = (PriorProcedure(code="13101", date=on, global_days=10),)
    outcome = hand.run(
        drainage, fluid, prior_procedures=prior, complication_return=hand.is_(True) if returned else None
    )
    assert (outcome.lines, outcome.refused) == (lines, refused)


def test_hematoma_at_another_place_is_not_that_surgery_s(hand: Any) -> None:
    past = PastProcedure(what="excision", days_ago=5, site=hand.site("back"))
    bruise = drained(hand, "hematoma", "thigh")
    assert hand.run(drainage, bruise, past_procedures=(past,)).lines == ["10140"]
    same = drained(hand, "hematoma", "back")
    assert hand.run(drainage, same, past_procedures=(past,)).refused == ["10140 ID-04"]
