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
