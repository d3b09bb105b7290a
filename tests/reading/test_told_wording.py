"""The same acts in the words of other clinicians: verbs, tools, products, materials, depth and closure words."""

import pytest


def done(encounter, text):
    return sorted(
        (p.kind, p.target.site.key if p.target.site else None)
        for p in encounter(text).procedures
        if p.act.status == "performed"
    )


def the(encounter, text, kind):
    return next(p for p in encounter(text).procedures if p.kind == kind and p.act.status == "performed")


@pytest.mark.parametrize(
    ("text", "technique"),
    [
        ("Rash of the right thigh. I cored out a 4 mm plug of skin from the active border for H&E.", "punch"),
        ("Plaque, left flank. Circular blade, 5 mm, a cylinder of skin taken for histology.", "punch"),
        ("Scaly spot right shin, ?SCC. Thin sliver of the lesion shaved with a flexible blade for pathology.", "tangential"),
        ("Left upper back papule: went to path, taken with the flat blade. Query BCC.", "tangential"),
        ("Ulcer right calf: a wedge across the rolled edge into fat, leaving the rest in place, sutured. For histology.", "incisional"),
        ("Nodule left arm. A boat-shaped piece cut through the edge of the nodule down to fat for a tissue diagnosis.", "incisional"),
    ],
)  # fmt: skip
def test_how_a_sample_was_taken(encounter, text, technique):
    assert the(encounter, text, "biopsy").technique.value == technique


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Irritated seb kers of the chest, 3, sprayed with the Cry-Ac.", [("destruction", "chest")]),
        ("Three warts on the right hand burned off with the hyfrecator.", [("destruction", "hand")]),
        ("HPV papules of the penile shaft x4, dabbed with 80% TCA.", [("destruction", "penis")]),
        ("Bleeding pedunculated tag of the left axilla, ligature of the stalk with 4-0 silk.", [("tag_removal", "axilla")]),
        ("Hard corn of the left fifth toe thinned down with a #15.", [("paring", "toe")]),
        ("Splinter right palm, dug out the splinter through a small incision.", [("foreign_body", "palm")]),
        ("Proud flesh at the old blister site of the left heel, touched with a caustic pencil.", [("resurfacing", "sole")]),
        ("Keloid of the chest plumped with triamcinolone 40 mg/mL, 0.5 mL.", [("intralesional", "chest")]),
        ("Intradermal nevus of the left cheek, 6 mm, cut round it 1 mm clear on all sides to fat.", [("excision", "cheek")]),
        ("Vesicle base of the right flank scraped, Giemsa stain here: giant cells.", [("bedside_test", "flank")]),
    ],
)  # fmt: skip
def test_acts_in_other_words(encounter, text, expected):
    assert done(encounter, text) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Callus rim of the right heel ulcer noted.", "no paring"),
        ("Plantar warts only, left heel. Callus thinned with a #15 blade so the needle would pass. Candida antigen 0.3 mL injected into the wart.", "a step before"),
        ("Ethyl chloride cold spray to the left arm for comfort.", "a numbing spray"),
        ("He wears 2 nicotine patches a day on the arm.", "no patch test"),
    ],
)  # fmt: skip
def test_near_misses_in_other_words(encounter, text, why):
    assert {k for k, _ in done(encounter, text)} <= {"intralesional"}, why


@pytest.mark.parametrize(
    ("closure", "layered", "length"),
    [
        ("Dead space closed with 4-0 PDS; skin 5-0 nylon. 3.1 cm finished.", True, "3.1"),
        ("Fascial, then cutaneous layers sewn - 3.4 cm.", True, "3.4"),
        ("Shut with a deep row of 4-0 Monocryl and 5-0 Prolene outside. Line 2.9 cm.", True, "2.9"),
        ("Skin sutured with 4-0 nylon, nothing deep. 2.2 cm.", False, "2.2"),
    ],
)
def test_the_words_of_a_closure(encounter, closure, layered, length):
    note = "Squamous cell carcinoma of the right forearm, 1.0 cm, excised with 4 mm margins to fat. " + closure
    repair = the(encounter, note, "repair")
    assert (repair.layered.value, str(repair.length.value)) == (layered, length)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SCC right forearm, known, 1.2 cm, 5 mm margins. 4-0 PDS deep, nylon outside, 4.4 cm.", [("excision", "forearm"), ("repair", "forearm")]),
        ("Melanoma in situ of the mid back, biopsied. 1.1 cm + 0.5 cm margins. Left open to granulate.", [("excision", "back")]),
        ("BCC left shin 0.9 cm with 4 mm margins is scheduled; sutures come out 2 weeks later.", []),
    ],
)  # fmt: skip
def test_a_lesion_with_its_margin_and_a_closed_wound_was_cut_out(encounter, text, expected):
    assert done(encounter, text) == expected


@pytest.mark.parametrize(
    ("text", "margin"),
    [
        ("BCC right arm excised. Lesion 1.2 / margin 0.4. Left open.", "0.4"),
        ("BCC right arm 1.2 cm excised, 5 mm taken medially but only 3 mm toward the elbow crease.", "0.3"),
        ("BCC right arm 1.2 cm, cut out 4 mm clear on every side.", "0.4"),
    ],
)
def test_a_margin_in_other_words(encounter, text, margin):
    assert str(the(encounter, text, "excision").margin.value) == margin


def test_a_margin_said_once_before_the_places_is_every_ones(encounter):
    note = "Two nevi excised with 2 mm margins: chest 0.6 cm, right arm 0.9 cm."
    found = {
        p.target.site.key: str(p.margin.value) for p in encounter(note).procedures if p.kind == "excision" and p.margin
    }
    assert found == {"chest": "0.2", "arm": "0.2"}


@pytest.mark.parametrize(
    ("text", "style", "areas"),
    [
        ("Mohs defect of the right cheek, 2 x 1.5. Rhombic lobe cut and swung into the hole; donor 2 x 1.4 cm.", "transposition", ("3.0", "2.8")),
        ("Wound of the forehead 2 x 2 cm. A-to-T: both sides raised and slid together, second defect 3 x 1 cm.", "advancement", ("4", "3")),
        ("Cheek defect 3 x 3 cm. Mustardé rotation, skin raised and carried forward, 6 x 5 cm secondary.", "rotation", ("9", "30")),
        ("Left cheek defect 2 x 1 cm: island on its fat pedicle, cut free all round and advanced, tail closed V to Y, flap bed 2 x 3 cm.", "island", ("2", "6")),
    ],
)  # fmt: skip
def test_flaps_in_other_words(encounter, text, style, areas):
    flap = the(encounter, text, "flap")
    assert (flap.style.value, flap.step) == (style, "transfer")
    assert (flap.primary_area.value, flap.secondary_area.value) == tuple(map(type(flap.primary_area.value), areas))


def test_the_place_in_a_pedicles_name_is_the_donor(encounter):
    note = (
        "Defect of the left helix. Postauricular pedicle flap incised, raised and sewn to the rim, base left attached."
    )
    assert the(encounter, note, "flap").target.site.key == "helix"


@pytest.mark.parametrize(
    ("text", "kind", "count"),
    [
        ("Hypertrophic AKs of the right ear and left ear, 2 each: curetted and desiccated.", "destruction", 4),
        ("8 AKs of the scalp; one left as it was. The other seven were sprayed with LN2.", "destruction", 7),
        ("A dozen prurigo nodules of the arms, each injected with triamcinolone 10 mg/mL, 1 mL.", "intralesional", 12),
    ],
)  # fmt: skip
def test_counts_in_other_words(encounter, text, kind, count):
    assert the(encounter, text, kind).count.value == count


def test_what_was_put_on_the_skin_and_on_the_wound(encounter):
    light = "Psoriasis. White petrolatum to plaques, then UVB cabinet, 0.9 J."
    assert the(encounter, light, "phototherapy").modality == "uvb_petrolatum"
    cover = "Right shin ulcer 6 x 5 cm, week 10. Amniotic membrane stapled over the whole surface."
    assert the(encounter, cover, "skin_substitute").area.value == 30
    patches = "Dermatitis of the hands. Back taped with 60 allergens on Finn chambers. First read in 48 h."
    fact = the(encounter, patches, "patch_test")
    assert (fact.count.value, fact.reading_only) == (60, False)


def test_sutures_placed_before_come_out_today(encounter):
    assert done(encounter, "Scalp staples placed 10 days ago at the ER taken out.") == [("suture_removal", "scalp")]


def test_the_sac_is_left_for_another_day(encounter):
    note = "Inflamed cyst, right shoulder. Stab incision, pus pressed out, wall left for another day."
    assert done(encounter, note) == [("incision_drainage", "shoulder")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tripped on the stairs. 2.5 cm split of the chin, stitched with three 5-0 nylon.", [("repair", "chin")]),
        ("Slipped with the box cutter: clean 1 cm nick of the left thumb, edges glued with Dermabond. No stitches.", [("repair", "finger")]),
        ("Dog bite. Ragged edges of the tear of the left calf trimmed back, subQ 4-0 Vicryl and 4-0 nylon, 5.1 cm.", [("repair", "lower_leg")]),
        ("Fell last month. Small split of the chin, healed.", []),
    ],
)  # fmt: skip
def test_torn_skin_that_is_closed_is_a_laceration(encounter, text, expected):
    assert done(encounter, text) == expected


def test_a_second_sample_from_another_place(encounter):
    note = "Took a 4 mm punch from the border on her chest for H&E and a second from normal skin of the left thigh for DIF."
    assert done(encounter, note) == [("biopsy", "chest"), ("biopsy", "thigh")]


def test_the_depth_of_the_cut_is_no_layer_closed(encounter):
    note = "Nevus of the right calf, 8 mm, 2 mm margins, excised to subcutaneous fat, skin sutured with nylon x5."
    assert the(encounter, note, "repair").layered is None


def test_a_strip_of_plate_along_the_fold(encounter):
    note = "Digital block of the right great toe. Elevator along the lateral sulcus, a 2 mm strip of plate pulled out."
    assert done(encounter, note) == [("nail", "toenail")]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Pearly bump of the chin snipped off with iris scissors for path, r/o BCC.", ["biopsy"]),
        ("Crusted plaque of the right shin, ?SCC. Curetted a bit of it into formalin. The rest left alone.", ["biopsy"]),
        ("Irritated nevus of the scalp, 5 mm, comb catches. Took it flush with the razor.", ["shave"]),
        ("SK of the nose, 6 mm, bleeds under his glasses: saucerization removal.", ["shave"]),
        ("Two filiform warts of the neck snipped, bases hyfrecated.", ["destruction"]),
        ("Three AKs of the left ear. Liq nitro.", ["destruction"]),
        ("SCC in situ of the left hand by biopsy, 1.1 cm. ED+C x3.", ["destruction"]),
        ("Neck cyst 2 cm. Elliptical incision round the punctum, capsule removed entire.", ["excision"]),
        ("Lipoma of the back, 4 cm, enucleated through a 2 cm cut.", ["excision"]),
        ("Heel ulcer 3 x 2 cm: rim of callus and slough pared with a curette.", ["debridement"]),
        ("Right great toe, ingrown: wedge of the nail fold skin cut away.", ["nail"]),
        ("Left hallux: removed half the nail after a block.", ["nail"]),
        ("Keloid of the chest: kenalog 20 mg/mL 0.4 mL.", ["intralesional"]),
        ("Drug: triamcinolone 40 mg/mL, 1 mL single-dose vial on the shelf. Keloid stable.", []),
        ("Forehead tear from the cabinet door, 3 cm; ragged edges excised; 4-0 Vicryl deep, 6-0 Prolene.", ["repair"]),
    ],
)  # fmt: skip
def test_more_acts_in_other_words(encounter, text, kinds):
    assert [k for k, _ in done(encounter, text)] == kinds


def test_of_two_places_the_donor_is_not_the_one_covered(encounter):
    note = "Right hand defect 4 x 3 cm, FTSG from the groin sewn in."
    assert the(encounter, note, "graft").target.site.key == "hand"


def test_a_biopsy_that_proved_it_is_of_another_day(encounter):
    note = "SCC left forearm by biopsy. 1.9 cm, 5 mm margins, disc out to fascia, left open."
    assert done(encounter, note) == [("excision", "forearm")]
