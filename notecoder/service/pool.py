"""Coding happens in processes of their own, so that a long note never holds up another caller.

Each lane is one process with one engine. A lane is replaced after ``recycle_after`` notes (reading keeps every unseen
word of a note in memory; a fresh process has none of them), by a successor that is warm before it takes over. A process
that dies is replaced and the note tried once more; a note that takes too long ends its process, not the service.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import os
import threading
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection, get_context, parent_process
from typing import Any, Protocol

from notecoder.claim import CodingResult
from notecoder.errors import NoteError
from notecoder.evidence import Frozen

Coder = Callable[..., CodingResult]
WARM_UP = "Established patient. Shave biopsy of a 6 mm papule on the left cheek. Impression: neoplasm."


class CodingFailed(RuntimeError):
    """The note could not be coded through no fault of the caller. ``code``: internal_error, timeout."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class NoteRequest(Frozen):
    """One note to code, as the contract describes it."""

    text: str
    context: dict[str, Any]
    id: str | None = None
    documents: tuple[dict[str, Any], ...] = ()
    unverified_dates: str = "refuse"


class CodingPool(Protocol):
    """Codes notes without holding up the event loop."""

    async def code(self, request: NoteRequest) -> dict[str, Any]:
        """The result in contract form. Raises ``NoteError`` for bad input, ``CodingFailed`` otherwise."""
        ...

    async def call(self, name: str, *arguments: Any) -> Any:
        """``module:function`` with ``arguments`` in a coding process; for extraction of text from files."""
        ...

    async def start(self) -> None:
        """Load the engine; the service is ready afterwards."""
        ...

    def close(self) -> None:
        """End the processes."""
        ...


def code_with(coder: Coder, request: Mapping[str, Any]) -> dict[str, Any]:
    """One note in contract form, or ``{"error": ...}``; an unexpected error is told by type and place only."""
    try:
        result = coder(
            request["text"],
            context=request["context"],
            id=request["id"],
            documents=request["documents"],
            unverified_dates=request["unverified_dates"],
        )
        return result.model_dump(mode="json")
    except NoteError as error:
        return {"error": {"code": error.code, "message": error.message}}
    except Exception as error:
        return {"error": {"code": "internal_error", "message": place_of(error)}}


def place_of(error: BaseException) -> str:
    """An exception as type and code location. Its message is left out: it may quote the note."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return f"{type(error).__name__} at " + " < ".join(
        f"{os.path.basename(frame.filename)}:{frame.lineno} {frame.name}" for frame in reversed(frames)
    )


def find_function(path: str) -> Callable[..., Any]:
    """The function that ``module:name`` stands for."""
    module, _, name = path.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function


def _answer(outcome: dict[str, Any]) -> dict[str, Any]:
    error = outcome.get("error")
    if error is None:
        return outcome
    if error["code"] == "internal_error":
        raise CodingFailed("internal_error", error["message"])
    raise NoteError(error["code"], error["message"])


class ThreadPool:
    """One engine in one thread of this process: for tests and embedding, with any callable as the coder."""

    def __init__(self, coder: Coder) -> None:
        self._coder = coder
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="coding")

    async def start(self) -> None:
        """Nothing to load."""

    async def code(self, request: NoteRequest) -> dict[str, Any]:
        """See ``CodingPool.code``."""
        loop = asyncio.get_running_loop()
        return _answer(await loop.run_in_executor(self._threads, code_with, self._coder, request.model_dump()))

    async def call(self, name: str, *arguments: Any) -> Any:
        """See ``CodingPool.call``."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, find_function(name), *arguments)

    def close(self) -> None:
        """Let the thread finish what it has."""
        self._threads.shutdown(wait=False, cancel_futures=True)


_coder: Coder | None = None


def _enter(path: str) -> None:
    """First thing in a coding process: load the coder, go quiet, and leave when the service is gone."""
    global _coder
    _coder = find_function(path)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_leave_with, args=(parent.sentinel,), daemon=True).start()
    quiet = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(quiet, stream)


def _leave_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(0)


def _code(request: dict[str, Any]) -> dict[str, Any]:
    if _coder is None:
        raise RuntimeError("the coding process was not entered")
    return code_with(_coder, request)


def _warm() -> None:
    """Code one short note, then leave what was loaded for good out of the collector's rounds, which would hold up notes."""
    _code(_warm_up_request())
    gc.collect()
    gc.freeze()


def _call(name: str, arguments: tuple[Any, ...]) -> Any:
    return find_function(name)(*arguments)


class _Lane:
    """One process, and the successor that is being warmed up."""

    def __init__(self, *, coder: str, recycle_after: int) -> None:
        self._coder = coder
        self._recycle_after = recycle_after
        self._process = self._new()
        self.warm = self._process.submit(_warm)
        self._next: ProcessPoolExecutor | None = None
        self._ready: Future[Any] | None = None
        self.served = 0
        self.waiting = 0

    def _new(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_enter, initargs=(self._coder,))

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        self.served += 1
        if self.served >= self._recycle_after and self._next is None:
            self._next = self._new()
            self._ready = self._next.submit(_warm)
        if self._next is not None and self._ready is not None and self._ready.done():
            self._process.shutdown(wait=False)
            self._process, self._next, self._ready, self.served = self._next, None, None, 0
        return self._process.submit(function, *arguments)

    def replace(self) -> None:
        """Give up the process at once (it died or hangs) and start another."""
        old, self._process, self.served = self._process, self._new(), 0
        self.warm = self._process.submit(_warm)
        for process in list((getattr(old, "_processes", None) or {}).values()):
            with contextlib.suppress(OSError):
                process.kill()
        old.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        for pool in (self._process, self._next):
            if pool is not None:
                pool.shutdown(wait=False, cancel_futures=True)


def _warm_up_request() -> dict[str, Any]:
    return NoteRequest(text=WARM_UP, context={"date_of_service": "2026-06-15"}).model_dump()


class ProcessPool:
    """``lanes`` coding processes; each note goes to the one with the fewest waiting."""

    def __init__(self, *, coder: str, lanes: int, recycle_after: int, timeout_seconds: float) -> None:
        self._lanes = [_Lane(coder=coder, recycle_after=recycle_after + 97 * number) for number in range(lanes)]
        self._timeout = timeout_seconds

    async def start(self) -> None:
        """Start every process and code one short note in each."""
        await asyncio.gather(*(asyncio.wrap_future(lane.warm) for lane in self._lanes))

    async def code(self, request: NoteRequest) -> dict[str, Any]:
        """See ``CodingPool.code``."""
        return _answer(await self._run(_code, request.model_dump()))

    async def call(self, name: str, *arguments: Any) -> Any:
        """See ``CodingPool.call``."""
        return await self._run(_call, name, arguments)

    async def _run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        for attempt in (1, 2):
            lane = min(self._lanes, key=lambda lane: lane.waiting)
            lane.waiting += 1
            try:
                await asyncio.shield(asyncio.wrap_future(lane.warm))
                future = lane.submit(function, *arguments)
                return await asyncio.wait_for(asyncio.wrap_future(future), self._timeout * max(1, lane.waiting))
            except BrokenProcessPool:
                lane.replace()
                if attempt == 2:
                    raise CodingFailed("internal_error", "the coding process ended twice on this note") from None
            except TimeoutError:
                lane.replace()
                raise CodingFailed("timeout", f"coding took longer than {self._timeout:g} seconds") from None
            finally:
                lane.waiting -= 1
        raise AssertionError("unreachable")

    def close(self) -> None:
        """End every process."""
        for lane in self._lanes:
            lane.close()
