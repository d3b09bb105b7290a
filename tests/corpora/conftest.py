"""The notes of corpora/ and the official tables they are checked against."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORPORA = ROOT / "corpora"
TABLES = ROOT / "notecoder" / "tables"
Note = dict[str, Any]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def in_force(row: dict[str, str], day: str) -> bool:
    return row["first_day"] <= day <= row["last_day"]


@dataclass(frozen=True)
class Tables:
    """What the delivered tables say on a day, read without the program."""

    codes: list[dict[str, str]]
    diagnoses: list[dict[str, str]]
    pairs: dict[tuple[str, str], str]
    primaries: dict[str, set[str]]
    bands: dict[str, list[dict[str, str]]]
    sites: list[dict[str, str]]

    def codes_on(self, day: str) -> set[str]:
        return {row["code"] for row in self.codes if in_force(row, day)}

    def diagnoses_on(self, day: str) -> set[str]:
        return set(self._diagnoses_on(day))

    def _diagnoses_on(self, day: str) -> Iterator[str]:
        for row in self.diagnoses:
            if in_force(row, day):
                for ending in row["endings"].split():
                    yield row["category"] if ending == "-" else f"{row['category']}.{ending}"

    def band(self, table: str, what: str, group: str, size: Decimal) -> str:
        """The code of the band that holds the size; add-on rows (with a step) apart."""
        for row in self.bands[table]:
            fits = Decimal(row["over"]) < size and (not row["through"] or size <= Decimal(row["through"]))
            if (row["what"], row["group"], row["step"]) == (what, group, "") and fits:
                return row["code"]
        raise LookupError(f"{table}: no band for {what} {group} {size}")

    def add_on(self, table: str, what: str, group: str) -> tuple[str, Decimal, Decimal]:
        """The add-on code of a group, the size it begins above, and its step."""
        for row in self.bands[table]:
            if (row["what"], row["group"]) == (what, group) and row["step"]:
                return row["code"], Decimal(row["over"]), Decimal(row["step"])
        raise LookupError(f"{table}: no add-on for {what} {group}")


@pytest.fixture(scope="session")
def tables() -> Tables:
    listed = ["rvu/rvu.csv", "visit/levels.csv", "visit/others.csv", "visit/remote.csv", "visit/prolonged.csv"]
    listed += [str(path.relative_to(TABLES)) for path in sorted(TABLES.glob("cpt/*.csv"))]
    listed += [str(path.relative_to(TABLES)) for path in sorted(TABLES.glob("hcpcs/*.csv"))]
    pairs = {
        (row["column1"], second): row["indicator"]
        for row in rows(TABLES / "ncci" / "ptp.csv")
        for second in row["column2"].split()
    }
    return Tables(
        codes=[row for name in listed for row in rows(TABLES / name)],
        diagnoses=rows(TABLES / "icd10cm" / "valid.csv"),
        pairs=pairs,
        primaries={row["code"]: set(row["primaries"].split()) for row in rows(TABLES / "ncci" / "addon.csv")},
        bands={path.stem: rows(path) for path in sorted(TABLES.glob("cpt/*.csv"))},
        sites=rows(TABLES / "sites.csv"),
    )


@pytest.fixture(scope="session")
def notes() -> list[Note]:
    """Every gold note, sealed voices among them."""
    found = [json.loads(path.read_text("utf-8")) for path in sorted(CORPORA.glob("notes/*/*.json"))]
    assert found
    return found


@pytest.fixture(scope="session")
def refuted() -> list[Note]:
    """The source page's wrong claims, one short note each."""
    found = [json.loads(path.read_text("utf-8")) for path in sorted(CORPORA.glob("refuted/*.json"))]
    assert found
    return found


@pytest.fixture(scope="session")
def voices() -> list[dict[str, str]]:
    return rows(CORPORA / "voices.csv")


@pytest.fixture(scope="session")
def corpora() -> Path:
    return CORPORA
