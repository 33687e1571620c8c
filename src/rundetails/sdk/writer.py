"""Logging that costs the training loop next to nothing: values are kept, and written by a thread of our own."""

from __future__ import annotations

import contextlib
import threading
import time
import warnings
from collections import deque
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from .. import tags as names
from ..errors import InvalidMetric, NotWritten
from ..logged import Kind
from ..redact import redact
from .client import client_of
from .pictures import picture_of
from .points import BATCH, Waiting, following_steps, waiting_of, with_steps
from .post import EAGER, post_office
from .shelf import Shelf, Table
from .spill import spill
from .tables import chart_json, columns_of
from .values import checked_name, number_of

if TYPE_CHECKING:
    from mlflow.entities import Metric

MOST_WAITING = 1_000_000
"""Points that wait in memory at most while the store is away; older ones go into a file."""

FURTHEST = 2**63
"""Steps are below; a store has 64 bits for them."""

HEARTBEAT_EVERY = 15.0
"""Seconds."""

TABLE_SHARE = 20
"""A table is written anew after so many times the time that the last writing took."""

HELD = 0.5
"""Seconds that the end of the process waits for a writing that is under way."""


class Writer:
    """Logs to one run from one process. `log` may be called on any thread.

    With `heartbeat` the run is this process's own: while it lives, the run shows signs of life, and when it ends, so
    does the run if nobody has ended it (well; by `kill -TERM`, as canceled).

    A thread writes about each second, or when 1,000 points wait; `flush` and `close` write at once, and so do the end
    of the process, `kill -TERM` and the end of a `multiprocessing` child. A child that was forked starts with nothing
    waiting. What the store does not take is kept and tried again; when the process ends before, it goes into a file,
    and a warning says where.
    """

    def __init__(self, tracking_uri: str, run_id: str, *, created_here: bool = False, heartbeat: bool = False) -> None:
        """`created_here`: this process made the run. `heartbeat`: set its heartbeat while this process lives."""
        self.tracking_uri = tracking_uri
        self.run_id = run_id
        self._created_here = created_here
        self._beats = self._owns = heartbeat
        self._names: set[str] = set()
        self._office = post_office()
        self._note = ""
        self._is_closed = False
        self._start_anew()
        self._office.join(self)

    def __repr__(self) -> str:
        return f"<Writer: {self.run_id}, {len(self._points):,} waiting>"

    def _start_anew(self) -> None:
        """Also in a forked child: what waited is its parent's."""
        self._points: deque[Waiting] = deque()
        self._sending: list[Metric] = []
        self._files: deque[tuple[str, str, Any]] = deque()
        self._tables: dict[tuple[Kind, str], Table] = {}
        self._next: dict[str, int] | None = {} if self._created_here else None
        self._shelf: Shelf | None = None
        self._lock = threading.RLock()
        self._rows = threading.Lock()
        self._beaten = float("-inf")
        self._error: BaseException | None = None

    def log(self, name: str, value: object, step: int | None = None) -> None:
        """One point. Raises InvalidMetric."""
        if name not in self._names:
            self._names.add(checked_name(name))
        if type(value) is not float:
            value = number_of(name, value)
        if step is not None and (type(step) is not int or not -FURTHEST <= step < FURTHEST):
            step = _whole(name, step)
        points = self._points
        points.append((name, step, time.time_ns() // 1_000_000, value))
        if len(points) == EAGER:
            self._office.hurry()
        if self._note or self._is_closed:
            self._tell()

    def log_list(self, name: str, values: object) -> None:
        """Numbers become points of the metric; a list of anything else is kept as a list. Raises InvalidMetric."""
        listed = columns_of({"value": values}) if not isinstance(values, (str, bytes, Mapping)) else None
        if listed is None or not hasattr(values, "__iter__"):
            raise InvalidMetric(f"log_list takes a list, not {values!r:.60}. One number: run.log({name!r}, value).")
        checked_name(name)
        items = listed["value"]
        with contextlib.suppress(InvalidMetric):
            numbers = [number_of(name, item) for item in items]
            for number in numbers:
                self.log(name, number)
            return
        self._add_rows("list", name, [{"value": item} for item in items])

    def log_row(self, name: str, columns: Mapping[str, object]) -> None:
        """One more row of a table. Raises InvalidMetric."""
        checked_name(name)
        if not columns:
            raise InvalidMetric(f'A row has a value at least: run.log_row({name!r}, x=1, y="a").')
        self._add_rows("table", name, [dict(columns)])

    def log_table(self, name: str, value: Mapping[str, Any]) -> None:
        """More rows of a table, by column. Raises InvalidMetric."""
        checked_name(name)
        columns = columns_of(value)
        self._add_rows(
            "table", name, [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        )

    def log_image(self, name: str, path: Any = None, plot: Any = None, step: int | None = None) -> None:
        """A picture, taken as it is now. Raises InvalidMetric, FileNotFoundError."""
        checked_name(name)
        at = 0 if step is None else _whole(name, step)
        self._files.append(("image", name, (at, time.time(), picture_of(path, plot))))
        self._office.hurry()
        self._tell()

    def log_chart(self, kind: Kind, name: str, value: object) -> None:
        """A confusion matrix, accuracy table, residuals or predictions in Azure ML's JSON. Raises InvalidMetric."""
        checked_name(name)
        self._files.append((kind, name, chart_json(kind, value)))
        self._tell()

    def flush(self, patience: float = -1.0) -> None:
        """Writes all that waits, here and now. Raises NotWritten, and keeps what was not taken. `patience`: seconds to
        wait for a writing that is under way; -1: until it is over, which takes minutes when a server is away."""
        if not self._lock.acquire(timeout=patience):
            raise NotWritten(self.waiting, "the store does not answer")
        try:
            self._write(is_last=True)
        except Exception as error:
            self._error = error
            raise NotWritten(self.waiting, redact(str(error))[:500]) from error
        finally:
            self._lock.release()

    def close(self, patience: float = -1.0) -> None:
        """Writes all that waits and stops the heartbeat. May be called twice; a value logged later opens it again."""
        self.flush(patience)
        self._beats, self._is_closed = False, True
        self._office.leave(self)

    @property
    def waiting(self) -> int:
        """Points that are not in the store yet."""
        return len(self._points) + len(self._sending)

    @property
    def is_dirty(self) -> bool:
        """Whether anything is to be written."""
        return bool(self._points or self._sending) or self._has_files

    @property
    def _has_files(self) -> bool:
        """Whether a file is to be written."""
        return bool(self._files) or any(len(table.rows) > table.written for table in list(self._tables.values()))

    def write_some(self) -> bool:
        """What the thread does each time; returns whether the store took it."""
        with self._lock:
            try:
                if self.is_dirty:
                    self._write()
                if self._beats and time.monotonic() - self._beaten >= HEARTBEAT_EVERY:
                    self._beaten = time.monotonic()
                    client_of(self.tracking_uri).set_tag(self.run_id, names.HEARTBEAT, f"{time.time():.0f}")
            except Exception as error:
                self._error = error
                return False
            return True

    def prepare(self) -> None:
        """Has MLflow loaded and the store opened, once there is something to write. A store that is away is no error
        yet."""
        if self.is_dirty or self._beats:
            with contextlib.suppress(Exception):
                client_of(self.tracking_uri)

    def end(self, status: str) -> None:
        """Ends the run that this process made and nobody has ended. Raises what the store does."""
        if self._owns:
            self._owns = False
            client_of(self.tracking_uri).set_terminated(self.run_id, status)

    def disown(self) -> None:
        """Somebody has ended the run, or is another process."""
        self._owns = self._beats = False

    def notice(self, words: str) -> None:
        """Something to be said once, on the thread of whoever logs next."""
        self._note = words

    def give_up(self) -> None:
        """The process ends: points that the store did not take go into a file, and a warning says where.

        Also while another thread still waits for the store: what that sends in the end and what lies in the file are
        the same points, and count once."""
        is_ours = self._lock.acquire(timeout=HELD)
        try:
            points = [*waiting_of(self._sending), *self._points]
            if is_ours:
                self._sending = []
                self._points.clear()
        finally:
            if is_ours:
                self._lock.release()
        said = "Tables, images and charts of its last seconds are lost."
        if points:
            where = spill(self.tracking_uri, self.run_id, points)
            kept = f"Its numbers are kept in {where}: python -m rundetails.sdk.spill {where} writes them later."
            said = f"{kept} {said}" if self._has_files else kept
        why = f": {redact(str(self._error))[:300]}" if self._error else ""
        warnings.warn(f"Not all that was logged to run {self.run_id} could be written{why}. {said}", stacklevel=2)

    def _write(self, *, is_last: bool = False) -> None:
        client = client_of(self.tracking_uri)
        self._resolve()
        while self._sending:
            client.log_batch(self.run_id, metrics=self._sending[:BATCH])
            del self._sending[:BATCH]
        self._put_files()
        self._put_tables(is_last=is_last)
        self._error = None

    def _resolve(self) -> None:
        """Gives points their steps, and makes MLflow's of them."""
        if not self._points:
            return
        if self._next is None:
            # Another process may have logged before.
            self._next = following_steps(client_of(self.tracking_uri), self.run_id)
        taken = list(islice(self._points, len(self._points)))
        self._sending += with_steps(taken, self._next)
        # Not before: what fails above, and a process that ends there, must not lose them.
        for _ in taken:
            self._points.popleft()
        if len(self._sending) > MOST_WAITING:
            spilled = self._sending[: -MOST_WAITING // 2]
            where = spill(self.tracking_uri, self.run_id, waiting_of(spilled))
            del self._sending[: len(spilled)]
            self.notice(f"The store is away for long: {len(spilled):,} points wait in {where} now.")

    def _put_files(self) -> None:
        while self._files:
            kind, name, content = self._files[0]
            if kind == "image":
                self._shelf_here().put_image(name, *content)
            else:
                self._shelf_here().put(self._shelf_here().free_path(name, kind), content)  # type: ignore[arg-type]
                self._shelf_here().mention(kind)  # type: ignore[arg-type]
            self._files.popleft()

    def _put_tables(self, *, is_last: bool) -> None:
        for (kind, name), table in list(self._tables.items()):
            if len(table.rows) == table.written or (not is_last and time.monotonic() < table.due):
                continue
            with self._rows:
                data, rows = table.json(), len(table.rows)
            began = time.monotonic()
            if not table.path:
                table.path = self._shelf_here().free_path(name, kind)
                self._shelf_here().mention(kind, table.path)
            self._shelf_here().put(table.path, data)
            table.written = rows
            table.due = time.monotonic() + TABLE_SHARE * (time.monotonic() - began)

    def _shelf_here(self) -> Shelf:
        if self._shelf is None:
            self._shelf = Shelf(client_of(self.tracking_uri), self.run_id, created_here=self._created_here)
        return self._shelf

    def _add_rows(self, kind: Kind, name: str, rows: list[dict[str, object]]) -> None:
        with self._rows:
            table = self._tables.setdefault((kind, name), Table())
            for row in rows:
                table.add(row)
        if self._note or self._is_closed:
            self._tell()

    def _tell(self) -> None:
        """What is seldom to be done after a value was taken."""
        if self._is_closed:
            self._is_closed = False
            self._office.join(self)
        words, self._note = self._note, ""
        if words:
            warnings.warn(words, stacklevel=4)


def writer_for(tracking_uri: str, run_id: str, *, created_here: bool = False, heartbeat: bool = False) -> Writer:
    """The writer of this run in this process, the same one each time."""
    office = post_office()
    with office.lock:
        for writer in office.writers:
            if (writer.tracking_uri, writer.run_id) == (tracking_uri, run_id):
                return writer
    return Writer(tracking_uri, run_id, created_here=created_here, heartbeat=heartbeat)


def _whole(name: str, step: object) -> int:
    """A step as a whole number: NumPy's too, and floats that are whole."""
    try:
        found = int(step)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError):
        found = None
    if found is None or found != step or isinstance(step, str) or not -FURTHEST <= found < FURTHEST:
        raise InvalidMetric(f"The step of {name!r} is a whole number, not {step!r:.60}.")
    return int(found)
