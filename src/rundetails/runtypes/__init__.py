"""Kinds of run: how to recognise one, and what deserves a tile. One file each; generic comes last."""

from __future__ import annotations

from typing import Protocol

from ..facts import Run
from .generic import Generic


class RunType(Protocol):
    """One kind of run."""

    name: str
    """The word for it, in the view."""

    def recognises(self, run: Run) -> bool:
        """Whether this run is of the kind."""

    def headline(self, metrics: list[str], limit: int = 4) -> list[str]:
        """The metrics worth a tile, first first."""


RUN_TYPES: tuple[RunType, ...] = (Generic(),)


def run_type_of(run: Run) -> RunType:
    """The first kind that recognises the run; generic recognises all."""
    return next(kind for kind in RUN_TYPES if kind.recognises(run))
