"""Facts of the surgical families built by hand, and the whole claim in the short form in which it is compared."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from notecoder.claim import Claim
from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.evidence import Evidence, Stated
from notecoder.facts import (
    Act,
    Biopsy,
    Conflict,
    Destruction,
    Diagnosis,
    Encounter,
    Excision,
    Mohs,
    MohsStage,
    Repair,
    Shave,
    Site,
    TagRemoval,
    Target,
)
from notecoder.rules import propose


class Desk:
    """Every fact gets words of its own at its own place of an imaginary note, and a target unless told which."""

    def __init__(self) -> None:
        self.place = 0
        self.made = 0

    def words(self, text: str, role: str = "support") -> tuple[Evidence, ...]:
        start, self.place = self.place, self.place + len(text) + 1
        return (Evidence(start=start, end=start + len(text), text=text, role=role),)

    def is_(self, value: Any) -> Stated[Any]:
        if isinstance(value, str) and value.replace(".", "", 1).isdigit():
            value = Decimal(value)
        return Stated(value=value, evidence=self.words(str(value)))

    def site(self, words: str) -> Site:
        """ "left forearm", "right upper eyelid", "back"."""
        parts = words.split()
        side: Any = parts.pop(0) if parts[0] in {"left", "right", "bilateral", "midline"} else None
        part: Any = parts.pop(0) if len(parts) > 1 and parts[0] in {"upper", "lower"} and parts[1] in PARTS else None
        return Site(key="_".join(parts), side=side, part=part, evidence=self.words(words))

    def lesion(self, site: str | None, dx: str | None = None, *, noun: str | None = None, size: str | None = None,
               sure: Any = "stated", maybe: str | None = None, symptoms: str | None = None) -> Target:  # fmt: skip
        self.made += 1
        known = [Diagnosis(term=dx, certainty=sure, evidence=self.words(dx))] if dx else []
        doubts = [Diagnosis(term=maybe, certainty="uncertain", evidence=self.words(maybe))] if maybe else []
        return Target(
            id=f"lesion-{self.made}",
            site=self.site(site) if site else None,
            diagnoses=tuple(known + doubts),
            noun=noun,
            diameter=self.is_(size) if size else None,
            symptoms=(self.is_(symptoms),) if symptoms else (),
        )

    def act(self, status: Any = "performed", **more: Any) -> Act:
        self.made += 1
        return Act(id=f"act-{self.made}", status=status, evidence=self.words(f"act {status}", "procedure"), **more)

    def facts(self, values: dict[str, Any]) -> dict[str, Any]:
        """Plain values become stated ones."""
        return {key: self.is_(value) for key, value in values.items()}

    def biopsy(self, technique: str | None, target: Target, **more: Any) -> Biopsy:
        act = more.pop("act", None) or self.act()
        frozen = more.pop("frozen", None)
        stated = self.is_(technique) if technique else None
        return Biopsy(act=act, target=target, technique=stated, frozen=frozen, **self.facts(more))

    def shave(self, target: Target, **more: Any) -> Shave:
        return Shave(act=more.pop("act", None) or self.act(), target=target)

    def excision(self, target: Target, *, structure: Any = "skin", **more: Any) -> Excision:
        act = more.pop("act", None) or self.act()
        return Excision(act=act, target=target, structure=structure, **self.facts(more))

    def layered(self, target: Target, length: str | None = None, *, of: Any = "excision", **more: Any) -> Repair:
        return self.closure(target, length, of=of, layered=True, **more)

    def closure(self, target: Target, length: str | None = None, *, of: Any = "excision", **more: Any) -> Repair:
        act = more.pop("act", None) or self.act()
        stated = self.is_(length) if length else None
        return Repair(act=act, target=target, wound_of=of, length=stated, **self.facts(more))

    def destroyed(self, target: Target, count: int | None = None, *, plural: bool = False, **more: Any) -> Destruction:
        act = more.pop("act", None) or self.act()
        stated = self.is_(count) if count is not None else None
        return Destruction(act=act, target=target, count=stated, plural=plural, **self.facts(more))

    def keratoses(self, count: int | None, site: str = "scalp", **more: Any) -> Destruction:
        return self.destroyed(self.lesion(site, "actinic_keratosis"), count, **more)

    def tags(self, count: int | None, site: str = "neck") -> TagRemoval:
        stated = self.is_(count) if count is not None else None
        return TagRemoval(act=self.act(), target=self.lesion(site, "skin_tag"), count=stated)

    def mohs(self, target: Target, blocks: list[int | None], **more: Any) -> Mohs:
        stages = tuple(
            MohsStage(
                number=number,
                blocks=self.is_(count) if count is not None else None,
                evidence=self.words(f"stage {number}"),
            )
            for number, count in enumerate(blocks, start=1)
        )
        act = more.pop("act", None) or self.act()
        stains = more.pop("stains", ())
        reads = more.pop("reads", True)
        stated = None if reads is None else self.is_(reads)
        return Mohs(act=act, target=target, stages=stages, stains=stains, surgeon_reads=stated, **self.facts(more))

    def conflict(self, about: str, subject: Any, target: Target | None, affects: Any = "nothing") -> Conflict:
        where = target.id if target else None
        return Conflict(about=about, subject=subject, target=where, affects=affects, evidence=self.words(about))

    def claim(self, *facts: Any, payer: Any = "commercial", day: date = date(2026, 11, 10), **more: Any) -> Claim:
        """The claim of an encounter; ``more`` goes to the encounter when it has such a field, else to the context."""
        own = {key: more.pop(key) for key in list(more) if key in Encounter.model_fields}
        encounter = Encounter(procedures=tuple(facts), **own)
        context = EncounterContext(date_of_service=day, payer=payer, patient_status="established", **more)
        return propose(encounter, context, Codebook.on(day, payer))

    def lines(self, *facts: Any, **more: Any) -> list[str]:
        """ "17000-59 L57.0", "17003-59 x3 L57.0", in billing sequence."""
        return [short(line) for line in self.claim(*facts, **more).lines]


PARTS = {"eyelid", "lip", "lip_cutaneous", "lip_vermilion"}


def short(line: Any) -> str:
    units = f" x{line.units}" if line.units != 1 else ""
    return f"{'-'.join([line.code, *line.modifiers])}{units} {','.join(line.diagnoses)}".rstrip()


@pytest.fixture
def desk() -> Desk:
    return Desk()
