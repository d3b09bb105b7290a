"""No text of a note in an error, on standard error or in a log; the same input gives the same bytes."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from notecoder import NoteError, code_note
from notecoder import batch as room
from notecoder.intake import Note

ROOT = Path(__file__).resolve().parents[2]
CANARY = "Zyxwvut Quibblestone"
TEXT = f"Patient {CANARY}. Left cheek: shave biopsy of a 6 mm papule performed. Impression: nevus."
CONTEXT = {"date_of_service": "2026-11-10"}


def run(*arguments: str, stdin: str = "", seed: str = "0") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "notecoder", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        timeout=120,
        check=False,
    )


def test_coding_is_silent_on_standard_error() -> None:
    done = run("code", "-", "--on", "2026-11-10", "--format", "json", stdin=TEXT)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["lines"][0]["code"] == "11102"


def test_logs_stay_empty(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    with caplog.at_level(logging.DEBUG):
        assert code_note(TEXT, context=CONTEXT).lines
    out, err = capfd.readouterr()
    assert CANARY not in caplog.text
    assert (out, err) == ("", "")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["code", "-"], "date_missing"),
        (["code", "-", "--on", "2026-02-30"], "bad_context"),
        (["code", "-", "--on", "2027-02-03"], "date_not_covered"),
        (["code", "-", "--on", "2026-11-10", "--payer", CANARY], "bad_context"),
        (["code", "-", "--on", CANARY], "bad_context"),
        (["code", "-", "--on", "2026-11-10", "--pos", CANARY], "bad_context"),
        (["code", "-", "--on", "2026-11-10", "--patient", CANARY], "bad_context"),
        (["code", "-", "--on", "2026-11-10", "--format", CANARY], "bad_context"),
        (["audit", "-", "--on", "2026-11-10", "--billed", CANARY], "bad_context"),
        (["code", TEXT + "\nmore", "--on", "2026-11-10"], "file_not_found"),
        (["code", "-", TEXT, "--on", "2026-11-10"], "the arguments do not fit"),
        ([TEXT], "there is no such command"),
    ],
)
def test_errors_are_one_line_without_the_note(
    arguments: list[str], code: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    from notecoder.cli import main

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    out, err = capsys.readouterr()
    assert ended.value.code == 2
    assert err.count("\n") == 1 and err.startswith("notecoder: ") and code in err
    assert CANARY not in out + err


def test_an_unexpected_error_does_not_quote_the_note(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(text: str, **_: object) -> None:
        raise RuntimeError(f"cannot read {text}")

    monkeypatch.setattr(room, "code_note", broken)
    row = room.answer(Note(id="a", text=TEXT, context=CONTEXT), room.Settings(defaults={}))
    assert row["id"] == "a" and row["error"]["code"] == "internal_error"
    assert "RuntimeError" in row["error"]["message"] and CANARY not in json.dumps(row)


def test_note_errors_do_not_quote_the_context() -> None:
    for context in ({"date_of_service": CANARY}, {**CONTEXT, "prior_procedures": [{"code": CANARY, "date": CANARY}]}):
        with pytest.raises(NoteError) as raised:
            code_note(TEXT, context=context)
        assert CANARY not in raised.value.message


def test_same_input_gives_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    """Two processes whose hashes differ."""
    notes = tmp_path / "notes.jsonl"
    rows = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "corpora/notes").glob("*/*-003.json"))
    ]
    assert len(rows) > 15
    keys = ("id", "text", "context", "documents")
    notes.write_text(
        "".join(json.dumps({k: row[k] for k in keys if k in row}) + "\n" for row in rows), encoding="utf-8"
    )
    outs = [tmp_path / f"{seed}.jsonl" for seed in ("1", "4242")]
    for out in outs:
        assert run("batch", str(notes), "-o", str(out), seed=out.stem).returncode == 0
    first, second = (out.read_bytes() for out in outs)
    assert first.count(b"\n") == len(rows)
    assert first == second
