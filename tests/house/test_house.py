"""House style that a machine can see: sizes, names, openings, nothing said twice, nothing carried along."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "notecoder"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST_MODULE = 500
NO_NAMES = {"utils", "util", "core", "helpers", "manager", "base", "misc"}
LONG_ENOUGH_TO_COUNT = 6


def test_modules_stay_readable() -> None:
    long = {
        path.name: n for path in MODULES if (n := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_MODULE
    }
    assert long == {}


def test_no_module_is_named_after_nothing() -> None:
    assert [path for path in MODULES if path.stem in NO_NAMES] == []


def test_modules_open_with_words() -> None:
    bare = [
        str(path.relative_to(PACKAGE))
        for path in MODULES
        if path.stat().st_size and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert [name for name in bare if "migrations" not in name] == []


def test_nothing_reads_the_clock_in_rules_or_reading() -> None:
    for room in ("rules", "reading"):
        for path in sorted((PACKAGE / room).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"\b(?:today|now|utcnow)\(\)", text), path.name
            assert "random" not in re.findall(r"^import (\w+)", text, re.MULTILINE), path.name


def same_bodies(sources: dict[str, str]) -> list[list[str]]:
    """Functions of a few lines or more whose bodies are the same in two places."""
    seen: dict[str, list[str]] = defaultdict(list)
    for name, source in sources.items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                if body and (body[-1].end_lineno or 0) - body[0].lineno + 1 >= LONG_ENOUGH_TO_COUNT:
                    seen["".join(map(ast.dump, body))].append(f"{name}:{node.name}")
    return [places for places in seen.values() if len(places) > 1]


def test_nothing_is_written_twice() -> None:
    sources = {str(path.relative_to(PACKAGE)): path.read_text(encoding="utf-8") for path in MODULES}
    assert same_bodies(sources) == []


def test_a_copy_is_seen() -> None:
    body = "    a = x\n    b = a\n    c = b\n    d = c\n    e = d\n    return e\n"
    assert same_bodies({"one.py": f"def f(x):\n{body}", "two.py": f"def g(x):\n    'Said.'\n{body}"}) == [
        ["one.py:f", "two.py:g"]
    ]


@pytest.mark.parametrize("script", ["run", "test", "check", "benchmark"])
def test_scripts_can_be_run(script: str) -> None:
    path = ROOT / "scripts" / script
    assert path.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", str(path)], check=True)


def test_every_file_of_the_package_is_packaged() -> None:
    """A file kind that pyproject does not name would be missing after ``pip install``."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    named = set(re.findall(r'"\*\.([a-z]+)"', text)) | {"py"}
    listed = subprocess.run(["git", "ls-files", "notecoder"], cwd=ROOT, capture_output=True, text=True, check=False)
    files = listed.stdout.split() or [str(path) for path in PACKAGE.rglob("*") if "__pycache__" not in path.parts]
    kinds = {Path(name).suffix.lstrip(".") for name in files} - {""}
    assert kinds - named - {"typed", "md"} == set()
    assert "py.typed" in text
