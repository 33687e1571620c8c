"""What the runs below a run are to each other, and what one of them is among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..contract import Goal

Kind = Literal["automl", "sweep", "pipeline", "nested"]
Scale = Literal["linear", "log", "categorical"]


@dataclass(frozen=True, slots=True)
class Family:
    """The runs below a run as a whole."""

    kind: Kind = "nested"
    """`automl`: iterations. `sweep`: trials that differ in their parameters. `pipeline`: steps. `nested`: any."""
    producer: str = ""
    """What made them, for people: "FLAML", "Optuna", …; empty when unknown."""
    metric: str | None = None
    """The metric that they are chosen by; None when nothing says."""
    goal: Goal | None = None
    """Its direction; None when nothing says."""
    goals: Mapping[str, Goal] = field(default_factory=dict)
    """Directions of other metrics that the run tells; those of the rest are guessed from their names."""
    best: str | None = None
    """ID of the best, where the run says it itself."""
    iterations: int | None = None
    """How many there will be; None when nothing says."""
    seconds: float | None = None
    """For how long it is to go on; None when nothing says."""
    scales: Mapping[str, Scale] = field(default_factory=dict)
    """How parameters were drawn, where it is told."""
    curve: str = ""
    """The metric of a child's values on the way to its score, where they have another name; empty otherwise."""
    is_over: bool = False
    """Whether nothing more is expected, although the store may say that the run goes on."""
    note: str = ""
    """One sentence for people; empty when there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Place:
    """What one run is among the others."""

    number: float | None = None
    """Of the iteration or trial; None when it has none."""
    label: str = ""
    """The algorithm, or the step's name."""
    preprocessor: str = ""
    sampling: float | None = None
    """Per cent of the data, or rows of it, that it was trained on."""
    seconds: float | None = None
    """How long it took, where its own times do not tell."""
    state: str = ""
    """Its state in a finer word than its status: "Pruned"; empty otherwise."""
    after: str = ""
    """Names of the steps that it waits for, with commas."""
    is_reused: bool = False
    """Whether an earlier result was taken."""
    is_apart: bool = False
    """Whether it prepares the others and is none of them."""
