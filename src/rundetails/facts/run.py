"""One run, without its metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .status import Status


@dataclass(frozen=True, slots=True)
class Run:
    """The facts of one run. Times are seconds since 1970-01-01 UTC."""

    id: str
    """Identifier, unique in its store."""
    name: str = ""
    """Name for people; empty when the store has none."""
    experiment: str = ""
    """Name of the experiment; empty when unknown."""
    type: str = ""
    """What made the run, as the store says it (`"automl"`, `"hyperdrive"`, …); empty for an ordinary run."""
    status: Status = Status.NOT_STARTED
    """State when last read."""
    created: float | None = None
    """When it was created; None when the store does not say."""
    started: float | None = None
    """When it began to run; None before that."""
    ended: float | None = None
    """When it ended; None while it has not."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Inputs, as text, in the store's order."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags and properties, as text; internal ones (`mlflow.…`) included."""
    source: str | None = None
    """Script or notebook that it runs; None when unknown."""
    user: str | None = None
    """Who started it; None when unknown."""
    parent: str | None = None
    """Identifier of the run that it is a child of; None at the top."""
    detail: str = ""
    """One sentence for people about its state: its place in a queue, why it was stopped; empty when there is none."""
    can_cancel: bool = False
    """Whether its source can stop it."""
    may_go_on: bool = False
    """Whether more may come after its end, as runs may to an experiment: it is read on."""
