"""Accepted notes survive: kill -9 in the middle loses nothing and answers nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from service_fixtures import CONTEXT, free_port
from sqlalchemy import text

from notecoder.service import Settings, open_database
from notecoder.service.store import jobs, promises
from notecoder.service.store.tables import now_ms


def start(settings: Settings, port: int, **more: str) -> subprocess.Popen[bytes]:
    """The service as an operator starts it, with the fake coder in its processes."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parent),
        "NOTECODER_DATABASE_URL": settings.database_url,
        "NOTECODER_PORT": str(port),
        "NOTECODER_CODER": "fake_coder:code",
        "NOTECODER_LEASE_SECONDS": "3",
        **({"NOTECODER_SECRET_FILE": str(settings.secret_file)} if settings.secret_file else {}),
        **more,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "notecoder.service.commands", "serve"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if httpx.get(f"http://localhost:{port}/readyz", timeout=2).status_code == 200:
                return process
        except httpx.HTTPError:
            time.sleep(0.1)
    process.kill()
    raise AssertionError("the service did not start")


def children(pid: int) -> list[int]:
    """The processes that ``pid`` started."""
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]


def test_kill_in_the_middle_loses_nothing_and_answers_nothing_twice(settings: Settings) -> None:
    port = free_port()
    base = f"http://localhost:{port}"
    notes = [{"id": str(n), "text": f"slowly {n}. 6 mm. Shave biopsy.", "context": CONTEXT} for n in range(40)]
    process = start(settings, port)
    workers = children(process.pid)
    body = {"text": "6 mm. Shave biopsy of the nose.", "context": CONTEXT}
    single = httpx.post(f"{base}/v1/notes:code", json=body, headers={"Idempotency-Key": "one"}).json()
    location = httpx.post(f"{base}/v1/notes:batch", json={"notes": notes}).headers["location"]
    for _ in range(2):
        before = httpx.get(f"{base}{location}").json()["done"]
        while (now := httpx.get(f"{base}{location}").json()["done"]) < before + 3:
            time.sleep(0.05)
        assert now < 40, "the batch was over before the kill"
        process.send_signal(signal.SIGKILL)
        process.wait()
        process = start(settings, port)
    try:
        end = time.monotonic() + 60
        while (job := httpx.get(f"{base}{location}").json())["state"] != "done" and time.monotonic() < end:
            time.sleep(0.1)
        assert [item["state"] for item in job["items"]] == ["done"] * 40
        assert len({item["result_id"] for item in job["items"]}) == 40
        again = httpx.post(f"{base}/v1/notes:code", json=body, headers={"Idempotency-Key": "one"}).json()
        assert again == single
        listed = httpx.get(f"{base}/v1/results?limit=100").json()["results"]
        assert len(listed) == 41
        assert workers and not any(_alive(worker) for worker in workers)
    finally:
        process.terminate()
        assert process.wait(30) is not None
    database = open_database(settings)
    with database.read() as connection:
        left = connection.execute(text("SELECT count(*) FROM job_items WHERE request IS NOT NULL")).scalar()
    database.close()
    assert left == 0


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0]
    return state != "Z"


def test_dead_coding_process_is_replaced_and_the_note_still_answered(sqlite_settings: Settings) -> None:
    port = free_port()
    process = start(sqlite_settings, port, NOTECODER_CODING_PROCESSES="1")
    try:
        body = {"text": "6 mm. Shave biopsy.", "context": CONTEXT}
        workers = [pid for pid in children(process.pid) if _is_coding(pid)]
        assert workers
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        answer = httpx.post(f"http://localhost:{port}/v1/notes:code", json=body, timeout=30)
        assert answer.status_code == 200
    finally:
        process.terminate()
        process.wait(30)


def _is_coding(pid: int) -> bool:
    return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()


def test_slow_note_ends_its_process_and_not_the_service(sqlite_settings: Settings) -> None:
    port = free_port()
    more = {"NOTECODER_CODING_PROCESSES": "1", "NOTECODER_CODING_TIMEOUT_SECONDS": "0.15"}
    process = start(sqlite_settings, port, **more)
    try:
        url = f"http://localhost:{port}/v1/notes:code"
        slow = httpx.post(url, json={"text": "slowly", "context": CONTEXT}, timeout=30)
        assert (slow.status_code, slow.json()["code"]) == (503, "timeout")
        end, status = time.monotonic() + 20, 0
        while status != 200 and time.monotonic() < end:
            status = httpx.post(url, json={"text": "6 mm", "context": CONTEXT}, timeout=30).status_code
        assert status == 200
    finally:
        process.terminate()
        process.wait(30)


def test_only_the_holder_of_the_lease_finishes_an_item(settings: Settings) -> None:
    first, second = open_database(settings), open_database(settings)
    item = jobs.NewItem(result_id=promises.new_id(), label="a", request={"text": "x"})
    with first.write() as connection:
        jobs.add_job(
            connection, database=first, job_id="j", tenant="t", subject="s", kind="batch", items=[item], keep_hours=1
        )
    with first.write() as connection:
        (taken,) = jobs.take_items(connection, database=first, limit=5, lease_seconds=0.01)
    with second.write() as connection:
        assert jobs.take_items(connection, database=second, limit=5, lease_seconds=60) == [] or now_ms()
    time.sleep(0.05)
    with second.write() as connection:
        jobs.take_items(connection, database=second, limit=5, lease_seconds=60)
    with first.write() as connection:
        assert not jobs.finish_item(connection, database=first, item=taken)
    with second.write() as connection:
        assert jobs.finish_item(connection, database=second, item=taken)
        assert jobs.close_job_if_done(connection, job_id="j")
        assert not jobs.close_job_if_done(connection, job_id="j")
    first.close()
    second.close()


def test_promise_of_a_dead_run_is_taken_over_with_the_same_outcome(settings: Settings) -> None:
    first, second = open_database(settings), open_database(settings)
    words = {"tenant": "t", "key": "k", "body": "b"}
    with first.write() as connection:
        made = promises.make_promise(connection, database=first, **words, lease_seconds=0.01)
    time.sleep(0.05)
    with second.write() as connection:
        again = promises.make_promise(connection, database=second, **words, lease_seconds=60)
    assert (made.state, again.state) == ("new", "new") and made.outcome_id == again.outcome_id
    with second.write() as connection:
        assert promises.make_promise(connection, database=second, **words, lease_seconds=60).state == "busy"
        promises.keep_promise(connection, database=second, tenant="t", key="k")
        assert promises.make_promise(connection, database=second, **words, lease_seconds=60).state == "done"
    first.close()
    second.close()


@pytest.mark.parametrize("secret", ["", "short", "not base64 !"])
def test_bad_secret_is_refused_at_the_start(tmp_path: Path, secret: str) -> None:
    from notecoder.service import StartRefused

    file = tmp_path / "secret"
    file.write_text(secret)
    with pytest.raises(StartRefused):
        open_database(Settings(database_url=f"sqlite:///{tmp_path}/n.sqlite3", secret_file=file))


def test_last_items_finished_at_the_same_moment_still_close_the_job(settings: Settings) -> None:
    database = open_database(settings)
    for round_ in range(10):
        items = [jobs.NewItem(result_id=promises.new_id(), label=None, request={"text": "x"}) for _ in range(4)]
        job_id = f"j{round_}"
        with database.write() as connection:
            jobs.add_job(
                connection,
                database=database,
                job_id=job_id,
                tenant="t",
                subject="s",
                kind="batch",
                items=items,
                keep_hours=1,
            )
        with database.write() as connection:
            taken = jobs.take_items(connection, database=database, limit=4, lease_seconds=60)

        def finish(item: jobs.TakenItem) -> bool:
            with database.write() as connection:
                assert jobs.finish_item(connection, database=database, item=item)
                time.sleep(0.01)
                return jobs.close_job_if_done(connection, job_id=item.job_id)

        with ThreadPoolExecutor(4) as threads:
            assert sorted(threads.map(finish, taken)) == [False, False, False, True]
    database.close()
