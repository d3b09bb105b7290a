"""Many notes: each gets one answer, in order, whatever is wrong with some of them."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notecoder import batch as room
from notecoder.batch import Settings, answers, run, taken_up
from notecoder.claim import CodingResult
from notecoder.cli import main
from notecoder.coding import checked_text
from notecoder.context import resolve
from notecoder.errors import ERROR_CODES, NoteError
from notecoder.intake import Note, read_notes

ROOT = Path(__file__).resolve().parents[2]
TEXT = "Left cheek: shave biopsy of a 6 mm papule performed. Impression: nevus."
DAY = {"date_of_service": "2026-11-10"}
ON = Settings(defaults=DAY)


def quick(text: str, *, context: Any, id: str | None, **_: object) -> CodingResult:
    """Checks of the real coder without its reading."""
    checked_text(text)
    resolved, _warnings = resolve(context)
    return CodingResult(id=id, context=resolved.model_dump(mode="json", exclude_none=True))


def call(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def good(name: str) -> bytes:
    return json.dumps({"id": name, "text": TEXT, "context": DAY}).encode()


BROKEN: list[tuple[bytes, str | None, str]] = [
    (b"{not json", None, "bad_row"),
    (b"[1, 2]", None, "bad_row"),
    (b'"text"', None, "bad_row"),
    (b"\xff\xfe\x00", None, "bad_row"),
    (b"[" * 100_000, None, "bad_row"),
    (b'{"id": 1.5, "text": "x", "context": {"date_of_service": "2026-11-10"}}', None, "bad_row"),
    (b'{"id": "no-text", "context": {"date_of_service": "2026-11-10"}}', "no-text", "not_text"),
    (b'{"id": "number", "text": 5}', "number", "not_text"),
    (b'{"text": "", "context": {"date_of_service": "2026-11-10"}}', None, "empty_note"),
    (b'{"id": "blank", "text": "  ", "context": {"date_of_service": "2026-11-10"}}', "blank", "empty_note"),
    (b'{"id": "half", "text": "x \\ud800", "context": {"date_of_service": "2026-11-10"}}', "half", "not_text"),
    (b'{"id": "nul", "text": "x \\u0000", "context": {"date_of_service": "2026-11-10"}}', "nul", "not_text"),
    (b'{"id": "undated", "text": "x"}', "undated", "date_missing"),
    (b'{"id": "30 feb", "text": "x", "context": {"date_of_service": "2026-02-30"}}', "30 feb", "bad_context"),
    (b'{"id": "as number", "text": "x", "context": {"date_of_service": 20261110}}', "as number", "bad_context"),
    (b'{"id": "payer", "text": "x", "context": {"date_of_service": "2026-11-10", "payer": "zorg"}}', "payer", "bad_context"),
    (b'{"id": "list", "text": "x", "context": []}', "list", "bad_context"),
    (b'{"id": "docs", "text": "x", "documents": ["y"]}', "docs", "bad_row"),
    (b'{"id": "long", "text": "' + b"x" * 1_000_001 + b'", "context": {"date_of_service": "2026-11-10"}}', "long",
     "note_too_large"),
]  # fmt: skip


def test_thousands_of_rows_with_broken_ones_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "code_note", quick)
    rows, expected = [], []
    for number in range(3000):
        if number % 50 == 7:
            raw, name, code = BROKEN[(number // 50) % len(BROKEN)]
            rows.append(raw)
            expected.append((name, code))
        else:
            rows.append(good(f"n{number}"))
            expected.append((f"n{number}", None))
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(b"\n".join(rows) + b"\n")
    assert call("batch", str(source), "-o", str(out)) == 3
    got = lines(out)
    assert [(row["id"], row["error"]["code"] if "error" in row else None) for row in got] == expected
    assert {code for _, code in expected if code} <= set(ERROR_CODES)
    for row in got:
        if "error" in row:
            assert list(row) == ["id", "error"] and list(row["error"]) == ["code", "message"]
            assert "xxx" not in row["error"]["message"] and "\n" not in row["error"]["message"]


def test_a_bad_row_names_its_place() -> None:
    source = io.BytesIO(good("a") + b"\n\n{oops\n")
    from notecoder.intake import _json_lines

    notes = list(_json_lines(source))
    assert [note.id for note in notes] == ["a", None]
    assert notes[1].error is not None and notes[1].error.message.startswith("row 3: not JSON")


def test_a_row_too_long_to_keep_is_read_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notecoder.intake.LONGEST_ROW", 1000)
    source = tmp_path / "in.jsonl"
    source.write_bytes(good("a") + b"\n" + b"x" * 5000 + b"\n" + good("b"))
    notes = list(read_notes(str(source)))
    assert [(note.id, note.error.code if note.error else None) for note in notes] == [
        ("a", None), (None, "note_too_large"), ("b", None),
    ]  # fmt: skip


def test_status_is_0_when_every_row_was_answered(tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(good("a") + b"\n" + json.dumps({"text": TEXT}).encode() + b"\n")
    assert call("batch", str(source), "-o", str(out), "--on", "2026-03-03", "--payer", "medicare") == 0
    first, second = lines(out)
    assert (first["id"], second["id"]) == ("a", None)
    assert first["context"]["date_of_service"] == "2026-11-10"
    assert (second["context"]["date_of_service"], second["context"]["payer"]) == ("2026-03-03", "medicare")
    assert [row["lines"][0]["code"] for row in (first, second)] == ["11102", "11102"]


def test_workers_give_the_same_bytes_as_one_process(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    paths = sorted((ROOT / "corpora/notes").glob("*/*-00[12].json"))
    keys = ("id", "text", "context", "documents")
    rows = []
    for path in paths:
        note = json.loads(path.read_text(encoding="utf-8"))
        rows.append(json.dumps({key: note[key] for key in keys if key in note}).encode())
    rows.insert(5, b"{broken")
    source.write_bytes(b"\n".join(rows))
    outs = []
    for workers in ("1", "2"):
        out = tmp_path / f"{workers}.jsonl"
        assert call("batch", str(source), "-o", str(out), "--workers", workers) == 3
        outs.append(out.read_bytes())
    assert outs[0] == outs[1]
    assert outs[0].count(b"\n") == len(rows) > 40


DYING = """
import os
from notecoder.batch import answer
def bundle(notes, settings):
    for note in notes:
        if note.id == "kills":
            os._exit(9)
    return [{"id": note.id} for note in notes]
def nothing(): pass
"""


def test_a_dying_process_costs_only_the_row_that_kills_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dying_bundle.py").write_text(DYING, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    import dying_bundle

    monkeypatch.setattr(room, "_bundle", dying_bundle.bundle)
    monkeypatch.setattr(room, "_warm_up", dying_bundle.nothing)
    notes = [Note(id="kills" if number == 21 else f"n{number}", text=TEXT) for number in range(60)]
    got = list(answers(notes, ON, workers=2))
    assert [row["id"] for row in got] == [note.id for note in notes]
    assert [row["id"] for row in got if "error" in row] == ["kills"]
    assert got[21]["error"]["code"] == "internal_error"


def test_only_a_few_rows_are_read_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "quick_bundle.py").write_text(DYING, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    import quick_bundle

    monkeypatch.setattr(room, "_bundle", quick_bundle.bundle)
    monkeypatch.setattr(room, "_warm_up", quick_bundle.nothing)
    monkeypatch.setattr(room, "RENEW_AFTER", 160)
    read = 0

    def notes() -> Iterator[Note]:
        nonlocal read
        for number in range(400):
            read += 1
            yield Note(id=str(number))

    ahead = 0
    for position, row in enumerate(answers(notes(), ON, workers=2)):
        assert row["id"] == str(position)
        ahead = max(ahead, read - position)
    assert position == 399
    assert ahead <= (room.UNDER_WAY * 2 + 1) * room.BUNDLE


def test_resume_goes_on_after_the_last_whole_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "code_note", quick)
    source, out, again = (tmp_path / name for name in ("in.jsonl", "out.jsonl", "again.jsonl"))
    rows = [good(f"n{number}") for number in range(40)]
    rows[3] = b"{broken"
    source.write_bytes(b"\n".join(rows))
    assert call("batch", str(source), "-o", str(out)) == 3
    whole = out.read_bytes()
    for kept in (0, 1, len(whole) // 2, len(whole) - 1, len(whole)):
        again.write_bytes(whole[:kept])
        coded: list[str | None] = []

        def counted(text: str, *, _coded: list[str | None] = coded, **more: Any) -> CodingResult:
            _coded.append(more["id"])
            return quick(text, **more)

        monkeypatch.setattr(room, "code_note", counted)
        assert call("batch", str(source), "-o", str(again), "--resume") == 3
        assert again.read_bytes() == whole
        finished = whole[:kept].count(b"\n")
        assert len(coded) == 40 - finished - (finished <= 3)


def test_resume_refuses_answers_of_another_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(good("a"))
    out.write_bytes(b'{"id":"other"}\n')
    assert call("batch", str(source), "-o", str(out), "--resume") == 2
    assert "line 1: not the answer to this input" in capsys.readouterr().err
    assert out.read_bytes() == b'{"id":"other"}\n'
    with pytest.raises(NoteError):
        taken_up(out, iter([]))


def test_answers_are_written_as_they_come() -> None:
    class Watched(io.BytesIO):
        flushed = 0

        def flush(self) -> None:
            self.flushed = self.getvalue().count(b"\n")

    out = Watched()
    seen = []
    notes = [Note(id=str(number), error=NoteError("bad_row", "row")) for number in range(5)]
    tally = run(notes, out, ON, progress=lambda state: seen.append((state.rows, out.flushed)))
    assert seen == [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)]
    assert (tally.rows, tally.errors) == (5, 5)


def test_a_folder_of_notes_is_coded_by_name(tmp_path: Path) -> None:
    folder, out = tmp_path / "notes", tmp_path / "out.jsonl"
    (folder / "march").mkdir(parents=True)
    (folder / "b.txt").write_text(TEXT, encoding="utf-8")
    (folder / "march" / "a.txt").write_text(TEXT, encoding="utf-8")
    (folder / "c.pdf").write_bytes(b"%PDF-1.7\x00\xff\xfe")
    (folder / "empty.txt").write_bytes(b"")
    (folder / "d.json").write_bytes(
        json.dumps({"id": "own-id", "text": TEXT, "context": {"payer": "medicare"}}).encode()
    )
    (folder / ".hidden").write_text(TEXT, encoding="utf-8")
    assert call("batch", str(folder), "-o", str(out), "--on", "2026-11-10", "--payer", "commercial") == 3
    got = [(row["id"], row["error"]["code"] if "error" in row else row["context"]["payer"]) for row in lines(out)]
    assert got == [
        ("b.txt", "commercial"), ("c.pdf", "not_text"), ("own-id", "medicare"), ("empty.txt", "empty_note"),
        ("march/a.txt", "commercial"),
    ]  # fmt: skip


def test_parquet_has_the_same_columns(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    def table(context: list[Any]) -> pa.Table:
        return pa.table({"id": ["a", None, "c"], "text": [TEXT, TEXT, None], "context": context, "more": [1, 2, 3]})

    struct = [
        {"date_of_service": "2026-11-10", "payer": None},
        {"date_of_service": "2026-02-30", "payer": "medicare"},
        None,
    ]
    as_text = [None if row is None else json.dumps({k: v for k, v in row.items() if v}) for row in struct]
    results = []
    for number, context in enumerate((struct, as_text)):
        source, out = tmp_path / f"{number}.parquet", tmp_path / f"{number}.jsonl"
        parquet.write_table(table(context), source)
        assert call("batch", str(source), "-o", str(out)) == 3
        results.append(lines(out))
    assert results[0] == results[1]
    first, second, third = results[0]
    assert first["lines"][0]["code"] == "11102" and first["context"]["payer"] == "commercial"
    assert (second["id"], second["error"]["code"]) == (None, "bad_context")
    assert (third["id"], third["error"]["code"]) == ("c", "not_text")


def test_a_broken_parquet_file_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in.parquet"
    source.write_bytes(b"PAR1 nothing PAR1")
    assert call("batch", str(source), "-o", str(tmp_path / "out")) == 2
    assert capsys.readouterr().err.startswith("notecoder: bad_row: ")


def test_standard_streams_can_stand_for_both_files(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(good("a") + b"\n")))
    assert call("batch", "-", "-o", "-") == 0
    out, err = capfdbinary.readouterr()
    assert json.loads(out)["id"] == "a" and err == b""


def test_progress_is_shown_on_a_terminal_only() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream, shown in ((Terminal(), True), (io.StringIO(), False)):
        bar = room.Bar(stream, total=40, every=20)
        tally = room.Tally(rows=20, errors=2)
        bar(tally)
        bar.close(tally)
        assert ("[###############...............] 20 of 40 notes, 2 with an error" in stream.getvalue()) is shown


def test_lines_are_ascii_and_one_each() -> None:
    row = room.as_line({"id": "é\u2028", "text": "ß\n"})
    assert row == b'{"id":"\\u00e9\\u2028","text":"\\u00df\\n"}\n'
