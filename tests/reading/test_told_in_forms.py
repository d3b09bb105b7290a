"""Forms, tallies and short lines: where the number, the key or the denial stands decides what was done."""

import pytest


def done(encounter, text):
    return [p for p in encounter(text).procedures if p.act.status == "performed"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("AK 6 (L ear 2, brow 1, scalp 3), LN2 5 s each.", 6),
        ("Molluscum contagiosum.\nCantharidin applied with a stick.\nTally: trunk 8 / L arm 4 / R thigh 5 = 17", 17),
        ("AKs: 4 (scalp), 2 (cheek). LN2 10 s each.", 6),
    ],
)
def test_parts_and_their_sum(encounter, text, count):
    (destruction,) = done(encounter, text)
    assert destruction.count.value == count


def test_tags_taken_off_with_scissors_are_counted_by_place(encounter):
    text = "Irritated skin tags. Taken off with fine scissors: left neck five, right neck six, left axilla two."
    (tags,) = done(encounter, text)
    assert (tags.kind, tags.count.value) == ("tag_removal", 13)


def test_sutures_taken_out_with_scissors_are_no_tags(encounter):
    assert [p.kind for p in done(encounter, "Tags of the neck, watched. Sutures removed with iris scissors.")] == [
        "suture_removal"
    ]


def test_two_letters_are_two_biopsies(encounter):
    text = "Neoplasm x2 - A mid back r/o BCC, B right shoulder r/o SCC.\nShave biopsy A and B. Consent signed."
    assert sum(p.count.value if p.count else 1 for p in done(encounter, text)) == 2


def test_bracketed_keys_name_the_measures(page):
    text = (
        "MEASUREMENTS\n[scar]  1.1 cm\n[margin]  5 mm all round\n[wound after closure]  4.7 cm\n[undermining]  1 cm\n"
    )
    roles = {str(m.dims[0]): m.role for mark in page(text).marks for m in mark.measures}
    assert roles == {"1.1": "lesion", "0.5": "margin", "4.7": "length", "1": "undermining"}


@pytest.mark.parametrize(
    "text",
    [
        "Not used: flap ____   graft ____   Mohs ____",
        "We weighed a bilobed flap in one sitting (with its scar on the cheek), a rotation flap, healing alone, and a graft.",
        "Options reviewed (5-FU, excision, ED&C). She will think about it.",
        "Excision and 5-FU had been offered for the shin; he does not want stitches.",
        "In six weeks, when it is cold, I would excise it whole, with an ellipse and two layers.",
    ],
)
def test_named_and_not_done(encounter, text):
    assert not done(encounter, text)


def test_what_was_weighed_and_then_done_was_done(encounter):
    text = "We discussed excision and curettage and then froze the wart of the left thumb."
    assert [p.kind for p in done(encounter, text)] == ["destruction"]


def test_a_number_eleven_blade_denies_nothing(encounter):
    text = "Inflamed epidermoid cyst of the back.\nTaking it out today would leave a mess, so I only opened it: one stab with a no. 11 blade, cheesy pus pushed out.\nThe wall stays."
    assert [p.kind for p in done(encounter, text)] == ["incision_drainage"]


def test_a_curette_behind_a_dash_is_no_tool_of_that_size(page):
    (mark,) = page("BCC of the right mid back 14 mm - curette + cautery x3.").marks
    assert [str(m.greatest) for m in mark.measures if m.role != "tool"] == ["1.4"]


def test_patch_tests_added_up_by_the_note(encounter):
    (test,) = done(
        encounter,
        "Patch test placement, hand eczema. Panels: core 70, plus hairdresser add-on 6 = 76. No shower on the back til Wed.",
    )
    assert test.count.value == 76


def test_one_lesion_under_many_headings(encounter):
    text = (
        "Pre-op dx      Epidermal inclusion cyst, upper back\nHistory        drained by urgent care 01/2026\n\n"
        "MEASUREMENTS\n   [cyst]  1.9 cm\n   [wound after closure]  3.6 cm\n\nSTEPS\n"
        "   Fusiform incision. Sac freed and lifted out whole. Deep layer: 3-0 polyglactin. Skin: 4-0 nylon.\n"
    )
    kinds = {p.kind: p for p in done(encounter, text)}
    assert set(kinds) == {"excision", "repair"}
    assert kinds["excision"].target.site.key == kinds["repair"].target.site.key == "back"


def test_the_steps_of_one_operation_are_no_lesions(lesions):
    text = (
        "1. Indication. Squamous cell carcinoma, right shin, 28 mm.\n2. Anesthesia. Lidocaine.\n3. Layer one. Five blocks, tumor medially.\n"
        "4. Layer two. Two blocks, clear. Read by me.\n5. Closure. Buried 4-0 Vicryl, then 4-0 nylon. 46 mm.\n6. Dressing. Wrapped from toe to knee.\n"
    )
    assert [site for _, site, _ in lesions(text)][:1] == ["lower_leg"]
    assert all(label is None for label, _, _ in lesions(text))


def test_number_one_and_number_two_are_lesions(lesions):
    text = "Two cysts today.\nNumber one, middle of the back. Twenty-two millimeters. Excised whole.\n\nNumber two, back of the neck. Thirteen millimeters. Excised whole.\n"
    assert [site for _, site, _ in lesions(text)] == ["back", "neck"]


def test_hundreds_in_words(page):
    (mark,) = page("Closed in layers, one hundred twenty-five millimeters.").marks
    assert [str(m.greatest) for m in mark.measures] == ["12.5"]


def test_layers_read_by_the_surgeon_are_mohs_without_the_name(encounter):
    text = "Basal cell carcinoma, left ala.\nI took both layers and read all of them. First layer, three cassettes, tumor at the rim. Second layer, one cassette, no tumor."
    (mohs,) = [p for p in encounter(text).procedures if p.kind == "mohs"]
    assert len(mohs.stages) == 2


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Procedure: excision of foreign body, right foot. A #15 blade was used to make an incision and the wire was removed with a hemostat.", ["foreign_body"]),
        ("Chest wall mass. Incision carried down to the lower ribs; the costal cartilages were divided with an electric saw and the mass was excised. The defect was closed with Monocryl.", []),
    ],
)  # fmt: skip
def test_what_was_cut_out_was_no_lesion_of_the_skin(encounter, text, kinds):
    assert [p.kind.replace("_removal", "") for p in done(encounter, text)] == kinds


@pytest.mark.parametrize("mark", ["1.", "1)", " 1 "])
def test_a_list_and_one_biopsy_of_each(encounter, mark):
    rows = [
        "R superior helix, 6 mm crusted papule, r/o SCC",
        "L cheek, 4 mm pearly papule, r/o BCC",
        "mid sternum pink plaque 9 mm, r/o BCC",
    ]
    listed = "\n".join(f"{mark.replace('1', str(number))} {row}" for number, row in enumerate(rows, 1))
    found = done(encounter, f"Bx visit.\n{listed}\nshave bx of each. 3 jars")
    assert sorted(p.target.site.key for p in found) == ["cheek", "chest", "helix"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Keloids. R shoulder 3, L shoulder 2, chest 4. Triamcinolone 40 mg/mL injected, 0.6 mL.", 9),
        (
            "Molluscum: R flank 8, R axilla 5, L thigh 4. A few with a pink halo.\nCantharidin with a stick to all of the above.",
            17,
        ),
    ],
)
def test_places_with_numbers_before_the_act(encounter, text, count):
    assert [p.count.value for p in done(encounter, text) if p.kind != "drug_injection"] == [count]


def test_capitals_before_a_bar_are_keys(page):
    text = (
        "PRE-OP DX    | Squamous cell carcinoma, right cheek\nLESION       | 9 mm plaque, right cheek\nMARGIN       | 4 mm all round\n"
        "CLOSURE      | 5-0 Monocryl buried; 6-0 Prolene on the skin. Final length 4.1 cm\nRETURN       | 7 d\nHX (pulled)  | Mohs BCC nose 2019\n"
    )
    marks = page(text).marks
    assert {str(m.greatest): m.role for mark in marks for m in mark.measures} == {
        "0.9": "lesion",
        "0.4": "margin",
        "4.1": "length",
    }
    assert next(mark for mark in marks if "2019" in mark.clause.text).kind == "past"


def test_a_hand_mirror_is_no_place(lesions):
    text = "Basal cell carcinoma, right temple. He confirmed the site in a hand mirror. Excised with 4 mm margins."
    assert [site for _, site, _ in lesions(text)] == ["temple"]


def test_the_other_toe_the_same_way(encounter):
    text = (
        "TREATMENT\n(o) LEFT great toe: lateral quarter of the plate split with the anvil nipper, freed from the bed, pulled in one piece\n"
        "(o) RIGHT great toe: medial fifth, same way, out in one piece\n( ) phenol / matrix destruction\n( ) nail fold wedge\n"
    )
    nails = done(encounter, text)
    assert {p.action for p in nails} == {"avulsion"}
    assert sorted(d.side for p in nails for d in p.digits) == ["left", "right"]


def test_a_side_before_a_dash_is_the_toe_of_that_side(encounter):
    text = (
        "Ingrown both big toes. R hallux: third time. L hallux: first time.\n"
        "R - both borders split & avulsed to under the fold, phenol to the matrix.\nL - lateral strip freed and avulsed. No phenol this side.\n"
    )
    found = {(p.action, d.side) for p in done(encounter, text) for d in p.digits}
    assert found == {("matrixectomy", "right"), ("avulsion", "left")}


def test_areas_of_a_flap_in_words(encounter):
    text = (
        "Basal cell carcinoma of the nose, Mohs. Wound is two point two by two point zero centimeters.\n"
        "Rotation flap incised, elevated and rotated into the defect. The donor area was two point six by two point three centimeters."
    )
    (flap,) = [p for p in done(encounter, text) if p.kind == "flap"]
    assert [str(area.value) for area in (flap.primary_area, flap.secondary_area)] == ["4.40", "5.98"]


def test_crow_s_feet_are_no_feet(lesions):
    text = "Squamous cell carcinoma, right temple. Excised, closed in layers in a line parallel to the crow's feet."
    assert [site for _, site, _ in lesions(text)] == ["temple"]


def test_sewn_length(page):
    (mark,) = page("4-0 nylon simple interrupted on top, 5.4 cm when finished.").marks
    assert [m.role for m in mark.measures] == ["length"]


def test_rows_with_an_amount_are_lesions_injected(encounter):
    text = (
        "dx: alopecia areata\ndrug: triamcinolone acetonide 5 mg/mL injected intralesionally\n\npatch grid\n  # | where | size | mL | sticks\n"
        "  1 | vertex | 3 cm | 0.6 | 9\n  2 | L parietal | 2 cm | 0.4 | 6\n  3 | occiput | 2 cm | 0.4 | 6\n  - | chin | regrown | 0 | 0\n"
    )
    (injection,) = [p for p in done(encounter, text) if p.kind == "intralesional"]
    assert injection.count.value == 3


def test_the_number_of_a_session_counts_nothing(encounter):
    text = "AA inj #4. R parietal 3 patches, L parietal 2, occiput three, chin/beard 2.\nTAC 5 mg/mL injected, 2.4 mL = 12 mg."
    (injection,) = [p for p in done(encounter, text) if p.kind == "intralesional"]
    assert injection.count.value == 10


def test_a_cancer_reported_clear_is_no_problem_of_the_visit(encounter):
    text = (
        "63M for suture removal, 8 days out. Path read to him: BCC nodular, margins free.\n"
        "New: grouped vesicles on a red base, right chest. Shingles, day 2. Valacyclovir 1 g TID x 7 d sent.\n"
    )
    named = {d.term for p in encounter(text).visit.problems for d in p.diagnoses}
    assert not any("basal" in term for term in named)
    assert any("zoster" in term or "shingles" in term for term in named)


def test_questions_are_headings_and_answers_no_lesion(encounter, lesions):
    text = (
        "Q: Why is the patient here?\nA: Second round for prurigo nodularis.\n\nQ: Where?\nA: Left forearm.\n\n"
        "Q: What was done?\nA: The nodules were injected intralesionally with triamcinolone 10 mg/mL, 1.2 mL.\n"
    )
    assert [p.kind for p in done(encounter, text)] == ["intralesional"]
    assert all(label is None for label, _, _ in lesions(text))


def test_pins_of_a_body_map_are_labels(encounter):
    text = (
        "PINS\n  (1)  Trunk > back, upper     brown dome, 7 mm\n  (2)  Head > temple R     warty plaque, 6 mm\n  (3)  Trunk > chest     two cherry angiomas\n\n"
        "PROCEDURE SHEET\n  pin (1)  [ ] biopsy  [x] removal    Method: horizontal shave, blade, whole lesion\n  pin (2)  [ ] biopsy  [x] destroy    Method: LN2 x 2 cycles\n\n"
        "IMPRESSION\n  pin 1 - intradermal nevus, irritated.\n  pin 2 - inflamed seborrheic keratosis.\n  pin 3 - angiomas, nothing to do.\n"
    )
    found = {p.kind: p for p in done(encounter, text)}
    assert set(found) == {"shave", "destruction"}
    assert [d.term for d in found["destruction"].target.diagnoses][:1] == ["inflamed_seborrheic_keratosis"]


def test_a_spot_that_i_froze_has_no_number(lesions):
    text = "1. Nevus, left cheek, watched.\n2. Keratosis, right hand.\nThe spot I froze in May is gone."
    assert [label for label, _, _ in lesions(text)] == ["1", "2"]


def test_light_by_the_physician_in_a_table_of_steps(encounter):
    text = (
        "Actinic keratoses, face.\n\nStep | time | who | what\n 1 | 08:31 | Dr. Fitz | hyperkeratotic AKs debrided with a curette\n"
        " 2 | 08:40 | Dr. Fitz | aminolevulinic acid 20% solution, 1 stick, applied\n 3 | 10:18 | Dr. Fitz | blue light, 16 min 40 s, 10 J/cm2\n\nAvoid daylight 48 h.\n"
    )
    (light,) = [p for p in done(encounter, text) if p.kind == "photodynamic"]
    assert (light.applied_by.value, light.lit_by.value, light.debrided.value) == ("clinician", "clinician", True)
    assert light.daylight is None or light.daylight.value is False


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Crohn disease with bowel surgery in 2010. Neoplasm of the left arm, 9 mm, excised with 2 mm margins, closed with nylon.", ["excision", "repair"]),
        ("Pilonidal sinus: excision of the sinus tract down to the fascia, left open.", ["excision"]),
        ("Nevus of the back. A 3 mm margin was marked, the skin cut to fat and the lesion removed, excised in one ellipse.", ["excision"]),
    ],
)  # fmt: skip
def test_words_of_other_operations_hide_no_excision(encounter, text, kinds):
    assert sorted({p.kind for p in done(encounter, text)}) == kinds
