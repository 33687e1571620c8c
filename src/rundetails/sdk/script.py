"""`ScriptRunConfig`: what to run, and where."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..compute.job import checked_command
from ..errors import InvalidJob
from ..redact import redact

if TYPE_CHECKING:
    from ..compute.target import ComputeTarget
    from .workspace import Workspace

THIRTY_DAYS = 2_592_000


@dataclass(frozen=True, slots=True)
class CheckedScript:
    """A configuration that can run."""

    target: ComputeTarget
    command: tuple[str, ...] | str
    shown: str
    """The script, or the command's first word."""
    shown_arguments: tuple[str, ...]
    source_directory: Path | None
    environment: dict[str, str]
    max_seconds: float | None
    processes: int


@dataclass
class RunConfiguration:
    """Where a script runs, apart from which: in Azure ML's notebooks it is set after the fact
    (`config.run_config.environment = …`)."""

    target: str | ComputeTarget | None = None
    """A compute target or its name."""
    environment: object | None = None
    """An object with `environment_variables`."""
    environment_variables: Mapping[str, str] | None = None


class ScriptRunConfig:
    """A script with its folder, arguments and compute target, to be given to `Experiment.submit`.

    `source_directory`: folder that is copied (without what its `.rundetailsignore`, `.amlignore` or `.gitignore` names)
    and that the script runs in a copy of; default: this folder. `script`: path in it. `arguments`: list of what follows
    it, numbers and paths too. `command`: instead of both, a list, or a text for the shell. `compute_target`: a target
    or its name; default `"local"`, the queue of this machine. `environment_variables`: added to those of this session.
    `environment`: an object with `environment_variables`, as Azure ML has; the script always runs in this Python.
    `processes`: how many to start at once, each with RANK and WORLD_SIZE; `distributed_job_config` of Azure ML is taken
    too. `max_run_duration_seconds`: after it the run is canceled; None: never. `run_config`: a `RunConfiguration`,
    which the other arguments come before; it can be set later, as Azure ML's notebooks do.

    What is wrong with it is said by `submit`, as InvalidJob, before there is a run.
    """

    def __init__(
        self,
        source_directory: str | os.PathLike[str] | None = None,
        script: str | os.PathLike[str] | None = None,
        arguments: Sequence[object] | None = None,
        run_config: RunConfiguration | None = None,
        *,
        command: Sequence[object] | str | None = None,
        compute_target: str | ComputeTarget | None = None,
        environment: object | None = None,
        environment_variables: Mapping[str, str] | None = None,
        distributed_job_config: object | None = None,
        processes: int | None = None,
        max_run_duration_seconds: float | None = THIRTY_DAYS,
        **unknown: Any,
    ) -> None:
        if unknown:
            raise InvalidJob(
                f"ScriptRunConfig does not know {', '.join(sorted(unknown))}. It knows source_directory, script, "
                "arguments, command, compute_target, environment_variables, processes, max_run_duration_seconds."
            )
        self.source_directory = source_directory
        self.script = script
        self.arguments = arguments
        self.command = command
        self.run_config = run_config or RunConfiguration()
        self.compute_target = compute_target
        self.environment = environment
        self.environment_variables = environment_variables
        self.distributed_job_config = distributed_job_config
        self.processes = processes
        self.max_run_duration_seconds = max_run_duration_seconds

    def __repr__(self) -> str:
        what = f"script={os.fspath(self.script)!r}" if self.script is not None else f"command={self.command!r:.80}"
        return f"ScriptRunConfig({os.fspath(self.source_directory or '.')!r}, {what})"

    def checked(self, workspace: Workspace) -> CheckedScript:
        """All of it, in the form that a target takes. Raises InvalidJob."""
        folder = Path(self.source_directory or ".").expanduser().absolute()
        command = checked_command(folder, self.script, self.arguments, self.command, python=sys.executable)
        listed = (command,) if isinstance(command, str) else command
        shown = os.fspath(self.script) if self.script is not None else listed[0].split(" ")[0]
        return CheckedScript(
            self._target(workspace),
            command,
            redact(shown),
            tuple(listed[2:] if self.script is not None else listed[1:]),
            folder,
            self._environment(),
            self._max_seconds(),
            self._processes(),
        )

    def _target(self, workspace: Workspace) -> ComputeTarget:
        given = self.compute_target or self.run_config.target
        if given is not None and not isinstance(given, str):
            if not callable(getattr(given, "submit", None)):
                raise InvalidJob(
                    f'compute_target is the name of a target, such as "local", or a target, not {given!r:.80}.'
                )
            return given
        known = workspace.compute_targets
        if (given or "local") not in known:
            raise InvalidJob(f"There is no compute target {given!r}. There are: {', '.join(sorted(known))}.")
        return known[given or "local"]

    def _environment(self) -> dict[str, str]:
        found: dict[str, str] = {}
        config = self.run_config
        environments = [getattr(one, "environment_variables", None) for one in (config.environment, self.environment)]
        for given in (*environments, config.environment_variables, self.environment_variables):
            if given is None:
                continue
            if not isinstance(given, Mapping) or not all(
                isinstance(name, str) and name and "=" not in name and "\0" not in f"{name}{value}"
                for name, value in given.items()
            ):
                raise InvalidJob('environment_variables is a dict of texts, such as {"OMP_NUM_THREADS": "2"}.')
            found |= {name: str(value) for name, value in given.items()}
        return found

    def _max_seconds(self) -> float | None:
        given = self.max_run_duration_seconds
        if given is None:
            return None
        if isinstance(given, bool) or not isinstance(given, (int, float)) or not given > 0:
            raise InvalidJob(f"max_run_duration_seconds is a number of seconds above 0, or None, not {given!r:.80}.")
        return float(given)

    def _processes(self) -> int:
        given: object = self.processes
        if given is None and self.distributed_job_config is not None:
            config = self.distributed_job_config
            nodes = getattr(config, "node_count", 1) or 1
            if nodes != 1:
                raise InvalidJob(f"The local queue has one node, and distributed_job_config asks for {nodes}.")
            given = getattr(config, "process_count", None) or getattr(config, "process_count_per_node", 1)
        if given is None:
            return 1
        if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= 256:
            raise InvalidJob(f"processes is a whole number from 1 to 256, not {given!r:.80}.")
        return given
