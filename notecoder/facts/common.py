"""The parts that every procedure fact is made of: site, diagnosis, target lesion, status, drug, conflict."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from notecoder.evidence import Evidence, Frozen, Stated

Side = Literal["left", "right", "bilateral", "midline"]
Status = Literal[
    "performed",
    "planned",
    "offered",
    "declined",
    "deferred",
    "discussed",
    "historical",
    "elsewhere",
    "negated",
    "aborted",
]
Certainty = Literal["stated", "pathology", "uncertain", "history", "negated"]


class Digit(Frozen):
    """One finger or toe; ``number`` 1 is the thumb or great toe, 5 the little one."""

    limb: Literal["hand", "foot"]
    side: Literal["left", "right"] | None
    number: int
    evidence: tuple[Evidence, ...] = ()


class Site(Frozen):
    """A place on the body. ``key`` is a row of ``tables/sites.csv`` (which knows the seven code-set groupings)."""

    key: str
    side: Side | None = None
    part: Literal["upper", "lower"] | None = None
    """Upper or lower, for eyelids and lips."""
    digit: Digit | None = None
    evidence: tuple[Evidence, ...] = ()


class Diagnosis(Frozen):
    """A condition the note names. ``term`` is a key of ``tables/icd10cm/terms.csv``.

    ``certainty``: "pathology" when a pathology result or a proven earlier biopsy states it, "stated" when the clinician
    does without a word of doubt, "uncertain" for r/o, favor, suspicious for ... (never coded, HC-10), "history" for past
    disease, "negated" when denied.
    """

    term: str
    certainty: Certainty = "stated"
    site: Site | None = None
    subsequent: bool = False
    """An injury that heals after its active treatment: the seventh character is D (em_dx 4.8)."""
    evidence: tuple[Evidence, ...] = ()


class Target(Frozen):
    """What a procedure was done to: one lesion, wound or group of lesions of one kind."""

    id: str
    """The same lesion has the same id in every procedure on it."""
    label: str | None = None
    """The note's own label: "A", "1" ..."""
    site: Site | None = None
    more_sites: tuple[Site, ...] = ()
    """Further sites of a group of lesions ("scalp 5, ears 3")."""
    diagnoses: tuple[Diagnosis, ...] = ()
    """Best first; certainty kept, so an uncertain one may stand here."""
    noun: str | None = None
    """How the note calls an undiagnosed lesion: neoplasm, lesion, nodule, papule, rash, ulcer ... (lower case)."""
    diameter: Stated[Decimal] | None = None
    """Greatest clinical diameter of the lesion before the procedure, cm."""
    other_diameter: Stated[Decimal] | None = None
    """A second, larger diameter that the note gives for the same lesion on the same day."""
    symptoms: tuple[Stated[str], ...] = ()
    """Medical signs and symptoms of this lesion: bleeding, pain, itch, irritated, changing ..."""


class Act(Frozen):
    """That something was done (or not), and where the note says so."""

    id: str
    status: Status = "performed"
    evidence: tuple[Evidence, ...] = ()
    cosmetic: Stated[bool] | None = None
    """Stated(True): for appearance or paid by the patient; off the claim (10.9)."""
    notice: Stated[bool] | None = None
    """A signed waiver, ABN or financial responsibility form for this service: stated there or stated missing."""
    claim_requested: Stated[bool] | None = None
    """The patient asks that a service for appearance be sent to the insurer all the same (CO-01)."""
    abn: Stated[Literal["required", "voluntary"]] | None = None
    """An advance beneficiary notice in the note's words: before a service Medicare may deny, or a voluntary one (HC-15)."""
    course: tuple[Evidence, ...] = ()
    """Further clauses that tell how it was done: steps, counts, fields of its form."""
    doubtful: bool = False
    """Reading was not sure (thin margin between two readings): the claim goes to review."""


class Drug(Frozen):
    """A drug given. Amounts in mg (botulinum toxins and bleomycin in units), volumes in mL."""

    name: str
    """Lower-case generic name: triamcinolone acetonide, onabotulinumtoxina, aminolevulinic acid 20% ..."""
    amount: Stated[Decimal] | None = None
    """Total given, mg (or units). Reading multiplies concentration and volume when the note gives only those."""
    concentration: Stated[Decimal] | None = None
    volume: Stated[Decimal] | None = None
    wasted: Stated[Decimal] | None = None
    opened: Stated[Decimal] | None = None
    """Content of all containers opened, in the unit of ``amount``, when the note gives it instead of the waste."""
    container: Stated[Literal["single_dose", "multi_dose"]] | None = None
    supplied_by_patient: Stated[bool] | None = None
    compounded: Stated[bool] | None = None
    evidence: tuple[Evidence, ...] = ()


class Conflict(Frozen):
    """Two statements of the note that cannot both be true, kept with the words of both."""

    about: str
    """A short description in our words with the site, such as "side of the dorsal hand lesion"."""
    subject: Literal[
        "side", "site", "size", "count", "technique", "closure", "status", "stages", "patient_status", "other"
    ]
    target: str | None = None
    """Target id it concerns."""
    affects: Literal["code", "diagnosis", "nothing"] = "nothing"
    evidence: tuple[Evidence, ...] = ()


class TypedCode(Frozen):
    """A billing code that somebody (or an EHR helper) typed into the note; never a reason to propose it."""

    code: str
    evidence: tuple[Evidence, ...] = ()
