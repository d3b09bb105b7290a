"""Webhooks: signed, tried again, and never sent into the house."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from service_fixtures import CONTEXT, NOTE, Live, running
from sqlalchemy import text

from notecoder.exchange.webhooks import AddressRefused, check_url, is_genuine, new_secret, public_address, signature
from notecoder.service import Settings


class Receiver:
    """Collects what is sent to it; fails the first ``failures`` times."""

    def __init__(self, failures: int) -> None:
        self.calls: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(500 if len(receiver.calls) <= failures else 204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def wait(self, count: int) -> None:
        end = time.monotonic() + 10
        while len(self.calls) < count and time.monotonic() < end:
            time.sleep(0.02)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver(failures=2)
    yield made
    made.server.shutdown()


PRIVATE = {"webhook_private_addresses": True, "webhook_first_delay_seconds": 0.05}


def add(live: Live, url: str, *events: str) -> dict[str, str]:
    answer = live.client.post("/v1/webhooks", json={"url": url, "events": list(events)})
    assert answer.status_code == 201, answer.text
    made: dict[str, str] = answer.json()
    return made


def test_message_is_signed_repeated_until_taken_and_holds_ids_only(settings: Settings, receiver: Receiver) -> None:
    with running(settings.model_copy(update=PRIVATE)) as live:
        hook = add(live, receiver.url, "result.created")
        result_id = live.code().json()["result_id"]
        receiver.wait(3)
        time.sleep(0.3)
        with live.database.read() as connection:
            assert connection.execute(text("SELECT count(*) FROM deliveries")).scalar() == 0
    assert len(receiver.calls) == 3
    assert len({headers["webhook-id"] for headers, _ in receiver.calls}) == 1
    for headers, body in receiver.calls:
        assert is_genuine(headers, body, secret=hook["secret"])
        assert not is_genuine(headers, body + b" ", secret=hook["secret"])
        assert not is_genuine(headers, body, secret=new_secret())
        assert not is_genuine(headers, body, secret=hook["secret"], now=time.time() + 301)
    said = json.loads(receiver.calls[0][1])
    assert said["type"] == "result.created"
    assert said["data"] == {"result_id": result_id, "disposition": "ready"}


def test_receiver_that_keeps_failing_is_disabled_and_can_be_enabled(settings: Settings) -> None:
    receiver = Receiver(failures=100)
    try:
        with running(settings.model_copy(update={**PRIVATE, "webhook_attempts": 3})) as live:
            hook = add(live, receiver.url, "result.created")
            live.code()
            receiver.wait(3)
            time.sleep(0.4)
            assert len(receiver.calls) == 3
            assert live.client.get("/v1/webhooks").json()[0]["disabled"] is not None
            live.code()
            time.sleep(0.3)
            assert len(receiver.calls) == 3
            rotated = live.client.post(f"/v1/webhooks/{hook['webhook_id']}/secret").json()
            live.code()
            receiver.wait(4)
            headers, body = receiver.calls[3]
            assert is_genuine(headers, body, secret=rotated["secret"])
            assert is_genuine(headers, body, secret=hook["secret"])
            assert live.client.delete(f"/v1/webhooks/{hook['webhook_id']}").status_code == 204
            assert live.client.get("/v1/webhooks").json() == []
    finally:
        receiver.server.shutdown()


def test_superseded_result_is_announced(settings: Settings) -> None:
    receiver = Receiver(failures=0)
    try:
        with running(settings.model_copy(update=PRIVATE)) as live:
            add(live, receiver.url, "result.superseded")
            first = live.code(id="b", replaces="a").json()["result_id"]
            second = live.code(NOTE + "Amended.", id="c", replaces="b").json()["result_id"]
            receiver.wait(1)
            time.sleep(0.2)
        said = [json.loads(body)["data"] for _, body in receiver.calls]
        assert said == [{"result_id": first, "superseded_by": second}]
    finally:
        receiver.server.shutdown()


def test_finished_job_is_announced(settings: Settings) -> None:
    receiver = Receiver(failures=0)
    try:
        with running(settings.model_copy(update=PRIVATE)) as live:
            add(live, receiver.url, "job.finished")
            notes = [{"text": NOTE, "context": CONTEXT}] * 3
            job_id = live.client.post("/v1/notes:batch", json={"notes": notes}).json()["job_id"]
            receiver.wait(1)
            time.sleep(0.2)
        assert [json.loads(body)["data"] for _, body in receiver.calls] == [{"job_id": job_id}]
    finally:
        receiver.server.shutdown()


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/x",
        "https://user:word@example.org/",
        "https:///x",
        "https://example.org:22/",
        "https://example.org/#x",
        "ftp://example.org/",
        "https://exa mple.org/",
        "https://[::1",
        "https://example.org/" + "x" * 500,
    ],
)
def test_form_of_an_address_is_checked(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_url(url, allow_private=False)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "fe80::1",
        "fc00::1",
        "::ffff:10.0.0.1",
        "2002:0a00:0001::1",
        "2130706433",
        "0x7f.1",
        "no-such-name.invalid",
    ],
)
def test_inside_addresses_are_refused(host: str) -> None:
    with pytest.raises(AddressRefused):
        asyncio.run(public_address(host, 443, allow_private=False))


def test_public_address_is_taken() -> None:
    assert asyncio.run(public_address("8.8.8.8", 443, allow_private=False)) == "8.8.8.8"


def test_inside_receiver_cannot_be_registered(live: Live) -> None:
    body = {"url": "https://169.254.169.254/latest", "events": ["result.created"]}
    answer = live.client.post("/v1/webhooks", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "address_refused")
    assert "169.254" not in answer.text


def test_signature_is_that_of_the_standard() -> None:
    """The example of the Standard Webhooks specification."""
    said = signature(
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
        secrets=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    assert said == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
