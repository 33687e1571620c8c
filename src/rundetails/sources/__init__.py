"""Where runs are read from: one file each, all behind `RunSource`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import MlflowClientSource
    from .memory import MemorySource
    from .opening import open_source
    from .protocol import RunSource
    from .server import MlflowServerSource
    from .sqlite import SqliteSource

__all__ = ["MemorySource", "MlflowClientSource", "MlflowServerSource", "RunSource", "SqliteSource", "open_source"]

_HOMES = {
    "MemorySource": ".memory",
    "MlflowClientSource": ".client",
    "MlflowServerSource": ".server",
    "RunSource": ".protocol",
    "SqliteSource": ".sqlite",
    "open_source": ".opening",
}


def __getattr__(name: str) -> Any:
    """Loads a source when it is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"rundetails.sources has no {name!r}; it has {', '.join(__all__)}.")
    return getattr(import_module(_HOMES[name], __name__), name)
