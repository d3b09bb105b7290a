"""Reconstruction as surgeons tell it: which of two places received the tissue, and which numbers are the two areas."""

from decimal import Decimal

import pytest


def all_of(encounter, text, kind):
    return [p for p in encounter(text).procedures if p.kind == kind and p.act.status == "performed"]


@pytest.mark.parametrize(
    ("text", "kind", "site"),
    [
        (
            "Mohs defect of the right ala, made elsewhere. Flap elevated from the right cheek, turned over and sewn in.",
            "flap",
            "nasal_ala",
        ),
        (
            "Left helix wound from Mohs elsewhere. Retroauricular interpolation flap raised and sewn to the helical rim.",
            "flap",
            "helix",
        ),
        (
            "Nasal tip wound, Mohs two weeks ago. FTSG from the left preauricular crease, 1.4 x 1.2 cm, sewn in.",
            "graft",
            "nasal_tip",
        ),
        (
            "Right temple wound from surgery elsewhere, now covered with a full-thickness skin graft harvested from the left clavicle.",
            "graft",
            "temple",
        ),
        (
            "Second stage. Pedicle divided at the cheek, the alar end thinned and inset, cheek stump trimmed and closed.",
            "flap",
            "nasal_ala",
        ),
        (
            "Bridge of the forehead flap divided. Proximal stump returned to the brow, distal end inset on the nose.",
            "flap",
            "nose",
        ),
    ],
)
def test_the_place_that_receives_the_tissue(encounter, text, kind, site):
    assert [p.target.site.key for p in all_of(encounter, text, kind)] == [site]


@pytest.mark.parametrize(
    ("words", "primary", "secondary"),
    [
        ("Areas: primary 2.2 x 2.0 cm, secondary 2.4 x 2.0 cm.", "4.4", "4.8"),
        ("Defect 1.5 x 1.4, donor 2.0 x 1.2.", "2.1", "2.4"),
        ("Total area 3.0 x 2.0 + 2.5 x 2.0.", "6", "5"),
        ("Wound 18 by 15 mm; flap bed 20 x 15 mm.", "2.7", "3"),
        ("4 x 3 cm primary, 5 x 4 cm secondary.", "12", "20"),
        ("2.0 x 2.0 primary and 3.0 x 2.0 secondary.", "4", "6"),
        ("Wound 2.0 x 2.0 cm. The flap left a second wound of 3.0 x 1.5 cm.", "4", "4.5"),
    ],
)
def test_the_two_areas_of_a_transfer(encounter, words, primary, secondary):
    text = f"Left cheek cancer wound. Rhombic flap incised, raised and transposed into it. {words}"
    fact = all_of(encounter, text, "flap")[0]
    assert (fact.primary_area.value, fact.secondary_area.value) == (Decimal(primary), Decimal(secondary))


def test_a_tumor_and_its_margin_are_no_area(encounter):
    text = "Left cheek SCC 1.2 x 1.0 cm. Rhombic flap incised, raised and transposed into the wound."
    fact = all_of(encounter, text, "flap")[0]
    assert (fact.primary_area, fact.secondary_area, fact.total_area) == (None, None, None)


def test_a_flap_cut_free_later_is_an_interpolation(encounter):
    text = "Nasolabial flap raised and sewn into the right alar defect; pedicle to be divided in three weeks."
    fact = all_of(encounter, text, "flap")[0]
    assert (fact.style.value, fact.step) == ("interpolation", "formation")


def test_inset_alone_divides_nothing(encounter):
    text = "Paramedian forehead flap for the nasal tip defect. Flap raised on its pedicle, thinned and inset."
    assert [p.step for p in all_of(encounter, text, "flap")] == ["formation"]


def test_a_number_ends_its_sentence(encounter):
    text = "Nasal tip, SCC, biopsy 4/9. Full-thickness graft 1.2 x 1.0 cm sewn into the wound."
    assert len(all_of(encounter, text, "graft")) == 1


@pytest.mark.parametrize(
    ("text", "structure"),
    [
        (
            "BCC of the right lower lid skin, 5 mm, excised with 2 mm margins sparing the lid margin and tarsus. Skin closed.",
            "skin",
        ),
        ("Papilloma of the right upper lid margin excised with two lashes; closed with 6-0 silk.", "eyelid_lesion"),
        (
            "BCC, left lower eyelid margin. Pentagonal full-thickness resection of a fifth of the lid, tarsus sutured.",
            "eyelid_full_thickness",
        ),
        (
            "SCC of the left helix. Full-thickness wedge of the ear with its cartilage taken, closed simply.",
            "ear_partial",
        ),
        (
            "Lower lip SCC in situ: the whole vermilion was stripped to muscle and labial mucosa advanced to the skin edge.",
            "lip_shave",
        ),
    ],
)
def test_what_was_cut_besides_skin(encounter, text, structure):
    assert [p.structure for p in all_of(encounter, text, "excision")] == [structure]


@pytest.mark.parametrize(
    ("text", "through"),
    [
        (
            "Right upper lip laceration, through and through, a third of the lip's height. Mucosa, muscle and skin sutured.",
            "lip_half",
        ),
        (
            "Lower lip torn full thickness by a dog, more than half its height. Mucosa, muscle and skin closed in layers.",
            "lip_more",
        ),
        (
            "Through-and-through laceration of the lower lip, vermilion only, closed with chromic and silk.",
            "lip_vermilion",
        ),
        ("Laceration of the lower lip, through and through. Mucosa, muscle and skin closed in layers.", "lip_unstated"),
        (
            "Left upper lid margin laceration, full thickness. Tarsus closed with 6-0 Vicryl, gray line silk, skin gut.",
            "lid_full",
        ),
        ("Upper lip laceration 1.4 cm, not through and through, closed with 6-0 nylon.", None),
        ("Right upper eyelid laceration 1 cm, margin and tarsus spared, closed with 6-0 gut.", None),
    ],
)
def test_wounds_through_a_lip_or_a_lid(encounter, text, through):
    fact = all_of(encounter, text, "repair")[0]
    assert (fact.through.value if fact.through else None) == through


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("Back wound, surgery elsewhere, gaped last night. Superficial dehiscence, closed with 3-0 nylon.", "simple"),
        ("Dehisced incision of the calf (excision by an outside surgeon), irrigated and packed.", "packing"),
        (
            "Thigh incision dehisced, surgery elsewhere. Edges excised, fascia loosened, secondary closure with retention sutures.",
            "extensive",
        ),
    ],
)
def test_a_wound_that_came_apart(encounter, text, how):
    fact = all_of(encounter, text, "repair")[0]
    assert (fact.wound_of, fact.secondary_closure.value) == ("dehiscence", how)
    assert all_of(encounter, text, "excision") == []


def test_a_gaping_wound_left_open_is_not_closed(encounter):
    assert all_of(encounter, "Back wound separated 1 cm after surgery, left open to granulate.", "repair") == []


@pytest.mark.parametrize(
    ("text", "action", "digits"),
    [
        ("Toes 1 and 2 of the right foot: complete plate avulsion under ring block.", "avulsion", 2),
        ("Foot: [ ]R [x]L  Toe: [x]1 [ ]2 [x]3\nAvulsion: [x] complete nail plate", "avulsion", 2),
        ("- ingrown left hallux\n- ring block\n- border out, matrix horns phenolized", "matrixectomy", 1),
        ("Right hallux, ingrown. Wedge of nail-fold skin excised and sutured. Plate left alone.", "fold_excision", 1),
        ("Left 5th toe, lateral nail fold overgrown. Wedge excised, two nylon stitches.", "fold_excision", 1),
        (
            "Left index nail bed torn by a door. Plate removed, tear of the bed repaired with 6-0 chromic.",
            "bed_repair",
            1,
        ),
        (
            "Right thumb, dark band. Plate avulsed, 3 mm strip of matrix taken, fold and bed sutured.",
            "biopsy",
            1,
        ),
        ("Both big toenails lifted by blood; each drilled with the cautery, blood let out.", "hematoma", 2),
        ("Mycotic nails debrided: right foot 1st, 2nd and 5th; left foot 1st.", "debridement", 4),
    ],
)
def test_nails_by_digit(encounter, text, action, digits):
    facts = all_of(encounter, text, "nail")
    assert [f.action for f in facts if f.action == action] and {f.action for f in facts} == {action}
    assert sum(len(f.digits) or (f.count.value if f.count else 0) for f in facts) == digits
    assert all_of(encounter, text, "excision") == []


def test_a_graft_clause_names_its_own_place(encounter):
    text = "Nasal tip: full-thickness preauricular graft, 1.2 x 1.0 cm. Forehead: layered closure 4.5 cm. (Mohs elsewhere, yesterday.)"
    assert [p.target.site.key for p in all_of(encounter, text, "graft")] == ["nasal_tip"]


def test_an_unnamed_pair_beside_the_second_is_the_wound(encounter):
    text = "1 chin 2.2 x 2.0 / O-Z rotation flap, secondary 3.0 x 2.0"
    fact = all_of(encounter, text, "flap")[0]
    assert (fact.primary_area.value, fact.secondary_area.value) == (Decimal("4.4"), Decimal("6"))


def test_a_second_wound_sewn_beside_a_graft(encounter):
    text = "Nasal tip: full-thickness preauricular graft, 1.2 x 1.0 cm. Forehead: layered closure 4.5 cm. (Mohs elsewhere, yesterday.)"
    assert [p.target.site.key for p in all_of(encounter, text, "repair")] == ["forehead"]


def test_the_closed_donor_is_no_wound_of_its_own(encounter):
    text = "Mohs defect of the nasal tip, cleared elsewhere. Graft of full thickness taken from the left ear, 1.4 x 1.2 cm, sewn in; ear closed in one line with 5-0 nylon, 2.4 cm."
    assert all_of(encounter, text, "repair") == []
