"""The reading as spaCy components, for people who build their own pipelines.

``nlp.add_pipe("notecoder_lesions")`` works without an import: the names are entry points of ``spacy_factories``.
Each component writes one span group, ``doc.spans["notecoder.<kind>"]``, and changes nothing else; spans may overlap.

=====================  ================  ==============================================================
component              span group        label of a span
=====================  ================  ==============================================================
notecoder_layout       notecoder.layout  kind of the section its clause stands in (exam, procedure ...)
notecoder_sites        notecoder.sites   key of ``tables/sites.csv``, with "/left" or "/right" if said
notecoder_measures     notecoder.measures  role its own words give (margin, defect, length ... or unknown)
notecoder_lesions      notecoder.lesions  term of ``tables/icd10cm/terms.csv`` and its certainty
notecoder_acts         notecoder.acts    family of the act (biopsy, excision ...)
notecoder_status       notecoder.status  status of the act (performed, planned, historical ...)
=====================  ================  ==============================================================

The note is read once however many of the components a pipeline has. ``date_of_service`` (ISO, in the component's
config or as ``doc.user_data["notecoder.date_of_service"]``) lets the layout tell pasted earlier visits from today's;
without it no date in the note counts as past.
"""

# No postponed annotations here: spaCy reads the types of a factory's arguments.
# No postponed annotations here: spaCy reads the types of a factory's arguments.
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import lru_cache

from spacy.language import Language
from spacy.tokens import Doc, Span

from notecoder.reading.page import Page, mark_up

_DATE = "notecoder.date_of_service"
_NO_DATE = date(1900, 1, 1)
Found = Iterable[tuple[int, int, str]]


def page_of(doc: Doc, date_of_service: str | None = None) -> Page:
    """The marked-up note of a document, read once. Raises ``ValueError`` for a date that is none."""
    said = doc.user_data.get(_DATE) or date_of_service
    on = date.fromisoformat(str(said)) if said else _NO_DATE
    return _marked(doc.text, on)


@lru_cache(maxsize=2)
def _marked(text: str, on: date) -> Page:
    """Kept beside the document, not in it: a document with a page in its user data could not be saved."""
    return mark_up(text, on)


class Component:
    """One kind of span. Stateless but for its configuration, so a saved pipeline needs no data of it."""

    def __init__(self, kind: str, find: Callable[[Page], Found], date_of_service: str | None) -> None:
        self.kind = kind
        self.find = find
        self.date_of_service = date_of_service

    def __call__(self, doc: Doc) -> Doc:
        """Write the span group and return the document."""
        page = page_of(doc, self.date_of_service)
        spans = (doc.char_span(start, end, label=label, alignment_mode="expand") for start, end, label in self.find(page))
        doc.spans[f"notecoder.{self.kind}"] = [span for span in spans if isinstance(span, Span)]
        return doc


def _layout(page: Page) -> Iterator[tuple[int, int, str]]:
    for mark in page.marks:
        yield mark.clause.start, mark.clause.end, mark.kind


def _sites(page: Page) -> Iterator[tuple[int, int, str]]:
    for mark in page.marks:
        for site in mark.sites:
            yield site.start, site.end, f"{site.key}/{site.side}" if site.side else site.key


def _measures(page: Page) -> Iterator[tuple[int, int, str]]:
    for mark in page.marks:
        for measure in mark.measures:
            yield measure.start, measure.end, measure.role


def _lesions(page: Page) -> Iterator[tuple[int, int, str]]:
    for mark in page.marks:
        for seen in mark.diagnoses:
            yield seen.start, seen.end, f"{seen.term}/{seen.certainty}"


def _acts(page: Page) -> Iterator[tuple[int, int, str]]:
    for mark in page.marks:
        for act in mark.acts:
            yield act.start, act.end, act.family


def _status(page: Page) -> Iterator[tuple[int, int, str]]:
    for mark in page.marks:
        for act in mark.acts:
            yield act.start, act.end, act.status


@Language.factory("notecoder_layout", default_config={"date_of_service": None})
def make_layout(nlp: Language, name: str, date_of_service: str | None) -> Component:
    """Clauses, labeled with the kind of their section."""
    return Component("layout", _layout, date_of_service)


@Language.factory("notecoder_sites", default_config={"date_of_service": None})
def make_sites(nlp: Language, name: str, date_of_service: str | None) -> Component:
    """Places on the body that something is said of; landmarks are left out."""
    return Component("sites", _sites, date_of_service)


@Language.factory("notecoder_measures", default_config={"date_of_service": None})
def make_measures(nlp: Language, name: str, date_of_service: str | None) -> Component:
    """Sizes, margins, lengths and areas."""
    return Component("measures", _measures, date_of_service)


@Language.factory("notecoder_lesions", default_config={"date_of_service": None})
def make_lesions(nlp: Language, name: str, date_of_service: str | None) -> Component:
    """Lesions and other conditions with their certainty."""
    return Component("lesions", _lesions, date_of_service)


@Language.factory("notecoder_acts", default_config={"date_of_service": None})
def make_acts(nlp: Language, name: str, date_of_service: str | None) -> Component:
    """Phrases that name a procedure, whatever its status."""
    return Component("acts", _acts, date_of_service)


@Language.factory("notecoder_status", default_config={"date_of_service": None})
def make_status(nlp: Language, name: str, date_of_service: str | None) -> Component:
    """The same phrases, labeled with what became of the procedure."""
    return Component("status", _status, date_of_service)
