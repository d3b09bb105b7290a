"""What is missing, asked neutrally (em_dx 9.1, 9.3).

A coder's question names what the note says, asks for the fact, and offers "not measured" or "unable to determine". It
never names a code, money, a payer, a level or the finding that would help, and it never offers one answer first. A
contradiction is one question by itself; what it concerns is not asked a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from notecoder.claim import Gap, GapElement, Severity
from notecoder.facts import Conflict, Encounter
from notecoder.rules.acts import about
from notecoder.rules.draft import GapDraft

QUERIES: dict[GapElement, str] = {
    "lesion.size": "Please document the greatest dimension or area measured, with its unit, or that it was not "
    "measured.",
    "lesion.margin": "Please document the narrowest margin taken on one side, in cm or mm, or that none was recorded.",
    "lesion.site": "Please specify the exact location as far as it can be determined, or state unable to determine.",
    "lesion.laterality": "The side is not stated. Please document the side, if known: right / left / bilateral / "
    "midline / unable to determine.",
    "lesion.count": "Please document the number of lesions treated and their sites, or that they were not counted.",
    "lesion.diagnosis": "Please document the diagnosis, or the sign or symptom, as you judge it: free text / cannot be "
    "determined.",
    "lesion.symptoms": "Please document any symptoms or findings noted for this lesion, or that none were noted.",
    "procedure.technique": "Please document the technique that was used: free text / unable to determine.",
    "procedure.depth": "Please document the deepest layer that was reached, or state unable to determine.",
    "procedure.method": "Please document the method that was used: free text / unable to determine.",
    "closure.type": "Please document how the wound was managed at the end of the procedure: free text.",
    "closure.length": "Please document the length of the sutured wound in cm, or that it was not measured.",
    "closure.criteria": "Please document the layers that were closed and, if applicable, any undermining with its "
    "distance and edge, the defect's width, and structures involved: free text.",
    "flap.area": "Please document the dimensions of the primary and of the secondary defect, or that they were not "
    "measured.",
    "graft.area": "Please document the dimensions of the area covered, or that they were not measured.",
    "mohs.stages": "Please document the number of stages performed on this date: free text.",
    "mohs.blocks": "Please document the number of tissue blocks in each stage, or that it was not recorded.",
    "mohs.pathology": "Please document who performed the histologic interpretation: free text.",
    "specimen.count": "Please document the number of specimens, their labels, and whether they were sent: free text.",
    "pathology.result": "The record shows no final pathology result for this specimen. Please attach or document "
    "it when available, or state that none is expected.",
    "em.separate_problem": "If an evaluation beyond the procedure was performed, please document its findings, "
    "assessment and plan; otherwise no further documentation is needed.",
    "em.mdm": "Please document the current status of the problem and the management decided today, if any: free text.",
    "em.time": "Please document the total time on the date of the visit, if used, and whether it excludes procedures.",
    "drug.name": "Please document the name of the drug that was given: free text.",
    "drug.dose": "Please document the concentration and the volume or amount given, or that it was not recorded.",
    "drug.wastage": "Please document the amount discarded from the container, if any, or that none was discarded.",
    "injection.count": "Please document the number of lesions injected and their sites, or that they were not counted.",
    "telehealth.modality": "Please document the communication modality: audio and video / audio only / other.",
    "telehealth.location": "Please document where the patient was during the visit: free text.",
    "telehealth.consent": "Please document whether the patient agreed to a remote visit: free text.",
    "telehealth.time": "Please document the time spent on the date of service: free text.",
    "medical_necessity": "Please document the reason for treating this lesion or area, including any symptoms or "
    "findings, or that there were none: free text.",
    "cosmetic.notice": "Please document whether a financial responsibility form was signed for this service: signed / "
    "not signed / unable to determine.",
    "date_of_service": "Please document the date on which the service was performed.",
    "consent": "Please document how consent was obtained: free text.",
    "nail.digit": "Please document which digit, with its side, if it can be determined: free text.",
    "note.conflict": "The record contains two statements that differ. Please clarify which one is correct, or state "
    "unable to determine.",
    "patient.status": "Please document whether the patient was seen by the group within the last three years: yes / no "
    "/ unable to determine.",
    "prior_procedure.date": "A prior procedure is referenced. Please document its date and site, if known.",
}
"""One question for each element of the contract."""

CONFLICT_SEVERITY: dict[str, Severity] = {"code": "blocker", "diagnosis": "major", "nothing": "minor"}
ORDER = {"blocker": 0, "major": 1, "minor": 2}


def gap_of(draft: GapDraft) -> Gap:
    """The question for one missing element."""
    return Gap(
        element=draft.element,
        severity=draft.severity,
        about=draft.about,
        query=f"{draft.about[:1].upper()}{draft.about[1:]}: {QUERIES[draft.element]}",
        evidence=tuple(draft.evidence),
    )


def conflict_gaps(encounter: Encounter) -> Iterator[GapDraft]:
    """One question for each contradiction of the note."""
    for conflict in encounter.conflicts:
        yield GapDraft("note.conflict", _severity(conflict), conflict.about, conflict.evidence)


def _severity(conflict: Conflict) -> Severity:
    return CONFLICT_SEVERITY[conflict.affects]


ASKED_BY_CONFLICT: dict[str, frozenset[str]] = {
    "count": frozenset({"lesion.count", "injection.count", "specimen.count"}),
    "size": frozenset({"lesion.size", "closure.length", "flap.area", "graft.area"}),
    "side": frozenset({"lesion.laterality"}),
    "site": frozenset({"lesion.site"}),
    "technique": frozenset({"procedure.technique", "procedure.method"}),
    "closure": frozenset({"closure.type", "closure.criteria"}),
    "stages": frozenset({"mohs.stages", "mohs.blocks"}),
    "patient_status": frozenset({"patient.status"}),
}
"""What a contradiction about a subject already asks for."""
ONCE_FOR_A_PLACE = frozenset({"closure.criteria", "lesion.site", "lesion.laterality"})
"""Elements that several procedures at one place would ask for in the same words."""


def collected(drafts: Iterable[GapDraft], encounter: Encounter) -> tuple[Gap, ...]:
    """Gaps most serious first, each element and subject once, in its most serious form."""
    kept: dict[tuple[str, str], GapDraft] = {}
    answered = set(_asked_by_conflicts(encounter))
    for draft in drafts:
        place = draft.about.partition(", ")[2]
        if (draft.element, place) in answered or (draft.element, "") in answered:
            continue
        key = (draft.element, place if place and draft.element in ONCE_FOR_A_PLACE else draft.about)
        before = kept.get(key)
        if before is None or ORDER[draft.severity] < ORDER[before.severity]:
            kept[key] = draft
    return tuple(gap_of(draft) for draft in sorted(kept.values(), key=lambda draft: ORDER[draft.severity]))


def _asked_by_conflicts(encounter: Encounter) -> Iterator[tuple[str, str]]:
    """Element and place that a contradiction asks about already; no place when it concerns the patient."""
    places = {fact.target.id: about("", fact.target).partition(", ")[2] for fact in encounter.procedures}
    for conflict in encounter.conflicts:
        place = places.get(conflict.target or "", "")
        if place or conflict.subject == "patient_status":
            for element in ASKED_BY_CONFLICT.get(conflict.subject, ()):
                yield element, place
