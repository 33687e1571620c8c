"""Watch machine-learning runs live, inside the notebook: `RunDetails(run).show()`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .details import RunDetails
    from .sdk.store import create_store
    from .sources import MemorySource, open_source

__all__ = ["MemorySource", "RunDetails", "create_store", "open_source"]

_HOMES = {
    "MemorySource": ".sources",
    "RunDetails": ".details",
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
