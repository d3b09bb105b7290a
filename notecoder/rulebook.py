"""The rules in force on a day, in the words a coder reads.

Each family's rules open with how a coder decides; behind that stand the single rules with their ids and the table that
gives the codes that day. Both are read from where they are used, so this page and the program cannot differ: the words
are those of the modules, the sentences those that stand in the traces of results, the rows those of the codebook.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType

from notecoder import rules
from notecoder.codebook import Codebook, Row
from notecoder.errors import NoteError
from notecoder.rules import FAMILIES

FURTHER: tuple[str, ...] = (
    "diagnoses", "edits", "limits", "global_period", "modifier25", "visit_level", "telehealth", "precedence",
    "closure", "place", "drugs", "sequence", "gaps", "disposition", "refusals",
)  # fmt: skip
"""Rules that look across families, after these."""
RULE = re.compile(r"\b(?:HC-\d+|[A-Z]{2,4}-(?:[A-Z]{1,4}(?:-[A-Z]{1,4})?|\d{2})|[SCD]\d{1,2}|M25)\b(?!-)")
SECTION = re.compile(r"(?:em_dx )?\d{1,2}\.\d{1,2}")
"""A section of the rulebook stands for a rule without an id of its own."""
SENTENCE_ARGUMENTS = {"because": (0, 1), "Refusal": (2, 1), "Remove": (2, 1), "Mark": (2, 3), "Limit": (2, 3)}
"""Of each call that gives a reason: the positions of the rule's id and of what it says."""
WIDTH = 100
OWN_TABLE = {"excision": ("excision",), "visit": ("visit/levels",)}


@dataclass(frozen=True, slots=True)
class Chapter:
    """One family or one set of rules across families."""

    name: str
    opening: str
    """How a coder decides, in paragraphs."""
    sentences: tuple[tuple[str, str], ...]
    """(rule id, what it says), by id."""
    rows: tuple[Row, ...]
    """The codes in force."""


@cache
def modules() -> dict[str, ModuleType]:
    """Every set of rules by its name, families first, in the order they are applied."""
    found = {module.__name__.rpartition(".")[2]: module for module in FAMILIES}
    for name in FURTHER:
        if name not in found:
            found[name] = import_module(f"{rules.__name__}.{name}")
    return found


def chapters(codebook: Codebook, family: str | None = None) -> list[Chapter]:
    """All chapters, or one. Raises ``bad_context`` for a family that is not there."""
    known = modules()
    if family is None:
        return [_chapter(name, module, codebook) for name, module in known.items()]
    name = family.strip().lower().replace(" ", "_").replace("-", "_")
    if name not in known:
        raise NoteError("bad_context", f"no family of that name; expected one of {', '.join(known)}")
    return [_chapter(name, known[name], codebook)]


def _chapter(name: str, module: ModuleType, codebook: Codebook) -> Chapter:
    return Chapter(
        name=name,
        opening=inspect.cleandoc(module.__doc__ or ""),
        sentences=tuple(sorted(dict.fromkeys(_sentences(module)), key=lambda pair: pair[0])),
        rows=tuple(_rows(name, module, codebook)),
    )


def _sentences(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Rule and sentence: from what a result's trace says, and from the descriptions of single decisions."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.FunctionDef):
            words = (ast.get_docstring(node) or "").split("\n\n")[0]
            lead, colon, rest = words.partition(":")
            if colon and RULE.search(lead):
                yield ", ".join(RULE.findall(lead)), _sentence(rest)
            elif words:
                yield from ((rule, _sentence(words)) for rule in RULE.findall(words)[:1] if len(words) > len(rule) + 20)
        elif isinstance(node, ast.Call):
            yield from _reason(node)


def _reason(call: ast.Call) -> Iterator[tuple[str, str]]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    wanted = SENTENCE_ARGUMENTS.get(name)
    if wanted is None or len(call.args) <= max(wanted):
        return
    rule, says = (_words(call.args[position]) for position in wanted)
    if rule and says and (RULE.fullmatch(rule) or SECTION.fullmatch(rule)):
        yield rule, _sentence(says)


def _words(node: ast.expr) -> str:
    """A text of the program; what it fills in is shown as three dots."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(_words(part) if isinstance(part, ast.Constant) else "..." for part in node.values)
    if isinstance(node, ast.IfExp):
        return " / ".join(filter(None, (_words(node.body), _words(node.orelse))))
    return ""


def _sentence(words: str) -> str:
    plain = " ".join(words.replace("``", "").split())
    plain = re.sub(r"\s*\([^()]*\)$", "", plain.removesuffix(".")) if not plain.endswith("...") else plain
    return plain[:1].upper() + plain[1:]


def _rows(name: str, module: ModuleType, codebook: Codebook) -> Iterator[Row]:
    """Rows of the tables that the module names, with a code."""
    if module not in FAMILIES:
        return
    tables = re.findall(r"\.table\(\"([\w/]+)\"\)", inspect.getsource(module))
    own = [table for table in tables if table == name] or OWN_TABLE.get(name, tuple(tables))
    seen: set[str] = set()
    for table in dict.fromkeys(own):
        if not table.startswith("edits/"):
            for row in codebook.table(table):
                if row.get("code") and str(row) not in seen:
                    seen.add(str(row))
                    yield row


def text(codebook: Codebook, family: str | None = None) -> str:
    """The rules in force as text."""
    head = f"Rules in force on {codebook.day.isoformat()}, {codebook.payer}\n{codebook.ruleset}\n"
    if codebook.warning:
        head += f"{codebook.warning}\n"
    return head + "".join(f"\n{_printed(chapter)}" for chapter in chapters(codebook, family))


def _printed(chapter: Chapter) -> str:
    title = chapter.name.replace("_", " ")
    lines = [title.upper(), "=" * len(title), ""]
    for paragraph in chapter.opening.split("\n\n"):
        lines += [*textwrap.wrap(" ".join(paragraph.replace("``", "").split()), WIDTH), ""]
    width = max((len(rule) for rule, _ in chapter.sentences), default=0)
    for rule, says in chapter.sentences:
        lead = f"  {rule:<{width}}  "
        lines += textwrap.wrap(says, WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead))
    if chapter.sentences:
        lines.append("")
    lines += [_row(row) for row in chapter.rows]
    return "\n".join(lines).rstrip() + "\n"


def _row(row: Row) -> str:
    band = [f"group {row['group']}"] if row.get("group") else []
    over, through = row.get("over") or "", row.get("through") or ""
    if through:
        band.append(f"over {over or '0'} through {through}")
    elif over not in {"", "0"}:
        band.append(f"over {over}")
    if row.get("step"):
        band.append(f"each {row['step']}")
    if row.get("minutes"):
        band.append(f"or {row['minutes']} minutes")
    return f"  {row['code']}  {row.get('label', '')}" + (f"  [{', '.join(band)}]" if band else "")
