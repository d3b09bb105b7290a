"""Who was seen, how and for how long: new or established, at a distance or in the room, total minutes.

A coder takes these from plain statements: "new to the practice", "seen three years ago", "live video", "42 minutes in
total on the day of the visit". Times of staff, of the procedure or of transcription are not the clinician's total.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from notecoder.evidence import Evidence, Stated
from notecoder.reading.dates import dates_in
from notecoder.reading.page import Mark, Page
from notecoder.reading.visit_words import cue, cues

Modality = Literal["audio_video", "audio_only", "portal", "image", "econsult_verbal", "econsult_written", "in_person"]
_MINUTES = re.compile(
    r"(?P<low>\d{1,3})(?:\s*(?:-|to|–)\s*(?P<high>\d{1,3}))?\s*(?:total\s+)?(?:-\s*)?(?:min(?:ute)?s?\b\.?|min\b)",
    re.IGNORECASE,
)


_KEYED_MINUTES = re.compile(
    r"\btotal (?:minutes|min|time)(?: today)?\s*[:=]\s*(?P<minutes>\d{1,3})(?!\s*(?:cm|mm|j|sq|:|\d))"
)
_CLOCK = re.compile(
    r"\bstart(?:ed)?\s*[:=]?\s*(?P<h1>\d{1,2}):(?P<m1>\d\d)\b[^\n]{0,40}?\b(?:end(?:ed)?|stop(?:ped)?)\s*[:=]?\s*(?P<h2>\d{1,2}):(?P<m2>\d\d)"
)


_TOTAL_BESIDE = re.compile(r"\b(?:total|cumulative|sum|in all|altogether)\W+(?:\w+\W+){0,2}$")
""" "TOTAL 13 min" among the minutes of single days."""


_SUM_LINE = re.compile(r"\W*total\b[ .:=_-]*\d{1,3} ?min", re.IGNORECASE)
"""The last line of a list of minutes."""


def call_minutes(page: Page) -> Stated[Decimal] | None:
    """Minutes of a call or a written answer: by its start and its end, else the only minutes that the note names."""
    for mark in page.marks:
        match = None if mark.clause.ignored else _CLOCK.search(mark.clause.lower)
        if match:
            spent = (int(match["h2"]) - int(match["h1"])) * 60 + int(match["m2"]) - int(match["m1"])
            if 0 < spent < 180:
                return Stated(value=Decimal(spent), evidence=(page.quote_clause(mark),))
    named = [
        (mark, match)
        for mark in page.marks
        if not mark.clause.ignored and mark.kind not in ("past", "boilerplate", "procedure", "plan", "followup")
        for match in _MINUTES.finditer(mark.clause.text)
        if not cue("other_time", mark.clause.lower)
    ]
    if len(named) == 1 and _WORKED.search(named[0][0].clause.lower):
        mark, match = named[0]
        return Stated(value=Decimal(match["low"]), evidence=(page.quote_clause(mark),))
    return None


_WORKED = re.compile(r"\b(?:review\w*|read\w*|writ\w+|report\w*|answer\w*|discuss\w*|call|phone|telephone|talk\w*|spoke|conversation|consult\w*|messag\w+|spent)\b")


def total_minutes(page: Page) -> Iterator[Stated[Decimal]]:
    """Each total the clinician states (EM-T-01); of a range the lower number (EM-T-02)."""
    summed = [m for m in page.marks if not m.clause.ignored and _SUM_LINE.match(m.clause.text)]
    for mark in summed if len(summed) == 1 else page.marks:
        if mark.clause.ignored or mark.kind in ("past", "boilerplate", "procedure"):
            continue
        keyed = _KEYED_MINUTES.search(mark.clause.lower) or None
        if keyed:
            yield Stated(value=Decimal(keyed["minutes"]), evidence=(page.quote_clause(mark),))
            continue
        told = [
            match
            for match in _MINUTES.finditer(mark.clause.text)
            if cue("total_time", (around := mark.clause.lower[max(0, match.start() - 60) : match.end() + 60]))
            and not cue("other_time", around)
        ]
        totals = [m for m in told if _TOTAL_BESIDE.search(mark.clause.lower[max(0, m.start() - 22) : m.start()])]
        for match in totals or told:
            yield Stated(value=Decimal(match["low"]), evidence=(page.quote_clause(mark),))


def excludes_procedure(page: Page) -> Stated[bool] | None:
    """The stated time leaves the procedures out."""
    for mark in page.marks:
        if (
            not mark.clause.ignored
            and cue("time_excludes", mark.clause.text.lower())
            and re.search(r"min|time", _beside(page, mark))
        ):
            return Stated(value=True, evidence=(page.quote_clause(mark),))
    return None


def _beside(page: Page, mark: Mark) -> str:
    before = page.marks[mark.clause.index - 1].clause.lower if mark.clause.index else ""
    return before + " " + mark.clause.lower


def patient_status(page: Page, on: date) -> Stated[Literal["new", "established"]] | None:
    """New or established by the note's words; a group visit within three years makes it established (EM-STAT)."""
    last = _last_seen(page, on)
    if last is not None:
        return last
    found: dict[str, tuple[int, Evidence]] = {}
    for mark in page.marks:
        if mark.clause.ignored or mark.kind in ("past", "family", "social", "medication", "allergy", "procedure"):
            continue
        for name in ("new_patient", "established_patient"):
            match = cue(name, mark.clause.lower)
            if (
                match
                and name not in found
                and not (name == "established_patient" and mark.kind in ("plan", "followup", "assessment_plan"))
            ):
                if (
                    name == "established_patient"
                    and re.match(r"follow|f/u|re-?check", match.group())
                    and not _opens(mark)
                ):
                    continue
                found[name] = (mark.clause.index, page.quote_clause(mark))
    if "new_patient" in found and (
        "established_patient" not in found or found["new_patient"][0] <= found["established_patient"][0]
    ):
        return Stated(value="new", evidence=(found["new_patient"][1],))
    if "established_patient" in found:
        return Stated(value="established", evidence=(found["established_patient"][1],))
    return None


def _opens(mark: Mark) -> bool:
    return mark.clause.index <= 6 or mark.kind in ("reason", "history")


_SEEN = re.compile(r"\b(?:(?<!first )seen|last (?:seen|visit|here)|lov)\b", re.IGNORECASE)
""" "First seen" is how long a lesion has been noticed."""
_ONGOING = re.compile(r"\b(?:(?:followed|seen|treated|under (?:my|our) care|patient|pt|mine|ours)\s+(?:\w+\s+){0,2}since|established(?! (?:diagnosis|in|by)))\b", re.IGNORECASE)


def _last_seen(page: Page, on: date) -> Stated[Literal["new", "established"]] | None:
    """A dated earlier visit to this group: exactly three years or longer ago is new again."""
    for words, quote in _sayings(page):
        if not _SEEN.search(words) or re.search(r"\bby (?:pcp|his|her|outside|another)", words.lower()):
            continue
        days = [day for day, _, _ in dates_in(words, on) if day < on] or list(_month_seen(words, on))
        if days:
            three = on.replace(year=on.year - 3) if (on.month, on.day) != (2, 29) else date(on.year - 3, 3, 1)
            ongoing = _ONGOING.search(words) is not None
            value: Literal["new", "established"] = "new" if max(days) <= three and not ongoing else "established"
            if value == "established" or re.search(r"\b(?:here|our|office|nobody since|none since|us)\b", words.lower()):
                return Stated(value=value, evidence=(quote,))
    return None


def _sayings(page: Page) -> Iterator[tuple[str, Evidence]]:
    """Lines taken for headings ("Last seen 3/2026"), then the clauses of today."""
    for section in page.layout.sections:
        if section.end > section.start and _SEEN.search(section.title):
            yield section.title, page.quote(section.start, section.start + len(section.title))
    for mark in page.marks:
        if not mark.clause.ignored and mark.kind not in ("past", "plan", "followup"):
            yield mark.clause.text, page.quote_clause(mark)


_MONTH_SEEN = re.compile(
    r"\b(?:seen|visit|here|lov)\b[^.;\d]{0,24}\b(?:(?P<month>1[0-2]|0?[1-9])/)?(?P<year>(?:19|20)\d\d)\b(?!/)", re.IGNORECASE
)


def _month_seen(text: str, on: date) -> Iterator[date]:
    """ "Last seen 3/2026", "last here in 2019": the last day it can have been."""
    for match in _MONTH_SEEN.finditer(text):
        month = int(match["month"] or 12)
        day = date(int(match["year"]), month, 28)
        if day.year < on.year or (day.year == on.year and match["month"] and month < on.month):
            yield day


_NOT_HELD = re.compile(
    r"\b(?:no|not|declin\w*|refus\w*|without|offered|will|cannot|next|follow-?up:?|again|future|unable to|could not|"
    r"lacks?|instead of|rather than|(?:follow-?up|f/u|recheck|return|revisit|rtc)[^.;]{0,24} by)\s+(?:\w+\s+){0,3}$",
    re.IGNORECASE,
)


def modality(page: Page) -> Stated[Modality] | None:
    """How patient and clinician met, from the note's first statements about it; asked once, kept."""
    if "modality" not in page.memo:
        page.memo["modality"] = _modality(page)
    return page.memo["modality"]  # type: ignore[no-any-return]


def _modality(page: Page) -> Stated[Modality] | None:
    for mark in _opening(page):
        lower = mark.clause.lower
        if cue("econsult", lower):
            written = any(
                re.search(r"no (?:tele)?phone|no verbal|written (?:report )?only", m.clause.lower) for m in page.marks
            )
            kind: Modality = "econsult_written" if written else "econsult_verbal"
            return Stated(value=kind, evidence=(page.quote_clause(mark),))
        for name, value in (
            ("audio", "audio_only"),
            ("video", "audio_video"),
            ("portal", "portal"),
            ("image", "image"),
        ):
            for match in cues(name, lower):
                if not _NOT_HELD.search(lower[: match.start()]) and not re.match(
                    r"[^.;]{0,16}\b(?:declined|not possible|refused|failed|dropped|froze|not work\w*|could not|cut out|lost|unavailable)", lower[match.end() :]
                ):
                    if name == "video" and cue("audio", lower):
                        continue
                    if name == "audio" and cue("discussion", lower) and not _VISIT_BY_PHONE.search(lower):
                        continue
                    spans = (page.quote_clause(mark),)
                    finished = _finished_by_phone(page, mark) if name == "video" else None
                    if finished is not None:
                        return Stated(value="audio_only", evidence=(page.quote_clause(finished), *spans))
                    return Stated(value=value, evidence=spans)  # type: ignore[arg-type]
    return _by_picture(page)


_VISIT_BY_PHONE = re.compile(r"\b(?:visit|encounter|audio[- ]?only|appointment|telehealth|telemedicine|consent\w*)\b")
"""A call to a colleague is no visit by telephone, unless the clause names the visit itself."""
_SENT = re.compile(r"\b(?:photos?|photographs?|images?|pictures?)\b[^.;]{0,60}\b(?:submitted|sent|uploaded|received|attached)\b|\b(?:submitted|sent|uploaded)\b[^.;]{0,30}\b(?:photos?|photographs?|images?|pictures?)\b")
_LOOKED_AT = re.compile(r"\b(?:photos?|photographs?|images?|pictures?)\b[^.;]{0,40}\b(?:review\w*|read|interpret\w*|evaluat\w*|assessed|looked at)\b|\b(?:review\w*|interpret\w*)\b[^.;]{0,30}\b(?:photos?|photographs?|images?|pictures?)\b")
_IN_THE_ROOM = re.compile(r"\b(?:exam(?:ined|ination)?|on exam|o/e|vitals|in (?:the )?(?:office|clinic|room)|seen today|here (?:for|today|with))\b")


def _by_picture(page: Page) -> Stated[Modality] | None:
    """A picture sent in and looked at, with nobody in the room: the note opens with it (TH-05)."""
    early = [mark for mark in _opening(page) if mark.clause.index < 5]
    sent = next((m for m in early if _SENT.search(m.clause.lower)), None)
    seen = next((m for m in early if _LOOKED_AT.search(m.clause.lower)), None)
    if sent is None or seen is None or sent.clause.index > 1 or any(m.kind == "exam" or _IN_THE_ROOM.search(m.clause.lower) for m in page.live()):
        return None
    return Stated(value="image", evidence=tuple(dict.fromkeys((page.quote_clause(sent), page.quote_clause(seen)))))


_LOST = re.compile(
    r"\b(?:froze\w*|dropp\w+|dead|lost|fail\w*|unstable|cut out|died|disconnect\w*|unusable|pixelat\w+|down|not work\w*|crash\w*|gave out|went (?:dark|black|out)|no signal|poor connection)\b"
)
_REST = re.compile(r"\b(?:finish\w*|complet\w+|continu\w+|switch\w*|convert\w*|remainder|rest|chang\w+|mov\w+|went|resum\w+|instead)\b")


def _finished_by_phone(page: Page, video: Mark) -> Mark | None:
    """The picture was lost and the rest was sound alone: what most of the visit was held by counts (TH-AV-FALLBACK)."""
    near = [m for m in _opening(page) if video.clause.index <= m.clause.index <= video.clause.index + 5]
    if not any(_LOST.search(m.clause.lower) for m in near):
        return None
    return next((m for m in near if _REST.search(m.clause.lower) and _BY_PHONE.search(m.clause.lower)), None)


_BY_PHONE = re.compile(r"\b(?:(?:by|over|on|via|to|with) (?:the |a )?(?:tele)?phone|(?:tele)?phone(?: call)?(?: only)?|audio(?:[- ]only)?|sound only)\b")


def _opening(page: Page) -> Iterator[Mark]:
    """Clauses that may say how the visit was held: the first ones, and keyed lines anywhere."""
    for mark in page.marks:
        keyed = mark.clause.key is not None and re.search(
            r"modal|platform|visit type|encounter|mode|telehealth", mark.clause.key
        )
        if (
            not mark.clause.ignored
            and mark.kind not in ("past", "plan", "followup")
            and (mark.clause.index < 8 or keyed)
        ):
            yield mark


def first(page: Page, name: str, *, kinds: tuple[str, ...] = (), skip: tuple[str, ...] = ()) -> Stated[bool] | None:
    """The first clause with a cue, as a stated fact."""
    for mark in page.marks:
        if mark.clause.ignored or (kinds and mark.kind not in kinds) or mark.kind in skip:
            continue
        if mark.kind in ("past", "family", "social", "medication", "allergy"):
            continue
        match = cue(name, mark.clause.lower)
        if match:
            return Stated(value=True, evidence=(page.quote_clause(mark),))
    return None


def distance_facts(page: Page) -> dict[str, Any]:
    """Where the patient was, consent, why sound only, who began (TH-DOC)."""
    facts: dict[str, Any] = {
        "telehealth_consent": first(page, "consent"),
        "audio_only_reason": first(page, "audio_reason"),
        "patient_initiated": first(page, "patient_began"),
    }
    place = first(page, "patient_place")
    if place is not None:
        facts["patient_location"] = Stated(value="stated", evidence=place.evidence)
    return facts
