"""Photodynamic therapy and phototherapy: who applied and lit, what was debrided, what lay under the light."""

from decimal import Decimal

import pytest


def only(encounter, text, kind):
    found = [p for p in encounter(text).procedures if p.kind == kind and p.act.status == "performed"]
    return found[0] if found else None


@pytest.mark.parametrize(
    ("text", "applied", "lit"),
    [
        (
            "PDT, face. Actinic keratoses. Levulan applied by the PA, incubated 90 min, blue light started by the PA.",
            "clinician",
            "clinician",
        ),
        (
            "PDT of the scalp for AKs. The medical assistant applied one Kerastick; 60 min later the MA turned on the blue light.",
            "staff",
            "staff",
        ),
        (
            "I painted the Levulan on the forehead AKs and after an hour I started the Blu-U lamp. PDT tolerated.",
            "clinician",
            "clinician",
        ),
        (
            "PDT nursing record\nAK scalp\nAmeluz applied 09:05 - by me\nRed lamp on 12:10 - by me\nS. Ruiz, RN",
            "staff",
            "staff",
        ),
        ("PDT for AKs. Applied by ..... [ ] MD [x] RN\nLamp started by ..... [x] MD [ ] RN", "staff", "clinician"),
    ],
)
def test_who_did_it(encounter, text, applied, lit):
    fact = only(encounter, text, "photodynamic")
    assert (fact.applied_by.value, fact.lit_by.value) == (applied, lit)


@pytest.mark.parametrize(
    ("text", "debrided"),
    [
        ("PDT face, AKs. Six thick keratoses curetted first, then Levulan applied by NP, light by NP.", True),
        ("PDT face, AKs. Acetone scrub, no curettage. Levulan applied by NP, light by NP.", False),
        ("PDT face, AKs. Prep: [x] acetone [ ] curettage. Levulan applied by NP, light by NP.", None),
    ],
)
def test_debridement_before_the_drug(encounter, text, debrided):
    value = only(encounter, text, "photodynamic").debrided
    assert (value.value if value else None) == debrided


@pytest.mark.parametrize(
    ("words", "name", "amount"),
    [
        ("aminolevulinic acid 20%, # sticks ..... 2", "aminolevulinic acid 20%", 2),
        ("one Levulan stick", "aminolevulinic acid 20%", 1),
        ("Ameluz gel 10%, tube 2 g; tubes used: 1", "aminolevulinic acid 10%", 2000),
        ("half a tube of Ameluz", "aminolevulinic acid 10%", 1000),
    ],
)
def test_sticks_and_tubes(encounter, words, name, amount):
    drug = only(encounter, f"PDT of the face for AKs. Applied by MA: {words}. Blue light by MA.", "photodynamic").drug
    assert (drug.name, drug.amount.value) == (name, Decimal(amount))


def test_therapy_that_is_only_talked_of_is_not_done(encounter):
    assert (
        only(encounter, "AKs of the scalp. Discussed PDT versus fluorouracil; he will think about it.", "photodynamic")
        is None
    )


@pytest.mark.parametrize(
    ("text", "modality"),
    [
        ("Narrowband UVB given today, 735 mJ, white petrolatum on the plaques before. Psoriasis.", "uvb_petrolatum"),
        ("NB-UVB session 12, 820 mJ/cm2, psoriasis. No petrolatum used.", "uvb"),
        ("Psoriasis: Goeckerman, crude coal tar then UVB exposure 3 min.", "uvb_tar"),
        ("PUVA: methoxsalen 40 mg two hours before, UVA dose 4 joules. CTCL.", "puva"),
        ("XTRAC excimer laser today to elbow plaques of psoriasis, 120 sq cm, 300 mJ.", "excimer_laser"),
    ],
)
def test_what_lay_under_the_light(encounter, text, modality):
    assert only(encounter, text, "phototherapy").modality == modality


def test_the_area_of_an_excimer_is_its_total(encounter):
    text = "308 nm excimer laser, psoriasis\narea map (sq cm)\n elbows ..... 115\n knees ..... 135\n scalp ..... 0 (not treated)\n TOTAL TREATED ..... 250\ntotal energy ..... 71 J"
    assert only(encounter, text, "phototherapy").area.value == Decimal(250)


@pytest.mark.parametrize(
    "text",
    [
        "Psoriasis. He asked about excimer for the shins; told to bring it up in May.",
        "Vitiligo. NB-UVB three times a week to be arranged at our sister site, not started today.",
    ],
)
def test_a_lamp_that_is_asked_about_treats_nobody(encounter, text):
    assert only(encounter, text, "phototherapy") is None


def test_a_missed_session_in_a_table_is_not_this_visit(encounter):
    text = "PHOTOTHERAPY RECORD NB-UVB, psoriasis\n11/3   9   610 mJ\n11/5   -   no show\n11/10  10  670 mJ  UVB given"
    assert only(encounter, text, "phototherapy") is not None
