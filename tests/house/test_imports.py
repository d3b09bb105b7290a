"""Imports go one way: evidence <- context, facts, claim, codebook <- reading | rules <- coding <- report, review <-
exchange, batch <- service, cli; rules know no words and no NLP, reading knows no codes."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "notecoder"
RANK = {
    "evidence": 0,
    "errors": 0,
    "context": 1,
    "facts": 1,
    "models": 1,
    "claim": 1,
    "codebook": 1,
    "reading": 2,
    "rules": 2,
    "coding": 3,
    "report": 4,
    "review": 4,
    "rulebook": 4,
    "intake": 5,
    "exchange": 5,
    "batch": 5,
    "service": 6,
    "cli": 6,
    "__main__": 7,
}
NLP = {"spacy", "medspacy", "sklearn", "skops", "numpy", "thinc", "scipy"}
MAY_NOT = {"reading": {"rules", "codebook", "coding"}, "rules": {"reading", "coding"}}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def wrong(room: str, names: Iterator[str]) -> Iterator[str]:
    """Every import that goes the wrong way."""
    for name in names:
        parts = name.split(".")
        if room != "reading" and parts[0] in NLP:
            yield f"{name}: only reading imports NLP"
        if parts[0] != "notecoder" or len(parts) < 2 or parts[1] not in RANK:
            continue
        if RANK[parts[1]] > RANK[room] or parts[1] in MAY_NOT.get(room, ()):
            yield f"{name}: against the flow from {room}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_imports_only_what_lies_before_it(path: Path) -> None:
    if path == PACKAGE / "__init__.py":
        return
    room = room_of(path)
    assert room in RANK, f"{room} has no place in the flow"
    assert list(wrong(room, imported(ast.parse(path.read_text(encoding="utf-8"))))) == []


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("rules", "from notecoder.reading.sites import find"),
        ("rules", "import spacy"),
        ("reading", "from notecoder.rules import propose"),
        ("reading", "from notecoder.codebook import Codebook"),
        ("facts", "from notecoder import coding"),
        ("review", "from notecoder.batch import answers"),
        ("cli", "import numpy"),
    ],
)
def test_a_wrong_import_is_seen(room: str, line: str) -> None:
    assert list(wrong(room, imported(ast.parse(line))))


def test_reading_names_no_table() -> None:
    for path in sorted((PACKAGE / "reading").rglob("*.py")):
        assert "notecoder.tables" not in path.read_text(encoding="utf-8"), path.name


@pytest.mark.parametrize("module", ["notecoder", "notecoder.cli", "notecoder.batch", "notecoder.rulebook"])
def test_importing_stays_light(module: str) -> None:
    """Commands that read no note must not wait for the engine."""
    script = (
        f"import sys, {module}; print([name for name in {sorted(NLP | {'fastapi', 'loguru'})} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
