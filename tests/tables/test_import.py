"""Small files in the official layouts, imported into a copy of the tables; expected rows are read off those files."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import shutil
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from notecoder.codebook import TABLES, Codebook, covered_days
from notecoder.errors import NoteError

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "import_tables"

PTP = """CPT only copyright American Medical Association.\t\t\t\t\t\t
Column1/Column2 Edits\t\t\t\t\t\t
Column 1\tColumn 2\t* = in existence prior to 1996\tEffective Date\tDeletion Date\tModifier\tPTP Edit Rationale
17110\t17000\t\t20000101\t*\t1\tMore extensive procedure
17110\t11102\t\t20190101\t*\t0\tMutually exclusive procedures
17110\t11200\t\t20000101\t20261231\t1\tMutually exclusive procedures
17000\t17110\t\t20270401\t*\t1\tNot yet in force
17110\t99999\t\t20000101\t*\t1\tA code outside the product
"""
MUE = """"Copyright notice of several words, over
two lines",,,
HCPCS/CPT Code,Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale
11102,1,2 Date of Service Edit: Policy,Code Descriptor / CPT Instruction
11103,9,3 Date of Service Edit: Clinical,Clinical: Data
99999,1,2 Date of Service Edit: Policy,Outside the product
"""
AOC_FIXED = (
    "111103       11102       2019001       Text of a note\n"
    "111103       11104       2019001       \n"
    "111103       11106       20190012026365\n"
    "211201       CCCCC       2013001       \n"
)
AOC_SHEET = (
    "AOC_Edit_Type,Add-On_Code,AOC_DelDT,Primary_Code,Primary_Code_DelDT,AOC_Edit_EffDT,AOC_Edit_DelDT,Notes\n"
    "1,11103,,11102,,2019001,,\n"
)
RVU = """2027 National Physician Fee Schedule Relative Value File,,,,,,,,,,,,,,,,,,,,
HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE,NA,PE,NA,RVU,TOTAL,TOTAL,IND,DAYS,OP,OP,OP,PROC,SURG,SURG
11102,,words that are not kept,A,,0.64,2.30,,0.25,,0.06,3.00,0.95,0,000,0,0,0,2,0,0
88305,26,words that are not kept,A,,0.73,0.30,,0.30,,0.02,1.05,1.05,6,XXX,0,0,0,0,0,0
"""
ORDER = (
    "00001 L57     0 Skin changes                                                 Skin changes due to exposure\n"
    "00002 L570    1 Actinic keratosis                                            Actinic keratosis\n"
    "00003 L80     1 Vitiligo                                                     Vitiligo\n"
    "00004 S0101XA 1 Laceration                                                   Laceration of scalp, initial\n"
)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("import_tables", str(SCRIPT))
    spec = importlib.util.spec_from_loader("import_tables", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    copy = tmp_path / "tables"
    shutil.copytree(TABLES, copy)
    return copy


def imported(script: ModuleType, tables: Path, kind: str, text: str, *, last: str = "2027-03-31") -> int:
    file = tables.parent / f"{kind}.txt"
    file.write_text(text, encoding="utf-8")
    first = "2026-10-01" if kind == "icd10cm" else "2027-01-01"
    return int(
        script.run(
            [kind, str(file), "--first-day", first, "--last-day", last, "--source", f"{kind}-test",
             "--checked-on", "2026-12-20", "--tables", str(tables)]
        )
    )  # fmt: skip


def test_pairs_keep_their_history(script: ModuleType, tables: Path) -> None:
    assert imported(script, tables, "ptp", PTP) == 0
    now = Codebook(day=date(2027, 1, 15), payer="medicare", tables=tables)
    before = Codebook(day=date(2026, 12, 31), payer="medicare", tables=tables)
    assert (now.ptp("17110", "17000"), now.ptp("17110", "11102"), now.ptp("17110", "11200")) == ("1", "0", None)
    assert (now.ptp("17000", "17110"), now.ptp("17110", "99999")) == (None, None)
    assert (before.ptp("17110", "17000"), before.ptp("17110", "11102"), before.ptp("17110", "11200")) == ("1",) * 3


def test_limits_read_past_a_notice_over_two_lines(script: ModuleType, tables: Path) -> None:
    assert imported(script, tables, "mue", MUE) == 0
    now = Codebook(day=date(2027, 1, 15), payer="medicare", tables=tables)
    before = Codebook(day=date(2026, 6, 1), payer="medicare", tables=tables)
    assert (now.mue("11102"), now.mue("11103"), now.mue("99999")) == ((1, "2"), (9, "3"), None)
    assert before.mue("11103") == (6, "3")


@pytest.mark.parametrize(
    ("text", "primaries"), [(AOC_FIXED, ("11102", "11104")), (AOC_SHEET, ("11102",))], ids=["fixed", "sheet"]
)
def test_add_ons_in_both_published_forms(
    script: ModuleType, tables: Path, text: str, primaries: tuple[str, ...]
) -> None:
    assert imported(script, tables, "aoc", text) == 0
    now = Codebook(day=date(2027, 1, 15), payer="medicare", tables=tables)
    assert now.addon_primaries("11103") == primaries
    assert now.addon_primaries("11201") == (() if text is AOC_FIXED else None)


def test_values_keep_no_descriptor_and_no_modified_row(script: ModuleType, tables: Path) -> None:
    assert imported(script, tables, "rvu", RVU) == 0
    now = Codebook(day=date(2027, 1, 15), payer="medicare", tables=tables)
    assert (str(now.rvu("11102")), str(now.rvu("11102", "22")), now.global_days("11102")) == ("3.00", "0.95", "000")
    assert now.rvu("88305") is None
    assert "not kept" not in (tables / "rvu/rvu.csv").read_text(encoding="utf-8")


def test_diagnosis_year_from_the_order_file(script: ModuleType, tables: Path) -> None:
    assert imported(script, tables, "icd10cm", ORDER, last="2027-09-30") == 0
    now = Codebook(day=date(2026, 11, 1), payer="medicare", tables=tables)
    before = Codebook(day=date(2026, 9, 30), payer="medicare", tables=tables)
    assert [now.icd10_valid(code) for code in ("L57.0", "L80", "S01.01XA", "L57", "L57.8")] == [
        True, True, True, False, False,
    ]  # fmt: skip
    assert before.icd10_valid("L57.8")


def test_year_counts_as_covered_only_when_every_table_was_imported(script: ModuleType, tables: Path) -> None:
    imported(script, tables, "ptp", PTP)
    assert covered_days(tables)[1] == date(2026, 12, 31)
    with pytest.raises(NoteError) as refused:
        Codebook.on(date(2027, 1, 15), tables=tables)
    assert refused.value.code == "date_not_covered"


def test_code_tables_carry_what_the_fee_schedule_still_lists(
    script: ModuleType, tables: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(script, tables, "codes", RVU) == 0
    now = Codebook(day=date(2027, 1, 15), payer="medicare", tables=tables)
    assert (now.covers("11102"), now.covers("11104")) == (True, False)
    assert "11104" in capsys.readouterr().out
    assert Codebook.on(date(2026, 12, 31), tables=tables).covers("11104")


def test_second_import_of_the_same_file_changes_nothing(script: ModuleType, tables: Path) -> None:
    imported(script, tables, "mue", MUE)
    once = (tables / "ncci/mue.csv").read_bytes()
    imported(script, tables, "mue", MUE)
    assert (tables / "ncci/mue.csv").read_bytes() == once


def test_file_of_another_layout_is_refused(
    script: ModuleType, tables: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (tables / "ncci/ptp.csv").read_bytes()
    assert imported(script, tables, "ptp", MUE) == 2
    assert "layout of ptp" in capsys.readouterr().err
    assert (tables / "ncci/ptp.csv").read_bytes() == before
