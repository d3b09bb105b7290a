"""The tables against the figures that the rulebook prints from CMS files (sections 1 to 7, 13.3, 13.4)."""

from __future__ import annotations

import csv
import time
import tomllib
from datetime import date
from decimal import Decimal

import pytest

from notecoder.codebook import TABLES, Codebook
from notecoder.errors import NoteError

TODAY = Codebook.on(date(2026, 11, 10), "medicare")


@pytest.mark.parametrize(
    ("first", "second", "indicator"),
    [
        ("11106", "11104", "0"), ("11104", "11102", "0"), ("40490", "11102", "1"), ("69100", "11102", "1"),
        ("11104", "69100", "1"), ("11106", "11755", "1"), ("17110", "17000", "1"), ("17110", "17003", "1"),
        ("17004", "17110", "1"), ("17004", "11102", "1"), ("11102", "17000", "1"), ("17110", "11102", "1"),
        ("11104", "17110", "1"), ("17110", "11200", "1"), ("11200", "17111", "1"), ("17111", "17110", "0"),
        ("11400", "12031", "1"), ("11440", "13151", "1"), ("12047", "12037", "1"), ("12011", "12001", "1"),
        ("17311", "88305", "1"), ("17000", "17110", None), ("11401", "12031", None), ("17311", "13132", None),
        ("17311", "17000", None), ("11402", "11403", None), ("17311", "17313", None),
    ],
)  # fmt: skip
def test_pairs_have_their_direction(first: str, second: str, indicator: str | None) -> None:
    assert TODAY.ptp(first, second) == indicator


@pytest.mark.parametrize(
    ("code", "limit"),
    [
        ("11102", (1, "2")), ("11103", (6, "3")), ("11105", (3, "3")), ("11107", (2, "3")), ("17003", (13, "2")),
        ("11201", (1, "3")), ("13102", (9, "3")), ("13153", (2, "3")), ("17312", (6, "3")), ("17315", (15, "3")),
        ("12032", (1, "2")), ("J7345", None),
    ],
)  # fmt: skip
def test_daily_limits(code: str, limit: tuple[int, str] | None) -> None:
    assert TODAY.mue(code) == limit


@pytest.mark.parametrize(
    ("code", "office", "facility", "days"),
    [
        ("11102", "2.86", "0.90", "000"), ("11602", "7.20", "4.09", "010"), ("12032", "8.98", "4.94", "010"),
        ("14060", "23.11", "17.17", "090"), ("17004", "4.86", "2.48", "010"), ("17311", "19.97", "8.59", "000"),
        ("17312", "12.06", "4.58", "ZZZ"),
    ],
)  # fmt: skip
def test_values_by_place_of_service(code: str, office: str, facility: str, days: str) -> None:
    assert (TODAY.rvu(code, "11"), TODAY.rvu(code, "22")) == (Decimal(office), Decimal(facility))
    assert TODAY.global_days(code) == days


def test_add_ons_know_their_primaries() -> None:
    assert TODAY.addon_primaries("17003") == ("17000",)
    assert set(TODAY.addon_primaries("11103") or ()) == {"11102", "11104", "11106"}
    assert TODAY.addon_primaries("13133") == ("13132",)
    assert TODAY.addon_primaries("11102") is None


def test_days_outside_the_tables_are_refused_or_coded_for_review() -> None:
    for day in (date(2025, 12, 31), date(2027, 1, 1)):
        with pytest.raises(NoteError) as refused:
            Codebook.on(day)
        assert refused.value.code == "date_not_covered"
        book = Codebook.on(day, unverified="review")
        assert book.warning is not None and day.isoformat() in book.warning
        assert book.ptp("17110", "17000") == "1"


def test_diagnosis_year_turns_in_october() -> None:
    september, october = Codebook.on(date(2026, 9, 30)), Codebook.on(date(2026, 10, 1))
    for code, before, after in (
        ("L02.237", False, True), ("M04.3", False, True), ("D69.1", True, False), ("M72.2", True, False),
        ("L57.0", True, True), ("B88.0", False, False), ("B88.01", True, True), ("L29.8", False, False),
    ):  # fmt: skip
        assert (september.icd10_valid(code), october.icd10_valid(code)) == (before, after), code


def test_every_diagnosis_the_tables_can_give_is_billable() -> None:
    """FY2027 has all of them; nothing here is a heading."""
    codes: set[str] = set()
    for name, columns in (("sites", ("code",)), ("terms", ("code_or_family",)), ("nouns", ("sampled", "seen"))):
        with (TABLES / "icd10cm" / f"{name}.csv").open(encoding="utf-8", newline="") as text:
            codes |= {row[column] for row in csv.DictReader(text) for column in columns}
    plain = {code for code in codes if not code.startswith("@")}
    assert len(plain) > 700
    assert [code for code in sorted(plain) if not TODAY.icd10_valid(code)] == []


def test_every_family_that_a_term_names_has_rows() -> None:
    with (TABLES / "icd10cm" / "sites.csv").open(encoding="utf-8", newline="") as text:
        families = {row["family"] for row in csv.DictReader(text)}
    with (TABLES / "icd10cm" / "terms.csv").open(encoding="utf-8", newline="") as text:
        named = {row["code_or_family"][1:] for row in csv.DictReader(text) if row["code_or_family"].startswith("@")}
    assert len(named) > 20
    assert named <= families


def test_every_site_row_is_in_the_groups_of_the_rulebook() -> None:
    """0.3: closed sets of group names."""
    with (TABLES / "sites.csv").open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    allowed = {"ex3": "THF", "rs2": "AB", "ri3": "ABC", "rc4": "1234"}
    assert len(rows) > 75
    for column, letters in allowed.items():
        assert {row[column] for row in rows} == set(letters)
    assert {row["g2"] for row in rows} == {"TAL", "HFG"}
    assert {row["mo2"] for row in rows} == {"head", "trunk"}


@pytest.mark.parametrize(
    ("key", "groups"),
    [
        ("scalp", ("H", "A", "A", "2", "HFG", "head")), ("temple", ("F", "B", "C", "3", "HFG", "head")),
        ("cheek", ("F", "B", "C", "3", "HFG", "head")), ("submental", ("H", "A", "B", "3", "HFG", "head")),
        ("eyelid", ("F", "B", "C", "4", "HFG", "head")), ("nasal_tip", ("F", "B", "C", "4", "HFG", "head")),
        ("helix", ("F", "B", "C", "4", "HFG", "head")), ("lip_cutaneous", ("F", "B", "C", "4", "HFG", "head")),
        ("mouth", ("F", "B", "C", "3", "HFG", "head")), ("back", ("T", "A", "A", "1", "TAL", "trunk")),
        ("axilla", ("T", "A", "A", "3", "TAL", "trunk")), ("shoulder", ("T", "A", "A", "2", "TAL", "trunk")),
        ("hand", ("H", "A", "B", "3", "HFG", "head")), ("ankle", ("T", "A", "A", "2", "TAL", "trunk")),
        ("sole", ("H", "A", "B", "3", "HFG", "head")), ("scrotum", ("H", "A", "B", "3", "HFG", "head")),
    ],
)  # fmt: skip
def test_sites_fall_into_seven_groupings(key: str, groups: tuple[str, ...]) -> None:
    """The lexicon of 0.3."""
    site = TODAY.site(key)
    assert (site.ex3, site.rs2, site.ri3, site.rc4, site.g2, site.mo2) == groups


def test_no_row_lacks_its_days_and_its_source() -> None:
    tables = [path for path in sorted(TABLES.rglob("*.csv")) if path.name != "sites.csv" or path.parent != TABLES]
    assert len(tables) > 15
    for path in tables:
        with path.open(encoding="utf-8", newline="") as text:
            for row in csv.DictReader(text):
                assert row["first_day"] <= row["last_day"], path.name
                assert row["source"], path.name


def test_tables_load_fast() -> None:
    """Below 0.4 s from nothing; three times that leaves room for a busy machine."""
    from notecoder import codebook

    for name in ("_file", "_turning_days", "_in_force", "_by_column", "_pairs", "_primaries", "_families", "_billable",
                 "_codes", "_sites"):  # fmt: skip
        getattr(codebook, name).cache_clear()
    start = time.perf_counter()
    fresh = Codebook.on(date(2026, 11, 10))
    fresh.ptp("17110", "17000"), fresh.mue("11102"), fresh.rvu("11102"), fresh.icd10_valid("L57.0")
    fresh.addon_primaries("17003"), fresh.label("11102"), fresh.term("actinic_keratosis"), fresh.site("scalp")
    assert time.perf_counter() - start < 1.2


def test_every_source_is_explained() -> None:
    with (TABLES / "sources.toml").open("rb") as toml:
        explained = set(tomllib.load(toml))
    used: set[str] = set()
    for path in sorted(TABLES.rglob("*.csv")):
        with path.open(encoding="utf-8", newline="") as text:
            used |= {row["source"] for row in csv.DictReader(text) if row.get("source")}
    assert len(used) > 7
    assert used <= explained


def test_every_fixed_primary_of_an_add_on_family_is_known() -> None:
    """AOC24: add-ons that the surgical families propose cannot stand without one of these."""
    expected = {
        "11105": {"11104", "11106"}, "11107": {"11106"}, "11201": {"11200"}, "17312": {"17311"}, "17314": {"17313"},
        "17315": {"17311", "17312", "17313", "17314"}, "56606": {"56605"}, "88332": {"88331"},
    }  # fmt: skip
    for code, primaries in expected.items():
        assert set(TODAY.addon_primaries(code) or ()) >= primaries, code
