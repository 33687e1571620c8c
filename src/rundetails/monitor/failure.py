"""Why a run failed, as far as its logs tell."""

from __future__ import annotations

from ..facts import Failure, LogFile
from ..loglines import last_error
from ..redact import redact
from ..sources.protocol import RunSource

FILES = 5
"""Log files looked into at most."""

TAIL = 256 * 1024
"""Bytes at the end of each that are looked at; a quarter of it where a server is asked."""

LINE = 300
"""Characters of the line that are kept."""


def find_failure(source: RunSource, run_id: str) -> Failure | None:
    """The line that says best why the run failed: the end of a traceback before any other error, of several the one in
    the file that was written last. None when no log tells."""
    tail = TAIL if source.requests is None else TAIL // 4
    best: tuple[bool, Failure] | None = None
    for file in sorted(source.log_files(run_id), key=_likely)[:FILES]:
        chunk = source.read_file(run_id, file.path, -tail, tail)
        found = last_error(chunk.data, chunk.start)
        if found is not None and (best is None or (found[1] and not best[0])):
            line, is_traceback = found
            best = is_traceback, Failure(file.path, line.offset, shortened(redact(line.text.strip())))
    return best[1] if best else None


def _likely(file: LogFile) -> tuple[bool, float, str]:
    """The run's own output first, the newest first."""
    of_the_system = file.path.startswith(
        ("system_logs/", "logs/azureml/", "azureml-logs/55", "azureml-logs/65", "azureml-logs/75")
    )
    return of_the_system, -(file.modified or 0), file.path


def shortened(text: str) -> str:
    return text if len(text) <= LINE else text[: LINE - 1] + "…"
