"""The one widget behind a view: code and snapshot go to the page, wishes come back."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import anywidget
import traitlets

from . import contract
from .errors import RunDetailsError


class NotBuilt(RunDetailsError):
    """The front end is missing from this installation."""


@functools.cache
def front_end() -> Any:
    """The bundle: its text, because anywidget never frees a widget whose code is a path; a path only for hot reload."""
    bundle = files("rundetails") / "static" / "index.js"
    if not bundle.is_file():
        raise NotBuilt(
            "The front end of rundetails is not built: src/rundetails/static/index.js is missing. "
            "In a checkout, run `make setup`; otherwise install the wheel again."
        )
    return bundle if os.environ.get("ANYWIDGET_HMR") == "1" else bundle.read_text("utf-8")


class RunView(anywidget.AnyWidget):
    """Draws one run. Made by `RunDetails.show`; reads nothing itself.

    The poll thread is the only one that sends. A page that begins, or begins again, asks for the state and finds the
    bounded whole in `_snapshot`; from then on it lives on messages.
    """

    _snapshot = traitlets.Any(None).tag(sync=True, to_json=lambda _, view: view._make_whole())
    """`contract.Snapshot`, computed when a page asks. Never set."""

    def __init__(self, whole: Callable[[], contract.Snapshot], wished: Callable[[contract.Wish], None]) -> None:
        self._make_whole = whole
        self._wished = wished
        self._esm = front_end()
        super().__init__()
        self.on_msg(self._hear)

    def open(self) -> None:
        super().open()
        self._forget_route()

    def tell(self, message: object, buffers: list[memoryview] | None = None) -> None:
        """Sends one message of the contract; silent once the widget is closed."""
        if self.comm is not None:
            self.send(message, buffers or [])

    def _send(self, msg: Any, buffers: Any = None) -> None:
        super()._send(msg, buffers)
        self._forget_route()

    def _forget_route(self) -> None:
        """ipykernel 7.4 answers every click on the shell that wrote last on this comm, which may be busy for hours.

        Without the note it made of that, the click goes to the shell that its own header names. Deleting works;
        setting None does not.
        """
        getattr(self.comm, "__dict__", {}).pop("_reply_subshell_id", None)

    def _hear(self, _: object, message: Any, __: object) -> None:
        if isinstance(message, dict) and message.get("kind") == "wish":
            self._wished(message)  # type: ignore[arg-type]
