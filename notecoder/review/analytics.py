"""Figures of a practice from its billed lines: what is paid, what is denied, how billed and documented work compare.

A manager reads them with their denominators. A figure whose data are not there is absent, never zero. What was billed
beyond the documentation and what was documented and not billed are two figures, never one sum, and no figure rewards a
higher code (section 8). One row of the input is one claim line.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any

from notecoder.codebook import Codebook
from notecoder.errors import NoteError
from notecoder.review.families import family_of, is_visit

ESTABLISHED = ("99212", "99213", "99214", "99215")
NEW = ("99202", "99203", "99204", "99205")
ADD_ONS = ("11103", "11105", "11107", "17003", "17312", "17314", "17315", "13102", "13122", "13133", "13153",
           "15101", "99417", "G2212")  # fmt: skip
MOHS_FIRST = frozenset({"17311", "17313"})
MOHS_FURTHER = frozenset({"17312", "17314"})
MOHS_BLOCKS = "17315"
PAID, DENIED = "paid", "denied"
CENT = Decimal("0.01")

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class BilledRow:
    """One line of a claim as the practice's system exports it. Money is Decimal; what is unknown is None."""

    claim: str
    code: str
    units: int = 1
    modifiers: tuple[str, ...] = ()
    status: str = ""
    """paid, denied, or anything else for lines not yet decided."""
    carc: str = ""
    billed: Decimal | None = None
    allowed: Decimal | None = None
    paid: Decimal | None = None
    contractual: Decimal | None = None
    served: date | None = None
    submitted: date | None = None
    settled: date | None = None
    first_pass: bool | None = None
    """The claim was accepted without an edit or denial at its first submission."""
    appealed: bool = False
    overturned: bool = False
    patient_pay: bool = False


def billed_row(row: Mapping[str, Any], where: str = "row") -> BilledRow:
    """A row of plain data, such as a CSV row. Raises ``bad_row`` for a value that cannot be read."""
    try:
        return BilledRow(
            claim=str(row["claim"]),
            code=str(row["code"]).strip().upper(),
            units=int(row.get("units") or 1),
            modifiers=tuple(str(row.get("modifiers") or "").upper().replace(",", " ").split()),
            status=str(row.get("status") or "").strip().lower(),
            carc=str(row.get("carc") or "").strip().upper(),
            billed=_money(row.get("billed")),
            allowed=_money(row.get("allowed")),
            paid=_money(row.get("paid")),
            contractual=_money(row.get("contractual")),
            served=_day(row.get("served")),
            submitted=_day(row.get("submitted")),
            settled=_day(row.get("settled")),
            first_pass=_yes(row.get("first_pass")),
            appealed=bool(_yes(row.get("appealed"))),
            overturned=bool(_yes(row.get("overturned"))),
            patient_pay=bool(_yes(row.get("patient_pay"))),
        )
    except (KeyError, ValueError, ArithmeticError):
        raise NoteError(
            "bad_row", f"{where}: expected claim, code, units, money as 12.50 and days as 2026-11-10"
        ) from None


def _money(value: object) -> Decimal | None:
    return None if value in (None, "") else Decimal(str(value))


def _day(value: object) -> date | None:
    return None if value in (None, "") else date.fromisoformat(str(value))


def _yes(value: object) -> bool | None:
    if value in (None, ""):
        return None
    return str(value).strip().lower() in {"yes", "true", "1", "y"}


def figures(lines: Iterable[BilledRow]) -> Figures:
    """All figures that need billed lines only. A share is a Decimal of 0 to 1; what cannot be computed is absent."""
    rows = list(lines)
    claims: dict[str, list[BilledRow]] = defaultdict(list)
    for row in rows:
        claims[row.claim].append(row)
    found: Figures = {"lines": len(rows), "claims": len(claims)}
    found.update(_money_figures(rows))
    found.update(_visit_figures(rows, list(claims.values())))
    found.update(_denial_figures(rows, list(claims.values())))
    found.update(_mohs_figures(rows))
    found.update(_time_figures(rows))
    return {name: value for name, value in found.items() if value is not None}


def _share(part: int | Decimal, whole: int | Decimal) -> Decimal | None:
    return (Decimal(part) / Decimal(whole)).quantize(Decimal("0.0001")) if whole else None


def _total(values: Iterable[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)).quantize(CENT) if known else None


def _money_figures(rows: Sequence[BilledRow]) -> Figures:
    families: dict[str, list[BilledRow]] = defaultdict(list)
    for row in rows:
        families[family_of(row.code)].append(row)
    allowed = {name: _total(row.allowed for row in same) for name, same in sorted(families.items())}
    billed, contractual = _total(row.billed for row in rows), _total(row.contractual for row in rows)
    paid, of_patients = _total(row.paid for row in rows), _total(row.paid for row in rows if row.patient_pay)
    return {
        "allowed by family": {name: value for name, value in allowed.items() if value is not None} or None,
        "net collection rate": _share(paid, billed - (contractual or 0))
        if paid is not None and billed is not None and contractual is not None
        else None,
        "paid by patients": _share(of_patients, paid) if of_patients is not None and paid else None,
    }


def _visit_figures(rows: Sequence[BilledRow], claims: Sequence[Sequence[BilledRow]]) -> Figures:
    visits = [claim for claim in claims if any(_leveled(row.code) for row in claim)]
    with_25 = [claim for claim in visits if any(_leveled(row.code) and "25" in row.modifiers for row in claim)]
    procedures = [claim for claim in claims if any(not is_visit(row.code) and row.code[0].isdigit() for row in claim)]
    return {
        "established visits": _distribution(rows, ESTABLISHED),
        "new visits": _distribution(rows, NEW),
        "25 per visit claim": _share(len(with_25), len(visits)),
        "25 per procedure claim": _share(len(with_25), len(procedures)),
    }


def _leveled(code: str) -> bool:
    return is_visit(code) and code not in {"G2211", "G2212", "99417"}


def _distribution(rows: Sequence[BilledRow], codes: Sequence[str]) -> dict[str, Decimal] | None:
    counts = Counter(row.code for row in rows if row.code in codes)
    whole = sum(counts.values())
    return {code: _share(counts[code], whole) or Decimal(0) for code in codes} if whole else None


def _denial_figures(rows: Sequence[BilledRow], claims: Sequence[Sequence[BilledRow]]) -> Figures:
    decided = [row for row in rows if row.status in {PAID, DENIED}]
    denied = [row for row in decided if row.status == DENIED]
    by_carc = Counter(row.carc or "none given" for row in denied)
    appealed = [row for row in rows if row.appealed]
    judged = [claim for claim in claims if any(row.first_pass is not None for row in claim)]
    clean = [claim for claim in judged if all(row.first_pass is not False for row in claim)]
    return {
        "denial rate": _share(len(denied), len(decided)),
        "denials by reason": {carc: _share(n, len(denied)) for carc, n in sorted(by_carc.items())} or None,
        "denied money": _total(row.billed for row in denied),
        "overturned on appeal": _share(sum(row.overturned for row in appealed), len(appealed)),
        "clean claim rate": _share(len(clean), len(judged)),
    }


def _mohs_figures(rows: Sequence[BilledRow]) -> Figures:
    cases = sum(row.units for row in rows if row.code in MOHS_FIRST)
    further = sum(row.units for row in rows if row.code in MOHS_FURTHER)
    beyond = sum(row.units for row in rows if row.code == MOHS_BLOCKS)
    return {
        "Mohs stages per case": _share(cases + further, cases),
        "blocks beyond five per case": _share(beyond, cases),
    }


def _time_figures(rows: Sequence[BilledRow]) -> Figures:
    lags = [(row.submitted - row.served).days for row in rows if row.submitted and row.served]
    open_money = _total(row.billed for row in rows if row.status not in {PAID, DENIED} and row.submitted)
    days = [row.served for row in rows if row.served]
    span = (max(days) - min(days)).days + 1 if days else 0
    billed = _total(row.billed for row in rows)
    daily = billed / span if billed and span else None
    return {
        "days from service to submission": median(lags) if lags else None,
        "days in receivables": (open_money / daily).quantize(Decimal("0.1"))
        if open_money is not None and daily
        else None,
    }


@dataclass(frozen=True, slots=True)
class Compared:
    """One claim beside what its note supports: work RVUs on each side, add-on units, questions left open."""

    beyond_documentation: Decimal
    not_billed: Decimal
    billed_add_ons: Mapping[str, int]
    supported_add_ons: Mapping[str, int]


def compared(lines: Iterable[BilledRow], results: Mapping[str, Mapping[str, Any]], codebook: Codebook) -> Figures:
    """Billed lines beside results (contract form) by claim id: both directions, add-ons, open documentation, 25."""
    claims: dict[str, list[BilledRow]] = defaultdict(list)
    for row in lines:
        claims[row.claim].append(row)
    both = [(claim, results[name]) for name, claim in sorted(claims.items()) if name in results]
    sides = [_sides(claim, result, codebook) for claim, result in both]
    shown = [result for _, result in both]
    lines_shown = sum(len(result["lines"]) for result in shown)
    with_gap = sum(bool(_open(result)) for result in shown)
    billed_25 = [pair for pair in both if any(_leveled(row.code) and "25" in row.modifiers for row in pair[0])]
    supported_25 = sum(any("25" in line["modifiers"] for line in result["lines"]) for _, result in billed_25)
    found: Figures = {
        "claims compared": len(both),
        "lines supported": lines_shown,
        "work billed beyond the documentation": sum((side.beyond_documentation for side in sides), Decimal(0)),
        "work documented and not billed": sum((side.not_billed for side in sides), Decimal(0)),
        "add-ons billed per supported": dict(_add_on_shares(sides)) or None,
        "claims with open documentation": _share(with_gap, len(both)),
        "open elements": dict(sorted(Counter(element for result in shown for element in _open(result)).items()))
        or None,
        "billed 25 with support": _share(supported_25, len(billed_25)),
        "services without a billed line": sum(1 for claim, result in both for _ in _unbilled(claim, result)),
        "slides billed beside Mohs alone": sum(1 for claim, _ in both if _reads_own_mohs(claim)),
    }
    return {name: value for name, value in found.items() if value is not None}


def _open(result: Mapping[str, Any]) -> list[str]:
    return [gap["element"] for gap in result.get("gaps") or [] if gap["severity"] in {"major", "blocker"}]


def _sides(claim: Sequence[BilledRow], result: Mapping[str, Any], codebook: Codebook) -> Compared:
    billed: Counter[str] = Counter()
    supported: Counter[str] = Counter()
    for row in claim:
        billed[row.code] += row.units
    for line in result["lines"]:
        supported[line["code"]] += line["units"]
    return Compared(
        beyond_documentation=_work(billed - supported, codebook),
        not_billed=_work(supported - billed, codebook),
        billed_add_ons={code: billed[code] for code in ADD_ONS},
        supported_add_ons={code: supported[code] for code in ADD_ONS},
    )


def _work(units: Counter[str], codebook: Codebook) -> Decimal:
    values = {row["code"]: row["work"] for row in codebook.table("rvu/rvu")}
    return sum((Decimal(values.get(code) or 0) * count for code, count in units.items()), Decimal(0))


def _add_on_shares(sides: Sequence[Compared]) -> Iterator[tuple[str, str]]:
    for code in ADD_ONS:
        supported = sum(side.supported_add_ons[code] for side in sides)
        billed = sum(side.billed_add_ons[code] for side in sides)
        if supported or billed:
            yield code, f"{billed} of {supported}"


def _unbilled(claim: Sequence[BilledRow], result: Mapping[str, Any]) -> Iterator[str]:
    codes = {row.code for row in claim}
    for line in result["lines"]:
        if line["code"] not in codes:
            yield line["code"]


def _reads_own_mohs(claim: Sequence[BilledRow]) -> bool:
    """An 88305 on a claim whose only tissue is that of Mohs surgery (MO-12)."""
    codes = {row.code for row in claim}
    other = any(family_of(code) in {"biopsy", "shave", "excision benign", "excision malignant"} for code in codes)
    return "88305" in codes and bool(codes & MOHS_FIRST) and not other


def report(found: Figures) -> str:
    """The figures as text."""
    rows = []
    for name, value in found.items():
        if isinstance(value, Mapping):
            rows.append(name)
            rows += [f"  {key:<24} {part}" for key, part in value.items()]
        else:
            rows.append(f"{name:<40} {value}")
    return "\n".join(rows) + "\n"
