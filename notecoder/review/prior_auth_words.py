"""How notes write what prior authorizations ask for: scores, points in words, screening, and how a treatment went.

Each pattern is written from the fact schema of 6.2. A treatment counts as failed, not tolerated or ruled out only by
words in its own clause; plans, samples and things never tried are no treatments.
"""

from __future__ import annotations

import re

NUMBER = r"(\d{1,3}(?:\.\d+)?)"
SCORES: dict[str, tuple[str, ...]] = {
    "bsa": (rf"(?:\bBSA\b|body surface area)[^.\d\n]{{0,25}}{NUMBER}\s*%",
            rf"{NUMBER}\s*%\s*(?:of\s+)?(?:\bBSA\b|body surface)"),
    "iga": (rf"\b(?:v-?)?IGA(?:-?\w{{2,4}})?\b\s*(?:score)?\s*(?:of|is|=|:)?\s*{NUMBER}",),
    "easi": (rf"\bEASI\b[^.\d\n]{{0,15}}{NUMBER}",),
    "pasi": (rf"\bPASI\b(?:[- ]?(?:score|of|is|=|:))*\s*{NUMBER}",),
    "itch_nrs": (rf"(?:\bPP-?NRS\b|itch\s+NRS|pruritus\s+NRS|\bitch\b)[^.\d\n]{{0,20}}{NUMBER}\s*(?:/|out of)\s*10",
                 rf"(?:\bPP-?NRS\b|itch\s+NRS)[^.\d\n]{{0,10}}{NUMBER}"),
    "nodule_count": (rf"{NUMBER}\s+(?:\w+\s+){{0,2}}nodules\b",),
    "abscess_nodule_count": (rf"(?:\bAN\b\s+count|abscess(?:es)?\s+and\s+nodules?)[^.\d\n]{{0,15}}{NUMBER}",
                             rf"{NUMBER}\s+(?:\w+\s+){{0,2}}(?:abscesses|inflammatory nodules|nodules)\b"),
    "hurley": (r"\bHurley\b\s*(?:stage)?\s*(III|II|I|[123])\b",),
    "uas7": (rf"\bUAS-?7\b[^.\d\n]{{0,10}}{NUMBER}",),
    "salt": (rf"\bSALT\b[^.\d\n]{{0,15}}{NUMBER}",),
    "gpppga": (rf"\bGPPPGA\b[^.\d\n]{{0,10}}{NUMBER}",),
}  # fmt: skip
"""Scores of 6.2 and how notes write them."""
WORDS: dict[str, str] = {
    "special_site": r"\b(?:face|facial|hands?|palms?|palmoplantar|soles?|feet|scalp|genital\w*|folds?)\b",
    "mild_moderate": r"\bmild(?:[- ]to[- ]| to |/|-)?moderate\b",
    "moderate_severe": r"\b(?:moderate(?:[- ]to[- ]| to |/|-)?severe|severe)\b",
    "hives_over_6_weeks": r"\bhives\b[^.\n]{0,60}(?:\d+\s*(?:months?|years?)|(?:[6-9]|\d{2})\s*weeks)",
    "biopsy_or_serology": r"\b(?:DIF|direct immunofluorescence|ELISA|BP180|BP230)\b",
    "active_arthritis": r"\b(?:active psoriatic arthritis|dactylitis|enthesitis|swollen joints?|synovitis)\b",
    "symptoms_on_antihistamine": r"\bdespite\b[^.\n]{0,60}(?:antihistamine\w*|cetirizine|loratadine|fexofenadine)",
    "specialist": r"\b(?:dermatolog(?:y|ist)|allergist|immunologist|rheumatologist)\b",
}
"""Points that are words rather than numbers."""
SCREENING: dict[str, str] = {
    "tb": r"\b(?:quantiferon\S*|QFT\S*|IGRA|T-?SPOT\S*|PPD|TB (?:test|screen)\w*|tuberculosis)\b",
    "hepatitis_b": r"\b(?:HBsAg|HBV|hep(?:atitis)? B)\b",
    "hepatitis_c": r"\b(?:HCV|hep(?:atitis)? C)\b",
    "cbc": r"\bCBC\b",
    "lft": r"\b(?:LFTs?|CMP|liver function)\b",
    "lipids": r"\b(?:lipids?|lipid panel)\b",
}


def _any(*words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})", re.IGNORECASE)


FAILED = _any(
    r"fail\w*", r"inadequate\b", r"insufficient\b", r"no (?:response|improvement|benefit|relief)\b", r"refractory\b",
    r"did not (?:help|respond|work|clear)\b", r"without (?:improvement|benefit|relief|success)\b", r"ineffective\b",
    r"(?:minimal|partial) (?:response|improvement)\b", r"lost response\b", r"recurred\b",
)  # fmt: skip
NOT_TOLERATED = _any(
    r"intoleran\w+", r"not tolerated?\b", r"could not tolerate\b", r"side effects?\b", r"adverse\b", r"nausea\b",
    r"stopped (?:for|because of|due to) \w+", r"elevated (?:LFTs?|liver)\b", r"allerg\w+ to\b", r"rash from\b",
)  # fmt: skip
CONTRAINDICATED = _any(r"contraindicat\w+")
NOT_TAKEN = _any(
    r"never\b", r"not (?:tried|taken|used|on)\b", r"no (?:prior|previous|history of)\b", r"naive\b", r"denies\b",
    r"declin\w+", r"(?:will|to) (?:start|begin|try)\b", r"plan\w*", r"consider\w*", r"discuss\w*", r"request\w*",
    r"recommend\w*", r"propos\w+", r"samples?\b",
)  # fmt: skip
NOT_DONE = _any(
    r"not (?:yet )?(?:done|drawn|checked)\b", r"pending\b", r"ordered?\b", r"due\b", r"will\b", r"elevated\b"
)
DURATION = re.compile(
    r"\b(\d{1,3}|one|two|three|four|five|six|eight|twelve)[\s-]*(days?|weeks?|wks?|months?|mos?|years?|yrs?)\b",
    re.IGNORECASE,
)
DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
SPELLED = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8, "twelve": 12}
DATE = re.compile(r"\b(?:(\d{4})-(\d{2})-(\d{2})|(\d{1,2})/(\d{1,2})/(\d{4}|\d{2}))\b")
CLAUSE = re.compile(r"[^.;\n]+(?:\.\d[^.;\n]*)*")
CURRENT = re.compile(
    r"\b(?:currently|continues?|remains?|still|now) (?:on|taking|using)\b|\bcontinues?\b", re.IGNORECASE
)
