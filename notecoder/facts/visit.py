"""The evaluation-and-management part of an encounter (em_dx.md sections 1 to 3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from notecoder.evidence import Evidence, Frozen, Stated
from notecoder.facts.common import Diagnosis

ProblemClass = Literal[
    "self_limited",
    "chronic_stable",
    "acute_uncomplicated",
    "stable_acute",
    "chronic_not_at_goal",
    "undiagnosed_uncertain",
    "acute_systemic",
    "acute_complicated_injury",
    "chronic_severe",
    "threat",
]
Action = Literal[
    "rx_start", "rx_change", "rx_stop", "rx_continue", "rx_considered", "otc", "test_order", "test_review", "referral",
    "treatment_choice", "surveillance", "photoprotection", "future_procedure", "reassurance", "generic_advice",
    "observation", "procedure", "aftercare", "await_pathology", "other",
]  # fmt: skip


class PlanAction(Frozen):
    """One thing decided for a problem. ``detail``: the drug or test (lower case) where there is one."""

    action: Action
    detail: str | None = None
    strength: Decimal | None = None
    """Percent of a topical drug, where the note gives it: some strengths are sold over the counter (EM-R-RX)."""
    evidence: tuple[Evidence, ...] = ()


class Judgement(Frozen):
    """What the learned judge made of a problem's sentences. ``margin``: lead over the runner-up, 0 to 1."""

    label: Literal["separate", "procedure", "neither"]
    margin: Decimal
    evidence: tuple[Evidence, ...] = ()


class Problem(Frozen):
    """A problem addressed at this visit."""

    id: str
    diagnoses: tuple[Diagnosis, ...] = ()
    nouns: tuple[str, ...] = ()
    """How the note calls an undiagnosed problem: rash, itch, hair loss, nail, nodule ... (lower case)."""
    problem_class: ProblemClass
    status_words: tuple[Evidence, ...] = ()
    """The words that state its status; empty when the class is only the default of the condition."""
    actions: tuple[PlanAction, ...] = ()
    own_complaint: tuple[Evidence, ...] = ()
    own_assessment: tuple[Evidence, ...] = ()
    own_exam: tuple[Evidence, ...] = ()
    told: tuple[Evidence, ...] = ()
    """Further clauses about it: the complaint, the course, findings."""
    targets: tuple[str, ...] = ()
    """Target ids of procedures done today on this problem."""
    differs_from_procedures: bool = True
    """The diagnosis differs (three characters of the code are the rule's business) from what was treated today."""
    why_beyond_procedure: tuple[Evidence, ...] = ()
    of_earlier_procedure: Stated[bool] | None = None
    """Recovery from, or a complication of, a procedure done at an earlier visit (section 11)."""
    judged: Judgement | None = None
    """Set by reading where the wording is open (M25 review band); rules decide alone elsewhere."""
    evidence: tuple[Evidence, ...] = ()


class DataItem(Frozen):
    """One unique data element: ``kind`` and what it is."""

    kind: Literal["external_note", "test_reviewed", "test_ordered", "historian", "independent_interpretation",
                  "discussion"]  # fmt: skip
    what: str
    problem: str | None = None
    evidence: tuple[Evidence, ...] = ()


class ToxicityMonitoring(Frozen):
    """A drug watched for toxicity by laboratory tests (EM-R-TOX)."""

    drug: str
    tests: tuple[str, ...] = ()
    at_least_quarterly: Stated[bool] | None = None
    problem: str | None = None
    evidence: tuple[Evidence, ...] = ()


class Visit(Frozen):
    """Evidence of evaluation and management, apart from any procedure."""

    status: Stated[Literal["new", "established"]] | None = None
    problems: tuple[Problem, ...] = ()
    data: tuple[DataItem, ...] = ()
    toxicity: tuple[ToxicityMonitoring, ...] = ()
    surgery_decision: Stated[Literal["minor", "minor_risk", "major", "major_risk"]] | None = None
    """A decision about surgery not done today."""
    decision_for_major_today: Stated[bool] | None = None
    """The note records that a 90-day procedure was decided at this visit (57)."""
    major_next_day: Stated[bool] | None = None
    """The 90-day procedure decided here is to be done tomorrow (57)."""
    social_limit: Stated[bool] | None = None
    hospital_decision: Stated[bool] | None = None
    minutes: Stated[Decimal] | None = None
    other_minutes: Stated[Decimal] | None = None
    """A second, larger total that contradicts ``minutes``."""
    minutes_exclude_procedure: Stated[bool] | None = None
    procedure_only_visit: Stated[bool] | None = None
    """The visit was scheduled for the procedure (C1)."""
    something_done: Stated[bool] | None = None
    """Words of a procedure done today, whether or not a procedure fact came of them: 25's tests apply (2.4)."""
    postoperative: Stated[bool] | None = None
    staff_only: Stated[bool] | None = None
    longitudinal: Stated[bool] | None = None
    """This clinician's ongoing relationship for a serious or complex condition (G2211)."""
    covering: Stated[bool] | None = None
    levelled: tuple[Evidence, ...] = ()
    """The note itself levels a visit (a code or level somebody typed)."""
    modality: Stated[
        Literal["audio_video", "audio_only", "portal", "image", "econsult_verbal", "econsult_written", "in_person"]
    ] | None = None  # fmt: skip
    patient_location: Stated[str] | None = None
    telehealth_consent: Stated[bool] | None = None
    audio_only_reason: Stated[bool] | None = None
    patient_initiated: Stated[bool] | None = None
    related_visit_within_7_days: Stated[bool] | None = None
    leads_to_visit: Stated[bool] | None = None
    consult_requested: Stated[bool] | None = None
    consult_report: Stated[bool] | None = None
    copied: Stated[bool] | None = None
    """The evaluation reads like a copy of an earlier note (C8)."""
    status_diagnoses: tuple[Diagnosis, ...] = ()
    """History, status and long-term drug terms that belong to this visit (DX 4.8), after its problems."""
    evidence: tuple[Evidence, ...] = ()
