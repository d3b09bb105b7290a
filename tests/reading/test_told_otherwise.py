"""The same work in other clinicians' words: what was done, to which lesion, and what was not done."""

import pytest


def done(encounter, text):
    return sorted(
        (p.kind, p.target.site.key if p.target.site else None)
        for p in encounter(text).procedures
        if p.act.status == "performed"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "A. SCC in situ right shin 1.3 cm.\nB. Basal cell carcinoma left upper back 0.8 cm.\nBoth: curetted and desiccated, three passes. Final wound A 1.5 cm.",
            [("destruction", "back"), ("destruction", "lower_leg")],
        ),
        (
            "Intradermal nevus of the left cheek, 7 mm. The whole raised lesion was sliced off level with the surrounding skin, base in the mid dermis.",
            [("shave", "cheek")],
        ),
        (
            "A 4-mm punch took a core from the eruption on the right flank and a second 4-mm core from a patch of the left thigh.",
            [("biopsy", "flank"), ("biopsy", "thigh")],
        ),
        ("Removal by shave technique of two irritated moles: right neck 5 mm, left breast 8 mm.", [("shave", "breast"), ("shave", "neck")]),
        ("Each mole catches: one is nicked by the eyebrow trimmer.\nShave removal of the irritated nevus of the right cheek, 6 mm.", [("shave", "cheek")]),
    ],
)  # fmt: skip
def test_work_in_other_words(encounter, text, expected):
    assert done(encounter, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Nails debrided today: No. Onychomycosis of the toenails.",
        "Plaque on the left cheek. Biopsy only if no response by week 12.",
        "Basal cell carcinoma of the left cheek. The consent form for the excision has been shredded.",
        "Open wound of the scalp left to heal. No flap, graft or stitch repair was performed.",
        "A sliding flap was drawn on the scalp and wiped off again.",
        "Squamous cell carcinoma of the scalp, biopsied here on the ninth of last month.",
        "Wound of the chin clean. Facial stitches out at day six.",
    ],
)
def test_what_sounds_like_work_and_is_none(encounter, text):
    assert done(encounter, text) == []


def test_a_blade_that_was_used_is_no_habit_of_old(encounter):
    assert done(encounter, "A blade was then used to take a tangential biopsy of the nasal bridge lesion.") == [
        ("biopsy", "nose")
    ]


def test_the_length_after_the_sutures_and_the_layers_named(encounter):
    note = "#1 Right forearm. Squamous cell carcinoma. 12 mm. 4 mm margin. Excised to fat. The layers closed were the subcutaneous fat with 4-0 PDS and the skin with 5-0 nylon. 4.6 cm."
    repair = next(p for p in encounter(note).procedures if p.kind == "repair")
    assert (repair.layered.value, str(repair.length.value)) == (True, "4.6")


def test_a_second_day_of_mohs_surgery_begins_after_the_first_days_stages(encounter):
    note = """Mohs surgery, day two. SCC vertex scalp. Slides read by me.
[carried forward from 9 Nov]
Layer 1: 5 pieces, positive. Layer 2: 4 pieces, positive.
[end of carried text]
TODAY
Layer 3: cut into 6 pieces, one nest left.
Layer 4: 1 piece, clear.
"""
    mohs = next(p for p in encounter(note).procedures if p.kind == "mohs")
    assert [(s.number, s.blocks.value) for s in mohs.stages] == [(3, 6), (4, 1)]


def test_only_the_column_of_the_treated_counts(encounter):
    note = """Area     | Gritty spots felt | Frozen today | Left until April
Scalp    | 6 | 3 | 3
L cheek  | 4 | 4 | 0
R ear    | 2 | 2 | 0
Sums     | 12 | 9 | 3

All are actinic keratoses, none tender. Cryospray, single cycle.
"""
    assert [p.count.value for p in encounter(note).procedures if p.kind == "destruction"] == [9]


def test_lesions_of_a_place_are_what_the_exam_found_there(encounter):
    note = "Back: 6 seborrheic keratoses, crusted.\nLeft temple 1, nose 2: actinic keratoses.\nNitrogen spray to all 6 keratoses of the back. Nitrogen to the 3 actinic keratoses.\n"
    found = {p.target.diagnoses[0].term: p.count.value for p in encounter(note).procedures if p.kind == "destruction"}
    assert found == {"seborrheic_keratosis": 6, "actinic_keratosis": 3}


def test_the_session_number_counts_no_lesions(encounter):
    note = "Alopecia areata, ILK #4 today.\nPatches today: vertex x3, chin 1, right eyebrow 1.\n"
    assert [p.count.value for p in encounter(note).procedures if p.kind == "intralesional"] == [5]


def test_letters_of_tumors_name_them_in_tables_and_closures(encounter):
    note = """Mohs surgery. Surgeon & pathologist: same.
T1  R nasal sidewall   BCC nodular (bx 10/2)
T2  L helix            SCC well diff (bx 10/2)

tumor | stage | blocks | result
T1 | I | 2 | positive
T1 | II | 1 | neg
T2 | I | 2 | neg
"""
    found = {
        p.target.site.key: [s.blocks.value for s in p.stages] for p in encounter(note).procedures if p.kind == "mohs"
    }
    assert found == {"nose": [2, 1], "helix": [2]}


def test_sizes_in_tenths_without_a_unit_are_centimeters(encounter):
    note = "SCC right cheek excised. Wound 2.8 x 2.6. Rotation flap raised and turned in. Donor (secondary) 4.0 x 3.5."
    flap = next(p for p in encounter(note).procedures if p.kind == "flap")
    assert (str(flap.primary_area.value), str(flap.secondary_area.value)) == ("7.28", "14.00")


def test_a_table_whose_size_column_is_titled_by_its_unit(encounter):
    note = """Lesion list
# | where | what | did | mm | marg | closure
1 | R upper back | BCC, proven | excised to fat | 10 | 4 | 3-0 Vic SQ + 4-0 nylon = 44 mm
2 | L forearm | irritated SK | shave removal, hyfrecated | 9 | - | none
"""
    excision, shave = (next(p for p in encounter(note).procedures if p.kind == kind) for kind in ("excision", "shave"))
    assert (excision.target.diameter.value, str(excision.margin.value)) == (1, "0.4")
    assert str(shave.target.diameter.value) == "0.9"
    assert not [p for p in encounter(note).procedures if p.kind == "destruction" and p.act.status == "performed"]


def test_the_total_of_a_toxin_over_both_sides(encounter):
    note = "Axillary hyperhidrosis. One 100-unit vial of onabotulinumtoxinA. 50 units each axilla, 15 intradermal blebs a side. Whole vial used up."
    drug = next(p for p in encounter(note).procedures if p.kind == "chemodenervation").drug
    assert drug.amount.value == 100


def test_curettage_before_photodynamic_therapy_destroys_nothing(encounter):
    note = "PDT of the scalp today for actinic keratoses. Curetted 8 thick ones first. Levulan stick x1 applied, BLU-U 16 min 40, all by me from start to end."
    kinds = [p.kind for p in encounter(note).procedures if p.act.status == "performed"]
    assert kinds == ["photodynamic"]


def test_a_block_headed_as_the_last_note_is_not_of_today(encounter):
    note = """NB-UVB 311 nm today, 1180 mJ/cm2, goggles on. Plaque psoriasis.
----- last physician note, shown on every flow sheet -----
Intralesional triamcinolone 10 mg/mL, 0.6 mL to six elbow plaques done.
----- end -----
"""
    assert [p.kind for p in encounter(note).procedures if p.act.status == "performed"] == ["phototherapy"]


def test_lines_under_a_clause_list_what_was_taken_off(encounter):
    note = """What I took off with scissors and a touch of hyfrecation, ice only:
   right axilla, nine
   left axilla, seven
   neck, six
Diagnosis: irritated acrochordons.
"""
    assert [p.count.value for p in encounter(note).procedures if p.kind == "tag_removal"] == [22]


def test_the_lesion_of_an_earlier_day_gives_no_size_today(encounter):
    note = """Re-excision, right calf.
I took a melanoma in situ off the right calf on November 2: lesion 0.7 cm, 5 mm margins, two-layer closure 4.6 cm. The edge was positive.
The scar measures 2.4 x 0.4 cm. 5 mm was marked on every side and skin and fat were removed. Fat closed with 3-0 PDS, skin with 4-0 Prolene. Finished line 6.9 cm.
"""
    facts = encounter(note).procedures
    excision, repair = (
        next(p for p in facts if p.kind == kind and p.act.status == "performed") for kind in ("excision", "repair")
    )
    assert (str(excision.target.diameter.value), str(repair.length.value)) == ("2.4", "6.9")


def test_a_lump_freed_through_an_incision_was_excised(encounter):
    note = "Soft lump of the left upper arm. A four centimeter incision was made over the lump. It was freed from the fascia, which was not opened. It went to the laboratory in formalin. Postoperative diagnosis: lipoma, left upper arm."
    assert done(encounter, note) == [("excision", "upper_arm")]


def test_letters_before_the_act_name_its_lesions(encounter):
    note = """| ID | Where | Complaint | Size |
|----|-------|-----------|------|
| A | right shoulder | sore | 8 mm |
| B | left upper back | bleeds | 7 mm |
| C | left forearm | none | 6 mm |

PROCEDURE
A and B - removal by shave. Aluminum chloride.
IMPRESSION: A irritated nevus. B inflamed seborrheic keratosis.
Biopsy (if done): none selected.
"""
    assert done(encounter, note) == [("shave", "back"), ("shave", "shoulder")]


def test_redness_around_a_wound_is_no_margin(encounter):
    note = "POD6 R cheek BCC exc / complex closure (me 11/4). R cheek incision 3.1 cm: lower third red 1 cm around, scant yellow discharge. Sutures in. Keflex."
    assert done(encounter, note) == []


def test_two_sides_and_two_doses_are_two_injections(encounter):
    note = "Chronic spontaneous urticaria. Omalizumab 300 mg SC given: 150 mg/1 mL syringe L upper arm + 150 mg/1 mL R upper arm."
    assert [p.count.value for p in encounter(note).procedures if p.kind == "drug_injection"] == [2]


def test_a_form_of_one_side_and_a_narrative_of_the_other_are_one_lesion(encounter):
    note = """EXCISION FORM
Lesion: BCC, nodular, biopsied 9/30
Site: LEFT upper back
Diameter 1.0 cm   Margin 0.4 cm
Narrative: The right upper back lesion was outlined, and an ellipse taken through skin and fat. Deep: 2-0 Vicryl to the subcutis. Skin: 3-0 nylon. Length: 4.8 cm.
"""
    facts = encounter(note)
    assert sorted(p.kind for p in facts.procedures if p.act.status == "performed") == ["excision", "repair"]
    assert [c.subject for c in facts.conflicts] == ["side"]


def test_the_surgeon_who_is_named_as_the_reader_reads(encounter):
    note = """MOHS FOR DERMATOFIBROSARCOMA PROTUBERANS, LEFT UPPER CHEST
Dr. P. Oduya, Mohs surgeon. All slides of this case were cut in our laboratory and interpreted by Dr. Oduya alone.
Stage 1. Nine blocks, tumor in blocks 4 and 5.
Stage 2. Three blocks, clear.
"""
    mohs = next(p for p in encounter(note).procedures if p.kind == "mohs")
    assert (mohs.surgeon_reads.value, [s.blocks.value for s in mohs.stages]) == (True, [9, 3])


def test_slow_mohs_read_elsewhere_is_an_excision(encounter):
    note = "Melanoma in situ, L cheek. Outline 1.8 cm. Margin 5 mm all round. Excised to deep fat as disc, 12-3-6-9 sutures. Tissue to University Dermpath; their dermatopathologist reads margins tomorrow. I do not read these slides. Left open. No closure till report clear; closure or stage 2 Thursday."
    assert done(encounter, note) == [("excision", "cheek")]


def test_the_list_of_the_exam_against_a_total(encounter):
    note = """Exam: actinic keratoses -
  bald scalp 5
  forehead 4
  left forearm 3
  right dorsal hand 2
Treated: cryospray to all of the actinic keratoses noted in the exam, fifteen lesions in all.
"""
    facts = encounter(note)
    assert [p.count.value for p in facts.procedures if p.kind == "destruction"] == [14]
    assert [c.subject for c in facts.conflicts] == ["count"]


def test_what_a_scheduler_entered_is_not_what_happened(encounter):
    note = """[text entered by scheduler 9/1] EXCISION EPIDERMOID CYST UPPER BACK, 1.8 CM, LAYERED CLOSURE 3 CM

Inflamed epidermoid cyst, midline upper back. One stab with an 11 blade over the softest point. Cheesy pus came with gentle pressure. No wall came out. Excision in 6-8 weeks.
"""
    assert done(encounter, note) == [("incision_drainage", "back")]


def test_a_reexcision_is_for_the_tumor_left_at_the_edge(encounter):
    note = "Reason for return: the report on the squamous cell carcinoma I took off his left forearm eight days ago shows tumor at the distal edge. The scar segment to be cleared is 12 millimeters, and I took 4 millimeters beyond it in every direction, straight down to the muscle fascia. Fat closed with 2-0 Vicryl, dermis 3-0 Vicryl, staples for the skin, 4 centimeters."
    found = {p.kind: p for p in encounter(note).procedures if p.act.status == "performed"}
    assert {k: p.target.diagnoses[0].term for k, p in found.items()} == {
        "excision": "squamous_cell_carcinoma_of_skin",
        "repair": "squamous_cell_carcinoma_of_skin",
    }


@pytest.mark.parametrize(
    "text",
    [
        "Post-op day 6. Mohs and bilobed flap, left nasal sidewall, both by me. Rest of flap viable.",
        "NB-UVB session. Petrolatum on arms. Booth showed a fault, lamps never lit. 0 mJ delivered. Atopic dermatitis.",
        "Right palm, pyogenic granuloma since a rose thorn. Thorn itself came out at home.",
        "Condyloma of the pubic mound, several papules in the shaved hair.",
        "Video visit for acne. The picture froze after two minutes.",
    ],
)
def test_further_words_that_do_nothing(encounter, text):
    assert done(encounter, text) == []


def test_the_nail_of_a_toe_of_the_foot_spoken_of(encounter):
    note = "Turning to the left foot, the nail on the second toe is thick and loose. I blocked the toe, slid the elevator under the plate and took the whole nail off."
    nail = next(p for p in encounter(note).procedures if p.kind == "nail")
    assert (nail.action, [(d.side, d.number) for d in nail.digits]) == ("avulsion", [("left", 2)])


def test_excimer_areas_in_a_column_and_the_disease_light_treats(encounter):
    note = """Dx plaque psoriasis, on file. XTRAC 308 nm.
site    | sq cm | mJ/cm2 | response to #7
R elbow | 55 | 650 | pink
L elbow | 60 | 650 | pink
R knee  | 95 | 700 | nil

Also perioral dermatitis: stop the balm.
"""
    light = next(p for p in encounter(note).procedures if p.kind == "phototherapy")
    assert light.area.value == 210
    assert light.target.diagnoses[0].term.endswith("psoriasis")


def test_a_hash_label_returned_to_is_one_lesion(encounter):
    note = """O:
#1 R superior helix - 5 mm pearly papule
#2 L forearm - 8 mm keratotic papule
#3 abdomen - pink patch

#1: tangential sample with half a Personna blade. Jar 1.
#2: shave bx same technique. Jar 2.
#3: 4-mm punch to fat. Jar 3.
"""
    assert done(encounter, note) == [("biopsy", "abdomen"), ("biopsy", "forearm"), ("biopsy", "helix")]


def test_each_of_the_above_is_the_list_before_it(encounter):
    note = """Genital warts, second session (first 10/18).
Counted under magnification:
 - penile shaft, dorsal: 4 filiform, 2-3 mm
 - anal verge: 2 flat-topped, 4 mm
 - suprapubic skin: 5 domed, 2-5 mm

Cryo spray, 5 s x 2 to each of the above. Condylomata acuminata.
"""
    found = {
        p.target.site.key for p in encounter(note).procedures if p.kind == "destruction" and p.act.status == "performed"
    }
    assert found == {"penis", "anus", "pubis"}


@pytest.mark.parametrize(
    "text",
    [
        "Operation: excision SCC, right upper back, layered closure. Date of surgery: 11/02/2026, by me. Edges together.",
        "I had excised an epidermoid cyst of the mid back on 11/3; wound not why she is here. Excision line clean, sutures stay another 6 days.",
        "BCC of the chest. I laid out fusiform excision with stitches, Mohs with the surgeon across town, and curettage. She turned down both excision and referral.",
        "BCC right ala. Full-thickness graft from the ear and a bilobed flap were compared.",
        "Psoriasis. Phototherapy: lives 70 miles out, not practical.",
        "Her tumour was cleared with Mohs surgery in your own unit. The bridge of the flap will be divided in a second sitting.",
    ],
)
def test_what_was_weighed_or_done_before(encounter, text):
    assert done(encounter, text) == []


def test_the_narrowest_of_the_planned_margins(encounter):
    note = "Squamous cell carcinoma, right dorsal hand. Tumor 14 x 11 mm. Margins were planned by ruler: 6 mm toward the wrist, 5 mm on the radial side, and 4 mm on the ulnar side. Spindle of 6.0 by 2.3 cm removed to fat. Flaps of skin were freed for 8 mm either side."
    excision = next(p for p in encounter(note).procedures if p.kind == "excision")
    assert (str(excision.target.diameter.value), str(excision.margin.value)) == ("1.4", "0.4")


@pytest.mark.parametrize(
    "text",
    [
        'Standing consent: "I agree to Mohs surgery and to any repair (stitches, flap, graft), to biopsies, and to freezing of precancers."\n\nRough patches of the forehead: nothing done to them.',
        "BCC of the chest.\nWe compared: curettage (round scar), excision of about 4 cm with layered closure, and imiquimod.\nStart imiquimod.",
        "A scaly spot on the right cheek has come back twice after someone's freezing. Watch.",
        "SCC in situ, left ankle: excision here 3/11, slot given.",
        "Result visit. Two punch biopsies? - no, one: left thigh, 12 days ago in this office. Plaque psoriasis.",
        'Slot type: PROC 30 - "ED&C"\n\nSuperficial BCC, left upper chest, biopsy site closed. Start imiquimod.',
        "CCCA of the scalp. Treated with topical and injected steroids, oral doxycycline (stopped), minoxidil (current).",
    ],
)
def test_neither_consent_nor_comparison_nor_question_is_work(encounter, text):
    assert done(encounter, text) == []


def test_keys_with_the_number_of_the_lesion(encounter):
    note = """lesion_1.location: scalp, left parietal
lesion_1.diameter: 6 mm
lesion_2.location: scalp, occiput
lesion_2.diameter: 7 mm
lesion_3.location: nose, right side wall
lesion_3.diameter: 5 mm

procedure_text: All three removed by shave technique flush with surrounding skin.
impression: irritated intradermal nevi x3 (2 scalp, 1 nose)
not_treated: 2 mm angioma left temple
"""
    assert done(encounter, note) == [("shave", "nose"), ("shave", "scalp"), ("shave", "scalp")]


def test_roman_numbers_and_a_day_to_come(encounter):
    note = """I. Right deltoid BCC. Tumor 11 mm. Margin 4 mm. Excised to deep fat. 3-0 Vicryl to the deep dermis, 4-0 Monocryl. 4.4 cm.

II. Left upper back. BCC. Tumor 9 mm. Margin 4 mm. Excised to deep fat. Same sutures, same two layers. 3.6 cm.

He has a third BCC of the left ear: Mohs on July 8, not touched.
"""
    facts = encounter(note)
    sizes = {
        str(p.target.diameter.value) for p in facts.procedures if p.kind == "excision" and p.act.status == "performed"
    }
    assert sizes == {"1.1", "0.9"}
    assert not any(p.kind == "mohs" and p.act.status == "performed" for p in facts.procedures)


def test_part_of_a_count_is_not_counted_again(encounter):
    note = "Warts. Count: L hand 6, R hand 5 (two beside nails), R plantar forefoot 5. LN2 to every wart on the list, 2 thaw cycles."
    assert [p.count.value for p in encounter(note).procedures if p.kind == "destruction"] == [16]


def test_wounds_in_rows(encounter):
    note = """WOUND DEBRIDEMENT
Wound | where | before (cm) | what came off, deepest layer removed | area debrided | after
A | left heel | 4 x 3 | slough and necrotic subcutaneous fat, curette | 12 sq cm | same
B | left plantar midfoot | 4 x 3.5 | devitalized subcutaneous tissue, rongeur | 14 sq cm | same
C | right calf | 3 x 2.5 | fibrin and dead epidermis/dermis only, curette | 7.5 sq cm | cleaner
"""
    found = [(p.depth.value, str(p.area.value)) for p in encounter(note).procedures if p.kind == "debridement"]
    assert found == [("subcutaneous", "12"), ("subcutaneous", "14"), ("selective", "7.5")]


def test_a_punch_frozen_and_read_is_no_freezing(encounter):
    note = "Nodule of the right forehead, never sampled. I took a 4 mm punch biopsy first, froze it, and examined the sections. Basal cell carcinoma. On the strength of that I went on to Mohs surgery. First stage: two blocks, clear. I was surgeon and pathologist."
    kinds = {p.kind for p in encounter(note).procedures if p.act.status == "performed"}
    assert "destruction" not in kinds and {"biopsy", "mohs"} <= kinds


def test_how_far_an_edge_was_freed_is_no_place(encounter):
    note = "BCC left temple. 1.0 cm tumor + 4 mm all round. Circle out whole, tagged, wound 1.9 cm wide. Would not come together: freed the entire inferior edge down to the zygoma, 2.2 cm from the wound margin. 4-0 Monocryl deep, 6-0 Prolene. Sutured length 4.8 cm."
    repair = next(p for p in encounter(note).procedures if p.kind == "repair")
    assert repair.target.site.key == "temple"
    assert repair.whole_edge.value and str(repair.undermining.value) == "2.2"


def test_a_condition_said_of_both(encounter):
    note = """Procedure: Excision of subcutaneous masses x 2

(1) LEFT FOREARM, volar
   Greatest tumor diameter at removal 2.4 cm. Shelled out with blunt scissors.

(2) RIGHT UPPER ARM, posterior
   Greatest tumor diameter at removal 3.6 cm, lobulated. Shelled out.

(3) Right flank lipoma, about 6 cm: patient prefers to wait until after harvest. Not removed.

Clinical diagnosis: lipoma for both.
"""
    cut = [p for p in encounter(note).procedures if p.kind == "excision" and p.act.status == "performed"]
    assert [(p.target.site.key, p.structure, p.target.diagnoses[0].term) for p in cut] == [
        ("forearm", "soft_tissue", "lipoma"),
        ("upper_arm", "soft_tissue", "lipoma"),
    ]


def test_figures_of_speech_name_no_place(encounter):
    note = "He keeps a stiff upper lip and meant to face it; I had it on hand to drain in April. Nape, a thumb's breadth below the hair: 1.8 cm epidermoid cyst. Chin on chest. The cyst was excised with 1 mm to spare, at arm's length from my shirt. Stitches back out on the 13th."
    assert done(encounter, note)[0] == ("excision", "neck")


def test_one_pocket_is_no_loculation(encounter):
    note = "Neck cyst, inflamed, fluctuant. #11 blade stab; 3 mL cheesy pus pressed out. One pocket only. No wick."
    drained = next(p for p in encounter(note).procedures if p.kind == "incision_drainage")
    assert drained.loculations is None or not drained.loculations.value


def test_areas_listed_by_place_in_a_row(encounter):
    note = """Plaque psoriasis. Rx on file.
date    | type                  | where                             | area sq cm   | dose
today   | excimer laser 308 nm  | R elbow 80, L elbow 90, R knee 105 |  (see areas) | 345 mJ
"""
    light = next(p for p in encounter(note).procedures if p.kind == "phototherapy")
    assert light.area.value == 275


def test_square_centimeters_are_no_subcutaneous_tissue(encounter):
    note = "Ulcer of the right calf. Selective sharp debridement, curette, of slough and nonviable epidermis/dermis, whole surface 24 sq cm; fat NOT exposed or removed."
    wound = next(p for p in encounter(note).procedures if p.kind == "debridement")
    assert (wound.depth.value, str(wound.area.value)) == ("selective", "24")


def test_reconstruction_for_another_practice(encounter):
    note = "Open wound of the left cheek from micrographic removal of a basal cell carcinoma, done this morning at her dermatologist's office across town (two stages, clear). Our role is reconstruction only. Wound 2.5 cm x 2.2 cm. O-to-T advancement flap: incisions were made, the flap carried medially. Secondary defect 2.5 cm x 1.6 cm."
    kinds = {p.kind for p in encounter(note).procedures if p.act.status == "performed"}
    assert "mohs" not in kinds and "flap" in kinds


def test_a_form_in_capitals(encounter):
    note = """LESION REMOVAL FORM
REASON       nose mole nicked and bleeding
LESION       intradermal nevus
WHERE        nose, left sidewall
GREATEST DIAMETER (MM)        3
MARGIN TAKEN (MM)             1
METHOD       full-thickness lenticular excision, 15c blade
CLOSURE      layered, 5-0 Monocryl subcutaneous, 6-0 nylon
"""
    excision = next(p for p in encounter(note).procedures if p.kind == "excision")
    assert (str(excision.target.diameter.value), str(excision.margin.value)) == ("0.3", "0.1")
    assert [d.term for d in excision.target.diagnoses] == ["melanocytic_nevus"]


def test_a_form_of_key_and_value(encounter):
    note = """plan=take it all out for histology
lesion=irregular brown macule-papule, etiology uncertain
site=left malar cheek
diam=6 mm
marg=2 mm circumferential
tech=elliptical, full thickness into subcutaneous fat
deep=5-0 Vicryl SQ
skin=6-0 Prolene
closure_len=2.3 cm
"""
    assert done(encounter, note) == [("excision", "cheek"), ("repair", "cheek")]


def test_scar_with_new_margin(encounter):
    note = "RE-EXCISION, LEFT UPPER ARM. Basal cell carcinoma touching the medial edge. The surgical scar with the open corner of the wound, 1.6 cm at its broadest, was excised in one piece. New margin of 3 mm, uniform. Closed in two planes: 3-0 Vicryl for fat; 4-0 Prolene for skin. 5.1 cm."
    excision = next(p for p in encounter(note).procedures if p.kind == "excision")
    assert (str(excision.target.diameter.value), str(excision.margin.value)) == ("1.6", "0.3")


def test_margin_except_where_it_was_less(encounter):
    note = "Melanoma in situ of the right forearm. The residual pigment spanned 12 mm by 9 mm. The margin drawn was 5 mm, except 4 mm on the ulnar edge. Excised to the muscle fascia in an ellipse of 7 cm."
    excision = next(p for p in encounter(note).procedures if p.kind == "excision")
    assert (str(excision.target.diameter.value), str(excision.margin.value)) == ("1.2", "0.4")


def test_the_left_of_the_spine_is_no_foreign_body(encounter):
    note = "Cyst removal, upper back (left of spine). Incision over the punctum. Sac freed all around and delivered whole. The 1.6 cm epidermoid cyst was bottled."
    assert ("foreign_body", "back") not in done(encounter, note)


def test_places_of_a_table_that_have_no_name(encounter):
    note = """ALOPECIA AREATA INJECTION VISIT
| AREA      | PATCHES TODAY | REGROWTH |
|-----------|---------------|----------|
| OCCIPUT   | 4             | 30%      |
| VERTEX    | 3             | 50%      |
| BEARD     | 2             | none     |

INJECTED: ALL PATCHES IN TABLE
DRUG: TRIAMCINOLONE ACETONIDE 5 MG/ML, 3 ML
"""
    assert [p.count.value for p in encounter(note).procedures if p.kind == "intralesional"] == [9]


def test_excision_and_debridement_of_an_ulcer_is_wound_care(encounter):
    note = "Debridement of stage IV necrotic sacral decubitus, 15 cm x 15 cm. A wide excision and debridement of the necrotic decubitus taken down to the fascia; all necrotic fat was removed."
    assert {kind for kind, _ in done(encounter, note)} == {"debridement"}


def test_flap_closure_of_a_title_moves_no_tissue(encounter):
    note = "PROCEDURE PERFORMED: Excision of intramuscular lipoma of the right arm, 4 cm, with flap closure.\n\nPROCEDURE: The skin and the muscular fascia were incised. The lipoma was removed. Re-approximated wound flaps without tension and the skin was closed in layers."
    assert "flap" not in {kind for kind, _ in done(encounter, note)}


def test_lacerations_closed_together(encounter):
    note = "There is a small 1 cm laceration over the right scalp. Also, 2 cm laceration over the chin.\n\nThe lacerations were explored. They were irrigated and closed with simple interrupted sutures."
    assert done(encounter, note) == [("repair", "chin"), ("repair", "scalp")]


def test_condylomas_counted_by_place_without_the_name(encounter):
    note = "Here for condylomata. The penile shaft carries three lesions and there are two more in the right inguinal fold. None were seen around the anus.\nAll five were treated with liquid nitrogen. Diagnosis condyloma acuminata."
    assert done(encounter, note) == [("destruction", "groin"), ("destruction", "penis")]


@pytest.mark.parametrize(
    "text",
    [
        "The patient was ordered triamcinolone 40 mg IM but he refused.",
        "She had read of a wedge and a nasolabial flap; neither was required.",
        "Finger wart. He tells me I froze a wart on him in the past and it went away.",
    ],
)
def test_refused_read_of_or_long_past(encounter, text):
    assert done(encounter, text) == []


def test_a_total_above_a_list_that_adds_up_to_less(encounter):
    note = "LN2 today - total # AKs frozen: 16\n scalp 5\n forehead 2 / cheeks 2\n R hand 3\n L hand 2\nAll actinic keratoses."
    facts = encounter(note)
    assert [p.count.value for p in facts.procedures if p.kind == "destruction"] == [14]
    assert any(c.subject == "count" for c in facts.conflicts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Actinic keratosis of the nose. Treated with liquid nitrogen without complication.", ("destruction", "nose")),
        (
            "Froze the actinic keratosis of the nose, which had failed fluorouracil in the past.",
            ("destruction", "nose"),
        ),
        (
            "Basal cell carcinoma of the back, 8 mm, excised with 4 mm margins, edges debrided and the wound closed in layers, 3.2 cm.",
            ("excision", "back"),
        ),
    ],
)
def test_work_of_today_that_sounds_like_something_else(encounter, text, expected):
    assert expected in done(encounter, text)


def test_mohs_of_another_practice_years_ago_leaves_the_stages_of_today(encounter):
    note = "Had Mohs on the cheek in 2020 at another practice. Today Mohs surgery of a basal cell carcinoma of the nose. Stage I: 3 blocks, positive. Stage II: 1 block, clear. I was surgeon and pathologist."
    assert ("mohs", "nose") in done(encounter, note)
