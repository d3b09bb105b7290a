"""One lesion, however often the note returns to it; two lesions when the note tells of two."""


def test_history_exam_and_procedure_speak_of_one_lesion(lesions):
    note = """HPI
Growing spot on the left forearm.
EXAM
8 mm pearly papule, left forearm.
PROCEDURE
Shave biopsy of the papule of the left forearm.
"""
    assert lesions(note) == [(None, "forearm", "left")]


def test_two_sides_are_two_lesions(lesions):
    note = "EXAM\n5 mm papule of the left forearm.\n6 mm papule of the right forearm.\n"
    assert lesions(note) == [(None, "forearm", "left"), (None, "forearm", "right")]


def test_lettered_lesions_keep_their_letters(lesions):
    note = (
        "EXAM\nA) 5 mm papule, left cheek\nB) 6 mm papule, right cheek\nPROCEDURE\nA) shave biopsy\nB) shave biopsy\n"
    )
    assert lesions(note) == [("A", "cheek", "left"), ("B", "cheek", "right")]


def test_upper_and_lower_are_two_places(lesions):
    note = "EXAM\n5 mm papule of the left upper back.\n6 mm papule of the left lower back.\n"
    assert len(lesions(note)) == 2


def test_soap_letters_are_headings(lesions):
    note = "S: cyst of the right upper back, tender.\nO: 1.6 cm nodule, right upper back.\nA: 1. Epidermoid cyst R upper back  2. Psoriasis\nP: 1. Excised today.  2. No change.\n"
    assert [site for _, *site in lesions(note)] == [["back", "right"]]
