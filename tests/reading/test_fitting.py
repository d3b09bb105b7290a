"""The condition an act was done for: procedures 8.1, 10.2, 10.6, 10.7, NL-02, IL-01, CY-03 and em_dx 4.2, 4.8."""

import pytest


def sure(encounter, text, kind):
    """The established conditions of the first performed procedure of a kind."""
    done = [p for p in encounter(text).procedures if p.kind == kind and p.act.status == "performed"]
    assert done, text
    return [d.term for d in done[0].target.diagnoses if d.certainty in ("stated", "pathology")]


@pytest.mark.parametrize(
    ("text", "kind", "term"),
    [
        (
            "XTRAC excimer laser today, 308 nm, 120 sq cm, 300 mJ, elbows. Dx plaque psoriasis.\n"
            "MD note. She also shows me a rash around the mouth. Perioral dermatitis. Metronidazole cream twice a day.",
            "phototherapy", "plaque_psoriasis",
        ),
        (
            "Order of 2/24/26: narrowband UVB, chronic plaque psoriasis of the trunk.\nSession 14: cabinet, 311 nm, 1,020 mJ/cm2, 3 min.",
            "phototherapy", "plaque_psoriasis",
        ),
        (
            "Thick nails hurt. Left great toe: lateral border embedded.\nDx 1 ingrown toenail 2 onychomycosis\n"
            "Lateral strip avulsed; matrix horn curetted, phenol 89% 3 x 30 s.",
            "nail", "ingrown_nail",
        ),
        ("L hallux lateral border IGTN. Digital block. Lateral plate avulsed, phenol to the matrix.", "nail", "ingrown_nail"),
        (
            "Left second toe: nail thick, dystrophic and loose. Toe blocked, plate avulsed whole. No phenol.",
            "nail", "nail_dystrophy",
        ),
        (
            "WART INJECTION. Plantar warts only, right heel 2. Callus thinned so the needle would pass.\n"
            "Intralesional bleomycin 1 unit/mL, 0.4 and 0.3 mL. Hand warts from 2024 gone.",
            "intralesional", "plantar_wart",
        ),
        (
            "Acne about the same.\nSternum 4.1 cm firm pink keloid. Left deltoid 1.2 cm keloid.\nAcne, stable.\n"
            "Intralesional triamcinolone 40 mg/mL: sternum 0.5, deltoid 0.2 mL.",
            "intralesional", "keloid",
        ),
        (
            "Puncture wound of the left forearm with a wooden foreign body. Hole extended with a blade, splinter pulled out with a clamp.",
            "foreign_body", "puncture_wound_with_foreign_body",
        ),
        (
            "R palm, wood splinter under intact skin. 4 mm incision, sliver lifted out with a mosquito clamp.",
            "foreign_body", "foreign_body_under_skin",
        ),
        (
            "L shin hematoma, fluctuant, fence post hit it. 18g needle aspiration, 12 cc old blood.\nAKs on the scalp noted, come back.",
            "aspiration", "contusion_with_hematoma",
        ),
        (
            "DIAGNOSIS: Epidermal inclusion cyst, back of the neck.\nThe cyst measured 2.2 cm, midline of the nape. "
            "The skin was opened full thickness and the cyst was dissected out with its wall intact.",
            "excision", "epidermal_inclusion_cyst",
        ),
    ],
)  # fmt: skip
def test_each_act_has_the_condition_it_is_done_for(encounter, text, kind, term):
    assert sure(encounter, text, kind)[:1] == [term]


def test_two_kinds_of_cyst_leave_the_cyst_as_it_is_called(encounter):
    text = (
        "Pilar cyst of the scalp, left alone. Epidermal inclusion cyst of the chest, left alone.\n"
        "The cyst of the left thigh measured 2 cm; it was excised with its wall."
    )
    assert sure(encounter, text, "excision")[:1] == ["cyst_of_skin_unspecified"]


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        ("Cut on glass, sewn at urgent care 9 days ago, left forearm.", [("laceration", True)]),
        ("Mole of the left calf removed by a surgeon at another practice.", []),
    ],
)
def test_stitches_of_an_injury_close_an_injury_that_heals(encounter, story, expected):
    found = encounter(f"{story} Healed. 4 nylon sutures removed today.").procedures
    item = next(p for p in found if p.kind == "suture_removal")
    assert [(d.term, d.subsequent) for d in item.target.diagnoses if d.term == "laceration"] == expected


def test_a_reconstruction_carries_the_cancer_that_another_surgeon_cleared(encounter):
    text = (
        "Reconstruction of the right nasal rim. The tumor (basal cell carcinoma, right alar rim) was cleared yesterday by "
        "the Mohs unit of another group. A composite graft of skin and cartilage from the left ear was sewn in."
    )
    assert sure(encounter, text, "graft")[:1] == ["basal_cell_carcinoma"]


def test_cancers_of_other_years_are_not_what_is_operated_on(encounter):
    text = (
        "PREOPERATIVE DIAGNOSIS: Basal cell carcinoma, left nasal ala, biopsy proven.\n\n"
        "He has had two basal cells before, one on the back in 2011 and one on the right ear in 2018.\n"
        "Mohs surgery. Stage 1, two blocks, positive. Stage 2, one block, clear.\n"
        "A bilobed flap was drawn. The two lobes were elevated and transposed into the wound."
    )
    stages = next(p for p in encounter(text).procedures if p.kind == "mohs")
    assert stages.target.site.key == "nasal_ala"


def test_an_itch_is_no_condition_of_a_growth_that_is_sampled(encounter):
    text = "Itchy spot, left calf. Left calf 8 mm pink papule. Growth, left calf: SCC vs prurigo.\nTangential biopsy of the left calf papule done."
    assert sure(encounter, text, "biopsy") == []


def test_keratoses_frozen_elsewhere_are_not_the_mole_that_was_shaved(encounter):
    text = (
        "Scalp, left parietal: papillomatous nevus. Left forearm gritty AK.\nA) Benign nevus, left parietal scalp. Actinic keratoses x2.\n"
        "P) Shave removal of the nevus. Cryotherapy of the two AKs."
    )
    assert sure(encounter, text, "shave")[:1] == ["melanocytic_nevus"]


def test_a_blistering_eruption_is_what_the_skin_was_sampled_for(encounter):
    text = (
        "Blistering eruption, suspect bullous pemphigoid.\nTense bullae of both thighs.\n"
        "Punch biopsy, left thigh, edge of an intact bulla, 4 mm."
    )
    assert sure(encounter, text, "biopsy") == ["other_skin_change"]


@pytest.mark.parametrize(
    ("text", "kind", "term"),
    [
        (
            "Chronic patchy eruption 6 yrs.\nL medial thigh: indurated plaque. R/o CTCL.\nL medial thigh: deep incisional biopsy, wedge of plaque into fat.",
            "biopsy", "rash",
        ),
        (
            "Problem: Alopecia, AA vs LPP; histology needed.\nPunch biopsy, scalp vertex, 4 mm.\n"
            "Not performed: cryotherapy, 3 AKs of the frontal scalp, deferred by the patient.",
            "biopsy", "alopecia_unspecified",
        ),
        ("Molluscum contag. R axilla 6. Keratosis pilaris of the arms noted.\nCantharidin applied to 6 lesions.", "destruction", "molluscum_contagiosum"),
        ("Warts R index x2, L thumb x1.\nA: VV hands.\nP: LN2 3 warts, 2 cycles.", "destruction", "common_wart"),
    ],
)  # fmt: skip
def test_an_eruption_or_the_closer_name_is_what_was_treated(encounter, text, kind, term):
    assert sure(encounter, text, kind)[:1] == [term]


@pytest.mark.parametrize(
    ("words", "certainty"),
    [
        ("A 2 cm abscess of the back (not a known cyst).", "negated"),
        ("I worry about squamous cell of the lip.", "uncertain"),
    ],
)
def test_what_is_feared_or_denied_is_not_there(page, words, certainty):
    """HC-10."""
    found = {d.term: d.certainty for m in page(words).marks for d in m.diagnoses}
    assert certainty in found.values()
    assert "pathology" not in found.values()


def test_scars_that_were_not_injected_are_not_injected(encounter):
    text = "Keloids.\nExam: left earlobe 1.1 cm nodule. Chin: flat soft scars, not injected.\nIntralesional triamcinolone 40 mg/mL, left earlobe 0.2 mL."
    done = [p for p in encounter(text).procedures if p.kind == "intralesional" and p.act.status == "performed"]
    assert [p.target.site.key for p in done] == ["ear_lobe"]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("Chronic ulcer of the right calf, limited to breakdown of skin.", ["chronic_ulcer_of_calf_skin"]),
        ("Chronic ulcer of the right shin, fat layer exposed.", ["chronic_ulcer_of_shin_fat"]),
        ("Chronic ulcer of the right ankle, fat not exposed.", ["chronic_ulcer_skin"]),
        ("Chronic ulcer of the right lower leg.", ["chronic_ulcer_depth_open"]),
        (
            "Chronic venous insufficiency with ulcer of the right calf, breakdown of skin only.",
            ["chronic_venous_insufficiency", "chronic_ulcer_of_calf_skin"],
        ),
    ],
)  # fmt: skip
def test_an_ulcer_is_told_by_its_part_of_the_leg_and_its_depth_behind_its_cause(encounter, told, expected):
    """L97: the underlying condition first; the sixth character is the depth the note states."""
    text = f"{told}\nSharp debridement of slough from the whole ulcer with a curette, 12 sq cm."
    assert sure(encounter, text, "debridement") == expected
