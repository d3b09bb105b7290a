"""What became of a procedure: only what was done today may reach the claim."""

import pytest


def statuses(page, text):
    return [act.status for mark in page(text).marks for act in mark.acts]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Shave biopsy of the left cheek was performed.", "performed"),
        ("The lesion was excised with 4 mm margins.", "performed"),
        ("We froze the lesions with liquid nitrogen.", "performed"),
        ("Will schedule excision of the left cheek.", "planned"),
        ("Excision recommended.", "planned"),
        ("Return for shave removal next month.", "planned"),
        ("If it persists, biopsy at the next visit.", "planned"),
        ("Offered cryotherapy; patient declined.", "discussed"),
        ("She declined biopsy today.", "declined"),
        ("I offered to freeze it but she would sooner leave it be.", "discussed"),
        ("Biopsy deferred.", "deferred"),
        ("No biopsy was taken.", "negated"),
        ("Biopsy was not performed.", "negated"),
        ("History of Mohs surgery of the nose in 2019.", "historical"),
        ("s/p excision 8/3/26 at the left arm.", "historical"),
        ("Biopsy site of the left arm is well healed.", "historical"),
        ("I glanced at the excision on the other side: clean, edges together.", "historical"),
        ("Sutures intact.", "historical"),
    ],
)
def test_status(page, text, status):
    assert set(statuses(page, text)) == {status}


def test_a_planned_act_beside_a_performed_one(page):
    text = "Shave biopsy was performed today. If malignant, will schedule Mohs surgery."
    assert statuses(page, text) == ["performed", "planned"]


@pytest.mark.parametrize(
    "closing", ["No procedure was carried out today.", "Nothing was treated.", "Procedures: none."]
)
def test_a_note_that_says_nothing_was_done(encounter, closing):
    note = f"Molluscum of the trunk, nineteen papules.\nI described freezing, cantharidin and waiting.\n{closing}"
    assert [p for p in encounter(note).procedures if p.act.status == "performed"] == []


def test_nothing_done_elsewhere_does_not_undo_what_was_done(encounter):
    note = (
        "Both warts of the left thumb were frozen with liquid nitrogen. Seborrheic keratoses of the back: nothing done."
    )
    assert [p.kind for p in encounter(note).procedures if p.act.status == "performed"] == ["destruction"]


@pytest.mark.parametrize(
    ("text", "certainty"),
    [
        ("Basal cell carcinoma of the left cheek.", "stated"),
        ("Biopsy-proven basal cell carcinoma of the left cheek.", "pathology"),
        ("R/o basal cell carcinoma, left cheek.", "uncertain"),
        ("Favor basal cell carcinoma of the left cheek.", "uncertain"),
        ("Suspicious for basal cell carcinoma.", "uncertain"),
        ("Basal cell carcinoma of the nose, excised in 2019.", "history"),
        ("No evidence of basal cell carcinoma.", "negated"),
    ],
)
def test_certainty_of_a_diagnosis(page, text, certainty):
    assert {d.certainty for mark in page(text).marks for d in mark.diagnoses} == {certainty}


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("He will be back in two weeks to have the stitches out.", "planned"),
        ("Other choices weighed with her: a full-thickness graft, a forehead flap.", "discussed"),
        ("A transposition flap had been an option.", "discussed"),
        ("The Mohs surgery was done this morning by Dr. Smith (a different practice).", "elsewhere"),
    ],
)
def test_what_was_not_done_here_and_now(page, text, status):
    assert set(statuses(page, text)) == {status}
