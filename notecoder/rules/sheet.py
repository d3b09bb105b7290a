"""The claim while it is being worked out: drafts from all families, and the changes that edits ask for.

An edit never rewrites a line. It names a change, with the rule and the reason, and the sheet carries it out; what is
taken off the claim stays visible among the refused codes. Two edits that want different units for one line are an
error of the rules, and the claim then goes to a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from notecoder.evidence import Evidence
from notecoder.rules.draft import Caution, Concern, Finding, GapDraft, LineDraft, Refusal


@dataclass(frozen=True, slots=True)
class Remove:
    """Take a line off the claim."""

    line: LineDraft
    reason: str
    rule: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Add a modifier to a line."""

    line: LineDraft
    modifier: str
    rule: str
    says: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Unmark:
    """Take a modifier off a line that turned out not to need it."""

    line: LineDraft
    modifier: str
    rule: str
    says: str


@dataclass(frozen=True, slots=True)
class Limit:
    """Reduce the units of a line to what may be reported on one day."""

    line: LineDraft
    units: int
    rule: str
    says: str


Change = Remove | Mark | Unmark | Limit | Finding


@dataclass(slots=True)
class Sheet:
    """Lines in the order the families gave them, and everything that is not a line."""

    lines: list[LineDraft] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    gaps: list[GapDraft] = field(default_factory=list)
    concerns: list[Concern] = field(default_factory=list)
    cautions: list[Caution] = field(default_factory=list)
    primaries: dict[int, LineDraft] = field(default_factory=dict)
    """Primary of an add-on line, by the identity of the add-on."""
    limited: set[int] = field(default_factory=set)

    def take(self, findings: Iterator[Finding]) -> None:
        """Add what one family found; ``primary`` positions are resolved within the family."""
        own: list[LineDraft] = []
        for finding in findings:
            if isinstance(finding, LineDraft):
                own.append(finding)
                self.lines.append(finding)
            else:
                self.note(finding)
        for line in own:
            if line.primary is not None and 0 <= line.primary < len(own):
                self.primaries[id(line)] = own[line.primary]

    def note(self, finding: Finding) -> None:
        """File a finding that is not a line."""
        if isinstance(finding, Refusal):
            self.refusals.append(finding)
        elif isinstance(finding, GapDraft):
            self.gaps.append(finding)
        elif isinstance(finding, Concern):
            self.concerns.append(finding)
        elif isinstance(finding, Caution):
            self.cautions.append(finding)
        else:
            self.lines.append(finding)

    def apply(self, change: Change) -> None:
        """Carry out one change of an edit."""
        if isinstance(change, Remove):
            self._remove(change)
        elif isinstance(change, Mark):
            if change.modifier not in change.line.modifiers:
                change.line.modifiers.append(change.modifier)
                change.line.because(change.rule, change.says, *change.evidence)
        elif isinstance(change, Unmark):
            if change.modifier in change.line.modifiers:
                change.line.modifiers.remove(change.modifier)
                change.line.because(change.rule, change.says)
        elif isinstance(change, Limit):
            if id(change.line) in self.limited:
                self.concerns.append(Concern("review", f"{change.line.code}: two rules limit its units"))
            self.limited.add(id(change.line))
            change.line.units = change.units
            change.line.because(change.rule, change.says)
        else:
            self.note(change)

    def _remove(self, change: Remove) -> None:
        kept = [line for line in self.lines if line is not change.line]
        if len(kept) == len(self.lines):
            return
        self.lines = kept
        self.refusals.append(Refusal(change.line.code, change.reason, change.rule, tuple(change.line.evidence)))
        for orphan in [line for line in self.lines if self.primaries.get(id(line)) is change.line]:
            self._remove(Remove(orphan, f"its primary code {change.line.code} is not on the claim", "MD-03"))
