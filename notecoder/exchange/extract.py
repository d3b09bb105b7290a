"""Text of a file that an EHR sends: PDF, RTF, HTML or plain text, with a map from each offset back to the file.

Evidence points into the extracted text; ``Extracted.locate`` says where that is in the file: a page of a PDF, or a
stretch of the source of an RTF or HTML file. A scanned page has no text and is named in ``warnings``; nothing is
guessed from its picture.
"""

from __future__ import annotations

import io
from bisect import bisect_right
from typing import Any, Literal

from notecoder.coding import LONGEST_NOTE
from notecoder.evidence import Frozen

FileKind = Literal["text", "html", "rtf", "pdf"]
MOST_PAGES = 300


class Unreadable(ValueError):
    """The file has no text that could be read; the message says why."""


class Segment(Frozen):
    """``text[start:end]`` comes from ``source[source_start:source_end]``, or from page ``page`` (1 is the first)."""

    start: int
    end: int
    source_start: int = 0
    source_end: int = 0
    page: int = 1


class Extracted(Frozen):
    """Text in reading order and where each stretch of it stands in the file."""

    text: str
    kind: FileKind
    segments: tuple[Segment, ...]
    pages: int = 1
    warnings: tuple[str, ...] = ()

    def locate(self, start: int, end: int) -> tuple[Segment, ...]:
        """The segments that ``text[start:end]`` came from."""
        starts = [segment.start for segment in self.segments]
        first = max(0, bisect_right(starts, start) - 1)
        return tuple(segment for segment in self.segments[first:] if segment.start < end and segment.end > start)


class Gathering:
    """Collects text piece by piece together with its map; neighbors from neighboring source are joined."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._segments: list[Segment] = []
        self.length = 0

    def add(self, text: str, source_start: int, source_end: int) -> None:
        """``text`` stands at ``source_start:source_end`` of the file."""
        if not text:
            return
        end, last = self.length + len(text), self._segments[-1] if self._segments else None
        straight = len(text) == source_end - source_start
        if last and straight and last.end == self.length and last.source_end == source_start:
            if last.end - last.start == last.source_end - last.source_start:
                self._segments[-1] = last.model_copy(update={"end": end, "source_end": source_end})
                self._parts.append(text)
                self.length = end
                return
        self._segments.append(Segment(start=self.length, end=end, source_start=source_start, source_end=source_end))
        self._parts.append(text)
        self.length = end

    def break_line(self, at: int) -> None:
        """A new line, unless one has just begun."""
        if self._parts and not self._parts[-1].endswith("\n"):
            self.add("\n", at, at)

    def extracted(self, kind: FileKind, *, warnings: tuple[str, ...] = ()) -> Extracted:
        """What was collected."""
        return Extracted(text="".join(self._parts), kind=kind, segments=tuple(self._segments), warnings=warnings)


def extract(data: bytes, kind: FileKind) -> Extracted:
    """The text of a file. Raises ``Unreadable``."""
    if kind == "pdf":
        found = _pdf(data)
    elif kind == "rtf":
        from notecoder.exchange.rtf import read_rtf

        found = read_rtf(data.decode("latin-1"))
    else:
        source = _decoded(data)
        if kind == "html":
            from notecoder.exchange.html_text import read_html

            found = read_html(source)
        else:
            whole = Segment(start=0, end=len(source), source_start=0, source_end=len(source))
            found = Extracted(text=source, kind="text", segments=(whole,))
    if not found.text.strip():
        raise Unreadable("the file holds no text (a scanned page has to be read by OCR first)")
    if len(found.text) > LONGEST_NOTE:
        raise Unreadable(f"the file holds more than {LONGEST_NOTE:,} characters")
    return found


def extract_plain(data: bytes, kind: FileKind) -> dict[str, Any]:
    """``extract`` as plain data, ``{"error": ...}`` when it cannot be read: crosses process borders."""
    try:
        return extract(data, kind).model_dump(mode="json")
    except Unreadable as unreadable:
        return {"error": str(unreadable)}


def sniff(data: bytes, declared: str) -> FileKind:
    """The kind of a file by its first bytes, else by the declared media type."""
    head = data[:1024].lstrip()
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"{\\rtf"):
        return "rtf"
    media = declared.split(";")[0].strip().lower()
    if media in {"text/html", "application/xhtml+xml"} or head[:15].lower().startswith((b"<!doctype html", b"<html")):
        return "html"
    if media in {"text/plain", "text/markdown", "text/x-markdown", ""}:
        return "text"
    raise Unreadable("expected text/plain, text/html, text/rtf or application/pdf")


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise Unreadable("the file is not text")


def _pdf(data: bytes) -> Extracted:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("the PDF is protected by a password")
        if len(reader.pages) > MOST_PAGES:
            raise Unreadable(f"the PDF has more than {MOST_PAGES} pages")
        parts: list[str] = []
        segments, empty, length = [], [], 0
        for number, page in enumerate(reader.pages, 1):
            text = page.extract_text().replace("\x00", "")
            text = text.encode("utf-8", "ignore").decode("utf-8").rstrip() + "\n" if text.strip() else ""
            if not text:
                empty.append(str(number))
                continue
            parts.append(text)
            segments.append(Segment(start=length, end=length + len(text), page=number))
            length += len(text)
            if length > LONGEST_NOTE:
                raise Unreadable(f"the file holds more than {LONGEST_NOTE:,} characters")
    except Unreadable:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError, RecursionError):
        raise Unreadable("the PDF is damaged") from None
    warnings = (f"No text on page {', '.join(empty)}; it may be scanned.",) if empty else ()
    return Extracted(
        text="".join(parts), kind="pdf", segments=tuple(segments), pages=len(reader.pages), warnings=warnings
    )
