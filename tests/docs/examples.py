"""The examples of README.md and of notebooks/: how they are run, and (as a program) written anew."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
NOTEBOOKS = ROOT / "notebooks"
CONSOLE = re.compile(r"(?P<head>```console\n\$ notecoder (?P<arguments>[^\n]*)\n)(?P<output>.*?)```", re.DOTALL)
LIBRARY = re.compile(r"(?P<head>```python\n(?P<program>.*?)```\n\n```output\n)(?P<output>.*?)```", re.DOTALL)


def run_console(match: re.Match[str]) -> str:
    """What the command prints, run from the root of the project."""
    from notecoder.cli import main

    before = Path.cwd()
    os.chdir(ROOT)
    try:
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):
            main(shlex.split(match["arguments"]))
    finally:
        os.chdir(before)
    return out.getvalue()


def run_library(match: re.Match[str]) -> str:
    """What the program prints."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(match["program"], "README.md", "exec"), {})
    return out.getvalue()


def notebooks() -> list[Path]:
    return sorted(NOTEBOOKS.glob("*.ipynb"))


def printed(notebook: nbformat.NotebookNode) -> list[str]:
    """The text that each code cell printed."""
    return [
        "".join(output.get("text", "") for output in cell.outputs)
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def executed(path: Path) -> nbformat.NotebookNode:
    """A notebook after running all its cells in the folder it lies in."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    ).execute()
    return notebook


def write_anew() -> None:
    text = README.read_text(encoding="utf-8")
    text = CONSOLE.sub(lambda match: f"{match['head']}{run_console(match)}```", text)
    text = LIBRARY.sub(lambda match: f"{match['head']}{run_library(match)}```", text)
    README.write_text(text, encoding="utf-8")
    for path in notebooks():
        notebook = executed(path)
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)
        nbformat.write(notebook, path)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    write_anew()
