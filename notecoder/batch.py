"""Many notes in, one answer a line out, in the same order, whatever is wrong with some of them.

Each worker is one process with one engine. Rows travel in small bundles and only a few bundles are under way at a time,
so memory stays flat however long the input is. A bundle whose process dies is coded again row by row in a fresh one:
the row that kills it gets an error, the others their answers. Answers are written as soon as they are in order, so an
interrupted run goes on where it stopped (``resume``).
"""

from __future__ import annotations

import json
import os
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from notecoder.coding import UnverifiedDates, code_note
from notecoder.errors import NoteError
from notecoder.intake import Note

BUNDLE = 16
"""Rows that travel together."""
UNDER_WAY = 3
"""Bundles for each worker that are waiting or being coded."""
RENEW_AFTER = 20_000
"""Rows after which the processes are replaced: reading keeps every unseen word in memory."""

WIDTH = 30
"""Characters of the progress bar."""

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for every row. ``defaults`` fill in for what a row's own context leaves open."""

    defaults: Mapping[str, Any]
    unverified_dates: UnverifiedDates = "refuse"


@dataclass(slots=True)
class Tally:
    """Rows answered so far, and how many of them with an error."""

    rows: int = 0
    errors: int = 0

    def count(self, answer: Mapping[str, Any]) -> None:
        """Add one answer."""
        self.rows += 1
        self.errors += "error" in answer


def answer(note: Note, settings: Settings) -> Answer:
    """The result of one note in contract form, or ``{"id", "error": {"code", "message"}}``; never raises."""
    if note.error is not None:
        return _refused(note.id, note.error.code, note.error.message)
    try:
        context = {**settings.defaults, **{key: value for key, value in note.context.items() if value is not None}}
        result = code_note(
            note.text,
            context=context,
            id=note.id,
            documents=note.documents,
            unverified_dates=settings.unverified_dates,
        )
        return result.model_dump(mode="json")
    except NoteError as error:
        return _refused(note.id, error.code, error.message)
    except Exception as error:
        return _refused(note.id, "internal_error", place_of(error))


def _refused(name: str | None, code: str, message: str) -> Answer:
    return {"id": name, "error": {"code": code, "message": message}}


def place_of(error: BaseException) -> str:
    """Type and code location. The exception's own message is left out: it may quote the note."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    return f"the note could not be coded: {type(error).__name__} at {places}"


def answers(notes: Iterable[Note], settings: Settings, *, workers: int = 1) -> Iterator[Answer]:
    """One answer for each note, in order. With one worker the coding happens in this process."""
    if workers <= 1:
        for note in notes:
            yield answer(note, settings)
        return
    yield from _Lanes(workers, settings).answers(iter(notes))


def _bundle(notes: Sequence[Note], settings: Settings) -> list[Answer]:
    return [answer(note, settings) for note in notes]


def _warm_up() -> None:
    from notecoder.reading.clinical import warm

    warm()


class _Lanes:
    """The worker processes and the bundles under way, oldest first."""

    def __init__(self, workers: int, settings: Settings) -> None:
        self._workers = workers
        self._settings = settings
        self._pool = self._fresh(workers)
        self._under_way: deque[tuple[list[Note], Future[list[Answer]]]] = deque()

    @staticmethod
    def _fresh(workers: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_warm_up)

    def answers(self, notes: Iterator[Note]) -> Iterator[Answer]:
        """Keep a few bundles under way and give back the answers of the oldest."""
        sent = 0
        try:
            while bundle := list(islice(notes, BUNDLE)):
                if sent >= RENEW_AFTER:
                    yield from self._finish()
                    self._renew()
                    sent = 0
                self._send(bundle)
                sent += len(bundle)
                while len(self._under_way) >= UNDER_WAY * self._workers:
                    yield from self._oldest()
            yield from self._finish()
        finally:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _send(self, bundle: list[Note]) -> None:
        try:
            future = self._pool.submit(_bundle, bundle, self._settings)
        except BrokenProcessPool:
            future = Future()
            future.set_exception(BrokenProcessPool())
        self._under_way.append((bundle, future))

    def _finish(self) -> Iterator[Answer]:
        while self._under_way:
            yield from self._oldest()

    def _oldest(self) -> Iterator[Answer]:
        bundle, future = self._under_way.popleft()
        try:
            yield from future.result()
        except BrokenProcessPool:
            waiting = [other for other, _ in self._under_way]
            self._under_way.clear()
            yield from self._one_by_one(bundle)
            self._renew()
            for other in waiting:
                self._send(other)

    def _one_by_one(self, bundle: list[Note]) -> Iterator[Answer]:
        """A process died: each row alone, so that only the one that kills it goes without an answer."""
        pool = self._fresh(1)
        for note in bundle:
            try:
                yield from pool.submit(_bundle, [note], self._settings).result()
            except BrokenProcessPool:
                yield _refused(note.id, "internal_error", "the note could not be coded: its process ended")
                pool = self._fresh(1)
        pool.shutdown(wait=True)

    def _renew(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = self._fresh(self._workers)


def as_line(row: Mapping[str, Any]) -> bytes:
    """One answer as one line: ASCII only, the same bytes for the same answer."""
    return json.dumps(row, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"


def run(
    notes: Iterable[Note],
    out: BinaryIO,
    settings: Settings,
    *,
    workers: int = 1,
    tally: Tally | None = None,
    progress: Callable[[Tally], None] | None = None,
) -> Tally:
    """Write one line for each note; every line is handed to the system before the next is waited for."""
    tally = tally or Tally()
    for row in answers(notes, settings, workers=workers):
        out.write(as_line(row))
        out.flush()
        tally.count(row)
        if progress is not None:
            progress(tally)
    return tally


def taken_up(out: Path, notes: Iterator[Note]) -> Tally:
    """Skip the notes that ``out`` answers already, and cut off a line that was not finished.

    Raises ``bad_row`` when the answers are not those of these notes, in this order.
    """
    tally = Tally()
    if not out.exists():
        return tally
    whole = 0
    with out.open("rb") as lines:
        for line in lines:
            if not line.endswith(b"\n"):
                break
            whole += len(line)
            try:
                row = json.loads(line)
                note = next(notes)
            except (ValueError, StopIteration):
                row, note = None, Note(id=None)
            if not isinstance(row, dict) or row.get("id") != note.id:
                raise NoteError(
                    "bad_row", f"{out.name}, line {tally.rows + 1}: not the answer to this input; resume with the same"
                )
            tally.count(row)
    os.truncate(out, whole)
    return tally


class Bar:
    """A progress bar on a terminal: how many rows, how many with an error. Nothing anywhere else."""

    def __init__(self, stream: TextIO, *, total: int | None = None, every: int = 20) -> None:
        self._stream = stream
        self._total = total
        self._every = every
        self._on = stream.isatty()

    def __call__(self, tally: Tally) -> None:
        """Show the state now and then."""
        if self._on and tally.rows % self._every == 0:
            self._show(tally)

    def _show(self, tally: Tally) -> None:
        bar, of = "", ""
        if self._total:
            full = min(WIDTH, WIDTH * tally.rows // self._total)
            bar, of = f"[{'#' * full}{'.' * (WIDTH - full)}] ", f" of {self._total:,}"
        self._stream.write(f"\r{bar}{tally.rows:,}{of} notes, {tally.errors:,} with an error")
        self._stream.flush()

    def close(self, tally: Tally) -> None:
        """Leave the last state on the screen."""
        if self._on:
            self._show(tally)
            self._stream.write("\n")
