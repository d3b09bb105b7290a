"""Every gold note of corpora/: its form, its quotes and offsets, its codes in force, its edits by the tables.

A check is a function from a note to the faults it finds; the same functions are run on broken copies of a note, so
that each check is seen to fail.
"""

from __future__ import annotations

import copy
import csv
import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

Note = dict[str, Any]

FAMILY_NAMES = """
biopsy shave excision repair destruction tags mohs flap graft pedicle substitute soft_tissue cyst site_procedure
hidradenitis drainage injection drug chemodenervation filler nail paring pdt phototherapy patch_test lab wound_care
suture_removal laser_peel tattoo cosmetic pathology global visit telehealth none
"""
GAP_NAMES = """
lesion.size lesion.margin lesion.site lesion.laterality lesion.count lesion.diagnosis lesion.symptoms
procedure.technique procedure.depth procedure.method closure.type closure.length closure.criteria flap.area
graft.area mohs.stages mohs.blocks mohs.pathology specimen.count pathology.result em.separate_problem em.mdm em.time
drug.name drug.dose drug.wastage injection.count telehealth.modality telehealth.location telehealth.consent
telehealth.time medical_necessity cosmetic.notice date_of_service consent nail.digit note.conflict patient.status
prior_procedure.date
"""
KEY_NAMES = """
id voice style families case text context lines alternates gaps gaps_optional not_coded facts rationale
"""
FAMILIES, GAPS, KEYS = (set(names.split()) for names in (FAMILY_NAMES, GAP_NAMES, KEY_NAMES))
CASES = {"plain", "boundary", "negated", "silent", "refused", "conflict", "mixed"}
CODE = re.compile(r"\d{4}[0-9T]|[A-Z]\d{4}")
MODIFIER = re.compile(r"24|25|26|50|57|58|59|78|79|93|95|TC|JW|JZ|LT|RT|E[1-4]|FA|F[1-9]|TA|T[1-9]|Q[789]|G[AXYZ]")
DIAGNOSIS = re.compile(r"[A-TV-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?")
VISIT = re.compile(r"992\d\d|980(0\d|1[0-6])|9942[123]|9944[6-9]|9945[12]|G2010|G2252")
VISIT_ADD_ONS = {"G2211", "G2212", "99417"}
# Poly-L-lactic acid, 0.5 mg: procedures 10.9; the delivered product tables have no row for it yet.
ONLY_IN_THE_RULEBOOK = {"Q2028"}
UNPAIRED = re.compile(r"[A-Z]\d{4}|8\d{4}")


def is_visit(code: str) -> bool:
    return code in VISIT_ADD_ONS or bool(VISIT.fullmatch(code))


def is_repair(code: str) -> bool:
    return bool(re.fullmatch(r"1[23]\d{3}", code)) and "12001" <= code <= "13153"


def all_claims(note: Note) -> list[list[dict[str, Any]]]:
    return [note["lines"], *note["alternates"]]


# ------------------------------------------------------------------------------------------------ checks


def form(note: Note) -> list[str]:
    faults = []
    if set(note) - {"documents", "refutes"} != KEYS:
        faults.append(f"keys {sorted(set(note) ^ KEYS)}")
    if not note["families"] or set(note["families"]) - FAMILIES:
        faults.append(f"families {note['families']}")
    if note["case"] not in CASES:
        faults.append(f"case {note['case']}")
    if not re.fullmatch(rf"{note['voice']}-\d+", note["id"]):
        faults.append(f"id {note['id']} of voice {note['voice']}")
    for gap in note["gaps"]:
        if gap["element"] not in GAPS or not gap["about"]:
            faults.append(f"gap {gap}")
    faults += [f"optional gap {element}" for element in note["gaps_optional"] if element not in GAPS]
    if not note["text"].strip() or not note["rationale"].strip() or set(note["facts"]) < {"lesions"}:
        faults.append("text, facts or rationale empty")
    return faults


def context(note: Note) -> list[str]:
    faults = []
    given = note["context"]
    day = date.fromisoformat(given["date_of_service"])
    if day.year != 2026:
        faults.append(f"date {day}")
    if given["payer"] not in {"medicare", "commercial"}:
        faults.append(f"payer {given['payer']}")
    if given["patient_status"] not in {"new", "established", None}:
        faults.append(f"status {given['patient_status']}")
    if not re.fullmatch(r"\d\d", given["place_of_service"]):
        faults.append(f"place {given['place_of_service']}")
    for earlier in given.get("prior_procedures", []):
        if date.fromisoformat(earlier["date"]) >= day or earlier["global_days"] not in {0, 10, 90}:
            faults.append(f"earlier {earlier}")
    return faults


def quotes(note: Note) -> list[str]:
    faults = []
    for line in note["lines"]:
        if not line["evidence"] or len(line["spans"]) != len(line["evidence"]):
            faults.append(f"{line['code']}: {len(line['evidence'])} quotes, {len(line['spans'])} spans")
        for quote, span in zip(line["evidence"], line["spans"], strict=False):
            if note["text"][span["start"] : span["end"]] != quote or len(quote) > 240:
                faults.append(f"{line['code']}: {span} is not the quote, which starts at {note['text'].find(quote)}")
    return faults


def lines(note: Note) -> list[str]:
    faults = []
    for claim in all_claims(note):
        for line in claim:
            if not CODE.fullmatch(line["code"]) or type(line["units"]) is not int or line["units"] < 1:
                faults.append(f"line {line['code']} x {line['units']!r}")
            faults += [f"{line['code']}: modifier {m}" for m in line["modifiers"] if not MODIFIER.fullmatch(m)]
            if not 1 <= len(line["dx"]) <= 4 or len(set(line["dx"])) != len(line["dx"]):
                faults.append(f"{line['code']}: diagnoses {line['dx']}")
        if len({code for line in claim for code in line["dx"]}) > 12:
            faults.append("more than twelve diagnoses")
    billed = {line["code"] for line in note["lines"]} | {code for line in note["lines"] for code in line["dx"]}
    faults += [f"refused and billed: {item['code']}" for item in note["not_coded"] if item["code"] in billed]
    return faults


def in_force(note: Note, tables: Any) -> list[str]:
    day = note["context"]["date_of_service"]
    codes, diagnoses = tables.codes_on(day) | ONLY_IN_THE_RULEBOOK, tables.diagnoses_on(day)
    return [
        f"{line['code']}: {unknown} is not in force on {day}"
        for claim in all_claims(note)
        for line in claim
        for unknown in [
            *({line["code"]} - codes),
            *(dx for dx in line["dx"] if not DIAGNOSIS.fullmatch(dx) or dx not in diagnoses),
        ]
    ]


def add_ons(note: Note, tables: Any) -> list[str]:
    """Each add-on has a primary of the table on the same claim (AOC)."""
    codes = {line["code"] for line in note["lines"]}
    return [
        f"{code} without one of {sorted(tables.primaries[code])}"
        for code in sorted(codes & set(tables.primaries))
        if tables.primaries[code] - {""} and not tables.primaries[code] & codes
    ]


def distinct(note: Note, tables: Any) -> list[str]:
    """HC-3: 59 exactly on the column-2 line of a pair with indicator 1, and on an identical code's later line."""
    faults = []
    claim = note["lines"]
    for place, line in enumerate(claim):
        code, has = line["code"], "59" in line["modifiers"]
        others = [other for at, other in enumerate(claim) if at != place]
        never = [other["code"] for other in others if tables.pairs.get((other["code"], code)) == "0"]
        if never:
            faults.append(f"{code} beside {never}: indicator 0")
        if is_visit(code):
            faults += [f"{code}: 59 on a visit"] if has else []
            continue
        partners = [other for other in others if tables.pairs.get((other["code"], code)) == "1"]
        needed = bool(partners)
        if is_repair(code) and all("59" in other["modifiers"] for other in partners):
            needed = False
        repeated = any(other["code"] == code and "JW" not in line["modifiers"] for other in claim[:place])
        if repeated and not UNPAIRED.fullmatch(code):
            needed = True
        if needed != has:
            faults.append(f"{code}: 59 {'missing' if needed else 'unexplained'} {[o['code'] for o in partners]}")
    return faults


CHECKS: list[Callable[..., list[str]]] = [form, context, quotes, lines, in_force, add_ons, distinct]
BY_TABLE = {in_force, add_ons, distinct}


def run(check: Callable[..., list[str]], note: Note, tables: Any) -> list[str]:
    return check(note, tables) if check in BY_TABLE else check(note)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_every_note_passes(
    check: Callable[..., list[str]], notes: list[Note], refuted: list[Note], tables: Any
) -> None:
    faults = {note["id"]: found for note in [*notes, *refuted] if (found := run(check, note, tables))}
    assert faults == {}


# ------------------------------------------------------------------------------------------ checks can fail

BREAKS: list[tuple[Callable[..., list[str]], str, Callable[[Note], object]]] = [
    (form, "a key too many", lambda n: n.update(extra=1)),
    (form, "a family outside the list", lambda n: n["families"].append("surgery")),
    (form, "a gap outside the contract", lambda n: n["gaps"].append({"element": "size", "about": "x", "why": "y"})),
    (form, "the id of another voice", lambda n: n.update(id="soap-001")),
    (context, "a date of another year", lambda n: n["context"].update(date_of_service="2027-01-04")),
    (context, "a payer outside the input", lambda n: n["context"].update(payer="medicaid")),
    (quotes, "an offset that slipped", lambda n: n["lines"][0]["spans"][0].update(start=0)),
    (quotes, "a quote that is not in the text", lambda n: n["lines"][0]["evidence"].__setitem__(0, "not written")),
    (quotes, "a line without evidence", lambda n: n["lines"][0].update(evidence=[], spans=[])),
    (lines, "no units", lambda n: n["lines"][0].update(units=0)),
    (lines, "a modifier that is never emitted", lambda n: n["lines"][0]["modifiers"].append("51")),
    (lines, "refused and billed at once", lambda n: n["not_coded"].append({"code": "17000", "why": "x"})),
    (in_force, "a code deleted in 2006", lambda n: n["lines"][0].update(code="17304")),
    (in_force, "a category instead of a billable code", lambda n: n["lines"][0].update(dx=["L57"])),
    (add_ons, "an add-on alone", lambda n: n.update(lines=n["lines"][1:2])),
    (distinct, "59 left out", lambda n: n["lines"][2].update(modifiers=[])),
    (distinct, "59 on column 1", lambda n: n["lines"][0]["modifiers"].append("59")),
    (distinct, "two techniques first", lambda n: n["lines"].append({**n["lines"][0], "code": "11104"})),
]


@pytest.mark.parametrize(("check", "name", "harm"), BREAKS, ids=[name for _, name, _ in BREAKS])
def test_a_broken_note_is_found(
    check: Callable[..., list[str]], name: str, harm: Callable[[Note], object], notes: list[Note], tables: Any
) -> None:
    whole = next(note for note in notes if note["id"] == "scribe-001")
    codes = [(line["code"], line["modifiers"]) for line in whole["lines"]]
    assert codes == [("11102", []), ("11103", []), ("17000", ["59"]), ("17003", [])]
    broken = copy.deepcopy(whole)
    harm(broken)
    assert run(check, whole, tables) == []
    assert run(check, broken, tables) != []


# ------------------------------------------------------------------------------------------------- corpus


def test_each_note_lies_where_its_id_says(corpora: Path, notes: list[Note], voices: list[dict[str, str]]) -> None:
    files = {path.stem: path.parent.name for path in corpora.glob("notes/*/*.json")}
    assert files == {note["id"]: note["voice"] for note in notes}
    assert len({note["id"] for note in notes}) == len(notes)
    assert len({note["text"] for note in notes}) == len(notes)
    assert {row["voice"] for row in voices} == set(files.values())


def coded(folder: Path) -> dict[str, str]:
    """The claims of one coding by note id, and the voice file each stands in."""
    found = [(json.loads(row)["id"], path.stem) for path in sorted(folder.glob("*.jsonl")) for row in path.open()]
    assert len(dict(found)) == len(found)
    return dict(found)


def test_every_note_was_coded_twice(corpora: Path, notes: list[Note]) -> None:
    expected = {note["id"]: note["voice"] for note in notes}
    assert coded(corpora / "first") == expected
    assert coded(corpora / "second") == expected


def test_every_difference_of_claim_or_diagnosis_is_adjudicated(corpora: Path) -> None:
    def claims(folder: str) -> dict[str, list[Any]]:
        found = (json.loads(row) for path in (corpora / folder).glob("*.jsonl") for row in path.open())
        return {
            row["id"]: sorted([x["code"], sorted(x["modifiers"]), x["units"], x["dx"]] for x in row["lines"])
            for row in found
        }

    first, second = claims("first"), claims("second")
    with (corpora / "adjudication.csv").open(newline="") as table:
        settled = list(csv.DictReader(table))
    assert {note_id for note_id in first if first[note_id] != second[note_id]} <= {row["id"] for row in settled}
    assert all(row["final"] and row["rule"] for row in settled)


def test_there_are_notes_enough_of_each_kind(notes: list[Note], voices: list[dict[str, str]]) -> None:
    """A hundred spine notes in eight voices, sixty of the other families, eighty visits (plan of the corpus)."""
    kind = {row["voice"]: row["set"] for row in voices}
    counts = Counter(kind[note["voice"]] for note in notes)
    assert counts["spine"] >= 100 and counts["families"] >= 60 and counts["visits"] >= 80
    assert len([row for row in voices if row["set"] == "spine" and row["sealed"] == "no"]) >= 8
    assert [row["voice"] for row in voices if row["sealed"] == "yes"] == ["problem", "trap"]
    assert {family for note in notes for family in note["families"]} == FAMILIES


def test_a_third_of_the_visits_is_mixed_and_half_of_these_earns_no_visit(
    notes: list[Note], voices: list[dict[str, str]]
) -> None:
    kind = {row["voice"]: row["set"] for row in voices}
    visits = [note for note in notes if kind[note["voice"]] == "visits"]
    codes = [{line["code"] for line in note["lines"]} for note in visits]
    mixed = [some for some in codes if any(not is_visit(code) and not UNPAIRED.fullmatch(code) for code in some)]
    without = [some for some in mixed if not any(is_visit(code) for code in some)]
    assert 3 * len(mixed) >= len(visits)
    assert 2 * len(without) >= len(mixed)


def test_each_refuted_claim_names_its_rule(refuted: list[Note]) -> None:
    assert [note["id"] for note in refuted] == [f"refuted-{number:02d}" for number in range(1, len(refuted) + 1)]
    for note in refuted:
        assert note["not_coded"], note["id"]
        assert all(item["code"] and item["why"] and item["rule"] for item in note["not_coded"])
        assert all(re.fullmatch(r"S\d+", claim) for claim in note["refutes"])
    named = {item["code"] for note in refuted for item in note["not_coded"]}
    assert {"17304", "88305", "88312", "88311", "11920", "11921", "11103", "17000", "17000-58", "11102-50"} <= named


KINDS = """
biopsy_tangential biopsy_punch biopsy_incisional biopsy shave_removal excision mohs repair_simple repair_layered repair
flap graft destruction_cryo destruction_electro destruction_chemical destruction_laser tag_removal injection_lesion
injection_drug botulinum filler drainage aspiration foreign_body nail_avulsion nail_matrix nail_debridement
nail_trephination nail_biopsy paring pdt phototherapy patch_test smear debridement wound_dressing suture_removal peel
other_laser comedone cosmetic
"""
STATUSES = frozenset({"done", "planned", "past", "elsewhere", "weighed", "refused", "denied", "aborted"})
ROLES = """
lesion margin excised defect length width undermining ellipse flap graft specimen treated tool depth distance other
"""


def test_labelled_lines(corpora: Path) -> None:
    """Words stand in their line, labels are of the closed lists, no line stands twice."""
    texts = []
    for path in sorted((corpora / "lines").glob("*.jsonl")):
        for row in map(json.loads, path.open(encoding="utf-8")):
            texts.append(row["text"])
            for act in row["acts"]:
                assert act["kind"] in KINDS.split()
                assert act["status"] in STATUSES
                assert act["words"] in row["text"]
            for measure in row["measures"]:
                assert measure["role"] in ROLES.split()
                assert measure["words"] in row["text"]
    assert len(texts) == len(set(texts)) == 3843
