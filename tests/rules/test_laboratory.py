"""Expected lines: rulebook 10.3 and 10.4, golden test G13, gold ehr-036 and free-010."""

from __future__ import annotations

from typing import Any

import pytest

from notecoder.facts import BedsideTest, PatchTest
from notecoder.rules import laboratory


def patches(hand: Any, count: int | None, test: Any = "patch", **more: Any) -> PatchTest:
    return PatchTest(
        act=hand.act(), target=hand.target("back"), test=test, count=hand.is_(count) if count else None, **more
    )


@pytest.mark.parametrize(
    ("test", "count", "line"),
    [
        ("patch", 70, "95044 x70"),
        ("patch", 36, "95044 x36"),
        ("photopatch", 20, "95052 x20"),
        ("phototest", 6, "95056"),
    ],
)
def test_patches_are_counted(hand: Any, test: Any, count: int, line: str) -> None:
    outcome = hand.run(laboratory, patches(hand, count, test))
    assert (outcome.lines, outcome.gaps) == ([line], [])


def test_series_of_one_day_are_added_up(hand: Any) -> None:
    assert hand.run(laboratory, *(patches(hand, count) for count in (63, 6, 3))).lines == ["95044 x72"]


def test_uncounted_patches_are_asked(hand: Any) -> None:
    outcome = hand.run(laboratory, patches(hand, None))
    assert (outcome.lines, outcome.gaps) == (["95044"], ["lesion.count"])


def test_reading_is_not_billed_again(hand: Any) -> None:
    outcome = hand.run(laboratory, patches(hand, 70, reading_only=True))
    assert (outcome.lines, outcome.refused) == ([], ["95044 10.3"])


def bedside(hand: Any, test: Any, *, result: str | None = "negative", **more: Any) -> BedsideTest:
    status = more.pop("status", "performed")
    stated = {key: hand.is_(value) for key, value in more.items()}
    return BedsideTest(
        act=hand.act(status),
        target=hand.target("foot"),
        test=test,
        result=hand.is_(result) if result else None,
        **stated,
    )


@pytest.mark.parametrize(
    ("test", "payer", "line"),
    [
        ("koh", "commercial", "87220"),
        ("koh", "medicare", "Q0112"),
        ("scabies", "commercial", "87220"),
        ("scabies", "medicare", "Q0111"),
        ("tzanck", "medicare", "87207"),
        ("urine_pregnancy", "commercial", "81025"),
    ],
)
def test_scraping_has_its_code_by_payer(hand: Any, test: Any, payer: Any, line: str) -> None:
    assert hand.run(laboratory, bedside(hand, test), payer=payer).lines == [line]


def test_wide_report_of_a_smear(hand: Any) -> None:
    assert hand.run(laboratory, bedside(hand, "tzanck", wide_report=True)).lines == ["88160"]


def test_two_scrapings_are_two_units(hand: Any) -> None:
    assert hand.run(laboratory, bedside(hand, "koh"), bedside(hand, "koh")).lines == ["87220 x2"]


@pytest.mark.parametrize("facts", [{"test": "koh", "in_office": False}, {"test": "fungal_culture"}])
def test_what_is_sent_out_has_no_line(hand: Any, facts: dict[str, Any]) -> None:
    outcome = hand.run(laboratory, bedside(hand, **facts))
    assert (outcome.lines, len(outcome.refused)) == ([], 1)


def test_culture_grown_in_the_office(hand: Any) -> None:
    assert hand.run(laboratory, bedside(hand, "fungal_culture", in_office=True)).lines == ["87101"]


def test_result_is_asked(hand: Any) -> None:
    outcome = hand.run(laboratory, bedside(hand, "koh", result=None))
    assert (outcome.lines, outcome.gaps) == (["87220"], ["pathology.result"])


def test_scraping_done_elsewhere_is_only_considered(hand: Any) -> None:
    outcome = hand.run(laboratory, bedside(hand, "koh", status="elsewhere"))
    assert (outcome.lines, outcome.refused) == ([], ["87220 0.4"])
