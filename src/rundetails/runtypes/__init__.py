"""Kinds of run: how to recognise one, what deserves a tile, and what the runs below it are. One file each."""

from __future__ import annotations

from collections.abc import Sequence

from ..facts import Child, Run
from .autogluon import AutoGluon
from .azure_automl import AzureAutoML
from .family import Family, Kind, Place, Scale
from .fitted import FittedPart, fitted_parts
from .flaml import Flaml
from .generic import Generic
from .hyperdrive import HyperDrive
from .kind import Read, RunType
from .optuna import Optuna
from .pipeline import Pipeline
from .ray_tune import RayTune
from .sklearn_search import SklearnSearch
from .sweep import Sweep

__all__ = [
    "Family",
    "FittedPart",
    "Generic",
    "Kind",
    "Place",
    "Read",
    "RunType",
    "Scale",
    "fitted_parts",
    "listed_children",
    "run_type_of",
]

RUN_TYPES: tuple[RunType, ...] = (
    AzureAutoML(),
    Flaml(),
    AutoGluon(),
    SklearnSearch(),
    Optuna(),
    HyperDrive(),
    RayTune(),
    Pipeline(),
    Sweep(),
    Generic(),
)


def run_type_of(run: Run, children: Sequence[Child] = ()) -> RunType:
    """The first kind that recognises the run; generic recognises all."""
    return next(kind for kind in RUN_TYPES if kind.recognises(run, children))


def listed_children(run: Run, read: Read) -> list[Child]:
    """Children that the run itself tells of, in its tags or in a file."""
    return next((found for kind in RUN_TYPES if (found := kind.listed(run, read))), [])
