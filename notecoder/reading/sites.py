"""Body sites: where on the body something is, with side, upper or lower, and digit.

Words come from ``lexicon/sites.toml``, the longest phrase at a place wins; the side is read from the words around the
site in the same phrase ("left upper back", "lower lid, medial third, LEFT", "R forearm"). "Forearm" never holds an ear.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from notecoder.facts import Digit, Side, Site
from notecoder.reading.mention import any_of, quote_of


@dataclass(frozen=True, slots=True)
class SiteMention:
    """A site as written; offsets are in the note. ``start`` includes the side and qualifiers before the site word."""

    key: str
    start: int
    end: int
    side: Side | None
    part: str | None
    limb: str | None = None
    digit: int | None = None
    word_start: int = 0

    def fact(self, text: str) -> Site:
        """The site as a fact with its words."""
        span = (quote_of(text, self.start, self.end),)
        digit = None
        if self.digit and self.limb in ("hand", "foot"):
            side = self.side if self.side in ("left", "right") else None
            digit = Digit(limb=self.limb, side=side, number=self.digit, evidence=span)  # type: ignore[arg-type]
        part = self.part if self.part in ("upper", "lower") else None
        return Site(key=self.key, side=self.side, part=part, digit=digit, evidence=span)  # type: ignore[arg-type]


@cache
def _lexicon() -> tuple[re.Pattern[str], dict[str, str], re.Pattern[str]]:
    raw = tomllib.loads((files("notecoder.reading") / "lexicon" / "sites.toml").read_text(encoding="utf-8"))
    words: dict[str, str] = {}
    near: list[str] = []
    for key, entry in raw.items():
        for word in entry["words"]:
            words.setdefault(word.lower(), key)
        near.extend(entry.get("near", ()))
    pattern = re.compile(r"(?:(?<![\w-])|(?<=\bmid-)|(?<=\bupper-)|(?<=\blower-)|(?<=\bleft-)|(?<=\bright-))" + any_of(words) + r"(?:s|es)?(?!\w|-\w)", re.IGNORECASE)
    misses = re.compile(r"\b" + any_of(near) + r"(?:\b|(?<=\W))", re.IGNORECASE)
    return pattern, words, misses


_SIDE_WORD = r"(?:left(?! (?:alone|open|untreated|in place|to |as |the |for |behind|out\b))|right(?! (?:away|now|after|before|next|beside|there|where|here))|bilateral|both|b/l|bilat|midline|lt\.?|rt\.?|\(?[LR]\)?|L's|R's|b/l)"
_QUALIFIER = (
    r"(?:upper|lower|mid|middle|medial|lateral|anterior|posterior|superior|inferior|proximal|distal|dorsal|ventral|volar|"
    r"central|inner|outer|extensor|flexor|ant|post|lat|med|sup|inf|prox|dist|dors|great|big|index|ring|little|small|third|"
    r"fourth|fifth|second|first|mid-|cutaneous|skin|of|the|his|her|far|high|low|preauricular|frontal|parietal|temporal|"
    r"occipital|malar|nasal|paramedian|side|aspect|area|surface|region|border|third|half|lateral-most|apical|radial|ulnar|"
    r"vertex|deltoid|scapular|helical|external|wall|outer|5th|4th|3rd|2nd|1st|shaft|superolateral|inferomedial|superomedial|"
    r"inferolateral|posterolateral|anterolateral|anteromedial|posteromedial|postero|dorsolateral|and|front|back|base|end|top|tip|[a-z]+al)"
)
_BEFORE = re.compile(rf"(?P<side>(?<![\w/'-]){_SIDE_WORD})(?:['’]s)?[\s,/-]+(?:{_QUALIFIER}[\s,/-]+){{0,5}}$", re.IGNORECASE)
_AFTER = re.compile(rf"[\s,(:-]*(?:{_QUALIFIER}[\s,]+){{0,3}}(?:side|[-,(]\s*|on the\s+)?\s*\(?(?P<side>{_SIDE_WORD})(?![\w/'])", re.IGNORECASE)
_PART_BEFORE = re.compile(r"\b(?P<part>upper|lower|[UL])[\s,]+(?:(?:cutaneous|medial|lateral|mid|central|left|right|white|wet|dry|vermilion|mucosal|inner|eye|[LR])[\s,]+){0,3}$", re.IGNORECASE)
_PART_AFTER = re.compile(r"[\s,(:-]*(?:(?:medial|lateral|central|left|right|[LR])[\s,]+){0,2}(?P<part>upper|lower)\b", re.IGNORECASE)
_NUMBERS = {"thumb": 1, "great": 1, "big": 1, "hallux": 1, "first": 1, "1st": 1, "index": 2, "second": 2, "2nd": 2, "middle": 3,
            "long": 3, "third": 3, "3rd": 3, "ring": 4, "fourth": 4, "4th": 4, "little": 5, "small": 5, "fifth": 5, "5th": 5, "pinky": 5, "pinkie": 5}  # fmt: skip
_DIGIT = re.compile(r"\b(" + "|".join(_NUMBERS) + r")\b|\bthumb(?P<t>nail)|(?:toe|finger|digit)s?\s*#?(?P<n>[1-5])\b|#\s*(?P<h>[1-5])\b", re.IGNORECASE)
_LID = {"rul": ("right", "upper"), "rll": ("right", "lower"), "lul": ("left", "upper"), "lll": ("left", "lower")}
_LID_NEAR = re.compile(r"\b(?:eye\w*|lids?|lash\w*|tars\w+|chalazi\w+|cornea\w*|globe|medial third|lateral third|ophthalm\w*)\b", re.IGNORECASE)
"""RLL is the right lower lid beside words of the eye; elsewhere it is a lobe of the lung or a leg."""
_LIMB_ABBREVIATION = {"rue": "right", "lue": "left", "rle": "right", "lle": "left"}
_CASED = {"ala", "le", "ue", "ulc", "eac", "pec", "abd", "index", "corona", "crown", "butt", "lobe", "digit"}


def _side(word: str) -> Side | None:
    plain = word.strip("().,'s ").lower() if len(word.strip("()")) > 1 else word.strip("()")
    if plain in {"left", "lt", "L"}:
        return "left"
    if plain in {"right", "rt", "R"}:
        return "right"
    if plain in {"bilateral", "both", "b/l", "bilat"} or plain.startswith("bilat"):
        return "bilateral"
    return "midline" if plain == "midline" else None


def _side_around(text: str, start: int, end: int, low: int, high: int) -> tuple[Side | None, int, int]:
    """The side said for the site at [start, end) within the clause [low, high), and the widened span."""
    before = text[max(low, start - 60) : start]
    match = _BEFORE.search(before)
    if match and (side := _side(match["side"])):
        return side, start - (len(before) - match.start("side")), end
    match = _AFTER.match(text, end, min(high, end + 40))
    if match and (side := _side(match["side"])) and re.match(r"\s*(?:upper|lower|mid|[a-z]+al\s)?\s*\w*", "") is not None:
        following = text[match.end() : min(high, match.end() + 30)]
        if not _owns_next(following):
            return side, start, match.end("side")
    return None, start, end


def _owns_next(following: str) -> bool:
    """The side word after a site belongs to the next site ("nose, left cheek")."""
    pattern, _, _ = _lexicon()
    lead = re.match(rf"[\s.]*(?:{_QUALIFIER}[\s,-]+){{0,3}}", following, re.IGNORECASE)
    return bool(pattern.match(following, lead.end() if lead else 0))


_LINE_OF = re.compile(r"\s+(?:of|on|at|over|across)\s+(?:(?:the|his|her|your)\s+)?(?:(?:left|right|l|r|upper|lower|mid)\.?\s+){0,2}(?:back|chest|flank|side|hip|abdomen|shoulder|buttock|neck)\b", re.IGNORECASE)
""" "The bra line of the left back": of the back."""
_BACK_OF = re.compile(r"\s+of\s+(?:(?:the|his|her|your|my|a)\s+)?(?:(?:left|right|l|r|lt|rt)\.?\s+)?(?:hands?|neck|ears?|knees?|thighs?|legs?|calf|calves|scalp|head|arms?|upper arm|forearms?|heels?|fingers?|thumb|elbows?|foot|feet)\b", re.IGNORECASE)
""" "The back of her left hand": of the hand."""
_THING = re.compile(r"\s+(?:trimmers?|razors?|straps?|balms?|sprays?|drops|creams?|lotion|soap|sanitizer|soaks?|bands?|pads?|polish|bag|guard|brace|cuff|pencil|block|phones?|pieces?|wash(?:es)?|basins?|nodes?|nodal|lymph|pack|pillow|rest|warmers?|pain)\b(?! (?:area|region|line))", re.IGNORECASE)
""" "Eyebrow trimmer", "chin strap": a thing, no place of a lesion."""
_DEEP_PART = re.compile(r"\s+(?:vessels?|arter(?:y|ies)|nerves?|veins?|muscles?|branch(?:es)?)\b", re.IGNORECASE)
_REACHES = re.compile(r"\b(?:freed|undermin\w*|dissect\w*|mobili[sz]ed|raised|released|lifted|elevated)\b[^.;]{0,60}\b(?:down|up|out|over|back|across|forward|as far as|all the way) (?:as far as )?(?:to|toward|towards)? ?(?:the |her |his |your )?(?:level of the )?$", re.IGNORECASE)
""" "Freed the whole lower edge down to the zygoma": how far the skin was freed."""
_CARRIED_TO = re.compile(r"\b(?:brought|carried|transposed|rotated|turned|swung|moved|passed|sewn|inset)\b[^.;]{0,24}$", re.IGNORECASE)
""" "Flap raised from the cheek and brought across to the ala": the ala receives it."""
_CLOTHES = re.compile(r"waist\s?(?:band|line)?|belt\s?line|bra(?: (?:line|strap|band))?|collar|sock line", re.IGNORECASE)
_RUBS = re.compile(r"\b(?:catch\w*|caught|rub\w*|bleed\w*|bled|snag\w*|irritat\w+|chaf\w+|nick\w*|hits?|press\w*|scrap\w+|under|by|against|from|raw)\b[^.;]{0,40}$", re.IGNORECASE)


def find_sites(text: str, start: int, end: int) -> Iterator[SiteMention]:
    """The sites said in ``text[start:end]``, left to right."""
    pattern, words, misses = _lexicon()
    found = list(pattern.finditer(text, start, end))
    barred = [(m.start(), m.end()) for m in misses.finditer(text, max(0, start - 20), min(len(text), end + 20))] if found else []
    for match in found:
        if any(a <= match.start() and match.end() <= b and match.end() - match.start() < b - a for a, b in barred):
            continue
        word = re.sub(r"\s+", " ", match.group().lower())
        key = words.get(word) or words.get(word[:-1]) or words.get(word[:-2], "")
        if word in _CASED and not _cased_site(text, match, word):
            continue
        if _CLOTHES.fullmatch(word) and _LINE_OF.match(text, match.end()):
            continue
        if word == "back" and _BACK_OF.match(text, match.end()):
            continue
        if word in {"feet", "foot"} and re.search(r"\d\s*$", text[max(0, match.start() - 4) : match.start()]):
            continue
        if _THING.match(text, match.end()) and not (key in {"finger", "toe"} and re.match(r"\s+pads?\b", text[match.end() :])) or _DEEP_PART.match(text, match.end()) or _CLOTHES.fullmatch(word) and _RUBS.search(text[max(0, match.start() - 44) : match.start()]):
            continue
        ahead = text[max(start, match.start() - 110) : match.start()]
        if _REACHES.search(ahead) and not _CARRIED_TO.search(ahead):
            continue
        side, low, high = _side_around(text, match.start(), match.end(), start, end)
        side = _LIMB_ABBREVIATION.get(word, side)  # type: ignore[assignment]
        if side is None and (inner := re.search(r"\b(left|right|l|r|lt|rt)\b", word)):
            side = "left" if inner[1][0] == "l" else "right"
        part = None
        if word in _LID:
            if not match.group().isupper() or not _LID_NEAR.search(text[max(0, match.start() - 60) : match.end() + 140]):
                continue
            side, part = _LID[word]  # type: ignore[assignment]
        elif key in {"eyelid", "eyelid_margin", "lip", "lip_cutaneous", "lip_vermilion", "lip_mucosa", "canthus"}:
            part, low = _part(text, match, start, end, low)
        limb, digit = None, None
        if key in {"finger", "fingernail", "toe", "toenail"}:
            limb = "hand" if key.startswith("finger") else "foot"
            digit = _digit(text, max(start, match.start() - 22), match.end(), min(end, match.end() + 4))
        yield SiteMention(key, low, high, side, part, limb, digit, match.start())


_ALA_DRUG = re.compile(r"ALA\s*/|porphyri|\d\s*%|\bgel|\bstick|\bHCl|\bpdt|photodyn|levulan|ameluz|incubat|allerg|appl(?:ied|ication)|levulinic", re.IGNORECASE)
"""Beside these ALA is aminolevulinic acid, not the wing of the nose."""


def _cased_site(text: str, match: re.Match[str], word: str) -> bool:
    raw = match.group()
    if word == "ala":
        return not (raw.isupper() and _ALA_DRUG.search(text[max(0, match.start() - 24) : match.end() + 20]))
    if word in {"le", "ue", "ulc", "eac"}:
        return raw.isupper() or raw in {"LEs", "UEs"}
    if word == "lobes" and not re.search(r"\b(?:ears?|auric\w+|both ear)\W+(?:\w+\W+)?$", text[max(0, match.start() - 24) : match.start()], re.IGNORECASE):
        return False
    if word in {"index", "corona", "crown", "lobe", "digit", "pec", "abd", "butt"}:
        around = text[max(0, match.start() - 24) : match.end() + 14].lower()
        if word == "crown" and re.search(r"\bon (?:the|his|her) crown$", text[max(0, match.start() - 12) : match.end()].lower()):
            return True
        if word == "crown" and re.search(r"\bscalp\b|\bhelmet\b|\bhair\b", text, re.IGNORECASE) and re.search(r"\b(?:at|of|on|over|near) the crown$", text[max(0, match.start() - 12) : match.end()].lower()):
            return True
        return bool(re.search(r"\b(?:left|right|l|r|hand|scalp|ear|penis|glans|both|bilateral|lateral|lower|upper|mid)\b", around))
    return True


def _part(text: str, match: re.Match[str], start: int, end: int, low: int) -> tuple[str | None, int]:
    word = match.group().lower()
    for part in ("upper", "lower"):
        if part in word:
            return part, low
    if word == "ulc" or "philtr" in word:
        return "upper", low
    before = _PART_BEFORE.search(text, max(start, match.start() - 40), match.start())
    if before:
        found = before["part"].lower()
        return {"u": "upper", "l": None}.get(found, found), min(low, before.start())
    after = _PART_AFTER.match(text, match.end(), min(end, match.end() + 30))
    return (after["part"].lower(), low) if after else (None, low)


def _digit(text: str, low: int, high: int, limit: int) -> int | None:
    found = None
    for match in _DIGIT.finditer(text, low, limit):
        found = _NUMBERS.get((match.group(1) or "").lower()) or (1 if match["t"] else int(match["n"] or match["h"] or 0))
    return found
