"""Which diagnosis code a lesion, a condition or a line gets.

A coder takes what the note states as established, a pathologist's words before the clinician's, and never a doubt
("r/o", "favor": HC-10). A condition whose code depends on the place is looked up by site, side and part; where the
side is missing or the note contradicts itself about it, the unspecified row stands. A lesion without an established
condition is coded by its noun: an unnamed growth that was sampled or taken off is a neoplasm of unspecified behavior,
a mass is a sign, a rash is a rash (DX-ORD, 4.4). A line points to the diagnoses of its own lesions in their order,
four at most (4.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from notecoder.codebook import Codebook
from notecoder.evidence import Evidence, merged
from notecoder.facts import Conflict, Diagnosis, Encounter, Site, Target
from notecoder.rules.draft import Concern, Finding, GapDraft, LineDraft

ESTABLISHED = ("pathology", "stated")
UNNAMED_SAMPLED = "@D49"
UNNAMED_SEEN = "L98.9"
VAGUE_NATURES = frozenset({"sign", "unspecified", "history", "status", "cause"})
VAGUE_TERMS = frozenset({"cyst_of_skin_unspecified", "malignant_neoplasm_of_skin_type_not_stated", "wart_unspecified",
                         "tinea_unspecified", "nail_disorder_unspecified"})  # fmt: skip
CANCER_WITHOUT_TYPE = "malignant_neoplasm_of_skin_type_not_stated"
NOT_A_DIAGNOSIS = "skin_lesion_not_otherwise_specified"
MOST_POINTERS = 4
INFECTION_FAMILIES = ("L02", "L03", "M67", "LACERATION")


@dataclass(frozen=True, slots=True)
class Coded:
    """Codes of one condition (two when it lies on both sides), and what the note leaves open about its place."""

    codes: tuple[str, ...]
    evidence: tuple[Evidence, ...] = ()
    missing: str | None = None
    """"side", "part" or "type" when a more exact row exists but the note does not say which."""
    review: str | None = None
    rule: str = "DX-ORD"
    says: str = ""
    site: Site | None = field(default=None, compare=False)


def established(diagnoses: Iterable[Diagnosis], codebook: Codebook) -> Diagnosis | None:
    """The condition to code: what pathology states, else what is stated without doubt (HC-10).

    A sign or an unspecified term stands only where nothing more definite is established (4.9).
    """
    known = [diagnosis for diagnosis in diagnoses if diagnosis.certainty in ESTABLISHED]

    def rank(diagnosis: Diagnosis) -> tuple[bool, int]:
        return _is_vague(diagnosis, codebook), ESTABLISHED.index(diagnosis.certainty)

    return min((found for found in known if codebook.term(found.term) is not None), key=rank, default=None)


def _is_vague(diagnosis: Diagnosis, codebook: Codebook) -> bool:
    row = codebook.term(diagnosis.term)
    return row is not None and (row["nature"] in VAGUE_NATURES or diagnosis.term in VAGUE_TERMS)


def code_of(
    diagnosis: Diagnosis, *, codebook: Codebook, site: Site | None = None, conflicts: tuple[Conflict, ...] = ()
) -> Coded | None:
    """Codes of a condition at its own site, or at ``site`` where it names none; None for a term without a row."""
    row = codebook.term(diagnosis.term)
    if row is None:
        return None
    place = diagnosis.site or site
    review = f"{row['term']}: the choice of code needs a person" if row["note"] == "review" else None
    side_open = any(conflict.subject == "side" for conflict in conflicts)
    found = _resolve(row["code_or_family"], place, codebook=codebook, side_open=side_open)
    if diagnosis.subsequent:
        found = _Found(tuple(_healing(code) for code in found.codes), found.missing)
    spans = merged(diagnosis.evidence, place.evidence if place else ())
    missing = found.missing or ("type" if diagnosis.term == CANCER_WITHOUT_TYPE else None)
    return Coded(found.codes, spans, missing, review, "DX-ORD", row["term"], place)


def lesion_code(
    target: Target, *, codebook: Codebook, sampled: bool, conflicts: tuple[Conflict, ...] = ()
) -> Coded | None:
    """Code of one lesion: its established condition, else its noun; None when the note says nothing at all of it."""
    chosen = established(target.diagnoses, codebook)
    if chosen is not None and not (sampled and chosen.term == NOT_A_DIAGNOSIS):
        return code_of(chosen, codebook=codebook, site=target.site, conflicts=conflicts)
    side_open = any(conflict.subject == "side" for conflict in conflicts)
    family = by_noun(target.noun, codebook=codebook, sampled=sampled)
    found = _resolve(family, target.site, codebook=codebook, side_open=side_open)
    doubts = [diagnosis for diagnosis in target.diagnoses if diagnosis.certainty == "uncertain"]
    spans = merged(*(diagnosis.evidence for diagnosis in doubts), target.site.evidence if target.site else ())
    says = "named only with doubt, so coded by what it is called" if doubts else "not named, so coded by what it is"
    return Coded(found.codes, spans, found.missing, None, "HC-10", says, target.site)


def by_noun(noun: str | None, *, codebook: Codebook, sampled: bool) -> str:
    """Code or family for what the note calls an undiagnosed finding (4.4); longest known word of the noun wins."""
    words = (noun or "").lower()
    best: dict[str, str] | None = None
    for row in codebook.table("icd10cm/nouns"):
        if row["noun"] in words and (best is None or len(row["noun"]) > len(best["noun"])):
            best = row
    if best is None:
        return UNNAMED_SAMPLED if sampled else UNNAMED_SEEN
    return best["sampled" if sampled else "seen"]


def _healing(code: str) -> str:
    """The code of an injury after its active treatment: the seventh character A becomes D (4.8)."""
    return code[:-1] + "D" if code[0] in "ST" and len(code) == 8 and code.endswith("A") else code


@dataclass(frozen=True, slots=True)
class _Found:
    codes: tuple[str, ...]
    missing: str | None = None


def _resolve(code_or_family: str, site: Site | None, *, codebook: Codebook, side_open: bool) -> _Found:
    if not code_or_family.startswith("@"):
        return _Found((code_or_family,))
    family = code_or_family[1:]
    for row_site in _site_rows(family, site, codebook):
        found = _row(family, row_site, site, codebook=codebook, side_open=side_open)
        if found is not None:
            return found
    fallback = codebook.family_code(family, "unspecified")
    return _Found((fallback,) if fallback else ())


def _site_rows(family: str, site: Site | None, codebook: Codebook) -> Iterator[str]:
    """Rows to try for a place: its own name, then the group this family uses, then the other group (4.5, 4.6)."""
    if site is None:
        return
    try:
        groups = codebook.site(site.key)
    except KeyError:
        return
    if site.digit is not None:
        yield f"{site.key}_{site.digit.number}"
    yield site.key
    first, second = groups.neoplasm_site, groups.infection_site
    if family.startswith(INFECTION_FAMILIES):
        first, second = second, first
    if family.startswith("C00") and site.key == "lip":
        yield "lip_vermilion"
    yield first
    if family == "R22" and first == "scalp_neck":
        yield "scalp"
    yield second
    if groups.neoplasm_site.startswith("trunk"):
        yield "trunk_unspecified"


def _row(family: str, row_site: str, site: Site | None, *, codebook: Codebook, side_open: bool) -> _Found | None:
    """The row of a place by side and part, else its unspecified row with a note of what was missing."""
    side = None if side_open or site is None else site.side
    part = (site.part or "") if site is not None else ""
    sides = ("left", "right") if side == "bilateral" else (side,) if side in {"left", "right"} else ()
    whole = codebook.family_code(family, row_site, side or "", "") if side == "bilateral" else None
    if whole:
        return _Found((whole,))
    exact = [_sided(family, row_site, one, part, codebook) for one in sides]
    if exact and all(exact):
        return _Found(tuple(code for code in exact if code))
    unspecified = codebook.family_code(family, row_site, "unspecified")
    if unspecified is not None:
        missing = "side" if not sides else "part" if row_site == "eyelid" else None
        return _Found((unspecified,), None if side_open else missing)
    plain = codebook.family_code(family, row_site, "na", part) or codebook.family_code(family, row_site)
    return _Found((plain,)) if plain else None


def _sided(family: str, row_site: str, side: str, part: str, codebook: Codebook) -> str | None:
    return codebook.family_code(family, row_site, side, part) or codebook.family_code(family, row_site, side)


def assign(line: LineDraft, encounter: Encounter, codebook: Codebook) -> Iterator[Finding]:
    """Fill ``codes10`` of a line from its lesions (or its diagnoses and nouns), with the gaps that this shows."""
    if line.codes10:
        return
    codes: list[str] = []
    for coded in _of_line(line, encounter, codebook):
        new = [code for code in coded.codes if code not in codes]
        codes.extend(new)
        line.evidence10.update({code: coded.evidence for code in new})
        if new and len(codes) <= MOST_POINTERS:
            line.because(coded.rule, f"{', '.join(new)}: {coded.says}", *coded.evidence)
        yield from _open_points(coded)
    line.codes10 = codes[:MOST_POINTERS]


def _of_line(line: LineDraft, encounter: Encounter, codebook: Codebook) -> Iterator[Coded]:
    if line.lesions:
        for target in line.lesions:
            yield from _of_lesion(target, line, encounter, codebook)
        return
    chosen = [diagnosis for diagnosis in line.diagnoses if diagnosis.certainty in ESTABLISHED]
    site = line.sites[0] if line.sites else None
    for diagnosis in chosen:
        coded = code_of(diagnosis, codebook=codebook, site=site, conflicts=_about(encounter, line.targets))
        if coded is not None:
            yield coded
    if not chosen:
        nameless = Target(id="", site=site, diagnoses=tuple(line.diagnoses), noun=line.nouns[0] if line.nouns else None)
        coded = lesion_code(
            nameless, codebook=codebook, sampled=line.sampled, conflicts=_about(encounter, line.targets)
        )
        if coded is not None:
            yield coded


def _of_lesion(target: Target, line: LineDraft, encounter: Encounter, codebook: Codebook) -> Iterator[Coded]:
    conflicts = _about(encounter, (target.id,))
    coded = lesion_code(target, codebook=codebook, sampled=line.sampled, conflicts=conflicts)
    if coded is not None:
        yield coded
    chosen = established(target.diagnoses, codebook)
    for other in target.diagnoses:
        if other is chosen or other.certainty not in ESTABLISHED or not _adds(other, chosen, codebook):
            continue
        more = code_of(other, codebook=codebook, site=target.site, conflicts=conflicts)
        if more is not None:
            yield more


def _adds(other: Diagnosis, chosen: Diagnosis | None, codebook: Codebook) -> bool:
    """A second condition of the same lesion that is coded beside the first: an infection (4.7), or one elsewhere."""
    row = codebook.term(other.term)
    if row is None or chosen is None:
        return False
    first = codebook.term(chosen.term)
    if first is not None and first["nature"] in {"wart", "molluscum", "anogenital_wart"}:
        return row["nature"] in {"wart", "molluscum", "anogenital_wart"} and other.term != chosen.term
    if row["nature"] == "ulcer":
        return True
    own = first["code_or_family"][:4] if first is not None else ""
    return row["code_or_family"].startswith(("@L02", "@L03")) and row["code_or_family"][:4] != own


def _about(encounter: Encounter, targets: Iterable[str]) -> tuple[Conflict, ...]:
    ids = set(targets)
    return tuple(conflict for conflict in encounter.conflicts if conflict.target in ids)


def _open_points(coded: Coded) -> Iterator[Finding]:
    place = _named(coded.site)
    if coded.missing == "side" and coded.codes:
        yield GapDraft("lesion.laterality", "major", place, coded.evidence)
    elif coded.missing == "part":
        yield GapDraft("lesion.site", "major", f"{place}, upper or lower", coded.evidence)
    elif coded.missing == "type":
        yield GapDraft("lesion.diagnosis", "major", f"skin cancer, {place}", coded.evidence)
    if coded.review:
        yield Concern("review", coded.review)


def _named(site: Site | None) -> str:
    if site is None:
        return "lesion"
    side = f"{site.side} " if site.side else ""
    return f"{side}{site.key.replace('_', ' ')}"
