"""When two mentions are of one place: "left ear, antihelix" and "the ear", but not the upper and the lower back."""

from __future__ import annotations

import re
from functools import cache

from notecoder.reading.sites import SiteMention

FAMILY_OF = {
    "nasal_ala": "nose", "nasal_tip": "nose", "helix": "ear", "ear_lobe": "ear", "lip_cutaneous": "lip", "lip_vermilion": "lip",
    "lip_mucosa": "lip", "eyelid_margin": "eyelid", "canthus": "eyelid", "conjunctiva": "eyelid", "preauricular": "cheek",
    "jawline": "cheek", "nasolabial_fold": "cheek", "forearm": "arm", "upper_arm": "arm", "elbow": "arm", "wrist": "arm",
    "thigh": "leg", "lower_leg": "leg", "knee": "leg", "ankle": "leg", "palm": "hand", "finger": "hand", "fingernail": "hand",
    "sole": "foot", "toe": "foot", "toenail": "foot", "breast": "chest", "areola": "chest", "umbilicus": "abdomen",
    "sacrum": "back", "glabella": "forehead", "eyebrow": "forehead", "hairline": "scalp", "submental": "neck",
    "gluteal_cleft": "buttock", "temple": "temple", "perianal": "anus", "pubis": "genitalia", "penis": "genitalia", "scrotum": "genitalia",
    "vulva": "genitalia", "postauricular": "ear",
}  # fmt: skip
WHOLE = {"nose", "ear", "lip", "eyelid", "arm", "leg", "hand", "foot", "chest", "abdomen", "cheek", "genitalia", "scalp", "neck"}
BY_HAIR = {"temple", "forehead", "scalp", "neck", "hairline", "preauricular"}
LEVELS = re.compile(r"\b(upper|lower|mid|middle|medial|lateral|anterior|posterior|proximal|distal|superior|inferior|central|dorsal|volar|index|ring|third|fourth|fifth|second|great|little|small|long)\b", re.IGNORECASE)
OPPOSED = ({"upper", "lower", "mid", "middle"}, {"superior", "inferior"}, {"medial", "lateral"}, {"anterior", "posterior"}, {"proximal", "distal"},
            {"index", "ring", "middle", "long", "third", "fourth", "fifth", "second", "great", "little", "small"})  # fmt: skip
PART_WORDS = re.compile(r"\b(vertex|crown|occip\w*|pariet\w*|ala\b|alar|ale\b|tip|dors\w+|sidewall|side wall|bridge|columella|antihel\w+|helix|helical|conch\w*|lobe|lobule|tragus|glabella|areola)\b", re.IGNORECASE)
SAME_PART = {"crown": "vertex", "alar": "ala", "ale": "ala", "helical": "helix", "lobule": "lobe", "side wall": "sidewall"}


@cache
def related(one: str, other: str) -> bool:
    a, b = FAMILY_OF.get(one, one), FAMILY_OF.get(other, other)
    if one in (other, b) or other == a or "hairline" in (one, other) and {one, other} & BY_HAIR:
        return True
    return a == b and (one in WHOLE or other in WHOLE or a in {"lip", "eyelid", "cheek", "forehead"})


def parts(text: str, site: SiteMention) -> set[str]:
    """Named parts of scalp, nose and ear: two different ones are two places."""
    if FAMILY_OF.get(site.key, site.key) not in {"scalp", "nose", "ear"}:
        return set()
    found = {m.group(1).lower() for m in PART_WORDS.finditer(text, site.start, site.end)}
    return {SAME_PART.get(p, "occiput" if p.startswith("occip") else "parietal" if p.startswith("pariet") else "dorsum" if p.startswith("dors") else "antihelix" if p.startswith("antihel") else "concha" if p.startswith("conch") else p) for p in found}


def levels(text: str, site: SiteMention) -> set[str]:
    return {m.group(1).lower() for m in LEVELS.finditer(text, site.start, site.end)}


def same_place(text: str, one: SiteMention, other: SiteMention) -> bool:
    """Two mentions can be of one place: related words, no contradicting side, level or digit."""
    if not related(one.key, other.key) or one.side and other.side and one.side != other.side:
        return False
    if one.digit and other.digit and one.digit != other.digit or one.part and other.part and one.part != other.part:
        return False
    if (here := parts(text, one)) and (there := parts(text, other)) and not here & there:
        return False
    mine, theirs = levels(text, one), levels(text, other)
    return not any((mine & group) and (theirs & group) and not (mine & theirs & group) for group in OPPOSED)


def merged_sites(sites: list[SiteMention], text: str) -> list[SiteMention]:
    """Neighboring words for one place made one: "left ear, antihelix", "lower lip ... on the vermilion"."""
    result: list[SiteMention] = []
    for site in sites:
        if result:
            last = result[-1]
            between = text[last.end : site.start]
            close = len(between) <= 24 and not re.search(r"\b(?:and|or|plus|also)\b|[;&+]", between, re.IGNORECASE)
            if close and related(last.key, site.key) and same_place(text, last, site) and (last.key != site.key or bool(parts(text, last)) != bool(parts(text, site)) and not re.search(r"\w", between)):
                keep = site if last.key in WHOLE and site.key not in WHOLE and site.key != "hairline" or site.key in {"lip_vermilion", "lip_mucosa", "eyelid_margin"} else last
                result[-1] = SiteMention(keep.key, last.start, site.end, last.side or site.side, last.part or site.part,
                                         keep.limb or last.limb, keep.digit or last.digit, last.word_start)  # fmt: skip
                continue
        result.append(site)
    precise = [s for s in result if s.key not in {"trunk", "extremity", "face"}]
    return precise if precise and len(precise) < len(result) and not any(numbered(text, s) for s in result if s not in precise) else result


def numbered(text: str, site: SiteMention) -> bool:
    """A count or size stands beside it: it is meant as a place, not as a region in passing."""
    return bool(re.search(r"\d\s*$|x\s*$", text[max(0, site.start - 4) : site.start]) or re.match(r"\s*[x×(#:]?\s*\d", text[site.end : site.end + 6]))
