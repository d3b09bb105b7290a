"""The shape of a page: which heading a clause stands under, what is ignored, what a row of a table says."""

import pytest


def kinds(page, text):
    return {mark.clause.text.strip(): mark.kind for mark in page(text).marks}


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("EXAM", "exam"),
        ("Physical Exam:", "exam"),
        ("PLAN", "plan"),
        ("PROCEDURE", "procedure"),
        ("FINDINGS AND DESCRIPTION", "procedure"),
        ("PAST MEDICAL HISTORY", "past"),
        ("PREVIOUS DERMATOLOGY PROCEDURES (imported)", "past"),
        ("STANDARD TEXT (appears in all notes)", "boilerplate"),
    ],
)
def test_headings(page, heading, kind):
    assert kinds(page, f"{heading}\nLeft cheek clear.\n")["Left cheek clear."] == kind


def test_soap_letters(page):
    read = kinds(page, "S: spot on the nose.\nO: 5 mm papule.\nA: wart.\nP: observe.\n")
    assert [read[key] for key in ("wart.", "observe.")] == ["assessment", "plan"]


@pytest.mark.parametrize(
    "table",
    [
        "Site | Dx | # | Method\nScalp | AK | 4 | LN2\nL cheek | AK | 3 | LN2\n",
        "Site        Dx    #   Method\nScalp       AK    4   LN2\nL cheek     AK    3   LN2\n",
    ],
)
def test_a_table_is_read_by_its_columns(encounter, table):
    (destruction,) = [p for p in encounter(f"TREATMENT\n{table}").procedures if p.kind == "destruction"]
    assert destruction.count.value == 7


def test_a_lesion_column_labels_the_row(page):
    text = "Stage|Tumor|Blocks|Result\nI|A|3|positive\nII|A|1|clear\nI|B|2|clear\n"
    assert [mark.clause.item.label for mark in page(text).marks] == ["A", "A", "B"]


def test_the_unit_may_stand_in_the_key(page):
    (measure,) = [m for mark in page("Clinical size (mm): 11 x 9\n").marks for m in mark.measures]
    assert [str(d) for d in measure.dims] == ["1.1", "0.9"]


@pytest.mark.parametrize("heading", ["a/p", "plan", "assessment"])
def test_a_line_that_is_only_a_heading_needs_no_capital(page, heading):
    read = kinds(page, f"o: waxy papule on the cheek, benign, left\n{heading}\n1 rosacea, not controlled\n")
    assert next(kind for text, kind in read.items() if "rosacea" in text) in {"assessment_plan", "plan", "assessment"}


def test_numbered_problems_begin_the_assessment(page):
    read = kinds(page, "Exam: pustules.\n\nPROBLEM 1: Rosacea, flaring\n- Start doxycycline 40 mg daily\n")
    assert read["PROBLEM 1: Rosacea, flaring"] == "assessment_plan"


def test_a_heading_no_table_knows_ends_the_indication(page):
    note = "INDICATION\n  hyperhidrosis of the axillae\n\nPRODUCT\n  50 units given in each axilla\n"
    read = kinds(page, note)
    assert read["hyperhidrosis of the axillae"] != read["50 units given in each axilla"] == "body"


def test_a_condition_in_capitals_is_no_heading(page):
    assert "SEBORRHEIC DERMATITIS" in kinds(page, "HPI: flakes again.\n\nSEBORRHEIC DERMATITIS\nStart ketoconazole.\n")
