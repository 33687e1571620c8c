"""Runs of any store that MLflow's client can reach: correct everywhere, quick nowhere."""

from __future__ import annotations

import difflib
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from ..errors import (
    ArtifactNotFound,
    AuthExpired,
    ExperimentNotFound,
    OnlyRecords,
    RunDeleted,
    RunDetailsError,
    RunNotFound,
    SourceUnavailable,
    StoreError,
    StoreTooNew,
)
from ..facts import (
    ArtifactEntry,
    Child,
    ChildrenDelta,
    Cursor,
    Delta,
    Experiment,
    LogChunk,
    LogFile,
    Points,
    Run,
    experiment_in,
)
from ..redact import HIDDEN, redact
from ..series import Kept, thin_to
from .artifacts import Artifacts, is_log, local_folder
from .children_search import ChildrenSearch, SearchCursor, shortened
from .curves import curves_of
from .mlflow_facts import NEWEST, PARENT_TAG, experiment_of, meant, run_of
from .portal import experiment_url, portal_url
from .seen import Hashes, hashes

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run as MlflowRun

    from .protocol import Capability, RunSource

LOOKED_AT_AGAIN = 4
"""Metrics a read whose history is fetched although the latest point is as before: late points do not move it."""

LONG = 20_000
"""A history of more points is not fetched for the sake of late ones."""

PAGE = 1_000
"""Runs that one search gives."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What was given of one metric."""

    latest: str
    """Its latest point, as text: NaN equals NaN then."""
    points: Hashes
    """A number for each point given."""


@dataclass(frozen=True, slots=True)
class ClientCursor:
    """Where reading stopped."""

    run: Run
    known: Mapping[str, _Known] = field(default_factory=dict)
    turn: int = 0
    """Whose turn it is to be looked at again."""


class MlflowClientSource:
    """Reads over `MlflowClient`. Imports MLflow when it is first asked."""

    def __init__(self, address: str) -> None:
        """`address`: an MLflow tracking URI."""
        self._address = address
        self._client: MlflowClient | None = None
        self._experiments: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"<MlflowClientSource: {self.name}>"

    @property
    def name(self) -> str:
        parts = urlsplit(self._address)
        place = parts.hostname or Path(parts.path).name or self._address
        return f"mlflow · {place}:{parts.port}" if parts.hostname and parts.port else f"mlflow · {place}"

    @property
    def key(self) -> str:
        return f"mlflow:{redact(self._address).replace(HIDDEN + '@', '')}"

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset({"children", "experiments", "files", "range"})

    @property
    def requests(self) -> int | None:
        return None

    def find(self, run_id: str) -> Run:
        return self._run_of(self._get(run_id))

    def read(self, run_id: str, cursor: Cursor | None = None, wanted: Collection[str] | None = None) -> Delta:
        stored = self._get(run_id)
        run = self._run_of(stored)
        before = cursor if isinstance(cursor, ClientCursor) else ClientCursor(Run(""))
        latest = {metric.key: f"{metric.step} {metric.timestamp} {metric.value}" for metric in _metrics(stored)}
        moved = [key for key in latest if key not in before.known or before.known[key].latest != latest[key]]
        again = [key for key in latest if key not in moved and len(before.known[key].points) <= LONG]
        turn = before.turn % len(again) if again else 0
        known, points = dict(before.known), dict[str, Points]()
        # A metric that is no longer there was deleted with its run's history, which then came back shorter.
        reset = not set(known) <= set(latest)
        for key in [*moved, *(again[turn:] + again[:turn])[:LOOKED_AT_AGAIN]]:
            history, numbers = self._history(run_id, key)
            old = known[key].points if key in known else np.empty(0, np.uint64)
            reset = reset or not np.isin(old, numbers).all()
            new = history.take(~np.isin(numbers, old))
            known[key] = _Known(latest[key], numbers)
            if len(new):
                points[key] = new
        if reset:
            whole = self.read(run_id)
            return Delta(whole.cursor, whole.run, whole.points, reset=True)
        here = ClientCursor(run, known, turn + LOOKED_AT_AGAIN)
        return Delta(here, None if run == before.run else run, points)

    def read_range(self, run_id: str, metric: str, first_step: int, last_step: int, limit: int) -> tuple[Points, int]:
        every, _ = self._history(run_id, metric)
        found = every.take((every.step >= first_step) & (every.step <= last_step))
        return thin_to(Kept(found, np.arange(len(found), dtype=np.float64), 1), limit).points, len(found)

    def experiment(self, name: str) -> Experiment:
        found = self._experiment_id(name)
        with self._asking() as client:
            oldest = client.search_runs([found], "", max_results=1, order_by=["attributes.start_time ASC"])
            newest = client.search_runs([found], "", max_results=NEWEST, order_by=["attributes.start_time DESC"])
            running = client.search_runs([found], "attributes.status = 'RUNNING'", max_results=1)
        return experiment_of(
            name,
            next((stored.info.start_time for stored in oldest), None),
            [stored.info.start_time for stored in newest],
            [stored.info.end_time for stored in newest],
            is_running=bool(running),
            portal_url=experiment_url(self._address, found),
        )

    def _experiment_id(self, name: str) -> str:
        """Raises ExperimentNotFound."""
        with self._asking() as client:
            found = client.get_experiment_by_name(name)
            if found is None or found.lifecycle_stage == "deleted":
                known = [each.name for each in client.search_experiments()]
                raise ExperimentNotFound(name, f"the MLflow store {redact(self._address)}", known)
            return str(found.experiment_id)

    def children(self, run_id: str) -> Sequence[Run]:
        found: dict[str, Run] = {}
        quoted = run_id.replace("'", "")
        for stored in self._search(f"tags.`{PARENT_TAG}` = '{quoted}'"):
            found.setdefault(stored.info.run_id, self._run_of(stored))
        return sorted(found.values(), key=lambda run: run.started or 0)

    def read_children(self, run_id: str, cursor: Cursor | None = None, *, sweep: bool = False) -> ChildrenDelta:
        search = ChildrenSearch(run_id, lambda: self._homes(run_id), self._page)
        return search.read(cursor if isinstance(cursor, SearchCursor) else None, sweep=sweep)

    def _homes(self, run_id: str) -> tuple[str, list[str]]:
        if (experiment := experiment_in(run_id)) is not None:
            return self._experiment_id(experiment), []
        own = self._get(run_id).info.experiment_id
        with self._asking() as client:
            return own, [each.experiment_id for each in client.search_experiments() if each.experiment_id != own]

    def _page(
        self, experiments: Sequence[str], condition: str, size: int, token: str | None
    ) -> tuple[list[Child], str | None]:
        with self._asking() as client:
            page = client.search_runs(list(experiments), condition, max_results=size, page_token=token)
        children = []
        for stored in page:
            latest = {metric.key: float(meant(np.array([metric.value]))[0]) for metric in _metrics(stored)}
            steps = max((int(metric.step) for metric in _metrics(stored)), default=0)
            children.append(Child(shortened(self._run_of(stored)), latest, steps))
        return children, page.token or None

    def curves(self, run_ids: Sequence[str], metric: str, limit: int) -> Mapping[str, Points]:
        return curves_of(self, run_ids, metric, limit)

    def artifacts(self, run_id: str, folder: str = "") -> Sequence[ArtifactEntry]:
        stored = self._get(run_id)
        if local_folder(stored.info.artifact_uri) is not None:
            return Artifacts(stored.info.artifact_uri).entries(folder)
        _refuse_ways_out(folder)
        with self._asking() as client:
            entries = client.list_artifacts(run_id, folder or None)
        return [ArtifactEntry(entry.path, entry.is_dir, entry.file_size) for entry in entries]

    def log_files(self, run_id: str) -> Sequence[LogFile]:
        stored = self._get(run_id)
        if local_folder(stored.info.artifact_uri) is not None:
            return Artifacts(stored.info.artifact_uri).log_files()
        entries = [entry for folder in ("", "logs", "user_logs") for entry in self._entries(run_id, folder)]
        return [LogFile(entry.path, entry.size) for entry in entries if is_log(entry.path)]

    def read_file(self, run_id: str, path: str, start: int = 0, length: int = 65536) -> LogChunk:
        stored = self._get(run_id)
        if local_folder(stored.info.artifact_uri) is not None:
            return Artifacts(stored.info.artifact_uri).read(path, start, length)
        _refuse_ways_out(path)
        with tempfile.TemporaryDirectory() as folder, self._asking() as client:
            copy = Path(client.download_artifacts(run_id, path, folder))
            chunk = Artifacts(str(copy.parent)).read(copy.name, start, length)
        return LogChunk(path, chunk.start, chunk.data, chunk.size)

    def cancel(self, run_id: str) -> str:
        raise OnlyRecords(self.name)

    def nearest(self, run_id: str, limit: int = 5) -> Sequence[str]:
        newest = [stored.info.run_id for stored in self._search("", most=PAGE)]
        alike = [known for known in newest if known.startswith(run_id[:4])]
        alike += difflib.get_close_matches(run_id, newest, n=limit, cutoff=0.6)
        return list(dict.fromkeys(alike or newest))[:limit]

    def portal_url(self, run_id: str) -> str | None:
        stored = self._get(run_id)
        return portal_url(self._address, self._run_of(stored), stored.info.experiment_id)

    def close(self) -> None:
        self._client = None

    def _entries(self, run_id: str, folder: str) -> Sequence[ArtifactEntry]:
        try:
            return self.artifacts(run_id, folder)
        except ArtifactNotFound:
            return []

    def _get(self, run_id: str) -> MlflowRun:
        """Raises RunNotFound, or RunDeleted."""
        where = f"the MLflow store {redact(self._address)}"
        try:
            with self._asking() as client:
                stored = client.get_run(run_id)
        except _Missing as error:
            raise RunNotFound(run_id, where, self.nearest(run_id)) from error
        if stored.info.lifecycle_stage == "deleted":
            raise RunDeleted(run_id, where)
        return stored

    def _run_of(self, stored: MlflowRun) -> Run:
        info, data = stored.info, stored.data
        if info.experiment_id not in self._experiments:
            with self._asking() as client:
                self._experiments[info.experiment_id] = client.get_experiment(info.experiment_id).name
        return run_of(
            info.run_id,
            name=info.run_name,
            experiment=self._experiments[info.experiment_id],
            status=info.status,
            started=info.start_time,
            ended=info.end_time,
            parameters=data.params,
            tags=data.tags,
            user=info.user_id,
        )

    def _history(self, run_id: str, metric: str) -> tuple[Points, Hashes]:
        """All points by time and step, and a number for each."""
        with self._asking() as client:
            found = client.get_metric_history(run_id, metric)
        found = sorted(found, key=lambda point: (point.timestamp, point.step))
        time = np.fromiter((point.timestamp for point in found), np.int64, len(found))
        step = np.fromiter((point.step for point in found), np.int64, len(found))
        value = np.fromiter((point.value for point in found), np.float64, len(found))
        return Points(step, time / 1000, meant(value)), hashes(step, time, value)

    def _search(self, filter_string: str, most: int | None = None) -> list[MlflowRun]:
        """Runs of all experiments, newest first."""
        found: list[MlflowRun] = []
        with self._asking() as client:
            experiments = [experiment.experiment_id for experiment in client.search_experiments()]
            token = None
            while experiments:
                page = client.search_runs(experiments, filter_string, max_results=PAGE, page_token=token)
                found += page
                token = page.token
                if not token or (most is not None and len(found) >= most):
                    break
        return found

    @contextmanager
    def _asking(self) -> Iterator[MlflowClient]:
        """The client; its errors become ours. Raises `_Missing` for what the store does not have."""
        try:
            if self._client is None:
                from mlflow import MlflowClient

                self._client = MlflowClient(self._address)
            yield self._client
        except RunDetailsError:
            raise
        except Exception as error:
            raise self._explained(error) from error

    def _explained(self, error: Exception) -> RunDetailsError:
        place, said = redact(self._address), redact(str(error)).strip()[:500]
        code = str(getattr(error, "error_code", ""))
        status = _http_status(error)
        if code == "RESOURCE_DOES_NOT_EXIST" or (code == "INVALID_PARAMETER_VALUE" and said.startswith("Invalid")):
            return _Missing(f"{place} does not have what was asked for: {said}")
        if status in (401, 403) or code in ("PERMISSION_DENIED", "UNAUTHENTICATED"):
            return AuthExpired(
                f"{place} does not accept the credentials ({status or code}). Sign in again, or set "
                "MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD; it is tried again."
            )
        if "out-of-date database schema" in said or "Can't locate revision" in said:
            return StoreTooNew(
                f"{place} has a schema of another MLflow than the one installed here. Upgrade the older of the two: "
                "pip install --upgrade mlflow-skinny, or, on a copy, `mlflow db upgrade`."
            )
        if code == "INVALID_PARAMETER_VALUE" or isinstance(error, ImportError):
            return StoreError(f"{place} cannot be read: {said}")
        return SourceUnavailable(f"{place} cannot be reached for the moment ({said}). It is tried again.", _wait(error))


class _Missing(StoreError):
    """The store does not have it."""


def _metrics(stored: MlflowRun) -> Iterable[Any]:
    """The latest points: with step and time only in a field that MLflow does not promise."""
    return getattr(stored.data, "_metric_objs", [])


def _response(error: BaseException | None) -> Any:
    """The answer of the server behind an error; None when there was none."""
    while error is not None:
        response = getattr(error, "response", None)
        if response is not None:
            return response
        error = error.__cause__ or error.__context__
    return None


def _http_status(error: BaseException) -> int | None:
    """The HTTP status behind an error of MLflow's; None when there is none."""
    status = getattr(_response(error), "status_code", None)
    if status is None:
        get = getattr(error, "get_http_status_code", None)
        status = get() if callable(get) else None
    return int(status) if status is not None else None


def _wait(error: BaseException) -> float | None:
    """Seconds that the server asks to wait."""
    headers = getattr(_response(error), "headers", None) or {}
    try:
        return float(headers.get("Retry-After", ""))
    except ValueError:
        return None


def _refuse_ways_out(path: str) -> None:
    if ".." in path.split("/") or path.startswith("/"):
        raise ArtifactNotFound(f"{path!r} does not lie in the run's artifact folder. artifacts() lists what does.")


if TYPE_CHECKING:
    _: type[RunSource] = MlflowClientSource
