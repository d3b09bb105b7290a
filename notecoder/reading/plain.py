"""A note rewritten for reading where its own form hides what belongs together, with the way back to its words.

A coder turns a table whose columns are lesions in the head ("Tumor 2: site left ear, stage I one block ..."), and reads
"l.2 crn" on a fax as 1.2 cm. ``plainly`` does both on paper: the reading works on the rewritten text, and every quote
is then taken from the note as it was sent. A note with neither is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from notecoder.evidence import Evidence, quote
from notecoder.reading.sites import find_sites

Piece = tuple[str, int | None]
"""Words for the reading, and where the note has them (None: nowhere, they were put in)."""


@dataclass(frozen=True, slots=True)
class Plain:
    """The rewritten text; ``origin[i]`` is where its character ``i`` stands in the note, -1 if it was put in."""

    text: str
    origin: tuple[int, ...]

    def span(self, start: int, end: int, note: str) -> tuple[int, int]:
        """The stretch of the note that a stretch of the rewritten text stands for: its last unbroken run of words."""
        runs: list[list[int]] = []
        for position in self.origin[start:end]:
            if position < 0:
                continue
            if runs and runs[-1][1] <= position and not any(c.isalnum() for c in note[runs[-1][1] : position]):
                runs[-1][1] = position + 1
            elif runs and position < runs[-1][1] and position >= runs[-1][0]:
                continue
            else:
                runs.append([position, position + 1])
        told = [run for run in runs if any(c.isalnum() for c in note[run[0] : run[1]])] or runs
        if not told:
            before = next((p for p in reversed(self.origin[:start]) if p >= 0), 0)
            return before, before
        best = told[-1] if len(told) <= 2 else max(told, key=lambda run: run[1] - run[0])
        return best[0], best[1]


def plainly(text: str) -> Plain | None:
    """The note for reading, or None when it can be read as it is."""
    pieces = list(_turned(text)) if _SEVERAL.search(text) else [(text, 0)]
    scanned = looks_scanned(text)
    added = sorted([*_labels(text), *_units(text), *_keys(text)])
    if added:
        pieces = [part for piece in pieces for part in _with(piece, added)]
    if not scanned and len(pieces) == 1:
        return None
    words: list[str] = []
    origin: list[int] = []
    for piece, at in pieces:
        for part, offset, width in _corrected(piece) if scanned else [(piece, 0, len(piece))]:
            words.append(part)
            if at is None:
                origin.extend([-1] * len(part))
            else:
                origin.extend(at + offset + min(i, width - 1) for i in range(len(part)))
    return Plain("".join(words), tuple(origin))


def restored(value: Any, plain: Plain, note: str) -> Any:
    """The value with every quote taken from the note itself; quotes of other documents stay."""
    if isinstance(value, Evidence):
        if value.document is not None:
            return value
        return quote(note, *plain.span(value.start, value.end, note), role=value.role)
    if isinstance(value, BaseModel):
        changed = {}
        for name in type(value).model_fields:
            before = getattr(value, name)
            after = restored(before, plain, note)
            if after is not before:
                changed[name] = after
        return value.model_copy(update=changed) if changed else value
    if isinstance(value, tuple):
        items = tuple(restored(item, plain, note) for item in value)
        return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
    return value


def _with(piece: Piece, added: list[tuple[int, str]]) -> Iterator[Piece]:
    """A piece of the note with the words that are put in."""
    words, at = piece
    if at is None:
        yield piece
        return
    done = at
    for position, word in added:
        if at < position <= at + len(words):
            yield words[done - at : position - at], done
            yield word, None
            done = position
    yield words[done - at :], done


# Labels and units that are understood

_FORM_LINE = re.compile(r"^[ \t]*(?P<key>[A-Z][A-Z0-9 /().#&-]{1,36}?)[ ]{2,}(?=\S)(?P<value>[^\n|]*[a-z\d][^\n|]*)$")


def _keys(text: str) -> Iterator[tuple[int, str]]:
    """A form whose keys are capitals set off by spaces: a colon behind each key."""
    run: list[int] = []
    at = 0
    for line in [*text.split("\n"), ""]:
        match = _FORM_LINE.match(line)
        if match and not re.search(r"[A-Z]{3,}[ ]{2,}[A-Z]{3,}", line):
            run.append(at + match.end("key"))
        elif not match:
            if len(run) >= 5:
                yield from ((position, ":") for position in run)
            run = []
        at += len(line) + 1


_TUMOR = re.compile(r"^[ \t]*(?P<mark>[TL])(?P<n>[1-4])\b(?=[ \t:.)|,-])", re.MULTILINE)
_NAMES = {"T": "umor ", "L": "esion "}


def _labels(text: str) -> Iterator[tuple[int, str]]:
    """ "T1", "T2" at the beginning of lines: Tumor 1, Tumor 2, wherever they are named again."""
    seen = [(m["mark"], m["n"]) for m in _TUMOR.finditer(text)]
    for mark, name in _NAMES.items():
        if {(mark, "1"), (mark, "2")} <= set(seen):
            for match in re.finditer(rf"(?<![\w/-]){mark}[1-4](?![\w/-])", text):
                yield match.start() + 1, name


_ALL_IN = re.compile(r"\b(?P<a>mm|cm)\b (?:throughout|everywhere|unless (?:stated|noted|said)|for all)|\b(?:all |every )?(?:sizes?|measure\w*|dimensions?|numbers|lengths?)(?: \w+){0,2} (?:are |is |given )?in (?P<b>mm|cm)\b", re.IGNORECASE)
_NUMBER = r"(?:\d{1,2}\.\d|\.\d)\d?"
_NO_UNIT = r"(?!\.?\d)(?!\s*(?:[x×]\s*[\d.]|mm\b|cm\b|in\b|inch|\d|%|mg|ml|cc|-0|sq|:|/))(?!\d)"
_SIZE_WORD = re.compile(
    rf"\b(?:pre-?op|post-?op|size|clin\w*|defect|wound|donor|secondary|primary|diam\w*|length|closed|closure|line|final|margins?|start|end|graft|flap|measur\w+|lesion|tumou?r|hole)\b[^\d.;\n]{{0,24}}?(?<![\w.])(?P<a>{_NUMBER})(?P<two>\s*(?:wide|high|long)?\s*[x×]\s*(?P<b>{_NUMBER}|\d{{1,2}}))?{_NO_UNIT}",
    re.IGNORECASE,
)
_ANY_PAIR = re.compile(rf"(?<![\w.])(?P<a>{_NUMBER})\s*(?:wide|high|long)?\s*[x×]\s*(?P<b>{_NUMBER}){_NO_UNIT}")


def _units(text: str) -> Iterator[tuple[int, str]]:
    """Sizes written without a unit: tenths beside a word of size are centimeters, as is what the note says of all of them."""
    said = _ALL_IN.search(text)
    unit = (said["a"] or said["b"]).lower() if said else "cm"
    ends = {}
    for match in [*_SIZE_WORD.finditer(text), *_ANY_PAIR.finditer(text)]:
        ends[match.end()] = f" {unit}"
    yield from ends.items()


# Tables whose columns are lesions

_SEVERAL = re.compile(r"\||\t|\S[ ]{2,}\S")
_COLUMN_NAME = re.compile(
    r"(?:(?:tumou?r|lesion|site|wound|specimen|defect|spot|area|excision|biopsy|case|procedure|no\.?|number)\s*[#:]?\s*)?[#(]?(?:\d{1,2}|[A-H]|[IV]{1,3})[).]?"
    r"(?:\s*[-–:(,]\s*[^|]{2,40})?|(?:first|second|third)(?: (?:lesion|tumou?r|site))?",
    re.IGNORECASE,
)
_ROW_NAME = re.compile(
    r"\b(?:site|location|side|laterality|diagnosis|dx|path\w*|size|diameter|pre-?op|margins?|depth|closure|repair|management|technique|method|procedure|blocks?|stages?|layers?|defect|"
    r"specimen|jar|closed|length|suture\w*|deep|skin|biopsy|bx|treatment|undermin\w+|clinical|final|excised|anesthe\w+|hemostasis|impression|description|lesion type|type|recon\w*|bottle|cycles|result)\b",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Row:
    start: int
    end: int
    cells: list[tuple[int, int]]
    form: str


def _turned(text: str) -> Iterator[Piece]:
    """The note in pieces, each table of lesions in columns written as one list per lesion."""
    rows = [_row(text, a, b) for a, b in _line_spans(text)]
    done = position = 0
    while position < len(rows):
        last = _table_end(text, rows, position)
        if last is None:
            position += 1
            continue
        yield text[done : rows[position].start], done
        yield from _columns(text, rows[position], rows[position + 1 : last])
        done = rows[last - 1].end
        position = last
    if done < len(text):
        yield text[done:], done


def _line_spans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in text.splitlines(keepends=True):
        yield start, start + len(line.rstrip("\r\n"))
        start += len(line)


def _row(text: str, start: int, end: int) -> _Row:
    line = text[start:end]
    if line.count("|") >= 2 or (line.count("|") == 1 and " | " in line):
        form, parts = "|", list(re.finditer(r"[^|]*(?:\||$)", line))
    elif "\t" in line.strip():
        form, parts = "\t", list(re.finditer(r"[^\t]*(?:\t|$)", line))
    else:
        form, parts = " ", list(re.finditer(r"\S+(?: \S+)*", line))
    cells = []
    for match in parts:
        cell = match.group().rstrip("|")
        lead = start + match.start() + len(cell) - len(cell.lstrip())
        cells.append((lead, lead + len(cell.strip())))
    if form != " ":
        while cells and cells[-1][0] == cells[-1][1]:
            cells.pop()
        if line.lstrip().startswith("|"):
            cells = cells[1:]
    return _Row(start, end, cells, form)


def _table_end(text: str, rows: list[_Row], first: int) -> int | None:
    """The row after the last of a table of lesions in columns that begins here."""
    head = rows[first]
    names = [text[a:b] for a, b in head.cells]
    labels = names if names and _COLUMN_NAME.fullmatch(names[0]) else names[1:]
    if len(labels) < 2 or len(set(labels)) < len(labels) or not (all(_COLUMN_NAME.fullmatch(name) for name in labels) or all(_is_place(name) for name in labels)):
        return None
    last = first + 1
    known = 0
    while last < len(rows):
        row = rows[last]
        if _is_rule(text, row):
            last += 1
            continue
        if row.form != head.form or len(row.cells) < 2 or len(row.cells) > len(labels) + 1:
            break
        known += bool(_ROW_NAME.search(text[row.cells[0][0] : row.cells[0][1]]))
        last += 1
    body = [r for r in rows[first + 1 : last] if not _is_rule(text, r)]
    return last if len(body) >= 2 and known * 2 >= len(body) and known >= 2 else None


def _is_place(name: str) -> bool:
    return len(name) < 40 and any(True for _ in find_sites(name, 0, len(name)))


def _is_rule(text: str, row: _Row) -> bool:
    line = text[row.start : row.end].strip()
    return bool(line) and not any(c.isalnum() for c in line)


def _columns(text: str, head: _Row, body: list[_Row]) -> Iterator[Piece]:
    labels = head.cells if _COLUMN_NAME.fullmatch(text[slice(*head.cells[0])]) else head.cells[1:]
    for number, (start, end) in enumerate(labels):
        yield "\n" if number else "", None
        name = text[start:end]
        if not _COLUMN_NAME.fullmatch(name):
            yield f"Lesion {number + 1}:\n  Site: ", None
            yield name + "\n", start
        elif re.match(r"[#(]?(?:\d|[A-H]\b|[IV]{1,3}\b)", name):
            yield "Lesion ", None
            name = name.lstrip("#(")
            yield name, end - len(name)
            yield ":\n", None
        else:
            yield name, start
            yield ":\n", None
        for row in body:
            cell = None if _is_rule(text, row) else _cell(row, head, labels, number)
            if cell is None or text[cell[0] : cell[1]] in {"-", "--", "–", "—", "."}:
                continue
            key = row.cells[0]
            yield "  ", None
            yield text[key[0] : key[1]].rstrip(":"), key[0]
            yield ": ", None
            yield text[cell[0] : cell[1]], cell[0]
            yield "\n", None


def _cell(row: _Row, head: _Row, labels: list[tuple[int, int]], number: int) -> tuple[int, int] | None:
    """The row's cell of one column: by its order, in a table set by spaces that lacks one by its place on the line."""
    values = row.cells[1:]
    if row.form != " " or len(values) == len(labels):
        found = values[number] if number < len(values) else None
        return found if found and found[0] < found[1] else None
    columns = [start - head.start for start, _ in labels]
    for start, end in values:
        if min(range(len(columns)), key=lambda i: abs(columns[i] - (start - row.start))) == number:
            return start, end
    return None


# Faxed and scanned notes

_SIGNS = re.compile(r"\b[A-Z]{1,}[l0][A-Z]+\b|\b[A-Z]{2,}l\b|\b[lIO]\d?[.,/]\d|\b\d[lO]\b|\b[lO]\d\b|\b(?:crn|rnm|mrn|rnid|frorn|rnale|rernov\w+|derrn\w+|[a-z]+rn(?:ed|al|is|atitis|a))\b|\b[a-z]+[05][a-z]+\b", re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9]+(?:[.,/][A-Za-z0-9]+)*")
_TRUE_RN = re.compile(
    r"bur?rn|born|corn|horn|tern|torn|turn|learn|earn|warn|worn|barn|yarn|fern|hern|kern|pern|vern|morn|mourn|journ|thorn|darn|furn|garn|harn|orna|adorn|carn|tarn|burn|dorn|barn|zorn|sorn|\brn\b|varn|birn|lorn|arnic|forn",
    re.IGNORECASE,
)


def looks_scanned(text: str) -> bool:
    """The text came through a scanner: letters stand for digits and the other way round, more than once."""
    return len({m.group() for m in _SIGNS.finditer(text)}) >= 6


def _corrected(text: str) -> Iterator[tuple[str, int, int]]:
    """Words with their place and width in ``text``, letters and digits put right."""
    done = 0
    for match in _WORD.finditer(text):
        if match.start() > done:
            yield text[done : match.start()], done, match.start() - done
        done = match.end()
        yield from _word(match.group(), match.start(), text[match.end() : match.end() + 2])
    if done < len(text):
        yield text[done:], done, len(text) - done


def _word(word: str, at: int, after: str) -> Iterator[tuple[str, int, int]]:
    digits = sum(c.isdigit() for c in word)
    letters = [c for c in word if c.isalpha()]
    if letters and all(c in "lIO" for c in letters) and (digits or word == "l" or word == "O" and after.startswith(".")):
        yield word.translate(_TO_DIGIT), at, len(word)
        return
    if letters and len(letters) > digits and digits and not re.match(r"[A-Z]?\d+[A-Za-z]{0,3}$|[A-Za-z]+\d+$", word):
        word = "".join(_letter(c, word) for c in word)
    elif word.endswith("0") and word[:-1].isalpha() and word[:-1].lower() in {"rn", "m"}:
        word = word[:-1] + "o"
    if sum(c.isupper() for c in word) >= 2 and word.replace("l", "").isupper():
        word = word.replace("l", "I")
    start = 0
    for match in re.finditer("rn", word):
        if _TRUE_RN.search(word[max(0, match.start() - 2) : match.end() + 1]):
            continue
        if match.start() > start:
            yield word[start : match.start()], at + start, match.start() - start
        yield "m", at + match.start(), 2
        start = match.end()
    if start < len(word):
        yield word[start:], at + start, len(word) - start


_TO_DIGIT = str.maketrans("lIO", "110")


def _letter(mark: str, word: str) -> str:
    capital = sum(c.isupper() for c in word) >= 2
    return {"0": "O", "1": "I", "5": "S"}.get(mark, mark) if capital else {"0": "o", "1": "l", "5": "s"}.get(mark, mark)
