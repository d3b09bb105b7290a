"""The page as the visit reads it: joined-up keys of a form are words ("total_minutes_today": total minutes today)."""

from __future__ import annotations

from dataclasses import replace

from notecoder.reading.page import Mark, Page


def for_visit(page: Page) -> Page:
    """The same page with underscores read as spaces where cues are looked for. Offsets stay."""
    return page.with_marks([_spaced(mark) for mark in page.marks])


def _spaced(mark: Mark) -> Mark:
    clause = mark.clause
    if "_" not in clause.lower:
        return mark
    return replace(mark, clause=replace(clause, lower=clause.lower.replace("_", " ")))
