"""The evidence for a prior authorization, and what the note does not say yet.

A coordinator takes the typical checklist of the drug and the indication and looks in the note for each point: how
severe, what was tried, for how long and how it went, screening and its date, who prescribes, what else is taken. What
the note says is quoted; what it does not say becomes a neutral question; two values that differ are shown as such. A
treatment counts only when the note says it was taken: plans, samples and things never tried do not. Whether a payer
will agree is never said; the real policy overrides the checklist (section 6).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from notecoder.codebook import Codebook, Row
from notecoder.errors import NoteError
from notecoder.evidence import Evidence, quote
from notecoder.review.prior_auth_words import (
    CLAUSE,
    CONTRAINDICATED,
    CURRENT,
    DATE,
    DAYS,
    DURATION,
    FAILED,
    NOT_DONE,
    NOT_TAKEN,
    NOT_TOLERATED,
    NUMBER,
    SCORES,
    SCREENING,
    SPELLED,
    WORDS,
)

Status = Literal["found", "not_met", "ambiguous", "missing"]
COMBINED = frozenset({"biologic", "jak"})
ASK_SCORE = "Please document the affected body surface in percent and a severity score, if assessed today."
ASK_STEP = "Please document prior treatments with approximate dates, duration and response: free text / none."
ASK_SCREEN = "Please document the screening test with its date and result, if done: free text / not done."
ASK_OTHER = "Please document this point, if known: free text / unable to determine."


@dataclass(frozen=True, slots=True)
class Need:
    """One point of the checklist. ``value`` as the note gives it; ``question`` when something is open."""

    kind: Literal["age", "weight", "severity", "step", "screening", "prescriber", "exclusion"]
    need: str
    status: Status
    value: str = ""
    evidence: tuple[Evidence, ...] = ()
    question: str = ""


@dataclass(frozen=True, slots=True)
class Therapy:
    """A treatment the note says was taken, or could not be."""

    drug: str
    group: str
    days: int | None
    response: Literal["failed", "not_tolerated", "contraindicated", "unstated"]
    current: bool
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Packet:
    """What goes with the request. Never says whether it will be granted."""

    drug: str
    indication: str
    needs: tuple[Need, ...]
    therapies: tuple[Therapy, ...]
    to_verify: bool
    """The checklist itself was not verified against a policy or label."""

    def form(self) -> dict[str, Any]:
        """As plain data, with an outline of the letter that holds quoted facts only."""
        return {
            "drug": self.drug,
            "indication": self.indication,
            "checklist_to_verify": self.to_verify,
            "needs": [
                {"kind": need.kind, "need": need.need, "status": need.status, "value": need.value,
                 "evidence": [_plain(span) for span in need.evidence], "question": need.question}
                for need in self.needs
            ],
            "therapies": [
                {"drug": item.drug, "class": item.group, "days": item.days, "response": item.response,
                 "current": item.current, "evidence": _plain(item.evidence)}
                for item in self.therapies
            ],
            "letter": {
                "severity": [span.text for need in self.needs if need.kind == "severity" for span in need.evidence],
                "prior therapies": [item.evidence.text for item in self.therapies],
                "screening": [span.text for need in self.needs if need.kind == "screening" for span in need.evidence],
                "request": [f"{self.drug} for {self.indication}"],
            },
        }  # fmt: skip


def _plain(span: Evidence) -> dict[str, Any]:
    return span.model_dump(mode="json", exclude_none=True)


def packet(
    text: str, *, drug: str, indication: str, codebook: Codebook, context: Mapping[str, Any] | None = None
) -> Packet:
    """The evidence packet of a note. Raises ``bad_context`` for a drug and indication without a checklist."""
    row = checklist(drug, indication, codebook)
    therapies = tuple(_therapies(text, codebook, exclude=(row["drug"], row["brand"])))
    needs = [
        *_person(text, row, context or {}),
        *_severity(text, row["severity_any"]),
        *_steps(row["steps"], therapies),
        *_screening(text, row["screening"], codebook.day),
        _prescriber(text),
        _alone(therapies),
    ]
    return Packet(row["drug"], row["indication"], tuple(needs), therapies, row["to_verify"] == "yes")


def checklist(drug: str, indication: str, codebook: Codebook) -> Row:
    """The row of a drug (by its name or brand) and an indication. Raises ``bad_context`` when there is none."""
    for row in codebook.table("prior_auth/checklists"):
        if (
            drug.lower() in {row["drug"].lower(), row["brand"].lower()}
            and indication.lower() == row["indication"].lower()
        ):
            return row
    raise NoteError("bad_context", "no checklist for this drug and indication; see tables/prior_auth/checklists.csv")


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    return (match.span() for match in CLAUSE.finditer(text))


def _values(text: str, patterns: Sequence[str]) -> list[tuple[Decimal, Evidence]]:
    found: dict[Decimal, Evidence] = {}
    for pattern in patterns:
        for match in re.finditer(pattern, text, re.IGNORECASE):
            number = {"I": "1", "II": "2", "III": "3"}.get(match[1].upper(), match[1])
            found.setdefault(Decimal(number), quote(text, *match.span()))
        if found:
            break
    return list(found.items())


def _person(text: str, row: Row, context: Mapping[str, Any]) -> Iterator[Need]:
    age = _stated(context.get("age"), text, rf"\b{NUMBER}[\s-]*(?:year|yr|y/?o)\b[\s-]*(?:old)?")
    if row["min_age_years"]:
        yield _at_least("age", f"age at least {row['min_age_years']} years", Decimal(row["min_age_years"]), age)
    if row["min_weight_kg"]:
        applies = row["weight_applies"] == "all" or (age and age[0] < 18)
        weight = _stated(context.get("weight_kg"), text, rf"\b(?:weight|wt)\b[^.\d\n]{{0,10}}{NUMBER}\s*kg")
        if applies:
            yield _at_least(
                "weight", f"weight at least {row['min_weight_kg']} kg", Decimal(row["min_weight_kg"]), weight
            )


def _stated(given: object, text: str, pattern: str) -> tuple[Decimal, tuple[Evidence, ...]] | None:
    if isinstance(given, int | float | str) and re.fullmatch(r"\d{1,3}(\.\d+)?", str(given)):
        return Decimal(str(given)), ()
    match = re.search(pattern, text, re.IGNORECASE)
    return (Decimal(match[1]), (quote(text, *match.span()),)) if match else None


def _at_least(
    kind: Literal["age", "weight"], need: str, least: Decimal, value: tuple[Decimal, tuple[Evidence, ...]] | None
) -> Need:
    if value is None:
        return Need(kind, need, "missing", question=ASK_OTHER)
    status: Status = "found" if value[0] >= least else "not_met"
    return Need(kind, need, status, str(value[0]), value[1])


def _severity(text: str, points: str) -> Iterator[Need]:
    """Any one of the points is enough; each is shown."""
    for point in filter(None, points.split("|")):
        name, sign, limit = re.fullmatch(r"(\w+?)(?:(>=|<=)(\d+))?", point).groups()  # type: ignore[union-attr]
        if name in WORDS:
            match = re.search(WORDS[name], text, re.IGNORECASE)
            words = (quote(text, *match.span()),) if match else ()
            yield Need("severity", name.replace("_", " "), "found" if match else "missing", match[0] if match else "",
                       words, "" if match else ASK_OTHER)  # fmt: skip
            continue
        values = _values(text, SCORES[name])
        need = f"{name.replace('_', ' ')}{f' {sign} {limit}' if sign else ''}"
        spans = tuple(span for _, span in values)
        shown = ", ".join(str(value) for value, _ in values)
        if not values:
            yield Need("severity", need, "missing", question=ASK_SCORE)
        elif len(values) > 1:
            yield Need("severity", need, "ambiguous", shown, spans, ASK_SCORE)
        else:
            met = not sign or (values[0][0] >= Decimal(limit) if sign == ">=" else values[0][0] <= Decimal(limit))
            yield Need("severity", need, "found" if met else "not_met", shown, spans)


def _therapies(text: str, codebook: Codebook, *, exclude: Sequence[str]) -> Iterator[Therapy]:
    """Treatments in the clauses that say so. The duration and response of a clause are those of all its drugs."""
    groups = {row["word"]: row["class"] for row in codebook.table("prior_auth/therapies")}
    words = sorted(groups, key=len, reverse=True)
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", re.IGNORECASE)
    requested = {name.lower() for name in exclude}
    seen: set[tuple[str, str]] = set()
    for start, end in _clauses(text):
        clause = text[start:end]
        ruled_out = CONTRAINDICATED.search(clause)
        if NOT_TAKEN.search(clause) and not ruled_out:
            continue
        for match in pattern.finditer(clause):
            word = match[0].lower()
            response = _response(clause)
            if word in requested or (word, response) in seen:
                continue
            seen.add((word, response))
            yield Therapy(
                word, groups[word], _days(clause), response, bool(CURRENT.search(clause)), quote(text, start, end)
            )


def _response(clause: str) -> Literal["failed", "not_tolerated", "contraindicated", "unstated"]:
    if CONTRAINDICATED.search(clause):
        return "contraindicated"
    if NOT_TOLERATED.search(clause):
        return "not_tolerated"
    return "failed" if FAILED.search(clause) else "unstated"


def _days(clause: str) -> int | None:
    found = [
        (SPELLED.get(match[1].lower()) or int(match[1])) * DAYS[match[2][0].lower()]
        for match in DURATION.finditer(clause)
        if "year-old" not in clause[match.start() : match.end() + 5].lower()
    ]
    return max(found, default=None)


def _steps(steps: str, therapies: Sequence[Therapy]) -> Iterator[Need]:
    """Each step names classes, any of which will do, with the days it takes; intolerance needs no duration."""
    for step in filter(None, steps.split(";")):
        options = dict(option.partition(":")[::2] for option in step.split("|"))
        words = [f"{name.replace('_', ' ')}{f' for {days} days' if days else ''}" for name, days in options.items()]
        tried = [item for item in therapies if item.group in options]
        complete = [item for item in tried if _enough(item, options[item.group])]
        shown = complete or tried
        status: Status = "found" if complete else "ambiguous" if tried else "missing"
        value = ", ".join(f"{item.drug} ({item.response.replace('_', ' ')})" for item in shown)
        spans = tuple(dict.fromkeys(item.evidence for item in shown))
        yield Need("step", " or ".join(words), status, value, spans, "" if complete else ASK_STEP)


def _enough(item: Therapy, days: str) -> bool:
    if item.response in {"not_tolerated", "contraindicated"}:
        return True
    return item.response == "failed" and (not days or (item.days or 0) >= int(days))


def _screening(text: str, tests: str, on: date) -> Iterator[Need]:
    for test in filter(None, tests.split("|")):
        name, _, days = test.partition(":")
        need = name.replace("_", " ") + (f" within {days} days" if days else "")
        hit = next(
            (span for span in _clauses(text) if re.search(SCREENING[name], text[slice(*span)], re.IGNORECASE)), None
        )
        if hit is None:
            yield Need("screening", need, "missing", question=ASK_SCREEN)
            continue
        done = _date_in(text[slice(*hit)])
        spans = (quote(text, *hit),)
        if NOT_DONE.search(text[slice(*hit)]):
            yield Need("screening", need, "ambiguous", "", spans, ASK_SCREEN)
        elif days and (done is None or done > on):
            yield Need("screening", need, "ambiguous", "" if done is None else done.isoformat(), spans, ASK_SCREEN)
        elif days and done is not None and on - done > timedelta(int(days)):
            yield Need("screening", need, "not_met", done.isoformat(), spans, ASK_SCREEN)
        else:
            yield Need("screening", need, "found", done.isoformat() if done else "", spans)


def _date_in(clause: str) -> date | None:
    match = DATE.search(clause)
    if match is None:
        return None
    year, month, day = (match[1], match[2], match[3]) if match[1] else (match[6], match[4], match[5])
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None


def _prescriber(text: str) -> Need:
    match = re.search(WORDS["specialist"], text, re.IGNORECASE)
    if match is None:
        return Need("prescriber", "specialist or consultation", "missing", question=ASK_OTHER)
    return Need("prescriber", "specialist or consultation", "found", match[0], (quote(text, *match.span()),))


def _alone(therapies: Sequence[Therapy]) -> Need:
    current = [item for item in therapies if item.group in COMBINED and item.current]
    need = "no other biologic or JAK inhibitor for the same disease"
    if not current:
        return Need("exclusion", need, "found", "none mentioned as current")
    names = ", ".join(dict.fromkeys(item.drug for item in current))
    return Need("exclusion", need, "ambiguous", names, tuple(item.evidence for item in current), ASK_OTHER)
