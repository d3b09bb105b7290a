"""A result for a person: the claim first, under each line its words and its rule, then questions, then refusals.

What a coder wants to see, in this order: what to bill; for each line the words of the note and the rule in plain words;
what has to be asked before; what was tempting and why it is not there; and whether the claim may go out. ``explain``
writes it for a terminal, ``page`` as one HTML file that needs nothing else.
"""

from __future__ import annotations

import textwrap
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from html import escape
from itertools import pairwise

from notecoder.claim import CodingResult, Considered, Gap, Line
from notecoder.evidence import Evidence

WIDTH = 100
QUOTES_SHOWN = 6
SEVERITY = {"blocker": "must be answered first", "major": "a person should look", "minor": "for the record"}
DISPOSITION = {
    "ready": "ready: nothing for a person to change",
    "review": "review: a person should look",
    "hold": "hold: not to be sent yet",
}
BOLD, DIM, GREEN, YELLOW, RED, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[0m"
TONE = {"ready": GREEN, "review": YELLOW, "hold": RED}


class Places:
    """Line numbers of a text, so that a quote can say where it stands."""

    def __init__(self, text: str | None) -> None:
        self._starts = None if text is None else [0, *(at + 1 for at, mark in enumerate(text) if mark == "\n")]

    def of(self, span: Evidence) -> str:
        """``line 12``, or the document it is in; empty when the text is not at hand."""
        if span.document:
            return f"in {span.document}"
        if self._starts is None:
            return ""
        return f"line {bisect_right(self._starts, span.start)}"


def explain(result: CodingResult, text: str | None = None, *, color: bool = False) -> str:
    """The result as text. With the note's ``text``, quotes carry their line numbers."""
    places = Places(text)
    rows = [
        _title(result, color),
        "",
        *_claim(result, places, color),
        *_questions(result.gaps, places, color),
        *_refusals(result.considered, places, color),
        *_standing(result, color),
    ]
    return "\n".join(rows).rstrip() + "\n"


def _styled(words: str, style: str, color: bool) -> str:
    return f"{style}{words}{PLAIN}" if color else words


def _title(result: CodingResult, color: bool) -> str:
    context = result.context
    where = f"place {context.get('place_of_service', '11')}"
    about = ", ".join(str(part) for part in (context.get("date_of_service"), context.get("payer"), where) if part)
    name = f"{result.id}: " if result.id else ""
    state = _styled(result.disposition.upper(), TONE[result.disposition], color)
    return f"{_styled(f'{name}claim for {about}', BOLD, color)}  {state}"


def billed(line: Line) -> str:
    """Code, modifiers and units as a coder writes them: ``11102-59 x2``."""
    units = f" x{line.units}" if line.units != 1 else ""
    return "-".join((line.code, *line.modifiers)) + units


def _claim(result: CodingResult, places: Places, color: bool) -> Iterator[str]:
    if not result.lines:
        yield "  No line: the note supports no claim."
        yield ""
    for number, line in enumerate(result.lines, 1):
        head = f"{number:>3}  {billed(line):<18}  {', '.join(line.diagnoses) or 'no diagnosis':<24}  {line.label}"
        yield _styled(head.rstrip(), BOLD, color)
        yield from _quotes(line.evidence, places, color)
        for reason in _reasons(line):
            yield from _wrapped(reason, "because ")
        yield ""


def _reasons(line: Line) -> list[str]:
    """Each step of the trace once, with its rule."""
    return list(dict.fromkeys(f"{step.says} ({step.rule})" for step in line.trace))


def _quotes(spans: Iterable[Evidence], places: Places, color: bool, indent: int = 7) -> Iterator[str]:
    shown = list(spans)
    for span in shown[:QUOTES_SHOWN]:
        where = places.of(span)
        quote = f'"{" ".join(span.text.split())}"' + (f"  {where}" if where else "")
        for row in textwrap.wrap(
            quote, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * (indent + 1), break_long_words=False
        ):
            yield _styled(row, DIM, color)
    if len(shown) > QUOTES_SHOWN:
        yield " " * indent + f"and {len(shown) - QUOTES_SHOWN} more"


def _wrapped(words: str, lead: str, indent: int = 7) -> Iterator[str]:
    first = " " * indent + lead
    yield from textwrap.wrap(words, WIDTH, initial_indent=first, subsequent_indent=" " * len(first))


def _questions(gaps: tuple[Gap, ...], places: Places, color: bool) -> Iterator[str]:
    if gaps:
        yield _styled("Questions", BOLD, color)
    for gap in gaps:
        yield f"  ?  {gap.about} [{gap.element}, {gap.severity}: {SEVERITY[gap.severity]}]"
        yield from _wrapped(gap.query, "")
        yield from _quotes(gap.evidence[:2], places, color)
        yield ""


def _refusals(considered: tuple[Considered, ...], places: Places, color: bool) -> Iterator[str]:
    if considered:
        yield _styled("Not billed", BOLD, color)
    for refused in considered:
        yield from _wrapped(f"{refused.reason} ({refused.rule})", f"{refused.code:<7} ", indent=2)
        yield from _quotes(refused.evidence[:1], places, color, indent=10)
    if considered:
        yield ""


def _standing(result: CodingResult, color: bool) -> Iterator[str]:
    yield _styled(DISPOSITION[result.disposition], TONE[result.disposition], color)
    for reason in result.reasons:
        yield from _wrapped(reason, "- ", indent=2)
    if result.warnings:
        yield ""
        yield _styled("Warnings", BOLD, color)
        for warning in result.warnings:
            yield from _wrapped(warning, "- ", indent=2)


def page(result: CodingResult, text: str) -> str:
    """One HTML file: the note with its words marked beside the claim. No script, nothing loaded from elsewhere."""
    marks = _marks(result, len(text))
    title = escape(f"{result.id or 'Note'}: {result.disposition}")
    context = result.context
    about = escape(f"{context.get('date_of_service', '')}, {context.get('payer', '')}")
    return PAGE.format(
        title=title,
        style=STYLE,
        about=about,
        state=result.disposition,
        standing=escape(DISPOSITION[result.disposition]),
        reasons=_list(result.reasons),
        lines="".join(_line_html(number, line, marks) for number, line in enumerate(result.lines, 1))
        or "<p>No line: the note supports no claim.</p>",
        gaps="".join(_gap_html(gap) for gap in result.gaps) or "<p>None.</p>",
        considered="".join(_refused_html(refused) for refused in result.considered) or "<p>None.</p>",
        warnings=_list(result.warnings) or "<p>None.</p>",
        note=_note_html(text, marks),
        ruleset=escape(result.ruleset),
    )


Marks = list[tuple[int, int, tuple[int, ...]]]
"""Stretches of the note in order, each with the numbers of the lines that cite it."""


def _marks(result: CodingResult, length: int) -> Marks:
    spans = [
        (span.start, span.end, number)
        for number, line in enumerate(result.lines, 1)
        for span in line.evidence
        if not span.document and 0 <= span.start < span.end <= length
    ]
    edges = sorted({edge for start, end, _ in spans for edge in (start, end)})
    opening: dict[int, list[int]] = {}
    closing: dict[int, list[int]] = {}
    for start, end, number in spans:
        opening.setdefault(start, []).append(number)
        closing.setdefault(end, []).append(number)
    active: dict[int, int] = {}
    found: Marks = []
    for start, end in pairwise(edges):
        for number in closing.get(start, ()):
            active[number] -= 1
        for number in opening.get(start, ()):
            active[number] = active.get(number, 0) + 1
        cited = tuple(number for number in sorted(active) if active[number] > 0)
        if cited:
            found.append((start, end, cited))
    return found


def _note_html(text: str, marks: Marks) -> str:
    parts, at = [], 0
    for position, (start, end, cited) in enumerate(marks):
        names = ", ".join(str(number) for number in cited)
        links = "".join(
            f'<a href="#line-{number}" aria-label="line {number} of the claim">{number}</a>' for number in cited
        )
        last = position + 1 == len(marks) or marks[position + 1][0] != end or marks[position + 1][2] != cited
        parts.append(escape(text[at:start]))
        parts.append(f'<mark id="words-{position}" title="line {names} of the claim">{escape(text[start:end])}</mark>')
        parts.append(f"<sup>{links}</sup>" if last else "")
        at = end
    return "".join([*parts, escape(text[at:])])


def _line_html(number: int, line: Line, marks: Marks) -> str:
    rows = []
    for span in line.evidence:
        at = (
            next((n for n, (start, _, _) in enumerate(marks) if start >= span.start), None)
            if not span.document
            else None
        )
        words = f"<q>{escape(' '.join(span.text.split()))}</q>"
        where = f" <small>in {escape(span.document)}</small>" if span.document else ""
        rows.append(f'<li>{words if at is None else f"""<a href="#words-{at}">{words}</a>"""}{where}</li>')
    steps = "".join(f"<li>{escape(reason)}</li>" for reason in _reasons(line))
    return (
        f'<section id="line-{number}" class="line"><h3>{number}. {escape(billed(line))}</h3>'
        f"<p>{escape(line.label)}</p><p>Diagnoses: {escape(', '.join(line.diagnoses) or 'none')}</p>"
        f"<h4>Words</h4><ul>{''.join(rows)}</ul><h4>Why</h4><ul>{steps}</ul></section>"
    )


def _gap_html(gap: Gap) -> str:
    words = "".join(f"<li><q>{escape(' '.join(span.text.split()))}</q></li>" for span in gap.evidence[:2])
    return (
        f"<section class='gap'><h3>{escape(gap.about)}</h3><p>{escape(gap.query)}</p>"
        f"<p><small>{escape(gap.element)}, {escape(gap.severity)}: {SEVERITY[gap.severity]}</small></p>"
        f"<ul>{words}</ul></section>"
    )


def _refused_html(refused: Considered) -> str:
    return f"<p><b>{escape(refused.code)}</b> {escape(refused.reason)} <small>{escape(refused.rule)}</small></p>"


def _list(rows: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(row)}</li>" for row in rows)
    return f"<ul>{items}</ul>" if items else ""


STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1b1b;--soft:#555;--edge:#c8c8c8;--mark:#ffe58a;--link:#0b4f9e}
@media (prefers-color-scheme:dark){
:root{--paper:#16181c;--ink:#ececec;--soft:#b0b0b0;--edge:#444;--mark:#6b5200;--link:#8ec5ff}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
header,main,footer{max-width:76rem;margin:auto;padding:0 1rem}
main{display:grid;gap:2rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr))}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit}
mark{background:var(--mark);color:inherit}mark:target,.line:target{outline:3px solid var(--link)}
a{color:var(--link)}sup a{padding:0 .15rem}
small{color:var(--soft)}h3{margin:.8rem 0 0}h4{margin:.4rem 0 0;font-size:1rem}
.line,.gap{border-top:1px solid var(--edge)}ul{margin:.2rem 0;padding-left:1.2rem}
"""
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title><style>{style}</style></head><body>
<header><h1>{title}</h1><p>{about}</p><p data-disposition="{state}"><strong>{standing}</strong></p>{reasons}</header>
<main><div><h2>Claim</h2>{lines}<h2>Questions</h2>{gaps}<h2>Not billed</h2>{considered}<h2>Warnings</h2>{warnings}</div>
<article aria-label="The note"><h2>Note</h2><pre>{note}</pre></article></main>
<footer><p><small>{ruleset}</small></p></footer></body></html>
"""
