"""The commands. Each reads its input, calls the room that does the work, prints, and says by its status how it went.

Status 0: done. Status 2: the input cannot be used; one line on standard error names what was wrong, what was expected
and where, and never quotes the note. Status 3: a batch is complete, some of its rows are errors. The engine is loaded
only by commands that read notes.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from notecoder.errors import NoteError

SERVICE = {
    "serve": "Serve the API and the page for coders.",
    "keys": "API keys: one for each person or system.",
    "export-decisions": "Decided results as regression cases.",
}
"""Commands of the service; ``main`` imports it when one of them is called."""


app = typer.Typer(
    name="notecoder",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Reads dermatology notes and proposes the claim they support.",
)
BAD_INPUT = 2
SOME_ERRORS = 3

On = Annotated[str | None, typer.Option("--on", metavar="DATE", help="Date of service, such as 2026-11-10.")]
Payer = Annotated[str | None, typer.Option("--payer", metavar="P", help="medicare or commercial (the default).")]
Patient = Annotated[
    str | None, typer.Option("--patient", metavar="S", help="new or established; else read in the note.")
]
Place = Annotated[str | None, typer.Option("--pos", metavar="NN", help="Place of service; 11 when absent.")]
Unverified = Annotated[
    str,
    typer.Option(
        "--unverified-dates", metavar="refuse|review", help="review: code a date no table was verified for, for review."
    ),
]
NoteFile = Annotated[str, typer.Argument(metavar="NOTE", help="A text file, a .json note, or - for standard input.")]


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """Bad input ends with status 2 and one line."""
    try:
        yield
    except NoteError as error:
        sys.stderr.write(f"notecoder: {error.code}: {error.message}\n")
        raise SystemExit(BAD_INPUT) from None


def _context(on: str | None, payer: str | None, patient: str | None = None, pos: str | None = None) -> dict[str, Any]:
    given = {"date_of_service": on, "payer": payer, "patient_status": patient, "place_of_service": pos}
    return {key: value for key, value in given.items() if value is not None}


def _unverified(word: str) -> Literal["refuse", "review"]:
    if word == "review":
        return "review"
    if word == "refuse":
        return "refuse"
    raise NoteError("bad_context", "--unverified-dates: expected refuse or review")


def _coded(note: str, context: dict[str, Any], unverified: str) -> tuple[Any, str]:
    """The result of one note file and its text; options win over the note's own context."""
    from notecoder.coding import code_note
    from notecoder.intake import read_note

    read = read_note(note)
    whole = {**read.context, **context}
    if not whole.get("date_of_service"):
        raise NoteError("date_missing", "the date of service is missing; expected --on with a date such as 2026-11-10")
    try:
        result = code_note(
            read.text, context=whole, id=read.id, documents=read.documents, unverified_dates=_unverified(unverified)
        )
    except (NoteError, MemoryError):
        raise
    except Exception as error:
        from notecoder.batch import place_of

        raise NoteError("internal_error", place_of(error)) from None
    return result, read.text


def _print(text: str) -> None:
    """To standard output, whatever its encoding can show."""
    stream = sys.stdout
    encoding = stream.encoding or "ascii"
    stream.write(text.encode(encoding, "replace").decode(encoding))


@app.command()
def code(
    note: NoteFile,
    on: On = None,
    payer: Payer = None,
    patient: Patient = None,
    pos: Place = None,
    form: Annotated[str, typer.Option("--format", metavar="text|json|html")] = "text",
    unverified_dates: Unverified = "refuse",
) -> None:
    """Code one note: the claim, its evidence and rules, the questions, what was refused."""
    with _one_line_errors():
        if form not in {"text", "json", "html"}:
            raise NoteError("bad_context", "--format: expected text, json or html")
        result, text = _coded(note, _context(on, payer, patient, pos), unverified_dates)
        if form == "json":
            _print(json.dumps(result.model_dump(mode="json"), indent=1) + "\n")
        else:
            from notecoder.report import explain, page

            _print(page(result, text) if form == "html" else explain(result, text, color=_on_terminal()))


def _on_terminal() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


@app.command()
def batch(
    source: Annotated[
        str, typer.Argument(metavar="IN", help="JSON lines (a file or -), Parquet, or a folder of notes.")
    ],
    out: Annotated[str, typer.Option("-o", "--out", metavar="OUT", help="JSON lines; - for standard output.")],
    workers: Annotated[int, typer.Option(min=1, max=256, help="Processes.")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on after the answers that OUT holds already.")] = False,
    on: On = None,
    payer: Payer = None,
    unverified_dates: Unverified = "refuse",
) -> None:
    """Code many notes, one result a line, in order; a bad row gets an error and the rest go on."""
    from notecoder import batch as room
    from notecoder.intake import count_rows, read_notes

    with _one_line_errors():
        settings = room.Settings(defaults=_context(on, payer), unverified_dates=_unverified(unverified_dates))
        notes = iter(read_notes(source))
        if out == "-":
            tally = room.run(notes, sys.stdout.buffer, settings, workers=workers)
        else:
            bar = room.Bar(sys.stderr, total=count_rows(source) if sys.stderr.isatty() else None)
            done = room.taken_up(Path(out), notes) if resume else room.Tally()
            try:
                file = open(out, "ab" if resume else "wb")  # noqa: SIM115
            except OSError:
                raise NoteError(
                    "file_not_found", "OUT cannot be written; expected a file name in a folder that exists"
                ) from None
            with file:
                tally = room.run(notes, file, settings, workers=workers, tally=done, progress=bar)
            bar.close(tally)
    if tally.errors:
        sys.stderr.write(f"notecoder: {tally.errors:,} of {tally.rows:,} rows are errors\n")
        raise SystemExit(SOME_ERRORS)


@app.command()
def audit(
    note: NoteFile,
    billed: Annotated[str, typer.Option("--billed", metavar="LINES", help='Such as "99213-25, 11102x2, 88305".')],
    on: On = None,
    payer: Payer = None,
    patient: Patient = None,
    pos: Place = None,
    form: Annotated[str, typer.Option("--format", metavar="text|json")] = "text",
    unverified_dates: Unverified = "refuse",
) -> None:
    """Compare billed lines with what the note supports: add, remove, change, or bill as is, with reasons."""
    from notecoder.review import audit as room

    with _one_line_errors():
        lines = room.billed_lines(billed)
        result, _ = _coded(note, _context(on, payer, patient, pos), unverified_dates)
        found = room.audit(result, lines)
        _print(json.dumps(found.form(), indent=1) + "\n" if form == "json" else room.report(found))


@app.command()
def rulebook(
    family: Annotated[str | None, typer.Argument(metavar="FAMILY", help="One family; all when absent.")] = None,
    on: On = None,
    payer: Payer = None,
    unverified_dates: Unverified = "refuse",
) -> None:
    """Print the rules in force on a day in words a coder reads."""
    from notecoder.codebook import Codebook
    from notecoder.context import resolve
    from notecoder.rulebook import text

    with _one_line_errors():
        if on is None:
            raise NoteError("date_missing", "the day is missing; expected --on with a date such as 2026-11-10")
        context, _ = resolve(_context(on, payer))
        _print(text(Codebook.on(context.date_of_service, context.payer, _unverified(unverified_dates)), family))


@app.command()
def evaluate(
    gold: Annotated[Path, typer.Argument(metavar="GOLD_DIR", help="A folder of gold notes.")],
    results: Annotated[Path | None, typer.Option(help="Results as JSON lines; else the notes are coded now.")] = None,
    misses: Annotated[int | None, typer.Option(min=0, help="Show so many misses; all when absent.")] = None,
    only: Annotated[str, typer.Option(help="Only ids that start with one of these, comma-separated.")] = "",
    workers: Annotated[int, typer.Option(min=1, max=256, help="Processes.")] = 1,
    form: Annotated[str, typer.Option("--format", metavar="text|json")] = "text",
) -> None:
    """The figures of coding a gold set, by family, with the misses."""
    from dataclasses import asdict

    from notecoder.review import evaluate as room

    with _one_line_errors():
        golds = {name: row for name, row in room.gold_notes(gold).items() if name.startswith(tuple(only.split(",")))}
        if not golds:
            raise NoteError("file_not_found", "--only: no gold note's id starts so")
        rows = _results(results) if results else _answers_to(golds, workers)
        found = room.evaluate(golds, {str(row.get("id")): row for row in rows})
        if form == "json":
            _print(json.dumps(asdict(found), indent=1) + "\n")
        else:
            _print(room.report(found, misses=misses))


def _answers_to(golds: dict[str, dict[str, Any]], workers: int) -> Iterator[dict[str, Any]]:
    from notecoder import batch as room
    from notecoder.intake import note_of

    keys = ("id", "text", "context", "documents")
    notes = (note_of({key: row[key] for key in keys if key in row}, name) for name, row in golds.items())
    return room.answers(notes, room.Settings(defaults={}), workers=workers)


def _results(path: Path) -> Iterator[dict[str, Any]]:
    """Results of a batch. Raises ``bad_row`` for a line that is none."""
    from notecoder.intake import decoded, read_lines

    for number, raw in enumerate(read_lines(str(path)), 1):
        if not raw.strip():
            continue
        try:
            row = json.loads(decoded(raw, f"line {number}"))
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise NoteError("bad_row", f"line {number}: not a result; expected the output of notecoder batch")
        yield row


@app.command()
def coach(
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="Output of notecoder batch.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="REPORT", help="A .md, .txt or .json file.")],
) -> None:
    """What documentation was missing, by element, procedure and clinician."""
    from notecoder.review import coach as room

    with _one_line_errors():
        found = room.coach(_results(results))
        text = json.dumps(found.form(), indent=1) + "\n" if out.suffix == ".json" else room.report(found)
        try:
            out.write_text(text, encoding="utf-8")
        except OSError:
            raise NoteError(
                "file_not_found", "REPORT cannot be written; expected a file in a folder that exists"
            ) from None


@app.command()
def denial(
    note: NoteFile,
    line: Annotated[str, typer.Option("--line", metavar="LINE", help="The denied line as billed, such as 11102-59x2.")],
    carc: Annotated[str, typer.Option("--carc", metavar="N", help="The payer's reason code, such as 97.")],
    rarc: Annotated[str, typer.Option("--rarc", metavar="N", help="Its remark codes, comma-separated.")] = "",
    on: On = None,
    payer: Payer = None,
    patient: Patient = None,
    pos: Place = None,
    unverified_dates: Unverified = "refuse",
) -> None:
    """A denied line beside its note: correct, appeal, send records or accept, and with which words."""
    from notecoder.codebook import Codebook
    from notecoder.review import denials as room
    from notecoder.review.audit import billed_lines

    with _one_line_errors():
        remarks = tuple(part.strip().upper() for part in rarc.split(",") if part.strip())
        denied = room.Denied(billed=billed_lines(line)[0], carc=carc, rarc=remarks)
        result, _ = _coded(note, _context(on, payer, patient, pos), unverified_dates)
        day = date.fromisoformat(result.context["date_of_service"])
        book = Codebook.on(day, result.context["payer"], _unverified(unverified_dates))
        _print(json.dumps(room.form(room.answer(denied, result, book)), indent=1) + "\n")


@app.command("prior-auth")
def prior_auth(
    note: NoteFile,
    drug: Annotated[str, typer.Option(metavar="DRUG", help="Generic name or brand.")],
    indication: Annotated[str, typer.Option(metavar="WORDS", help="Such as 'atopic dermatitis'.")],
    on: On = None,
    unverified_dates: Unverified = "refuse",
) -> None:
    """The evidence packet for a prior authorization: what the note says of the checklist, and what it does not."""
    from notecoder.codebook import Codebook
    from notecoder.context import resolve
    from notecoder.intake import read_note
    from notecoder.review.prior_auth import packet

    with _one_line_errors():
        read = read_note(note)
        context, _ = resolve({**read.context, **_context(on, None)})
        book = Codebook.on(context.date_of_service, context.payer, _unverified(unverified_dates))
        found = packet(read.text, drug=drug, indication=indication, codebook=book, context=read.context)
        _print(json.dumps(found.form(), indent=1) + "\n")


@app.command()
def figures(
    lines: Annotated[Path, typer.Argument(metavar="LINES", help="Billed lines as CSV: claim, code, units, status ...")],
    results: Annotated[Path | None, typer.Option(help="Results of their notes, by claim: JSON lines.")] = None,
    on: On = None,
) -> None:
    """Figures of a practice from its billed lines, and beside what the notes support."""
    import csv

    from notecoder.codebook import Codebook
    from notecoder.context import resolve
    from notecoder.intake import decoded, read_bytes
    from notecoder.review import analytics as room

    with _one_line_errors():
        table = csv.DictReader(decoded(read_bytes(str(lines)), "LINES").splitlines())
        rows = [room.billed_row(row, f"row {number}") for number, row in enumerate(table, 1)]
        _print(room.report(room.figures(rows)))
        if results is not None:
            context, _ = resolve(_context(on, None))
            answers = {str(row.get("id")): row for row in _results(results) if isinstance(row.get("lines"), list)}
            _print("\n" + room.report(room.compared(rows, answers, Codebook.on(context.date_of_service))))


def _stand_in() -> None:
    """Only listed here; ``main`` hands the call to the service."""


for _name, _help in SERVICE.items():
    app.command(_name, help=_help)(_stand_in)

UsageError: type[Exception] = typer.BadParameter.__mro__[1]
"""What every wrong argument is, whichever library typer brings along."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command. Wrong arguments are one line too, without quoting what was given: it may be the note itself."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        chosen = _service() if given and given[0] in SERVICE else app
        status = chosen(args=given, prog_name="notecoder", standalone_mode=False)
    except UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            sys.stderr.write(f"{error}\n")
        else:
            sys.stderr.write(f"notecoder: {_usage(error)}\n")
        status = BAD_INPUT
    except (typer.Abort, KeyboardInterrupt):
        status = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    except Exception as error:
        from notecoder.batch import place_of

        sys.stderr.write(f"notecoder: internal_error: {place_of(error)}\n")
        status = 1
    raise SystemExit(status)


def _service() -> typer.Typer:
    try:
        from notecoder.service.commands import app as service
    except ModuleNotFoundError as missing:
        sys.stderr.write(f"notecoder: the service needs {missing.name}: pip install 'notecoder[service]'\n")
        raise SystemExit(BAD_INPUT) from None
    return service


def _usage(error: Exception) -> str:
    """What does not fit, from the names of the program alone."""
    context, parameter = getattr(error, "ctx", None), getattr(error, "param", None)
    command = context.command.name if context is not None and context.parent is not None else ""
    where = f"; see notecoder {command} --help" if command else "; see notecoder --help"
    kind = type(error).__name__
    if parameter is not None:
        option = max(getattr(parameter, "opts", None) or ["?"], key=len)
        name = option if option.startswith("-") else str(getattr(parameter, "metavar", None) or option)
        return f"{name} {'is missing' if kind == 'MissingParameter' else 'has a value that does not fit'}{where}"
    if kind == "NoSuchOption":
        return f"there is no such option{where}"
    if kind == "BadOptionUsage":
        return f"an option lacks its value{where}"
    return f"the arguments do not fit{where}" if command else f"there is no such command{where}"
