"""Small notes read to the page: what stands in them, before any code is thought of."""

from datetime import date

import pytest

from notecoder.context import EncounterContext
from notecoder.reading.assemble import assemble, read_page
from notecoder.reading.page import mark_up

DAY = date(2026, 11, 10)


@pytest.fixture
def page():
    return lambda text: mark_up(text, DAY)


@pytest.fixture
def lesions():
    """(label, site, side) of every lesion of a note that has a place."""

    def read(text):
        _, registry = read_page(text, EncounterContext(date_of_service=DAY))
        return [(n.label, n.site.key, n.site.side) for n in registry.nodes if n.site is not None]

    return read


@pytest.fixture
def encounter():
    return lambda text: assemble(text, EncounterContext(date_of_service=DAY))
