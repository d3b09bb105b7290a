"""Flaps, grafts, substitutes and structures: what was moved into which wound, and how it was cut."""

from decimal import Decimal

import pytest


def all_of(encounter, text, kind):
    return [p for p in encounter(text).procedures if p.kind == kind and p.act.status == "performed"]


def test_both_areas_of_a_transfer(encounter):
    text = (
        "Excision of squamous cell carcinoma, left temple, with rhombic flap. The resulting wound was 2.6 x 2.6 cm. "
        "The limb was cut, elevated off the fascia and swung into the wound. The secondary defect measured 2.6 x 2.2 cm."
    )
    fact = all_of(encounter, text, "flap")[0]
    assert (fact.style.value, fact.primary_area.value, fact.secondary_area.value) == (
        "transposition",
        Decimal("6.76"),
        Decimal("5.72"),
    )
    assert fact.incised.value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Day 30 after nose flap. Flap pink, flat, edges fine.", "only looked at"),
        ("Hematoma beneath the cheek rotation flap I made on 11/3: opened and evacuated.", "an earlier flap"),
        ("Flap versus graft was discussed; second intention chosen.", "discussed"),
    ],
)
def test_near_misses_move_no_tissue(encounter, text, why):
    assert all_of(encounter, text, "flap") == [], why


def test_a_divided_flap_was_made_before(encounter):
    text = "Second stage, paramedian forehead flap of the nasal tip. The pedicle was clamped, then sectioned and inset into the nose."
    assert [p.step for p in all_of(encounter, text, "flap")] == ["division"]


def test_a_pedicle_cut_to_size_is_not_divided(encounter):
    text = "Tarsoconjunctival flap from the left upper lid to the left lower lid: raised by incision of the tarsus, the pedicle was then cut to size and sewn in."
    assert [p.step for p in all_of(encounter, text, "flap")] == ["transfer"]


def test_a_graft_by_its_recipient(encounter):
    text = "Excision of melanoma in situ, left shin. A full-thickness graft 3.4 x 3.0 cm from the left groin was sewn into the shin defect."
    fact = all_of(encounter, text, "graft")[0]
    assert (fact.type, fact.target.site.key, fact.area.value) == ("full_thickness", "lower_leg", Decimal("10.20"))


def test_a_graft_that_is_only_considered_is_none(encounter):
    assert (
        all_of(encounter, "Left shin wound granulating. Split-thickness graft was considered and set aside.", "graft")
        == []
    )


def test_the_surface_a_substitute_covers_is_not_what_was_discarded(encounter):
    text = "Wound of the vertex scalp. A dermal regeneration matrix was trimmed to fill the whole surface (50 sq cm applied) and stapled. The rest, 40 sq cm, was discarded."
    fact = all_of(encounter, text, "skin_substitute")[0]
    assert (fact.area.value, fact.wasted.value, fact.anchored.value) == (Decimal(50), Decimal(40), True)


@pytest.mark.parametrize(
    ("text", "structure"),
    [
        (
            "SCC of the lower lip. A V was marked with 5 mm on each side and excised through skin, muscle and mucosa, closed directly.",
            "lip_v",
        ),
        (
            "SCC, right helix. Full-thickness wedge through skin and cartilage, out as one piece, rim closed.",
            "ear_partial",
        ),
        ("Nevus astride the lash margin of the left lower lid, excised flush with the tarsus.", "eyelid_lesion"),
        ("Digital mucous cyst of the right index finger excised with its stalk.", "digital_mucous_cyst"),
        ("Pilonidal cyst of the gluteal cleft excised down to the sacral fascia.", "pilonidal"),
        ("Nevus of the right lower eyelid skin excised with a 1 mm margin.", "skin"),
    ],
)
def test_the_structure_that_was_cut(encounter, text, structure):
    assert [p.structure for p in all_of(encounter, text, "excision")] == [structure]


def test_what_was_considered_was_not_cut(encounter):
    text = "SCC of the lower lip: V excision with direct closure. Vermilionectomy was considered and not carried out."
    assert [p.structure for p in all_of(encounter, text, "excision")] == ["lip_v"]


def test_fields_of_hidradenitis_side_by_side(encounter):
    text = (
        "Hidradenitis suppurativa of both axillae, operative note.\n\nRIGHT. The hair-bearing plate was excised en bloc. Layered closure, 11 cm.\n\n"
        "LEFT. A smaller plaque with two tracts was excised. 3-0 Vicryl buried and staples, 5 cm.\n\nThe groins were inspected, nothing was cut there."
    )
    found = [(p.structure, p.target.site.key, p.target.site.side) for p in all_of(encounter, text, "excision")]
    assert sorted(found) == [("hidradenitis", "axilla", "left"), ("hidradenitis", "axilla", "right")]


def test_hidradenitis_that_is_injected_is_not_excised(encounter):
    assert (
        all_of(encounter, "Hidradenitis, L axilla: four nodules injected with Kenalog 10 mg/mL, 0.8 mL.", "excision")
        == []
    )


def test_the_stages_of_a_flap_are_no_stages_of_mohs_surgery(encounter):
    note = """PREOPERATIVE DIAGNOSIS: Defect of the nasal tip following Mohs excision of basal cell carcinoma.
PROCEDURE: Paramedian forehead flap, first stage, to the nasal tip.
INDICATIONS: The tumor was cleared in two stages this morning by Dr. Ames of another practice.
DESCRIPTION: The flap was raised on its vessels, turned and sewn to the tip with 5-0 nylon.
"""
    assert [p.kind for p in encounter(note).procedures if p.act.status == "performed" and p.kind != "repair"] == [
        "flap"
    ]


def test_stages_in_one_line_keep_their_blocks(encounter):
    note = "Mohs surgery today, slides read by me. BCC right ala. St I 2 bl pos, st II 2 bl pos deep, st III 1 bl neg."
    mohs = next(p for p in encounter(note).procedures if p.kind == "mohs")
    assert [s.blocks.value for s in mohs.stages] == [2, 2, 1]
