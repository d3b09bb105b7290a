"""Patch tests by substance, bedside tests by what was seen here."""

import pytest


def only(encounter, text, kind):
    found = [p for p in encounter(text).procedures if p.kind == kind and p.act.status == "performed"]
    return found[0] if found else None


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Hand dermatitis. Patch tests applied today: 36 allergens on the upper back.", 36),
        (
            "Patch test day 0, hand eczema.\nNorth American 80 ...... 36 of the 80\nHairdressing series ..... 12\ntotal chambers  48",
            48,
        ),
        (
            "Dermatitis. Series placed: T.R.U.E. panels 1-3: 35 allergens; Hairdressing: 22; Gloves/rubber: 8. Finn chambers.",
            65,
        ),
        ("Contact dermatitis: core series 30, cosmetics: 10, patch tests placed on the back. Total patches | 40", 40),
    ],
)
def test_substances_are_counted_once(encounter, text, count):
    assert only(encounter, text, "patch_test").count.value == count


def test_a_set_that_was_left_out_is_not_the_test(encounter):
    fact = only(
        encounter, "Patch test, eczema. 20 allergens applied to the back. Photopatch set: NOT applied.", "patch_test"
    )
    assert (fact.test, fact.count.value) == ("patch", 20)


def test_photopatch_counts_its_substances_not_its_duplicates(encounter):
    fact = only(
        encounter,
        "Photopatch day 1, photodermatitis. 18 photoallergens in duplicate on the back, placed by RN.",
        "patch_test",
    )
    assert (fact.test, fact.count.value) == ("photopatch", 18)


def test_a_reading_is_no_application(encounter):
    assert only(
        encounter, "Patch test 96 hour reading today: nickel ++, the rest negative. Eczema.", "patch_test"
    ).reading_only


@pytest.mark.parametrize(
    ("text", "test"),
    [
        ("Tinea pedis. KOH scraping of the left foot read by me: hyphae.", "koh"),
        ("Onychomycosis. Clipping of the right great nail put up in KOH here: septate hyphae seen.", "koh"),
        ("Scabies. A burrow was scraped in mineral oil, one mite and eggs under the scope.", "scabies"),
        ("Herpes zoster. Tzanck by me: multinucleated giant cells.", "tzanck"),
    ],
)
def test_what_was_looked_at_here(encounter, text, test):
    fact = only(encounter, text, "bedside_test")
    assert (fact.test, fact.result is not None) == (test, True)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Onychomycosis. KOH positive 2025, not repeated.", "an earlier one"),
        ("Tinea corporis, classic; KOH not done.", "not done"),
        ("If no better, KOH at the next visit. Eczema.", "planned"),
    ],
)
def test_near_misses_are_no_test_of_today(encounter, text, why):
    assert only(encounter, text, "bedside_test") is None, why
