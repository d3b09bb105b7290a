"""Visits and services at a distance: which family of codes, which modifier, and what the note must say.

A coder asks how patient and clinician met. Live video replaces the office visit: Medicare takes the office code with
the place of service (02, or 10 at home) and no 95; other payers take the video family. Live sound alone is the office
code with 93 for Medicare, the audio-only family for others, and a short call that the patient began is a check-in.
Messages, photographs and advice to another clinician are services of their own, picked by minutes (TH-01 to TH-12).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from notecoder.codebook import Codebook, Row
from notecoder.context import EncounterContext
from notecoder.evidence import Evidence, merged
from notecoder.facts.visit import Visit
from notecoder.rules.draft import Concern, Finding, GapDraft, LineDraft, Refusal

Family = Literal["office", "audio_video", "audio_only"]
DISTANT_PLACES = ("02", "10")
ABOUT = "telehealth service"


@dataclass(frozen=True, slots=True)
class Setting:
    """Family of visit codes and modifiers for the way this visit was held."""

    family: Family
    modifiers: tuple[str, ...]
    rule: str
    says: str
    evidence: tuple[Evidence, ...] = ()


def at_a_distance(visit: Visit, context: EncounterContext) -> bool:
    """The visit was not in person, by the note's words or else by the place of service."""
    if visit.modality is not None:
        return visit.modality.value != "in_person"
    return context.place_of_service in DISTANT_PLACES


def is_live_visit(visit: Visit, context: EncounterContext) -> bool:
    """A real-time visit (video or sound), not messages, photographs or advice to a colleague."""
    return visit.modality is None or visit.modality.value in ("audio_video", "audio_only", "in_person")


def setting_of(visit: Visit, context: EncounterContext) -> Setting:
    """The family for a live visit (TH-01, TH-02, HC-12)."""
    if not at_a_distance(visit, context):
        return Setting("office", (), "EM-FAM-07", "seen in person")
    spans = visit.modality.evidence[:3] if visit.modality is not None else ()
    medicare = context.payer == "medicare"
    if visit.modality is not None and visit.modality.value == "audio_only":
        if medicare:
            return Setting("office", ("93",), "TH-02", "live sound only, Medicare: office code with 93", spans)
        return Setting("audio_only", (), "TH-02", "live sound only: audio-only family (HC-12)", spans)
    if medicare:
        return Setting("office", (), "TH-01", "live video, Medicare: office code, no 95 (HC-12)", spans)
    return Setting("audio_video", (), "TH-01", "live video: video family (HC-12)", spans)


def missing_of(visit: Visit, context: EncounterContext) -> Iterator[Finding]:
    """What a live visit at a distance must say (TH-DOC)."""
    if not at_a_distance(visit, context):
        return
    if visit.modality is None:
        yield GapDraft("telehealth.modality", "blocker", ABOUT)
    elif visit.modality.value == "audio_only" and context.payer == "medicare" and visit.audio_only_reason is None:
        yield GapDraft("telehealth.modality", "major", "reason for sound without video", visit.modality.evidence[:1])
    if visit.patient_location is None:
        yield GapDraft("telehealth.location", "major", "patient location", _spans(visit))
    if visit.telehealth_consent is None:
        yield GapDraft("telehealth.consent", "major", ABOUT, _spans(visit))
    if visit.modality is not None and visit.modality.value == "audio_only" and visit.minutes is None:
        yield GapDraft("telehealth.time", "major", "minutes of medical discussion", visit.modality.evidence[:1])


def short_call(visit: Visit, context: EncounterContext, codebook: Codebook) -> Iterator[Finding] | None:
    """A check-in instead of a visit: live sound, at most ten minutes (TH-03); None when it is a visit after all."""
    if visit.modality is None or visit.modality.value != "audio_only" or visit.minutes is None:
        return None
    row = _row_for(codebook, "audio_only", context, visit.minutes.value)
    if row is None or row["rule"] != "TH-03":
        return None
    return _remote_line(visit, row)


def remote_service(visit: Visit, context: EncounterContext, codebook: Codebook) -> Iterator[Finding]:
    """Portal messages, photographs and advice to another clinician (TH-05 to TH-09)."""
    if visit.modality is None:
        return
    kind = visit.modality.value
    if kind == "image":
        row = _row_for(codebook, "image", context, None)
    elif visit.minutes is None:
        yield GapDraft("telehealth.time", "blocker", ABOUT, visit.modality.evidence[:1])
        return
    else:
        row = _row_for(codebook, kind, context, visit.minutes.value)
    if row is None:
        yield Refusal(_first_code(codebook, kind), "fewer minutes than the service needs", "TH-06", _spans(visit))
        return
    yield from _remote_line(visit, row)


def _remote_line(visit: Visit, row: Row) -> Iterator[Finding]:
    """One remote service with its conditions: established, begun by the patient, tied to no visit (TH-03 to TH-06)."""
    assert visit.modality is not None
    spans = visit.modality.evidence[:3]
    between_clinicians = row["modality"].startswith("econsult")
    for broken, reason in (
        (visit.related_visit_within_7_days, "a related visit in the seven days before"),
        (visit.leads_to_visit, "it leads to a visit at the next chance"),
    ):
        if broken is not None and broken.value and not between_clinicians:
            yield Refusal(row["code"], reason, row["rule"], broken.evidence[:1])
            return
    if visit.status is not None and visit.status.value == "new" and not between_clinicians:
        yield Refusal(row["code"], "the patient is not established", row["rule"], visit.status.evidence[:1])
        return
    draft = LineDraft(row["code"], diagnoses=[d for p in visit.problems for d in p.diagnoses])
    draft.because(row["rule"], row["label"], *spans)
    if visit.minutes is not None:
        draft.because(row["rule"], f"{visit.minutes.value} minutes", *visit.minutes.evidence[:1])
    if visit.patient_initiated is not None and visit.patient_initiated.value and not between_clinicians:
        draft.because(row["rule"], "the patient began it", *visit.patient_initiated.evidence[:2])
    for problem in visit.problems:
        words = merged(problem.own_assessment[:1] or problem.evidence[:1], problem.told[:2])
        draft.because(row["rule"], "problem answered", *words)
    yield draft
    if not between_clinicians and row["modality"] != "portal" and visit.patient_initiated is None:
        yield Concern("review", "Who began the contact is not stated.")
    if visit.telehealth_consent is None:
        yield GapDraft("telehealth.consent", "major", ABOUT, spans)


def _row_for(codebook: Codebook, kind: str, context: EncounterContext, minutes: Decimal | None) -> Row | None:
    for row in codebook.table("visit/remote"):
        if row["modality"] != kind or row["payer"] not in ("any", context.payer):
            continue
        if minutes is None:
            return row
        if Decimal(row["minutes_from"] or 0) <= minutes < Decimal(row["minutes_to"] or 10_000) + 1:
            return row
    return None


def _first_code(codebook: Codebook, kind: str) -> str:
    return next(row["code"] for row in codebook.table("visit/remote") if row["modality"] == kind)


def _spans(visit: Visit) -> tuple[Evidence, ...]:
    return visit.modality.evidence[:1] if visit.modality is not None else ()
