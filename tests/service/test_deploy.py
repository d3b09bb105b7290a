"""What the container files and the page for operators say is what the service takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from service_fixtures import running
from typer.testing import CliRunner

import notecoder.service
from notecoder.service import Settings, open_database
from notecoder.service.commands import app
from notecoder.service.journal import LOG
from notecoder.service.store import access, audit

ROOT = Path(notecoder.service.__file__).parents[2]
README = Path(notecoder.service.__file__).with_name("README.md")


@pytest.mark.parametrize("name", ["Containerfile", "compose.yaml"])
def test_container_files_name_settings_that_exist(name: str) -> None:
    said = re.findall(r"NOTECODER_([A-Z_]+)", (ROOT / "scripts" / "deploy" / name).read_text())
    assert said and {one.lower() for one in said} <= set(Settings.model_fields)


def test_table_of_settings_is_true() -> None:
    table = README.read_text().split("| setting |")[1].split("\n\n")[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| `")]
    names = [name for row in rows for name in re.findall(r"`([a-z_]+)`", row[1])]
    assert len(names) > 15 and set(names) <= set(Settings.model_fields)
    assert Settings().keep == "results" and Settings().keep_results_days == 90 and Settings().keep_text_days == 30


def test_documented_paths_are_there(sqlite_settings: Settings) -> None:
    with running(sqlite_settings) as live:
        described = live.client.get("/openapi.json").json()["paths"]
        paths = {re.sub(r"{[a-z_]+}", "{id}", path) for path in described} | {"/fhir/$code-note"}
        said = set(re.findall(r"(?:GET|POST|DELETE) (/[^\s`]+)", README.read_text()))
        assert len(said) > 6 and said <= paths


def test_commands_make_list_rotate_and_revoke_keys(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/n.sqlite3"

    def run(*words: str, status: int = 0) -> str:
        outcome = CliRunner().invoke(app, [*words, "--database", url])
        assert outcome.exit_code == status, outcome.output
        return outcome.output.strip()

    key = run("keys", "create", "Ana Coder", "--tenant", "north", "--scope", "read")
    assert access.KEY_FORM.match(key)
    key_id = key.split("_")[1]
    assert run("keys", "list") == f"{key_id}  north  Ana Coder  read  usable"
    successor = run("keys", "rotate", key_id, "--grace-hours", "1")
    assert successor != key and "usable until" in run("keys", "list")
    assert run("keys", "revoke", key_id) == "revoked"
    assert "no such key" in run("keys", "revoke", key_id, status=2)
    assert "no usable key" in run("keys", "rotate", key_id, status=2)
    assert "tenant" in run("keys", "create", "x", "--tenant", "NO WAY", status=2)
    assert "scope" in run("keys", "create", "x", "--scope", "all", status=2)
    database = open_database(Settings(database_url=url))
    with database.read() as connection:
        actions = [row["action"] for row in audit.entries(connection, tenant="north")]
    database.close()
    assert actions == ["key.created", "key.rotated", "key.revoked"]
    files = [path for path in tmp_path.iterdir() if key.split("_", 2)[2].encode() in path.read_bytes()]
    assert files == []


def test_export_writes_cases_for_nobody_else_to_read(sqlite_settings: Settings, tmp_path: Path) -> None:
    with running(sqlite_settings) as live:
        result_id = live.code().json()["result_id"]
        body = {"lines": [{"action": "accept", "line": 0}], "final": True}
        live.client.post(f"/v1/results/{result_id}/decision", json=body)
    out = tmp_path / "cases.jsonl"
    words = ["export-decisions", "--out", str(out), "--database", sqlite_settings.database_url]
    assert CliRunner().invoke(app, words).exit_code == 0
    assert result_id in out.read_text() and out.stat().st_mode & 0o777 == 0o600
    assert "papule" not in out.read_text()


def test_serve_says_in_one_line_what_to_mend(tmp_path: Path) -> None:
    words = ["serve", "--host", "0.0.0.0", "--database", f"sqlite:///{tmp_path}/n.sqlite3"]
    outcome = CliRunner().invoke(app, words)
    LOG.handlers.clear()
    assert outcome.exit_code == 2
    assert outcome.output.startswith("notecoder: no authentication") and "no TLS" in outcome.output
    assert outcome.output.count("\n") == 1
