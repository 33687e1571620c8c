"""Runs below a run that a reader opened in its view: the same page, the same widget, a presenter of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from . import contract
from .wishes import Buffers

MOST = 20
"""Runs that are open at once in one page, at most: the one that was heard of longest ago goes, until a page asks for it
again."""


class Presents(Protocol):
    """A presenter, as far as it is needed here."""

    def attach(self, widget: Any) -> None:
        """Speaks over this widget, which somebody else shows."""

    def grant(self, wish: contract.Wish) -> None:
        """Does what the page wishes."""

    def whole(self) -> contract.Snapshot:
        """The run as a whole."""

    def close(self) -> None:
        """Stops."""


class Line:
    """A widget's comm, for one of the runs that are open in its page."""

    def __init__(self, widget: Any, run_id: str) -> None:
        self._widget = widget
        self._run_id = run_id
        self.layout = self

    def tell(self, message: dict[str, Any], buffers: Buffers | None = None) -> None:
        """Sends a message that says which run it is about."""
        self._widget.tell({**message, "opened": self._run_id}, buffers)

    def close(self) -> None:
        """The widget is somebody else's."""


class Opened:
    """Those that are open."""

    def __init__(self, present: Callable[[str], Presents]) -> None:
        """`present`: makes a presenter for a run. May raise RunNotFound."""
        self._present = present
        self._runs: dict[str, tuple[Presents, set[str]]] = {}

    def __len__(self) -> int:
        return len(self._runs)

    def hear(self, wish: contract.Wish, widget: Any) -> None:
        """A wish about one of them; the first one opens it."""
        run_id, view = str(wish.get("opened")), str(wish.get("view", ""))
        name = wish.get("wish")
        if name == "leave":
            self._leave(run_id, view)
            if run_id not in self._runs:
                return
        is_new = run_id not in self._runs
        if is_new:
            if len(self._runs) >= MOST:
                self._runs.pop(next(iter(self._runs)))[0].close()
            presenter = self._present(run_id)
            presenter.attach(Line(widget, run_id))
            self._runs[run_id] = (presenter, set())
        presenter, views = self._runs[run_id] = self._runs.pop(run_id)
        if name != "leave":
            views.add(view)
        if name == "open" or is_new:
            snapshot: dict[str, Any] = dict(presenter.whole())
            buffers = [snapshot.pop("whole"), *([snapshot.pop("cells")] if "cells" in snapshot else [])]
            Line(widget, run_id).tell({"kind": "opened", "snapshot": snapshot}, buffers)
        presenter.grant(wish)

    def close(self) -> None:
        """All of them."""
        for presenter, _ in self._runs.values():
            presenter.close()
        self._runs.clear()

    def _leave(self, run_id: str, view: str) -> None:
        if run_id not in self._runs:
            return
        presenter, views = self._runs[run_id]
        views.discard(view)
        if not views:
            del self._runs[run_id]
            presenter.close()
