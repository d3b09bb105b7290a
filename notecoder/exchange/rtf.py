"""Text of an RTF note, as word processors inside EHRs write it: control words out, characters and paragraphs in.

Follows RTF 1.9: groups, destinations that are not text, ``\\'hh`` in the document's code page, ``\\uN`` with its
fallback characters skipped, tables as tabs and lines.
"""

from __future__ import annotations

import codecs
import re

from notecoder.exchange.extract import Extracted, Gathering, Unreadable

TOKEN = re.compile(r"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)")
BREAKS = {"par": "\n", "line": "\n", "row": "\n", "sect": "\n", "page": "\n", "tab": "\t", "cell": "\t"}
SIGNS = {
    "emdash": "\u2014",
    "endash": "\u2013",
    "bullet": "\u2022",
    "lquote": "\u2018",
    "rquote": "\u2019",
    "ldblquote": "\u201c",
    "rdblquote": "\u201d",
    "emspace": " ",
    "enspace": " ",
    "qmspace": " ",
}
SILENT = frozenset(
    [
        "fonttbl",
        "colortbl",
        "stylesheet",
        "info",
        "pict",
        "object",
        "header",
        "headerl",
        "headerr",
        "headerf",
        "footer",
        "footerl",
        "footerr",
        "footerf",
        "listtable",
        "listoverridetable",
        "rsidtbl",
        "generator",
        "themedata",
        "colorschememapping",
        "latentstyles",
        "datastore",
        "xmlnstbl",
        "fldinst",
        "bkmkstart",
        "bkmkend",
        "revtbl",
        "annotation",
        "footnote",
        "filetbl",
    ]
)
SYMBOLS = {"~": " ", "_": "-", "-": "", "\\": "\\", "{": "{", "}": "}", "\n": "\n", "\r": "\n"}
DEEPEST = 500


def read_rtf(source: str) -> Extracted:
    """The text of ``source`` (RTF read as Latin-1) with a map back into it. Raises ``Unreadable``."""
    if not source.lstrip().startswith("{\\rtf"):
        raise Unreadable("the file is not RTF")
    out = Gathering()
    silent, fallback, stack = False, 1, []
    page, skip, opened = "cp1252", 0, False
    for token in TOKEN.finditer(source):
        word, number, byte, symbol, brace, text = token.groups()
        start, end = token.span()
        if brace == "{":
            stack.append((silent, fallback))
            if len(stack) > DEEPEST:
                raise Unreadable("the RTF is nested too deeply")
            opened = True
            continue
        if brace == "}":
            silent, fallback = stack.pop() if stack else (False, 1)
            skip = 0
        elif symbol == "*" and opened:
            silent = True
        elif word is not None:
            if word in SILENT:
                silent = True
            elif word == "ansicpg" and number:
                page = _code_page(number)
            elif word == "uc" and number:
                fallback = max(0, int(number))
            elif word == "u" and number and not silent:
                code = int(number) % 65536
                out.add("" if 0xD800 <= code < 0xE000 or code == 0 else chr(code), start, end)
                skip = fallback
            elif not silent:
                out.add(BREAKS.get(word) or SIGNS.get(word, ""), start, end)
        elif byte is not None:
            if skip:
                skip -= 1
            elif not silent:
                out.add(bytes([int(byte, 16)]).decode(page, "replace").replace("\x00", ""), start, end)
        elif symbol is not None and not silent:
            out.add(SYMBOLS.get(symbol, ""), start, end)
        elif text is not None:
            dropped = min(skip, len(text))
            skip -= dropped
            if not silent:
                out.add(text[dropped:].replace("\x00", ""), start + dropped, end)
        opened = False
    return out.extracted("rtf")


def _code_page(number: str) -> str:
    try:
        name = f"cp{int(number)}"
        codecs.lookup(name)
    except (LookupError, ValueError):
        return "cp1252"
    return name if name in {"cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1257", "cp437", "cp850"} else "cp1252"
