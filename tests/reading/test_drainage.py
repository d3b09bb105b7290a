"""Drainage, aspiration, acne surgery and foreign bodies: what it was, what it was opened with, what came out."""

import pytest


def done(encounter, text, kind):
    return [p for p in encounter(text).procedures if p.kind == kind and p.act.status == "performed"]


@pytest.mark.parametrize(
    ("text", "of"),
    [
        ("I&D of abscess, left thigh. Pus expressed, irrigated.", "abscess"),
        ("Right axilla boil: lido 1%, 11 blade, 8 mm opening, thick pus came out, gauze.", "furuncle"),
        ("Inflamed epidermoid cyst of the mid back. A stab with a #11 let out foul cheesy material.", "cyst"),
        ("R thumb acute paronychia lanced with the tip of an 11 blade; pus drained, soaks.", "paronychia"),
        ("Hematoma of the left cheek. The skin was opened 1 cm and about 10 mL of clot evacuated.", "hematoma"),
    ],
)
def test_a_place_opened_and_emptied_is_a_drainage(encounter, text, of):
    assert [p.of for p in done(encounter, text, "incision_drainage")] == [of]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Abscess of the buttock has drained on its own. Nothing to open.", "it opened itself"),
        ("Boil, left groin: will incise and drain if it points.", "only planned"),
        (
            "Pilar cyst of the scalp: the sac was dissected out and delivered intact through a 1 cm incision.",
            "excised with its wall",
        ),
        (
            "A 15 French Blake drain was brought out through a separate incision; pleural space irrigated.",
            "not the skin",
        ),
    ],
)
def test_near_misses_are_no_drainage(encounter, text, why):
    assert done(encounter, text, "incision_drainage") == [], why


def test_what_makes_a_drainage_complicated_is_read_or_denied(encounter):
    broken = done(
        encounter, "I&D of back abscess: pus drained, loculations broken up, iodoform packing.", "incision_drainage"
    )[0]
    plain = done(encounter, "I&D of back abscess: pus drained, no septa or pockets, not packed.", "incision_drainage")[
        0
    ]
    assert (broken.loculations.value, broken.packed.value) == (True, True)
    assert (plain.loculations.value, plain.packed.value) == (False, False)


def test_a_needle_is_an_aspiration_and_no_drainage(encounter):
    text = "Seroma, right upper arm. 18-gauge needle, 12 mL of straw fluid drawn off, no incision."
    assert [p.of for p in done(encounter, text, "aspiration")] == ["seroma"]
    assert done(encounter, text, "incision_drainage") == []


def test_an_aspiration_before_an_anesthetic_is_none(encounter):
    assert (
        done(encounter, "Cyst of the back excised. Lidocaine injected after negative aspiration.", "aspiration") == []
    )


def test_a_splinter_needs_its_incision(encounter):
    cut = "Wood splinter, left palm. 5 mm incision over it, sliver lifted out of the fat with a mosquito."
    loose = "Thorn in the left index finger pulled with tweezers, no incision needed."
    assert [p.incised.value for p in done(encounter, cut, "foreign_body")] == [True]
    assert [p.incised.value for p in done(encounter, loose, "foreign_body")] == [False]


@pytest.mark.parametrize(
    "text",
    [
        "Acne surgery: 14 comedones and 3 milia extracted from the cheeks.",
        "Milia of both lower lids nicked with a needle and expressed.",
    ],
)
def test_comedones_and_milia_opened_are_acne_surgery(encounter, text):
    assert len(done(encounter, text, "acne_surgery")) == 1


def test_comedones_that_are_only_seen_are_not_opened(encounter):
    assert (
        done(
            encounter,
            "Open comedones of the forehead; tretinoin started, extractions offered and declined.",
            "acne_surgery",
        )
        == []
    )


def test_three_items_are_three_acts(encounter):
    text = "1) L thigh boil, #11, 1 cm opening, pus drained.\n2) R forearm: glass shard, 6 mm incision, shard out with a hemostat.\n3) L shin hematoma: 18g aspirated 9 mL of old blood, no cut."
    found = [
        (p.kind, p.target.site.key)
        for p in encounter(text).procedures
        if p.act.status == "performed" and p.kind in {"incision_drainage", "foreign_body", "aspiration"}
    ]
    assert sorted(found) == [("aspiration", "lower_leg"), ("foreign_body", "forearm"), ("incision_drainage", "thigh")]
