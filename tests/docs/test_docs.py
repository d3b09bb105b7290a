"""What the documents say is what the program does."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import nbformat
import pytest

from notecoder.claim import CodingResult
from notecoder.cli import SERVICE, app
from notecoder.codebook import covered_days
from notecoder.coding import LONGEST_NOTE
from notecoder.errors import ERROR_CODES
from notecoder.evidence import LONGEST_SPAN, Evidence

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ANEW = "the program says something else now: look at the difference, then run scripts/examples"


def load_examples() -> ModuleType:
    spec = importlib.util.spec_from_file_location("examples", Path(__file__).parent / "examples.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


EXAMPLES = load_examples()


def table(heading: str) -> list[str]:
    """First cells of the first table after a heading."""
    part = README.split(f"\n## {heading}\n", 1)[1]
    rows = re.findall(r"^\| (.*?) \|", part.split("\n## ", 1)[0], re.MULTILINE)
    return rows[1:]


def test_readme_shows_what_the_command_prints() -> None:
    matches = list(EXAMPLES.CONSOLE.finditer(README))
    assert len(matches) == 1
    for match in matches:
        assert match["output"] == EXAMPLES.run_console(match), ANEW


def test_readme_shows_what_the_library_gives() -> None:
    matches = list(EXAMPLES.LIBRARY.finditer(README))
    assert len(matches) == 1
    for match in matches:
        assert match["output"] == EXAMPLES.run_library(match), ANEW
        assert match["output"].startswith("11102 1 ")


def test_readme_lists_every_error_code() -> None:
    assert [cell.strip("`") for cell in table("Errors")] == list(ERROR_CODES)


def test_readme_lists_every_field_of_a_result() -> None:
    named = [name for cell in table("The result") for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(named) == sorted(CodingResult.model_fields)
    assert re.search(r'`\{"start", "end", "text", "document", "role"\}`', README)
    assert set(Evidence.model_fields) == {"start", "end", "text", "document", "role"}


def test_readme_lists_every_command() -> None:
    named = {name for cell in table("Commands") for name in re.findall(r"`notecoder ([\w-]+)", cell)}
    known = {info.name or info.callback.__name__ for info in app.registered_commands if info.callback}
    assert named == known and set(SERVICE) <= known


def test_readme_gives_the_limits_of_the_program() -> None:
    first, last = covered_days()
    assert f"{first} to {last}" in README
    assert f"over {LONGEST_NOTE:,} characters" in README
    assert f"at most {LONGEST_SPAN} characters" in README


def test_notices_name_what_is_brought_along() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    for words in ("American Medical Association", "Unidecode", "GNU General Public License", "medspaCy"):
        assert words in notice
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_every_script_that_the_readme_names_exists() -> None:
    for name in re.findall(r"scripts/(\w+)", README):
        assert (ROOT / "scripts" / name).exists(), name


def test_there_are_three_notebooks() -> None:
    assert len(EXAMPLES.notebooks()) == 3


@pytest.mark.parametrize("path", EXAMPLES.notebooks(), ids=lambda path: path.stem)
def test_notebook_runs_and_prints_what_it_shows(path: Path) -> None:
    shown = EXAMPLES.printed(nbformat.read(path, as_version=4))
    assert any(shown)
    assert EXAMPLES.printed(EXAMPLES.executed(path)) == shown, ANEW
