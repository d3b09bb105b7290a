"""Whole claims of several families: rulebook 5.6, 8, 9, 10, golden tests G10 and G15, gold free-038 and free-040."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from notecoder.claim import Claim
from notecoder.codebook import Codebook
from notecoder.context import EncounterContext, PriorProcedure
from notecoder.facts import (
    Destruction,
    DrugInjection,
    Encounter,
    Excision,
    Flap,
    Graft,
    IncisionDrainage,
    IntralesionalInjection,
    Mohs,
    MohsStage,
    NailProcedure,
    Paring,
    Photodynamic,
    Repair,
)
from notecoder.rules import propose


def claim_of(*facts: Any, payer: Any = "commercial", prior: tuple[PriorProcedure, ...] = ()) -> Claim:
    day = date(2026, 11, 10)
    context = EncounterContext(date_of_service=day, payer=payer, prior_procedures=prior)
    return propose(Encounter(procedures=facts), context, Codebook.on(day, payer))


def lines(claim: Claim) -> list[str]:
    """The lines in billing sequence, "17000-59 x2"."""
    return [
        "-".join([line.code, *line.modifiers]) + (f" x{line.units}" if line.units != 1 else "") for line in claim.lines
    ]


def staged(hand: Any, target: Any, stages: int) -> Mohs:
    rows = tuple(MohsStage(number=number, blocks=hand.is_(2)) for number in range(1, stages + 1))
    return Mohs(act=hand.act(), target=target, stages=rows, surgeon_reads=hand.is_(True))


def test_bilobed_flap_after_mohs(hand: Any) -> None:
    ala = hand.target("nasal_ala", "left", dx=("basal_cell_carcinoma",))
    flap = Flap(
        act=hand.act(),
        target=ala,
        style=hand.is_("transposition"),
        primary_area=hand.is_("2.1"),
        secondary_area=hand.is_("3.6"),
        incised=hand.is_(True),
    )
    claim = claim_of(staged(hand, ala, 2), flap)
    assert (lines(claim), claim.disposition) == (["14060", "17311", "17312"], "ready")


def test_excision_inside_a_rotation_flap(hand: Any) -> None:
    cheek = hand.target("cheek", dx=("squamous_cell_carcinoma_of_skin",), diameter=hand.is_("1.6"))
    claim = claim_of(
        Excision(act=hand.act(), target=cheek, margin=hand.is_("0.4")),
        Flap(act=hand.act(), target=cheek, style=hand.is_("rotation"), primary_area=hand.is_("6.3"),
             secondary_area=hand.is_("12.0"), incised=hand.is_(True)),
        Repair(act=hand.act(), target=cheek, wound_of="excision", layered=hand.is_(True), length=hand.is_("5")),
    )  # fmt: skip
    assert lines(claim) == ["14041"]
    assert {"11643", "12052"} <= {item.code for item in claim.considered}


def test_graft_of_a_hand_beside_its_excision(hand: Any) -> None:
    tumor = hand.target("hand", "left", dx=("squamous_cell_carcinoma_of_skin",))
    claim = claim_of(
        Excision(act=hand.act(), target=tumor, excised_diameter=hand.is_("3.4")),
        Graft(act=hand.act(), target=tumor, type="full_thickness", area=hand.is_("30")),
    )
    assert lines(claim) == ["15240", "15241", "11624"]


def test_scalp_graft_of_22_square_centimeters(hand: Any) -> None:
    scalp = hand.target("scalp", dx=("squamous_cell_carcinoma_of_skin",))
    graft = Graft(act=hand.act(), target=scalp, type="full_thickness", area=hand.is_("22"))
    assert lines(claim_of(staged(hand, scalp, 1), graft)) == ["15220", "15221", "17311"]


def test_division_of_a_forehead_flap_three_weeks_later(hand: Any) -> None:
    tip = hand.target("nasal_tip", dx=("basal_cell_carcinoma",))
    division = Flap(act=hand.act(), target=tip, style=hand.is_("forehead"), step="division")
    prior = (PriorProcedure(code="15731", date=date(2026, 10, 20), global_days=90),)
    assert lines(claim_of(division, prior=prior)) == ["15630-58"]


def test_abscess_and_keratoses_have_no_edit(hand: Any) -> None:
    claim = claim_of(
        IncisionDrainage(act=hand.act(), target=hand.target("axilla", "left"), of="abscess", incised=hand.is_(True)),
        Destruction(
            act=hand.act(),
            target=hand.target("hand", dx=("actinic_keratosis",)),
            method=hand.is_("cryo"),
            count=hand.is_(4),
        ),
    )
    assert lines(claim) == ["10060", "17000", "17003 x3"]


def injected(hand: Any, count: int, mg: str, **drug: Any) -> IntralesionalInjection:
    return IntralesionalInjection(
        act=hand.act(),
        target=hand.target("chest", dx=("keloid",)),
        count=hand.is_(count),
        drug=hand.drug("triamcinolone acetonide", mg, **drug),
    )


def test_keloids_injected(hand: Any) -> None:
    assert lines(claim_of(injected(hand, 4, "20"))) == ["11900", "J3301 x2"]


def test_keloid_injected_beside_a_frozen_wart(hand: Any) -> None:
    wart = Destruction(
        act=hand.act(), target=hand.target("finger", dx=("common_wart",)), method=hand.is_("cryo"), count=hand.is_(1)
    )
    assert lines(claim_of(injected(hand, 1, "4"), wart)) == ["17110", "11900-59", "J3301"]


def test_injection_into_muscle_beside_a_drained_abscess(hand: Any) -> None:
    shot = DrugInjection(
        act=hand.act(),
        target=hand.target("buttock", dx=("lichen_planus",)),
        route="im",
        drug=hand.drug("triamcinolone acetonide", "60", wasted="20", container="single_dose"),
    )
    abscess = IncisionDrainage(
        act=hand.act(), target=hand.target("back", dx=("abscess",)), of="abscess", packed=hand.is_(True)
    )
    claim = claim_of(shot, abscess, payer="medicare")
    assert lines(claim) == ["10060", "96372-59", "J3301 x6", "J3301-JW x2"]


def test_nails_debrided_and_calluses_pared(hand: Any) -> None:
    nails = NailProcedure(act=hand.act(), target=hand.target("toenail"), action="debridement", count=hand.is_(8))
    calluses = Paring(act=hand.act(), target=hand.target("foot", dx=("corn_or_callus",)), count=hand.is_(2))
    assert lines(claim_of(nails, calluses)) == ["11056", "11721-59"]


def test_light_after_debridement(hand: Any) -> None:
    treated = Photodynamic(
        act=hand.act(),
        target=hand.target("face", dx=("actinic_keratosis",)),
        applied_by=hand.is_("clinician"),
        lit_by=hand.is_("clinician"),
        debrided=hand.is_(True),
        drug=hand.drug("aminolevulinic acid 20%", "1"),
    )
    assert lines(claim_of(treated)) == ["96574", "J7308"]


def test_lipoma_takes_its_layered_closure(hand: Any) -> None:
    lipoma = hand.target("back", dx=("lipoma",), diameter=hand.is_("4"))
    claim = claim_of(
        Excision(act=hand.act(), target=lipoma, structure="soft_tissue", depth=hand.is_("subcutaneous")),
        Repair(act=hand.act(), target=lipoma, wound_of="excision", layered=hand.is_(True), length=hand.is_("4")),
    )
    assert lines(claim) == ["21931"]
    assert "12032" in {item.code for item in claim.considered}


@pytest.mark.parametrize("status", ["planned", "declined", "historical"])
def test_what_was_not_done_leaves_no_line(hand: Any, status: Any) -> None:
    flap = Flap(act=hand.act(status), target=hand.target("nose"), style=hand.is_("rotation"), total_area=hand.is_("4"))
    claim = claim_of(flap)
    assert (lines(claim), [item.code for item in claim.considered]) == ([], ["14060"])
