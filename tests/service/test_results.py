"""Decisions, gaps, exports: the record that coaching and calibration need."""

from __future__ import annotations

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from service_fixtures import CONTEXT, Live, running

from notecoder.service import Settings
from notecoder.service.decisions import regression_cases

TWO = "6 mm papule.\nShave biopsy of the cheek.\nPunch biopsy of the back.\n"
CHANGE = {
    "action": "change",
    "line": 1,
    "to": {"code": "11105", "units": 1, "diagnoses": ["D48.5"]},
    "reason": "second",
}
ADD = {"action": "add", "to": {"code": "J3301", "system": "HCPCS", "units": 2, "modifiers": ["JZ"]}, "reason": "drug"}


def decide(live: Live, result_id: str, *lines: object, **more: object) -> tuple[int, dict[str, object]]:
    answer = live.client.post(f"/v1/results/{result_id}/decision", json={"lines": list(lines), **more})
    return answer.status_code, answer.json()


def test_final_decision_gives_the_claim_as_the_coder_left_it(live: Live) -> None:
    result_id = live.code(TWO).json()["result_id"]
    status, said = decide(live, result_id, {"action": "accept", "line": 0})
    assert (status, said["state"]) == (200, "open")
    status, said = decide(live, result_id, CHANGE, ADD, final=True)
    assert (status, said["state"]) == (200, "accepted")
    billed = [(line["code"], line["units"], line["diagnoses"]) for line in said["lines"]]  # type: ignore[union-attr]
    assert billed == [("11102", 1, ["D49.2"]), ("11105", 1, ["D48.5"]), ("J3301", 2, [])]
    stored = live.client.get(f"/v1/results/{result_id}").json()
    assert stored["state"] == "accepted"
    assert [made["final"] for made in stored["decisions"]] == [False, True]
    rows = list(csv.DictReader(io.StringIO(live.client.get(f"/v1/results/{result_id}/claim.csv").text)))
    assert [row["procedure_code"] for row in rows] == ["11102", "11105", "J3301"]
    assert (rows[0]["diagnosis_pointers"], rows[1]["diagnosis_pointers"]) == ("1", "2")
    assert rows[0]["principal_diagnosis"] == "D492" and rows[2]["modifier_1"] == "JZ"


@pytest.mark.parametrize(
    ("lines", "more", "code"),
    [
        ([{"action": "accept", "line": 9}], {}, "no_such_line"),
        ([{"action": "accept", "line": 0}] * 2, {}, "decided_twice"),
        ([{"action": "accept", "line": 0}], {"final": True}, "undecided_lines"),
        ([{"action": "reject", "line": 0}], {}, "bad_request"),
        ([{"action": "reject", "line": 0, "reason": "  "}], {}, "bad_request"),
        ([{"action": "guess", "line": 0}], {}, "bad_request"),
        ([{**CHANGE, "to": {"code": "a formula =1+1"}}], {}, "bad_request"),
    ],
)
def test_decision_that_does_not_fit_is_refused(
    sqlite_settings: Settings, lines: list[object], more: dict[str, object], code: str
) -> None:
    with running(sqlite_settings) as live:
        status, said = decide(live, live.code(TWO).json()["result_id"], *lines, **more)
        assert status in {409, 422} and said["code"] == code


def test_closed_result_takes_no_further_decision(live: Live) -> None:
    result_id = live.code(TWO).json()["result_id"]
    reject = [{"action": "reject", "line": line, "reason": "not done"} for line in (0, 1)]
    assert decide(live, result_id, *reject, final=True)[1]["state"] == "rejected"
    assert decide(live, result_id, {"action": "accept", "line": 0})[1]["code"] == "already_decided"


def test_claim_on_hold_needs_a_reason_to_be_closed(live: Live) -> None:
    result_id = live.code(TWO + "Pathology pending.").json()["result_id"]
    accept = [{"action": "accept", "line": line} for line in (0, 1)]
    assert decide(live, result_id, *accept, final=True)[1]["code"] == "on_hold"
    assert decide(live, result_id, *accept, final=True, override_reason="report seen")[0] == 200


def test_replaced_note_supersedes_the_earlier_result(live: Live) -> None:
    first = live.code(TWO, id="n-1", replaces="n-0").json()["result_id"]
    second = live.code(TWO + "Addendum.", id="n-2", replaces="n-1").json()["result_id"]
    earlier, later = (live.client.get(f"/v1/results/{one}").json() for one in (first, second))
    assert (earlier["state"], earlier["superseded_by"]) == ("superseded", second)
    assert (later["version"], later["superseded_by"]) == (2, None)
    assert decide(live, first, {"action": "accept", "line": 0})[1]["code"] == "superseded"


def test_life_of_a_gap_is_kept_with_who_and_when(live: Live) -> None:
    result_id = live.code("Shave biopsy of the cheek.").json()["result_id"]
    path = f"/v1/results/{result_id}/gaps/0"
    states = [live.client.post(path, json={"state": state}).json()["state"] for state in ("sent", "answered")]
    last = live.client.post(path, json={"state": "changed", "answer": "6 millimeters"}).json()
    assert states == ["sent", "answered"]
    assert [event["state"] for event in last["history"]] == ["sent", "answered", "changed"]
    assert last["history"][2]["answer"] == "6 millimeters" and last["history"][2]["subject"] == "local"
    assert live.client.post(f"/v1/results/{result_id}/gaps/7", json={"state": "sent"}).status_code == 404


def test_decisions_become_regression_cases(settings: Settings) -> None:
    with running(settings.model_copy(update={"keep": "all"})) as live:
        result_id = live.code(TWO).json()["result_id"]
        live.code(TWO)
        decide(live, result_id, {"action": "accept", "line": 0}, CHANGE, final=True)
        with live.database.write() as connection:
            cases = list(regression_cases(connection, database=live.database, tenant=None))
    assert len(cases) == 1
    assert cases[0]["text"] == TWO
    assert [line["code"] for line in cases[0]["proposed"]] == ["11102", "11104"]
    assert [line["code"] for line in cases[0]["lines"]] == ["11102", "11105"]
    assert cases[0]["decisions"][0]["lines"][1]["reason"] == "second"
    json.dumps(cases)


def test_worklist_filters_and_pages(live: Live) -> None:
    for _ in range(3):
        live.code(TWO)
    live.code("Shave biopsy.")
    page = live.client.get("/v1/results?limit=2").json()
    assert len(page["results"]) == 2 and page["next"] is not None
    review = live.client.get("/v1/results?disposition=review").json()["results"]
    assert [row["lines"] for row in review] == [1]
    assert live.client.get("/v1/results?state=accepted").json()["results"] == []


def test_earlier_notes_of_the_encounter_are_read_along_while_their_text_is_kept(settings: Settings) -> None:
    context = {**CONTEXT, "encounter_id": "e-9"}
    with running(settings.model_copy(update={"keep": "all"})) as live:
        body = {"id": "first", "text": "6 mm. Shave biopsy of the cheek.", "context": context}
        first = live.client.post("/v1/notes:code", json=body).json()
        body = {"id": "second", "text": "Punch biopsy of the back.", "context": context}
        second = live.client.post("/v1/notes:code", json=body).json()
        assert {line["code"] for line in second["lines"]} == {"11102", "11104"}
        assert live.client.get(f"/v1/results/{first['result_id']}").json()["superseded_by"] == second["result_id"]


def test_codebook_and_families_name_codes(live: Live) -> None:
    book = live.client.get("/v1/codebook?on=2026-11-10&payer=medicare").json()
    assert len(book["codes"]) > 10
    families = live.client.get("/v1/families").json()["families"]
    assert families and all(family["codes"] for family in families)
    assert live.client.get("/v1/codebook?on=2031-01-01").status_code == 409
    assert live.client.get("/v1/codebook").status_code == 422


def test_two_coders_who_finish_at_the_same_moment_leave_one_decision(settings: Settings) -> None:
    with running(settings) as live:
        for _ in range(5):
            result_id = live.code(TWO).json()["result_id"]
            both = [{"action": "accept", "line": line} for line in (0, 1)]
            with ThreadPoolExecutor(2) as threads:
                said = [made.result() for made in [threads.submit(_finish, live, result_id, both) for _ in range(2)]]
            assert sorted(said) == [200, 409]


def _finish(live: Live, result_id: str, lines: list[object]) -> int:
    with httpx.Client(base_url=live.base, timeout=20) as client:
        body = {"lines": lines, "final": True}
        return client.post(f"/v1/results/{result_id}/decision", json=body).status_code
