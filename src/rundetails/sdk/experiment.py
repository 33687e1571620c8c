"""`Experiment`: runs under one name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .. import tags as names
from ..compute.job import Job
from ..errors import InvalidConfig, InvalidName, InvalidTags, StoreError
from ..redact import redact, redact_words
from ..sources.mlflow_facts import PARENT_TAG
from ..sources.opening import sqlite_path
from ..sources.protocol import RunSource
from .matching import Wanted, matches

if TYPE_CHECKING:
    from .run import Run
    from .script import ScriptRunConfig
    from .workspace import Workspace


class Experiment:
    """An experiment of a workspace: made in the store with its first run, or when its `id` is asked for.

    `name`: any text; a `/` has no meaning. Raises InvalidName, InvalidConfig.
    """

    def __init__(self, workspace: Workspace, name: str) -> None:
        if not isinstance(name, str) or not name.strip() or len(name) > 500:
            raise InvalidName(f"An experiment needs a name of 1 to 500 characters, not {name!r:.80}.")
        if not hasattr(workspace, "reading"):
            raise InvalidConfig(
                f"An experiment is one of a Workspace: Experiment(Workspace(), {name!r:.80}), not of {workspace!r:.80}."
            )
        self.workspace = workspace
        self.name = name
        self._id: str | None = None

    def __repr__(self) -> str:
        return f"Experiment({self.workspace!r}, {self.name!r})"

    @classmethod
    def _of(cls, workspace: Workspace, stored: Any) -> Experiment:
        found = cls(workspace, stored.name)
        found._id = stored.experiment_id
        return found

    @property
    def id(self) -> str:
        """MLflow's ID. Raises StoreError when the experiment was deleted."""
        if self._id is None:
            self._id = self._find() or self._create()
        return self._id

    @property
    def source(self) -> RunSource:
        """Where `RunDetails(experiment)` reads it. Made in the store, if it is not there."""
        self.id  # noqa: B018  # looked at: that makes it
        return self.workspace.source()

    def _find(self) -> str | None:
        stored = self.workspace.client.get_experiment_by_name(self.name)
        if stored is None:
            return None
        if stored.lifecycle_stage == "deleted":
            raise StoreError(
                f"The experiment {self.name!r} was deleted. Choose another name, or bring it back: "
                f"mlflow experiments restore --experiment-id {stored.experiment_id}"
            )
        return str(stored.experiment_id)

    def _create(self) -> str:
        client = self.workspace.client
        try:
            return str(client.create_experiment(self.name, artifact_location=self._artifacts()))
        except Exception:
            # Somebody else was quicker.
            found = self._find()
            if found is None:
                raise
            return found

    def _artifacts(self) -> str | None:
        """Where its runs keep their files: beside a sqlite store. MLflow would take the folder of whoever asks first;
        for a store in this folder that is the same."""
        path = sqlite_path(self.workspace.tracking_uri)
        if path is None or path.parent == path.parent.cwd():
            return None
        safe = re.sub(r"[^\w. -]+", "_", self.name).strip(". ")[:80] or "experiment"
        return str(path.parent / "mlruns" / safe)

    def submit(
        self, config: ScriptRunConfig, tags: Mapping[str, str] | None = None, *, display_name: str | None = None
    ) -> Run:
        """Has a script run on its compute target, and returns its run at once.

        `tags`: tags for the run. `display_name`: its name for people; MLflow makes one up otherwise.
        Everything that can be known to be wrong (no such script, an unreadable folder, a bad argument) raises
        InvalidJob before there is a run.
        """
        from .run import Run
        from .script import ScriptRunConfig

        if not isinstance(config, ScriptRunConfig):
            raise InvalidConfig(
                f"submit needs a ScriptRunConfig, not {type(config).__name__}: "
                'experiment.submit(ScriptRunConfig(source_directory=".", script="train.py"))'
            )
        checked = config.checked(self.workspace)
        run_id = self.create_run(
            {
                **checked_tags(tags),
                names.TYPE: "script",
                names.STATUS: "Queued",
                names.COMPUTE: checked.target.name,
                "mlflow.source.name": checked.shown,
                "mlflow.source.type": "JOB",
                names.OURS + "arguments": " ".join(redact_words(checked.shown_arguments)),
            },
            display_name,
        )
        client = self.workspace.client
        client.update_run(run_id, status="SCHEDULED")
        try:
            checked.target.submit(
                Job(
                    run_id=run_id,
                    experiment_id=self.id,
                    tracking_uri=self.workspace.tracking_uri,
                    artifact_uri=client.get_run(run_id).info.artifact_uri,
                    command=checked.command,
                    source_directory=checked.source_directory,
                    environment=checked.environment,
                    max_seconds=checked.max_seconds,
                    processes=checked.processes,
                )
            )
        except BaseException as error:
            client.set_tag(run_id, names.DETAIL, redact(str(error))[:500] or type(error).__name__)
            client.set_terminated(run_id, "FAILED")
            raise
        return Run._of(self.workspace, run_id, self.name)

    def start_logging(
        self,
        *,
        display_name: str | None = None,
        tags: Mapping[str, str] | None = None,
        snapshot_directory: str | os.PathLike[str] | None = None,
    ) -> Run:
        """A run that this session logs to: `with experiment.start_logging() as run: run.log("loss", 0.3)`.

        `snapshot_directory`: a folder to keep a copy of with the run; by default none. The run ends with `complete()`,
        `fail()` or its `with` block; when the session ends, it is completed if it was not.
        """
        from .run import Run

        made = self.create_run({**checked_tags(tags), names.TYPE: "interactive"}, display_name)
        run = Run._of(self.workspace, made, self.name, is_ours=True)
        # From now on it shows signs of life.
        run._open_writer()
        if snapshot_directory is not None:
            run.upload_folder("snapshot", snapshot_directory)
        return run

    def get_runs(
        self,
        type: str | None = None,  # noqa: A002  # the original's name
        tags: Wanted = None,
        properties: Wanted = None,
        include_children: bool = False,
    ) -> Iterator[Run]:
        """Its runs, newest first, read page by page.

        `type`: only runs of this type. `tags`, `properties`: a name, or {name: value}, that they must have.
        `include_children`: also runs that are children of others.
        """
        from .run import Run

        token = None
        while True:
            page = self.workspace.client.search_runs(
                [self.id], max_results=500, order_by=["attributes.start_time DESC"], page_token=token
            )
            for stored in page:
                known = stored.data.tags
                if (include_children or PARENT_TAG not in known) and matches(known, type, tags, properties):
                    yield Run._of(self.workspace, stored.info.run_id, self.name)
            token = page.token
            if not token:
                return

    def create_run(self, tags: Mapping[str, str], display_name: str | None, *, parent: str | None = None) -> str:
        """A new run in the store, with MLflow's own tags beside these; returns its ID."""
        from mlflow.tracking.context.registry import resolve_tags

        every = {**resolve_tags(), **tags, **({PARENT_TAG: parent} if parent else {})}
        stored = self.workspace.client.create_run(self.id, tags=every, run_name=display_name)
        return str(stored.info.run_id)


def checked_tags(tags: Mapping[str, object] | None) -> dict[str, str]:
    """Tags as MLflow takes them. Raises InvalidTags."""
    if tags is None:
        return {}
    if not isinstance(tags, Mapping) or not all(isinstance(name, str) and name for name in tags):
        raise InvalidTags(f'Tags are a dict with texts as names, such as {{"stage": "trial"}}, not {tags!r:.80}.')
    return {name: "" if value is None else str(value) for name, value in tags.items()}
