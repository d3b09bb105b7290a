"""The book on a coder's desk: which codes, edits, values and diagnoses are in force on one day for one payer.

A coder first looks whether the book covers the date of service at all, then looks things up: the row of a family's
table, what the fee schedule says about a code, whether two codes may stand on one claim, whether a diagnosis code is
billable that day. Tables are read when first asked for and kept; nothing here decides anything about a note.
"""

from __future__ import annotations

import csv
import tomllib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

from notecoder.context import Payer
from notecoder.errors import NoteError

TABLES = Path(__file__).parent / "tables"
CODE_FOLDERS = ("cpt", "hcpcs", "visit")
FACILITY = frozenset({"02", "19", "21", "22", "23", "24", "26", "31", "34", "41", "42", "51", "52", "53", "56", "61"})
"""Places of service paid at the facility rate (CMS)."""

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class SiteGroups:
    """One row of ``tables/sites.csv``: a place on the body and the group it falls into in each code set (0.3)."""

    key: str
    ex3: str
    """T, H or F: shave, excision, malignant destruction."""
    rs2: str
    """A or B: simple repair."""
    ri3: str
    """A, B or C: intermediate repair."""
    rc4: str
    """1 to 4: complex repair, tissue transfer, full-thickness graft."""
    g2: str
    """TAL or HFG: wound preparation, split graft, skin substitute."""
    mo2: str
    """head or trunk: first-stage Mohs codes."""
    soft_tissue: str
    """Region of the soft-tissue tumor codes."""
    neoplasm_site: str
    """Site row of the neoplasm diagnosis families."""
    infection_site: str
    """Site row of abscess, furuncle, carbuncle, cellulitis."""
    ambiguous: str
    """What SITE-02 leaves open about these words; empty when nothing."""


@lru_cache(maxsize=64)
def _file(path: Path) -> tuple[Row, ...]:
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))


@lru_cache(maxsize=64)
def _turning_days(path: Path) -> tuple[str, ...]:
    """Days on which the rows in force of a table change."""
    days = {row.get("first_day") or "" for row in _file(path)}
    for row in _file(path):
        last = row.get("last_day")
        if last and last < "9999-12-31":
            days.add((date.fromisoformat(last) + timedelta(days=1)).isoformat())
    return tuple(sorted(days))


Period = tuple[Path, str]
"""A table and the first day of a period in which its rows do not change; what caches are kept by."""


def _period(path: Path, day: date) -> Period:
    days = _turning_days(path)
    place = bisect_right(days, day.isoformat())
    return path, days[place - 1] if place else day.isoformat()


@lru_cache(maxsize=512)
def _named(tables: Path, name: str, day: date) -> Period:
    """The period of a table by its name: one object for all notes of a day, so that caches know it at once."""
    return _period(tables / f"{name}.csv", day)


@lru_cache(maxsize=128)
def _in_force(period: Period) -> tuple[Row, ...]:
    """Rows whose first_day and last_day include the period; a row without dates is always in force."""
    path, iso = period
    return tuple(
        row for row in _file(path) if (row.get("first_day") or "") <= iso <= (row.get("last_day") or "9999-12-31")
    )


@lru_cache(maxsize=16)
def _by_column(period: Period, column: str) -> dict[str, Row]:
    """Rows of a table by a column that names each once."""
    return {row[column]: row for row in _in_force(period)}


@lru_cache(maxsize=8)
def _pairs(period: Period) -> dict[tuple[str, str], frozenset[str]]:
    return {(row["column1"], row["indicator"]): frozenset(row["column2"].split()) for row in _in_force(period)}


@lru_cache(maxsize=8)
def _primaries(period: Period) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in _in_force(period):
        found[row["code"]] = found.get(row["code"], ()) + tuple(row["primaries"].split())
    return found


@lru_cache(maxsize=8)
def _families(period: Period) -> dict[tuple[str, str, str, str], str]:
    return {(row["family"], row["site"], row["side"], row["part"]): row["code"] for row in _in_force(period)}


@lru_cache(maxsize=4)
def _billable(period: Period) -> frozenset[str]:
    return frozenset(_spelled_out(_in_force(period)))


@lru_cache(maxsize=64)
def _code_periods(tables: Path, day: date) -> tuple[Period, ...]:
    paths = (path for folder in CODE_FOLDERS for path in sorted((tables / folder).glob("*.csv")))
    return tuple(_period(path, day) for path in paths)


@lru_cache(maxsize=16)
def _codes(periods: tuple[Period, ...]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for period in periods:
        for row in _in_force(period):
            if row.get("code"):
                found.setdefault(row["code"], row)
    return found


@lru_cache(maxsize=8)
def _sites(path: Path) -> dict[str, SiteGroups]:
    return {row["key"]: SiteGroups(**row) for row in _file(path)}


@lru_cache(maxsize=8)
def _manifest(tables: Path) -> dict[str, dict[str, Any]]:
    return tomllib.loads((tables / "tables.toml").read_text(encoding="utf-8"))


def covered_days(tables: Path = TABLES) -> tuple[date, date]:
    """First and last day that every table was verified for."""
    entries = _manifest(tables).values()
    return max(entry["verified_from"] for entry in entries), min(entry["verified_through"] for entry in entries)


@dataclass(frozen=True)
class Codebook:
    """Tables as of ``day`` for ``payer``. Build one with ``Codebook.on``."""

    day: date
    payer: Payer
    warning: str | None = None
    """Set when the day is not covered and the nearest tables were used."""
    tables: Path = TABLES
    lookup_day: date | None = None

    @classmethod
    def on(
        cls,
        day: date,
        payer: Payer = "commercial",
        unverified: Literal["refuse", "review"] = "refuse",
        *,
        tables: Path = TABLES,
    ) -> Codebook:
        """The codebook of a day. Raises ``NoteError`` ``date_not_covered`` unless ``unverified`` is "review"."""
        first, last = covered_days(tables)
        if first <= day <= last:
            return cls(day=day, payer=payer, tables=tables, lookup_day=day)
        if unverified == "refuse":
            raise NoteError(
                "date_not_covered",
                f"date of service {day.isoformat()} is outside {first.isoformat()} to {last.isoformat()}, the days the "
                "tables were verified for; import the official files of that year, or code it for review",
            )
        nearest = first if day < first else last
        warning = (
            f"Tables were verified for {first.isoformat()} to {last.isoformat()}, not for {day.isoformat()}; "
            f"coded with those of {nearest.isoformat()} ({', '.join(_vintages(tables))})."
        )
        return cls(day=day, payer=payer, warning=warning, tables=tables, lookup_day=nearest)

    @cached_property
    def ruleset(self) -> str:
        """Version of the rules and of each table, for the result."""
        return f"notecoder {_version()}; " + "; ".join(_vintages(self.tables))

    @cached_property
    def _opened(self) -> dict[str, Period]:
        return {}

    def _at(self, name: str) -> Period:
        if name not in self._opened:
            self._opened[name] = _named(self.tables, name, self.lookup_day or self.day)
        return self._opened[name]

    def table(self, name: str) -> tuple[Row, ...]:
        """Rows in force of ``tables/cpt/<name>.csv``, or of ``tables/<name>.csv`` for a name with its folder."""
        return _in_force(self._at(name if "/" in name else f"cpt/{name}"))

    @cached_property
    def _known(self) -> dict[str, Row]:
        return _codes(_code_periods(self.tables, self.lookup_day or self.day))

    def covers(self, code: str) -> bool:
        """The product can propose this code that day."""
        return code in self._known

    def label(self, code: str) -> str:
        """The project's own short words for a code; empty when it has none."""
        return self._known.get(code, {}).get("label") or ""

    def site(self, key: str) -> SiteGroups:
        """Groups of a place on the body. Raises ``KeyError`` for a key that ``sites.csv`` does not have."""
        return _sites(self.tables / "sites.csv")[key]

    def ptp(self, column1: str, column2: str) -> Literal["0", "1"] | None:
        """Modifier indicator of an NCCI pair in this direction; None: no edit known."""
        pairs = _pairs(self._at("ncci/ptp"))
        if column2 in pairs.get((column1, "1"), ()):
            return "1"
        return "0" if column2 in pairs.get((column1, "0"), ()) else None

    def mue(self, code: str) -> tuple[int, str] | None:
        """Units per day and adjudication indicator ("1" line, "2" absolute, "3" clinical); None: not published."""
        row = _by_column(self._at("ncci/mue"), "code").get(code)
        return (int(row["units"]), row["mai"]) if row is not None else None

    def addon_primaries(self, code: str) -> tuple[str, ...] | None:
        """Primary codes of an add-on; empty when the carrier decides; None when the code is no add-on."""
        return _primaries(self._at("ncci/addon")).get(code)

    def _fee(self, code: str) -> Row | None:
        return _by_column(self._at("rvu/rvu"), "code").get(code)

    def rvu(self, code: str, pos: str = "11") -> Decimal | None:
        """Total relative value at a place of service; None when the code has none."""
        row = self._fee(code)
        value = row["facility" if pos in FACILITY else "nonfacility"] if row is not None else ""
        return Decimal(value) if value else None

    def global_days(self, code: str) -> str | None:
        """As the fee schedule prints it: "000", "010", "090", "ZZZ" (add-on), "XXX", "YYY"; None when unknown."""
        row = self._fee(code)
        return row["global_days"] if row is not None else None

    def bilateral(self, code: str) -> str | None:
        """Bilateral indicator of the fee schedule; "1" means that 50, LT and RT apply (HC-4)."""
        row = self._fee(code)
        return row["bilateral"] if row is not None else None

    def term(self, key: str) -> Row | None:
        """A condition: code_or_family ("L57.0" or "@D22"), nature, chronicity, needs_site, needs_side, note."""
        return _by_column(self._at("icd10cm/terms"), "key").get(key)

    def family_code(self, family: str, site: str, side: str = "na", part: str = "") -> str | None:
        """The diagnosis of a family (without "@") at one site row, side and part; None when there is no such row."""
        return _families(self._at("icd10cm/sites")).get((family, site, side, part))

    def icd10_valid(self, code: str) -> bool:
        """The diagnosis code is billable that day (a new year starts each October 1)."""
        return code in _billable(self._at("icd10cm/valid"))


@cache
def _version() -> str:
    """Version of the installed package, which is that of its rules."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("notecoder")
    except PackageNotFoundError:
        return "source"


def _spelled_out(rows: tuple[Row, ...]) -> Iterator[str]:
    for row in rows:
        for ending in row["endings"].split():
            yield row["category"] if ending == "-" else f"{row['category']}.{ending}"


def _vintages(tables: Path) -> Iterator[str]:
    for name, entry in _manifest(tables).items():
        yield f"{name} {entry['vintage']}"
