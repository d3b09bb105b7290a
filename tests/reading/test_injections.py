"""Injections into lesions, under the skin and into muscle; toxin, filler; the drug, how much and what was thrown away."""

from decimal import Decimal

import pytest


def all_of(encounter, text, kind):
    return [p for p in encounter(text).procedures if p.kind == kind and p.act.status == "performed"]


@pytest.mark.parametrize(
    ("text", "count", "mg"),
    [
        ("Keloids of the chest x3. ILK 10 mg/cc, 0.6 cc total.", 3, "6"),
        ("Alopecia areata: 9 patches of the scalp injected with Kenalog-5, 3 mL.", 9, "15"),
        (
            "Two keloids, chest and shoulder. Injected today: triamcinolone 40 mg/mL, 0.4 mL into the chest keloid and 0.3 mL into the shoulder one.",
            2,
            "28",
        ),
        (
            "Keloid of the sternum injected with 0.6 mL of triamcinolone acetonide at 20 mg/mL, 12 mg in all, made up from a multi-dose vial of Kenalog-40.",
            1,
            "12",
        ),
        ("L axilla: 4 inflamed nodules -> ILK 10/cc, 0.8 cc total (8 mg), multi-dose vial K10.", 4, "8"),
    ],
)
def test_lesions_and_milligrams(encounter, text, count, mg):
    fact = all_of(encounter, text, "intralesional")[0]
    assert (fact.count.value, fact.drug.amount.value) == (count, Decimal(mg))


def test_several_without_a_number_is_plural(encounter):
    fact = all_of(
        encounter, "Alopecia areata. ILTAC 5 mg/ml, 2 ml in total, to several patches of the scalp.", "intralesional"
    )[0]
    assert (fact.count, fact.plural) == (None, True)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("The lesion was injected with 1% lidocaine and excised. Nevus of the back.", "the anesthetic"),
        ("Keloid of the ear: intralesional steroid discussed, declined.", "declined"),
        ("Lumbar epidural steroid injections last year did not help.", "another specialty, in the past"),
        ("Here for her planned injection series; nothing injected today as the keloid is infected.", "not done"),
    ],
)
def test_near_misses_are_no_injection_of_a_lesion(encounter, text, why):
    assert all_of(encounter, text, "intralesional") == [], why


def test_a_record_tells_given_diluted_and_discarded_apart(encounter):
    text = (
        "INTRALESIONAL INJECTION RECORD\nDx: alopecia areata\nPatch count ..... 9\nname ..... triamcinolone acetonide (Kenalog-40)\n"
        "container ..... 1 mL SINGLE-DOSE vial, 40 mg/mL\ndiluted ..... + 7 mL saline -> 5 mg/mL, 8 mL\ngiven ..... 4 mL = 20 mg\ndiscarded ..... 4 mL = 20 mg"
    )
    drug = all_of(encounter, text, "intralesional")[0].drug
    assert (drug.amount.value, drug.wasted.value, drug.container.value) == (Decimal(20), Decimal(20), "single_dose")


@pytest.mark.parametrize(
    ("text", "mg"),
    [
        ("Poison ivy. Kenalog 40 mg IM given in the right glute.", "40"),
        (
            "Dose ordered: 30 mg IM   Given: 30 mg (0.75 mL) of triamcinolone 40 mg/mL, R ventrogluteal. Poison oak.",
            "30",
        ),
    ],
)
def test_into_muscle(encounter, text, mg):
    fact = all_of(encounter, text, "drug_injection")[0]
    assert (fact.route, fact.drug.amount.value) == ("im", Decimal(mg))


@pytest.mark.parametrize(
    "text",
    [
        "Atopic dermatitis: dupilumab 300 mg every 2 weeks, self-injects at home.",
        "Arixtra 2.5 mg subcutaneously daily until discharge.",
    ],
)
def test_what_is_injected_at_home_is_not_given_here(encounter, text):
    assert all_of(encounter, text, "drug_injection") == []


@pytest.mark.parametrize(
    "text",
    [
        "Primary axillary hyperhidrosis. OnabotulinumtoxinA: one single-use 100-unit vial; 50 units R axilla, 50 units L axilla. Nothing left over.",
        "Hyperhidrosis\nR axilla   50 U / 16 points\nL axilla   50 U / 16 points\nPalms   0 U - deferred\nProduct   Botox 100 U vial, single-dose\nUnits wasted   0 - entire vial injected",
    ],
)
def test_toxin_of_both_sides_is_one_region(encounter, text):
    found = all_of(encounter, text, "chemodenervation")
    assert [(p.target.site.key, len(p.target.more_sites)) for p in found] == [("axilla", 1)]
    assert (found[0].drug.amount.value, found[0].drug.wasted.value) == (Decimal(100), Decimal(0))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Botulinum toxin injection of the wrist flexors for spasticity.", "no work of the skin"),
        ("Loose stools; C. difficile toxin was ordered.", "another toxin"),
        ("Glabellar toxin requested: told cosmetic, not done.", "not done"),
    ],
)
def test_near_misses_of_toxin(encounter, text, why):
    assert all_of(encounter, text, "chemodenervation") == [], why


def test_filler_for_lipoatrophy_keeps_its_weight(encounter):
    text = "Facial lipoatrophy due to HIV. Sculptra (poly-L-lactic acid) 150 mg/vial, single-use, vials 2; full contents of both injected = 300 mg; discarded 0."
    fact = all_of(encounter, text, "filler")[0]
    assert (fact.lipoatrophy.value, fact.drug.amount.value, fact.drug.wasted.value) == (True, Decimal(300), Decimal(0))


@pytest.mark.parametrize(
    ("text", "term"),
    [
        (
            "Keloids. Itchy, mid chest 2 cm. Intralesional Kenalog 40 mg/mL, 0.5 mL to the mid chest. "
            "The risks of atrophy and hypopigmentation were reviewed.",
            "keloid",
        ),
        (
            "Dx: alopecia areata. Hands: dyshidrotic eczema, fluocinonide ointment.\nI injected five scalp patches with "
            "triamcinolone 5 mg/mL, 1.5 mL.",
            "alopecia_areata",
        ),
    ],
)
def test_an_injected_lesion_has_the_condition_steroid_is_put_into(encounter, text, term):
    """10.2: not the itch, not the risk talked over, not the other rash of the day."""
    fact = all_of(encounter, text, "intralesional")[0]
    assert [d.term for d in fact.target.diagnoses] == [term]
