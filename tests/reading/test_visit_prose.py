"""Visits told in free words: the problem without a plan heading, the drug named before, the danger not ruled out."""

from __future__ import annotations

import pytest

from notecoder import code_note

CONTEXT = {
    "date_of_service": "2026-05-12",
    "payer": "medicare",
    "patient_status": "established",
    "place_of_service": "11",
}


def visit_of(text: str, status: str = "established") -> list[str]:
    """The visit lines of a note with their modifiers."""
    result = code_note(text, context={**CONTEXT, "patient_status": status})
    return [" ".join([line.code, *line.modifiers]) for line in result.lines if line.code.startswith("992")]


ALONE = [
    # EM-P, EM-R-RX: a lasting disease and its drug, neither under a heading
    ("Fourth visit for the rosacea. Skin calm all spring. Metronidazole gel no longer needed, stopped.", "99213"),
    # two stable tests looked at and repeated: LOW data, LOW problem, HIGH risk (vector 10)
    (
        "Azathioprine for dermatitis herpetiformis, skin quiet. CBC and hepatic panel looked over; both again each month for toxicity.",
        "99213",
    ),
    # EM-P: a dangerous disease not ruled out is an undiagnosed problem; three tests
    (
        "Purple net-like patches on both thighs, cause unknown, possible vasculitis. Ordered ANA, CBC and CMP. Nothing prescribed.",
        "99214",
    ),
    # NED surveillance of a treated cancer without a drug or test (vector 18)
    (
        "Invasive melanoma of the left arm 2023, excised. Full skin exam and nodes: no recurrence. Surveillance every 6 months.",
        "99212",
    ),
    # EM-R-SURG: a decision about surgery on another day, with its risk factor
    (
        "Squamous cell carcinoma of the scalp on the report. Compared excision, radiation and Mohs; he takes warfarin, weighed as a bleeding risk. Mohs set for June 3.",
        "99214",
    ),
    # EM-D category 3: discussion with an outside clinician; a call to a colleague is no visit by telephone
    (
        "Spoke by phone with her outside rheumatologist about the discoid lupus, which keeps spreading. No new drug; sunscreen.",
        "99214",
    ),
    # lists of the chart make no problem and no drug of today (EM-P-00)
    (
        "Exam for actinic field, clear, observe. Current medications: allopurinol, triamcinolone cream from 2020. Problem list: gout, rosacea.",
        "99212",
    ),
    # a drug alone stands for its problem (EM-R-RX)
    ("Secukinumab, month 9. Skin almost clear, IGA 1. Will remain on 300 mg every month, renewal sent.", "99213"),
    # severity and fever stand before the diagnosis (EM-P)
    (
        "Left shin hot and swollen, temp 38.7 since yesterday. Cellulitis. Cephalexin 500 mg four times daily started.",
        "99214",
    ),
    (
        "Generalized pustules, unable to stand, 90 % of the skin. Cyclosporine begun; CBC, CMP and lipids today, creatinine every 2 weeks for toxicity.",
        "99215",
    ),
    # a biopsy that somebody else is to do, booked, on an anticoagulant (EM-R-SURG)
    (
        "Lentigo maligna suspected, right temple, melanoma in the differential. Apixaban noted as a bleeding risk; incisional biopsy by plastics, booked for Friday.",
        "99214",
    ),
    # the lesions of a disease are no problem of their own
    (
        "Here about the acne. Half better on tretinoin but cysts continue on the back. Doxycycline 100 mg prescribed.",
        "99214",
    ),
    # the bare name of the drug at the end of the line
    ("Impetigo of the chin, mupirocin.", "99213"),
    # a social barrier changed the treatment
    ("Homeless, no way to keep etanercept cold; psoriasis is back on both arms. Methotrexate instead.", "99214"),
    # time alone: the disease was talked over (EM-T)
    (
        "Spent 41 minutes today by myself on chart review, exam, talk on lichen planus and this note. No treatment.",
        "99215",
    ),
]


@pytest.mark.parametrize(("text", "code"), ALONE)
def test_a_visit_told_without_a_heading(text: str, code: str) -> None:
    assert visit_of(text) == [code]


BESIDE = [
    "Besides the shave biopsy of the right temple I looked at the scalp. Seborrheic dermatitis, scaling more, ketoconazole 2% shampoo prescribed.",
    "LN2 x 6 AKs. Melanoma surveillance: full skin exam clear, nodes negative, every 3 months because of stage IIB.",
    "Dear Paul, I took a punch biopsy from the patch on her thigh. At the same sitting we dealt with her hives, daily and not relieved by loratadine; I have ordered omalizumab.",
    "Shave removal of an irritated nevus, right flank, 6 mm. The visit was also about psoriasis, plaques back on both elbows; clobetasol ointment restarted.",
    "LN2 to 3 AKs, forehead. Her second worry: shedding for three months, pull test positive, telogen effluvium. Ordered ferritin, TSH and vitamin D.",
]


@pytest.mark.parametrize("text", BESIDE)
def test_another_problem_beside_a_procedure_earns_25(text: str) -> None:
    """2.4: a complaint or finding of its own, an assessment, and management apart from the procedure."""
    assert all(line.endswith("25") for line in visit_of(text))
    assert len(visit_of(text)) == 1


NO_VISIT = [
    "Acne surgery, 12 comedones, at her standing appointment. Tretinoin at home, nothing changed.",
    "Two tags clipped from the neck for catching. Psoriasis on the chart from 2012.",
    "Biopsy of the lip today. Old note: eczema flaring, start clobetasol.",
    "Here only for LN2 to 4 warts, left hand, 8 s each. Rosacea quiet on metronidazole gel, no change made.",
    "Shave biopsy of a pink papule, left cheek, rule out basal cell carcinoma. Wound care gone over, will call with the report.",
    "Booked for punch biopsy of the thigh, 4 mm, done, one suture. Med list shows dupilumab and methotrexate.",
    "LN2 to 5 AKs, scalp. Hx melanoma of the back 2015. Sunscreen daily, back in six months.",
]


@pytest.mark.parametrize("text", NO_VISIT)
def test_what_is_only_told_beside_a_procedure_is_no_visit(text: str) -> None:
    """C1, C2, C6: a booked procedure, a list, a word in passing."""
    assert visit_of(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Incision biopsy, wedge to fat, left thigh plaque, rule out panniculitis.",
        "Incisional biopsy of the left thigh plaque, rule out panniculitis.",
    ],
)
def test_an_incision_biopsy_by_either_word(text: str) -> None:
    assert [line.code for line in code_note(text, context=CONTEXT).lines] == ["11106"]


def test_a_date_of_the_report_is_not_the_date_of_the_treatment() -> None:
    """The report that is named before the treatment keeps its date to itself."""
    result = code_note("BCC of the upper back (path 4/20): ED&C, 0.9 cm after curettage.", context=CONTEXT)
    assert [line.code for line in result.lines] == ["17261"]


@pytest.mark.parametrize(
    "text",
    [
        "SCC of the right shin on biopsy. We compared excision and Mohs; she settled on Mohs next Tuesday.",
        "BCC, left cheek. Excision is on the calendar for June 3.",
        "Bowen disease, hand. Excision agreed for September.",
    ],
)
def test_surgery_with_a_day_to_come_is_not_done(text: str) -> None:
    assert not [line.code for line in code_note(text, context=CONTEXT).lines if not line.code.startswith("992")]


def diagnoses_of_visit(text: str) -> list[tuple[str, ...]]:
    result = code_note(text, context=CONTEXT)
    return [tuple(line.diagnoses) for line in result.lines if line.code.startswith("992")]


def test_stitches_to_come_are_of_the_wound_not_of_the_last_problem() -> None:
    """The follow-up line under the last problem speaks of the biopsy; the cancer of the past stays looked after (4.8)."""
    text = (
        "HPI: Skin check. History of basal cell carcinoma of the nose, treated in 2019, no recurrence noticed. Acne still bothersome.\n"
        "EXAM: Nose without recurrence. Face: papules. Right calf: 7 mm dark macule.\n"
        "ASSESSMENT AND PLAN:\n"
        "1. Atypical nevus versus melanoma, right calf. Punch biopsy 6 mm today, two nylon stitches.\n"
        "2. Acne vulgaris, not at goal. Start doxycycline 100 mg twice a day.\n"
        "3. History of basal cell carcinoma of the nose: no sign of recurrence.\n\n"
        "FOLLOW-UP: Suture removal in two weeks. Skin check in twelve months."
    )
    assert diagnoses_of_visit(text) == [("L70.0", "Z08", "Z85.828")]


def test_what_a_disease_was_taken_for_is_not_diagnosed() -> None:
    text = (
        "Dear colleague, her itch was taken for eczema last winter and two creams made no difference. "
        "She has plaque psoriasis of the elbows and knees, spreading. I started calcipotriene cream."
    )
    assert diagnoses_of_visit(text) == [("L40.0",)]
