"""Surgery told by its facts rather than by its name: excisions, wounds and places in other clinicians' words."""

import pytest


def done(encounter, text, *kinds):
    return sorted(
        (p.kind, p.target.site.key if p.target.site else None)
        for p in encounter(text).procedures
        if p.act.status == "performed" and (not kinds or p.kind in kinds)
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # A lesion with its margin whose wound was closed was excised (EX-02).
        ("Site: left shin. Dx: SCC, proven. Lesion 0.8 cm, margin 4 mm. Closed in layers, 3-0 PDS deep, nylon on top. Length 3.9 cm.", [("excision", "lower_leg")]),
        ("She let me take off the sore 1.4 cm cyst of her right shoulder, whole sac, 4-0 nylon to the skin.", [("excision", "shoulder")]),
        ("Epidermoid cyst of the scrotum, 1.1 cm. Removed with its wall through a small incision, closed with chromic.", [("excision", "scrotum")]),
        ("Removal of lump of the left upper back, 2 cm. Dissected from subcutaneous fat, sent. Nylon. Dx: lipoma.", [("excision", "back")]),
        ("Removed the basal cell carcinoma from the back of his right hand, 0.9 cm across, together with 4 mm of healthy skin; two layers, 3.2 cm.", [("excision", "hand")]),
    ],
)  # fmt: skip
def test_excision_without_its_name(encounter, text, expected):
    assert done(encounter, text, "excision", "biopsy", "shave") == expected


@pytest.mark.parametrize(
    "text",
    [
        "Site: left shin. Dx: SCC, proven. Lesion 0.8 cm. Plan: margin 4 mm, closed in layers, on Thursday.",
        "Basal cell carcinoma of the back, excised elsewhere in March with 4 mm margins; stitches look fine.",
        "Melanoma of the calf, removed last year with 1 cm margins and closed in layers. Scar soft.",
    ],
)
def test_margins_of_another_day_excise_nothing(encounter, text):
    assert done(encounter, text, "excision") == []


@pytest.mark.parametrize(
    ("text", "site"),
    [
        ("Shave biopsy of the L mid-calf, pink plaque.", "lower_leg"),
        ("Shave biopsy of a papule on the back of her left hand.", "hand"),
        ("Shave biopsy of the papule on the back of the right knee.", "knee"),
    ],
)
def test_places(encounter, text, site):
    assert done(encounter, text) == [("biopsy", site)]


def test_sentence_that_ends_with_a_number(encounter):
    text = "Checked in 09:42. Site: mid forehead. Dx: BCC. Shave biopsy done."
    assert done(encounter, text) == [("biopsy", "forehead")]


@pytest.mark.parametrize(
    "told",
    ["SQ 3-0 Vicryl, skin 4-0 Prolene.", "Layers 3-0 PDS, 4-0 Prolene.", "Deep 4-0 Monocryl and 5-0 nylon on top."],
)
def test_layers_by_their_sutures(encounter, told):
    text = f"SCC of the left forearm, 1.1 cm, proven, excised with 4 mm margins to fascia. {told} Length 5.0 cm."
    [repair] = [p for p in encounter(text).procedures if p.kind == "repair"]
    assert repair.layered is not None and repair.layered.value


@pytest.mark.parametrize(
    "text",
    [
        "Left forearm BCC (path of 3/9): excised today, 0.7 cm with 4 mm margins, 3.1 cm in layers.",
        "Left forearm: SCC (biopsied), 0.6 cm, excised with 4 mm margins, 2.9 cm in layers.",
    ],
)
def test_proof_in_brackets_dates_no_excision(encounter, text):
    assert done(encounter, text, "excision", "biopsy") == [("excision", "forearm")]


def test_only_place_of_the_note_is_the_place_of_its_act(encounter):
    text = "Timeout: right shin agreed. Blue nevus, 5 mm, excised through the full thickness with a 2 mm rim. Three nylons."
    assert done(encounter, text, "excision") == [("excision", "lower_leg")]


def test_both_tumors_were_curetted(encounter):
    text = "Superficial basal cell carcinomas of the left shoulder, 0.9 cm, and of the abdomen, 1.3 cm. Reports came on 5/3. Both were scraped and burned, three rounds."
    assert done(encounter, text, "destruction") == [("destruction", "abdomen"), ("destruction", "shoulder")]


def test_final_size_of_a_form_belongs_to_its_only_tumor(encounter):
    text = (
        "PROCEDURE: ED&C\nSite: left shin\nDiagnosis: SCC in situ\nSize before: 0.8 cm\nFinal size: 1.2 cm\nPasses: 3"
    )
    [destroyed] = [p for p in encounter(text).procedures if p.kind == "destruction" and p.act.status == "performed"]
    assert str(destroyed.final_diameter.value) == "1.2"


def test_tissue_cut_from_an_ulcer_is_debrided(encounter):
    text = "PROCEDURE: Debridement, left ischial ulcer, under local MAC.\nThe scarred tissue of the decubitus ulcer was sharply excised until bleeding tissue was reached. Packed."
    assert [kind for kind, _ in done(encounter, text)] == ["debridement"]


def test_incision_made_now_is_no_dehiscence(encounter):
    text = "A transverse scrotal incision was made and carried down to the tunica, which was opened. Skin was closed in two layers using 3-0 chromic."
    assert done(encounter, text) == []


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("04/02 excision, left upper back (3 mm rim, sewn in layers 4.1 cm): melanoma in situ at one edge. Today the scar, 2 cm, was excised with 5 mm margins. Buried PDS and nylon, 7.9 cm.", "7.9"),
        ("BCC of the left cheek, biopsied 9/24. 61 M, Mohs of the nose in 2018. Excised with 4 mm margins, 0.6 cm lesion. Buried Vicryl and nylon, 3.3 cm.", "3.3"),
    ],
)  # fmt: skip
def test_closure_is_of_today(encounter, text, length):
    closures = [p for p in encounter(text).procedures if p.kind == "repair" and p.act.status == "performed"]
    assert [str(p.length.value) for p in closures] == [length]


def test_side_of_a_place_is_not_what_was_left(encounter):
    text = "Liquid nitrogen to actinic keratoses: four left forearm, three right forearm."
    [group] = [p for p in encounter(text).procedures if p.kind == "destruction"]
    assert group.count.value == 7


def test_new_spot_that_is_sampled_is_a_biopsy(encounter):
    assert done(encounter, "Sampled the new papule of the left cheek by punch, 3 mm, for histology.") == [
        ("biopsy", "cheek")
    ]
