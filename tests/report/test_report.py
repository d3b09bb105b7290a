"""What a person sees: the claim first, words and rule under each line, then questions, refusals, standing."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import pytest

from notecoder.claim import CodingResult, Considered, Gap, Line, Step
from notecoder.evidence import Evidence, quote
from notecoder.report import explain, page

TEXT = "Exam: 6 mm papule <b>left cheek</b>.\n\nShave biopsy done & sent.\nTwo AKs frozen on the scalp."


def words(phrase: str, document: str | None = None) -> Evidence:
    start = TEXT.index(phrase)
    return quote(TEXT, start, start + len(phrase), document=document)


RESULT = CodingResult(
    id="v<1>",
    ruleset="notecoder 1; rvu 2026",
    context={"date_of_service": "2026-11-10", "payer": "medicare", "place_of_service": "11"},
    disposition="review",
    reasons=("scalp: lesion.size is missing",),
    lines=(
        Line(code="11102", diagnoses=("D49.2",), label="Biopsy of skin, tangential, first",
             evidence=(words("Shave biopsy done & sent."), words("biopsy done")),
             trace=(Step(rule="BX-02", says="tangential is the highest technique", evidence=(0,)),)),
        Line(code="17000", units=2, modifiers=("59",), label="Premalignant lesions destroyed, first",
             evidence=(words("Two AKs frozen on the scalp."), words("Exam", document="path-1")),
             trace=(Step(rule="DS-01", says="2 premalignant lesions"),)),
    ),
    considered=(Considered(code="99213", reason="every problem is part of the procedures", rule="EM-P-SUB",
                           evidence=(words("Exam"),)),),
    gaps=(Gap(element="lesion.size", severity="major", about="scalp", query="Please document the size.",
              evidence=(words("scalp"),)),),
    warnings=("Payer coded as medicare.",),
)  # fmt: skip


def test_text_has_everything_in_the_order_a_coder_reads() -> None:
    assert explain(RESULT, TEXT) == (
        "v<1>: claim for 2026-11-10, medicare, place 11  REVIEW\n"
        "\n"
        "  1  11102               D49.2                     Biopsy of skin, tangential, first\n"
        '       "Shave biopsy done & sent."  line 3\n'
        '       "biopsy done"  line 3\n'
        "       because tangential is the highest technique (BX-02)\n"
        "\n"
        "  2  17000-59 x2         no diagnosis              Premalignant lesions destroyed, first\n"
        '       "Two AKs frozen on the scalp."  line 4\n'
        '       "Exam"  in path-1\n'
        "       because 2 premalignant lesions (DS-01)\n"
        "\n"
        "Questions\n"
        "  ?  scalp [lesion.size, major: a person should look]\n"
        "       Please document the size.\n"
        '       "scalp"  line 4\n'
        "\n"
        "Not billed\n"
        "  99213   every problem is part of the procedures (EM-P-SUB)\n"
        '          "Exam"  line 1\n'
        "\n"
        "review: a person should look\n"
        "  - scalp: lesion.size is missing\n"
        "\n"
        "Warnings\n"
        "  - Payer coded as medicare.\n"
    )


def test_color_adds_only_escapes() -> None:
    colored = explain(RESULT, TEXT, color=True)
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[\d+m", "", colored) == explain(RESULT, TEXT)


def test_quotes_go_without_line_numbers_when_the_text_is_not_at_hand() -> None:
    assert '       "biopsy done"\n' in explain(RESULT)


def test_an_empty_claim_says_so() -> None:
    empty = CodingResult(context={"date_of_service": "2026-11-10", "payer": "commercial"})
    assert "No line: the note supports no claim." in explain(empty, "x")
    assert "No line: the note supports no claim." in page(empty, "x")


def test_long_quotes_are_wrapped_and_many_are_counted() -> None:
    long = "word " * 46
    spans = tuple(quote(long, start, start + 200 + start) for start in range(9))
    result = CodingResult(lines=(Line(code="11102", evidence=spans),), context={})
    rows = explain(result, long).splitlines()
    assert max(map(len, rows)) <= 100 and "       and 3 more" in rows


class Reader(HTMLParser):
    """Visible text of the note, ids, links and tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.inside: list[str] = []
        self.note = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        if values.get("id"):
            self.ids.append(str(values["id"]))
        if tag == "a":
            self.links.append(str(values["href"]))
        if tag in {"pre", "sup"}:
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"pre", "sup"}:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if self.inside == ["pre"]:
            self.note += data


@pytest.fixture
def read() -> Reader:
    reader = Reader()
    reader.feed(page(RESULT, TEXT))
    return reader


def test_page_shows_the_note_unchanged(read: Reader) -> None:
    assert read.note == TEXT


def test_page_links_lines_and_words_both_ways(read: Reader) -> None:
    assert len(read.ids) == len(set(read.ids))
    assert {link.removeprefix("#") for link in read.links} <= set(read.ids)
    assert {"#line-1", "#line-2"} <= set(read.links) and any(link.startswith("#words-") for link in read.links)


def test_page_needs_nothing_else(read: Reader) -> None:
    assert not {"script", "link", "img", "iframe"} & set(read.tags)
    assert "http" not in page(RESULT, TEXT).replace("http-equiv", "")
    assert "default-src 'none'" in page(RESULT, TEXT)


def test_page_escapes_what_it_shows() -> None:
    shown = page(RESULT, TEXT)
    assert "<b>left" not in shown and html.escape("<b>left cheek</b>") in shown
    assert "v&lt;1&gt;" in shown and "v<1>" not in shown


def test_page_is_accessible_by_structure(read: Reader) -> None:
    assert {"main", "header", "h1", "h2", "article", "title"} <= set(read.tags)
    assert '<html lang="en">' in page(RESULT, TEXT) and 'name="viewport"' in page(RESULT, TEXT)
    assert [tag for tag in read.tags if tag in {"h1", "h2", "h3", "h4"}][:2] == ["h1", "h2"]


def test_overlapping_words_keep_both_lines() -> None:
    lines = tuple(
        Line(code=code, evidence=(words(phrase),))
        for code, phrase in (("11102", "6 mm papule <b>"), ("11104", "papule <b>left"))
    )
    shown = page(CodingResult(lines=lines, context={}), TEXT)
    marks = re.findall(r'<mark id="[^"]+" title="line ([^"]+) of the claim">([^<]*)</mark>', shown)
    assert [(names, html.unescape(text)) for names, text in marks] == [
        ("1", "6 mm "), ("1, 2", "papule <b>"), ("2", "left"),
    ]  # fmt: skip
