"""Facts built by hand for the rules, and a short way to write what the rules made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.evidence import Evidence, Stated
from notecoder.facts import Act, Diagnosis, Digit, Drug, Encounter, Site, Target
from notecoder.rules.draft import Concern, Finding, GapDraft, LineDraft, Refusal


def words(text: str = "words of the note") -> tuple[Evidence, ...]:
    """Evidence with a text; rules only hand it on."""
    return (Evidence(start=0, end=len(text), text=text),)


def is_(value: Any) -> Stated[Any]:
    """A stated value; numbers written as strings become exact decimals."""
    if isinstance(value, str) and value.replace(".", "", 1).isdigit():
        value = Decimal(value)
    return Stated(value=value, evidence=words(str(value)))


@dataclass
class Outcome:
    """The findings in the short form that the tests compare whole."""

    findings: list[Finding]

    @property
    def drafts(self) -> list[LineDraft]:
        return [finding for finding in self.findings if isinstance(finding, LineDraft)]

    @property
    def lines(self) -> list[str]:
        """ "11730-T5", "14302 x2": modifiers and units only where there are any."""
        return [
            "-".join([line.code, *line.modifiers]) + (f" x{line.units}" if line.units != 1 else "")
            for line in self.drafts
        ]

    @property
    def gaps(self) -> list[str]:
        return [finding.element for finding in self.findings if isinstance(finding, GapDraft)]

    @property
    def refused(self) -> list[str]:
        """ "14040 AT-03": the code and the rule that refuses it."""
        return [f"{finding.code} {finding.rule}" for finding in self.findings if isinstance(finding, Refusal)]

    @property
    def concerns(self) -> list[str]:
        return [finding.disposition for finding in self.findings if isinstance(finding, Concern)]


class Hand:
    """Makes facts; every fact gets a target of its own unless told which."""

    is_ = staticmethod(is_)

    def __init__(self) -> None:
        self.made = 0

    def site(self, key: str, side: Any = None, **more: Any) -> Site:
        return Site(key=key, side=side, evidence=words(key), **more)

    def digit(self, limb: Any, side: Any, number: int) -> Digit:
        return Digit(limb=limb, side=side, number=number, evidence=words(f"{side} {limb} {number}"))

    def target(self, site: str | Site | None = None, side: Any = None, **more: Any) -> Target:
        """``dx``: terms the note establishes."""
        self.made += 1
        terms = more.pop("dx", ())
        diagnoses = tuple(Diagnosis(term=term, evidence=words(term)) for term in terms)
        place = self.site(site, side) if isinstance(site, str) else site
        return Target(id=more.pop("id", f"t{self.made}"), site=place, diagnoses=diagnoses, **more)

    def act(self, status: Any = "performed", **more: Any) -> Act:
        self.made += 1
        return Act(id=f"a{self.made}", status=status, evidence=words(f"act {status}"), **more)

    def drug(self, name: str, amount: str | None = None, **more: Any) -> Drug:
        stated = {key: is_(value) for key, value in more.items()}
        return Drug(name=name, amount=is_(amount) if amount else None, evidence=words(f"{name} {amount}"), **stated)

    def run(self, module: Any, *facts: Any, payer: Any = "commercial", **more: Any) -> Outcome:
        """What a family proposes; ``more`` goes to the encounter when it has such a field, else to the context."""
        day = date(2026, 11, 10)
        of_encounter = {key: more.pop(key) for key in list(more) if key in Encounter.model_fields}
        encounter = Encounter(procedures=tuple(facts), **of_encounter)
        context = EncounterContext(date_of_service=day, payer=payer, **more)
        return Outcome(list(module.propose(encounter, context, Codebook.on(day, payer))))


@pytest.fixture
def hand() -> Hand:
    return Hand()


Maker = Callable[..., Any]
