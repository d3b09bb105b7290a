"""HL7 v2: MDM in over MLLP with the ACK after the commit, DFT out after a coder accepted."""

from __future__ import annotations

import asyncio
import base64
import time
from typing import Any

import pytest
from exchange_samples import pdf
from hl7apy.parser import parse_message
from service_fixtures import Live, free_port, running

from notecoder.exchange.hl7_charges import charge_message
from notecoder.exchange.hl7_notes import Hl7Refused, acknowledgment, read_message
from notecoder.exchange.mllp import END, START, MllpError, listen, send_message
from notecoder.service import Settings
from notecoder.service.settings import ChargeFeed, Mllp

TEXT = (
    "OBX|1|TX|11506-3^^LN||6 mm papule, left cheek.||||||F",
    "OBX|2|FT|11506-3^^LN||Shave biopsy of cheek~\\.br\\Impression: A\\T\\B||||||F",
)


def mdm(
    event: str = "T02",
    *,
    control: str = "c-1",
    document: str = "D1",
    parent: str = "",
    status: str = "LA",
    available: str = "AV",
    obx: tuple[str, ...] = TEXT,
    visit: str = "20261110093000",
) -> str:
    pv1 = ["PV1", "1", "O", *[""] * 4, "77^DOE", *[""] * 11, "V9", *[""] * 24, visit]
    txa = ["TXA", "1", "OP", "TX", visit, "77^DOE", visit, "", "", "77^DOE", "", "", document, parent, "", "", ""]
    txa += [status, "", available]
    return "\r".join(
        [
            f"MSH|^~\\&|EHR|CLINIC|||20261110||MDM^{event}^MDM_T02|{control}|P|2.5.1",
            f"EVN|{event}|20261110",
            "PID|1||4711^^^CLINIC^MR||ROE^JANE",
            "|".join(pv1),
            "|".join(txa),
            *obx,
        ]
    )


def test_note_text_context_and_map() -> None:
    note = read_message(mdm())
    assert note.text == "6 mm papule, left cheek.\nShave biopsy of cheek\n\nImpression: A&B\n"
    assert note.context == {
        "date_of_service": "2026-11-10",
        "place_of_service": "11",
        "encounter_id": "V9",
        "clinician_id": "77",
    }
    assert (note.document, note.kind, note.action) == ("D1", "operative", "code")
    start = note.text.index("Shave")
    assert [segment.page for segment in note.segments if segment.start <= start < segment.end] == [2]


def test_encapsulated_pdf_is_read() -> None:
    data = base64.b64encode(pdf("Shave biopsy.")).decode()
    assert read_message(mdm(obx=(f"OBX|1|ED|x||EHR^AP^PDF^Base64^{data}||||||F",))).text.strip() == "Shave biopsy."


def test_other_separators_are_understood() -> None:
    usual = mdm().replace("\\.br\\", "").replace("\\T\\", "")
    other = usual.translate(str.maketrans("|^~\\&", "#@!?$"))
    assert read_message(other).text == read_message(usual).text
    assert read_message(other).context == read_message(usual).context


@pytest.mark.parametrize(
    ("message", "action"),
    [
        (mdm(status="DI"), "acknowledge"),
        (mdm(status=""), "acknowledge"),
        (mdm(available="OB"), "withdraw"),
        (mdm("T11", obx=()), "withdraw"),
        (mdm("T10", parent="D0"), "code"),
    ],
)
def test_only_signed_and_available_notes_are_coded(message: str, action: str) -> None:
    assert read_message(message).action == action


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ("", "AE"),
        ("PID|1", "AE"),
        ("MSH", "AE"),
        ("MSH|||||||||||", "AE"),
        (mdm(control=""), "AE"),
        (mdm(document=""), "AE"),
        (mdm(obx=()), "AE"),
        (mdm(visit=""), "AE"),
        (mdm(obx=("OBX|1|RP|x||http://10.0.0.1/note",)), "AE"),
        (mdm(obx=("OBX|1|ED|x||a^b^c^Base64^!!",)), "AE"),
        (mdm().replace("MDM^T02", "ADT^A01"), "AR"),
        (mdm("T01"), "AR"),
    ],
)
def test_what_cannot_be_taken_is_refused(message: str, answer: str) -> None:
    with pytest.raises(Hl7Refused) as refused:
        read_message(message)
    assert refused.value.answer == answer


@pytest.mark.parametrize("answer", ["AA", "AE", "AR"])
def test_acknowledgment_is_valid(answer: Any) -> None:
    said = acknowledgment(mdm(), answer=answer, message="TXA-12: expected | it", control_id="k1")
    parsed = parse_message(said, validation_level=2)
    assert (parsed.msa.msa_1.value, parsed.msa.msa_2.value) == (answer, "c-1")
    assert parsed.msh.msh_9.value == "ACK^T02^ACK"


@pytest.mark.parametrize("junk", ["", "MSH", "MSH|", "MSH|^~\\&", "x" * 50, "MSH|^~\\&|" + "|" * 40])
def test_acknowledgment_answers_anything(junk: str) -> None:
    assert "\rMSA|AE|" in acknowledgment(junk, answer="AE", message="m", control_id="k")


def test_charges_are_a_valid_dft() -> None:
    lines = [
        {"code": "11102", "system": "CPT", "units": 1, "modifiers": [], "diagnoses": ["D49.2"]},
        {"code": "J3301", "system": "HCPCS", "units": 2, "modifiers": ["JZ", "59"], "diagnoses": ["L91.0", "D49.2"]},
    ]
    note = read_message(mdm())
    said = charge_message(
        lines=lines, context=note.context, origin=note.origin, result_id="r" * 32, application="BILL", facility="F"
    )
    parsed = parse_message(said, validation_level=2)
    parsed.validate()
    rows = [segment.split("|") for segment in said.split("\r") if segment.startswith("FT1")]
    assert [(row[4], row[6], row[7], row[10]) for row in rows] == [
        ("20261110", "CG", "11102^^C4", "1"),
        ("20261110", "CG", "J3301^^HPC", "2"),
    ]
    assert (rows[1][19], rows[1][26]) == ("L91.0^^I10C~D49.2^^I10C", "JZ^^HPC~59^^HPC")
    assert "PID|1||4711^^^CLINIC^MR||ROE^JANE" in said


def send(message: str, port: int) -> str:
    """Send one message as an EHR does; the answer."""

    async def talk() -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(START + message.encode() + END)
        answer = await asyncio.wait_for(reader.readuntil(END), 20)
        writer.close()
        return answer[1:-2].decode()

    return asyncio.run(talk())


def answer_code(said: str) -> str:
    return next(line.split("|")[1] for line in said.split("\r") if line.startswith("MSA"))


def results(live: Live, count: int) -> list[dict[str, Any]]:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        rows: list[dict[str, Any]] = live.client.get("/v1/results").json()["results"]
        if len(rows) == count:
            return rows
        time.sleep(0.05)
    raise AssertionError("the results did not come")


def test_message_is_acknowledged_coded_once_and_superseded_by_its_edit(settings: Settings) -> None:
    port = free_port()
    with running(settings.model_copy(update={"mllp": Mllp(port=port)})) as live:
        assert answer_code(send(mdm(), port)) == "AA"
        (row,) = results(live, 1)
        assert (row["origin_kind"], row["lines"]) == ("hl7", 1)
        assert answer_code(send(mdm(), port)) == "AA"
        assert answer_code(send(mdm(document="D2"), port)) == "AE"
        assert answer_code(send(mdm("T08", control="c-2"), port)) == "AA"
        rows = results(live, 2)
        assert [(one["version"], one["superseded_by"] is None) for one in rows] == [(2, True), (1, False)]
        replacement = mdm("T10", control="c-3", document="D9", parent="D1")
        assert answer_code(send(replacement, port)) == "AA"
        assert [one["version"] for one in results(live, 3)] == [3, 2, 1]
        assert answer_code(send(mdm("T11", control="c-4", document="D9", obx=()), port)) == "AA"
        results(live, 2)


def test_charges_leave_only_after_a_coder_accepts(settings: Settings) -> None:
    port, taken = free_port(), []
    feed_port = free_port()

    async def receive() -> None:
        async def take(message: str) -> str:
            taken.append(message)
            return acknowledgment(message, answer="AA" if len(taken) > 1 else "AE", control_id="b1")

        server = await listen(take, host="127.0.0.1", port=feed_port)
        async with server:
            await stop.wait()

    stop = asyncio.Event()
    import threading

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(receive()), daemon=True)
    thread.start()
    changed = {
        "mllp": Mllp(port=port),
        "charge_feed": ChargeFeed(host="127.0.0.1", port=feed_port),
        "webhook_first_delay_seconds": 0.1,
    }
    with running(settings.model_copy(update=changed)) as live:
        assert answer_code(send(mdm(), port)) == "AA"
        (row,) = results(live, 1)
        time.sleep(0.3)
        assert taken == []
        decision = {"lines": [{"action": "accept", "line": 0}], "final": True}
        assert live.client.post(f"/v1/results/{row['result_id']}/decision", json=decision).status_code == 200
        end = time.monotonic() + 10
        while len(taken) < 2 and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(0.5)
    loop.call_soon_threadsafe(stop.set)
    thread.join(5)
    assert len(taken) == 2 and taken[0] == taken[1]
    assert "FT1|1|" in taken[0] and "11102^^C4" in taken[0]


def test_sender_refuses_a_bad_answer() -> None:
    async def talk() -> None:
        async def take(message: str) -> str:
            return acknowledgment(message, answer="AR", control_id="x")

        server = await listen(take, host="127.0.0.1", port=0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            with pytest.raises(MllpError):
                await send_message(mdm(), host="127.0.0.1", port=port)
        with pytest.raises(MllpError):
            await send_message(mdm(), host="127.0.0.1", port=port)

    asyncio.run(talk())
