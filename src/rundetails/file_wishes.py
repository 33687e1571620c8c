"""What a page wishes of a run's files: folders, what was logged beside numbers, bytes, archives."""

from __future__ import annotations

from collections.abc import Iterator

from . import contract
from .errors import RunDetailsError
from .monitor import Watch
from .page import Page
from .sources.logged_files import logged_files
from .sources.protocol import RunSource
from .wishes import Buffers, Grant, NotUnderstood, number, text
from .zipping import Step, zip_steps

BYTES = 1 << 20
"""Of a file that one answer holds at most."""

ENTRIES = 5_000
"""Of a folder that are listed at most."""

ARCHIVE = 512 << 20
"""Bytes of files that are put into an archive through the kernel at most."""

FORGOTTEN = 60.0
"""Seconds after which an archive is given up that nobody takes the next part of."""


class TooMuch(RunDetailsError):
    """An archive would be larger than what is carried through the kernel."""

    def __init__(self, size: int, run_id: str) -> None:
        super().__init__(
            f"These files have {size / 2**20:,.0f} MB, too much to carry through the kernel ({ARCHIVE >> 20} MB). "
            f'Run.get(workspace, "{run_id}").download_all() writes the archive where the kernel runs.'
        )


class FileWishes:
    """The files of one run for one page. Everything is done on the poll thread, one step a wish."""

    def __init__(self, source: RunSource, run_id: str, page: Page) -> None:
        self._source = source
        self._run_id = run_id
        self._page = page
        self._archives: dict[str, tuple[Iterator[Step], float]] = {}

    @property
    def grants(self) -> dict[str, Grant]:
        """What is done for each wish."""
        return {"files": self._list, "logged": self._logged, "file": self._read, "zip": self._zip}

    def close(self, view: str) -> None:
        """The view is gone."""
        self._archives.pop(view, None)

    def sweep(self) -> None:
        """Gives up archives that nobody takes the next part of. With each look at the run."""
        now = self._page.monitor.clock.monotonic()
        self._archives = {one: two for one, two in self._archives.items() if now - two[1] < FORGOTTEN}

    def _check(self, size: int) -> None:
        if size > ARCHIVE:
            raise TooMuch(size, self._run_id)

    def _list(self, watch: Watch, wish: contract.Wish, answer: contract.AnswerMessage, _: Buffers) -> None:
        with watch.turn:
            entries = self._source.artifacts(self._run_id, text(wish, "path"))
        answer["entries"] = [
            {"path": entry.path, "is_folder": entry.is_folder, "size": entry.size} for entry in entries[:ENTRIES]
        ]
        answer["count"] = len(entries)

    def _logged(self, watch: Watch, _: contract.Wish, answer: contract.AnswerMessage, __: Buffers) -> None:
        with watch.lock:
            run = watch.state.run
        with watch.turn:
            found = logged_files(self._source, run)
        answer["logged"] = [
            {
                "kind": one.kind,
                "name": one.name,
                "path": one.path,
                "part": one.part,
                "step": one.step,
                "time": one.time,
                "size": size,
            }
            for one, size in found
        ]

    def _read(self, watch: Watch, wish: contract.Wish, answer: contract.AnswerMessage, buffers: Buffers) -> None:
        length = max(0, min(BYTES, int(number(wish, "length"))))
        with watch.turn:
            chunk = self._source.read_file(self._run_id, text(wish, "path"), int(number(wish, "start")), length)
        answer["start"], answer["size"] = chunk.start, chunk.size
        buffers.append(memoryview(chunk.data))

    def _zip(self, watch: Watch, wish: contract.Wish, answer: contract.AnswerMessage, buffers: Buffers) -> None:
        """The next part of an archive; `start` 0 begins it anew, -1 gives it up."""
        view, start = text(wish, "view"), int(number(wish, "start"))
        now = self._page.monitor.clock.monotonic()
        if start < 0:
            self._archives.pop(view, None)
            return
        with watch.turn:
            if start == 0:
                steps = zip_steps(self._source, self._run_id, text(wish, "path"), check=self._check)
                self._archives[view] = steps, now
            if view not in self._archives:
                raise NotUnderstood
            # Out of the list while it works: one that fails is over, and not complete.
            steps = self._archives.pop(view)[0]
            step = next(steps, None)
        if step is None:
            answer["is_done"] = True
            return
        self._archives[view] = steps, now
        answer["progress"] = [step.files, step.of_files, step.read, step.of_bytes]
        buffers.append(memoryview(step.data))
