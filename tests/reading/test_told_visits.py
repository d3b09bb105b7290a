"""Visits in the words of other clinicians: how a disease stands, what was decided, on what data, at what risk."""

import pytest

from notecoder import code_note

CONTEXT = {
    "date_of_service": "2026-05-12",
    "payer": "medicare",
    "patient_status": "established",
    "place_of_service": "11",
}


def lines(text, **context):
    out = code_note(text, context=CONTEXT | context)
    return sorted(" ".join([line.code, *line.modifiers]) for line in out.lines if line.code != "G2211")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Psoriasis on secukinumab, two fresh plaques on the shins, not kept in check any longer. Secukinumab dropped, risankizumab ordered.", "99214"),
        ("Rosacea, papules are back on the cheeks. Metronidazole gel no longer enough; dose of doxycycline raised to 100 mg.", "99214"),
        ("Alopecia areata, the bald area has grown since January. Clobetasol discontinued, baricitinib begun.", "99214"),
        ("Hidradenitis: four new tunnels in the groin. Adalimumab stopped, bimekizumab applied for.", "99214"),
        ("Chronic urticaria, wheals daily, no relief from cetirizine. Omalizumab requested.", "99214"),
        ("Atopic dermatitis, quiet on dupilumab. Dose left as it is, refills issued.", "99213"),
        ("Acne, clear. Tretinoin kept up, script renewed.", "99213"),
        ("Melasma fading on hydroquinone. Cream stopped.", "99213"),
    ],
)  # fmt: skip
def test_how_it_stands_and_what_was_decided(text, code):
    """EM-P, EM-R-RX: the class by the note's own words, drug management by any verb, before or after the name."""
    assert lines(text) == [code]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Cellulitis of the left leg, temp 38.7 and rigors. Cephalexin commenced.", "99214"),
        ("Cellulitis of the left leg, denies fever, rigors or malaise. Cephalexin commenced.", "99213"),
        ("Pemphigus vulgaris, raw over half of the back, unable to swallow. Admission arranged today. CBC, CMP, ANA sent.", "99215"),
        ("Eczema of the hands not controlled; she is uninsured, so plain petrolatum for now.", "99214"),
    ],
)  # fmt: skip
def test_systemic_signs_threat_and_hardship(text, code):
    """EM-P, EM-R: fever with the infection, hospital care decided, treatment limited by circumstances."""
    assert lines(text) == [code]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Psoriasis clear on methotrexate. CBC, CMP gone over, both fine; repeat in 8 weeks for toxicity. Dose unchanged.", "99213"),
        ("Psoriasis clear on methotrexate. Dose unchanged.", "99213"),
        ("Psoriasis flaring on methotrexate. CBC, hepatic panel and creatinine drawn, again monthly for toxicity. Dose raised to 20 mg.", "99214"),
    ],
)  # fmt: skip
def test_tests_at_the_end_of_a_list(text, code):
    """EM-D: the verb behind a list of tests is for each of them."""
    assert lines(text) == [code]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Scalp psoriasis, thick again since the holidays and shedding onto her collar. Calcipotriene handed over to clobetasol foam nightly.", "99214"),
        ("Vitiligo creeping onto the hands. Ruxolitinib cream twice a day from now on.", "99214"),
        ("Psoriasis sits at 12% BSA with apremilast. Guselkumab will take its place.", "99214"),
        ("Psoriasis of the elbows, 2% BSA. Guselkumab will take its place.", "99213"),
        ("Lichen planus of the mouth, eating hurts. Dexamethasone rinse written.", "99214"),
        ("Onychomycosis, all ten toenails, not budging after ciclopirox for a year. Terbinafine 250 mg daily for 12 weeks.", "99214"),
    ],
)  # fmt: skip
def test_activity_with_a_stronger_treatment(text, code):
    """EM-P: what is told of an active disease, with another drug or more of it, is not at goal; extent alone says nothing."""
    assert lines(text) == [code]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Eczema, hands: smooth for months on tacrolimus. Same ointment, new tube ordered.", "99213"),
        ("Alopecia areata has filled in completely. Tofacitinib goes on at 5 mg.", "99213"),
        ("Acne under control with tretinoin, melasma faded with hydroquinone; both carried on for six months.", "99214"),
        ("Tinea pedis. Clotrimazole from the shelf.", "99213"),
        ("Nonhealing ulcer of the lower lip, possible squamous cell carcinoma. On warfarin. Wedge biopsy booked in the hospital clinic next Monday.", "99214"),
        ("Livedo and painful nodules of both legs for a month, query polyarteritis nodosa. ANA, ANCA, CBC ordered. No drug yet.", "99214"),
        ("I phoned her rheumatologist about the dermatomyositis, which is active; he raises the steroid. I changed nothing myself.", "99214"),
    ],
)  # fmt: skip
def test_decisions_without_the_usual_verbs(text, code):
    """EM-R-RX, EM-D, EM-R-SURG: the medicine as an object, the colleague on the phone, the doubt about a dangerous disease."""
    assert lines(text) == [code]


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("Three plantar warts frozen. On another note, her eczema is calm with crisaborole; new script for it.", ["17110", "99213 25"]),
        ("Punch biopsy 4 mm, left shin plaque. Second matter: cold sores monthly, clean lips today, valacyclovir to have at home.", ["11104", "99213 25"]),
        ("Three plantar warts frozen. Psoriasis known, not looked at.", ["17110"]),
        ("Warts x4 frozen on the fingers. Acne noted, on tretinoin from his other doctor.", ["17110"]),
        ("Shave biopsy left arm papule. Mupirocin to the site twice daily, call with the result.", ["11102"]),
        ("Abscess of the left axilla incised and drained. Doxycycline 100 mg twice daily for a week.", ["10060"]),
    ],
)  # fmt: skip
def test_beside_a_procedure(text, claim):
    """M25: another problem with a decision of its own is a visit; what is only noted, or belongs to the wound, is none."""
    assert lines(text) == claim
