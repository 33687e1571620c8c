"""`Run`: one run, to log to, to wait for, and to read back."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from .. import tags as names
from ..errors import OnlyRecords, RunNotFound
from ..facts import Points, Status
from ..redact import redact
from ..sources.history import all_points
from ..sources.protocol import RunSource
from . import metrics
from .children import RunChildren
from .files import RunFiles
from .labels import RunLabels
from .logging import LogMethods
from .matching import type_of

if TYPE_CHECKING:
    from .model import Model
    from .offline import OfflineRun
    from .writer import Writer

_current: dict[str, Run] = {}
"""The run that this process was started for: the same object each time, so that all log through one writer."""

ENDS = {Status.COMPLETED: "FINISHED", Status.FAILED: "FAILED", Status.CANCELED: "KILLED"}


class Run(RunFiles, RunLabels, RunChildren, LogMethods):
    """A run of an experiment, whatever made it.

    `run_id`: its ID. As a context manager it completes at the end of the block, and fails when that raises.

    Raises RunNotFound with the nearest IDs.
    """

    def __repr__(self) -> str:
        return f"Run.get({self.workspace!r}, {self.id!r})"

    @staticmethod
    def get_context(allow_offline: bool = True) -> Run | OfflineRun:
        """The run that this script was submitted as; outside of one, an `OfflineRun`, which prints what is logged.

        It is found by MLFLOW_RUN_ID and MLFLOW_TRACKING_URI, so that it works wherever MLflow's own launchers do.
        Costs nothing: the store is asked when something is logged. Raises RunNotFound when `allow_offline` is False.
        """
        run_id = os.environ.get("MLFLOW_RUN_ID", "").strip()
        if run_id:
            from .workspace import Workspace

            if run_id not in _current:
                _current[run_id] = Run._of(Workspace(), run_id)
            return _current[run_id]
        if not allow_offline:
            raise RunNotFound(
                "",
                "this environment",
                hint="MLFLOW_RUN_ID is not set, as it is where a script was submitted: submit this one, use "
                "Experiment(workspace, name).start_logging(), or allow_offline=True to print what is logged.",
            )
        from .offline import OfflineRun

        return OfflineRun()

    @property
    def source(self) -> RunSource:
        """Where `RunDetails` reads it."""
        return self.workspace.source()

    @property
    def name(self) -> str:
        """Name for people."""
        return self._facts().name

    @property
    def display_name(self) -> str:
        """The same as `name`; can be set."""
        return self.name

    @display_name.setter
    def display_name(self, name: str) -> None:
        self.workspace.client.update_run(self.id, name=name)

    @property
    def number(self) -> int:
        """Its place among the runs of its experiment by start, from 1. MLflow keeps no such number: it is counted when
        asked for (about a millisecond for each run before it), and deleted runs do not count."""
        started = self.workspace.client.get_run(self.id).info.start_time
        count, token = 1, None
        while True:
            page = self.workspace.client.search_runs(
                [self.experiment.id], f"attributes.start_time < {started}", max_results=1_000, page_token=token
            )
            count += len(page)
            token = page.token
            if not token:
                return count

    @property
    def type(self) -> str:
        """`script`, `interactive`, `hyperdrive`, `automl`, …; empty for a plain MLflow run."""
        return type_of(self._facts().tags)

    @property
    def status(self) -> str:
        """The same as `get_status()`."""
        return self.get_status()

    def get_status(self) -> str:
        """`Queued`, `Preparing`, `Running`, `Finalizing`, `CancelRequested`, `Completed`, `Failed`, `Canceled`, …,
        asked anew each time."""
        return self._facts().status.value

    def get_details(self) -> dict[str, Any]:
        """`runId`, `target`, `status`, `startTimeUtc`, `endTimeUtc` (once it ended), `error` ({"error":
        {"message"}}, of a failed run), `detail`, `warnings`, `properties`, `tags`, `runDefinition` (script, arguments),
        `logFiles` ({path: address}), `submittedBy`, `inputDatasets`, `outputDatasets`.

        The addresses are MLflow's (`runs:/<id>/<path>`): no signed URL, which would end up in a notebook."""
        from .reading import details

        return details(self, self._facts())

    def get_details_with_logs(self) -> dict[str, Any]:
        """The same with the whole text of each log in `logFiles`."""
        found = self.get_details()
        found["logFiles"] = {path: self._text(path) for path in found["logFiles"]}
        return found

    def get_metrics(
        self, name: str | None = None, recursive: bool = False, run_type: str | None = None, populate: bool = False
    ) -> dict[str, Any]:
        """{name: value} of all that was logged: a number when it was logged once, else a list of numbers in order; a
        table is {column: value} with one row, else {column: [values]}; of an image or a chart its address
        (`runs:/<id>/<path>`), with `populate` its contents (bytes, or the dict that was logged); several are a list.

        `name`: only that one. `recursive`: {run ID: {name: value}} of the run and all below it that logged something.
        `run_type`: only runs of this type. Steps and times are in `get_metric_history`.
        """
        if not recursive:
            return self._metrics(name, populate) if run_type in (None, self.type) else {}
        found = {}
        for run in [self, *self.get_children(recursive=True)]:
            if run_type in (None, run.type) and (logged := run._metrics(name, populate)):
                found[run.id] = logged
        return found

    def _metrics(self, name: str | None, populate: bool) -> dict[str, Any]:
        self.flush()
        with self.workspace.reading() as source:
            return metrics.all_metrics(source, self.id, name, populate)

    def get_metric_history(self, name: str) -> Points:
        """All points of one metric as arrays: `.step` (int64), `.time` (seconds since 1970), `.value` (float64).

        Raises UnknownMetric with the nearest names."""
        self.flush()
        with self.workspace.reading() as source:
            every = all_points(source, self.id)
        return metrics.one_of(every, name)

    def register_model(
        self,
        model_name: str,
        model_path: str | None = None,
        tags: Mapping[str, object] | None = None,
        properties: Mapping[str, object] | None = None,
        description: str | None = None,
        **more: object,
    ) -> Model:
        """A new version of the model `model_name` in MLflow's registry, made of this run's file or folder `model_path`
        (such as "outputs/model.pkl"; None: all of its files). `more`: what else Azure ML knows of a model
        (`model_framework`, …), kept as tags. Raises ArtifactNotFound when there is no such file."""
        from .model import register_from_run

        every = {**{name: value for name, value in more.items() if value is not None}, **(tags or {})}
        return register_from_run(self, model_name, model_path, every, properties, description)

    def wait_for_completion(
        self, show_output: bool = False, wait_post_processing: bool = False, raise_on_error: bool = True
    ) -> dict[str, Any]:
        """Waits until the run has ended, and returns `get_details()`.

        `show_output`: prints what the script prints, as it does. `raise_on_error`: a failed run raises RunFailed with
        the end of its traceback; a canceled one does not. `wait_post_processing` changes nothing: a run has ended when
        its outputs are kept. Interrupted, it stops waiting, and the run goes on.
        """
        from .following import follow

        follow(self, show_output=show_output, raise_on_error=raise_on_error)
        return self.get_details()

    def complete(self) -> None:
        """Writes what is left and ends the run well. Of a script that was submitted its exit code has the last word."""
        self._end(Status.COMPLETED)

    def fail(self, error_details: object = None, error_code: str | None = None) -> None:
        """Ends the run as failed; `error_details`: why, a text or an exception."""
        said = ": ".join(redact(str(part)) for part in (error_code, error_details) if part is not None)
        if said:
            self.workspace.client.set_tag(self.id, names.DETAIL, said[:2_000])
        self._end(Status.FAILED)

    def cancel(self) -> None:
        """Stops a script of the local queue with all its processes; a run that this session logs to ends as canceled.

        Raises OnlyRecords for a run that another program runs: MLflow only records."""
        facts = self._facts()
        if facts.status.has_ended:
            return
        if facts.can_cancel:
            with self.workspace.reading() as source:
                source.cancel(self.id)
        elif self._is_ours:
            self._end(Status.CANCELED)
        else:
            raise OnlyRecords(self.workspace.name)

    def _end(self, status: Status) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer.disown()
        self.workspace.client.set_terminated(self.id, ENDS[status])

    def get_portal_url(self) -> str | None:
        """Where a browser shows the run; None for a local store, which has no server."""
        with self.workspace.reading() as source:
            return source.portal_url(self.id)

    def __enter__(self) -> Run:
        return self

    def __exit__(self, _: object, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            self.complete()
        elif isinstance(error, KeyboardInterrupt):
            self._end(Status.CANCELED)
        else:
            self.fail(f"{type(error).__name__}: {error}")

    def _open_writer(self) -> Writer:
        from .writer import writer_for

        self._writer = writer_for(
            self.workspace.tracking_uri, self.id, created_here=self._is_ours, heartbeat=self._is_ours
        )
        return self._writer
