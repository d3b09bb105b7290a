"""A fact that says nothing but that the act was done: a claim comes out, every line with words behind it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from notecoder import facts as schema
from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.facts import Encounter
from notecoder.rules import propose

BARE: dict[str, dict[str, Any]] = {
    "Flap": {},
    "Graft": {"type": "full_thickness"},
    "WoundPreparation": {},
    "SkinSubstitute": {},
    "IncisionDrainage": {"of": "abscess"},
    "Aspiration": {},
    "AcneSurgery": {},
    "ForeignBodyRemoval": {},
    "IntralesionalInjection": {},
    "DrugInjection": {"route": "im"},
    "Chemodenervation": {},
    "Filler": {},
    "NailProcedure": {"action": "avulsion"},
    "Paring": {},
    "Photodynamic": {},
    "Phototherapy": {"modality": "excimer_laser"},
    "PatchTest": {},
    "BedsideTest": {"test": "koh"},
    "WoundDebridement": {},
    "SutureRemoval": {},
    "Resurfacing": {"method": "vascular_laser"},
    "Tattooing": {},
    "Pathology": {},
}
STRUCTURES = [
    "soft_tissue",
    "eyelid_lesion",
    "eyelid_full_thickness",
    "lip_wedge",
    "lip_v",
    "lip_shave",
    "lip_large",
    "ear_partial",
    "ear_amputation",
    "mouth_vestibule",
    "digital_mucous_cyst",
    "hidradenitis",
    "pilonidal",
]
GRAFTS = ["split_thickness", "pinch", "composite", "ear_cartilage", "septal_cartilage", "epidermal", "dermal", "fat",
          "cell_suspension"]  # fmt: skip
NAILS = ["trimming", "debridement", "hematoma", "matrixectomy", "biopsy", "bed_repair", "bed_reconstruction",
         "fold_excision", "clipping"]  # fmt: skip
METHODS = ["peel_epidermal", "peel_dermal", "peel_acne", "cryo_acne", "dermabrasion", "abrasion", "pigment_laser",
           "ipl", "hair_removal", "fractional_laser", "microneedling", "electrolysis",
           "cautery_granulation"]  # fmt: skip
CASES: list[tuple[str, dict[str, Any]]] = [
    *BARE.items(),
    *(("Excision", {"structure": structure}) for structure in STRUCTURES),
    *(("Graft", {"type": kind}) for kind in GRAFTS),
    *(("NailProcedure", {"action": action}) for action in NAILS),
    *(("Resurfacing", {"method": method}) for method in METHODS),
]


@pytest.mark.parametrize("payer", ["commercial", "medicare"])
@pytest.mark.parametrize(("name", "fields"), CASES)
def test_silent_fact_makes_a_line_a_refusal_or_a_question(
    hand: Any, name: str, fields: dict[str, Any], payer: Any
) -> None:
    fact = getattr(schema, name)(act=hand.act(), target=hand.target(), **fields)
    day = date(2026, 11, 10)
    context = EncounterContext(date_of_service=day, payer=payer)
    codebook = Codebook.on(day, payer)
    claim = propose(Encounter(procedures=(fact,)), context, codebook)
    assert claim.lines or claim.considered or claim.gaps
    assert all(line.evidence and line.label for line in claim.lines)
    assert all(codebook.covers(item.code) for item in claim.considered)
