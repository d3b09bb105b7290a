"""The sums of the gold claims, worked again from the facts beside each note with the delivered tables.

Repairs are summed by class and site group (RP-03), excisions sized as lesion plus twice the margin (EX-02), shaves by
the lesion (SH-02), Mohs by stages and blocks (MO-01), keratoses by count (DS-01). A note whose facts leave a measure
open is not worked here; how many notes were worked is asserted.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from math import ceil
from typing import Any

Note = dict[str, Any]
Lesion = dict[str, Any]

# Words of the facts that are no key of the site table.
ALSO = {
    "helix": "ear", "ear": "ear", "nasal": "nose", "calf": "lower_leg", "shin": "lower_leg", "scapula": "back",
    "shoulder blades": "back", "nape": "neck", "vertex": "scalp", "inguinal": "groin", "lower lip": "lip",
    "upper cutaneous lip": "lip_cutaneous",
}  # fmt: skip
MALIGNANT = re.compile(r"\b(BCC|SCC|SCCis|melanoma)\b")
SURGERY = {"excision", "re-excision", "staged excision, permanent sections"}


def group_of(site: str, scheme: str, tables: Any) -> str:
    """The site's group in one of the seven groupings; the longest word of the site that the table knows decides."""
    known = {row["key"].replace("_", " "): row for row in tables.sites}
    known |= {word: known[key.replace("_", " ")] for word, key in ALSO.items()}
    hits = [word for word in known if re.search(rf"\b{re.escape(word)}\b", site)]
    assert hits, site
    return str(known[max(hits, key=len)][scheme])


def cm(value: object) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def billed(note: Note, pattern: str) -> Counter[str]:
    """Units by code of the lines whose code fits."""
    units: Counter[str] = Counter()
    for line in note["lines"]:
        if re.fullmatch(pattern, line["code"]):
            units[line["code"]] += line["units"]
    return units


def lesions(note: Note, *procedures: str) -> list[Lesion]:
    return [item for item in note["facts"]["lesions"] if item.get("procedure") in procedures]


def has_gap(note: Note, *elements: str) -> bool:
    return any(gap["element"] in elements for gap in note["gaps"])


# ------------------------------------------------------------------------------------------------- repairs


def is_own_repair(lesion: Lesion) -> bool:
    """A simple closure is coded only on a wound that nothing was done to but closing it."""
    if lesion.get("closure") == "simple":
        return "procedure" not in lesion
    return lesion.get("procedure") in SURGERY | {"mohs"} and lesion.get("closure") in {"intermediate", "complex"}


def expected_repairs(note: Note, tables: Any) -> Counter[str]:
    schemes = {"simple": "rs2", "intermediate": "ri3", "complex": "rc4"}
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for lesion in note["facts"]["lesions"]:
        if is_own_repair(lesion):
            kind = lesion["closure"]
            sums[kind, group_of(lesion["site"], schemes[kind], tables)] += cm(lesion["closure_cm"])
    units: Counter[str] = Counter()
    for (kind, group), length in sums.items():
        units[tables.band("repair", kind, group, length)] += 1
        if kind == "complex":
            code, above, step = tables.add_on("repair", kind, group)
            if length > above:
                units[code] += ceil((length - above) / step)
    return units


def test_repairs_are_the_sums_of_their_wounds(notes: list[Note], refuted: list[Note], tables: Any) -> None:
    wrong, worked = {}, 0
    for note in [*notes, *refuted]:
        given = billed(note, r"12[0]\d\d|131\d\d")
        wounds = [lesion for lesion in note["facts"]["lesions"] if is_own_repair(lesion)]
        if (not given and not wounds) or any("closure_cm" not in wound for wound in wounds):
            continue
        worked += 1
        expected = expected_repairs(note, tables)
        if expected != given:
            wrong[note["id"]] = (dict(expected), dict(given))
    assert wrong == {}
    assert worked >= 30


# ----------------------------------------------------------------------------------------- excision, shave


def test_excisions_have_the_diameter_of_lesion_and_margins(notes: list[Note], refuted: list[Note], tables: Any) -> None:
    wrong, worked = {}, 0
    for note in [*notes, *refuted]:
        cut = lesions(note, *SURGERY)
        given = billed(note, r"11[46][0-4]\d")
        if not given or any(not isinstance(item.get("size_cm"), float) or "margin_cm" not in item for item in cut):
            continue
        worked += 1
        expected: Counter[str] = Counter()
        for item in cut:
            nature = "malignant" if MALIGNANT.search(item.get("dx", "")) else "benign"
            diameter = cm(item["size_cm"]) + 2 * cm(item["margin_cm"])
            expected[tables.band("excision", nature, group_of(item["site"], "ex3", tables), diameter)] += 1
        if expected != given:
            wrong[note["id"]] = (dict(expected), dict(given))
    assert wrong == {}
    assert worked >= 25


def test_shave_removals_have_the_size_of_the_lesion(notes: list[Note], tables: Any) -> None:
    wrong, worked = {}, 0
    for note in notes:
        shaved = lesions(note, "shave removal")
        if not shaved:
            continue
        worked += 1
        expected = Counter(
            tables.band("shave", "shave", group_of(item["site"], "ex3", tables), cm(item.get("size_cm", "0.1")))
            for item in shaved
        )
        if expected != billed(note, r"113\d\d"):
            wrong[note["id"]] = dict(expected)
    assert wrong == {}
    assert worked >= 6


# ---------------------------------------------------------------------------------------------------- Mohs


def expected_mohs(note: Note, tables: Any) -> Counter[str]:
    units: Counter[str] = Counter()
    for tumor in lesions(note, "mohs"):
        group = group_of(tumor["site"], "mo2", tables)
        first, further = ("17311", "17312") if group == "head" else ("17313", "17314")
        units[first] += 1
        units[further] += tumor["stages"] - 1
        units["17315"] += sum(max(0, blocks - 5) for blocks in tumor.get("blocks", []))
    return +units


def test_mohs_counts_stages_and_blocks_beyond_five(notes: list[Note], refuted: list[Note], tables: Any) -> None:
    wrong, worked = {}, 0
    for note in [*notes, *refuted]:
        tumors = lesions(note, "mohs")
        assert all(len(t["blocks"]) == t["stages"] for t in tumors if "blocks" in t), note["id"]
        assert all("blocks" in t for t in tumors) or has_gap(note, "mohs.blocks"), note["id"]
        worked += bool(tumors)
        if expected_mohs(note, tables) != billed(note, r"1731[1-5]"):
            wrong[note["id"]] = dict(expected_mohs(note, tables))
    assert wrong == {}
    assert worked >= 20


# -------------------------------------------------------------------------------------------------- counts

DESTROYED = {"destruction", "cryotherapy", "LN2", "cryo"}


def test_keratoses_are_counted(notes: list[Note], refuted: list[Note]) -> None:
    wrong, worked = {}, 0
    for note in [*notes, *refuted]:
        counts = [
            item["count"]
            for item in lesions(note, *DESTROYED)
            if re.match(r"AK|actinic kerat", item.get("dx") or item["label"]) and type(item.get("count")) is int
        ]
        total = sum(counts)
        if not total or has_gap(note, "note.conflict", "lesion.count"):
            continue
        worked += 1
        expected = Counter({"17004": 1} if total >= 15 else {"17000": 1, "17003": total - 1})
        if +expected != billed(note, r"1700[034]"):
            wrong[note["id"]] = dict(expected)
    assert wrong == {}
    assert worked >= 15
