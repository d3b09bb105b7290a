"""CDS Hooks: discovery, cards, feedback, and what happens when data is missing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from uuid import uuid4

import pytest
from exchange_samples import COVERAGE, bundle, reference
from service_fixtures import Live, running
from sqlalchemy import text

from notecoder.service import Settings

SIGN = "/cds-services/notecoder-note-sign"


def hook_call(**changed: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "hook": "org.notecoder.note-sign",
        "hookInstance": str(uuid4()),
        "context": {"userId": "Practitioner/d", "patientId": "p", "encounterId": "e"},
        "prefetch": {"documents": bundle(reference("Shave biopsy of the cheek.")), "coverage": COVERAGE},
        **changed,
    }
    return {name: value for name, value in made.items() if value is not None}


def no_empty_member(value: Any) -> bool:
    if isinstance(value, dict):
        return all(part is not None and part != {} and no_empty_member(part) for part in value.values())
    return all(no_empty_member(part) for part in value) if isinstance(value, list) else True


def test_discovery_names_two_services(live: Live) -> None:
    services = live.client.get("/cds-services").json()["services"]
    assert [service["hook"] for service in services] == ["org.notecoder.note-sign", "encounter-discharge"]
    assert all({"hook", "description", "id"} <= set(service) for service in services)


def test_cards_show_the_claim_and_the_questions(live: Live) -> None:
    answer = live.client.post(SIGN, json=hook_call())
    assert answer.status_code == 200
    claim, question = answer.json()["cards"]
    assert claim["summary"] == "The note supports 1 line: 11102"
    assert (claim["indicator"], claim["source"]["label"]) == ("warning", "notecoder")
    assert claim["selectionBehavior"] == "at-most-one"
    assert claim["suggestions"][0]["actions"][0]["resource"]["resourceType"] == "Claim"
    assert question["summary"] == "What was the size of the lesion before the procedure?"
    assert no_empty_member(answer.json())
    assert all(len(card["summary"]) < 140 for card in answer.json()["cards"])


def test_feedback_is_recorded_for_the_card(live: Live) -> None:
    card = live.client.post(SIGN, json=hook_call()).json()["cards"][0]
    item = {
        "card": card["uuid"],
        "outcome": "overridden",
        "overrideReason": {"userComment": "a private remark"},
        "outcomeTimestamp": "2026-11-10T10:00:00Z",
    }
    answer = live.client.post(f"{SIGN}/feedback", json={"feedback": [item, {**item, "card": "unknown"}]})
    assert answer.json() == {"recorded": 1}
    with live.database.read() as connection:
        outcomes = connection.execute(text("SELECT outcome FROM cards ORDER BY position")).scalars().all()
    assert outcomes == ["overridden", None]


@pytest.mark.parametrize(
    ("call", "status"),
    [
        (hook_call(prefetch=None), 412),
        (hook_call(prefetch={"documents": None}), 412),
        (hook_call(prefetch={"documents": bundle()}), 412),
        (hook_call(prefetch=None, fhirServer="http://169.254.169.254/"), 412),
        (hook_call(hook="patient-view"), 400),
        (hook_call(context={}), 400),
        (hook_call(hookInstance=None), 400),
    ],
)
def test_call_that_cannot_be_answered_is_refused(live: Live, call: dict[str, Any], status: int) -> None:
    assert live.client.post(SIGN, json=call).status_code == status


def test_unsigned_note_gives_no_card(live: Live) -> None:
    draft = hook_call(prefetch={"documents": bundle(reference(docStatus="preliminary"))})
    assert live.client.post(SIGN, json=draft).json() == {"cards": []}


def test_unknown_service_is_not_found(live: Live) -> None:
    assert live.client.post("/cds-services/other", json=hook_call()).status_code == 404


@pytest.fixture
def ehr() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A FHIR server that answers searches for documents."""
    asked: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            import json

            asked.append((self.path, self.headers.get("Authorization", "")))
            found = bundle(reference("Punch biopsy of the back.")) if "DocumentReference" in self.path else {}
            body = json.dumps(found).encode()
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/fhir", asked
    server.shutdown()


def test_missing_documents_are_asked_from_a_listed_server_only(
    sqlite_settings: Settings, ehr: tuple[str, list[tuple[str, str]]]
) -> None:
    address, asked = ehr
    listed = {"fhir_servers": (address,), "webhook_private_addresses": True}
    call = hook_call(prefetch=None, fhirServer=address, fhirAuthorization={"access_token": "t-1"})
    with running(sqlite_settings) as live:
        assert live.client.post(SIGN, json=call).status_code == 412
        assert asked == []
    with running(sqlite_settings.model_copy(update=listed)) as live:
        cards = live.client.post(SIGN, json=call).json()["cards"]
        assert cards[0]["summary"].endswith("11104")
        assert asked[0] == ("/fhir/DocumentReference?encounter=e&status=current", "Bearer t-1")


def test_cross_origin_is_for_listed_sandboxes(sqlite_settings: Settings) -> None:
    sandbox = "https://sandbox.example.org"
    with running(sqlite_settings.model_copy(update={"cds_origins": (sandbox,)})) as live:
        for origin, allowed in ((sandbox, sandbox), ("https://evil.example.org", None)):
            answer = live.client.options(SIGN, headers={"Origin": origin, "Access-Control-Request-Method": "POST"})
            assert answer.headers.get("access-control-allow-origin") == allowed
        sent = live.client.post(SIGN, json=hook_call(), headers={"Origin": sandbox, "Sec-Fetch-Site": "cross-site"})
        assert sent.status_code == 200 and sent.headers["access-control-allow-origin"] == sandbox
