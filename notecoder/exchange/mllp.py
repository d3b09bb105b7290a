"""HL7's way over a wire: MLLP, a message between ``0x0B`` and ``0x1C 0x0D``, each answered by an ACK.

The listener hands each message to a callback and sends back what it returns; the callback returns its ACK only after
the message is committed. One message at a time on a connection, as MLLP wants it.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

START = b"\x0b"
END = b"\x1c\r"
LONGEST_MESSAGE = 16_000_000
IDLE_SECONDS = 300.0
ANSWER_SECONDS = 30.0

Handler = Callable[[str], Awaitable[str]]


class MllpError(RuntimeError):
    """The other side did not take the message. Carries no content."""


async def listen(handler: Handler, *, host: str, port: int, tls: ssl.SSLContext | None = None) -> asyncio.Server:
    """Start listening; ``handler`` gets each message as text and returns the ACK."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, OSError):
            while (message := await _read(reader)) is not None:
                writer.write(START + (await handler(message)).encode("utf-8") + END)
                await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    return await asyncio.start_server(serve, host, port, ssl=tls, limit=LONGEST_MESSAGE)


async def _read(reader: asyncio.StreamReader) -> str | None:
    """The next message, or None at the end of the connection. Bytes between messages are skipped."""
    async with asyncio.timeout(IDLE_SECONDS):
        try:
            await reader.readuntil(START)
        except asyncio.IncompleteReadError:
            return None
        body = await reader.readuntil(END)
    return decoded(body[: -len(END)])


def decoded(message: bytes) -> str:
    """A message's text: UTF-8, or Windows-1252 where it is not (what older engines send)."""
    try:
        return message.decode("utf-8")
    except UnicodeDecodeError:
        return message.decode("cp1252", "replace")


async def send_message(message: str, *, host: str, port: int, tls: bool = False) -> str:
    """Send one message and wait for its ACK. Raises ``MllpError`` unless the ACK says AA or CA."""
    context = ssl.create_default_context() if tls else None
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(host, port, ssl=context, limit=1_000_000)
            try:
                writer.write(START + message.encode("utf-8") + END)
                await writer.drain()
                await reader.readuntil(START)
                answer = decoded((await reader.readuntil(END))[: -len(END)])
            finally:
                writer.close()
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise MllpError(f"no acknowledgment ({type(error).__name__})") from None
    for segment in answer.replace("\n", "\r").split("\r"):
        if segment.startswith("MSA"):
            fields = segment.split(segment[3:4] or "|")
            if len(fields) > 1 and fields[1] in {"AA", "CA"}:
                return answer
    raise MllpError("the message was not accepted")


def server_tls(*, certificate: Path, key: Path, client_ca: Path | None) -> ssl.SSLContext:
    """TLS for the listener; with ``client_ca`` only systems with a certificate of it may connect."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    if client_ca is not None:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context
