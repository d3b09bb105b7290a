"""Text of an HTML note: blocks and rows on lines of their own, cells apart, scripts and styles left out."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from notecoder.exchange.extract import Extracted, Gathering

BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
        "caption",
    ]
)
CELLS = frozenset({"td", "th"})
SILENT = frozenset({"script", "style", "head", "template", "noscript", "svg"})
BLANKS = re.compile(r"[ \t\r\n\f]+")


class _Reader(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=False)
        self._lines = [0, *(found.end() for found in re.finditer("\n", source))]
        self._silent: list[str] = []
        self._pre = 0
        self.out = Gathering()
        self._ends_blank = True

    def _at(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent.append(tag)
        if self._silent:
            return
        if tag in BLOCKS:
            self._break()
        if tag == "pre":
            self._pre += 1
        if tag == "li":
            self.out.add("- ", self._at(), self._at())

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS and not self._silent:
            self._break()

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.pop()
            return
        if tag in BLOCKS:
            self._break()
        if tag == "pre":
            self._pre = max(0, self._pre - 1)
        if tag in CELLS and not self._ends_blank:
            self.out.add("\t", self._at(), self._at())
            self._ends_blank = True

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        at = self._at()
        if self._pre:
            self._say(data, at, at + len(data))
            return
        position = 0
        for blank in BLANKS.finditer(data):
            self._say(data[position : blank.start()], at + position, at + blank.start())
            if not self._ends_blank:
                self.out.add(" ", at + blank.start(), at + blank.end())
                self._ends_blank = True
            position = blank.end()
        self._say(data[position:], at + position, at + len(data))

    def handle_entityref(self, name: str) -> None:
        self._reference(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._reference(f"&#{name};")

    def _reference(self, written: str) -> None:
        if not self._silent:
            said = html.unescape(written).replace("\x00", "").replace("\xa0", " ")
            self._say(said, self._at(), self._at() + len(written))

    def _say(self, text: str, start: int, end: int) -> None:
        if text:
            self.out.add(text, start, end)
            self._ends_blank = text[-1].isspace()

    def _break(self) -> None:
        self.out.break_line(self._at())
        self._ends_blank = True


def read_html(source: str) -> Extracted:
    """The text a reader of the page sees, with a map back into ``source``."""
    reader = _Reader(source)
    reader.feed(source)
    reader.close()
    return reader.out.extracted("html")
