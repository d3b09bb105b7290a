"""What sort of line a code makes: a visit, a procedure, pathology and laboratory work, or a drug or supply.

Edits need to know it: a visit never takes 59, a drug never a surgical modifier, and the order of lines follows it.
"""

from __future__ import annotations

from typing import Literal

from notecoder.codebook import Codebook

Kind = Literal["visit", "procedure", "laboratory", "drug"]
VISIT_STARTS = ("992", "993", "994", "980", "9896", "G2010", "G2012", "G2211", "G2212", "G2252", "G0559")
VISIT_ADDONS = frozenset({"99417", "99415", "99416", "G2211", "G2212", "15853", "15854"})
LABORATORY_STARTS = ("8", "Q0111", "Q0112", "G0416")
DRUG_STARTS = ("J", "Q", "A", "C")
SURGICAL_GLOBALS = frozenset({"000", "010", "090", "ZZZ", "YYY"})


def kind_of(code: str) -> Kind:
    """The sort of line a code makes."""
    if code.startswith(VISIT_STARTS) or code in VISIT_ADDONS:
        return "visit"
    if code.startswith(LABORATORY_STARTS) and not code.endswith("T"):
        return "laboratory"
    if code.startswith(DRUG_STARTS):
        return "drug"
    return "procedure"


def is_surgical(code: str, codebook: Codebook) -> bool:
    """A procedure with a global period of its own, or an add-on to one: what 58, 78 and 79 are for."""
    return kind_of(code) == "procedure" and (codebook.global_days(code) or "") in SURGICAL_GLOBALS


def is_addon(code: str, codebook: Codebook) -> bool:
    """An add-on code, never the only procedure of a claim."""
    return codebook.addon_primaries(code) is not None
