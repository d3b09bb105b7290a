"""Donor places: where a flap or graft was taken from, which is not where the wound is.

A flap and a graft are reported by the place that receives them (5.2, GR-01). So a coder passes over the places tissue came
from ("graft from the preauricular crease", "flap elevated from the glabella", "conchal cartilage", "retroauricular
pedicle", "proximal stump returned to the brow") and asks what was covered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from notecoder.reading.places import FAMILY_OF

if TYPE_CHECKING:
    from notecoder.reading.outline import Layout
    from notecoder.reading.page import Mark

_OF_TRANSFER = re.compile(r"\b(?:graft\w*|ftsg|stsg|autograft|flaps?|lobe|pedicle\w*|cartilage|interpolat\w+|burow\w*|donor|island|harvest\w*|strut|batten|full[- ]thickness skin|(?:skin|disc|disk|ellipse|oval|piece|composite)\b[^.;]{0,30}\b(?:taken|cut|borrowed|procured|lifted) from|takedown|take-down|stump|bridge|template)\b", re.IGNORECASE)
_LEAD = r"(?:(?:the|his|her|their|its|a|an|my|this|ipsilateral|contralateral|opposite|same|lax|loose|redundant|excess|hairless|non-?hair-?bearing|adjacent|nearby|neighbou?ring|area|region|skin|side|crease|bowl|of|in|at|behind|below|above|under|over|near|just|standing|cone|dog-?ear|left|right|l|r|lt|rt|upper|lower|inner|outer|medial|lateral|mid|anterior|posterior|proximal|distal)[\s,]+)*"
_FROM = re.compile(
    rf"(?:\b(?:from|off|out of|donor(?: (?:site|area|skin|wound|defect|bed))?(?: (?:was|is|of|at|on|from|in|over))?|harvest(?:ed|ing)?(?: site)?(?: (?:from|at|of|on))?|based (?:on|at|in|over|along)|borrowed from|raised (?:from|on|over|in)|elevated (?:from|on|over|in|off)|lifted (?:from|off)|hinged (?:on|at)|taken (?:from|at|behind|off)|procured (?:from|at))"
    rf"|\bdonor(?: site| area| skin)?\s*[:=(,-])\s*{_LEAD}$",
    re.IGNORECASE,
)
_NOT_TAKEN_FROM = re.compile(r"\b(?:remov\w+|excis\w+|clear\w*|resect\w+|lesions?|tumou?rs?|biops\w+|bcc|scc|melanoma|carcinoma|cancer|defect|wound|mohs|surgery|hole|resulting|left|extend\w*|reach\w*|starting|running|incis\w+|undermin\w+|dissect\w+|distance|away|path(?:ology)?|report)\s+(?:was |were |had been |is )?(?:\w+ )?(?:from|off|out of|at|on|over|in)\s*[^.;]{0,30}$", re.IGNORECASE)
_NAMES_DONOR = re.compile(
    r"(?:['’]s)?\s*(?:(?:skin|donor|full[- ]thickness|split[- ]thickness|bowl|crease|sulcus|fold|hair-?bearing|bridging|vascular|standing|interpolat\w+|composite|two-?stage|staged|tubed|rim)\s+){0,3}"
    r"(?:graft\w*|ftsg|stsg|cartilage|donor|pedicle|interpolat\w+|cone|stump|base|strut|batten|burow\w*)\b",
    re.IGNORECASE,
)
_FLAP_OF = re.compile(r"\s*(?:\w+\s+){0,2}?flap\b", re.IGNORECASE)
_OFTEN_DONORS = frozenset({"postauricular", "preauricular", "glabella", "nasolabial_fold", "supraclavicular", "upper_arm", "clavicle"})
_STUMP = re.compile(rf"\b(?:stump|base|proximal (?:end|part|portion|segment|pedicle)|remainder|remnant|rest of the (?:pedicle|flap)|bridge)\b[^.;,]{{0,50}}\b(?:inset|returned|replaced|sewn|sutured|set|tucked|put|trimmed|closed|laid)\b(?: back)?(?: (?:at|to|in|into|near|on|over|by))?\s+{_LEAD}$", re.IGNORECASE)
_CUT_AT = re.compile(rf"\b(?:pedicle|bridge|stalk|flap)\b[^.;,]{{0,30}}\b(?:transected|divided|cut|sectioned|severed|released|detached)\b[^.;,]{{0,12}}\b(?:at|near|from|off|above|below|in)\s+{_LEAD}$", re.IGNORECASE)
""" "Pedicle transected at the cheek"."""
_GOES_BACK = re.compile(r"\s*(?:end|side|part|portion|half|skin)?\s*(?:was |were |is )?(?:then )?(?:set|sewn|laid|put|brought|turned|tucked|returned|replaced|restored|sutured)(?:(?: \w+)? back\b|(?<=returned)|(?<=replaced)|(?<=restored))", re.IGNORECASE)
_RECEIVES = re.compile(rf"\b(?:to|onto|into|for|over|resurfac\w+|cover\w*|reconstruct\w*|rebuild\w*|defect (?:of|on|at)|fill\w*|inset (?:at|on|in)|placed (?:on|in|along|at)|along)\s+{_LEAD}$", re.IGNORECASE)


SEWN_TO = re.compile(r"\b(?:flap|pedicle|graft|leading edge|lobe|island)\b[^.;]{0,60}\b(?:sutur\w*|sewn|anchored|tacked|secured|inset|brought|carried|moved|transposed|advanced|rotated|turned|swung|pulled|tunnell?ed|passed|draped|laid|slid)(?: (?:over|across|up|down|medially|laterally|through))?(?: and \w+)? (?:to|over|across)\b[^.;]{0,20}$", re.IGNORECASE)
""" "Flap raised and sewn to the helix": the helix receives it."""
_TAKEN = re.compile(r"\W*(?:it was |this was )?(?:taken|cut|harvested|procured|borrowed|lifted) from\b", re.IGNORECASE)
""" "FTSG sewn in. Taken from the left clavicle"."""


def set_aside(marks: Sequence[Mark], layout: Layout) -> None:
    """Take the donor places out of the clauses' sites, unless the note names no other place at all."""
    transfer, speaks = False, layout.saying(_OF_TRANSFER)
    named: list[tuple[Mark, int]] = []
    for mark in marks:
        text, base = mark.clause.text, mark.clause.start
        if not mark.sites:
            transfer = mark.clause.index in speaks
            continue
        if mark.clause.index in speaks or transfer and _TAKEN.match(text):
            mark.donors = [s for s in mark.sites if is_donor(text, s.start - base, s.end - base)]
            named += [(mark, s.start) for s in mark.sites if names_flap(text, s.key, s.end - base)]
        transfer = mark.clause.index in speaks
    if not named and not any(mark.donors for mark in marks):
        return
    left = {(FAMILY_OF.get(s.key, s.key)) for mark in marks for s in mark.sites if s not in mark.donors and (mark, s.start) not in named and s.key != "face"}
    if not left:
        for mark in marks:
            mark.donors = []
        return
    for mark, at in named:
        mark.donors += [s for s in mark.sites if s.start == at and s not in mark.donors]
    for mark in marks:
        if mark.donors:
            mark.sites = [s for s in mark.sites if s not in mark.donors]


_NOW = re.compile(r"\b(?:now|today)\W+(?:(?:we|i|it|was|were|has been|is|then|the|site|wound|defect|hole|this|that|left|right)\W+){0,4}(?:covered|grafted|closed|resurfaced|filled|repaired|reconstructed|treated|placed|applied|raised|elevated|sewn|laid)\b", re.IGNORECASE)


_ASIDE = re.compile(r"\([^()]*\)")
_NOW_SITE = re.compile(r"^\W*today\b[^.;]{0,60}\b(?:was|were) (?:grafted|covered|resurfaced|closed|repaired)\b", re.IGNORECASE)
""" "Today the nostril site (my Mohs two weeks ago) was grafted": what stands in parentheses is of then."""


def done_now(mark: Mark) -> None:
    """ "Wound of an earlier Mohs elsewhere, now covered with a graft": what comes after "now" is today's."""
    for act in mark.acts:
        if act.family in {"flap", "graft"} and act.status in {"historical", "elsewhere"} and mark.live:
            told = _ASIDE.sub(" ", mark.clause.text[: act.start - mark.clause.start])
            if _NOW.search(told) or _NOW_SITE.search(told):
                act.status = "performed"



def is_donor(text: str, start: int, end: int) -> bool:
    """The place at [start, end) of this clause gave the tissue of a flap or graft."""
    before = text[max(0, start - 90) : start]
    if _STUMP.search(before) or _CUT_AT.search(before) or _GOES_BACK.match(text, end):
        return True
    if _RECEIVES.search(before) and not _FROM.search(before):
        return False
    if _FROM.search(before):
        return not _NOT_TAKEN_FROM.search(before)
    return bool(_NAMES_DONOR.match(text, end))


def names_flap(text: str, key: str, end: int) -> bool:
    """The place only names a flap by where such flaps are raised ("retroauricular flap", "glabellar flap")."""
    return key in _OFTEN_DONORS and bool(_FLAP_OF.match(text, end))
