"""Expected codes: the test vectors of em_dx 4.13 and the site tables of 4.5; titles are in the public tabular list."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from notecoder.codebook import Codebook
from notecoder.evidence import Evidence
from notecoder.facts import Conflict, Diagnosis, Digit, Encounter, Site, Target
from notecoder.rules.diagnoses import assign, by_noun, code_of, lesion_code
from notecoder.rules.draft import Concern, GapDraft, LineDraft

TODAY = Codebook.on(date(2026, 11, 10))


def site(key: str, side: Any = None, part: Any = None) -> Site:
    return Site(key=key, side=side, part=part)


def digit(key: str, side: Any, number: int) -> Site:
    limb: Any = "hand" if key.startswith("finger") else "foot"
    return Site(key=key, side=side, digit=Digit(limb=limb, side=side, number=number))


def test_an_injury_that_heals_after_its_treatment_ends_in_d() -> None:
    """4.8: aftercare of an injury keeps the injury code with the seventh character D."""
    wound = Diagnosis(term="laceration", subsequent=True)
    found = code_of(wound, codebook=TODAY, site=site("forearm", "left"))
    assert found is not None and found.codes == ("S51.812D",)
    mole = code_of(Diagnosis(term="melanocytic_nevus", subsequent=True), codebook=TODAY, site=site("back"))
    assert mole is not None and mole.codes == ("D22.5",)


@pytest.mark.parametrize(
    ("term", "where", "codes"),
    [
        ("basal_cell_carcinoma", site("nasal_ala", "right"), ("C44.311",)),
        ("basal_cell_carcinoma", site("canthus", "left"), ("C44.111",)),
        ("basal_cell_carcinoma", site("eyelid", "right", "lower"), ("C44.1122",)),
        ("squamous_cell_carcinoma_of_skin", site("hand", "left"), ("C44.629",)),
        ("squamous_cell_carcinoma_in_situ", site("cheek", "right"), ("D04.39",)),
        ("squamous_cell_carcinoma_in_situ", site("lower_leg", "left"), ("D04.72",)),
        ("squamous_cell_carcinoma_in_situ", site("penis"), ("D07.4",)),
        ("squamous_cell_carcinoma_in_situ", site("lip_vermilion", None, "lower"), ("D00.01",)),
        ("squamous_cell_carcinoma_of_skin", site("lip_vermilion", None, "lower"), ("C00.1",)),
        ("squamous_cell_carcinoma_of_lip_vermilion", site("lip_vermilion", None, "upper"), ("C00.0",)),
        ("squamous_cell_carcinoma_of_skin", site("lip_cutaneous", None, "upper"), ("C44.02",)),
        ("malignant_melanoma_of_skin", site("back", "left"), ("C43.59",)),
        ("malignant_melanoma_of_skin", site("nose"), ("C43.31",)),
        ("melanoma_in_situ", site("cheek", "left"), ("D03.39",)),
        ("melanoma_in_situ", site("nose"), ("D03.39",)),
        ("melanoma_in_situ", site("ear", "right"), ("D03.21",)),
        ("atypical_dysplastic_nevus", site("lower_leg", "right"), ("D22.71",)),
        ("severely_dysplastic_nevus", site("back"), ("D22.5",)),
        ("melanocytic_nevus", site("vulva"), ("D28.0",)),
        ("neoplasm_of_uncertain_behavior_of_skin", site("thigh", "left"), ("D48.5",)),
        ("neoplasm_of_unspecified_behavior_of_skin", site("forearm", "right"), ("D49.2",)),
        ("neoplasm_of_unspecified_behavior_of_skin", site("scrotum"), ("D49.59",)),
        ("inflamed_seborrheic_keratosis", site("temple", "left"), ("L82.0",)),
        ("actinic_keratosis", site("scalp"), ("L57.0",)),
        ("lipoma", site("arm", "left"), ("D17.22",)),
        ("lipoma", site("forehead"), ("D17.0",)),
        ("foreign_body_under_skin", site("thigh", "right"), ("S70.351A",)),
        ("foreign_body_under_skin", site("palm", "right"), ("S60.551A",)),
        ("puncture_wound_with_foreign_body", site("forearm", "left"), ("S51.842A",)),
        ("laceration_with_foreign_body", site("forearm", "left"), ("S51.822A",)),
        ("contusion_with_hematoma", site("lower_leg", "left"), ("S80.12XA",)),
        ("subungual_hematoma", digit("fingernail", "left", 2), ("S60.122A",)),
        ("subungual_hematoma", digit("toenail", "left", 2), ("S90.222A",)),
        ("subungual_hematoma", digit("toenail", "right", 1), ("S90.211A",)),
        ("subungual_hematoma", site("fingernail"), ("S60.10XA",)),
        ("chronic_venous_hypertension_with_ulcer", site("lower_leg", "right"), ("I87.311",)),
        ("chronic_ulcer_of_calf_skin", site("lower_leg", "right"), ("L97.211",)),
        ("chronic_ulcer_of_calf_fat", site("lower_leg", "right"), ("L97.212",)),
        ("chronic_ulcer_skin", site("ankle", "left"), ("L97.321",)),
        ("chronic_ulcer_depth_open", site("lower_leg", "right"), ("L97.919",)),
        ("essential_hypertension", None, ("I10",)),
        ("wasp_sting", site("wrist", "right"), ("T63.461A",)),
        ("cutaneous_abscess", site("axilla", "left"), ("L02.412",)),
        ("cutaneous_abscess", site("flank", "right"), ("L02.217",)),
        ("cutaneous_abscess", site("finger", "right"), ("L02.511",)),
        ("paronychia_of_finger", site("fingernail", "right"), ("L03.011",)),
        ("cellulitis", site("hand", "left"), ("L03.114",)),
        ("cellulitis", site("toe", "left"), ("L03.032",)),
        ("localized_skin_mass_or_lump", site("thigh", "bilateral"), ("R22.43",)),
        ("localized_skin_mass_or_lump", site("neck"), ("R22.1",)),
        ("localized_skin_mass_or_lump", site("scalp"), ("R22.0",)),
        ("hyperhidrosis_focal", site("palm", "bilateral"), ("L74.512",)),
        ("xanthelasma", site("eyelid", "left"), ("H02.66",)),
        ("dermatofibroma", site("forearm", "bilateral"), ("D23.62", "D23.61")),
        ("digital_mucous_cyst", site("finger", "left"), ("M67.442",)),
        ("neurofibroma", site("forearm", "left"), ("D36.12",)),
    ],
)  # fmt: skip
def test_condition_at_a_site_has_its_code(term: str, where: Site, codes: tuple[str, ...]) -> None:
    coded = code_of(Diagnosis(term=term, site=where), codebook=TODAY)
    assert coded is not None
    assert coded.codes == codes
    assert all(TODAY.icd10_valid(code) for code in codes)


@pytest.mark.parametrize(
    ("noun", "sampled", "code"),
    [
        ("lesion", True, "@D49"),
        ("lesion", False, "L98.9"),
        ("pigmented macule", True, "@D49"),
        ("tender nodule", True, "@D49"),
        ("nodule", False, "@R22"),
        ("subcutaneous nodule", True, "@R22"),
        ("soft mass", True, "@R22"),
        ("mole", True, "@D22"),
        ("papular eruption", True, "R21"),
        ("tense blister", True, "R23.8"),
        ("hair loss", False, "L65.9"),
        (None, True, "@D49"),
        (None, False, "L98.9"),
    ],
)  # fmt: skip
def test_unnamed_finding_is_coded_by_what_it_is_called(noun: str | None, sampled: bool, code: str) -> None:
    """4.4 and HC-10."""
    assert by_noun(noun, codebook=TODAY, sampled=sampled) == code


def test_doubt_is_never_coded() -> None:
    """DX-UNC: "r/o melanoma vs atypical nevus", called mole: D22.5; called lesion: D49.2."""
    doubt = Diagnosis(term="malignant_melanoma_of_skin", certainty="uncertain")
    for noun, code in (("mole", "D22.5"), ("lesion", "D49.2")):
        target = Target(id="1", site=site("back"), diagnoses=(doubt,), noun=noun)
        coded = lesion_code(target, codebook=TODAY, sampled=True)
        assert coded is not None and coded.codes == (code,)


def test_pathology_outranks_the_clinician() -> None:
    """4.3: a final report on the chart is codable."""
    stated = Diagnosis(term="melanocytic_nevus")
    report = Diagnosis(term="melanoma_in_situ", certainty="pathology")
    target = Target(id="1", site=site("lower_leg", "right"), diagnoses=(stated, report))
    coded = lesion_code(target, codebook=TODAY, sampled=True)
    assert coded is not None and coded.codes == ("D03.71",)


def test_history_and_denial_are_not_the_lesions_diagnosis() -> None:
    for certainty in ("history", "negated"):
        past = Diagnosis(term="basal_cell_carcinoma", certainty=certainty)  # type: ignore[arg-type]
        target = Target(id="1", site=site("nose"), diagnoses=(past,), noun="papule")
        coded = lesion_code(target, codebook=TODAY, sampled=True)
        assert coded is not None and coded.codes == ("D49.2",)


def test_carbuncle_of_the_flank_from_october_2026() -> None:
    """4.13: FY2027 code from 2026-10-01."""
    carbuncle = Diagnosis(term="carbuncle", site=site("flank"))
    for day, code in ((date(2026, 10, 5), "L02.237"), (date(2026, 9, 30), "L02.239")):
        book = Codebook.on(day)
        coded = code_of(carbuncle, codebook=book)
        assert coded is not None and coded.codes == (code,) and book.icd10_valid(code)


def line(target: Target, *, sampled: bool = True) -> LineDraft:
    return LineDraft("11102", targets=(target.id,), lesions=(target,), sampled=sampled)


def test_missing_side_takes_the_unspecified_row_and_a_question() -> None:
    """DX-ORD 3."""
    target = Target(id="1", site=site("forearm"), diagnoses=(Diagnosis(term="basal_cell_carcinoma"),))
    draft = line(target)
    findings = list(assign(draft, Encounter(), TODAY))
    assert draft.codes10 == ["C44.611"]
    assert [found.element for found in findings if isinstance(found, GapDraft)] == ["lesion.laterality"]


def test_side_in_conflict_takes_the_unspecified_row_without_a_second_question() -> None:
    """ehr-019: D04.60; note.conflict alone stands for a contradiction."""
    target = Target(id="1", site=site("hand", "left"), diagnoses=(Diagnosis(term="squamous_cell_carcinoma_in_situ"),))
    conflict = Conflict(about="side of the hand lesion", subject="side", target="1", affects="diagnosis")
    draft = line(target)
    assert list(assign(draft, Encounter(conflicts=(conflict,)), TODAY)) == []
    assert draft.codes10 == ["D04.60"]


def test_eyelid_without_upper_or_lower_asks_for_the_part() -> None:
    target = Target(id="1", site=site("eyelid", "right"), diagnoses=(Diagnosis(term="basal_cell_carcinoma"),))
    draft = line(target)
    findings = list(assign(draft, Encounter(), TODAY))
    assert draft.codes10 == ["C44.111"]
    assert [found.element for found in findings if isinstance(found, GapDraft)] == ["lesion.site"]


def test_severely_dysplastic_nevus_goes_to_a_person() -> None:
    target = Target(id="1", site=site("back"), diagnoses=(Diagnosis(term="severely_dysplastic_nevus"),))
    draft = line(target)
    findings = list(assign(draft, Encounter(), TODAY))
    assert draft.codes10 == ["D22.5"]
    assert [found.disposition for found in findings if isinstance(found, Concern)] == ["review"]


def test_line_points_to_its_lesions_in_order_and_to_four_at_most() -> None:
    terms = ("common_wart", "plantar_wart", "molluscum_contagiosum", "anogenital_wart", "skin_tag")
    lesions = tuple(Target(id=term, site=site("thigh", "left"), diagnoses=(Diagnosis(term=term),)) for term in terms)
    draft = LineDraft("17110", targets=terms, lesions=lesions)
    list(assign(draft, Encounter(), TODAY))
    assert draft.codes10 == ["B07.8", "B07.0", "B08.1", "A63.0"]


def test_family_that_sets_its_codes_is_left_alone() -> None:
    draft = LineDraft("99213", codes10=["L40.0"])
    assert list(assign(draft, Encounter(), TODAY)) == []
    assert draft.codes10 == ["L40.0"]


def test_abscess_with_cellulitis_reports_both() -> None:
    """4.7."""
    both = (Diagnosis(term="cutaneous_abscess"), Diagnosis(term="cellulitis"))
    target = Target(id="1", site=site("thigh", "left"), diagnoses=both)
    draft = line(target)
    list(assign(draft, Encounter(), TODAY))
    assert draft.codes10 == ["L02.416", "L03.116"]


def test_diagnosis_step_cites_the_words_that_state_it() -> None:
    said = Evidence(start=5, end=8, text="BCC")
    target = Target(id="1", site=site("nose"), diagnoses=(Diagnosis(term="basal_cell_carcinoma", evidence=(said,)),))
    draft = line(target)
    list(assign(draft, Encounter(), TODAY))
    assert draft.steps == [("DX-ORD", "C44.311: basal cell carcinoma", (said,))]
    assert draft.evidence10 == {"C44.311": (said,)}


def test_sign_and_unspecified_term_yield_to_a_definite_condition() -> None:
    """4.9: no symptom first when the condition is known."""
    for vague in ("pruritus", "cyst_of_skin_unspecified", "skin_lesion_not_otherwise_specified"):
        both = (Diagnosis(term=vague), Diagnosis(term="pilar_cyst"))
        coded = lesion_code(Target(id="1", site=site("scalp"), diagnoses=both), codebook=TODAY, sampled=True)
        assert coded is not None and coded.codes == ("L72.11",)


def test_lesion_without_a_name_that_was_sampled_is_not_l98_9() -> None:
    """HC-10: L98.9 only for lesions neither named nor sampled."""
    lesion = Target(
        id="1", site=site("chest"), diagnoses=(Diagnosis(term="skin_lesion_not_otherwise_specified"),), noun="lesion"
    )
    for sampled, code in ((True, "D49.2"), (False, "L98.9")):
        coded = lesion_code(lesion, codebook=TODAY, sampled=sampled)
        assert coded is not None and coded.codes == (code,)


def test_two_words_for_one_infection_are_one_code() -> None:
    both = (Diagnosis(term="cutaneous_abscess"), Diagnosis(term="furuncle"))
    draft = line(Target(id="1", site=site("back"), diagnoses=both))
    list(assign(draft, Encounter(), TODAY))
    assert draft.codes10 == ["L02.212"]
