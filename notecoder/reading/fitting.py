"""What an act was done for, when the words nearest to it name another condition or none.

A coder knows what each act is for. Light treats psoriasis and eczema, not the rash around the mouth that was shown in
passing; the matrix of a nail is destroyed because it grows in; bleomycin goes into warts; a wound that is debrided or
covered is the ulcer or the opened incision of the note; a flap or graft closes what the cancer left, though the cancer
itself is told as past (DX-ORD). Where the note names one condition that fits the act, it is that one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from notecoder.facts import Diagnosis, Procedure, Target
from notecoder.reading.families.desk import Desk
from notecoder.reading.page import Mark, SeenDiagnosis

SURE = frozenset({"stated", "pathology"})
LIGHT_TREATS = frozenset({
    "plaque_psoriasis", "psoriasis_unspecified", "guttate_psoriasis", "inverse_psoriasis", "palmoplantar_pustulosis",
    "generalized_pustular_psoriasis", "atopic_dermatitis", "eczema_unspecified", "nummular_eczema", "dyshidrotic_eczema",
    "flexural_eczema", "intrinsic_allergic_eczema", "atopic_neurodermatitis", "lichen_simplex_chronicus", "vitiligo",
    "mycosis_fungoides", "sezary_syndrome", "cutaneous_t_cell_lymphoma_unspecified", "parapsoriasis",
    "pityriasis_lichenoides_chronica", "pleva", "pityriasis_rosea", "pityriasis_rubra_pilaris", "lichen_planus",
    "granuloma_annulare", "prurigo_nodularis", "pruritus", "other_pruritus", "polymorphous_light_eruption", "morphea",
    "linear_scleroderma", "systemic_sclerosis", "cutaneous_mastocytosis", "alopecia_areata", "alopecia_totalis",
    "alopecia_universalis", "chronic_urticaria", "chronic_spontaneous_urticaria", "exfoliative_dermatitis",
    "seborrheic_dermatitis", "hypopigmentation", "folliculitis", "eosinophilic_folliculitis", "acne_vulgaris",
    "lymphomatoid_papulosis", "primary_cutaneous_cd30_positive_lymphoproliferative_disorder",
    "allergic_contact_dermatitis", "irritant_contact_dermatitis", "contact_dermatitis_unspecified",
    "nickel_allergy_dermatitis", "cutaneous_sarcoidosis", "lichenoid_drug_eruption", "necrobiosis_lipoidica",
})  # fmt: skip
"""What ultraviolet light and the excimer are used for (10.2)."""
WARTS = frozenset({"plantar_wart", "common_wart", "wart_unspecified", "anogenital_wart"})
NAIL_CUT = ("ingrown_nail", "paronychia_of_finger", "onychogryphosis")
NAIL_THINNED = ("onychomycosis", "onychogryphosis", "nail_dystrophy", "nail_disorder_unspecified")
WOUNDS = (
    "surgical_wound_dehiscence", "non_healing_surgical_wound", "skin_graft_or_flap_failure", "chronic_venous_hypertension_with_ulcer",
    "venous_ulcer_of_lower_leg", "chronic_venous_insufficiency", "stasis_dermatitis", "pyoderma_gangrenosum", "calciphylaxis",
    "chronic_ulcer_of_skin_other_site",
)  # fmt: skip
"""Why a wound is open, its cause before the ulcer itself (10.6)."""
CANCERS = frozenset({"malignant", "in_situ"})
_BARE = re.compile(r"warts?|verrucae?|psoriasis|acne|cysts?|eczema", re.IGNORECASE)
"""Words for a whole family, that a closer name elsewhere makes precise."""


def fitted(desk: Desk, procedures: Sequence[Procedure]) -> list[Procedure]:
    """The procedures, each with the condition that fits it."""
    return [_fitted(desk, p) if p.act.status == "performed" else p for p in procedures]


def _fitted(desk: Desk, procedure: Procedure) -> Procedure:
    target = procedure.target
    choose = _CHOICE.get(procedure.kind)
    named = choose(desk, procedure) if choose is not None else None
    if named is not None:
        rest = tuple(d for d in target.diagnoses if d.term != named.term and d.certainty == "uncertain")
        target = target.model_copy(update={"diagnoses": (named, *rest)})
    if procedure.kind in {"debridement", "skin_substitute", "graft", "wound_preparation"}:
        target = _with_ulcer(desk, target)
    return procedure if target is procedure.target else procedure.model_copy(update={"target": target})


def _sure(target: Target) -> list[Diagnosis]:
    return [d for d in target.diagnoses if d.certainty in SURE]


def _named(desk: Desk, wanted: Callable[[SeenDiagnosis], bool], *, past: bool = False) -> list[tuple[Mark, SeenDiagnosis]]:
    """The conditions of the note that fit, those that have a name of their own before the bare word of a family."""
    certain = SURE | {"history"} if past else SURE
    marks = [m for m in desk.page.marks if not m.clause.ignored and m.kind not in {"family", "social", "allergy", "boilerplate"}]
    found = [(m, d) for m in marks for d in m.diagnoses if wanted(d) and d.certainty in certain]
    precise = [(m, d) for m, d in found if not _BARE.fullmatch(desk.page.text[d.start : d.end])]
    return precise or found


def _light(desk: Desk, procedure: Procedure) -> Diagnosis | None:
    sure = _sure(procedure.target)
    if any(d.term in LIGHT_TREATS and not d.term.endswith("_unspecified") for d in sure[:1]):
        return None
    found = _named(desk, lambda d: d.term in LIGHT_TREATS, past=True)
    closer = [d for _, d in found if not sure or sure[0].term not in LIGHT_TREATS or _same_family(sure[0].term, d.term)]
    return _stated(desk, closer[0]) if closer else None


def _same_family(one: str, other: str) -> bool:
    return one.removesuffix("_unspecified") in other or other.removesuffix("_unspecified") in one


def _stated(desk: Desk, seen: SeenDiagnosis) -> Diagnosis:
    """The condition as one that is there today: what was ordered for it, or closed after it, is told of the past."""
    fact = seen.fact(desk.page.text)
    return fact.model_copy(update={"certainty": "stated"}) if fact.certainty == "history" else fact


def _nail(desk: Desk, procedure: Procedure) -> Diagnosis | None:
    assert procedure.kind == "nail"
    sure = [d.term for d in _sure(procedure.target)]
    if procedure.action == "hematoma":
        return None if sure[:1] == ["subungual_hematoma"] else Diagnosis(term="subungual_hematoma", evidence=procedure.act.evidence[:1])
    if not sure and procedure.action in {"avulsion", "trimming"} and (said := desk.find(_DYSTROPHIC)):
        known = _first(desk, (*NAIL_CUT, "onycholysis", *NAIL_THINNED))
        return known or Diagnosis(term="nail_dystrophy", evidence=(said[0],))
    wanted: tuple[str, ...] = NAIL_CUT if procedure.action in {"matrixectomy", "fold_excision"} else NAIL_THINNED if procedure.action == "debridement" else ()
    if procedure.action == "avulsion" and not sure:
        wanted = (*NAIL_CUT, "onycholysis", "nail_dystrophy", "onychomycosis")
    if sure and sure[0] in wanted:
        return None
    return _first(desk, wanted)


_DYSTROPHIC = re.compile(r"\b(?:toe|finger)?nails?\b[^.;]{0,60}\bdystroph\w+|\bdystroph\w+[^.;]{0,30}\bnails?\b", re.IGNORECASE)


def _first(desk: Desk, wanted: Sequence[str]) -> Diagnosis | None:
    found = {d.term: d for _, d in reversed(_named(desk, lambda d: d.term in wanted))}
    term = next((t for t in wanted if t in found), None)
    return found[term].fact(desk.page.text) if term is not None else None


def _injected(desk: Desk, procedure: Procedure) -> Diagnosis | None:
    """Bleomycin and candida antigen are put into warts."""
    assert procedure.kind == "intralesional"
    if procedure.agent != "antigen" and not desk.says(r"\bbleomycin\b|\bcandi(?:n|da (?:antigen|albicans))\b"):
        return None
    found = _named(desk, lambda d: d.term in WARTS)
    sure = _sure(procedure.target)
    bare = sure and all(_BARE.fullmatch(e.text.strip()) for e in sure[0].evidence[:1])
    if not found or (sure and sure[0].term in WARTS and not bare):
        return None
    return found[0][1].fact(desk.page.text)


def _wound(desk: Desk, procedure: Procedure) -> Diagnosis | None:
    """An open wound that is debrided or covered, where its own clauses name nothing: what the note says of it."""
    sure = _sure(procedure.target)
    if sure and sure[0].term not in {"chronic_ulcer_of_skin_other_site", "skin_lesion_not_otherwise_specified", "stasis_dermatitis"}:
        return None
    found = _first(desk, WOUNDS)
    if found is not None and procedure.target.site is None:
        mark = desk.page.marks[desk.page.layout.clause_at(found.evidence[0].start).index]
        place = next((s.fact(desk.page.text) for s in mark.sites if s.side), None)
        found = found.model_copy(update={"site": place})
    return found if found is not None and (not sure or found.term != sure[0].term) else None


_ULCER = re.compile(r"\bulcers?\b|\bulcerat\w+", re.IGNORECASE)
_SEVERITY = (
    ("bone", re.compile(r"\b(?:necro\w+ (?:of )?bone|bone (?:is )?necro\w+)\b", re.IGNORECASE)),
    ("muscle", re.compile(r"\b(?:necro\w+ (?:of )?muscle|muscle (?:is )?necro\w+)\b", re.IGNORECASE)),
    ("fat", re.compile(r"(?<!no )(?<!without )\b(?:(?:fat|subcutaneous tissue)(?: layer)? (?:is |was )?exposed|exposed (?:subcutaneous )?fat|(?:with )?exposure of (?:the )?fat|necrotic (?:subcutaneous )?fat)\b", re.IGNORECASE)),
    ("skin", re.compile(r"\b(?:breakdown of (?:the )?skin|skin breakdown|limited to (?:the )?skin|no fat exposed|fat not (?:exposed|seen)|partial[- ]thickness)\b", re.IGNORECASE)),
)  # fmt: skip
"""How deep an ulcer goes, as the note's own words for it say (L97.-, L98.4-)."""
_ULCERS_OF = frozenset({"chronic_venous_insufficiency", "chronic_venous_hypertension_with_ulcer", "venous_ulcer_of_lower_leg", "stasis_dermatitis"})


def _with_ulcer(desk: Desk, target: Target) -> Target:
    """An ulcer by its part of the leg and its depth; behind its cause where the note names one (L97: code first)."""
    sure = _sure(target)
    if not sure or sure[0].term not in _ULCERS_OF | {"chronic_ulcer_of_skin_other_site"} or not desk.page.saying(_ULCER):
        return target
    site = sure[0].site or target.site
    if site is None:
        return target
    own = [m for node in desk.registry.nodes if node.id == target.id for m in node.marks]
    text = " ".join(m.clause.text for m in own) + " " + " ".join(e.text for e in site.evidence)
    depth = next((name for name, pattern in _SEVERITY if pattern.search(text)), None)
    depth = depth or next((name for name, pattern in _SEVERITY if desk.page.saying(pattern)), "depth_open")
    part = "of_calf_" if re.search(r"\bcal(?:f|ves)\b", text, re.IGNORECASE) else "of_shin_" if re.search(r"\bshins?\b|pretibial", text, re.IGNORECASE) else ""
    ulcer = Diagnosis(term=f"chronic_ulcer_{part}{depth}", site=sure[0].site, evidence=sure[0].evidence)
    rest = tuple(d for d in target.diagnoses if d is not sure[0] and d.term != "chronic_ulcer_of_skin_other_site")
    first = () if sure[0].term == "chronic_ulcer_of_skin_other_site" else (sure[0],)
    return target.model_copy(update={"diagnoses": (*first, ulcer, *rest)})


def _covered(desk: Desk, procedure: Procedure) -> Diagnosis | None:
    """A flap, a graft or a closure of what a cancer left: the cancer, at the place it is told of."""
    sure = _sure(procedure.target)
    if desk.is_mohs_note and sure and sure[0].term in _SEEN_BESIDE:
        return _mohs(desk, procedure)
    cancers = _named(desk, lambda d: d.group in CANCERS, past=True)
    if not sure and cancers and procedure.kind in {"flap", "graft"} and procedure.target.site is not None:
        place = procedure.target.site.key
        there = [(m, d) for m, d in cancers if place in {s.key for s in m.sites}]
        chosen = there or (cancers if len({d.term for _, d in cancers}) == 1 else [])
        if chosen:
            return _at_its_place(desk, chosen[0], procedure.target)
    if not sure and procedure.kind in {"graft", "wound_preparation"}:
        return _wound(desk, procedure)
    places = [{s.key for s in m.sites} for m, _ in cancers if m.sites]
    one = places and set.intersection(*places) and len({d.term for _, d in cancers}) == 1
    if one and procedure.kind in {"flap", "graft"} and procedure.target.site is not None and sure[:1] and sure[0].term == cancers[0][1].term:
        told = next((m, d) for m, d in cancers if m.sites)
        if procedure.target.site.key not in {s.key for s in told[0].sites}:
            return _at_its_place(desk, told, procedure.target)
    return None


def _mohs(desk: Desk, procedure: Procedure) -> Diagnosis | None:
    """Mohs surgery is done for a cancer; vessels or keratoses around it are what was seen beside it."""
    sure = _sure(procedure.target)
    cancers = [(m, d) for m, d in _named(desk, lambda d: d.group in CANCERS)]
    terms = {d.term for _, d in cancers}
    if not sure or sure[0].term in terms or len(terms) != 1 or sure[0].term not in _SEEN_BESIDE:
        return None
    told = [(m, d) for m, d in cancers if m.sites] or cancers
    return _at_its_place(desk, told[0], procedure.target)


_SEEN_BESIDE = frozenset({"spider_angioma", "actinic_keratosis", "seborrheic_keratosis", "scar", "solar_elastosis", "solar_lentigo"})


def _at_its_place(desk: Desk, found: tuple[Mark, SeenDiagnosis], target: Target) -> Diagnosis:
    mark, seen = found
    near = min(mark.sites, key=lambda s: abs(s.start - seen.end), default=None)
    own = target.site is not None and any(s.key == target.site.key for s in mark.sites)
    site = near.fact(desk.page.text) if near is not None and not own else None
    return _stated(desk, seen).model_copy(update={"site": site})


def _cut_out(desk: Desk, procedure: Procedure) -> Diagnosis | None:
    """ "The cyst" of the technique is the one cyst that the note names."""
    assert procedure.kind == "excision"
    sure = _sure(procedure.target)
    if procedure.structure == "pilonidal":
        return None if sure and sure[0].term.startswith("pilonidal") else _first(desk, ("pilonidal_cyst_with_abscess", "pilonidal_cyst", "pilonidal_sinus"))
    return _closer(desk, sure, "cyst_of_skin_unspecified", "cyst")


def _closer(desk: Desk, sure: Sequence[Diagnosis], generic: str, group: str) -> Diagnosis | None:
    """The one name of its own that the note has for a condition called by the word of its family."""
    if not sure or sure[0].term != generic:
        return None
    closer = {d.term: d for _, d in _named(desk, lambda d: d.group == group and d.term != generic)}
    return next(iter(closer.values())).fact(desk.page.text) if len(closer) == 1 else None


def _destroyed(desk: Desk, procedure: Procedure) -> Diagnosis | None:
    """Cantharidin is painted on mollusca and warts (DS-06)."""
    sure = _sure(procedure.target)
    viral = _named(desk, lambda d: d.group == "viral")
    if sure and viral and desk.says(r"\bcanthari\w+ (?!if\b)") and all(d.term not in {v.term for _, v in viral} for d in sure):
        return viral[0][1].fact(desk.page.text)
    return _closer(desk, sure, "wart_unspecified", "viral")


_PUNCTURE = re.compile(r"\bpunctur\w+|\bentry (?:hole|wound|point)\b|\bstepped on\b|\bimpal\w+", re.IGNORECASE)
_CUT_OPEN = re.compile(r"\blacerat\w+|\bcut (?:on|by|with)\b|\bgash\w*", re.IGNORECASE)


def _foreign_body(desk: Desk, procedure: Procedure) -> Diagnosis | None:
    """What went in: through a puncture or a cut that the note names, else just under the skin (8.1)."""
    sure = _sure(procedure.target)
    if any(d.term == "foreign_body_granuloma" for d in sure):
        return None
    term = "foreign_body_under_skin"
    for name, pattern in (("puncture_wound_with_foreign_body", _PUNCTURE), ("laceration_with_foreign_body", _CUT_OPEN)):
        if desk.page.saying(pattern):
            term = name
            break
    return Diagnosis(term=term, evidence=procedure.act.evidence[:1])


def _emptied(desk: Desk, procedure: Procedure) -> Diagnosis | None:
    """Blood that a blow left is a bruise; what an operation left is a complication of it."""
    assert procedure.kind in {"aspiration", "incision_drainage"}
    sure = _sure(procedure.target)
    abscess = next((d for d in sure if d.term == "cutaneous_abscess"), None)
    if procedure.of == "abscess" and abscess is not None and sure[0].term in {"furuncle", "cyst_of_skin_unspecified"}:
        return abscess
    if procedure.of != "hematoma":
        return None
    if any(d.term.startswith("postprocedural") for d in procedure.target.diagnoses):
        return None
    after = _first(desk, ("postprocedural_hematoma_dermatologic",))
    return after or Diagnosis(term="contusion_with_hematoma", evidence=procedure.act.evidence[:1])


_INJURED = re.compile(r"\b(?:lacerat\w+|lac|cut (?:on|by|with|her|his)|gash\w*|fell|fall|knife|glass|blade slipped|bitten|injur\w+|trauma|accident)\b", re.IGNORECASE)
_OPERATED = re.compile(r"\b(?:excis\w+|biops\w+|mohs|surgeon|surgery|mole|cyst|cancer|carcinoma|melanoma|removal of)\b", re.IGNORECASE)


def _stitches(desk: Desk, procedure: Procedure) -> Diagnosis | None:
    """Stitches of an injury that another place closed: the injury, healing (4.8, seventh character D)."""
    assert procedure.kind == "suture_removal"
    if procedure.placed_elsewhere is None or not procedure.placed_elsewhere.value:
        return None
    sure = [d for d in _sure(procedure.target) if d.term == "laceration"]
    if sure:
        return sure[0].model_copy(update={"subsequent": True})
    starts = [e.start for e in (*procedure.act.evidence[:1], *procedure.placed_elsewhere.evidence[:1])]
    marks = [desk.page.marks[desk.page.layout.clause_at(start).index] for start in starts]
    words = " ".join(mark.clause.text for mark in marks)
    place = next((s.fact(desk.page.text) for mark in marks for s in mark.sites), None)
    if (procedure.target.site or place) is not None and _INJURED.search(words) and not _OPERATED.search(words):
        site = place if procedure.target.site is None else None
        return Diagnosis(term="laceration", subsequent=True, site=site, evidence=procedure.act.evidence[:1])
    return None


_CHOICE: dict[str, Callable[[Desk, Procedure], Diagnosis | None]] = {
    "phototherapy": _light, "mohs": _mohs, "excision": _cut_out, "destruction": _destroyed, "nail": _nail, "intralesional": _injected, "debridement": _wound, "skin_substitute": _wound,
    "flap": _covered, "graft": _covered, "wound_preparation": _covered, "foreign_body": _foreign_body,
    "aspiration": _emptied, "incision_drainage": _emptied, "suture_removal": _stitches,
}  # fmt: skip
