"""One class per procedure family. ``kind`` tells them apart; ``act`` says whether and where it was done."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from notecoder.evidence import Evidence, Frozen, Stated
from notecoder.facts.common import Act, Diagnosis, Digit, Drug, Site, Target


class FrozenDecision(Frozen):
    """The three facts of a biopsy that decided same-day Mohs surgery (MO-15)."""

    never_biopsied: Stated[bool] | None = None
    read_first: Stated[bool] | None = None
    decided_surgery: Stated[bool] | None = None
    blocks: Stated[int] | None = None


class Biopsy(Frozen):
    """Tissue taken for diagnosis. ``count`` None means one lesion or site."""

    kind: Literal["biopsy"] = "biopsy"
    act: Act
    target: Target
    technique: Stated[Literal["tangential", "punch", "incisional"]] | None = None
    count: Stated[int] | None = None
    frozen: FrozenDecision | None = None


class Shave(Frozen):
    """Removal of a lesion by a horizontal slice, partial thickness."""

    kind: Literal["shave"] = "shave"
    act: Act
    target: Target


class Excision(Frozen):
    """Full-thickness removal of a lesion (skin, cyst, soft tissue) or of a named structure."""

    kind: Literal["excision"] = "excision"
    act: Act
    target: Target
    structure: Literal[
        "skin",
        "cyst",
        "soft_tissue",
        "eyelid_lesion",
        "eyelid_full_thickness",
        "lip_wedge",
        "lip_v",
        "lip_shave",
        "lip_large",
        "ear_partial",
        "ear_amputation",
        "mouth_vestibule",
        "digital_mucous_cyst",
        "hidradenitis",
        "pilonidal",
    ] = "skin"
    margin: Stated[Decimal] | None = None
    """Narrowest margin on one side, cm."""
    excised_diameter: Stated[Decimal] | None = None
    """Excised diameter including margins, when the note itself states it, cm."""
    depth: Stated[Literal["subcutaneous", "subfascial"]] | None = None
    """Depth of a soft-tissue tumor."""
    re_excision: Stated[bool] | None = None
    more_than_quarter: Stated[bool] | None = None
    """Eyelid or lip: more than a quarter of the margin taken."""
    extent: Stated[Literal["simple", "extensive", "complicated"]] | None = None
    """Pilonidal cyst; hidradenitis uses the repair fact."""
    mouth_repair: Stated[Literal["none", "simple", "complex", "muscle"]] | None = None


class Repair(Frozen):
    """The closure of one wound. Criteria are facts here; the class is a rule's conclusion (RP-06 .. RP-09)."""

    kind: Literal["repair"] = "repair"
    act: Act
    target: Target
    """The wound: same target id as the procedure that made it; its own id for a laceration."""
    wound_of: Literal["excision", "mohs", "biopsy", "shave", "destruction", "laceration", "flap_donor", "graft_donor",
                      "dehiscence", "other"] = "other"  # fmt: skip
    claimed: Stated[Literal["simple", "intermediate", "complex"]] | None = None
    layered: Stated[bool] | None = None
    """Stated(True): deep (buried, dermal, subcutaneous) sutures and skin closed; Stated(False): one layer said."""
    adhesive_only: Stated[bool] | None = None
    strips_only: Stated[bool] | None = None
    length: Stated[Decimal] | None = None
    defect_width: Stated[Decimal] | None = None
    """Greatest width of the defect at right angles to the closure, cm (for a round defect its smaller dimension)."""
    undermining: Stated[Decimal] | None = None
    """Distance undermined, cm; None when undermined without a distance."""
    undermined: Stated[bool] | None = None
    whole_edge: Stated[bool] | None = None
    """Undermined along at least one entire edge."""
    exposed_structure: Stated[str] | None = None
    free_margin: Stated[str] | None = None
    """Helical rim, vermilion border or nostril rim involved in the closure."""
    retention: Stated[bool] | None = None
    edges_debrided: Stated[bool] | None = None
    contaminated: Stated[bool] | None = None
    flap_claimed: Stated[str] | None = None
    """A title or phrase that calls this linear closure a flap."""
    secondary_closure: Stated[Literal["simple", "packing", "extensive"]] | None = None
    through: (
        Stated[Literal["lip_vermilion", "lip_half", "lip_more", "lip_unstated", "lid_partial", "lid_full"]] | None
    ) = None
    """A wound through a lip or the margin of a lid, which has a code of its own (4.4).

    ``lip_unstated``: how far up the lip it goes is not told."""


class MohsStage(Frozen):
    """One stage; ``blocks`` None when the note does not count them."""

    number: int
    blocks: Stated[int] | None = None
    evidence: tuple[Evidence, ...] = ()


class MohsStain(Frozen):
    """A non-routine stain on Mohs tissue: ``specimens`` = stages or specimens it was run on."""

    stain: Literal["immuno", "histochemical"]
    name: str
    specimens: int = 1
    evidence: tuple[Evidence, ...] = ()


class Mohs(Frozen):
    """Mohs micrographic surgery of one tumor on this date; ``stages`` only those done on this date."""

    kind: Literal["mohs"] = "mohs"
    act: Act
    target: Target
    stages: tuple[MohsStage, ...] = ()
    surgeon_reads: Stated[bool] | None = None
    """Stated(True): the surgeon read the slides; Stated(False): somebody else did."""
    deep_structure: Stated[str] | None = None
    """Muscle, cartilage, bone, tendon, major nerve or vessel directly involved by the surgery (MO-04)."""
    stains: tuple[MohsStain, ...] = ()
    continued: Stated[bool] | None = None
    """A tumor begun on an earlier date (MO-06)."""


class Destruction(Frozen):
    """Ablation of lesions by any method. Which family follows from the diagnosis and the site."""

    kind: Literal["destruction"] = "destruction"
    act: Act
    target: Target
    method: Stated[Literal["cryo", "electro", "curettage", "laser", "chemical", "other"]] | None = None
    """Curettage stands for curettage with or without electrodesiccation."""
    count: Stated[int] | None = None
    at_least: bool = False
    """The count is a stated minimum ("10+")."""
    plural: bool = False
    """Plural without a count."""
    final_diameter: Stated[Decimal] | None = None
    """Diameter after curettage, cm (DS-08)."""
    extensive: Stated[bool] | None = None
    area: Stated[Decimal] | None = None


class TagRemoval(Frozen):
    kind: Literal["tag_removal"] = "tag_removal"
    act: Act
    target: Target
    count: Stated[int] | None = None


class Paring(Frozen):
    """Paring or cutting of benign hyperkeratotic lesions (corn, callus)."""

    kind: Literal["paring"] = "paring"
    act: Act
    target: Target
    count: Stated[int] | None = None
    plural: bool = False
    """Plural without a count."""
    class_finding: Stated[Literal["A", "B", "C"]] | None = None
    """Foot-care class: A one class-A finding, B two class-B, C one class-B and two class-C."""


class Flap(Frozen):
    """Tissue moved into a defect. Areas in sq cm."""

    kind: Literal["flap"] = "flap"
    act: Act
    target: Target
    style: Stated[
        Literal["advancement", "rotation", "transposition", "island", "interpolation", "forehead", "midface",
                "muscle", "neurovascular", "pedicle", "tarsoconjunctival", "filleted", "other"]
    ] | None = None  # fmt: skip
    step: Literal["transfer", "formation", "delay", "division"] = "transfer"
    primary_area: Stated[Decimal] | None = None
    secondary_area: Stated[Decimal] | None = None
    total_area: Stated[Decimal] | None = None
    named_vessel: Stated[str] | None = None
    incised: Stated[bool] | None = None
    """Flap incisions, elevation or transfer into the defect are described; Stated(False): said not to be."""
    donor: Site | None = None


class Graft(Frozen):
    kind: Literal["graft"] = "graft"
    act: Act
    target: Target
    type: Literal[
        "full_thickness", "split_thickness", "pinch", "composite", "ear_cartilage", "septal_cartilage", "epidermal",
        "dermal", "fat", "cell_suspension",
    ]  # fmt: skip
    area: Stated[Decimal] | None = None
    volume: Stated[Decimal] | None = None
    """Fat put in, mL."""
    harvest: Stated[Literal["liposuction", "excision"]] | None = None
    """How fat was taken."""
    donor: Site | None = None
    donor_graft: Stated[bool] | None = None


class WoundPreparation(Frozen):
    """Excision of an open wound, eschar or scar to make a graft bed (15002 family)."""

    kind: Literal["wound_preparation"] = "wound_preparation"
    act: Act
    target: Target
    area: Stated[Decimal] | None = None


class SkinSubstitute(Frozen):
    kind: Literal["skin_substitute"] = "skin_substitute"
    act: Act
    target: Target
    product: Stated[str] | None = None
    area: Stated[Decimal] | None = None
    applied: Stated[Decimal] | None = None
    """Product applied, sq cm."""
    wasted: Stated[Decimal] | None = None
    anchored: Stated[bool] | None = None


class IncisionDrainage(Frozen):
    kind: Literal["incision_drainage"] = "incision_drainage"
    act: Act
    target: Target
    of: Literal["abscess", "cyst", "paronychia", "furuncle", "hematoma", "pilonidal", "wound_infection", "other"]
    count: Stated[int] | None = None
    incised: Stated[bool] | None = None
    loculations: Stated[bool] | None = None
    packed: Stated[bool] | None = None
    drain: Stated[bool] | None = None
    multiple_incisions: Stated[bool] | None = None
    complicated: Stated[bool] | None = None
    """The note's own word, complicated or simple."""


class Aspiration(Frozen):
    kind: Literal["aspiration"] = "aspiration"
    act: Act
    target: Target
    of: Literal["abscess", "cyst", "hematoma", "bulla", "seroma", "other"] = "other"


class AcneSurgery(Frozen):
    kind: Literal["acne_surgery"] = "acne_surgery"
    act: Act
    target: Target
    count: Stated[int] | None = None


class ForeignBodyRemoval(Frozen):
    kind: Literal["foreign_body"] = "foreign_body"
    act: Act
    target: Target
    incised: Stated[bool] | None = None
    complicated: Stated[bool] | None = None


class IntralesionalInjection(Frozen):
    kind: Literal["intralesional"] = "intralesional"
    act: Act
    target: Target
    count: Stated[int] | None = None
    plural: bool = False
    agent: Literal["steroid", "antineoplastic", "antigen", "other"] = "steroid"
    drug: Drug | None = None


class DrugInjection(Frozen):
    """A therapeutic intramuscular or subcutaneous injection given at this visit."""

    kind: Literal["drug_injection"] = "drug_injection"
    act: Act
    target: Target
    route: Literal["im", "sc"]
    drug: Drug | None = None
    count: Stated[int] | None = None


class Chemodenervation(Frozen):
    kind: Literal["chemodenervation"] = "chemodenervation"
    act: Act
    target: Target
    drug: Drug | None = None


class Filler(Frozen):
    kind: Literal["filler"] = "filler"
    act: Act
    target: Target
    volume: Stated[Decimal] | None = None
    product: Stated[str] | None = None
    drug: Drug | None = None
    """The product as a drug, when its code goes by weight (poly-L-lactic acid)."""
    lipoatrophy: Stated[bool] | None = None


class NailProcedure(Frozen):
    kind: Literal["nail"] = "nail"
    act: Act
    target: Target
    action: Literal[
        "trimming", "debridement", "avulsion", "hematoma", "matrixectomy", "biopsy", "bed_repair", "bed_reconstruction",
        "fold_excision", "clipping",
    ]  # fmt: skip
    digits: tuple[Digit, ...] = ()
    count: Stated[int] | None = None
    """Number of nails, when the digits are not all named."""
    dystrophic: Stated[bool] | None = None
    class_finding: Stated[Literal["A", "B", "C"]] | None = None


class Photodynamic(Frozen):
    kind: Literal["photodynamic"] = "photodynamic"
    act: Act
    target: Target
    applied_by: Stated[Literal["staff", "clinician"]] | None = None
    lit_by: Stated[Literal["staff", "clinician"]] | None = None
    debrided: Stated[bool] | None = None
    """Hyperkeratotic lesions debrided (curetted, abraded) by the clinician before application."""
    drug: Drug | None = None
    """amount: sticks for the 20% solution, mg of gel for the 10% gel (one 2 g tube = 2000 mg)."""
    daylight: Stated[bool] | None = None


class Phototherapy(Frozen):
    kind: Literal["phototherapy"] = "phototherapy"
    act: Act
    target: Target
    modality: Literal["uvb", "uva", "uvb_tar", "uvb_petrolatum", "puva", "prolonged", "excimer_laser", "excimer_lamp"]
    area: Stated[Decimal] | None = None


class PatchTest(Frozen):
    kind: Literal["patch_test"] = "patch_test"
    act: Act
    target: Target
    test: Literal["patch", "photopatch", "phototest"] = "patch"
    count: Stated[int] | None = None
    reading_only: bool = False


class BedsideTest(Frozen):
    """A laboratory test done in the office."""

    kind: Literal["bedside_test"] = "bedside_test"
    act: Act
    target: Target
    test: Literal["koh", "scabies", "tzanck", "fungal_culture", "bacterial_culture", "urine_pregnancy"]
    result: Stated[str] | None = None
    in_office: Stated[bool] | None = None
    wide_report: Stated[bool] | None = None
    """Tzanck: a broader cytologic interpretation by a pathologist."""


class WoundDebridement(Frozen):
    kind: Literal["debridement"] = "debridement"
    act: Act
    target: Target
    depth: Stated[Literal["selective", "subcutaneous", "muscle", "bone", "eczematous"]] | None = None
    area: Stated[Decimal] | None = None


class SutureRemoval(Frozen):
    kind: Literal["suture_removal"] = "suture_removal"
    act: Act
    target: Target
    material: Literal["sutures", "staples", "both"] = "sutures"
    placed_elsewhere: Stated[bool] | None = None


class Resurfacing(Frozen):
    """Peels, dermabrasion, laser and light on vessels or pigment, hair removal: mostly cosmetic (10.9)."""

    kind: Literal["resurfacing"] = "resurfacing"
    act: Act
    target: Target
    method: Literal[
        "peel_epidermal", "peel_dermal", "peel_acne", "cryo_acne", "dermabrasion", "abrasion", "vascular_laser",
        "pigment_laser", "ipl", "hair_removal", "fractional_laser", "microneedling", "electrolysis", "cautery_granulation",
    ]  # fmt: skip
    area: Stated[Decimal] | None = None
    extent: Literal["total_face", "segmental", "regional", "superficial"] | None = None
    count: Stated[int] | None = None


class Tattooing(Frozen):
    """Medical tattooing to correct skin color (what 11920-11922 are)."""

    kind: Literal["tattooing"] = "tattooing"
    act: Act
    target: Target
    area: Stated[Decimal] | None = None


class PathologySpecimen(Frozen):
    """One separately submitted, identified and diagnosed specimen."""

    label: str | None = None
    tissue: Literal["skin", "cyst", "tag", "lipoma", "soft_tissue", "nail", "redundant_skin", "gross_only", "debridement",
                    "abscess", "lymph_node"] = "skin"  # fmt: skip
    target: str | None = None
    """Target id, when it is one of the lesions of this encounter."""
    site: Site | None = None
    diagnoses: tuple[Diagnosis, ...] = ()
    """What the part was found to be, where the note itself is the report and no lesion of the encounter stands for it."""
    organism_stains: int = 0
    other_stains: int = 0
    antibodies: int = 0
    """Single immunohistochemistry antibodies on this specimen."""
    immunofluorescence: int = 0
    """Antibodies of a direct immunofluorescence study; such a specimen has no routine level."""
    frozen_blocks: int = 0
    decalcified: bool = False
    routine: bool = True
    """Routine gross and microscopic examination done."""
    evidence: tuple[Evidence, ...] = ()


class Pathology(Frozen):
    """Pathology work of the billing group on tissue of this encounter (never Mohs tissue)."""

    kind: Literal["pathology"] = "pathology"
    act: Act
    target: Target
    prepared: Stated[bool] | None = None
    """Slides prepared in the group's own laboratory."""
    read: Stated[bool] | None = None
    """Slides read by the billing group."""
    specimens: tuple[PathologySpecimen, ...] = ()


Procedure = Annotated[
    Biopsy | Shave | Excision | Repair | Mohs | Destruction | TagRemoval | Paring | Flap | Graft | WoundPreparation
    | SkinSubstitute | IncisionDrainage | Aspiration | AcneSurgery | ForeignBodyRemoval | IntralesionalInjection
    | DrugInjection | Chemodenervation | Filler | NailProcedure | Photodynamic | Phototherapy | PatchTest | BedsideTest
    | WoundDebridement | SutureRemoval | Resurfacing | Tattooing | Pathology,
    Field(discriminator="kind"),
]  # fmt: skip
