"""The family a code belongs to, as figures are grouped: by the code's number, so that any claim can be counted."""

from __future__ import annotations

import re

VISIT = re.compile(r"992\d\d|980(0\d|1[0-6])|99417|G2212|G2211")
NUMBERED = (
    (10040, 10180, "incision/drainage"),
    (11000, 11057, "debridement/paring"),
    (11102, 11107, "biopsy"),
    (11200, 11201, "skin tags"),
    (11300, 11313, "shave"),
    (11400, 11471, "excision benign"),
    (11600, 11646, "excision malignant"),
    (11719, 11772, "nail/pilonidal"),
    (11900, 11983, "injection/tattoo/filler"),
    (12001, 12021, "repair simple"),
    (12031, 12057, "repair intermediate"),
    (13100, 13160, "repair complex"),
    (14000, 14350, "flap"),
    (15000, 15999, "graft/other"),
    (17000, 17286, "destruction"),
    (17311, 17315, "Mohs"),
    (17340, 17999, "other integumentary"),
    (20000, 69990, "other surgery"),
    (88000, 88399, "pathology"),
    (90000, 98999, "medicine"),
)


def is_visit(code: str) -> bool:
    """An evaluation and management code."""
    return VISIT.fullmatch(code) is not None


def family_of(code: str) -> str:
    """The family of a code; "other" for a number in none of them."""
    if is_visit(code):
        return "E/M"
    if not re.fullmatch(r"\d{5}", code):
        return "HCPCS"
    number = int(code)
    return next((name for low, high, name in NUMBERED if low <= number <= high), "other")
