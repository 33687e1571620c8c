"""The log files that a page has open: what they grew by, ranges of them, and searches. Bytes only; text is the page's.

Used on the poll thread alone. While nobody has the logs open nothing is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from . import contract
from .errors import RunDetailsError
from .facts import LogChunk, LogFile
from .loglines import error_offsets
from .monitor import Clock, RunState
from .redact import redact
from .sources.protocol import RunSource

TAIL = 128 * 1024
"""Bytes at the end of a file with which it opens."""

TICK = 256 * 1024
"""Bytes that one tick sends at most, all open files together."""

RANGE = 256 * 1024
"""Bytes of one `log_range` at most."""

FINGERPRINT = 64
"""Bytes before the known end that are read again: when they have changed, the file was rewritten."""

FILES = 500
"""Files that are listed at most: the newest."""

BLOCK = 1024 * 1024
"""Bytes that a search looks at in one go."""

STEP = 0.25
"""Seconds after which a search lets others have the poll thread."""

SEARCHED = 256 * 1024 * 1024
"""Bytes that one search looks at at most."""

SEARCHED_FAR = 16 * 1024 * 1024
"""The same where a server is asked."""

DEAR = 0.3
"""Seconds of a read above which a server's listing is asked first whether there is anything new: some servers send the
whole file for the sake of its end."""

LISTING_SHARE = 5
"""Listing the files again waits so many times as long as the last listing took."""

LONGEST = 400
"""Characters of an error at most: a path may be in it."""

Part = tuple[contract.LogPart, bytes]


@dataclass(slots=True)
class _Known:
    """What the page was given of one file."""

    path: str
    end: int = 0
    """Offset after the last byte that was read."""
    size: int = 0
    fingerprint: bytes = b""
    """The last bytes before `end`."""
    generation: int = 1
    modified: float | None = None
    cost: float = 0.0
    """Seconds that the last read took."""
    error: str = ""
    """Why it could not be read last time; empty when it could."""

    def took(self, start: int, data: bytes, size: int) -> None:
        joined = self.fingerprint + data if start == self.end else data
        self.end, self.size, self.fingerprint = start + len(data), size, joined[-FINGERPRINT:]

    def was_rewritten(self) -> None:
        self.generation, self.end, self.fingerprint = self.generation + 1, 0, b""


@dataclass(slots=True)
class _Listing:
    files: dict[str, LogFile] = field(default_factory=dict)
    due: float = float("-inf")
    ticks: int = 0
    is_fresh: bool = False
    """Whether this tick has listed."""
    error: str = ""


class LogDesk:
    """Reads the logs of one run for the views of one page."""

    def __init__(
        self, source: RunSource, run_id: str, clock: Clock, is_lost: Callable[[str], bool] = lambda _: False
    ) -> None:
        """`is_lost`: whether a view is gone without a word: what it has open is not read."""
        self._source = source
        self._run_id = run_id
        self._clock = clock
        self._is_lost = is_lost
        self._open: dict[str, str] = {}
        self._known: dict[str, _Known] = {}
        self._listing = _Listing()

    def __repr__(self) -> str:
        return f"<LogDesk: {len(self._open)} open>"

    @property
    def is_open(self) -> bool:
        """Whether any view shows the logs."""
        return any(not self._is_lost(view) for view in self._open)

    def open(self, view: str, path: str) -> tuple[list[contract.LogFileFacts], Part | None]:
        """A view shows this file ("": only the list). All files, and the tail of this one.

        Raises what listing the files raises.
        """
        self._open[view] = path
        self._list()
        files = [_facts(file) for file in self._listing.files.values()]
        return files, self._tail_of(self._file(path), TAIL) if path else None

    def close(self, view: str) -> None:
        """The view no longer shows any log."""
        self._open.pop(view, None)

    def tick(self, state: RunState, now: float) -> tuple[contract.LogMessage, list[bytes]] | None:
        """What is new in the open files; None when nothing is. `state` of the run, and `now` in the kernel's clock, are
        said with it: a page that hears of its log has fresh data."""
        message: contract.LogMessage = {"kind": "log", "seq": state.seq, "now": now, "at": state.at, "parts": []}
        self._list_again(message)
        buffers = []
        paths = sorted({path for view, path in self._open.items() if path and not self._is_lost(view)})
        for path in paths:
            part = self._news_of(self._file(path), TICK // len(paths))
            if part is not None:
                message["parts"].append(part[0])
                buffers.append(part[1])
        return (message, buffers) if buffers or "files" in message or "error" in message else None

    def range(self, path: str, start: int, length: int) -> Part:
        """Bytes of a file, for a view that scrolls. Raises ArtifactNotFound and whatever reading raises."""
        chunk = self._read(path, max(0, start), max(0, min(length, RANGE)))
        known = self._file(path)
        return self._part(known, chunk.start, chunk.size), chunk.data

    def search(self, path: str, start: int, find: contract.LogFind, text: str, back: bool) -> Iterator[Found]:
        """Searches from an offset on, or back from it; each step takes about `STEP` seconds."""
        limit = SEARCHED if self._source.requests is None else SEARCHED_FAR
        position, left, until = start, limit, self._clock.monotonic() + STEP
        overlap = 0 if find == "error" else max(0, len(text.encode()) - 1)
        while left > 0:
            block, low, size = self._block(path, position, back, whole_lines=find == "error")
            hits = error_offsets(block) if find == "error" else _text_offsets(block, text)
            # A line or a text that begins before `start` was there already.
            hits = [low + hit for hit in hits if (low + hit < start if back else low + hit >= start)]
            if hits:
                yield Found(hits[-1] if back else hits[0], position)
                return
            high, left = low + len(block), left - max(1, len(block))
            if not block or (low == 0 if back else high >= size):
                yield Found(None, low if back else high)
                return
            position = min(low + overlap, position - 1) if back else max(high - overlap, position + 1)
            if self._clock.monotonic() >= until:
                yield Found(None, position, is_done=False)
                until = self._clock.monotonic() + STEP
        yield Found(None, position)

    def _block(self, path: str, position: int, back: bool, whole_lines: bool) -> tuple[bytes, int, int]:
        """Some bytes at a position or before it: bytes, their offset, the size of the file."""
        low = max(0, position - BLOCK) if back else position
        chunk = self._read(path, low, position - low if back else BLOCK)
        data = chunk.data
        if not whole_lines or not data:
            return data, chunk.start, chunk.size
        # A line that the block cuts in two is left to the next block, unless the block is one line.
        if back and chunk.start > 0 and (cut := data.find(b"\n") + 1) and cut < len(data):
            return data[cut:], chunk.start + cut, chunk.size
        if not back and chunk.start + len(data) < chunk.size and (cut := data.rfind(b"\n") + 1):
            return data[:cut], chunk.start, chunk.size
        return data, chunk.start, chunk.size

    def _news_of(self, known: _Known, budget: int) -> Part | None:
        listed = self._listing.files.get(known.path)
        # A server may list late; its word is taken only for a file that is dear to read.
        may_trust = self._listing.is_fresh if self._source.requests is None else known.cost > DEAR
        if may_trust and listed is not None and not known.error and _stands_still(listed, known):
            return None
        before = (known.end, known.size, known.generation, known.error)
        part = self._grown(known, budget)
        known.modified = listed.modified if listed is not None else None
        return None if (known.end, known.size, known.generation, known.error) == before else part

    def _grown(self, known: _Known, budget: int) -> Part:
        """What the file grew by; its tail when that is more than the budget, or when it was rewritten."""
        again, began = len(known.fingerprint), self._clock.monotonic()
        try:
            chunk = self._read(known.path, known.end - again, again + budget)
            known.cost = self._clock.monotonic() - began
        except Exception as error:
            return self._failed(known, error)
        new = chunk.data[again:]
        if chunk.size < known.end or chunk.data[:again] != known.fingerprint:
            known.was_rewritten()
            return self._tail_of(known, min(TAIL, budget))
        if known.end + len(new) < chunk.size:
            return self._tail_of(known, min(TAIL, budget))
        start = known.end
        known.took(start, new, chunk.size)
        known.error = ""
        return self._part(known, start, chunk.size), new

    def _tail_of(self, known: _Known, length: int) -> Part:
        try:
            chunk = self._read(known.path, -length, length)
            if not self._is_the_same(known, chunk):
                known.was_rewritten()
        except Exception as error:
            return self._failed(known, error)
        # Two pages may be at different places; growth is counted from the end, which both are given.
        known.took(chunk.start, chunk.data, chunk.size)
        known.error = ""
        return self._part(known, chunk.start, chunk.size), chunk.data

    def _is_the_same(self, known: _Known, tail: LogChunk) -> bool:
        """Whether what was known of the file still stands before its known end."""
        if tail.size < known.end or not known.fingerprint:
            return not known.end
        first = known.end - len(known.fingerprint)
        if first < tail.start:
            tail = self._read(known.path, first, len(known.fingerprint))
        return tail.data[first - tail.start :][: len(known.fingerprint)] == known.fingerprint

    def _read(self, path: str, start: int, length: int) -> LogChunk:
        return self._source.read_file(self._run_id, path, start, length)

    def _file(self, path: str) -> _Known:
        return self._known.setdefault(path, _Known(path))

    def _part(self, known: _Known, start: int, size: int) -> contract.LogPart:
        return {"path": known.path, "start": start, "size": size, "generation": known.generation}

    def _failed(self, known: _Known, error: Exception) -> Part:
        known.error = sentence(error)
        return {**self._part(known, known.end, known.size), "error": known.error}, b""

    def _list(self) -> None:
        began = self._clock.monotonic()
        files = sorted(self._source.log_files(self._run_id), key=lambda file: -(file.modified or 0))[:FILES]
        self._listing.files = {file.path: file for file in sorted(files, key=lambda file: file.path)}
        now = self._clock.monotonic()
        self._listing.due = now + LISTING_SHARE * (now - began)

    def _list_again(self, message: contract.LogMessage) -> None:
        """Adds to the message what changed in the list of files, when it is time to look."""
        listing = self._listing
        listing.ticks += 1
        is_dear = self._source.requests is not None
        listing.is_fresh = not (is_dear and listing.ticks % 2) and self._clock.monotonic() >= listing.due
        if not listing.is_fresh:
            return
        before, error_before = listing.files, listing.error
        try:
            self._list()
            listing.error = ""
        except Exception as error:
            listing.error = sentence(error)
        if listing.error != error_before:
            message["error"] = listing.error
        if listing.files.keys() != before.keys():
            message["files"], message["is_whole"] = [_facts(file) for file in listing.files.values()], True
        elif changed := [_facts(file) for path, file in listing.files.items() if file != before[path]]:
            message["files"] = changed


@dataclass(frozen=True, slots=True)
class Found:
    """Where a search stands."""

    offset: int | None
    """Of what was found; None as long as nothing is."""
    searched_to: int
    """Offset at which the search stopped, or goes on."""
    is_done: bool = True
    """Whether nothing more follows."""


def sentence(error: Exception) -> str:
    """What went wrong, for people."""
    text = redact(str(error))
    text = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    return text if isinstance(error, RunDetailsError) and text else f"Reading failed: {text or type(error).__name__}"


def _facts(file: LogFile) -> contract.LogFileFacts:
    return {"path": file.path, "size": file.size, "modified": file.modified}


def _stands_still(listed: LogFile, known: _Known) -> bool:
    """Whether the listing alone tells that nothing is new."""
    return listed.size == known.end and listed.modified == known.modified


def _text_offsets(block: bytes, text: str) -> list[int]:
    """First and last place of a text, whatever the case of its ASCII letters; none of an empty text."""
    lowered, needle = block.lower(), text.encode().lower()
    first = lowered.find(needle) if needle else -1
    return [] if first < 0 else [first, lowered.rfind(needle)]
