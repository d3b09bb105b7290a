"""Text out of files, with the way back to where it stood."""

from __future__ import annotations

import pytest
from exchange_samples import pdf
from hypothesis import given, settings
from hypothesis import strategies as st

from notecoder.exchange.extract import Unreadable, extract, extract_plain, sniff
from notecoder.exchange.html_text import read_html
from notecoder.exchange.offsets import Utf16, in_utf16
from notecoder.exchange.rtf import read_rtf


def test_pdf_text_leads_back_to_its_page() -> None:
    found = extract(pdf("Shave biopsy of the cheek.", "", "Punch biopsy of the back."), "pdf")
    start = found.text.index("Punch")
    assert [segment.page for segment in found.locate(start, start + 5)] == [3]
    assert [segment.page for segment in found.locate(0, 5)] == [1]
    assert found.pages == 3 and found.warnings == ("No text on page 2; it may be scanned.",)


@pytest.mark.parametrize("data", [b"%PDF-1.4 nothing", pdf(""), pdf("x")[:200], b"%PDF-" + b"\xff" * 500])
def test_pdf_without_readable_text_says_so(data: bytes) -> None:
    with pytest.raises(Unreadable):
        extract(data, "pdf")


RTF = (
    r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}}{\*\generator Word;}\pard\b Procedure:\b0  shave\par"
    "\n"
    r"6 mm\'b0 \u8804?3 mm {\i left} cheek\line caf\'e9\tab x\{y\}\par}"
)


def test_rtf_text_and_its_map() -> None:
    found = read_rtf(RTF)
    assert found.text == "Procedure: shave\n6 mm\u00b0 \u22643 mm left cheek\ncaf\u00e9\tx{y}\n"
    start = found.text.index("left")
    (segment,) = found.locate(start, start + 4)
    assert RTF[segment.source_start : segment.source_end].strip() == "left"


def test_rtf_nested_without_end_is_refused() -> None:
    with pytest.raises(Unreadable):
        read_rtf("{\\rtf1" + "{" * 600)


HTML = (
    "<!doctype html><html><head><title>no</title><style>p{}</style></head><body><h1>Note</h1>"
    "<p>Shave&nbsp;biopsy   of\nthe <b>left</b> cheek &amp; nose.</p><script>no()</script>"
    "<table><tr><td>Size</td><td>6&#160;mm</td></tr></table><ul><li>one<li>two</ul><pre>a\n  b</pre></body></html>"
)


def test_html_text_and_its_map() -> None:
    found = read_html(HTML)
    assert found.text == ("Note\nShave biopsy of the left cheek & nose.\nSize\t6 mm\t\n- one\n- two\na\n  b\n")
    start = found.text.index("left")
    (segment,) = found.locate(start, start + 4)
    assert HTML[segment.source_start : segment.source_end] == "left"
    ampersand = found.text.index("&")
    (segment,) = found.locate(ampersand, ampersand + 1)
    assert HTML[segment.source_start : segment.source_end] == "&amp;"


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["html", "rtf", "text"]))
def test_map_covers_the_text_in_order_whatever_comes(words: str, kind: str) -> None:
    source = "{\\rtf1 " + words if kind == "rtf" else words
    outcome = extract_plain(source.encode("utf-8", "ignore"), kind)  # type: ignore[arg-type]
    if "error" in outcome:
        return
    position = 0
    for segment in outcome["segments"]:
        assert segment["start"] == position < segment["end"]
        assert segment["source_start"] <= segment["source_end"]
        position = segment["end"]
    assert position == len(outcome["text"])


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for kind in ("pdf", "rtf", "html", "text"):
        outcome = extract_plain(data, kind)  # type: ignore[arg-type]
        assert "text" in outcome or "error" in outcome


def test_first_bytes_tell_the_kind() -> None:
    assert sniff(b"%PDF-1.7", "text/plain") == "pdf"
    assert sniff(b"{\\rtf1", "") == "rtf"
    assert sniff(b"<html>", "") == "html"
    assert sniff(b"words", "text/plain; charset=utf-8") == "text"
    with pytest.raises(Unreadable):
        sniff(b"words", "image/png")


@given(st.text(alphabet="ab\U0001f642\u00e9\n", max_size=40))
def test_utf16_offsets_lead_there_and_back(text: str) -> None:
    count = Utf16(text)
    for at in range(len(text) + 1):
        assert count.units(at) == len(text[:at].encode("utf-16-le")) // 2
        assert count.points(count.units(at)) == at


def test_only_spans_are_restated() -> None:
    text = "\U0001f642x"
    result = {"lines": [{"evidence": [{"start": 1, "end": 2, "document": None}]}], "context": {"start": 1, "end": 2}}
    moved = in_utf16(result, text=text, documents={})
    assert moved["lines"][0]["evidence"][0] == {"start": 2, "end": 3, "document": None}
    assert moved["context"] == {"start": 1, "end": 2}
