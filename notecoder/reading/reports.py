"""Pathology reports: the report sent along with a note, and the note that is itself a report or a laboratory's log.

A coder reads the report part by part: what the part was, what was found, what it was stained with. A part belongs to the
lesion with its letter, else to the lesion at its place; what was found there is that lesion's diagnosis, proven. On a log or
a sign-out nothing was cut today: "shave", "punch" and "excision" tell only where the tissue came from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from notecoder.evidence import Evidence, quote
from notecoder.facts import Diagnosis, Procedure, Target
from notecoder.reading.outline import Clause
from notecoder.reading.page import Mark, Page, SeenDiagnosis, mark_up
from notecoder.reading.places import related
from notecoder.reading.sites import SiteMention, find_sites

_TITLE = re.compile(r"\b(?:derm(?:ato)?path\w*|histolog\w*|patholog\w*|histopatholog\w*)\b[^\n]{0,30}\b(?:sign-?out|log|report|bench|worksheet|accession|console|workstation|desk|queue|requisition|case)\b|\bsign-?out\b[^\n]{0,30}\bcase\b", re.IGNORECASE)
_CLINICAL = re.compile(r"\b(?:anesthesia|lido\w*|consent|hemostasis|patient (?:presents|is here|returns)|hpi|chief complaint|time-?out|established patient|procedure note)\b", re.IGNORECASE)
_PART = re.compile(r"(?m)^[ \t]*(?:(?:part|specimen|jar|container|block|slide)\s*)?\(?(?P<label>[A-H]|[1-9]|1\d)(?:[.):](?=\s)|\s*\|\s*|[ \t]{2,}(?=\S)|\s+[-–]\s+)", re.IGNORECASE)
_INLINE_PART = re.compile(r"(?<=[\s;:])(?:part|specimen|jar)\s+(?P<label>[A-H]|\d)\s*[.):,-]|(?:(?<=\n)|(?<=[:;]\s)|^)\(?(?P<letter>[A-H])[.)]\s", re.IGNORECASE)
_AFTER_PARTS = re.compile(r"(?im)^[ \t]*(?P<word>gross|microscopic|clinical|technical|interpretation|comment|levels?|ihc|recut\w*|deeper|need for|note|stains?|signed|electronically)\b[^\n]{0,30}?:")
_LABEL_NEAR = re.compile(r"\b(?:jar|part|specimen|container|bottle)\s*#?\s*(?P<label>[A-H]|\d)\b", re.IGNORECASE)
_FOUND = frozenset({"noun", "sign", "status"})


@dataclass(slots=True)
class Part:
    """One specimen of a report: the text of its lines and what they say."""

    label: str | None
    start: int
    end: int
    text: str
    sites: list[SiteMention] = field(default_factory=list)
    diagnoses: list[SeenDiagnosis] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """A report. ``document``: its id; None when the note itself is one."""

    document: str | None
    page: Page
    parts: list[Part]

    def quote(self, start: int, end: int) -> Evidence:
        """Evidence in this document."""
        return quote(self.page.text, start, end, document=self.document)

    def quote_clause(self, clause: Clause) -> Evidence:
        """Evidence for a clause of this document."""
        return self.quote(clause.start, clause.end)


def is_report(page: Page) -> bool:
    """The note is a pathology report or a laboratory's log, not a visit."""
    head = page.text[:160]
    return bool(_TITLE.search(head.split("\n\n")[0] if len(head.split("\n\n")[0]) > 20 else head)) and not _CLINICAL.search(page.text)


def read_report(page: Page, document: str | None) -> Report:
    """The parts of a report, in its order; a report without letters is one part."""
    text = page.text
    starts = [(m.start("label"), m["label"].upper(), m.end()) for m in _PART.finditer(text)]
    if len({label for _, label, _ in starts}) < 2:
        found = [(m.start(), (m["label"] or m["letter"]).upper(), m.end()) for m in _INLINE_PART.finditer(text)]
        starts = found if found else starts
    parts: dict[str, Part] = {}
    for position, (start, label, body) in enumerate(starts):
        end = starts[position + 1][0] if position + 1 < len(starts) else len(text)
        stop = next((m for m in _AFTER_PARTS.finditer(text, body, end) if len(re.findall(rf"(?im)^[ \t]*{m['word']}", text)) < 2), None)
        blank = text.find("\n\n", body, end)
        end = min(e for e in (end, stop.start() if stop else end, blank if blank > 0 else end))
        if label in parts:
            parts[label].text += "\n" + text[body:end]
            _read_part(page, parts[label], body, end)
        else:
            parts[label] = Part(label, start, end, text[body:end])
            _read_part(page, parts[label], body, end)
    if not parts:
        whole = Part(None, 0, len(text), text)
        _read_part(page, whole, 0, len(text))
        return Report(document, page, [whole])
    return Report(document, page, list(parts.values()))


def _read_part(page: Page, part: Part, start: int, end: int) -> None:
    part.sites += list(find_sites(page.text, start, end))
    for mark in page.marks:
        if mark.clause.end > start and mark.clause.start < end:
            part.diagnoses += [d for d in mark.diagnoses if start <= d.start < end]


def reports_of(documents: Sequence[Mapping[str, Any]], on: date) -> list[Report]:
    """The pathology reports among the documents of an encounter."""
    found = []
    for position, document in enumerate(documents):
        text = document.get("text")
        kind = str(document.get("kind") or "pathology").lower()
        if isinstance(text, str) and text.strip() and kind in {"pathology", "addendum"}:
            if kind == "addendum" and not re.search(r"\b(?:patholog|diagnosis|specimen|histolog|path\b)", text, re.IGNORECASE):
                continue
            found.append(read_report(mark_up(text, on), str(document.get("id") or f"document-{position + 1}")))
    return found


def with_results(procedures: Sequence[Procedure], reports: Sequence[Report], marks: Sequence[Mark]) -> list[Procedure]:
    """The procedures, the diagnoses of their lesions proven by the parts of the reports."""
    targets = {p.target.id: p.target for p in procedures if p.act.status == "performed" and p.kind in {"biopsy", "shave", "excision", "nail", "tag_removal", "destruction", "mohs"}}
    proven: dict[str, Diagnosis] = {}
    for report in reports:
        for part in report.parts:
            diagnosis = _diagnosis(report, part)
            owner = lesion_of(part, list(targets.values()), marks, alone=len(report.parts) == 1)
            if diagnosis is not None and owner is not None and owner.id not in proven:
                proven[owner.id] = diagnosis
    if not proven:
        return list(procedures)
    return [_proven(p, proven[p.target.id]) if p.target.id in proven else p for p in procedures]


def _proven(procedure: Procedure, diagnosis: Diagnosis) -> Procedure:
    kept = tuple(d for d in procedure.target.diagnoses if d.term != diagnosis.term)
    site = procedure.target.site
    located = diagnosis if diagnosis.site is not None or site is None else diagnosis.model_copy(update={"site": site})
    return procedure.model_copy(update={"target": procedure.target.model_copy(update={"diagnoses": (located, *kept)})})


def _diagnosis(report: Report, part: Part) -> Diagnosis | None:
    """What a part was found to be; words of doubt leave it open (HC-10)."""
    sure = [d for d in part.diagnoses if d.certainty in {"stated", "pathology"} and d.group not in _FOUND]
    if not sure:
        return None
    text = report.page.text
    heading = re.search(r"\bdiagnos[ei]s\b[^\n:]{0,12}:", text[part.start : part.end], re.IGNORECASE)
    after = [d for d in sure if heading and d.start >= part.start + heading.end()]
    chosen = (after or sure)[0]
    return Diagnosis(term=chosen.term, certainty="pathology", evidence=(report.quote(chosen.start, chosen.end),))


def lesion_of(part: Part, targets: Sequence[Target], marks: Sequence[Mark], *, alone: bool) -> Target | None:
    """The lesion a part came from: by its letter, by the jar the note names, by its place, or because both are single."""
    placed = [t for t in targets if any(_same_place(site, t) for site in part.sites)]
    by_letter = [t for t in targets if t.label is not None and t.label == part.label]
    for group in ([t for t in by_letter if t in placed], placed if len(placed) == 1 else [], _by_jar(part, targets, marks), by_letter if not part.sites else [], placed):
        if group:
            return group[0]
    return targets[0] if alone and len(targets) == 1 and not (part.sites and targets[0].site and not placed) else None


def _by_jar(part: Part, targets: Sequence[Target], marks: Sequence[Mark]) -> list[Target]:
    """ "Jar A." in the item that tells of the lesion."""
    found = []
    for mark in marks:
        match = _LABEL_NEAR.search(mark.clause.text)
        if match is None or match["label"].upper() != part.label:
            continue
        item = mark.clause.item
        for target in targets:
            if target.site is None or target in found:
                continue
            near = [m for m in marks if (m.clause.item is item and item is not None) or m is mark]
            if any(s.key == target.site.key for m in near for s in m.sites):
                found.append(target)
    return found


def _same_place(site: SiteMention, target: Target) -> bool:
    for place in (target.site, *target.more_sites):
        if place is not None and related(site.key, place.key) and not (site.side and place.side and site.side != place.side):
            return True
    return False
