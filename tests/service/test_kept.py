"""What is kept, for how long, and that a note's words are found nowhere they do not belong."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path

import httpx
import pytest
from service_fixtures import CONTEXT, Live, running
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DatabaseError

from notecoder.service import Settings
from notecoder.service.journal import LOG, write
from notecoder.service.policy import NOT_KEPT, kept_form
from notecoder.service.seal import Sealer
from notecoder.service.store.purge import purge
from notecoder.service.store.tables import audit, now_ms, results

CANARY = "zephyr-quillon-4471 aubergine"
NOTE = f"Patient {CANARY} here.\nShave biopsy of the {CANARY} papule.\nImpression: {CANARY}.\n"


def test_canary_is_found_nowhere_by_default(
    sqlite_settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    LOG.propagate = True
    caplog.set_level(logging.DEBUG)
    answers: list[httpx.Response] = []
    with running(sqlite_settings) as live:
        client = live.client
        note = {"text": NOTE, "context": {**CONTEXT, "remark": CANARY}}
        answers.append(client.post("/v1/notes:code", json={**note, "text": f"explode {CANARY}"}))
        answers.append(client.post("/v1/notes:code", json={**note, CANARY: CANARY}))
        answers.append(client.post("/v1/notes:code", json={**note, "context": {"date_of_service": CANARY}}))
        answers.append(client.post("/v1/notes:code", json={**note, "context": {**CONTEXT, "payer": CANARY}}))
        answers.append(client.post("/v1/notes:code", content=f'{{"text": "{CANARY}', headers=_json()))
        answers.append(client.post("/v1/text:extract", content=CANARY.encode(), headers={"content-type": "x/y"}))
        answers.append(client.post("/fhir/$code-note", json={"resourceType": CANARY, "text": CANARY}))
        answers.append(client.get(f"/v1/{CANARY}"))
        coded = client.post("/v1/notes:code", json=note)
        assert CANARY in coded.text
        job = client.post("/v1/notes:batch", json={"notes": [{**note, "id": "a"}] * 5})
        live.finished(job.headers["location"])
        answers.append(client.get(f"/v1/results/{coded.json()['result_id']}"))
        answers.append(client.get("/metrics"))
        answers.append(client.get("/v1/audit"))
        answers.append(client.get(job.headers["location"]))
        before = _files(tmp_path)
        assert CANARY not in str(job.headers)
    for answer in answers:
        assert "zephyr" not in answer.text and "aubergine" not in answer.text, answer.url
    for name, content in {**before, **_files(tmp_path)}.items():
        assert b"zephyr" not in content and b"aubergine" not in content, name
    ours = [
        record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))
    ]  # the caller's own log
    said = "\n".join(caplog.handler.format(record) for record in ours) + "".join(capfd.readouterr())
    assert "zephyr" not in said and "aubergine" not in said
    assert '"event": "request"' in said


def _json() -> dict[str, str]:
    return {"content-type": "application/json"}


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_log_has_no_room_for_other_fields() -> None:
    with pytest.raises(KeyError):
        write("request", text="words")


@pytest.mark.parametrize("keep", ["nothing", "results", "all"])
def test_policy_decides_what_can_be_read_again(settings: Settings, keep: str) -> None:
    with running(settings.model_copy(update={"keep": keep})) as live:
        coded = live.code(NOTE).json()
        if keep == "nothing":
            assert coded["result_id"] is None
            assert live.client.get("/v1/results").json()["results"] == []
            return
        stored = live.client.get(f"/v1/results/{coded['result_id']}").json()
        assert stored["text_kept"] is (keep == "all")
        assert [line["code"] for line in stored["lines"]] == [line["code"] for line in coded["lines"]]
        assert (CANARY in json.dumps(stored)) is (keep == "all")
        assert stored["lines"][0]["evidence"][0]["start"] == coded["lines"][0]["evidence"][0]["start"]


def test_batch_under_nothing_waits_one_hour_for_its_caller(sqlite_settings: Settings) -> None:
    with running(sqlite_settings.model_copy(update={"keep": "nothing"})) as live:
        posted = live.client.post("/v1/notes:batch", json={"notes": [{"text": NOTE, "context": CONTEXT}]})
        job = live.finished(posted.headers["location"])
        stored = live.client.get(f"/v1/results/{job['items'][0]['result_id']}").json()  # type: ignore[index]
        assert 0 < stored["expires"] - stored["created"] <= 3_600_000
        assert CANARY not in json.dumps(stored)


def test_retention_deletes_text_first_and_then_the_result(settings: Settings) -> None:
    with running(settings.model_copy(update={"keep": "all"})) as live:
        path = f"/v1/results/{live.code(NOTE).json()['result_id']}"
        with live.database.write() as connection:
            connection.execute(update(results).values(text_expires=now_ms() - 1))
            assert purge(connection) == 1
        assert live.client.get(path).json()["text_kept"] is False
        with live.database.write() as connection:
            connection.execute(update(results).values(expires=now_ms() - 1))
        assert live.client.get(path).status_code == 404
        with live.database.write() as connection:
            assert purge(connection) == 1
            assert connection.execute(text("SELECT count(*) FROM results")).scalar() == 0


def test_purging_runs_by_itself(sqlite_settings: Settings) -> None:
    short = {"purge_every_seconds": 0.1, "keep_results_days": 1e-6}
    with running(sqlite_settings.model_copy(update=short)) as live:
        live.code(NOTE)
        time.sleep(0.5)
        with live.database.read() as connection:
            assert connection.execute(text("SELECT count(*) FROM results")).scalar() == 0


def test_deleting_removes_every_trace_but_the_audit_entry(live: Live) -> None:
    result_id = live.code(NOTE).json()["result_id"]
    live.client.post(f"/v1/results/{result_id}/decision", json={"lines": [{"action": "accept", "line": 0}]})
    live.client.post(f"/v1/results/{result_id}/gaps/0", json={"state": "sent"})
    assert live.client.delete(f"/v1/results/{result_id}").status_code == 204
    assert live.client.get(f"/v1/results/{result_id}").status_code == 404
    with live.database.read() as connection:
        for table in ("results", "decisions", "gap_events"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0
    assert live.client.get("/v1/audit").json()[-1]["action"] == "result.deleted"


def test_audit_log_names_who_saw_and_changed_what(guarded: Live) -> None:
    with guarded.as_key(guarded.key(name="Ana Coder")) as ana, guarded.as_key(guarded.key(name="Ben Boss")) as ben:
        result_id = ana.post("/v1/notes:code", json={"text": NOTE, "context": CONTEXT}).json()["result_id"]
        ben.get(f"/v1/results/{result_id}")
        ben.get(f"/v1/results/{result_id}/claim.csv")
        rows = [(row["subject"].split(" (")[0], row["action"]) for row in ben.get("/v1/audit").json()]
    assert rows == [
        ("Ana Coder", "note.coded"),
        ("Ben Boss", "result.read"),
        ("Ben Boss", "claim.exported"),
    ]


def test_database_refuses_to_change_or_remove_an_audit_entry(live: Live) -> None:
    live.code(NOTE)
    for statement in (update(audit).values(subject="nobody"), delete(audit)):
        with pytest.raises(DatabaseError), live.database.write() as connection:
            connection.execute(statement)
    assert len(live.client.get("/v1/audit").json()) == 1


def test_kept_sentences_do_not_repeat_the_note() -> None:
    words = "the very unusual purple spotted mark on the nose"
    result = {
        "schema_version": "1",
        "id": None,
        "ruleset": "",
        "context": {"date_of_service": "2026-11-10", "name": "Jane"},
        "disposition": "review",
        "reasons": [f"it says {words} today", 'it says "purple mark"', "first stage on the nose"],
        "lines": [],
        "considered": [],
        "gaps": [],
        "diagnoses": [],
        "facts": {"words": words},
        "warnings": [],
    }
    kept = kept_form(result, texts=[f"Seen: {words}. A purple mark. On the nose."], keep="results")
    assert kept["reasons"] == [NOT_KEPT, f"it says {NOT_KEPT}", "first stage on the nose"]
    assert kept["context"] == {"date_of_service": "2026-11-10"} and kept["facts"] == {}


def test_seal_opens_only_in_its_place_and_with_its_secret() -> None:
    first, second = Sealer(secrets_=(b"a" * 32,)), Sealer(secrets_=(b"b" * 32, b"a" * 32))
    sealed = first.seal({"x": "words"}, place="result/north/1")
    assert b"words" not in sealed
    assert second.open(sealed, place="result/north/1") == {"x": "words"}
    assert first.fingerprint("x") == second.fingerprint("x")
    with pytest.raises(LookupError):
        first.open(sealed, place="result/south/1")
    with pytest.raises(LookupError):
        first.open(second.seal(1, place="p"), place="p")


def test_schema_of_the_migrations_is_the_schema_of_the_code(settings: Settings) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from notecoder.service import open_database
    from notecoder.service.store.tables import metadata

    database = open_database(settings)
    open_database(settings).close()
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    database.close()


def test_storing_a_note_walks_over_no_table(sqlite_settings: Settings) -> None:
    """What a note costs does not grow with the notes that were kept before it."""
    from sqlalchemy import create_engine, event
    from sqlalchemy.engine import Engine

    asked: set[str] = set()

    def listen(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            asked.add(statement)

    with running(sqlite_settings) as live:
        event.listen(Engine, "before_cursor_execute", listen)
        try:
            note = {"text": NOTE, "context": {**CONTEXT, "encounter_id": "E-1"}, "id": "n-2", "replaces": "n-1"}
            assert live.client.post("/v1/notes:code", json=note, headers={"Idempotency-Key": "k"}).status_code == 200
        finally:
            event.remove(Engine, "before_cursor_execute", listen)
        engine = create_engine(sqlite_settings.database_url)
        with engine.connect() as connection:
            plans = {
                statement: [
                    str(row[3])
                    for row in connection.exec_driver_sql(
                        "EXPLAIN QUERY PLAN " + statement, (None,) * statement.count("?")
                    )
                ]
                for statement in asked
                if "results" in statement or "promises" in statement or "webhooks" in statement
            }
        engine.dispose()
    assert any("superseded_by" in statement for statement in plans)
    walks = {
        statement: plan
        for statement, plan in plans.items()
        if (
            any(step.startswith(("SCAN results", "SCAN promises")) or step.endswith("(tenant=?)") for step in plan)
            and "webhooks" not in statement
        )
        or ("document_key IN" in statement and not all("document_key" in step for step in plan))
    }
    assert not walks
