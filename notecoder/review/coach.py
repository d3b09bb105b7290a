"""What documentation was missing, over many results: by element, by procedure, by clinician.

A coach shows patterns, not grades. For each element: how often it was asked for, at which procedures, and the neutral
question a clinician gets. For each clinician with notes enough, both directions side by side: codes the note carried
without the documentation for them, and work the documentation showed that nobody had typed. No level, no share and no
code is a goal, no sum nets one direction against the other, and money is not mentioned (9.1, 9.4).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from notecoder.review.families import family_of

ENOUGH_NOTES = 20
"""A clinician's pattern is shown from so many notes on (9.4)."""
UNNAMED = "(no clinician named)"
Row = Mapping[str, Any]


@dataclass(slots=True)
class Element:
    """One element of documentation: how often it was missing, at what, how gravely, and the question."""

    notes: int = 0
    asked: int = 0
    severities: Counter[str] = field(default_factory=Counter)
    procedures: Counter[str] = field(default_factory=Counter)
    question: str = ""


@dataclass(slots=True)
class Person:
    """One clinician: notes, what was missing in how many of them, and both directions of the codes typed."""

    notes: int = 0
    dispositions: Counter[str] = field(default_factory=Counter)
    elements: Counter[str] = field(default_factory=Counter)
    typed_unsupported: Counter[str] = field(default_factory=Counter)
    supported_untyped: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Coaching:
    """The whole report as data."""

    notes: int = 0
    errors: int = 0
    dispositions: Counter[str] = field(default_factory=Counter)
    elements: dict[str, Element] = field(default_factory=dict)
    procedures: dict[str, Counter[str]] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)

    def form(self) -> dict[str, Any]:
        """As plain data, in a fixed order; clinicians with too few notes only by their number of notes."""
        return {
            "notes": self.notes,
            "errors": self.errors,
            "dispositions": _counted(self.dispositions),
            "elements": [
                {
                    "element": name,
                    "notes": element.notes,
                    "asked": element.asked,
                    "severities": _counted(element.severities),
                    "procedures": _counted(element.procedures),
                    "question": element.question,
                }
                for name, element in self.in_order()
            ],
            "procedures": {name: _counted(self.procedures[name]) for name in sorted(self.procedures)},
            "clinicians": [_person_form(name, self.people[name]) for name in sorted(self.people)],
        }

    def in_order(self) -> list[tuple[str, Element]]:
        """Elements, the most frequent first."""
        return sorted(self.elements.items(), key=lambda pair: (-pair[1].notes, pair[0]))


def _counted(counter: Counter[str]) -> dict[str, int]:
    return dict(sorted(counter.items(), key=lambda pair: (-pair[1], pair[0])))


def _person_form(name: str, person: Person) -> dict[str, Any]:
    if person.notes < ENOUGH_NOTES:
        return {"clinician": name, "notes": person.notes, "too_few": True}
    return {
        "clinician": name,
        "notes": person.notes,
        "too_few": False,
        "dispositions": _counted(person.dispositions),
        "elements": _counted(person.elements),
        "typed_without_documentation": _counted(person.typed_unsupported),
        "documented_and_not_typed": _counted(person.supported_untyped),
    }


def coach(results: Iterable[Row]) -> Coaching:
    """Count what was missing in results (contract form); rows with an error are only counted."""
    found = Coaching()
    for row in results:
        if "error" in row or not isinstance(row.get("lines"), list):
            found.errors += 1
            continue
        _add(found, row)
    return found


def _add(found: Coaching, row: Row) -> None:
    found.notes += 1
    found.dispositions[row["disposition"]] += 1
    name = str((row.get("context") or {}).get("clinician_id") or UNNAMED)
    person = found.people.setdefault(name, Person())
    person.notes += 1
    person.dispositions[row["disposition"]] += 1
    missing: set[str] = set()
    for gap in row.get("gaps") or []:
        element = found.elements.setdefault(gap["element"], Element())
        procedure = procedure_of(gap["about"])
        element.asked += 1
        element.severities[gap["severity"]] += 1
        element.procedures[procedure] += 1
        element.question = element.question or _question(gap["query"])
        found.procedures.setdefault(procedure, Counter())[gap["element"]] += 1
        missing.add(gap["element"])
    for name in missing:
        found.elements[name].notes += 1
    person.elements.update(missing)
    _both_directions(person, row)


def _both_directions(person: Person, row: Row) -> None:
    """Only for notes in which somebody typed codes: what they say beyond the documentation, and what it says beyond."""
    typed = {item["code"][:5] for item in (row.get("facts") or {}).get("typed_codes") or []}
    if typed:
        supported = {line["code"] for line in row["lines"]}
        person.typed_unsupported.update(family_of(code) for code in typed - supported)
        person.supported_untyped.update(family_of(code) for code in supported - typed)


def procedure_of(about: str) -> str:
    """The procedure a gap is about: its words before the site, without the note's own label."""
    words = about.split(",")[0].split()
    if len(words) > 1 and (len(words[-1]) == 1 or words[-1].isdigit()):
        words.pop()
    return " ".join(words)


def _question(query: str) -> str:
    """The question without what it is about."""
    lead, colon, rest = query.partition(": ")
    return rest if colon and "lease" not in lead else query


def report(found: Coaching) -> str:
    """The report as Markdown that also reads as plain text."""
    lines = ["# What the documentation left open", ""]
    lines += [f"{_notes(found.notes)} coded; {_share_words(found.dispositions)}."]
    if found.errors:
        lines += [f"{found.errors} rows could not be coded and are not counted."]
    lines += ["", "Counts are patterns over many notes. They set no goal for any code, level or share.", ""]
    lines += ["## By element", ""]
    for name, element in found.in_order():
        share = f"{element.notes} of {_notes(found.notes)} ({element.notes / found.notes:.0%})"
        lines += [f"- **{name}**: {share}; {_share_words(element.procedures)}.", f"  Asked as: {element.question}"]
    if not found.elements:
        lines += ["Nothing was missing."]
    lines += ["", "## By procedure", ""]
    lines += [f"- **{name}**: {_share_words(found.procedures[name])}." for name in sorted(found.procedures)]
    lines += ["", "## By clinician", ""]
    for name in sorted(found.people):
        lines += _person(name, found.people[name])
    return "\n".join(lines).rstrip() + "\n"


def _person(name: str, person: Person) -> list[str]:
    if person.notes < ENOUGH_NOTES:
        return [f"### {name}", "", f"{_notes(person.notes)}: too few for a pattern (from {ENOUGH_NOTES} on).", ""]
    missing = [f"{element} in {count} of {person.notes}" for element, count in _counted(person.elements).items()]
    return [
        f"### {name}",
        "",
        f"{_notes(person.notes)}; {_share_words(person.dispositions)}.",
        "",
        f"- Left open: {', '.join(missing) or 'nothing'}.",
        f"- Codes in the note without documentation for them: {_share_words(person.typed_unsupported) or 'none'}.",
        f"- Documented, with no code in the note: {_share_words(person.supported_untyped) or 'none'}.",
        "",
    ]


def _share_words(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in _counted(counter).items())


def _notes(count: int) -> str:
    return "1 note" if count == 1 else f"{count} notes"
