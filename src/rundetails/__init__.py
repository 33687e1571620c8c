"""Watch machine-learning runs live, inside the notebook: `RunDetails(run).show()`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .compute.local import LocalQueue
    from .details import RunDetails
    from .sdk.experiment import Experiment
    from .sdk.model import Model
    from .sdk.run import Run
    from .sdk.script import ScriptRunConfig
    from .sdk.store import create_store
    from .sdk.workspace import Workspace
    from .sources import MemorySource, open_source

__all__ = [
    "Experiment",
    "LocalQueue",
    "MemorySource",
    "Model",
    "Run",
    "RunDetails",
    "ScriptRunConfig",
    "Workspace",
    "create_store",
    "open_source",
]

_HOMES = {
    "Experiment": ".sdk.experiment",
    "LocalQueue": ".compute.local",
    "MemorySource": ".sources",
    "Model": ".sdk.model",
    "Run": ".sdk.run",
    "RunDetails": ".details",
    "ScriptRunConfig": ".sdk.script",
    "Workspace": ".sdk.workspace",
    "create_store": ".sdk.store",
    "open_source": ".sources",
}


def __getattr__(name: str) -> Any:
    """Loads what is asked for when it is asked for: importing this package costs next to nothing."""
    if name == "__version__":
        from .presenter import package_version

        return package_version()
    if name not in _HOMES:
        raise AttributeError(f"rundetails has no {name!r}; it has {', '.join(__all__)}.")
    return getattr(import_module(_HOMES[name], __name__), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
