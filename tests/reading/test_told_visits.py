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
