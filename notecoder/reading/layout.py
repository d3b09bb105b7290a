"""The shape of a note: sections, items, clauses.

A coder first sees how a page is laid out: headings, numbered or lettered lesions, bullets, key: value pairs, table
rows, boilerplate at the foot, pieces pasted from an earlier visit. What is said under a heading or a letter belongs
there before it may belong to anything else. ``lay_out`` finds that shape with offsets into the original text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from notecoder.reading import headings
from notecoder.reading.boxes import without_unticked
from notecoder.reading.dates import dates_in
from notecoder.reading.lesions import find_diagnoses
from notecoder.reading.measures import key_role
from notecoder.reading.outline import (
    IGNORED_KINDS,
    LINE_KINDS,
    PARAGRAPH_KINDS,
    PAST_KINDS,
    Clause,
    Item,
    Kind,
    Layout,
    Section,
    section_kind,
)

_LABEL = r"""
    (?P<bullet>--?|[*•·▪●◦»■□◻▫‣–]|(?:o(?=\s+[A-Z])))\s+
  | \#\s?(?P<hash>\d{1,2})(?:[.):]\s*|\s*[-–]\s*|\s+(?=[A-Za-z]))
  | \(?(?P<number>\d{1,2})(?:[.)](?!\d)|\s*[-–:](?=\s)|(?=[ ]{2,}[A-Za-z][a-z]*[ ](?!\d))(?![ ]+(?:mm|cm|ml|cc|mg|units?|x)\b))\s*
  | \(?(?P<letter>[A-Ha-h])(?:[.):=](?![a-z]\.)|\s*[-–](?=\s))\s*
  | (?P<named>(?:number|lesion|site|location|specimen|part|area|wound|defect|tumou?r|card|problem|nail|biopsy|bx|jar|excision|nodule|spot|lesion\.|procedure)[\s.#_]{0,2}(?:no\.?\s*|number\s+)?
      (?P<id>\d{1,2}|[A-Ha-h]|one|two|three|four|five|six|i{1,3}|iv|v)(?![a-z0-9]|\s*[x×]\s*\d|\s*(?:mm|cm|point|by|millimet\w*|centimet\w*|seconds?|hours?|days?|weeks?|months?)\b|\.\d))\s*(?:[.:)=|,-]|[-–]\s|(?=\s))\s*
"""
_ITEM = re.compile(r"(?P<indent>[ \t]*)(?:[-*•>]\s+|o\s+(?=[A-Z]))?(?:" + _LABEL + ")", re.VERBOSE | re.IGNORECASE)
_WORD_NUMBERS = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
                 "i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5"}  # fmt: skip
_INLINE = re.compile(
    r"(?<=[.;)\]])\s+(?=(?:EXAM|Exam|PE|ROS|PMH|HPI|Plan|PLAN|Assessment|ASSESSMENT|Impression|IMPRESSION|Procedure|PROCEDURE|Meds|MEDS|Allergies|Hx|A/P|Dx|Path|PATH|Ex|Imp|Pathology)\s?:)"
)
_PASTED = re.compile(
    r"\b(?:copied|pulled in(?! (?:one|two|a|an|its|pieces|full|toto|single))|(?<!elevated, )(?<!raised, )(?<!elevated and )(?<!raised and )(?<!lifted, )(?<!lifted and )(?<!tissue )(?<!skin )(?<!flap )carried forward|copy[- ]forward(?:ed)?|pasted|imported|auto-?populated|(?:text |pre-?)?(?:entered|typed|filled|suggested|keyed) (?:in )?(?:by|from) (?:the )?(?:scheduler|scheduling|front desk|biller|billing|clerk|template|system|algorithm)|(?:old|prior|previous|last) (?:note|record|chart|visit note|path)(?: \w+){0,3}(?: scanned| copied)?\s*[:=(]|old record|from (?:the )?(?:last|prior|previous) (?:note|visit))\b",
    re.IGNORECASE,
)
_DATED_TITLE = re.compile(r"\W*(?:[^\s:]+[ \t]+){0,3}?(?:visit|note|encounter|seen|dos|date of service)\b|[^:.;,]*$", re.IGNORECASE)
"""A title names its visit at once: "Ordering provider: Dr. on 07/28 visit" is a line of a form."""
_OLD_NOTE = re.compile(r"\b(?:last|previous|prior|earlier|old|former)\b[^:]{0,30}\b(?:note|visit|encounter|plan|assessment)\b|\b(?:note|plan|assessment)\b[^:]{0,20}\b(?:of|from) (?:the )?(?:last|previous|prior)\b", re.IGNORECASE)
_REFERS = re.compile(r"\bsee (?:that|my|the|prior|previous|last)\b|\bf(?:ollow)?[-/ ]?u(?:p)?\b|\b(?:here|back|returns?|presents?|scheduled|planned) (?:today )?(?:for|to|at|from)\b|\btoday\b", re.IGNORECASE)
"""The line tells why the patient is here today and names the earlier visit in passing."""
_EARLIER_VISIT = re.compile(r"\b(?:visit|note|encounter|progress note|seen|office note|dos|date of service)\b", re.IGNORECASE)
_ABBREVIATION = re.compile(
    r"(?:\b(?:dr|mr|mrs|ms|vs|approx|e\.g|i\.e|no|st|jr|sr|dept|fig|incl|w|avg|max|min|ant|post|lat|med|inf|sup|prox|dist|lt|rt|hx|cont|temp|resp|wt|ht|inj|sol|oz|tx)|(?<!\d )(?<!\d)\b[A-Za-z]|(?:^|\n)[ \t]*(?:i{1,3}|iv|vi{0,3}))\.$",
    re.IGNORECASE,
)
_NUMBER_OF_A_LIST = re.compile(r"\W*(?:no\.?|number|lesion|site|spot|mole|#)?\W*\d{1,2}\.", re.IGNORECASE)
_NUMBERS_GO_ON = re.compile(r"\d\.\s+(?![A-Z])")
_BREAK = re.compile(r"(?<![\s?])\?+[)\"']*(?=\s)|(?<![.])[.!](?![.])[)\"']*(?=\s)|!+[)\"']*(?=\s)|;")
_ENUMERATED = re.compile(r"(?:(?<=[\s:;,.])|^)(?=\(?(?:[1-9]|[A-Ha-h])\)\s*\S)|(?<=[.;:])\s+(?=(?:site|lesion|stage|specimen|wound|tumou?r|defect)\s(?:number\s)?(?:\d|one|two|three|four|i{1,3}\b|iv\b|[a-d]\b))", re.IGNORECASE)
_INLINE_NAMED = re.compile(r"(?:site|lesion|stage|specimen|wound|tumou?r|defect)\b", re.IGNORECASE)


_COLUMNS = re.compile(r"(?<=\S)\s{3,}(?=[A-Z][A-Za-z /()-]{2,34}(?::|\s?=)\s*\S)")
"""A second "Key: value" pair on the line."""


_UNIT_OR_REFERENCE = re.compile(r"cm2|m2\b|#\s?\d|\b(?:visit|session|day|week|stage)\s?\d", re.IGNORECASE)
"""A title may hold such a number: "mJ/cm2", "response to #7"."""
_LESION_COLUMN = re.compile(r"(?:tumou?r|lesion|specimen|wound|defect|site)(?: ?(?:#|no\.?|id|label))?", re.IGNORECASE)


_OF_PATIENT = re.compile(r"(?:(?:the |our |this )?(?:pt|patient)|self|today|now)\s*[:=]|(?:he|she|pt|patient) (?:him|her)self\b", re.IGNORECASE)
""" "Fam hx: father, Mohs twice. Pt: Mohs of the ala today": the family's history ends."""


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell for cell in re.split(r"[ ]{2,}|\t+", line.strip()) if cell)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while start <= len(text):
        end = text.find("\n", start)
        if end < 0:
            end = len(text)
        stop = end - 1 if end > start and text[end - 1] == "\r" else end
        yield start, stop
        start = end + 1


def _is_item(line: str) -> re.Match[str] | None:
    match = _ITEM.match(line)
    if match is None or (match["number"] and re.match(r"\s*\d{1,2}-\d", line)):
        return None
    return match


def _joined(text: str) -> Iterator[tuple[int, int]]:
    """Logical lines: a hard-wrapped paragraph is one."""
    lines = list(_lines(text))
    wrapped = _wrap_width([text[a:b] for a, b in lines])
    position = 0
    while position < len(lines):
        start, end = lines[position]
        while position + 1 < len(lines):
            this, after = text[lines[position][0] : end].rstrip(), text[lines[position + 1][0] : lines[position + 1][1]]
            if not _continues(this, after, wrapped):
                break
            position += 1
            end = lines[position][1]
        yield start, end
        position += 1


def _wrap_width(lines: list[str]) -> int:
    """The width a note is hard-wrapped at, or 0: many full lines of nearly one length, none much longer."""
    widths = sorted((len(line.rstrip()) for line in lines if line.strip()), reverse=True)
    if len(widths) < 4 or not 62 <= widths[0] <= 100:
        return 0
    full = sum(width >= widths[0] - 14 for width in widths)
    return widths[0] if full >= 4 and full * 2 >= len(widths) else 0


def _continues(this: str, after: str, wrapped: int) -> bool:
    last = this.rsplit("\n", 1)[-1]
    plain = after.strip()
    if len(last) < 48 or not plain or len(_cells(last)) > 3 and len(_cells(after)) > 2 or "|" in after or "|" in last or _is_item(after):
        return False
    if headings.DECORATED.match(after) or (headings.CAPS.match(after) and not last.isupper()) or headings.lone_head(plain):
        return False
    hanging = re.search(r"(?:\b(?:of|the|and|with|a|an|to|in|on|for|by|was|were|or|from|at|left|right|measured|measuring|measures|was|were|is|about|length|size|diameter|margins?|x|by|than|over|until|after|before)|,)$", last, re.IGNORECASE)
    full = wrapped and len(last) + 1 + len(plain.split()[0]) > wrapped and last[-1] not in ":;!?"
    if (plain[0].islower() and last[-1] not in ".:;!?" and wrapped) or hanging or full:
        key = headings.KEY.match(after)
        return not (key and (section_kind(key["key"]) or "=" in key.group() or plain[0].isupper()))
    return False


_ITEM_SECTIONS = IGNORED_KINDS | {"followup", "plan", "past", "exam", "procedure", "pathology"}


_NUMBERED = re.compile(r"(?<=\S)\s+(?=([2-9])[.)]\s+[A-Z])")


class _Builder:
    """Walks the logical lines once, keeping the open section and items."""

    def __init__(self, text: str, on: date | None) -> None:
        self.text = text
        self.on = on
        self.sections = [Section(0, "body", "", 0)]
        self.items: list[Item] = []
        self.clauses: list[Clause] = []
        self.open: list[Item] = []
        self.paragraph = 0
        self.header: tuple[str, ...] = ()
        self.spaced = False
        """The open table has columns set apart by spaces."""
        self.in_item = False
        self.soap = bool(headings.SUBJECTIVE.search(text) and headings.OBJECTIVE.search(text))
        """The note is headed S, O, A, P: its A is the assessment, not a lesion."""
        self.bars = sum(headings.CAPS_BAR.match(line) is not None for line in text.split("\n")) >= 4
        """The note is a form with keys in capitals before a bar."""
        self.asked = len(headings.ASKED.findall(text)) > 1
        """The note is written in questions and answers."""
        self.hashes = len(re.findall(r"^[ \t]*#\s?1\b", text, re.MULTILINE)) > 1
        """ "#1" is returned to: the name of a lesion, not the number of a step."""
        self.mixed = sum(map(str.islower, text)) > sum(map(str.isupper, text))
        """Written in small letters too: a line of capitals stands out."""
        self.gap = False
        """A blank line stands before the line at hand."""

    def run(self) -> Layout:
        for start, end in _joined(self.text):
            line = self.text[start:end]
            if not line.strip():
                self.paragraph += 1
                self.gap = True
                self.header, self.spaced = (), False
                self._resume(start)
                if self.open and self.open[-1].kind == "bullet":
                    self._close(start, self.open[-1].depth)
                continue
            self._line(start, end, line)
        self._close(len(self.text), 0)
        self._steps()
        for section, following in zip(self.sections, [*self.sections[1:], None], strict=True):
            section.end = following.start if following else len(self.text)
        layout = Layout(self.text, self.sections, self.items, self.clauses)
        layout._starts = [clause.start for clause in self.clauses]
        return layout

    def _steps(self) -> None:
        """ "1. Indication ... 4. Layer one ... 7. Closure ...": a list that tells one operation in steps names no lesions."""
        numbered = [item for item in self.items if item.kind == "number" and item.parent is None]
        steps = [item for item in numbered if headings.STEP.match(self.text, item.body, item.body + 40)]
        if len(steps) >= 3 and 2 * len(steps) >= len(numbered):
            for item in numbered:
                item.kind = "step"

    def _line(self, start: int, end: int, line: str) -> None:
        spaced = self._spaced(start, end, line)
        if spaced:
            self._row(start, end, line, spaced)
            return
        aside = headings.CAPS_GAP.match(line)
        aside = aside if aside is not None and section_kind(aside["key"]) in IGNORED_KINDS | PAST_KINDS else None
        keyed = not self.header and headings.CAPS_BAR.match(line) is not None and self.bars
        if aside is None and not keyed and (line.count("|") >= 2 or (" | " in line and not _is_item(line))):
            self._row(start, end, line)
            return
        if self.sections[-1].one_line and (_is_item(line) or headings.KEY.match(line)) and self.sections[-1].start < start:
            self._resume(start)
        answer = headings.ANSWER.match(line) if self.asked else None
        if answer is not None:
            if answer["who"] == "Q":
                self._section(start, line[answer.end() :].strip(" ?"))
                return
            start, line = start + answer.end(), line[answer.end() :]
        body = self._heading(start, line)
        if body is not None:
            start, line = start + body, line[body:]
            if not line.strip():
                return
        item = _is_item(line)
        if item:
            if headings.NUMBERED_PROBLEM.match(line) and self.sections[-1].kind in headings.BEFORE_PLAN:
                self._section(start, "problems", "assessment_plan")
            self._item(start, item)
            inner = headings.KEY.match(line, item.end())
            if inner and section_kind(inner["key"]) in _ITEM_SECTIONS:
                self.in_item = True
                self._section(start, inner["key"])
                self.in_item = False
        elif self.open and body is None:
            indent = len(line) - len(line.lstrip(" \t"))
            while self.open and indent <= self.open[-1].depth and (indent < self.open[-1].depth or self.gap):
                self._close(start, self.open[-1].depth)
        self.gap = False
        self._clauses(start, end, item.end() if item else 0)

    def _heading(self, start: int, line: str) -> int | None:
        decorated = headings.DECORATED.match(line)
        if decorated:
            title = next(group for group in decorated.groups() if group)
            words = re.sub(r"\b\d{4}-\d\d-\d\d.*", "", title) if "ADDENDUM" not in title else title
            kind = "pathology" if re.search(r"patholog", words, re.IGNORECASE) else section_kind(words.replace("_", " ")) or section_kind(words) or self._first_words(words)
            rest = bool(line[decorated.end() :].strip()) and bool(decorated["a"])
            kind = kind or ("past" if self._earlier(title) or _OLD_NOTE.search(title) else None)
            if rest and kind is None and not _PASTED.search(title):
                return None  # "[margin]  5 mm on all sides": a key and its value
            self._section(start, title, kind, line_has_more=rest, form=rest)
            return 0 if rest and key_role(title.lower()) else decorated.end()
        if self.soap and (letter := headings.ASSESSMENT.match(line)):
            self._section(start, "A", "assessment")
            return letter.end()
        item = _is_item(line)
        for pattern in (headings.KEY, headings.CAPS, headings.CAPS_GAP, headings.SHORT):
            match = pattern.match(line, item.end() if item and not item["named"] and pattern is headings.KEY else 0)
            if match and "key" in match.groupdict():
                kind = section_kind(match["key"])
                if kind is not None and not (pattern is headings.SHORT and kind == "allergy") and not (match["key"].lower() == "skin" and headings.SUTURES.search(line)):
                    if item and pattern is headings.KEY:
                        return None
                    leader = "...." in match.group() and line[:1] in " \t" or re.match(r"[ \t]*\w+=\S", line) is not None
                    leader = leader or kind == "plan" and match["key"].lower().startswith(("not ", "untreated", "declined", "deferred"))
                    self._section(start, match["key"], kind, line_has_more=bool(line[match.end():].strip()), form=leader)
                    return 0 if kind == "procedure" else match.end()
        stripped = re.sub(r"\s*\([^)]*\)\s*$", "", line.strip()) or line.strip()
        if len(stripped) < 60 and not item and section_kind(stripped) and (stripped.istitle() or stripped.isupper() or stripped[-1] == ":" or headings.lone_head(stripped)):
            kind = section_kind(stripped)
            self._section(start, stripped, kind)
            return 0 if kind == "procedure" else len(line)
        if self.gap and self.mixed and not item and headings.UNKNOWN_HEAD.fullmatch(line) and self.sections[-1].kind in (*headings.BEFORE_PLAN, "assessment") and not any(find_diagnoses(stripped, 0, len(stripped))):
            self._section(start, stripped, "body")
            return len(line)
        if len(stripped) < 90 and self._earlier(line.strip()) and not item and _DATED_TITLE.match(stripped):
            self._section(start, stripped, "past")
            return len(line)
        return None

    @staticmethod
    def _first_words(title: str) -> Kind | None:
        words = re.split(r"[\s:,]+", title.strip())
        for count in range(min(4, len(words)), 0, -1):
            kind = section_kind(" ".join(words[:count]))
            if kind:
                return kind
        return None

    def _earlier(self, title: str) -> bool:
        """A heading that dates its block to an earlier visit."""
        if self.on is None or not _EARLIER_VISIT.search(title) or _REFERS.search(title):
            return False
        found = [day for day, _, _ in dates_in(title, self.on)]
        return bool(found) and all((self.on - day).days > 0 for day in found)

    def _section(self, start: int, title: str, kind: Kind | None = None, *, line_has_more: bool = False, form: bool = False) -> None:
        kind = kind or section_kind(title) or "body"
        one_line = line_has_more and (kind in LINE_KINDS or form)
        paragraph = line_has_more and kind in PARAGRAPH_KINDS
        inside = self.open[-1] if self.open and (one_line or self.in_item or self._belongs(start, kind, line_has_more)) else None
        if inside is None:
            self._close(start, 0)
        last = self.sections[-1]
        after = (last.after if last.one_line or last.paragraph else last) if one_line or inside or paragraph else None
        pasted = self._earlier(title) or bool(_PASTED.search(title))
        self.sections.append(Section(len(self.sections), kind, title.strip(), start, pasted=pasted, after=after,
                                     inside=inside, one_line=one_line, paragraph=paragraph))  # fmt: skip
        self.header = ()

    def _belongs(self, start: int, kind: Kind, line_has_more: bool) -> bool:
        """A heading indented under an item, or a "Procedure: ..." line right after it, is a part of the item."""
        if kind not in {"procedure", "pathology", "exam", "assessment", "plan"}:
            return False
        line = self.text.rfind("\n", 0, start) + 1
        indent = len(self.text[line:start].expandtabs(4)) + len(self.text[start:]) - len(self.text[start:].lstrip(" \t"))
        return indent > self.open[-1].depth or (kind == "procedure" and line_has_more and not self.gap)

    def _resume(self, start: int) -> None:
        """End a section that was opened on one line or inside an item; the one before it goes on."""
        last = self.sections[-1]
        if last.after is not None:
            before = last.after
            self.sections.append(Section(len(self.sections), before.kind, before.title, start, pasted=before.pasted,
                                         after=before.after, inside=before.inside, one_line=before.one_line))  # fmt: skip

    def _close(self, at: int, depth: int) -> None:
        while self.open and self.open[-1].depth >= depth:
            self._pop(at)

    def _pop(self, at: int) -> None:
        gone = self.open.pop()
        gone.end = at
        if self.sections[-1].inside is gone:
            self._resume(at)

    def _item(self, start: int, match: re.Match[str]) -> None:
        depth = len(match["indent"].expandtabs(4))
        label, kind = None, "bullet"
        for name in ("hash", "number", "letter", "id"):
            if match[name]:
                label = _WORD_NUMBERS.get(match[name].lower(), match[name].upper())
                kind = "named" if name == "id" or name == "hash" and self.hashes else "number" if name == "hash" else name
        while self.open and (self.open[-1].depth > depth or (self.open[-1].depth == depth and self._same_level(kind))):
            self._pop(start)
        parent = self.open[-1] if self.open else None
        if parent is not None and parent.depth >= depth:
            depth = parent.depth + 1
        entry = Item(len(self.items), label, kind, start, start + match.end(), depth, parent)
        self.items.append(entry)
        self.open.append(entry)

    def _same_level(self, kind: str) -> bool:
        return kind == self.open[-1].kind or self.open[-1].kind in {"bullet", "row"} or not any(i.kind == kind for i in self.open[:-1]) and kind != "bullet" and self.open[-1].kind != "number"

    def _spaced(self, start: int, end: int, line: str) -> tuple[str, ...]:
        """The cells of a row whose columns stand apart by spaces: under such a header, or a header above such rows."""
        cells = _cells(line)
        if len(cells) < 3 or "|" in line or not set("".join(cells)) - set("-=+ "):
            return ()
        if self.spaced and abs(len(cells) - len(self.header)) <= 1:
            return cells
        if re.search(r"[:=]|\d", line) or not self._looks_header(cells) or any(len(cell.split()) > 3 for cell in cells):
            return ()
        below = self.text[end + 1 : end + 200].split("\n")
        if any(abs(len(_cells(row)) - len(cells)) <= 1 for row in below[:2] if len(_cells(row)) >= 3):
            self.header = tuple(cell.lower() for cell in cells)
            self.spaced = True
            return cells
        return ()

    def _row(self, start: int, end: int, line: str, spaced: tuple[str, ...] = ()) -> None:
        cells = spaced or tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
        if spaced and tuple(cell.lower() for cell in spaced) == self.header:
            return
        if all(not cell or set(cell) <= set("-=:+ ") for cell in cells):
            return
        if not self.header and not any(re.search(r"\d", cell) and not _UNIT_OR_REFERENCE.search(cell) for cell in cells) and len(cells) >= 3 and (all(len(c.split()) <= 4 for c in cells) or len(cells) >= 4 and sum(len(c.split()) <= 4 for c in cells) >= len(cells) - 1 and max(len(c.split()) for c in cells) <= 8) and self._looks_header(cells):
            self.header = tuple(cell.lower() for cell in cells)
            return
        named = next((cell for title, cell in zip(self.header, cells, strict=False) if _LESION_COLUMN.fullmatch(title)), cells[0])
        lettered = re.fullmatch(r"(?:(?:tumou?r|lesion|site|wound|specimen|defect|t)\s*)?#?([A-Ha-h]|\d{1,2}|[IV]{1,3})", named, re.IGNORECASE)
        label = lettered[1].upper() if lettered else None
        if self.gap and line[:1] not in " \t":
            self._close(start, 0)
            self.gap = False
        while self.open and self.open[-1].kind == "row":
            self._pop(start)
        parent = self.open[-1] if self.open else None
        row = Item(len(self.items), label, "row", start, start, (parent.depth + 1) if parent else 0, parent, end)
        self.items.append(row)
        self._add(start, end, row, cells=cells)

    @staticmethod
    def _looks_header(cells: tuple[str, ...]) -> bool:
        return bool(headings.COLUMN.search(" ".join(cells).lower()))

    def _clauses(self, start: int, end: int, skip: int) -> None:
        text = self.text
        cuts = [start]
        for match in _BREAK.finditer(text, start + skip, end):
            head = text[cuts[-1] : match.end()]
            if match.group() != ";" and match.end() < end and (_ABBREVIATION.search(head[-14:]) or _NUMBER_OF_A_LIST.fullmatch(head) or len(head) <= headings.SHORT_HEAD and _NUMBERS_GO_ON.match(text, match.start() - 1)):
                continue
            cuts.append(match.end())
        cuts.extend(self._enumerated(start, start + skip + 1, end))
        for match in _INLINE.finditer(text, start, end):
            cuts.append(match.start())
        for match in _COLUMNS.finditer(text, start + skip + 1, end):
            cuts.append(match.start())
        cuts = self._renumbered(start, end, cuts)
        for left, right in zip(cuts, [*cuts[1:], end], strict=True):
            part = text[left:right]
            if not part.strip(" \t\r\n;.,-"):
                continue
            inner = left + len(part) - len(part.lstrip())
            aside = False
            if left > start:
                heading = headings.KEY.match(text, inner, right)
                if heading and (kind := section_kind(heading["key"])) and _INLINE.match(" " + text[inner:right]) is None and heading["key"][0].isupper() and kind in {"exam", "assessment_plan", "past", "plan", "procedure", "boilerplate", "codes", "followup"} and len(heading["key"]) > 3 and not (heading["key"] == "Skin" and headings.SUTURES.search(text, inner, right)):
                    self.in_item = bool(self.open)
                    self._section(inner, heading["key"], kind, line_has_more=True)
                    self.in_item = False
                    aside = kind == "boilerplate" and heading["key"].lower().startswith(("risk", "bleeding", "consent"))
                elif self.sections[-1].one_line and self.sections[-1].kind in PAST_KINDS and _OF_PATIENT.match(text, inner, right):
                    self._resume(inner)
                elif (inline := _ITEM.match(text, inner, right)) and (inline["number"] or inline["letter"] or _INLINE_NAMED.match(inline["named"] or "")):
                    self._item(inner, inline)
            self._add(inner, left + len(part.rstrip()), self.open[-1] if self.open else None)
            if aside:  # "P: ... Risks: bleeding, scar. Shave biopsy ...": the list of risks is one sentence of the paragraph
                self._resume(right)

    def _renumbered(self, start: int, end: int, cuts: list[int]) -> list[int]:
        """The cuts in order; in "1. Cyst  2. Psoriasis" a number begins its piece, it does not end the one before."""
        if not re.match(r"\s*1[.)]\s", self.text[start : start + 8]):
            return sorted(set(cuts))
        expected, moved = 2, set(cuts)
        for match in _NUMBERED.finditer(self.text, start, end):
            if int(match[1]) == expected:
                moved.discard(match.end() + 2)
                moved.add(match.end())
                expected += 1
        return sorted(moved)

    def _enumerated(self, line: int, start: int, end: int) -> Iterator[int]:
        """Where "(1) ... (2) ..." or "Site one ... Site two ..." begin a piece: in sequence, not inside parentheses."""
        expected = ""
        for match in _ENUMERATED.finditer(self.text, start, end):
            label = re.match(r"\(?([1-9]|[A-Ha-h])\)", self.text[match.start() : match.start() + 4])
            if label is None:
                yield match.end() if self.text[match.start()].isspace() else match.start()
                continue
            before = self.text[line : match.start()]
            if before.count("(") > before.count(")"):
                continue
            name = label[1].upper()
            opened = re.match(r"\s*\(?([1-9]|[A-Ha-h])[).]", self.text[line : line + 8])
            following = opened is not None and not expected and chr(ord(opened[1].upper()) + 1) == name  # "1) BCC, forearm  2) nevus, leg"
            if name != expected and not following and not re.search(r"[.;:,\n]\s*$|^\s*$", before):
                continue
            first = name in {"1", "A"}
            if first or following or name == expected:
                expected = chr(ord(name) + 1)
                yield match.start()

    def _carried(self, start: int) -> bool:
        """The clause before it on the same line was pasted from an earlier visit."""
        if not self.clauses or not self.clauses[-1].pasted:
            return False
        return "\n" not in self.text[self.clauses[-1].end : start]

    def _add(self, start: int, end: int, item: Item | None, cells: tuple[str, ...] = ()) -> None:
        text = self.text[start:end]
        body = item.body - start if item and start <= item.body < end else 0
        key = headings.KEY.match(text, max(body, 0)) or headings.BRACKET_KEY.match(text, max(body, 0))
        self.clauses.append(
            Clause(
                len(self.clauses), start, end, text, self.sections[-1], item, self.paragraph,
                key=key["key"].strip().lower() if key else None, cells=cells, header=self.header if cells else (),
                pasted=bool(_PASTED.search(text)) or self._carried(start), lower=text.lower(),
            )
        )  # fmt: skip


def lay_out(text: str, on: date | None = None) -> Layout:
    """The layout of a note; ``on`` is the date of service, which tells pasted earlier visits from today's."""
    return _Builder(without_unticked(text), on).run()
