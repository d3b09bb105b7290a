"""Where it was done, in the grouping that the family at hand uses.

A coder never carries one family's site group over to another (0.3). A site the note leaves open between two groups
takes the lower-valued one and a question (SITE-02, HC-17); a procedure without any site takes the lowest group.
"""

from __future__ import annotations

from collections.abc import Callable

from notecoder.codebook import Codebook, SiteGroups
from notecoder.facts import Site, Target
from notecoder.rules.acts import about
from notecoder.rules.draft import GapDraft

OPEN_SITES: dict[str, frozenset[str]] = {
    "ex3": frozenset({"postauricular", "hairline", "supraclavicular", "pubis", "perineum", "extremity"}),
    "rs2": frozenset({"postauricular", "hairline"}),
    "ri3": frozenset({"postauricular", "hairline", "supraclavicular", "pubis", "perineum", "extremity"}),
    "mo2": frozenset({"supraclavicular", "pubis", "perineum", "extremity"}),
    "rc4": frozenset({"face", "postauricular", "supraclavicular", "hairline", "pubis", "perineum", "extremity"}),
    "g2": frozenset({"supraclavicular", "pubis", "perineum", "extremity"}),
    "soft_tissue": frozenset({"trunk", "arm", "leg", "extremity", "hip"}),
}
"""Site words that leave the group open, by grouping; "trunk" is one group of rc4 but several regions of tumors."""

LOWEST: dict[str, str] = {
    "ex3": "T",
    "rs2": "A",
    "ri3": "A",
    "mo2": "trunk",
    "rc4": "1",
    "g2": "TAL",
    "soft_tissue": "face_scalp",
}
"""The lowest-valued group of each grouping."""

_GROUPS: dict[str, Callable[[SiteGroups], str]] = {
    "ex3": lambda groups: groups.ex3,
    "rs2": lambda groups: groups.rs2,
    "ri3": lambda groups: groups.ri3,
    "mo2": lambda groups: groups.mo2,
    "rc4": lambda groups: groups.rc4,
    "g2": lambda groups: groups.g2,
    "soft_tissue": lambda groups: groups.soft_tissue,
}


def group_at(target: Target, what: str, scheme: str, codebook: Codebook) -> tuple[str, list[GapDraft]]:
    """Group of a target's site in ``scheme``, and the question to ask when the site leaves it open or is missing."""
    return group_of_site(target.site, target, what, scheme, codebook)


def group_of_site(
    site: Site | None, target: Target, what: str, scheme: str, codebook: Codebook
) -> tuple[str, list[GapDraft]]:
    """As ``group_at``, for a site other than the target's own (a donor site)."""
    if site is None:
        return LOWEST[scheme], [GapDraft("lesion.site", "major", about(what, target))]
    group = _GROUPS[scheme](codebook.site(site.key))
    if site.key in OPEN_SITES[scheme]:
        return group, [GapDraft("lesion.site", "major", about(what, target), site.evidence)]
    return group, []


def body_part(site: Site | None, codebook: Codebook) -> str:
    """Head and neck, arm, leg or trunk, for flaps that are named by them."""
    if site is None:
        return "trunk"
    groups = codebook.site(site.key)
    if groups.soft_tissue == "face_scalp" or groups.neoplasm_site == "scalp_neck":
        return "head_neck"
    return {"upper_limb": "arm", "lower_limb": "leg"}.get(groups.neoplasm_site, "trunk")
