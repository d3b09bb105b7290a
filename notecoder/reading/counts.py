"""How many lesions: "x 7", "#12", "(3)", "seven", per-site lists that add up, "total treated: 6".

Cycles, passes, seconds, visits, weeks and doses are no lesions: "LN2 10 s x 2", "ED&C x3", "FT x2" count nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from notecoder.reading.measures import SPELLED, number
from notecoder.reading.page import Mark, Page
from notecoder.reading.places import merged_sites

_DOZENS = {"a dozen": 12, "one dozen": 12, "dozen": 12, "half a dozen": 6, "half dozen": 6, "a half dozen": 6, "two dozen": 24, "a couple": 2, "a couple of": 2, "a pair of": 2, "a score": 20}
_N = rf"(?P<n>\d{{1,3}}|half a dozen|a half dozen|half dozen|two dozen|(?:a |one )?dozen|a couple(?: of)?|a pair of|{SPELLED})"
_NOT_COUNT_AFTER = re.compile(
    r"\s*-?\s*(?:%|mm\b|cm\b|mg|mcg|ml\b|cc\b|s\b|sec\w*|seconds?|min\w*|hours?|hrs?|h\b|days?|d\b|weeks?|wks?|wk\b|months?|mos?\b|mo\b|years?|yrs?|yr\b|y/?o|yo\b|"
    r"cycles?|freeze|thaw|f/?t|ft\b|passes|pass\b|times|x\s*\d|layers?|stages?|blocks?|sutures?|units?|u\b|gauge|g\b|/(?!\s+[A-Za-z]{3})|-0|\.\d|:\d|-\s*\d+\s*(?:mm|cm|sec|min|d\b|days?|wk|weeks?)|inch|in\b|pm\b|am\b|mL|punctures?|"
    r"sessions?|visits?|rounds?|treatments?|tx\b|oz|lb|kg|degrees?|°|percent|refills?|rf\b|tubes?|syringes?|jars?|bottles?|containers?|specimens?|o'?clock|st\b|nd\b|rd\b|th\b|sq|points?|J/|joules?|minutes?|fl\b|blade)",
    re.IGNORECASE,
)
_NOT_COUNT_BEFORE = re.compile(r"(?:#?\d\s*[x×]\s*|spf\s*|mm\s*[x×]\s*|cm\s*[x×]\s*|cycles?\s*[x×(]?\s*|thaws?\s*[x×(]?\s*|\bft\s*[x×]?\s*|passes?\s*[x×]?\s*|(?:sec(?:onds?)?|s)\s*(?:each\s*)?[x×]\s*|ed&?c\s*[x×]\s*|c&d\s*[x×]\s*|blade\s*#?|grade\s*|age\s*|jar\s*#?|page\s*|room\s*|stage\s*|lot\s*\S*|/|\.|\d,|-|:|q\s?|\bevery\s|\bat\s|\bfor\s|\bafter\s|\bin\s|\bwithin\s|\bover\s|\bto\s|rtc\s|f/u\s|fu\s|scale\s*|ppx\s*|visit\s*#?|session\s*#?|(?:ilk?|tx|treatment|pdt|uvb|round|cycle|set|dose|week|month)\s*#|itch\s*|pain\s*|needle\s*#?|consent\s*[x×]\s*)$", re.IGNORECASE)
_TOTAL = re.compile(
    rf"\b(?:total(?: number)?(?: of)?(?: \w+){{0,4}}?|number(?: of)?(?: \w+){{0,4}}?|(?:lesions?|sites?|ak'?s?|warts?|sks?|isks?|keratos[ei]s|tags?|spots?) (?:treated|frozen|destroyed|removed|injected|count)|count|treated|no\. of lesions|#\s*(?:of\s*)?(?:lesions|treated)|n\s*=)\s*(?:\w+ )?(?:[:=]|\.{{2,}}|was|were|of|is|today|\()?\s*{_N}\b(?!\s*(?:mm|cm|sec|%|ml))"
    rf"|(?<![\w/.]){_N.replace('?P<n>', '?P<q>')}\s+(?:in number|of (?:them|these) (?:treated|frozen|removed))"
    rf"|\btotal\s*\.{{2,}}\s*(?P<d>\d{{1,3}})|\b(?:all|every one of the|each of the|that makes|makes|so)\s+(?P<l>\d{{1,2}}|{SPELLED})\b(?!\s*(?:sites|margins|edges|sides|quadrants|directions))"
    rf"|(?<![\w/.]){_N.replace('?P<n>', '?P<m>')}\s*(?:lesions?|sites?|in (?:all|total)|total|altogether)\b",
    re.IGNORECASE,
)
_BARE = re.compile(rf"(?<![\w.,/:])(?:[x×]\s*|\#\s*|\(\s*)?{_N}(?![\w])", re.IGNORECASE)
_MARKED = re.compile(rf"(?:(?<![\w])[x×]\s*|\#\s*|\(\s*[x×#]?\s*){_N}(?![\w])", re.IGNORECASE)
_REST = re.compile(rf"\b(?:remaining|other|rest,?)\s+{_N}\b(?=[^.;]{{0,40}}\b(?:froze\w*|frosted|treated|sprayed|destroyed|ln2\w*|cryo\w*|curett?ed|snipped|injected|cauteri[sz]ed|burned|zapped|ed&?c\w*|got|had)\b)", re.IGNORECASE)
""" "The remaining five were frozen": of those counted before."""
_ONE_EACH = re.compile(rf"(?<![\w.]){_N}\s+(?:each|apiece|per (?:site|side|hand|foot|arm|leg|ear|cheek))\b(?!\s*(?:time|session|visit|day|week))", re.IGNORECASE)
""" "R hand and L hand, 1 each"."""
_PRONOUN = re.compile(r"\b(?:the|this|that|which|other|another|new|larger|smaller|last|next)\s+(?:\w+\s+)?$", re.IGNORECASE)
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
    """"total", "site" (beside a site), "noun" (beside the lesion's name) or "count"."""


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
    return bool(_TREATED_TO.search(before) and _LESIONS_NEXT.match(clause, end))


_SESSION = re.compile(r"(?:\bilk?|\btx|treatment|pdt|uvb|xtrac|excimer|session|visit|round|injections?|series|week|wk)\s*$", re.IGNORECASE)
""" "ILK #4" is the fourth session."""
_TREATED_TO = re.compile(r"(?<!\d)(?<!\d )\b(?:to|for)\s$", re.IGNORECASE)
_LESIONS_NEXT = re.compile(r"\s+(?:\w+\s+){0,2}(?:lesions?|papules?|spots?|tags?|warts?|keratos[ei]s|ak'?s?|sk'?s?|isk'?s?|mollusc\w+|verruca\w*|plaques?|nodules?|cysts?|keloids?)\b", re.IGNORECASE)
""" "LN2 to 2 actinic keratoses": lesions treated, not the end of a range."""
_PAIRED = frozenset({"hand", "forearm", "upper_arm", "arm", "leg", "lower_leg", "thigh", "knee", "foot", "cheek", "ear", "helix", "temple", "shoulder", "elbow", "wrist", "ankle", "axilla", "breast", "eyelid", "palm", "sole", "buttock", "eyebrow", "preauricular", "jawline", "groin", "flank"})


_EACH_ONE = re.compile(r"[\s,]*(?:\w+\s+){0,2}each\s+(?:\w+\s+){0,2}$", re.IGNORECASE)


def _on_both(mark: Mark, start: int, end: int) -> bool:
    """ "One on each hand": the number counts twice."""
    for site in mark.sites:
        between = mark.clause.text[end - mark.clause.start : site.word_start - mark.clause.start]
        if 0 <= site.start - end <= 30 and site.side is None and site.key in _PAIRED and _EACH_ONE.match(between):
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
        if value and value < 400 and (name == "q" or not _NOT_COUNT_AFTER.match(text, match.end(name))):
            found[match.start(name)] = Count(value, base + match.start(), base + match.end(), kind="total", at_least=bool(_LEAST.match(text[match.end(name):])))
    for match in _REST.finditer(text):
        value = _value(match["n"])
        if value and 1 < value < 200:
            found[match.start("n")] = Count(value, base + match.start(), base + match.end(), kind="total")
    places = merged_sites(mark.sites, page.text)
    if len(places) > 1 and (each := _ONE_EACH.search(text)) and (value := _value(each["n"])):
        found[each.start("n")] = Count(value * len(places), base + each.start(), base + each.end(), kind="total")
    for match in _BARE.finditer(text):
        at = match.start("n")
        if base + at < label_end or at in found or not _is_count(text, match.start(), at, match.end()):
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
    return [found[at] for at in sorted(found)]


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
        if not re.fullmatch(r"\d{1,3}", cell) or not title:
            continue
        kind = "treated" if _TREATED_TITLE.search(title) else "" if _UNTREATED_TITLE.search(title) else "count" if _COUNT_TITLE.search(title) else ""
        if kind:
            found.setdefault(kind, (where - mark.clause.start, Count(int(cell), where, at, kind="site")))
    best = found.get("treated") or found.get("count")
    return {best[0]: best[1]} if best and best[1].value else {}


_GAP_BEFORE = re.compile(r"^[\s,]*(?:(?:on|over|of|to|at|from|in|along|each|the|his|her|both|treated|lesions?|ak'?s?|aks|isks?|sks?|warts?|papules?|spots?|tags?|small|thin|thick|hypertrophic|inflamed|irritated|gritty|common|flat|plantar|actinic|seborrheic|keratos[ei]s|total|more|frozen|-)[\s,]*){0,5}$", re.IGNORECASE)
_GAP_AFTER = re.compile(r"^[\s:=\-–(.|]*(?:(?:side|area|line|fold|crease|region|forefoot|heel|arch|ball|edge|border|aspect|surface|lesions?|was|were|had|with|has|showed|got)[\s:=\-–(]*){0,2}[x×#]?\s*$", re.IGNORECASE)


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
            return "site"
    for seen in mark.diagnoses:
        if 0 <= seen.start - end <= 26 and re.match(r"[\s]*(?:\w+[\s-]+){0,3}$", text[end - base : seen.start - base]):
            return "noun"
        if 0 <= start - seen.end <= 26 and (marked or re.match(r"[\s:,(=-]*$", text[seen.end - base : start - base])):
            return "noun"
    if re.match(r"\s*(?:\w+\s+){0,2}(?:lesions?|papules?|spots?|growths?|tags|keloids?|patches|plaques|warts?|nodules?|cysts?|nails?|toenails?|comedon\w+|corns?|callus\w*|keratos[ei]s|bumps|macules|sites)\b", text[end - base :], re.IGNORECASE):
        return "noun"
    return "count" if marked else None


def total_of(page: Page, marks: Sequence[Mark]) -> tuple[Count | None, Count | None]:
    """The number of lesions in these clauses, and a second number that contradicts it.

    Parts beside sites are added; a stated total is compared with their sum (DS-02: the parts are what was listed).
    """
    totals: list[Count] = []
    best_parts: list[Count] = []
    nouns: list[Count] = []
    loose: list[Count] = []
    listed: list[Count] = []
    for mark in marks:
        counts = counts_in(page, mark)
        parts = [c for c in counts if c.kind == "site"]
        line = bool(parts) and not mark.acts and len(mark.clause.text) < 60 and parts[-1].end >= mark.clause.end - 2
        if parts and (mark.clause.cells or line or _LEADER.search(mark.clause.text)):
            listed.extend(parts)
        if len(parts) > len(best_parts) or (len(parts) == len(best_parts) and sum(c.value for c in parts) > sum(c.value for c in best_parts)):
            best_parts = parts
        totals += [c for c in counts if c.kind == "total"]
        nouns += [c for c in counts if c.kind == "noun"]
        loose += [c for c in counts if c.kind == "count"]
    if len(listed) > len(best_parts):
        best_parts = listed
    stated = next(iter(totals or nouns or loose), None)
    if best_parts:
        least = any(c.at_least for c in best_parts)
        summed = Count(sum(c.value for c in best_parts), best_parts[0].start, best_parts[-1].end, least, "site")
        if stated is None or len(best_parts) == 1 and stated.kind != "total" and stated.value >= summed.value:
            return (stated or summed), None
        if stated.value != summed.value:
            if len(best_parts) == 1:
                return (stated, None) if stated.value > summed.value else (summed, None)
            return (summed, stated) if summed.value < stated.value else (stated, summed)
        return stated, None
    return stated, None
