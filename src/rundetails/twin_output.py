"""The output below a view in which the twin lies: written once, and again when it is late."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from . import contract
from .monitor import Clock, Watch
from .twin import twin_html, twin_text

EVERY = 60.0
"""Seconds between two twins at least, but when the status changes or the first children come."""


class TwinOutput:
    """Of one view. Called under the watch's lock."""

    def __init__(self, key: str, clock: Clock, tell: Callable[[object], None]) -> None:
        """`key` names the output; `tell` speaks to the page."""
        self.is_shown = False
        self.is_in_page = False
        """Whether a page has said that it writes twins itself."""
        self.due = float("-inf")
        """When the next one may be written though nothing great happened, by the monotonic clock."""
        self._key = key
        self._clock = clock
        self._tell = tell
        self._seq = -1
        self._marks: tuple[str, bool] = ("", False)

    def made(self, watch: Watch) -> str:
        """The twin as it is now, taken down as written."""
        self.due, self._seq = self._clock.monotonic() + EVERY, watch.state.seq
        self._marks = _marks(watch)
        return twin_html(watch.state, self._key, self._clock.time())

    def bundle(self, watch: Watch, html: str) -> dict[str, Any]:
        """The twin in all forms that an output has."""
        return {"text/html": html, "text/plain": twin_text(watch.state, self._clock.time())}

    def show(self, bundle: dict[str, Any]) -> None:
        """Makes the output, in the running cell."""
        from IPython.display import display

        display(bundle, raw=True, display_id=self._key)  # type: ignore[no-untyped-call]
        self.is_shown = True

    def refresh(self, watch: Watch) -> None:
        """Writes it anew if it is late."""
        state = watch.state
        if not self.is_shown or state.at is None or state.seq == self._seq:
            return
        is_over = state.health.state == "ended"
        if is_over or _marks(watch) != self._marks or self._clock.monotonic() >= self.due:
            self.write(watch)

    def write(self, watch: Watch) -> None:
        """Both ways: `update_display` is lost once the page was reloaded, the page's way where it has no model."""
        html = self.made(watch)
        message: contract.TwinMessage = {"kind": "twin", "html": html}
        self._tell(message)
        if not self.is_in_page:
            from IPython.display import display

            with contextlib.suppress(Exception):
                display(self.bundle(watch, html), raw=True, display_id=self._key, update=True)  # type: ignore[no-untyped-call]


def _marks(watch: Watch) -> tuple[str, bool]:
    """What a twin is never late with: the status, and that there are children."""
    return watch.state.run.status.value, bool(watch.state.children.all)
