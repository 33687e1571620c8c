"""The notebook cell that is running, and what earlier runs of it have left on screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class Closable(Protocol):
    def close(self) -> None: ...


_shown: dict[str, tuple[str, list[Closable]]] = {}


def claim(shown: Closable) -> None:
    """Notes that this is shown by the running cell, and closes what an earlier run of the same cell showed."""
    cell, execution = _running()
    if not cell:
        return
    earlier_execution, earlier = _shown.get(cell, ("", []))
    if earlier_execution == execution:
        if shown not in earlier:
            earlier.append(shown)
        return
    _shown[cell] = (execution, [shown])
    for one in earlier:
        if one is not shown and not any(one in others for _, others in _shown.values()):
            one.close()


def forget(shown: Closable) -> None:
    """Drops what was closed."""
    for cell, (_, items) in list(_shown.items()):
        if shown in items:
            items.remove(shown)
        if not items:
            del _shown[cell]


def in_kernel() -> bool:
    """Whether this process is a Jupyter kernel."""
    shell = _shell()
    return shell is not None and getattr(shell, "kernel", None) is not None


def on_cell_begin_and_end(tell: Callable[[bool], None]) -> Callable[[], None]:
    """Calls `tell(False)` when a cell begins and `tell(True)` when it ends; returns how to stop that."""
    shell = _shell()
    if shell is None:
        return lambda: None

    def begins(info: object) -> None:
        tell(False)

    def ends(result: object) -> None:
        tell(True)

    shell.events.register("pre_run_cell", begins)
    shell.events.register("post_run_cell", ends)

    def stop() -> None:
        for event, function in (("pre_run_cell", begins), ("post_run_cell", ends)):
            if function in shell.events.callbacks.get(event, []):
                shell.events.unregister(event, function)

    return stop


def _shell() -> Any:
    try:
        from IPython.core.getipython import get_ipython
    except ImportError:  # pragma: no cover - ipywidgets brings IPython
        return None
    return get_ipython()


def _running() -> tuple[str, str]:
    """(id of the notebook's cell, id of this execution); empty where the front end does not say."""
    kernel = getattr(_shell(), "kernel", None)
    if kernel is None:
        return "", ""
    parent = kernel.get_parent() or {}
    cell = (parent.get("metadata") or {}).get("cellId") or ""
    return str(cell), str((parent.get("header") or {}).get("msg_id") or "")
