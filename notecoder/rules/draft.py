"""What a family's rules hand on: drafts of lines, refused codes and gaps, before the edits look at the whole claim."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from notecoder.claim import GapElement, Severity
from notecoder.evidence import Evidence
from notecoder.facts import Diagnosis, Site, Target


@dataclass(slots=True)
class LineDraft:
    """One line before edits. ``targets``: ids of the lesions it is for; NCCI asks whether two lines share one."""

    code: str
    units: int = 1
    modifiers: list[str] = field(default_factory=list)
    targets: tuple[str, ...] = ()
    sites: tuple[Site, ...] = ()
    lesions: tuple[Target, ...] = ()
    """The lesions in the order of the note; ``rules.diagnoses`` gives each its own code (DX-ORD) and points to all."""
    diagnoses: list[Diagnosis] = field(default_factory=list)
    nouns: tuple[str, ...] = ()
    sampled: bool = False
    """Tissue went to pathology or was removed: an unnamed growth is D49.2 rather than L98.9 (HC-10)."""
    codes10: list[str] = field(default_factory=list)
    """ICD-10-CM codes, pointer order; filled by ``rules.diagnoses`` unless a family sets them."""
    evidence10: dict[str, tuple[Evidence, ...]] = field(default_factory=dict)
    """Where the note states the diagnosis of a code in ``codes10``."""
    evidence: list[Evidence] = field(default_factory=list)
    course: list[Evidence] = field(default_factory=list)
    """How the acts were done, in the note's words; cited after the evidence of the steps."""
    steps: list[tuple[str, str, tuple[Evidence, ...]]] = field(default_factory=list)
    """(rule id, what it says here, evidence)."""
    separate: str | None = None
    """The rule that lets this line stand beside another on the same tissue (MO-13, MO-14, MO-15, BX-08); else None."""
    primary: int | None = None
    """For an add-on: the position of its primary among this family's drafts (edits keep them together)."""

    def because(self, rule: str, says: str, *spans: Evidence) -> LineDraft:
        """Add a step of reasoning and its evidence; returns the draft."""
        for span in spans:
            if span not in self.evidence:
                self.evidence.append(span)
        self.steps.append((rule, says, tuple(spans)))
        return self


@dataclass(slots=True)
class Refusal:
    """A tempting code that the rules refuse."""

    code: str
    reason: str
    rule: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(slots=True)
class GapDraft:
    """Something missing. The neutral question is written by ``rules.gaps`` from the element and ``about``."""

    element: GapElement
    severity: Severity
    about: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(slots=True)
class Concern:
    """A reason for the disposition beyond what its gaps already give."""

    disposition: Literal["review", "hold"]
    reason: str


@dataclass(slots=True)
class Caution:
    """A sentence for the claim's warnings: a rounded size, a count above a daily limit."""

    text: str


Finding = LineDraft | Refusal | GapDraft | Concern | Caution
