"""Numbers with their units and their meaning: lesion size, margin, defect, wound length, undermining, area, blocks, counts.

A number means something only by the words and units beside it in its own clause: "5 mm margin", "closed 4.6 cm",
"2.2 x 1.9 cm defect". It never becomes a lesion size by being the nearest number. Sizes are ``Decimal`` centimeters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

_UNITS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
          "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
          "eighteen": 18, "nineteen": 19}  # fmt: skip
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_SMALL = "|".join(sorted(_UNITS, key=len, reverse=True))
_BELOW_100 = rf"(?:{'|'.join(_TENS)})(?:[\s-](?:{_SMALL}))?|{_SMALL}"
_WORDS = rf"(?:(?:one|a|two|three)[\s-]hundred(?:[\s-](?:and[\s-])?(?:{_BELOW_100}))?|{_BELOW_100})"
SPELLED = rf"(?:{_WORDS}(?:\s+point\s+(?:zero|oh|{_SMALL})(?:\s+(?:zero|oh|{_SMALL}))?)?(?:\s+and\s+a\s+half)?|(?:zero|oh)?\s*point\s+(?:{_SMALL})(?:\s+(?:{_SMALL}))?|half\s+a|a\s+half)"
NUMBER = rf"(?:a(?=\s(?:mm|cm|millimet|centimet|half))|\d{{1,3}}(?:[.,]\d{{1,2}})?(?!\d)|[.]\d{{1,2}}|\d\s?/\s?\d|{SPELLED})"
_UNIT = r"(?:mm|cm|millimet(?:er|re)s?|centimet(?:er|re)s?|centimers?|inch(?:es)?|in\.(?=\s)|\"(?=\s|$|,|;|\.))"
_SIZE = re.compile(
    rf"(?<![\w.,/-])(?P<a>{NUMBER})\s*-?\s*(?P<ua>{_UNIT})?(?:(?:\s*(?:long|wide|tall|high|in length|in width|length|width|[LW]\b))?\s*(?:x|×|by|\*)\s*(?P<b>{NUMBER})\s*-?\s*(?P<ub>{_UNIT})?)?(?:\s*(?:x|×|by|\*)\s*(?P<c>{NUMBER})\s*-?\s*(?P<uc>{_UNIT})?)?",
    re.IGNORECASE,
)
_RANGE = re.compile(rf"(?<![\w.])(?P<a>\d{{1,3}}(?:\.\d{{1,2}})?|{_WORDS})\s*(?:-|–|to|or)\s*-?(?P<b>\d{{1,3}}(?:\.\d{{1,2}})?|{_WORDS})\s*-?\s*(?P<u>{_UNIT})", re.IGNORECASE)
_AREA = re.compile(rf"(?<![\w.])(?P<n>\d{{1,4}}(?:\.\d{{1,2}})?|{SPELLED})\s*(?:sq\.?\s*cm|square\s+(?:cm|centimet(?:er|re)s?)|cm\s?(?:\^2|2|²)|sq\.?\s*centimet(?:er|re)s?)", re.IGNORECASE)


def number(text: str) -> Decimal | None:
    """The value of a number as notes write it: "1.2", ".8", "0,6", "1/2", "two point one"; None if it is none."""
    plain = re.sub(r"\s+", " ", text.strip().lower())
    if plain == "a":
        return Decimal(1)
    if re.fullmatch(r"\d{1,4}", plain):
        return Decimal(plain)
    if re.fullmatch(r"\d{0,3}[.,]\d{1,2}", plain):
        return Decimal("0" + plain.replace(",", ".") if plain[0] in ".," else plain.replace(",", "."))
    if match := re.fullmatch(r"(\d)\s?/\s?(\d)", plain):
        return (Decimal(match[1]) / Decimal(match[2])).quantize(Decimal("0.01")) if match[2] != "0" else None
    return _spelled(plain)


def _spelled(plain: str) -> Decimal | None:
    if plain in {"half a", "a half"}:
        return Decimal("0.5")
    half = plain.endswith(" and a half")
    whole, _, fraction = plain.removesuffix(" and a half").partition("point")
    value = _cardinal(whole.strip()) if whole.strip() else 0
    if value is None:
        return None
    digits = "".join(str({"zero": 0, "oh": 0}.get(word, _UNITS.get(word, -1))) for word in fraction.split())
    if "-" in digits:
        return None
    result = Decimal(f"{value}.{digits}") if digits else Decimal(value)
    return result + Decimal("0.5") if half else result


def _cardinal(text: str) -> int | None:
    if text in {"oh", "zero"}:
        return 0
    total = 0
    for word in re.split(r"[\s-]+", text):
        if word == "hundred":
            total = 100 * max(total, 1)
        elif word in {"a", "and"}:
            continue
        elif word in _UNITS:
            total += _UNITS[word]
        elif word in _TENS:
            total += _TENS[word]
        else:
            return None
    return total


@dataclass(frozen=True, slots=True)
class Measure:
    """A measured length or pair of lengths. ``dims`` in cm as written; ``range`` when the note gives "5-6 mm"."""

    start: int
    end: int
    dims: tuple[Decimal, ...]
    role: str
    range: bool = False

    @property
    def greatest(self) -> Decimal:
        return max(self.dims)

    @property
    def least(self) -> Decimal:
        return min(self.dims)

    @property
    def area(self) -> Decimal | None:
        """Length times width, sq cm, when two dimensions are given."""
        return self.dims[0] * self.dims[1] if len(self.dims) >= 2 else None


def _centimeters(value: Decimal, unit: str) -> Decimal:
    plain = unit.lower()
    if plain.startswith("mm") or plain.startswith("milli"):
        return value / 10
    if plain.startswith("c"):
        return value
    return value * Decimal("2.54")


# (role, pattern before the number, pattern after the number): the nearest cue wins, these patterns are tried in order.
_ROLES: tuple[tuple[str, str | None, str | None], ...] = (
    ("tool", r"(?:punch(?: biopsy)?(?: tool)?(?: \d{1,2}/\d{1,2}(?:/\d{2,4})?)?|trephine|needle|curette|blade|suture|drain|stent|trocar|cannula|catheter)(?: of| with| size| using)?(?: a| an)?[\s,:=(]*$", r"(?:\s*-\s*(?=punch)|\s+|-)?(?:disposable\s+|sterile\s+|keyes\s+)?(?:punch|p\s?bx|pbx|trephine|curette|spot(?= size|s? at\b)|needle|scalpel|biopsy punch)"),
    ("length", r"\b(?:length of (?:the )?(?:sewn|closed|sutured|repaired|finished|final) (?:wound|line|closure|repair)|(?:sewn|sutured|stitched|finished) (?:wound|line))[\s:=]*(?:was |is |of |at )?$", r"\s*(?:long )?(?:when|once) (?:finished|done|closed|sewn|tied|complete\w*|everted)\b|\s*(?:long )?at (?:the )?(?:end|finish|completion) of (?:the )?(?:closure|repair|case|procedure)"),
    ("excised", r"(?:total )?(?:excised|excision) (?:diameter|size)[^.;]{0,34}$|(?:lesion (?:plus|with|\+|and) margins?|including margins?|incl\.? margins?|with margins? (?:included|totall?ing|of total)|greatest excised diameter|total excised|excised diam(?:eter)?|total diameter|clinical diameter with margins?)[\s:=of(]*(?:was |is |equals |measured |measures |= ?)*$", r"\s*(?:\([^)]*\)\s*)?(?:total|excised diameter|excised diam|including (?:the )?margins?|incl\.? margins?|with margins? included|total (?:excised|with margins?)|total excised(?: diameter)?|in (?:total|all) (?:with|including) margins?|excision diameter)"),
    ("undermining", r"undermin\w*[^.;]{0,60}$|\b(?:edges?|flaps of skin|skin)\b[^.;\d]{0,30}\b(?:raised|freed|lifted|elevated|mobili[sz]ed|released)\b[^.;\d]{0,40}$", r"[^.;,\d]{0,25}\b(?:of )?undermin\w*\b(?!\W*(?:of|to|was|is|about|approximately|by|for|~)?\W*\d)|\s*(?:beyond|past|from) (?:the )?(?:wound|defect)? ?(?:edges?|margins?)"),
    ("margin", r"(?:margins?(?! (?:were |was )?(?:clear|free|neg|pos|involved))|border|rim)(?: of| at| used| taken| was| were|, clinical| \(clinical\)| clinical|, surgical| scribed| drawn| marked| inked| penned|, narrowest| narrowest| \(each side\)| each side| again| still| likewise| on each side| all around)*[\s:=(~]*(?:at least |narrowest |of |is |about |approximately )*$|(?:narrowest)[\s:=]*$|(?<!bx)(?<!path)(?<!biopsy)(?<!pos)\+\s*$", r"[\s-]*(?:surgical |clinical |peripheral |lateral |radial |circumferential |narrow |clear |excision |safety |wide |narrowest |minimum |planned |visible |uninvolved |deep |of )*(?:margins?|borders?|rim|ring|cuff|halo|collar)\b(?! (?:were |was )?(?:clear|involved))|\s*(?:of|around|rim of|cuff of)?\s*(?:normal|healthy|uninvolved|clinically (?:normal|clear|uninvolved)|surrounding|normal-appearing|clear)[\s-]*(?:appearing )?(?:skin|tissue)|\s*(?:was |were |is )?(?:marked|drawn|measured|taken|outlined|allowed|added|left|planned)?\s*(?:with (?:a|the) \w+ )?(?:all around|all round|each side|on each side|either side|all sides|on all sides|circumferentially|per side|around)\b|\s*to spare\b|\s*(?:clear|free|clearance|healthy|sound) (?:on|all|of|at|in|each|every|both|around)\b|\s*(?:was |were )?(?:taken|cut|kept|allowed|added|given) (?:laterally|medially|superiorly|inferiorly|peripherally|radially|in all directions|all (?:a)?round|on (?:all|each|either|every)|circumferentially|around)\b|\s*(?:beyond|past)\b(?! the (?:wound|defect))|\s*outside|\s*(?:all the way )?(?:round|wide of|peripheral(?:ly)?|radial(?:ly)?|circumferential(?:ly)?|clearance)\b|\s*(?:on|all)\s(?:every|all|each)\sside|\s*all (?:a)?round|\s*of (?:clear|normal|good|healthy|clean|plain|ordinary) skin|\s*more,?\s+all (?:a)?round|\s*(?:was |were )?(?:drawn |marked |taken |left |more,? )?(?:on )?(?:every|each) side\b"),
    ("ellipse", r"(?:ellip\w*|fusiform\w*|lenticular|spindle|incision|incised|island|triangle|burow\w*|dog.?ears?)(?: excision| incision| of skin| shape| design| outline| piece)?(?: was| measuring| measured| of| is| made| designed| about| drawn| approximately| roughly| some)*[\s:=(,]*(?:about )?$", r"[\s-]*(?:long |longitudinal |oblique |transverse |vertical |curvilinear |linear )?(?:ellip\w*|fusiform|incision|lenticular|stab|linear incision|cut)|\s+(?:long\s+)?(?:ellip\w+)"),
    ("graft", r"(?:graft(?:ed)?|template|skin graft|ftsg|stsg|recipient)[^.;\d]{0,40}$|trimmed to (?:about )?$", r"[^.;,]{0,14}\b(?:graft|template|recipient)"),
    ("secondary", r"\b(?:donor (?:area|site|defect|bed|wound)|secondary (?:defect|wound|area)|(?:area|wound|hole|defect|bed) (?:that )?(?:it|the flap|this) (?:left|opened|made|created)(?: behind)?)\b[^.;\d]{0,60}$", None),
    ("secondary", r"(?:(?:bed|area|place|skin|site|hole|wound) (?:it|the flap) (?:came|was (?:taken|raised|lifted|moved)) from(?: \w+)?|secondary (?:defect|motion)|donor (?:site|defect|area|bed)|donor|flap (?:design|donor|bed)|second (?:defect|wound|hole)|2nd (?:defect|wound)|2[°o]|secondary)[^.;\d]{0,30}$|(?:flap)(?: (?:measured|measuring|of|was|is|design\w*|itself|dimensions?|size|raised|elevated))*[\s:=(]*$", r"[^.;,\d]{0,12}\b(?:secondary|2nd|2°|flap\b|donor)"),
    ("width", r"\bwid(?:th|e)[^.;\d]{0,60}$", r"\s*(?:wide|width)\b"),
    ("final", r"(?:final (?:size|diameter|treated|curett\w*|defect|wound(?! length))[^.;\d]{0,44}|after curettage[^.;\d]{0,24}|final (?:size|diameter|treated|curett\w*|defect)|post-?\s?(?:curettage|treatment|op|procedure|ed&?c|tx)|size\.final\.defect|after curettage|treated (?:area|diameter|size|zone)|curett\w+ (?:defect|wound|base|diameter|area)|final(?: treatment)?(?: area| wound| diameter| size)?|resulting (?:defect|wound)|end(?:ing)? (?:size|diameter)|wound after)(?: (?:was|is|of|defect|diameter|size|measured|measuring|wound|area|about|approximately))*[\s:=(]*$", r"[\s-]*(?:final|post-?(?:curettage|op|treatment|ed&?c)|after (?:curettage|treatment|the last pass|\d passes|ed&?c)|when done|at the end|post)\b|[^.;,]{0,8}\bcurett(?:age|ed) (?:defect|wound|area)"),
    ("length", r"(?<![a-z])(?:(?:closure|closed|shut|sewn|stitched|repair(?:ed)?|wound|seam|suture[d]?|incision line|line|final|linear|length|layered|sutures? line|repair length|closure length|total length|final length|laceration|lac)(?: (?:length|line|repair|closure|wound|measured|measuring|measures|totall?ing|total|was|is|of|at|to|a|final|in|the|primarily|linearly|linear|layers?|layered|straight|sewn|stitched|sutured|for|came|came to|ended up|about|approximately|vertical|over|summed))*)[\s:=(,~-]*$|(?:^|[\s(,=])L\s*=?\s*$", r"[\s-]*(?:\([^)]{0,20}\) ?)?(?:of )?(?:(?:final |suture |linear |layered |sutured |straight |closed |repaired |total |curved |vertical |horizontal |long )*(?:closure|repair|wound length|suture line|line|length|in length|long|laceration|lac|closed|total length|linear|seam|finished|sutured|sewn|stitched|shut|of suture|of stitching))\b"),
    ("defect", r"(?:defects?|gap|wound|opening|hole|resultant wound|primary defect|final measurements? of the wound)(?: (?:size|measur\w+|was|is|of|now|at|after|before|post|dimensions?|final|left|about|here|a|the|\(after[^)]*\)|width|after stage \w+|approximately|primary))*[\s:=(,]*$|width[^.;\d]{0,50}$", r"[^.;,\d]{0,20}\b(?:defects?|wound(?! length)|(?:in )?width|wide|opening|hole|primary)\b"),
    ("depth", r"(?:depth|deep|breslow|thick\w*|into|down)[\s:=of]*$", r"[\s-]*(?:deep|in depth|depth|thick|breslow|down)\b"),
    ("distance", r"(?:distance|away)[^.;\d]{0,14}$", r"\s*(?:above|below|lateral to|medial to|from (?:the )?|away|distal to|proximal to|inferior to|superior to|posterior to|anterior to|in front of|behind|caudal|into)\b"),
    ("lesion", r"(?:lesion|tumou?r|size|diameter|papule|plaque|nodule|macule|patch|mole|nevus|nevi|cyst|pre-?op|preop(?:erative)?(?: size| diameter)?|measur\w+|diam|bcc|scc|sccis|carcinoma|melanoma|keratosis|wart|mass|lipoma|growth|spot|scar|length\s*x\s*width|before|clinical(?:ly)?|spann(?:ed|ing)|spans|scar (?:on|of|at|over) [^.;\d]{0,40})[\s:=,(~-]*(?:is |was |of |about |approx\.? |approximately |measuring |measures |measured |a |at |in (?:size|diameter) |originally |pre-?op )*$", r"[\s,]*(?:across|in (?:greatest )?(?:diameter|size)|diam\w*|pre-?op|lesion|papule|plaque|nodule|macule|patch|mole|nevus|cyst|tumou?r|mass|lipoma|growth|wide lesion|pearly|pink|brown|dark|scaly|firm|flesh|crusted|red|erythematous|pigmented|ulcerated|fleshy|dome|tan|black|blue|hyperkeratotic|verrucous|bcc|scc)\b"),
    ("length", r"\b(?:nylon|prolene|vicryl|monocryl|pds|gut|ethilon|silk|sutures?|staples|dermabond|closure|closed|layered|repair)\b[^.;]{0,44}$", None),
)
_COMPILED = tuple(
    (role, re.compile(before, re.IGNORECASE) if before else None, re.compile(after, re.IGNORECASE) if after else None)
    for role, before, after in _ROLES
)


_OPEN = re.compile(r"\b(?:wound|hole|opening)\b[^.;\d]{0,24}$", re.IGNORECASE)
""" "Wound 2.8 x 2.6": an open one; a sutured length has one dimension."""
_REDNESS = re.compile(r"\b(?:red|redness|erythem\w*|warm\w*|indurat\w*|swell\w*|swollen|cellulit\w*)\b[^.;]{0,24}$", re.IGNORECASE)
_SECOND = re.compile(r"\s*\(?(?:secondary|2nd(?: defect)?|donor)\b", re.IGNORECASE)
_AT_WIDEST = re.compile(r"\s*(?:wide )?at (?:its|the) widest", re.IGNORECASE)
_AT_BROADEST = re.compile(r"\s*(?:across |wide )?at (?:its|the) (?:broadest|longest|greatest)", re.IGNORECASE)
_WOUND = re.compile(r"\b(?:wound|defect)\b[^.;\d]{0,40}$", re.IGNORECASE)


def _role(text: str, low: int, start: int, end: int, high: int, previous: int) -> str:
    """What the number at [start, end) measures, from the words of its clause [low, high)."""
    before = text[max(low, previous, start - 70) : start]
    after = text[end : min(high, end + 44)]
    if _SECOND.match(after):
        return "secondary"
    if _AT_WIDEST.match(after) and _WOUND.search(before):
        return "width"
    for role, ahead, behind in _COMPILED:
        if role == "length" and _AT_BROADEST.match(after):
            return "lesion"
        if role == "margin" and _REDNESS.search(before):
            continue
        if behind is not None and behind.match(after):
            return role
        if ahead is not None and ahead.search(before):
            return role
    return "unknown"


_KEY_ROLES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (role, re.compile(pattern, re.IGNORECASE))
    for role, pattern in (
        ("excised", r"excised diam|total excised|diameter with margin|excision diameter"),
        ("margin", r"\bmarg"),
        ("undermining", r"undermin"),
        ("width", r"width"),
        ("final", r"final (?:size|diam|defect|wound\b(?! length))|post-?(?:curettage|tx|treatment|op (?:size|defect|diam))|treated diam"),
        ("length", r"length|closed|suture line|final line|\bclosure\b|\brepair\b"),
        ("defect", r"defect"),
        ("ellipse", r"ellipse|incision"),
        ("graft", r"graft|template"),
        ("secondary", r"secondary|donor"),
        ("depth", r"depth|breslow|thickness"),
        ("tool", r"punch(?!e[ds]|ing)|tool|needle|curette(?!d)"),
        ("lesion", r"size|diam|pre-?op|\bscar\b|lesion|measure|tumou?r(?! board)|dimension|^\W*(?:mm|cm)\W*$"),
    )
)


def key_role(key: str) -> str | None:
    """What a measure is when it stands behind this key or under this column title."""
    return next((role for role, pattern in _KEY_ROLES if pattern.search(key)), None)


def cell_measures(text: str, start: int, end: int, cells: tuple[str, ...], header: tuple[str, ...]) -> Iterator[Measure]:
    """The measures of a table row, each by the title of its column; the unit may stand in the title."""
    at = start
    shared = next((unit_of for title in header if (unit_of := re.fullmatch(r"\W*(cm|mm)\W*", title))), None)
    for position, cell in enumerate(cells):
        found = text.find(cell, at, end) if cell else -1
        if found < 0:
            continue
        at = found + len(cell)
        title = header[position] if position < len(header) else ""
        role = key_role(title)
        inner = list(find_measures(text, found, at))
        for measure in inner:
            yield Measure(measure.start, measure.end, measure.dims, role or measure.role, measure.range)
        unit = re.search(r"\b(cm|mm)\b", title) or (shared if role in {"margin", "lesion", "excised"} else None)
        bare = re.fullmatch(rf"(?P<a>{NUMBER})(?:\s*[x×]\s*(?P<b>{NUMBER}))?", cell.strip())
        if role and unit and bare and not inner:
            values = [number(bare[name]) for name in "ab" if bare[name]]
            if all(v for v in values):
                yield Measure(found, at, tuple(_centimeters(v, unit[1]) for v in values if v), role)


def find_measures(text: str, start: int, end: int, key: str | None = None) -> Iterator[Measure]:
    """The lengths in ``text[start:end]`` with their role: lesion, margin, defect, length, undermining, graft, secondary,
    excised, final, ellipse, tool, depth, distance or unknown."""
    yield from _unit_in_key(text, start, end)
    yield from _decimals(text, start, end)
    if _MAY_MEASURE.search(text, start, end) is None:
        return
    previous, last = start, ""
    key = None if key is not None and key_role(key) == "margin" and re.search(r"\d ?(?:mm|cm)\b", key) and not re.match(r"\W*(?:diam|size|lesion|tumou?r)", key, re.IGNORECASE) else key
    margins = key is not None and key_role(key) == "margin" and not re.search(r"\d", key)
    ranges = {m.start(): m for m in _RANGE.finditer(text, start, end)}
    covered = start
    for match in sorted([*_SIZE.finditer(text, start, end), *ranges.values()], key=lambda m: (m.start(), -m.end())):
        if match.start() < covered:
            continue
        keyed = key_role(key) if key and previous == start and match.start() - start < len(key) + 24 else None
        if match.re is _RANGE:
            values = [number(match["a"]), number(match["b"])]
            if None in values:
                continue
            dims: tuple[Decimal, ...] = (min(_centimeters(v, match["u"]) for v in values if v is not None),)
            yield Measure(match.start(), match.end(), dims, keyed or _role(text, start, match.start(), match.end(), end, previous), True)
        else:
            found = _dims(match) or _bare_pair(match, text, start)
            if found is None or _AREA.match(text, match.start()):
                continue
            said = _role(text, start, match.start(), match.end(), end, previous)
            if said == "margin" and len(found) > 1:
                said = "defect" if re.search(r"\b(?:loss|defect|notch|gap)\b", text[max(start, match.start() - 50) : match.start()], re.IGNORECASE) else "unknown"
            if said == "length" and len(found) > 1 and _OPEN.search(text[max(start, match.start() - 40) : match.start()]):
                said = "defect"
            if last == "length" and said == "unknown" and len(found) == 1 and _NEXT_IN_LIST.fullmatch(text[previous : match.start()]):
                said = "length"
            if last == "margin" and said in {"unknown", "distance"} and len(found) == 1 and re.search(r"\b(?:except|but|save)\b[^.;\d]{0,20}$", text[start : match.start()], re.IGNORECASE):
                said = "margin"
            last = said
            if margins and said in {"unknown", "distance", "length"} and len(found) == 1:
                said = "margin"
            if keyed is None or (keyed == "length" and said in {"width", "undermining", "margin", "ellipse", "depth"}):
                keyed = said
            yield Measure(match.start(), match.end(), found, keyed)
        previous = covered = match.end()


_MAY_MEASURE = re.compile(r"mm|cm|mil|cent|inch|in\.|\"|(?:[x×*]|by)\s*(?:[\d.]|a[\s-]|half|zero|oh|point|one|t[ehw]|f[io]|s[ei]|ei|ni|el)", re.IGNORECASE)
"""A unit of length, or what can stand between two dimensions: a clause with neither measures nothing."""
_NEXT_IN_LIST = re.compile(r"\s*(?:on |at |of |for )?(?:the )?(?:\w+\s?){0,3}\s*(?:,|;|and|&|\+|/)\s*(?:and )?(?:the )?(?:[A-Za-z]+\s){0,3}", re.IGNORECASE)
""" "Closed in layers: 3.6 cm abdominal, 4.2 cm thigh"."""
_UNIT_APART = re.compile(r"[\[(](?:mm|cm)[\])]", re.IGNORECASE)
_UNIT_KEY = re.compile(rf"(?P<key>[A-Za-z][\w /-]{{1,40}})\s?[\[(](?P<u>mm|cm)[\])][^\S\n]*[:=][^\S\n]*(?P<a>{NUMBER})(?:\s*[x×]\s*(?P<b>{NUMBER}))?(?!\s*(?:[x×\d.]|mm\b|cm\b))", re.IGNORECASE)


_DECIMAL = re.compile(r"(?<![\w.])(?P<key>lesion(?: (?:size|diam\w*))?|tumou?r(?: size)?|pre-?op(?: size)?|size|diam(?:eter)?|(?:clinical |surgical )?margins?|marg|closure(?: length)?|repair(?: length)?|(?:final |wound )?length|closed)\s*[:=]?\s*(?P<n>\d?\.\d{1,2})(?!\s*(?:[x×\d%]|-|mm\b|cm\b|mg|ml|cc|in\b|inch|\.\d))", re.IGNORECASE)


def _decimals(text: str, start: int, end: int) -> Iterator[Measure]:
    """ "Lesion 1.5 / margin 0.5": a decimal behind the name of a measure, without a unit, is told in cm."""
    if _POINT.search(text, start, end) is None or _LONE_DECIMAL.search(text, start, end) is None:
        return
    for match in _DECIMAL.finditer(text, start, end):
        key = match["key"].lower()
        role = "margin" if "marg" in key else "length" if key.startswith(("clos", "rep", "fin", "wound", "len")) else "lesion"
        value = number(match["n"])
        if value and (role != "margin" or value < 3):
            yield Measure(match.start("n"), match.end(), (value,), role)


_POINT = re.compile(r"\.\d")
_LONE_DECIMAL = re.compile(r"[a-z]\s*[:=]?\s*\d?\.\d", re.IGNORECASE)


def _unit_in_key(text: str, start: int, end: int) -> Iterator[Measure]:
    """ "Clinical size (mm): 11 x 9": the unit stands in the key."""
    if _UNIT_APART.search(text, start, end) is None:
        return
    for match in _UNIT_KEY.finditer(text, start, end):
        role, values = key_role(match["key"]), [number(match[name]) for name in "ab" if match[name]]
        if role and all(values):
            yield Measure(match.start("a"), match.end(), tuple(_centimeters(v, match["u"]) for v in values if v), role)


_OPEN_SKIN = re.compile(r"\b(?:defects?|wounds?|ulcers?|vlu|dfu|hole|flap(?: bed)?|donor|recipient|graft|secondary|primary|template)\b[^.;\d]{0,40}$", re.IGNORECASE)
_ANOTHER_UNIT = re.compile(r"'?s\b|\s*(?:gauze|dressing|pads?\b|sponges?|mm|cm|[x×]|-0|sutures?|min|sec|days?|d\b|wks?|weeks?|times|%|/|:\s?\d)", re.IGNORECASE)


def _bare_pair(match: re.Match[str], text: str, low: int) -> tuple[Decimal, ...] | None:
    """ "Defect 2.3 x 2.0", "VLU 8 x 4": an open wound without a unit is told in cm."""
    if match["b"] is None or match["c"] or match["ua"] or match["ub"] or _ANOTHER_UNIT.match(text, match.end()):
        return None
    if not _OPEN_SKIN.search(text[max(low, match.start() - 60) : match.start()]):
        return None
    values = [number(match["a"]), number(match["b"])]
    plain = [v for v in values if v is not None and 0 < v <= 30]
    whole = all(re.fullmatch(r"\d{2,}", match[name]) for name in "ab")
    return tuple(plain) if len(plain) == 2 and not whole else None


def _dims(match: re.Match[str]) -> tuple[Decimal, ...] | None:
    units = [match["ua"], match["ub"], match["uc"]]
    last = next((u for u in reversed(units) if u), None)
    if last is None:
        return None
    values = []
    for name, unit in zip("abc", units, strict=True):
        if match[name] is None:
            continue
        value = number(match[name])
        if value is None or value == 0:
            return None
        values.append(_centimeters(value, unit or last))
    return tuple(values)


def find_areas(text: str, start: int, end: int) -> Iterator[tuple[Decimal, int, int]]:
    """Areas in sq cm as (value, start, end)."""
    for match in _AREA.finditer(text, start, end):
        value = number(match["n"])
        if value is not None:
            yield value, match.start(), match.end()
