"""Waiting for a run, with its output as it comes."""

from __future__ import annotations

import codecs
import re
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import RunDetailsError, RunFailed, SourceUnavailable, StoppedWaiting
from ..facts import Run as Facts
from ..facts import Status
from ..loglines import traceback_end
from ..redact import redact

if TYPE_CHECKING:
    from .run import Run

QUICK, SLOW, LONGEST = 0.25, 2.0, 15.0
"""Seconds between two looks: at a store on this machine, at a server, and when nothing has moved for long."""

TAIL = 256 * 1024
"""Bytes of output printed in one go, and looked at for the end of a traceback; of more, the end is shown."""

_OUTPUT = re.compile(r"(?:^|/)(?:70_driver_log(?:_0)?|std_log(?:_process_0+)?|70_mpi_log)\.txt$")


def follow(run: Run, *, show_output: bool, raise_on_error: bool, write: Callable[[str], object] | None = None) -> Facts:
    """Returns when the run has ended. Raises RunFailed, or StoppedWaiting when interrupted; waits on while the store
    is away. `write`: where output goes; default: the standard output of this moment."""
    output = _Output(run, write or _print) if show_output else None
    try:
        facts = _until_ended(run, output)
    except KeyboardInterrupt:
        raise StoppedWaiting(run.id) from None
    if facts.status is Status.FAILED and raise_on_error:
        raise RunFailed(_why(run, facts))
    return facts


def _until_ended(run: Run, output: _Output | None) -> Facts:
    pause = 0.0
    while True:
        try:
            facts = run._facts()
            moved = output is not None and output.show(facts)
            if facts.status.has_ended:
                if output is not None:
                    output.end(facts)
                return facts
            with run.workspace.reading() as source:
                shortest = QUICK if source.requests is None else SLOW
            pause = shortest if moved or source.requests is None else min(LONGEST, max(shortest, pause * 1.2))
        except SourceUnavailable as error:
            pause = error.retry_after or min(LONGEST, max(SLOW, pause * 2))
            if output is not None:
                output.say(f"{error}")
        time.sleep(pause)


class _Output:
    """What the script prints, and what happens before and after."""

    def __init__(self, run: Run, write: Callable[[str], object]) -> None:
        self._run = run
        self._write = write
        self._path = ""
        self._offset = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._half = ""
        self._said = ""
        self._is_in_line = False
        self._is_begun = False

    def say(self, line: str) -> None:
        """A line of our own, once."""
        if line != self._said:
            self._said = line
            self._line(line)

    def show(self, facts: Facts) -> bool:
        """Prints what is new; returns whether something was."""
        if not self._is_begun:
            address = self._run.get_portal_url()
            self._line(f"Run {facts.name} ({facts.id}){': ' + address if address else ''}")
            self._is_begun = True
        if not self._path:
            self._find(facts)
        if not self._path:
            self.say(f"{facts.status.value}{': ' + redact(facts.detail) if facts.detail else ''}")
            return False
        return self._print_new(is_last=facts.status.has_ended)

    def end(self, facts: Facts) -> None:
        lasted = "" if facts.started is None or facts.ended is None else f" after {facts.ended - facts.started:,.0f} s"
        why = f": {redact(facts.detail)}" if facts.detail else ""
        self._line(f"———— {facts.status.value}{lasted}{why}")

    def _find(self, facts: Facts) -> None:
        with self._run.workspace.reading() as source:
            if "files" not in source.capabilities:
                return
            logs = [log.path for log in source.log_files(facts.id)]
        found = [path for path in logs if _OUTPUT.search(path)]
        if found:
            self._path = found[0]
            others = len([path for path in logs if "70_driver_log_" in path]) - 1
            self._line(f"———— {self._path}{f', and {others} of other processes' if others > 0 else ''}")

    def _print_new(self, *, is_last: bool) -> bool:
        moved = False
        while True:
            with self._run.workspace.reading() as source:
                chunk = source.read_file(self._run.id, self._path, self._offset, TAIL)
            if chunk.size - self._offset > 2 * TAIL:
                left_out = chunk.size - TAIL - self._offset
                self._offset = chunk.size - TAIL
                self._half = ""
                self._line(f"———— {left_out:,} bytes left out here; they are in the log")
                continue
            self._offset += len(chunk.data)
            at_end = self._offset >= chunk.size
            self._put(self._decoder.decode(chunk.data, is_last and at_end), is_last and at_end, bool(chunk.data))
            moved = moved or bool(chunk.data)
            if at_end or not chunk.data:
                return moved

    def _put(self, text: str, is_last: bool, is_growing: bool) -> None:
        """Whole lines, without secrets; half a line when it has stood still, as a prompt or a progress bar does."""
        text = self._half + text
        cut = max(text.rfind("\n"), text.rfind("\r")) + 1 if is_growing and not is_last else len(text)
        self._half = text[cut:]
        if text[:cut]:
            self._write(redact(text[:cut]))
            self._is_in_line = not text[:cut].endswith("\n")

    def _line(self, text: str) -> None:
        """A line of our own, on a line of its own."""
        self._write(f"{chr(10) if self._is_in_line else ''}{text}\n")
        self._is_in_line = False


def _why(run: Run, facts: Facts) -> str:
    """How it failed: the engine's sentence, and the end of the traceback in its output."""
    parts = [f"Run {facts.name or facts.id} failed. {redact(facts.detail)}".strip()]
    try:
        with run.workspace.reading() as source:
            logs = [log.path for log in source.log_files(facts.id)]
            for path in sorted(logs, key=lambda path: not _OUTPUT.search(path)):
                chunk = source.read_file(facts.id, path, -TAIL, TAIL)
                if end := traceback_end(chunk.data, chunk.start):
                    return "\n".join([*parts, f"The end of {path}:", redact(end)])
    except RunDetailsError:
        pass
    return "\n".join([*parts, "RunDetails(run).show() opens on its logs."])


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
