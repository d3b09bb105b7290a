"""Expected lines: rulebook 6.6, 6.7 and 10.9 with its examples, seed error S18, gold ehr-030."""

from __future__ import annotations

from typing import Any

import pytest

from notecoder.facts import Excision, Filler, Resurfacing, Tattooing
from notecoder.rules import cosmetic


def tattooed(hand: Any, area: str | None) -> Tattooing:
    return Tattooing(act=hand.act(), target=hand.target("areola"), area=hand.is_(area) if area else None)


@pytest.mark.parametrize(
    ("area", "lines"),
    [("6.0", ["11920"]), ("6.1", ["11921"]), ("14", ["11921"]), ("20", ["11921"]), ("45", ["11921", "11922 x2"])],
)
def test_tattooing_goes_by_area(hand: Any, area: str, lines: list[str]) -> None:
    outcome = hand.run(cosmetic, tattooed(hand, area))
    assert (outcome.lines, outcome.gaps) == (lines, [])


def test_tattooing_without_area_asks(hand: Any) -> None:
    outcome = hand.run(cosmetic, tattooed(hand, None))
    assert (outcome.lines, outcome.gaps) == (["11920"], ["lesion.size"])


def filled(hand: Any, volume: str | None, *, lipoatrophy: bool | None = None, **act: Any) -> Filler:
    return Filler(
        act=hand.act(**act),
        target=hand.target("nasolabial_fold"),
        volume=hand.is_(volume) if volume else None,
        lipoatrophy=hand.is_(lipoatrophy) if lipoatrophy is not None else None,
    )


def test_filler_is_off_the_claim_unless_medical(hand: Any) -> None:
    outcome = hand.run(cosmetic, filled(hand, "1", cosmetic=hand.is_(True), notice=hand.is_(True)))
    assert (outcome.lines, outcome.refused, outcome.gaps) == ([], ["11950 CO-01"], [])
    assert hand.run(cosmetic, filled(hand, "1")).refused == ["11950 CO-01"]


@pytest.mark.parametrize(
    ("volume", "line"), [("1.0", "11950"), ("1.1", "11951"), ("5.0", "11951"), ("10", "11952"), ("10.1", "11954")]
)
def test_medical_filler_goes_by_volume(hand: Any, volume: str, line: str) -> None:
    assert hand.run(cosmetic, filled(hand, volume, lipoatrophy=True)).lines == [line]


def test_lipoatrophy_has_a_medicare_code(hand: Any) -> None:
    assert hand.run(cosmetic, filled(hand, "4", lipoatrophy=True), payer="medicare").lines == ["G0429"]


def worked(hand: Any, method: Any, site: str = "cheek", dx: Any = (), **more: Any) -> Resurfacing:
    act = {key: more.pop(key) for key in ("cosmetic", "notice", "status", "claim_requested", "abn") if key in more}
    symptoms = more.pop("symptoms", ())
    stated = {key: hand.is_(value) if key != "extent" else value for key, value in more.items()}
    target = hand.target(site, dx=dx, symptoms=symptoms)
    return Resurfacing(act=hand.act(**act), target=target, method=method, **stated)


@pytest.mark.parametrize(
    ("method", "site", "dx", "more", "lines"),
    [
        ("peel_dermal", "face", ("actinic_keratosis",), {}, ["15789"]),
        ("peel_epidermal", "hand", ("actinic_keratosis",), {}, ["15792"]),
        ("peel_acne", "cheek", (), {}, ["17360"]),
        ("cryo_acne", "cheek", (), {}, ["17340"]),
        ("cautery_granulation", "back", (), {}, ["17250"]),
        ("dermabrasion", "cheek", ("scar",), {"extent": "segmental"}, ["15781"]),
        ("abrasion", "cheek", ("scar",), {"count": 6}, ["15786", "15787 x2"]),
        ("vascular_laser", "cheek", ("port_wine_stain",), {"area": "9.9"}, ["17106"]),
        ("vascular_laser", "cheek", ("port_wine_stain",), {"area": "10"}, ["17107"]),
        ("vascular_laser", "cheek", ("port_wine_stain",), {"area": "50.1"}, ["17108"]),
        ("fractional_laser", "chest", ("scar",), {"area": "130"}, ["0479T", "0480T"]),
    ],
)
def test_method_against_a_disease_has_its_code(
    hand: Any, method: Any, site: str, dx: Any, more: dict[str, Any], lines: list[str]
) -> None:
    outcome = hand.run(cosmetic, worked(hand, method, site, dx, **more))
    assert (outcome.lines, outcome.refused) == (lines, [])


@pytest.mark.parametrize(
    ("method", "dx", "refused"),
    [
        ("ipl", ("solar_lentigo",), "17999 CO-01"),
        ("hair_removal", (), "17999 CO-01"),
        ("microneedling", (), "17999 CO-01"),
        ("peel_epidermal", ("melasma",), "15788 CO-01"),
        ("vascular_laser", ("hemangioma_of_skin",), "17106 CO-01"),
    ],
)
def test_method_without_a_disease_is_cosmetic(hand: Any, method: Any, dx: Any, refused: str) -> None:
    outcome = hand.run(cosmetic, worked(hand, method, dx=dx))
    assert (outcome.lines, outcome.refused) == ([], [refused])


def test_bleeding_angioma_is_medical(hand: Any) -> None:
    angioma = worked(hand, "vascular_laser", dx=("hemangioma_of_skin",), symptoms=(hand.is_("bleeding"),), area="1")
    assert hand.run(cosmetic, angioma).lines == ["17106"]


def test_granulation_in_a_wound_closed_today_is_included(hand: Any) -> None:
    scar = hand.target("back")
    cautery = Resurfacing(act=hand.act(), target=scar, method="cautery_granulation")
    outcome = hand.run(cosmetic, cautery, Excision(act=hand.act(), target=scar))
    assert (outcome.lines, outcome.refused) == ([], ["17250 6.7"])


def test_missing_notice_is_asked_where_the_others_have_theirs(hand: Any) -> None:
    yes = hand.is_(True)
    outcome = hand.run(
        cosmetic,
        filled(hand, "1", cosmetic=yes, notice=yes),
        worked(hand, "ipl", cosmetic=yes),
    )
    assert (outcome.lines, outcome.gaps) == ([], ["cosmetic.notice"])


def test_notice_silent_throughout_is_not_asked(hand: Any) -> None:
    assert hand.run(cosmetic, worked(hand, "ipl", cosmetic=hand.is_(True))).gaps == []


def test_notice_said_to_be_missing_is_asked(hand: Any) -> None:
    laser = worked(hand, "ipl", cosmetic=hand.is_(True), notice=hand.is_(False))
    assert hand.run(cosmetic, laser).gaps == ["cosmetic.notice"]


def test_excluded_service_is_billed_only_when_the_patient_asks(hand: Any) -> None:
    yes = hand.is_(True)
    stain = {"dx": ("port_wine_stain",), "area": "4", "cosmetic": yes}
    asked = worked(hand, "vascular_laser", claim_requested=yes, abn=hand.is_("voluntary"), **stain)
    outcome = hand.run(cosmetic, asked, payer="medicare")
    assert outcome.lines == ["17106-GX-GY"]
    assert outcome.drafts[0].codes10 == ["Z41.1"]
    assert hand.run(cosmetic, asked).lines == []
    assert hand.run(cosmetic, worked(hand, "vascular_laser", **stain), payer="medicare").lines == []


def test_required_notice_puts_ga_on_a_medical_line(hand: Any) -> None:
    peel = worked(hand, "peel_dermal", "face", ("actinic_keratosis",), abn=hand.is_("required"))
    assert hand.run(cosmetic, peel, payer="medicare").lines == ["15789-GA"]
    assert hand.run(cosmetic, peel).lines == ["15789"]
