"""The commands as a person calls them: what they print and how they end."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from notecoder.cli import main

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = str(ROOT / "corpora/samples/operative-note.txt")
NOTE = "Left cheek: shave biopsy of a 6 mm papule performed and sent to pathology. Impression: nevus.\n"
ON = ("--on", "2026-11-10")


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


@pytest.fixture
def note(tmp_path: Path) -> str:
    path = tmp_path / "visit.txt"
    path.write_text(NOTE, encoding="utf-8")
    return str(path)


def test_code_prints_the_claim_first(note: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = call(capsys, "code", note, *ON)
    assert (status, err) == (0, "")
    rows = out.splitlines()
    assert rows[0] == "visit.txt: claim for 2026-11-10, commercial, place 11  READY"
    assert rows[2].split()[:3] == ["1", "11102", "D22.39"]
    assert '"Left cheek: shave biopsy of a 6 mm papule performed and sent to pathology."' in rows[3]
    assert "\x1b" not in out


def test_code_is_colored_only_on_a_terminal(note: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    for variable, colored in ((None, True), ("NO_COLOR", False)):
        monkeypatch.delenv("NO_COLOR", raising=False)
        monkeypatch.setenv("TERM", "xterm")
        if variable:
            monkeypatch.setenv(variable, "1")
        screen = Terminal()
        monkeypatch.setattr(sys, "stdout", screen)
        with pytest.raises(SystemExit):
            main(["code", note, *ON])
        assert ("\x1b[" in screen.getvalue()) is colored


def test_code_gives_the_contract_form(note: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = call(capsys, "code", note, *ON, "--format", "json", "--payer", "medicare", "--pos", "22",
                          "--patient", "new")  # fmt: skip
    result = json.loads(out)
    assert status == 0
    assert list(result) == ["schema_version", "id", "ruleset", "context", "disposition", "reasons", "lines",
                            "considered", "gaps", "diagnoses", "facts", "warnings"]  # fmt: skip
    assert result["context"]["payer"] == "medicare"
    assert result["context"]["place_of_service"] == "22"
    assert result["context"]["patient_status"] == "new"
    for line in result["lines"]:
        assert line["evidence"]
        for span in line["evidence"]:
            assert NOTE[span["start"] : span["end"]] == span["text"]


def test_code_reads_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + NOTE.encode())))
    status, out, _ = call(capsys, "code", "-", *ON, "--format", "json")
    assert status == 0 and json.loads(out)["lines"][0]["code"] == "11102"


def test_code_takes_the_context_of_a_json_note(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "visit.json"
    row = {"id": "v", "text": NOTE, "context": {"date_of_service": "2026-03-03", "payer": "medicare", "sex": "f"}}
    path.write_text(json.dumps(row), encoding="utf-8")
    status, out, _ = call(capsys, "code", str(path), "--payer", "commercial", "--format", "json")
    context = json.loads(out)["context"]
    assert status == 0
    assert (context["date_of_service"], context["payer"], context["sex"]) == ("2026-03-03", "commercial", "f")


def test_code_writes_a_page(note: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = call(capsys, "code", note, *ON, "--format", "html")
    assert status == 0 and out.startswith("<!doctype html>") and "<mark" in out


BAD = [
    (b"", "empty_note"),
    (b" \n\t ", "empty_note"),
    (b"\x7fELF\x02\x01\x01\x00\xff\xfe", "not_text"),
    (b"shave\x00biopsy", "not_text"),
    ("Shave biopsy left cheek".encode("utf-16"), "not_text"),
    (b"x" * 1_000_001, "note_too_large"),
    (b"x" * 9_000_000, "note_too_large"),
]


@pytest.mark.parametrize(("content", "code"), BAD, ids=range(len(BAD)))
def test_bad_files_end_with_status_2(
    content: bytes, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "note.txt"
    path.write_bytes(content)
    status, out, err = call(capsys, "code", str(path), *ON)
    assert (status, out) == (2, "")
    assert err.startswith(f"notecoder: {code}: ") and err.count("\n") == 1


def test_missing_files_end_with_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (
        ("code", str(tmp_path / "none"), *ON),
        ("code", str(tmp_path), *ON),
        ("batch", str(tmp_path / "none"), "-o", str(tmp_path / "out")),
        ("batch", SAMPLE, "-o", str(tmp_path / "no/such/folder")),
        ("evaluate", str(tmp_path)),
        ("coach", str(tmp_path / "none"), "-o", str(tmp_path / "r.md")),
    ):
        status, out, err = call(capsys, *arguments)
        assert (status, out) == (2, "")
        assert err.startswith("notecoder: file_not_found: ") and err.count("\n") == 1


def test_a_date_beyond_the_tables_can_be_coded_for_review(note: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = call(
        capsys, "code", note, "--on", "2027-03-03", "--unverified-dates", "review", "--format", "json"
    )
    result = json.loads(out)
    assert status == 0 and result["disposition"] == "review"
    assert any("2026-12-31" in warning for warning in result["warnings"])


def test_wrong_arguments_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, words in (
        (("code",), "NOTE is missing"),
        (("code", "x", "--nope"), "no such option"),
        (("batch", "x", "-o", "y", "--workers", "many"), "--workers has a value that does not fit"),
        (("audit", "x", *ON), "--billed is missing"),
        (("rulebook", "hats", *ON), "no family of that name"),
        (("rulebook", "mohs"), "--on"),
    ):
        status, out, err = call(capsys, *arguments)
        assert (status, out) == (2, "") and words in err and err.count("\n") == 1


def test_audit_says_what_to_do_with_each_line(note: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = call(capsys, "audit", note, *ON, "--billed", "99213-25, 11102x2, 88305")
    assert status == 0
    assert "change      11102 x2 -> 11102" in out
    assert "remove      99213-25" in out and "remove      88305" in out
    status, out, _ = call(capsys, "audit", note, *ON, "--billed", "11102", "--format", "json")
    assert status == 0 and json.loads(out)["as_is"] is True


def test_rulebook_prints_rules_and_codes(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = call(capsys, "rulebook", "mohs", *ON)
    assert status == 0
    assert "MO-03" in out and "17311  Mohs, first stage" in out and "11102" not in out
    status, whole, _ = call(capsys, "rulebook", *ON)
    assert status == 0 and out.split("\n", 3)[3] in whole
    assert {"MO-01", "BX-02", "DS-01", "HC-3", "RP-04"} <= set(
        whole.replace(",", " ").replace("(", " ").replace(")", " ").split()
    )


def test_rulebook_refuses_a_day_without_tables(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = call(capsys, "rulebook", "mohs", "--on", "2019-01-01")
    assert status == 2 and "date_not_covered" in err


def test_coach_reads_what_batch_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"id": str(n), "text": "Biopsy of the left cheek lesion done.", "context":
             {"date_of_service": "2026-11-10", "clinician_id": "dr-a"}} for n in range(20)]  # fmt: skip
    notes, out, report = tmp_path / "in.jsonl", tmp_path / "out.jsonl", tmp_path / "report.md"
    notes.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert call(capsys, "batch", str(notes), "-o", str(out))[0] == 0
    assert call(capsys, "coach", str(out), "-o", str(report))[0] == 0
    text = report.read_text(encoding="utf-8")
    assert "**procedure.technique**: 20 of 20 notes (100%)" in text and "### dr-a" in text


def test_denial_and_prior_authorization_answer_with_the_notes_words(
    note: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = call(capsys, "denial", note, *ON, "--line", "88305", "--carc", "97")
    assert status == 0 and json.loads(out)["says"].startswith("do not appeal; correct claim/refund")
    path = tmp_path / "ad.txt"
    path.write_text("Dermatology. BSA 18%. Failed clobetasol for 6 weeks.", encoding="utf-8")
    status, out, _ = call(
        capsys, "prior-auth", str(path), *ON, "--drug", "Dupixent", "--indication", "atopic dermatitis"
    )
    found = {need["need"]: need["status"] for need in json.loads(out)["needs"]}
    assert status == 0 and found["bsa >= 10"] == "found" and found["easi >= 16"] == "missing"


def test_figures_come_from_billed_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "lines.csv"
    path.write_text("claim,code,units,status,carc\n1,11102,1,paid,\n1,99213,1,denied,97\n", encoding="utf-8")
    status, out, _ = call(capsys, "figures", str(path))
    assert status == 0 and "denial rate                              0.5000" in out


def test_help_lists_the_service_without_loading_it(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = call(capsys, "--help")
    assert status == 0
    for name in ("code", "batch", "audit", "rulebook", "evaluate", "coach", "serve", "keys"):
        assert f"\n  {name} " in out
    status, out, _ = call(capsys, "serve", "--help")
    assert status == 0 and "--port" in out
