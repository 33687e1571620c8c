"""Runs of an MLflow server: one request a tick while nothing moves, and then only for what somebody sees."""

from __future__ import annotations

import difflib
import functools
import hashlib
import os
import secrets
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import AuthExpired, ExperimentNotFound, OnlyRecords, RunDeleted, RunNotFound, SourceUnavailable
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
from ..series import Kept, thin_to
from .artifacts import Artifacts, local_folder
from .children_search import ChildrenSearch, SearchCursor, shortened
from .curves import curves_of
from .mlflow_facts import NEWEST as NEWEST_INSIDE
from .mlflow_facts import PARENT_TAG, experiment_of, meant, run_of
from .portal import experiment_url, portal_url, web_address
from .server_errors import Missing
from .server_files import FilesOfServer, refuse_ways_out
from .server_http import Server
from .server_points import Latest, Metric, PointsOfServer
from .server_reading import LOOK_AGAIN_EVERY, Reading, ServerCursor, looked_at_again

if TYPE_CHECKING:
    from .protocol import Capability, RunSource

FRESH = 5.0
"""Seconds for which the run itself is not asked for again while a long history is being read."""

LONGEST_ID = 1_000
"""Characters of a run ID; an address longer than this is refused by some servers, and means no run."""

NEWEST = 200
"""Runs among which a mistyped ID is looked for."""

PAGE = 1_000
"""Runs that one search gives."""

MOST_PARTS = 16
"""Requests that one range may cost."""

_salt = secrets.token_bytes(16)
"""Of this process alone: what is hashed with it tells nobody anything."""


@dataclass(frozen=True, slots=True)
class _About:
    """What never changes about a run."""

    experiment_id: str
    artifacts: str


class MlflowServerSource:
    """Reads over HTTP. Imports MLflow when it is first asked, for its way of signing in."""

    def __init__(self, address: str, clock: Callable[[], float] = time.monotonic, server: Server | None = None) -> None:
        """`address`: an `http`, `https` or `databricks` tracking URI."""
        self._address = address
        self._clock = clock
        self._server = server or Server(address, clock)
        self._points = PointsOfServer(self._server)
        self._files = FilesOfServer(self._server, clock)
        self._experiments: dict[str, str] = {}
        self._about: dict[str, _About] = {}
        self._owed: SourceUnavailable | None = None
        """What cut the last read short: the next one says it, before it asks again."""

    def __repr__(self) -> str:
        return f"<MlflowServerSource: {self.name}>"

    @property
    def name(self) -> str:
        address = self._without_user
        return f"mlflow · {address.partition('://')[2] or address}"

    @functools.cached_property
    def key(self) -> str:
        return f"mlflow:{self._without_user}{_who(self._address)}"

    @property
    def _without_user(self) -> str:
        """The address without what may be a secret, also where nobody can make sense of it."""
        return web_address(self._address) or self._address.rpartition("@")[2]

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset({"children", "experiments", "files", "range", "selective"})

    @property
    def requests(self) -> int | None:
        return self._server.requests

    def find(self, run_id: str) -> Run:
        return self._run_of(self._get(run_id))

    def read(self, run_id: str, cursor: Cursor | None = None, wanted: Collection[str] | None = None) -> Delta:
        if (owed := self._owed) is not None:
            self._owed = None
            raise owed
        before = cursor if isinstance(cursor, ServerCursor) else None
        if before is not None and before.is_waiting and self._clock() < before.asked + FRESH:
            return self._worked(before, wanted, (), None)
        stored = self._get(run_id)
        run, latest = self._run_of(stored), _latest(stored)
        known = {} if before is None else before.metrics
        if any(key not in latest or latest[key][:2] < metric.seen[:2] for key, metric in known.items()):
            return replace(self.read(run_id, None, wanted), reset=True)
        moved = [key for key, point in latest.items() if key not in known or known[key].seen != point]
        metrics = dict(known)
        for key in moved:
            metrics[key] = replace(known[key], seen=latest[key]) if key in known else Metric(latest[key])
        if before is None:
            here = ServerCursor(run, metrics, self._clock())
            return self._worked(here, wanted, moved, run)
        here = replace(before, run=run, metrics=metrics, asked=self._clock(), ticks=before.ticks + 1)
        if run.status.has_ended and not before.run.status.has_ended:
            here = replace(here, again=frozenset(key for key, metric in metrics.items() if metric.is_whole))
        elif here.ticks % LOOK_AGAIN_EVERY == 0:
            here = looked_at_again(here, wanted)
        return self._worked(here, wanted, moved, None if run == before.run else run)

    def read_range(self, run_id: str, metric: str, first_step: int, last_step: int, limit: int) -> tuple[Points, int]:
        parts, waiting, asked = list[Points](), [(first_step, last_step)], 0
        while waiting:
            first, last = waiting.pop()
            points, is_all = self._points.between(run_id, metric, first, last)
            asked += 1
            if not is_all and asked < MOST_PARTS and first < last:
                # From the sample it is known where the steps lie: halve their number, not the distance.
                middle = min(max(int(np.median(points.step)), first), last - 1)
                waiting += [(middle + 1, last), (first, middle)]
            else:
                parts.append(points)
        every = Points.joined(parts)
        order = np.argsort(every.time, kind="stable")
        kept = Kept(every.take(order), np.arange(len(every), dtype=np.float64), 1)
        return thin_to(kept, limit).points, len(every)

    def experiment(self, name: str) -> Experiment:
        found = self._experiment_id(name)
        oldest = self._times(found, 1, order_by="attributes.start_time ASC")
        newest = self._times(found, NEWEST_INSIDE, order_by="attributes.start_time DESC")
        # What runs is mostly among the newest; else it costs one request more.
        is_running = any(ended is None for _, ended in newest) or bool(self._times(found, 1, "status = 'RUNNING'"))
        return experiment_of(
            name,
            next((began for began, _ in oldest), None),
            [began for began, _ in newest],
            [ended for _, ended in newest],
            is_running=is_running,
            portal_url=experiment_url(self._address, found, self._server.host),
        )

    def _times(
        self, experiment_id: str, most: int, condition: str = "", order_by: str = ""
    ) -> list[tuple[int | None, int | None]]:
        """When runs of an experiment began and ended."""
        order = [order_by] if order_by else []
        body = {"experiment_ids": [experiment_id], "filter": condition, "max_results": most, "order_by": order}
        said = self._server.post("runs/search", body)
        infos = [stored["info"] for stored in said.get("runs", ())]
        return [(_whole_number(one.get("start_time")), _whole_number(one.get("end_time"))) for one in infos]

    def _experiment_id(self, name: str) -> str:
        """Raises ExperimentNotFound."""
        try:
            said = self._server.get("experiments/get-by-name", experiment_name=name).get("experiment", {})
        except Missing:
            said = {}
        if not said or said.get("lifecycle_stage") == "deleted":
            self._all_experiments()
            raise ExperimentNotFound(name, self._server.place, list(self._experiments.values()))
        return str(said["experiment_id"])

    def children(self, run_id: str) -> Sequence[Run]:
        own = self._about_of(run_id).experiment_id
        others = [experiment for experiment in self._all_experiments() if experiment != own]
        quoted = run_id.replace("'", "")
        found: dict[str, Run] = {}
        for stored in self._search([own, *others], f"tags.`{PARENT_TAG}` = '{quoted}'"):
            found.setdefault(stored["info"]["run_id"], self._run_of(stored))
        return sorted(found.values(), key=lambda run: run.started or 0)

    def read_children(self, run_id: str, cursor: Cursor | None = None, *, sweep: bool = False) -> ChildrenDelta:
        search = ChildrenSearch(run_id, lambda: self._homes(run_id), self._page)
        return search.read(cursor if isinstance(cursor, SearchCursor) else None, sweep=sweep)

    def _homes(self, run_id: str) -> tuple[str, list[str]]:
        if (experiment := experiment_in(run_id)) is not None:
            return self._experiment_id(experiment), []
        own = self._about_of(run_id).experiment_id
        return own, [experiment for experiment in self._all_experiments() if experiment != own]

    def _page(
        self, experiments: Sequence[str], condition: str, size: int, token: str | None
    ) -> tuple[list[Child], str | None]:
        body = {"experiment_ids": list(experiments), "filter": condition, "max_results": size}
        said = self._server.post("runs/search", body | ({"page_token": token} if token else {}), long=True)
        return [self._child(stored) for stored in said.get("runs", ())], said.get("next_page_token") or None

    def _child(self, stored: Mapping[str, Any]) -> Child:
        latest = stored.get("data", {}).get("metrics", ())
        values = meant(np.array([float(each.get("value", 0.0)) for each in latest]))
        return Child(
            shortened(self._run_of(stored)),
            {each["key"]: float(value) for each, value in zip(latest, values, strict=True)},
            max((int(each.get("step", 0)) for each in latest), default=0),
        )

    def curves(self, run_ids: Sequence[str], metric: str, limit: int) -> Mapping[str, Points]:
        try:
            found, left = self._points.several(run_ids, metric)
        except Missing:
            # One of them was deleted, and the server does not say which.
            found, left = {}, list(run_ids)
        kept = {
            run: thin_to(Kept(points, np.arange(len(points), dtype=np.float64), 1), limit).points
            for run, points in found.items()
        }
        return {**kept, **curves_of(self, left, metric, limit)}

    def artifacts(self, run_id: str, folder: str = "") -> Sequence[ArtifactEntry]:
        if (here := self._here(run_id)) is not None:
            return here.entries(folder)
        refuse_ways_out(folder)
        try:
            return self._files.entries(run_id, folder)
        except Missing:
            self._get(run_id)
            return []

    def log_files(self, run_id: str) -> Sequence[LogFile]:
        if (here := self._here(run_id)) is not None:
            return here.log_files()
        try:
            return self._files.log_files(run_id)
        except Missing:
            self._get(run_id)
            return []

    def read_file(self, run_id: str, path: str, start: int = 0, length: int = 65536) -> LogChunk:
        if (here := self._here(run_id)) is not None:
            return here.read(path, start, length)
        return self._files.read(run_id, self._about_of(run_id).artifacts, path, start, length)

    def cancel(self, run_id: str) -> str:
        raise OnlyRecords(self.name)

    def nearest(self, run_id: str, limit: int = 5) -> Sequence[str]:
        newest = [stored["info"]["run_id"] for stored in self._search(self._all_experiments(), "", most=NEWEST)]
        alike = [known for known in newest if known.startswith(run_id[:4])]
        alike += difflib.get_close_matches(run_id[:64], newest, n=limit, cutoff=0.6)
        return list(dict.fromkeys(alike or newest))[:limit]

    def portal_url(self, run_id: str) -> str | None:
        about = self._about_of(run_id)
        return portal_url(self._address, Run(run_id), about.experiment_id, self._server.host)

    def close(self) -> None:
        self._server.forget()

    def _worked(
        self, cursor: ServerCursor, wanted: Collection[str] | None, moved: Collection[str], run: Run | None
    ) -> Delta:
        reading = Reading(self._points, cursor, wanted, self._clock, lambda: self._server.requests)
        try:
            reading.work()
        except Missing as error:
            # Deleted since the run was asked for; else it is no fault of the run's.
            self._get(cursor.run.id)
            raise self._server.failed("refused", f": {error}", 400) from error
        self._owed = reading.error
        return reading.delta(moved, run)

    def _get(self, run_id: str) -> dict[str, Any]:
        """The run, as the server tells it. Raises RunNotFound, or RunDeleted."""
        where = self._server.place
        if len(run_id) > LONGEST_ID:
            raise RunNotFound(run_id, where, self.nearest(run_id))
        try:
            stored: dict[str, Any] = self._server.get("runs/get", run_id=run_id)["run"]
        except Missing as error:
            raise RunNotFound(run_id, where, self.nearest(run_id)) from error
        except KeyError:
            raise self._server.failed("no JSON") from None
        if stored["info"].get("lifecycle_stage") == "deleted":
            raise RunDeleted(run_id, where)
        return stored

    def _run_of(self, stored: Mapping[str, Any]) -> Run:
        info, data = stored["info"], stored.get("data", {})
        if len(self._about) > 1_000:
            self._about.clear()
        self._about[info["run_id"]] = _About(str(info.get("experiment_id", "")), info.get("artifact_uri", ""))
        return run_of(
            info["run_id"],
            name=info.get("run_name"),
            experiment=self._experiment(str(info.get("experiment_id", ""))),
            status=str(info.get("status", "")),
            started=_whole_number(info.get("start_time")),
            ended=_whole_number(info.get("end_time")),
            parameters={each["key"]: each.get("value", "") for each in data.get("params", ())},
            tags={each["key"]: each.get("value", "") for each in data.get("tags", ())},
            user=info.get("user_id"),
        )

    def _about_of(self, run_id: str) -> _About:
        if run_id not in self._about:
            self._run_of(self._get(run_id))
        return self._about[run_id]

    def _here(self, run_id: str) -> Artifacts | None:
        """The run's artifacts, where they lie in a folder of this machine."""
        folder = local_folder(self._about_of(run_id).artifacts)
        return Artifacts(str(folder)) if folder is not None and folder.is_dir() else None

    def _experiment(self, experiment_id: str) -> str:
        """Its name; empty when it may not be seen."""
        if experiment_id not in self._experiments:
            try:
                said = self._server.get("experiments/get", experiment_id=experiment_id)
            except (Missing, AuthExpired):
                said = {}
            self._experiments[experiment_id] = str(said.get("experiment", {}).get("name", ""))
        return self._experiments[experiment_id]

    def _all_experiments(self) -> list[str]:
        found, token = list[str](), None
        while True:
            said = self._server.post(
                "experiments/search", {"max_results": PAGE} | ({"page_token": token} if token else {})
            )
            for experiment in said.get("experiments", ()):
                found.append(str(experiment["experiment_id"]))
                self._experiments[str(experiment["experiment_id"])] = str(experiment.get("name", ""))
            token = said.get("next_page_token")
            if not token:
                return found

    def _search(self, experiments: Sequence[str], condition: str, most: int | None = None) -> Iterator[dict[str, Any]]:
        """Runs, newest first; new ones shift the pages, so that one may come twice."""
        token, found = None, 0
        while experiments:
            body = {"experiment_ids": list(experiments), "filter": condition, "max_results": min(most or PAGE, PAGE)}
            said = self._server.post("runs/search", body | ({"page_token": token} if token else {}), long=True)
            yield from said.get("runs", ())
            found += len(said.get("runs", ()))
            token = said.get("next_page_token")
            if not token or (most is not None and found >= most):
                return


def _latest(stored: Mapping[str, Any]) -> dict[str, Latest]:
    return {
        each["key"]: (int(each.get("step", 0)), int(each.get("timestamp", 0)), str(float(each.get("value", 0.0))))
        for each in stored.get("data", {}).get("metrics", ())
    }


def _whole_number(value: object) -> int | None:
    """JSON may hold a time as a text."""
    return int(str(value)) if value not in (None, "") else None


def _who(address: str) -> str:
    """A few letters for who asks: the same for the same credentials in this process, and telling nothing of them."""
    names = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN", "DATABRICKS_TOKEN")
    said = [address.rpartition("@")[0], *(os.environ.get(name, "") for name in names)]
    if not any(said):
        return ""
    return "#" + hashlib.blake2b("\n".join(said).encode(), key=_salt, digest_size=4).hexdigest()


if TYPE_CHECKING:
    _: type[RunSource] = MlflowServerSource
