"""Expected lines: rulebook 8.2 to 8.4 with its examples, golden test G10, gold free-038 and free-040."""

from __future__ import annotations

from typing import Any

import pytest

from notecoder.facts import Chemodenervation, DrugInjection, IntralesionalInjection
from notecoder.rules import injection


def into(hand: Any, count: int | None, drug: Any = None, **more: Any) -> IntralesionalInjection:
    target = hand.target(more.pop("site", "chest"), dx=more.pop("dx", ("keloid",)))
    return IntralesionalInjection(
        act=hand.act(), target=target, count=hand.is_(count) if count else None, drug=drug, **more
    )


@pytest.mark.parametrize(
    ("count", "mg", "lines"),
    [
        (5, "8", ["11900", "J3301"]),
        (9, "15", ["11901", "J3301 x2"]),
        (4, "20", ["11900", "J3301 x2"]),
        (3, "24", ["11900", "J3301 x3"]),
        (7, "10", ["11900", "J3301"]),
        (8, "10.1", ["11901", "J3301 x2"]),
    ],
)
def test_lesions_are_counted_and_the_drug_is_in_started_units(hand: Any, count: int, mg: str, lines: list[str]) -> None:
    outcome = hand.run(injection, into(hand, count, hand.drug("triamcinolone acetonide", mg)))
    assert (outcome.lines, outcome.gaps) == (lines, [])


def test_lesions_of_all_acts_count_together_and_one_syringe_once(hand: Any) -> None:
    syringe = hand.drug("triamcinolone acetonide", "12")
    outcome = hand.run(injection, into(hand, 4, syringe), into(hand, 4, syringe, site="back"))
    assert outcome.lines == ["11901", "J3301 x2"]


def test_uncounted_lesions_are_asked(hand: Any) -> None:
    outcome = hand.run(injection, into(hand, None, hand.drug("triamcinolone acetonide", "10"), plural=True))
    assert (outcome.lines, outcome.gaps) == (["11900", "J3301"], ["injection.count"])


def test_silent_drug_and_dose_are_asked(hand: Any) -> None:
    assert hand.run(injection, into(hand, 2)).gaps == ["drug.name"]
    outcome = hand.run(injection, into(hand, 2, hand.drug("triamcinolone acetonide")))
    assert (outcome.lines, outcome.gaps) == (["11900", "J3301"], ["drug.dose"])


@pytest.mark.parametrize(
    ("agent", "drug", "dx", "lines"),
    [
        ("antineoplastic", "methotrexate", "keratoacanthoma", ["96405", "J9260"]),
        ("antineoplastic", "bleomycin", "plantar_wart", ["11900", "J9040"]),
        ("antineoplastic", "fluorouracil", "keloid", ["11900", "J9190"]),
    ],
)
def test_drug_against_tumors_has_its_own_code_in_tumors_only(
    hand: Any, agent: Any, drug: str, dx: str, lines: list[str]
) -> None:
    assert hand.run(injection, into(hand, 1, hand.drug(drug, "12"), dx=(dx,), agent=agent)).lines == lines


def shot(hand: Any, drug: Any) -> DrugInjection:
    return DrugInjection(act=hand.act(), target=hand.target("buttock"), route="im", drug=drug)


def test_discarded_drug_is_a_line_of_its_own_for_medicare(hand: Any) -> None:
    vial = hand.drug("triamcinolone acetonide", "60", wasted="20", container="single_dose")
    assert hand.run(injection, shot(hand, vial), payer="medicare").lines == ["96372", "J3301 x6", "J3301-JW x2"]
    assert hand.run(injection, shot(hand, vial)).lines == ["96372", "J3301 x6"]


def test_waste_that_the_last_unit_covers_is_not_billed(hand: Any) -> None:
    vial = hand.drug("triamcinolone acetonide", "36", wasted="4", container="single_dose")
    assert hand.run(injection, shot(hand, vial), payer="medicare").lines == ["96372", "J3301-JZ x4"]


@pytest.mark.parametrize(
    ("container", "wasted", "drug_line", "gaps"),
    [
        ("single_dose", "0", "J3301-JZ x4", []),
        ("single_dose", None, "J3301 x4", ["drug.wastage"]),
        ("multi_dose", None, "J3301 x4", []),
        (None, None, "J3301 x4", []),
    ],
)
def test_container_decides_on_waste_modifiers(
    hand: Any, container: str | None, wasted: str | None, drug_line: str, gaps: list[str]
) -> None:
    stated = {key: value for key, value in (("container", container), ("wasted", wasted)) if value is not None}
    outcome = hand.run(injection, shot(hand, hand.drug("triamcinolone acetonide", "40", **stated)), payer="medicare")
    assert (outcome.lines, outcome.gaps) == (["96372", drug_line], gaps)


def test_drug_that_the_patient_brought_has_no_line(hand: Any) -> None:
    pen = hand.drug("omalizumab", "300", supplied_by_patient=True)
    outcome = hand.run(injection, shot(hand, pen))
    assert (outcome.lines, outcome.refused) == (["96372"], ["J2357 8.3"])


def test_methylprednisolone_acetate_is_billed_by_the_milligram(hand: Any) -> None:
    assert hand.run(injection, shot(hand, hand.drug("methylprednisolone acetate", "80"))).lines == [
        "96372",
        "J1010 x80",
    ]


def toxin(hand: Any, site: str, side: Any = None, *, drug: Any = None, dx: Any = (), **act: Any) -> Chemodenervation:
    return Chemodenervation(act=hand.act(**act), target=hand.target(site, side, dx=dx), drug=drug)


def test_both_axillae_are_one_code_with_the_vial(hand: Any) -> None:
    vial = hand.drug("onabotulinumtoxina", "100", opened="100")
    outcome = hand.run(
        injection, toxin(hand, "axilla", "bilateral", drug=vial, dx=("hyperhidrosis_focal",)), payer="medicare"
    )
    assert outcome.lines == ["64650", "J0585-JZ x100"]


def test_toxin_left_in_the_vial_is_waste(hand: Any) -> None:
    vial = hand.drug("onabotulinumtoxina", "70", opened="100")
    outcome = hand.run(injection, toxin(hand, "palm", "left", drug=vial, dx=("hyperhidrosis_focal",)), payer="medicare")
    assert outcome.lines == ["64999", "J0585 x70", "J0585-JW x30"]


def test_one_axilla_is_less_than_the_code(hand: Any) -> None:
    assert hand.run(injection, toxin(hand, "axilla", "left", dx=("hyperhidrosis_focal",))).lines == ["64650-52"]


def test_toxin_for_lines_stays_off_the_claim(hand: Any) -> None:
    lines = toxin(
        hand, "glabella", drug=hand.drug("onabotulinumtoxina", "20"), dx=("wrinkles",), cosmetic=hand.is_(True)
    )
    outcome = hand.run(injection, lines)
    assert (outcome.lines, outcome.refused) == ([], ["64612 CO-01"])


def test_toxin_in_a_face_without_a_disease_is_refused(hand: Any) -> None:
    outcome = hand.run(injection, toxin(hand, "forehead", drug=hand.drug("onabotulinumtoxina", "20")))
    assert (outcome.lines, outcome.refused, outcome.gaps) == ([], ["64612 AD-02"], ["lesion.diagnosis"])


def test_injection_only_offered_is_considered(hand: Any) -> None:
    offered = IntralesionalInjection(
        act=hand.act("offered"),
        target=hand.target("chest", dx=("keloid",)),
        count=hand.is_(2),
        drug=hand.drug("triamcinolone acetonide", "10"),
    )
    outcome = hand.run(injection, offered)
    assert (outcome.lines, outcome.refused) == ([], ["11900 0.4", "J3301 0.4"])
