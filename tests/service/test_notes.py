"""Notes in: coded at once or later, said twice, too large, malformed."""

from __future__ import annotations

from threading import Thread

import httpx
import pytest
from service_fixtures import CONTEXT, NOTE, Live, finished, running

from notecoder.service import Settings


def test_note_comes_back_in_the_contract_form_with_a_result_id(live: Live) -> None:
    result = live.code(id="visit-1").json()
    assert result["id"] == "visit-1"
    assert [line["code"] for line in result["lines"]] == ["11102"]
    span = result["lines"][0]["evidence"][0]
    assert NOTE[span["start"] : span["end"]] == span["text"] == "Shave biopsy of the left cheek papule"
    assert len(result["result_id"]) == 32


def test_utf16_offsets_count_as_javascript_does(live: Live) -> None:
    text = "\U0001f642\U0001f642 Shave biopsy of the nose."
    by_points = live.code(text).json()["lines"][0]["evidence"][0]
    by_units = live.client.post("/v1/notes:code?offsets=utf16", json={"text": text, "context": CONTEXT}).json()
    span = by_units["lines"][0]["evidence"][0]
    raw = text.encode("utf-16-le")
    assert raw[2 * span["start"] : 2 * span["end"]].decode("utf-16-le") == span["text"]
    assert (by_points["start"], span["start"]) == (3, 5)


def test_documents_of_the_encounter_are_coded_together(live: Live) -> None:
    extra = [{"id": "op-1", "kind": "operative", "text": "Punch biopsy of the back."}]
    lines = live.code(documents=extra).json()["lines"]
    assert [line["code"] for line in lines] == ["11102", "11104"]
    assert lines[1]["evidence"][0]["document"] == "op-1"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"context": CONTEXT}, "empty_note"),
        ({"text": " \n ", "context": CONTEXT}, "empty_note"),
        ({"text": 7, "context": CONTEXT}, "not_text"),
        ({"text": "x"}, "date_missing"),
        ({"text": "x", "context": {}}, "date_missing"),
        ({"text": "x", "context": {"date_of_service": "2026-02-30"}}, "bad_context"),
        ({"text": "x", "context": {**CONTEXT, "payer": "barter"}}, "bad_context"),
        ({"text": "x", "context": CONTEXT, "secret words": 1}, "bad_request"),
        ([], "bad_request"),
    ],
)
def test_bad_note_is_refused_with_its_code_and_without_its_words(
    sqlite_settings: Settings, body: object, code: str
) -> None:
    with running(sqlite_settings) as live:
        answer = live.client.post("/v1/notes:code", json=body)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == code
        assert "secret" not in answer.text and "barter" not in answer.text


@pytest.mark.parametrize(
    "raw", [b"{", b'{"text": "\\ud800", "context": {}}', b"[" * 100_000, b'{"text": NaN}', b"\xff\xfe", b""]
)
def test_what_is_no_json_is_refused(sqlite_settings: Settings, raw: bytes) -> None:
    with running(sqlite_settings) as live:
        answer = live.client.post("/v1/notes:code", content=raw, headers={"content-type": "application/json"})
        assert answer.status_code in {400, 422}
        assert answer.json()["code"] in {"bad_request", "empty_note"}


def test_date_without_tables_is_a_conflict_that_names_itself(live: Live) -> None:
    answer = live.client.post("/v1/notes:code", json={"text": "x", "context": {"date_of_service": "2031-01-01"}})
    assert (answer.status_code, answer.json()["code"]) == (409, "date_not_covered")


def test_too_large_is_413_by_length_and_by_stream(sqlite_settings: Settings) -> None:
    with running(sqlite_settings.model_copy(update={"max_body_bytes": 5000})) as live:
        declared = live.code("x" * 6000)
        streamed = live.client.post(
            "/v1/notes:code",
            content=(b"x" * 1000 for _ in range(20)),
            headers={"content-type": "application/json"},
        )
        assert (declared.status_code, declared.json()["code"]) == (413, "too_large")
        assert streamed.status_code == 413


def test_note_over_a_million_characters_is_413(live: Live) -> None:
    answer = live.code("x" * 1_000_001)
    assert (answer.status_code, answer.json()["code"]) == (413, "note_too_large")


def test_same_key_gives_the_same_answer_and_one_result(live: Live) -> None:
    headers = {"Idempotency-Key": "k-1"}
    body = {"text": NOTE, "context": CONTEXT}
    first = live.client.post("/v1/notes:code", json=body, headers=headers)
    second = live.client.post("/v1/notes:code", json=body, headers=headers)
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"
    assert len(live.client.get("/v1/results").json()["results"]) == 1


def test_same_key_with_another_note_is_refused(live: Live) -> None:
    headers = {"Idempotency-Key": "k-1"}
    live.client.post("/v1/notes:code", json={"text": NOTE, "context": CONTEXT}, headers=headers)
    answer = live.client.post("/v1/notes:code", json={"text": "else", "context": CONTEXT}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_mismatch")


def test_same_key_at_the_same_time_is_answered_once(live: Live) -> None:
    statuses: list[int] = []

    def post() -> None:
        body = {"text": "slowly " + NOTE, "context": CONTEXT}
        with httpx.Client(base_url=live.base, timeout=20) as client:
            statuses.append(client.post("/v1/notes:code", json=body, headers={"Idempotency-Key": "k"}).status_code)

    threads = [Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(200) >= 1 and set(statuses) <= {200, 409}
    assert len(live.client.get("/v1/results").json()["results"]) == 1


def test_refused_note_frees_its_key(live: Live) -> None:
    headers = {"Idempotency-Key": "k"}
    late = {"text": "x", "context": {"date_of_service": "2031-01-01"}}
    assert live.client.post("/v1/notes:code", json=late, headers=headers).status_code == 409
    body = {"text": NOTE, "context": CONTEXT}
    assert live.client.post("/v1/notes:code", json=body, headers=headers).status_code == 200


def test_batch_answers_each_note_and_names_the_bad_ones(live: Live) -> None:
    notes = [
        {"id": "a", "text": NOTE, "context": CONTEXT},
        {"id": "b", "text": " ", "context": CONTEXT},
        {"id": "c", "text": "x", "context": {}},
        {"id": "d", "text": "explode", "context": CONTEXT},
        {"nothing": True},
    ]
    accepted = live.client.post("/v1/notes:batch", json={"notes": notes})
    assert accepted.status_code == 202
    job = live.finished(accepted.headers["location"])
    said = [(item["id"], item["state"], item["error"]) for item in job["items"]]  # type: ignore[union-attr]
    assert said == [
        ("a", "done", None),
        ("b", "error", "empty_note"),
        ("c", "error", "date_missing"),
        ("d", "error", "internal_error"),
        (None, "error", "empty_note"),
    ]
    stored = live.client.get(f"/v1/results/{job['items'][0]['result_id']}").json()  # type: ignore[index]
    assert [line["code"] for line in stored["lines"]] == ["11102"]


def test_notes_of_one_encounter_in_a_batch_are_coded_together(live: Live) -> None:
    context = {**CONTEXT, "encounter_id": "e-1"}
    notes = [
        {"id": "a", "text": NOTE, "context": context},
        {"id": "other", "text": NOTE, "context": CONTEXT},
        {"id": "b", "text": "Punch biopsy of the back.", "context": context},
    ]
    job = live.finished(live.client.post("/v1/notes:batch", json={"notes": notes}).headers["location"])
    first, _, third = job["items"]  # type: ignore[misc]
    assert (third["coded_with"], third["result_id"]) == (0, first["result_id"])
    stored = live.client.get(f"/v1/results/{first['result_id']}").json()
    assert [line["code"] for line in stored["lines"]] == ["11102", "11104"]
    assert stored["lines"][1]["evidence"][0]["document"] == "b"


def test_batch_with_the_same_key_is_one_job(live: Live) -> None:
    body = {"notes": [{"id": "a", "text": NOTE, "context": CONTEXT}]}
    posts = [live.client.post("/v1/notes:batch", json=body, headers={"Idempotency-Key": "b"}) for _ in range(2)]
    assert posts[0].json() == posts[1].json()
    finished(live.client, posts[0].headers["location"])
    assert len(live.client.get("/v1/results").json()["results"]) == 1


def test_failure_inside_names_the_place_but_not_the_note(live: Live, caplog: pytest.LogCaptureFixture) -> None:
    answer = live.code("explode canary-7d1f")
    assert answer.status_code == 503
    assert answer.json()["code"] == "internal_error"
    assert "canary" not in answer.text and "canary" not in caplog.text
