"""Dates and intervals as notes write them. The century and the missing year come from the date of service."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

_MONTHS = {name: number for number, names in enumerate(
    ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
     "sep sept september", "oct october", "nov november", "dec december"), 1) for name in names.split()}  # fmt: skip
_NAMED = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATE = re.compile(
    r"\b(?:(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)"
    r"|(?P<m2>\d{1,2})/(?P<d2>\d{1,2})/(?P<y2>\d{4}|\d\d)(?![\d/])"
    rf"|(?P<m3>{_NAMED})\.? (?P<d3>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y3>(?:19|20)\d\d)"
    rf"|(?P<d4>\d{{1,2}}) (?P<m4>{_NAMED})\.?,? (?P<y4>(?:19|20)\d\d)"
    rf"|(?P<m5>{_NAMED})\.? (?P<y5>(?:19|20)\d\d)"
    rf"|(?P<d10>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<m10>{_NAMED})\b"
    rf"|(?P<m6>{_NAMED})\.? (?P<d6>\d{{1,2}})(?:st|nd|rd|th)?\b(?! ?(?:cm|mm|%|mg))"
    r"|(?P<m7>\d{1,2})/(?P<y7>(?:19|20)\d\d)"
    r"|(?P<y8>(?:19[5-9]|20[0-4])\d)(?!\d|[.,/-]\d)"
    r"|(?P<m9>1[0-2]|0?[1-9])/(?P<d9>3[01]|[12]\d|0?[1-9])(?![\d/]))",
    re.IGNORECASE,
)


_DIGIT = re.compile(r"\d")


def dates_in(text: str, on: date) -> Iterator[tuple[date, int, int]]:
    """(date, start, end) for each date in ``text``. A bare year is its last day, a bare month its first; a date without
    a year is the latest such day not after ``on`` plus 60 days. ``9/10`` beside "itch" or "pain" is a score, not a date."""
    if _DIGIT.search(text) is None:
        return
    for match in _DATE.finditer(text):
        groups = match.groupdict()
        found = {key[0]: value for key, value in groups.items() if value}
        try:
            day = _resolve(found, on)
        except ValueError:
            continue
        if groups["m9"] and not _is_date(text, match):
            continue
        yield day, match.start(), match.end()


def _is_date(text: str, match: re.Match[str]) -> bool:
    before, after = text[max(0, match.start() - 14) : match.start()].lower(), text[match.end() : match.end() + 12].lower()
    if re.fullmatch(r"1/[2348]|3/[48]|2/3", match.group()) and (re.search(r"\d[- ]$", before) or re.match(r"[- ]?(?:\d|inch|in\b|mm|cm|of\b|strength|thick|way|the\b|plate|nail)", after)):
        return False
    return not (re.search(r"(?:itch|pain|nrs|score|scale|severity|stage|grade|visit|lesion|card|(?:pain|itch|score|nrs|severity)\w* of|\d of)\W*$", before)
                or re.match(r"\s*(?:mg|cm|mm|ml|%|pain|itch|strength)", after) or match.group().endswith("/10")
                and match.group()[-3:] == "/10" and re.search(r"(?:itch|pain|throb|burn|sever)", before + after))  # fmt: skip


def _resolve(found: dict[str, str], on: date) -> date:
    if "m" not in found:
        return date(int(found["y"]), 12, 31)
    month = int(found["m"]) if found["m"].isdigit() else _MONTHS[found["m"].lower()]
    day = int(found.get("d", "1"))
    if "y" in found:
        year = int(found["y"])
        return date(year + 2000 if year < 100 else year, month, day)
    guess = date(on.year, month, day)
    return date(on.year - 1, month, day) if (guess - on).days > 60 else guess
