"""How many lesions: per-site lists add up; cycles, passes and seconds count nothing."""

import pytest


def treated(encounter, text):
    return [p.count.value for p in encounter(text).procedures if p.kind == "destruction" and p.count is not None]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Actinic keratoses x 7, scalp. Liquid nitrogen.", 7),
        ("AK #12 -> LN2, single cycle.", 12),
        ("Seven actinic keratoses of the scalp were frozen with liquid nitrogen.", 7),
        ("Actinic keratoses frozen with liquid nitrogen: scalp 5, right ear 1, left ear 2.", 8),
        ("AKs treated with LN2: forehead (3), nose (2).", 5),
        ("Actinic keratoses of the scalp, LN2 10 s x 2 cycles. Total lesions treated: 6.", 6),
        ("LN2 to 2 actinic keratoses, one on each dorsal hand, 10 sec x 1.", 2),
        ("Actinic keratoses, two on each ear, frozen with liquid nitrogen.", 4),
        ("I froze three warts on the left thumb, two cycles each.", 3),
    ],
)
def test_count(encounter, text, count):
    assert treated(encounter, text) == [count]


def test_a_total_that_contradicts_its_parts_is_a_conflict(encounter):
    text = "I froze six actinic keratoses today: three on the forehead, two on the crown and two on the left ear."
    assert [c.subject for c in encounter(text).conflicts] == ["count"]
