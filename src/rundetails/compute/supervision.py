"""One job from its start to its end, seen through by a worker."""

from __future__ import annotations

import re
import shlex
import shutil
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from .. import tags
from ..redact import redact_words
from .folder import Begun, JobFolder
from .keeping import Keeper, new_files
from .outcome import PATIENCE, Outcome, outcome_of, tell
from .processes import NOBODY, Child, Found, Process, booted_at, created_at, end_all, free_port, leaders_in, wait_any
from .telling import BEAT_EVERY, Telling

if TYPE_CHECKING:
    from mlflow import MlflowClient

LOOK_EVERY = 1.0
"""Seconds after which somebody's wish to cancel is noticed, at most."""

SAYING = 10.0
"""Seconds within which a store is to take the word that files were kept; the run itself has ended by then."""

LEFTOVERS = 2.0
"""Seconds that processes get which outlive the script."""


class Supervision:
    """Starts a job or takes it over, follows it, and has its run say how it ended."""

    def __init__(
        self,
        place: JobFolder,
        *,
        grace: float,
        at_heartbeat: Callable[[], None] = lambda: None,
        patience: float = PATIENCE,
    ) -> None:
        """`grace`: seconds between asking its processes to end and killing them. `at_heartbeat`: done each time.
        `patience`: seconds for which the store is told again and again how the run ended."""
        self._place = place
        self._grace = grace
        self._at_heartbeat = at_heartbeat
        self._patience = patience
        self._children: list[Process] | None = None
        self._is_canceled = False
        self._job, self.environment = place.job()
        self._keeper = Keeper(place, self._job.artifact_uri, self._job.processes)
        self._client: MlflowClient | None = None
        self._beaten = float("-inf")
        self._timed_out = False

    def run(self) -> bool:
        """All of it; returns whether the run says how it ended. If not, the job stays, to be taken up again."""
        begun = self._place.begun or self._found()
        if self._place.canceled_at is not None and begun is None:
            return self._finish([], Outcome("KILLED", "It was canceled before it began.", time.time()), None)
        if begun is None:
            self._beat()
            started = self._start()
            if isinstance(started, Outcome):
                return self._finish([], started, None)
            begun = started
        processes = self._processes(begun)
        telling = Telling(self._place.run_id, begun, self._keeper, self._connect)
        self._follow(processes, begun)
        self._place.finalize()
        telling.stop()
        return self._finish(processes, self._outcome(processes, begun), begun)

    def _found(self) -> Begun | None:
        """What a worker had begun that was killed before it could write that down: it must not be begun twice."""
        started = self._place.starting
        if started is None:
            return None
        there = leaders_in(self._place.work)
        begun = Begun((*there, *[NOBODY] * (self._job.processes - len(there))), started, booted_at())
        self._place.begin(begun)
        return begun

    def _start(self) -> Begun | Outcome:
        """Starts all processes. What keeps them from it is how the run ended."""
        job, keeper, place = self._job, self._keeper, self._place
        try:
            keeper.make_folders()
            if any(place.work.iterdir()):
                shutil.copytree(place.work, keeper.root / "snapshot", dirs_exist_ok=True)
            keeper.link(place.work)
            keeper.prepared(self._preparation())
            place.start()
            self._children = children = []
            port = free_port() if job.processes > 1 else 0
            for rank in range(job.processes):
                child = Child(
                    job.command, place.exit_file(rank), keeper.driver_log(rank), place.work, self._variables(rank, port)
                )
                children.append(child)
            begun = Begun(tuple((child.pid, created_at(child.pid)) for child in children), time.time(), booted_at())
            place.begin(begun)
        except (OSError, ValueError) as error:
            end_all([(child.pid, created_at(child.pid)) for child in self._children or ()], self._grace)
            keeper.note(f"not started: {error}")
            where = f": {error.filename}" if isinstance(error, OSError) and error.filename else ""
            why = getattr(error, "strerror", None) or error
            return Outcome("FAILED", f"It could not be started: {why}{where}.", time.time())
        keeper.note(f"started {len(begun.processes)} process(es): {', '.join(str(pid) for pid, _ in begun.processes)}")
        keeper.tell("process_info", {"host": socket.gethostname(), "python": sys.version.split()[0], **_times(begun)})
        return begun

    def _processes(self, begun: Begun) -> list[Process]:
        if self._children is not None:
            return self._children
        self._keeper.note("taken over: the worker that had started it is gone")
        return [Found(pid, created) for pid, created in begun.processes]

    def _follow(self, processes: list[Process], begun: Begun) -> None:
        """Until all have ended, or had to."""
        while alive := [process for process in processes if process.is_alive()]:
            self._beat()
            limit = self._job.max_seconds
            self._timed_out = limit is not None and time.time() - begun.started > limit
            failed = any(self._code(rank, one) not in (0, None) for rank, one in enumerate(processes))
            self._is_canceled = self._place.canceled_at is not None
            if self._timed_out or failed or self._is_canceled:
                self._keeper.note("ending its processes")
                end_all(begun.processes, self._grace)
                continue
            left = LOOK_EVERY if limit is None else min(LOOK_EVERY, max(0.0, begun.started + limit - time.time()))
            wait_any(alive, left)

    def _outcome(self, processes: list[Process], begun: Begun) -> Outcome:
        codes = [self._code(rank, process) for rank, process in enumerate(processes)]
        times = [left[1] for rank in range(len(codes)) if (left := self._place.exit_code(rank)) is not None]
        is_known = None not in codes
        ended = max(times) if times and is_known else (self._place.heartbeat or begun.started)
        return outcome_of(
            codes,
            time.time() if is_known and not times else ended,
            canceled=self._is_canceled or (self._place.canceled_at is not None and any(code != 0 for code in codes)),
            timed_out=self._job.max_seconds if self._timed_out else None,
            restarted=_restarted_since(begun),
        )

    def _code(self, rank: int, process: Process) -> int | None:
        left = self._place.exit_code(rank)
        return left[0] if left is not None else process.code()

    def _finish(self, processes: list[Process], outcome: Outcome, begun: Begun | None) -> bool:
        place, keeper = self._place, self._keeper
        place.finalize()
        leftovers = end_all(begun.processes, LEFTOVERS) if begun and not _restarted_since(begun) else 0
        codes = [self._code(rank, process) for rank, process in enumerate(processes)]
        left = new_files(place.work, place.starting or begun.started) if begun and place.work.is_dir() else []
        self._tell_the_end(outcome, begun, codes, left, leftovers)
        try:
            client = self._connect()
            if begun is not None:
                client.set_tag(place.run_id, tags.STARTED, f"{begun.started:.3f}")
                client.set_tag(place.run_id, tags.STATUS, "Finalizing")
            unsent = keeper.send(client, is_last=True)
        except Exception as error:
            keeper.note(f"the store does not answer: {error}")
            unsent = ["all"]
        if not tell(self._connect, place.run_id, outcome, note=keeper.note, patience=self._patience):
            return False
        if unsent and (unsent := keeper.send(self._connect(), is_last=True)):
            said = f"{len(unsent)} of its file(s) could not be sent to the store: they stay in {place.spool}."
            keeper.note(said)
            told = replace(outcome, detail=f"{outcome.detail} {said}".strip())
            tell(self._connect, place.run_id, told, note=keeper.note, patience=SAYING)
        place.remove(keep=[*([place.work] if left else []), *([place.spool] if unsent else [])])
        return True

    def _tell_the_end(
        self, outcome: Outcome, begun: Begun | None, codes: list[int | None], left: list[str], leftovers: int
    ) -> None:
        keeper = self._keeper
        took = outcome.ended - begun.started if begun else 0.0
        lines = [f"{outcome.status} after {took:.1f} s. {outcome.detail}".strip(), f"Exit codes: {codes}"]
        if leftovers:
            lines.append(f"{leftovers} process(es) that the script had left were ended.")
        kept = keeper.kept
        lines.append(f"Kept: {len(kept)} file(s) of outputs and logs{': ' + ', '.join(kept[:20]) if kept else '.'}")
        if left:
            lines.append(
                f"{len(left)} new file(s) beside outputs and logs are not kept with the run: {', '.join(left[:20])}. "
                f"They stay in {self._place.work}."
            )
        keeper.ended("\n".join(lines))
        keeper.note(f"ended: {outcome.status} {outcome.detail}")
        keeper.tell("process_status", {"status": outcome.status, "exit_codes": codes, "seconds": round(took, 3)})

    def _beat(self) -> None:
        if time.monotonic() - self._beaten < BEAT_EVERY:
            return
        self._beaten = time.monotonic()
        self._place.beat()
        self._at_heartbeat()

    def _connect(self) -> MlflowClient:
        """MLflow's client. Loaded when the script runs already: it takes longer to load than a script to start."""
        if self._client is None:
            from mlflow import MlflowClient

            self._client = MlflowClient(self._job.tracking_uri)
        return self._client

    def _variables(self, rank: int, port: int) -> dict[str, str]:
        job = self._job
        found = {
            **self.environment,
            "MLFLOW_TRACKING_URI": job.tracking_uri,
            "MLFLOW_RUN_ID": job.run_id,
            "MLFLOW_EXPERIMENT_ID": job.experiment_id,
            "PYTHONUNBUFFERED": "1",
        }
        if job.processes > 1:
            found |= {
                "RANK": str(rank),
                "LOCAL_RANK": str(rank),
                "WORLD_SIZE": str(job.processes),
                "LOCAL_WORLD_SIZE": str(job.processes),
                "MASTER_ADDR": "127.0.0.1",
                "MASTER_PORT": str(port),
            }
        return found

    def _preparation(self) -> str:
        job = self._job
        if isinstance(job.command, str):
            words = re.split(r"(\s+)", job.command)
            words[::2] = redact_words(words[::2])
            command = "".join(words)
        else:
            command = shlex.join(redact_words(job.command))
        files = [file for file in self._place.work.rglob("*") if file.is_file() and not file.is_symlink()]
        return "\n".join(
            [
                f"Run {job.run_id} on {socket.gethostname()}",
                f"Command: {command}",
                f"Snapshot: {len(files)} file(s), {sum(file.stat().st_size for file in files):,} bytes",
                f"Variables of its own: {', '.join(sorted(job.environment)) or 'none'}",
                f"Processes: {job.processes}; limit: {f'{job.max_seconds:g} s' if job.max_seconds else 'none'}",
            ]
        )


def _restarted_since(begun: Begun) -> bool:
    """Whether the machine was: then none of its processes is left, whoever has their numbers now."""
    return booted_at() > begun.booted + 60


def _times(begun: Begun) -> dict[str, object]:
    return {"processes": [pid for pid, _ in begun.processes], "started": begun.started, "booted": begun.booted}
