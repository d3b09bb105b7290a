"""How many lesions: "x 7", "#12", "(3)", "seven", per-site lists that add up, "total treated: 6".

Cycles, passes, seconds, visits, weeks and doses are no lesions: "LN2 10 s x 2", "ED&C x3", "FT x2" count nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from notecoder.reading.frames import HALTED
from notecoder.reading.measures import SPELLED, number
from notecoder.reading.page import Mark, Page
from notecoder.reading.places import merged_sites, same_place
from notecoder.reading.sites import SiteMention

_DOZENS = {"a dozen": 12, "one dozen": 12, "dozen": 12, "half a dozen": 6, "half dozen": 6, "a half dozen": 6, "two dozen": 24, "a couple": 2, "a couple of": 2, "a pair of": 2, "a score": 20}
_N = rf"(?P<n>\d{{1,3}}|half a dozen|a half dozen|half dozen|two dozen|(?:a |one )?dozen|a couple(?: of)?|a pair of|{SPELLED})"
_NOT_COUNT_AFTER = re.compile(
    r"\s*-?\s*(?:%|mm\b|cm\b|mg|mcg|ml\b|cc\b|s\b|sec\w*|seconds?|min\w*|hours?|hrs?|h\b|days?|d\b|weeks?|wks?|wk\b|months?|mos?\b|mo\b|years?|yrs?|yr\b|y/?o|yo\b|"
    r"cycles?|freeze|thaw|f/?t|ft\b|passes|pass\b|times|x\s*\d|layers?|stages?|blocks?|sutures?|units?|u\b|gauge|g\b|/(?!\s+[A-Za-z])|-0|\.\d|:\d|-\s*\d+\s*(?:mm|cm|s\b|sec|min|d\b|days?|wk|weeks?)|inch|in\b|pm\b|am\b|mL|punctures?|"
    r"sessions?|visits?|rounds?|treatments?|tx\b|oz|lb|kg|degrees?|°|percent|refills?|rf\b|tubes?|syringes?|jars?|bottles?|containers?|specimens?|o'?clock|st\b|nd\b|rd\b|th\b|sq|points?|J/|joules?|minutes?|fl\b|blade)",
    re.IGNORECASE,
)
_NOT_COUNT_BEFORE = re.compile(r"(?:#?\d\s*[x×]\s*|spf\s*|mm\s*[x×]\s*|cm\s*[x×]\s*|cycles?\s*[x×(]?\s*|thaws?\s*[x×(]?\s*|\bft\s*[x×]?\s*|passes?\s*[x×]?\s*|(?:sec(?:onds?)?|s)\s*(?:each\s*)?[x×]\s*|ed&?c\s*[x×]\s*|c&d\s*[x×]\s*|blade\s*#?|grade\s*|age\s*|jar\s*#?|page\s*|room\s*|stage\s*|lot\s*\S*|/|\.|\d,|-|:|q\s?|\bevery\s|\bat\s|\bfor\s|\bafter\s|\bin\s|\bwithin\s|\bover\s|\bto\s|rtc\s|f/u\s|fu\s|scale\s*|ppx\s*|visit\s*#?|session\s*#?|(?:ilk?|tx|treatment|pdt|uvb|round|cycle|set|dose|week|month)\s*#|itch\s*|pain\s*|needle\s*#?|consent\s*[x×]\s*)$", re.IGNORECASE)
_TOTAL = re.compile(
    rf"\b(?:total(?: number)?(?: of)?(?: \w+){{0,4}}?|number(?: of)?(?: \w+){{0,4}}?|(?:lesions?|sites?|ak'?s?|warts?|sks?|isks?|keratos[ei]s|tags?|spots?) (?:treated|frozen|destroyed|removed|injected|count)|count|treated|no\. of lesions|#\s*(?:of\s*)?(?:lesions|treated)|n\s*=)\s*(?:\w+ )?(?:[:=]|\.{{2,}}|was|were|of|is|today|\()?\s*{_N}\b(?!\s*(?:mm|cm|sec|%|ml))"
    rf"|(?<![\w/.]){_N.replace('?P<n>', '?P<q>')}\s+(?:in number|of (?:them|these) (?:treated|frozen|removed))"
    rf"|\btotal\s*\.{{2,}}\s*(?P<d>\d{{1,3}})|\b(?:all|every one of the|each of the|that makes|makes|so)\s+(?P<l>\d{{1,2}}|{SPELLED})\b(?!\s*(?:sites|margins|edges|sides|quadrants|directions))"
    rf"|(?<![\w/.]){_N.replace('?P<n>', '?P<m>')}\s*(?:(?:[\w'-]+\s+){{0,3}}?(?:in (?:all|total)|altogether|all told)|lesions?|sites?|total)\b",
    re.IGNORECASE,
)
_BARE = re.compile(rf"(?<![\w.,/:])(?:[x×]\s*|\#\s*|\(\s*)?{_N}(?![\w])", re.IGNORECASE)
_REST = re.compile(rf"\b(?:remaining|other|rest,?)\s+{_N}\b(?=[^.;]{{0,40}}\b(?:froze\w*|frosted|treated|sprayed|destroyed|ln2\w*|cryo\w*|curett?ed|snipped|injected|cauteri[sz]ed|burned|zapped|ed&?c\w*|got|had)\b)", re.IGNORECASE)
""" "The remaining five were frozen": of those counted before."""
_OF_THEM = re.compile(rf"\b(?:fr[eo]ez?e|frozen|treat(?:ed|ing)?|did|remov(?:ed?|ing)|snip(?:ped)?|inject(?:ed)?|curett?e[d]?|spray(?:ed)?|destroy(?:ed)?|shav(?:ed?)|pare[d]?|cauteri[sz]ed?|only|just)\s+(?:only |just )?{_N}\s+of (?:them|these|those|the|his|her)\b", re.IGNORECASE)
""" "He let me freeze five of them"."""
_GOT_TO = re.compile(
    rf"\b(?:only|just|got to|got through|managed|reached|after|through|did|stopped (?:after|at)|at)\s+(?:only |just |about )?(?:the )?{_N}\b(?!\s*(?:mm|cm|sec\w*|s|min\w*|days?|weeks?|months?|years?|hours?|h|cycles?|passes|units?|ml|sessions?|visits?|treatments?|rounds?)\b)(?=[^.;]{{0,60}}\b{HALTED}\b)",
    re.IGNORECASE,
)
""" "Planned for thirty; after nine she had had enough": nine were done."""
_LEFT_OVER = re.compile(
    r"[^.;,]{0,36}?(?<!not )\b(?:kept|saved|reserved|(?:left|keeps?|wants? (?:left|to keep))(?= (?:alone|for|until|as|untreated|in|to)\b| ?(?:,|$))|deferred|postponed|declined|untreated|spared|to wait|can wait|will wait|not (?:treated|frozen|done|touched|removed|injected)|for (?:after|later|next|another))\b",
    re.IGNORECASE,
)
""" "Three (lip) kept for later": counted and not treated."""
_LEFT_HEAD = re.compile(r"(?:^|[.;,(]\s*)(?:not (?:frozen|treated|done|touched|removed|injected)|left(?: (?:alone|for later|untreated))?|untreated|spared|deferred|skipped|declined)\s*[:\-–]\s*(?:\w+ ){0,2}$", re.IGNORECASE)
""" "Not frozen: 2 on the lip"."""
_ONE_EACH = re.compile(rf"(?<![\w.]){_N}\s+(?:each|apiece|per (?:site|side|hand|foot|arm|leg|ear|cheek))\b(?!\s*(?:time|session|visit|day|week))", re.IGNORECASE)
""" "R hand and L hand, 1 each"."""
_PRONOUN = re.compile(r"\b(?:the|this|that|which|other|another|new|larger|smaller|last|next)\s+(?:\w+\s+)?$|\b(?:thick|thin|large|big|small|flat|raised|dark|tiny|good|old|\w+(?:er|est))\s+$", re.IGNORECASE)
""" "The shoulder one" counts nothing."""
_LEAST = re.compile(r"(?:at least|over|more than|>|≥|upwards of)\s*$|^\s*(?:\+|plus|or more)", re.IGNORECASE)


_LEADER = re.compile(r"\.{3,}|^\s*\S[^:]{0,30}:\s*\d{1,3}\s*$")


@dataclass(frozen=True, slots=True)
class Count:
    """A number of lesions and where it stands."""

    value: int
    start: int
    end: int
    at_least: bool = False
    kind: str = "count"
    """"total", "site" (beside a site), "noun" (beside the lesion's name), "done" (beside the verb), "stopped" (where work ended) or "count"."""
    term: str | None = None
    """The condition it counts, where the clause names several."""
    places: tuple[SiteMention, ...] = ()


def _value(text: str) -> int | None:
    if text.lower() in _DOZENS:
        return _DOZENS[text.lower()]
    value = number(text)
    if value is None or value != value.to_integral_value():
        return None
    return int(value)


def _is_count(clause: str, start: int, digits_start: int, end: int) -> bool:
    if _NOT_COUNT_AFTER.match(clause, end):
        return False
    before = clause[max(0, start - 16) : start]
    if clause[start] in "xX×" and re.search(r"(?:\d\s*(?:sec(?:onds?)?|s)|cycles?|thaws?|pass(?:es)?)\s*(?:each\s*)?$", before, re.IGNORECASE):
        return False
    if clause[start] == "#" and _SESSION.search(before):
        return False
    if clause[start] in "(#" or not _NOT_COUNT_BEFORE.search(before):
        return True
    return bool(_TREATED_TO.search(before) and (_LESIONS_NEXT.match(clause, end) or _PLACE_ASIDE.match(clause, end)))


_SESSION = re.compile(r"(?:\bilk?|\btx|treatment|pdt|uvb|xtrac|excimer|session|visit|round|injections?|inj\.?|series|week|wk)\s*$", re.IGNORECASE)
""" "ILK #4" is the fourth session."""
_TREATED_TO = re.compile(r"(?<!\d)(?<!\b\d )(?<!\b\d\d )\b(?:to|for)\s$", re.IGNORECASE)
_PLACE_ASIDE = re.compile(r"\s*\(\s*(?:(?:both|the|dorsal|left|right|l|r)\s+)*[a-z]{3,}", re.IGNORECASE)
""" "LN2 to 6 (dorsal hands)"."""
_LESIONS_NEXT = re.compile(r"\s+(?:\w+\s+){0,2}(?:lesions?|papules?|spots?|tags?|warts?|keratos[ei]s|ak'?s?|sk'?s?|isk'?s?|mollusc\w+|verruca\w*|plaques?|nodules?|cysts?|keloids?)\b", re.IGNORECASE)
""" "LN2 to 2 actinic keratoses": lesions treated, not the end of a range."""
_PAIRED = frozenset({"hand", "forearm", "upper_arm", "arm", "leg", "lower_leg", "thigh", "knee", "foot", "cheek", "ear", "helix", "temple", "shoulder", "elbow", "wrist", "ankle", "axilla", "breast", "eyelid", "palm", "sole", "buttock", "eyebrow", "preauricular", "jawline", "groin", "flank"})


_RIGHT_AT = re.compile(r"\s*(?:(?:per|on|each|at|over|to)\s+)?(?:the\s+)?", re.IGNORECASE)
_EACH_ONE = re.compile(r"[\s,]*(?:\w+\s+){0,2}(?:each|per|either|every|both)\s+(?:of the |the )?(?:\w+\s+){0,2}$", re.IGNORECASE)
_EACH_HAD = re.compile(r"\b(?:each|either|every)\s+(?:\w+\s+)?$", re.IGNORECASE)


def _on_both(mark: Mark, start: int, end: int) -> bool:
    """ "One on each hand": the number counts twice."""
    for site in mark.sites:
        between = mark.clause.text[end - mark.clause.start : site.word_start - mark.clause.start]
        if site.side in {"left", "right"} or site.key not in _PAIRED:
            continue
        if 0 <= site.start - end <= 30 and _EACH_ONE.match(between):
            return not re.search(r"\bboth\b", between, re.IGNORECASE)
        if 0 <= start - site.end <= 24 and _EACH_HAD.search(mark.clause.text[: site.word_start - mark.clause.start]) and not re.search(r"[;,\d]|\b(?:and|plus)\b", mark.clause.text[site.end - mark.clause.start : start - mark.clause.start]):
            return True
    return False


_OF_OLD = re.compile(r"\W*(?:last (?:year|month|visit|time|fall|autumn|spring|summer|winter)|previous(?:ly)?|prior|earlier|history|hx|before)\b", re.IGNORECASE)


def counts_in(page: Page, mark: Mark) -> list[Count]:
    """The lesion counts of one clause, left to right, each with what it stands beside."""
    text, base = mark.clause.text, mark.clause.start
    if _OF_OLD.match(text) and not any(act.status == "performed" for act in mark.acts):
        return []
    item = mark.clause.item
    label_end = item.body if item is not None and item.start <= base < item.body else base
    found: dict[int, Count] = {}
    if mark.clause.cells and (mark.sites or place_column(mark)) and (columns := _column_counts(page, mark)):
        return list(columns.values())
    for match in _TOTAL.finditer(text):
        name = next(n for n in "nmdlq" if match[n])
        value = _value(match[name])
        if name == "n" and not re.match(r"total|number", match.group(), re.IGNORECASE) and any(0 <= s.start - base - match.end(name) <= 12 and _RIGHT_AT.fullmatch(text[match.end(name) : s.start - base]) for s in mark.sites):
            continue  # "frozen: 5 scalp, 3 forehead": the first of a list
        if value and value < 400 and (name == "q" or not _NOT_COUNT_AFTER.match(text, match.end(name))):
            found[match.start(name)] = Count(value, base + match.start(), base + match.end(), kind="total", at_least=bool(_LEAST.match(text[match.end(name):])))
    for pattern, way in ((_REST, "total"), (_OF_THEM, "total"), (_GOT_TO, "stopped")):
        for match in pattern.finditer(text):
            value = _value(match["n"])
            if value and 0 < value < 200:
                found[match.start("n")] = Count(value, base + match.start(), base + match.end(), kind=way)
    _each_listed(page, mark, found)
    for match in _BARE.finditer(text):
        at = match.start("n")
        if base + at < label_end or at in found or not _is_count(text, match.start(), at, match.end()):
            continue
        if _LEFT_HEAD.search(text[:at]):
            continue
        if _LEFT_OVER.match(text, match.end()) and not _DONE_FIRST.match(text, match.end()):
            continue
        if match["n"].lower() == "one" and _PRONOUN.search(text[:at]):
            continue
        value = _value(match["n"])
        if not value or value > 300:
            continue
        opened = text[match.start()] == "(" and text[match.end() : match.end() + 1] == ")"
        kind = _beside(mark, base + match.start(), base + match.end(), marked=opened or text[match.start()] in "x×#X")
        if kind is None or kind == "noun" and _ASIDE.search(text[:at]) and any(c.kind == "site" for c in found.values()):
            continue
        if kind == "site" and _on_both(mark, base + match.start(), base + match.end()):
            value *= 2
        least = bool(_LEAST.search(text[: match.start()]) or _LEAST.match(text[match.end() :]))
        found[at] = Count(value, base + match.start(), base + match.end(), least, kind)
    return _attributed(page, mark, [found[at] for at in sorted(found)])


def _each_listed(page: Page, mark: Mark, found: dict[int, Count]) -> None:
    """ "R hand and L hand, 1 each", "both axillae six each": the number counts once for each place it stands by."""
    text, base = mark.clause.text, mark.clause.start
    places = merged_sites(mark.sites, page.text)
    for each in _ONE_EACH.finditer(text):
        value = _value(each["n"])
        if not value:
            continue
        others = [m.start("n") for m in _BARE.finditer(text) if m.start("n") != each.start("n")]
        low = max((at for at in others if at < each.start()), default=0)
        high = min((at for at in others if at > each.end()), default=len(text))
        run = [s for s in places if low <= s.start - base < each.start()] or [s for s in places if each.end() <= s.start - base < high]
        number_of = sum(2 if _is_pair(page.text, s) else 1 for s in run)
        if number_of > 1:
            found[each.start("n")] = Count(value * number_of, base + each.start(), base + each.end(), kind="total" if len(run) == len(places) else "site", places=tuple(run))


def _is_pair(text: str, site: SiteMention) -> bool:
    """Both of two: "both axillae", "the forearms"."""
    if site.key not in _PAIRED or site.side in {"left", "right"}:
        return False
    return bool(_BOTH.search(text[max(0, site.start - 12) : site.end])) or bool(_PLURAL_PLACE.search(text[site.word_start : site.end]))


_BOTH = re.compile(r"\b(?:both|bilateral|bilat|b/l|each|either)\b", re.IGNORECASE)
_PLURAL_PLACE = re.compile(r"(?:s|ae|feet)$", re.IGNORECASE)


def _attributed(page: Page, mark: Mark, counts: list[Count]) -> list[Count]:
    """The counts with their condition and places; without those left untreated and those that others are taken from."""
    if not counts:
        return counts
    owners = _owners(mark, counts)
    places = merged_sites(mark.sites, page.text)
    told: list[Count] = []
    for position, count in enumerate(counts):
        low = counts[position - 1].end if position else mark.clause.start
        high = counts[position + 1].start if position + 1 < len(counts) else mark.clause.end
        near = count.places or _places_of(page, places, count, low, high)
        told.append(replace(count, term=owners[position], places=near))
    kept = [c for c in told if not _untreated(mark, c)]
    return kept or told


def _owners(mark: Mark, counts: list[Count]) -> list[str | None]:
    """The condition each number counts: "3 AKs, 1 verruca" by what follows, "AKs 3, verrucae 1" by what went before."""
    named = [d for d in mark.diagnoses if d.group in _COUNTED_GROUPS and d.certainty != "negated"]
    if len({d.term for d in named}) < 2:
        return [None] * len(counts)
    begins: list[tuple[int, str]] = []
    text, base = mark.clause.text, mark.clause.start
    for seen in named:
        at = seen.start
        first = next((c for c in reversed(counts) if c.end <= seen.start), None)
        if first is not None and text[first.start - base] not in "x×X#(" and _NUMBER_FIRST.fullmatch(text[first.end - base : seen.start - base]):
            at = first.start
        begins.append((at, seen.term))
    return [next((term for at, term in reversed(begins) if at <= c.start), begins[0][1]) for c in counts]


_COUNTED_GROUPS = frozenset({"malignant", "in_situ", "premalignant", "seborrheic", "viral", "condyloma", "tag", "nevus", "cyst", "keloid", "vascular", "benign", "hyperkeratosis"})
_NUMBER_FIRST = re.compile(r"\s*(?:(?!(?:and|or|on|of|to|at|from|in|plus|over)\b)[\w'/-]+\s+){0,3}", re.IGNORECASE)


def _places_of(page: Page, places: list[SiteMention], count: Count, low: int, high: int) -> tuple[SiteMention, ...]:
    """The places a number stands by: those beside it, else those after it, else those before it, up to the next number."""
    before = [s for s in places if low <= s.start and s.end <= count.start]
    if before and re.fullmatch(r"[^.,;\d]{0,40}", page.text[before[-1].end : count.start]):
        return (before[-1],)
    return tuple(s for s in places if count.end <= s.start < high) or tuple(before)


_LEFT_OUT = re.compile(r"\b(?:left (?:alone|untreated|be|for)|observ\w+|watch\w*|declin\w+|deferr?\w*|not (?:treated|frozen|touched|done)|untreated|spared|stay(?:ed)?|wait\w*|next (?:visit|time)|skipp\w+|reassur\w+|(?:asked|elected|chose) to (?:keep|leave)|refus\w+)\b", re.IGNORECASE)
_OUT_OF = re.compile(r"\b(?<!total )(?<!number )(?<!all )(?<!each )(?:out )?of (?:the |these |those |his |her |about |some )?$", re.IGNORECASE)
_STOP = re.compile(r"[,;.]")


def _untreated(mark: Mark, count: Count) -> bool:
    """ "Two left alone"; "of twelve marked": not the number that was treated."""
    text, base = mark.clause.text, mark.clause.start
    if count.kind == "total":
        return False
    if _OUT_OF.search(text[: count.start - base]) or _FOUND.match(text, count.end - base):
        return True
    stop = _STOP.search(text, count.end - base)
    return bool(_LEFT_OUT.search(text[count.end - base : stop.start() if stop else len(text)]))


_FOUND = re.compile(r"\s*(?:[\w'-]+\s+){0,2}(?:mapped|found|marked|seen|noted|counted|present|identified)\b", re.IGNORECASE)


_DONE_FIRST = re.compile(r"[^.;,]{0,36}?\b(?:froze\w*|treated|snipped|injected|removed|destroyed|sprayed|shaved|curett\w+|ln2|cryo\w*)\b", re.IGNORECASE)
_ASIDE = re.compile(r"\d\s*\((?:\w+\s+)?$")
""" "R hand 5 (two beside nails)": some of those just counted."""
_COUNT_TITLE = re.compile(r"#|\bcounts?\b|\bnumber\b|\bno\.?\b|\blesions\b|\bn\b|\bqty\b|\baks?\b|\bwarts\b|\btags\b", re.IGNORECASE)
_TREATED_TITLE = re.compile(r"\b(?:treated|frozen|froze|ln2|cryo\w*|destroyed|injected|removed|snipped|curetted|done|shaved|sprayed|pared|burned|today)\b", re.IGNORECASE)
_UNTREATED_TITLE = re.compile(r"\b(?:seen|felt|found|present|observed|examined|left|let be|untreated|not (?:treated|frozen|done)|deferred|defer|later|remaining|watch\w*|until|next|skipped|prior|last|before)\b", re.IGNORECASE)


def place_column(mark: Mark) -> bool:
    """The row begins with a place, by the title of its column, known or not ("BEARD" under "AREA")."""
    if not mark.clause.header or not mark.clause.cells or re.match(r"\W*(?:column |grand |sub)?(?:totals?|sums?|all)\b", mark.clause.cells[0], re.IGNORECASE):
        return False
    return re.fullmatch(r"\W*(?:area|site|where|location|region|place)s?\W*", mark.clause.header[0], re.IGNORECASE) is not None


def _column_counts(page: Page, mark: Mark) -> dict[int, Count]:
    """A bare number in a row with a site: in the column of the lesions treated, else in the one titled as a count."""
    at = mark.clause.start
    found: dict[str, tuple[int, Count]] = {}
    for position, cell in enumerate(mark.clause.cells):
        where = page.text.find(cell, at, mark.clause.end) if cell else -1
        if where < 0:
            continue
        at = where + len(cell)
        title = mark.clause.header[position] if position < len(mark.clause.header) else ""
        if not re.fullmatch(r"\d{1,3}", cell) or not title or position == 0 and re.fullmatch(r"\W*(?:#|no\.?|nr\.?|n)\W*", title):
            continue  # a first column of numbers names the rows
        kind = "treated" if _TREATED_TITLE.search(title) else "" if _UNTREATED_TITLE.search(title) else "count" if _COUNT_TITLE.search(title) else ""
        if kind:
            found.setdefault(kind, (where - mark.clause.start, Count(int(cell), where, at, kind="site")))
    best = found.get("treated") or found.get("count")
    return {best[0]: best[1]} if best and best[1].value else {}


_GAP_BEFORE = re.compile(r"^[\s,(]*(?:(?:on|over|of|to|at|from|in|along|each|per|either|every|a|the|his|her|both|treated|lesions?|ak'?s?|aks|isks?|sks?|warts?|papules?|spots?|tags?|small|thin|thick|hypertrophic|inflamed|irritated|gritty|common|flat|plantar|actinic|seborrheic|keratos[ei]s|total|more|frozen|-)[\s,]*){0,5}$", re.IGNORECASE)
_GAP_AFTER = re.compile(r"^(?:/[a-z]+)?[\s:=\-–(.|]*(?:(?:side|area|line|fold|crease|region|forefoot|heel|arch|ball|edge|border|aspect|surface|lesions?|was|were|had|with|has|showed|got)[\s:=\-–(]*){0,2}[x×#]?\s*$", re.IGNORECASE)


def _beside(mark: Mark, start: int, end: int, *, marked: bool) -> str | None:
    """What the number stands beside: a site, the name of a lesion, or (only when marked x, #, ( )) nothing."""
    text = mark.clause.text
    base = mark.clause.start
    for site in mark.sites:
        if re.fullmatch(r",\s*", text[site.end - base : max(site.end, start) - base]) and not re.search(r"\w", text[end - base :]):
            return "site"
        if 0 <= start - site.end <= 40 and re.fullmatch(r"[^.;:\d]{0,30}(?:\d{1,2} and \d{1,2} o'clock)?:\s*", text[site.end - base : start - base]):
            return "site"
        if 0 <= start - site.end <= 18 and _GAP_AFTER.match(text[site.end - base : start - base]):
            return "site"
        if 0 <= site.start - end <= 44 and _GAP_BEFORE.match(text[end - base : site.start - base]) and not marked:
            if _LISTS_THEM.match(text, end - base) and any(re.fullmatch(r"[\s:=-]*", text[d.end - base : start - base]) for d in mark.diagnoses if d.end <= start):
                return "noun"
            return "site"
    for seen in mark.diagnoses:
        if 0 <= seen.start - end <= 26 and re.match(r"[\s]*(?:\w+[\s-]+){0,3}$", text[end - base : seen.start - base]):
            return "noun"
        if 0 <= start - seen.end <= 26 and (marked or re.match(r"[\s:,(=-]*$", text[seen.end - base : start - base])):
            return "noun"
    if re.match(r"\s*(?:\w+\s+){0,2}(?:lesions?|papules?|spots?|growths?|tags|keloids?|patches|plaques|warts?|nodules?|cysts?|nails?|toenails?|comedon\w+|corns?|callus\w*|keratos[ei]s|bumps|macules|sites)\b", text[end - base :], re.IGNORECASE):
        return "noun"
    if not marked and (_ACTED_BEFORE.search(text[: start - base]) or _ACTED_AFTER.match(text, end - base)):
        return "done"
    if not marked and mark.sites and mark.sites[0].end <= start and _OTHER_SIDE.match(text, end - base):
        return "site"
    return "count" if marked else None


_LISTS_THEM = re.compile(r"\s*\([^()]*\d[^()]*,[^()]*\d[^()]*\)")
""" "AK 5 (ear 1, forehead 2, scalp 2)": the sum stands before its parts."""
_ACT_WORDS = r"(?:froze\w*|freeze|frozen|sprayed?|treat(?:ed)?|destroyed?|zapped|snipped?|clipped|removed?|injected?|cauteri[sz]ed?|curetted|burned|hit|lasered|shaved)"
_ACTED_BEFORE = re.compile(rf"\b{_ACT_WORDS}\s+(?:only |just |another |the (?:other |last )?|all )?$", re.IGNORECASE)
_ACTED_AFTER = re.compile(rf"\s+(?:more |of (?:them|these) |were |was |only |got ){{0,2}}{_ACT_WORDS}\b", re.IGNORECASE)
_OTHER_SIDE = re.compile(r"\s+(?:more )?(?:on|over|of|at|to) the (?:right|left|other)\b", re.IGNORECASE)
""" "Six on the left forearm, another four on the right"."""


def total_of(page: Page, marks: Sequence[Mark], term: str | None = None) -> tuple[Count | None, Count | None]:
    """The number of lesions (of a condition) in these clauses, and a second number that contradicts it.

    Parts beside sites are added; a stated total is compared with their sum (DS-02: the parts are what was listed).
    """
    totals: list[Count] = []
    best_parts: list[Count] = []
    nouns: list[Count] = []
    loose: list[Count] = []
    listed: list[Count] = []
    done: list[Count] = []
    told: list[tuple[Mark, list[Count]]] = []
    for mark in marks:
        counts = [c for c in counts_in(page, mark) if c.term is None or term is None or c.term == term]
        told.append((mark, counts))
        parts = _parts_in(page, counts)
        line = bool(parts) and not mark.acts and len(mark.clause.text) < 60 and parts[-1].end >= mark.clause.end - 2
        if parts and (mark.clause.cells or line or _LEADER.search(mark.clause.text)):
            listed.extend(parts)
        if len(parts) > len(best_parts) or (len(parts) == len(best_parts) and sum(c.value for c in parts) > sum(c.value for c in best_parts)):
            best_parts = parts
        totals += [c for c in counts if c.kind == "total"]
        nouns += [c for c in counts if c.kind == "noun" and c not in parts]
        done += [c for c in counts if c.kind == "done"]
        loose += [c for c in counts if c.kind == "count"]
    stopped = next((c for _, counts in told for c in counts if c.kind == "stopped"), None)
    if stopped is not None:
        return stopped, None
    if len(listed) > len(best_parts):
        best_parts = listed
    if not totals and done and not best_parts:
        return (_added(done) if len(done) > 1 and _AGAIN.search(" ".join(m.clause.text for m in marks)) else done[0]), None
    ledger = _ledger(page, told)
    if not totals and len(ledger) > 1 and sum(c.value for c in ledger) > sum(c.value for c in best_parts):
        best_parts = ledger
        nouns = [c for c in nouns if c not in ledger]
    stated = next(iter(totals or nouns or loose), None)
    if best_parts:
        summed = _added(best_parts)
        if stated is not None and len(best_parts) == 1 and stated.kind == "total" and stated.start > summed.end and _TREATED_NUMBER.match(page.text, stated.start):
            return stated, None
        if stated is None or len(best_parts) == 1 and stated.kind != "total" and stated.value >= summed.value:
            return (stated or summed), None
        if stated.value > summed.value and any(_REMAINDER.search(m.clause.text) for m in marks):
            return stated, None
        if stated.value != summed.value:
            if len(best_parts) == 1:
                return (stated, None) if stated.value > summed.value else (summed, None)
            return (summed, stated) if summed.value < stated.value else (stated, summed)
        return stated, None
    return stated, None


_TREATED_NUMBER = re.compile(r"(?:treated|frozen|froze)\W+\w+", re.IGNORECASE)
""" "Scalp: 5. Treated 3 today"."""
_REMAINDER = re.compile(r"\b(?:rest|remainder|remaining|others?)\b(?![^.;,]{0,40}\b(?:left|observ|watch|declin|defer|wait|next))", re.IGNORECASE)
""" "Scalp 9, left forearm 2, the remainder over both hands"."""
_AGAIN = re.compile(r"\b(?:more|another|additional|also|then|last)\b", re.IGNORECASE)


def _added(parts: Sequence[Count]) -> Count:
    return Count(sum(c.value for c in parts), parts[0].start, parts[-1].end, any(c.at_least for c in parts), "site")


def _parts_in(page: Page, counts: list[Count]) -> list[Count]:
    """The parts of one clause: the numbers beside sites, and one beside the lesion's name that is no sum of the others."""
    parts = [c for c in counts if c.kind == "site"]
    named = [c for c in counts if c.kind == "noun" and c.places]
    if not named:
        return parts
    both = [c for c in counts if c in parts or c in named]
    own = {s.start for c in both for s in c.places}
    if len(both) < 2 or len(own) < len(both):
        return parts
    whole, rest = both[0], both[1:]
    between = page.text[whole.end : rest[0].start]
    if whole.kind == "noun" and (whole.value == sum(c.value for c in rest) or re.search(r"[:(–=]|\s-\s|--", between) or parts and not _AGAIN.search(between)):
        return parts
    return both


def _ledger(page: Page, told: Sequence[tuple[Mark, list[Count]]]) -> list[Count]:
    """Numbers of neighboring clauses, each at a place of its own: "Froze two on the nose. Froze four more on the ear"."""
    best: list[Count] = []
    sections = dict.fromkeys(mark.clause.section.index for mark, _ in told)
    for section in sections:
        entries: list[Count] = []
        for mark, counts in told:
            own = [c for c in counts if c.kind in {"site", "noun", "done"} and c.places]
            if mark.clause.section.index != section or not own:
                continue
            if len({c.kind for c in own}) > 1:
                own = _parts_in(page, own)
            if any(same_place(page.text, s, t) or "face" in {s.key, t.key} or "trunk" in {s.key, t.key} or "extremity" in {s.key, t.key} for c in own for s in c.places for e in entries for t in e.places):
                continue
            entries += own
        if sum(c.value for c in entries) > sum(c.value for c in best):
            best = entries
    return best
