"""Waiting until something is true of a run: `details.wait`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from .errors import RunDetailsError
from .facts import Status
from .monitor import Watch

Data = dict[str, Any]
Condition = Callable[[Data], bool]

_COMPARISON = re.compile(r"^\s*(?P<name>.+?)\s*(?P<sign><=|>=|==|!=|<|>)\s*(?P<number>[-+]?[\w.+-]+)\s*$")
_SIGNS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


class InvalidCondition(RunDetailsError, ValueError):
    """`until` cannot be understood."""


class NeverTrue(RunDetailsError):
    """The run ended and what was waited for had not come."""


def condition_of(until: str | Condition | None) -> tuple[Condition, str]:
    """The condition and its name: None is the end of the run, text a comparison or a status.

    >>> condition, name = condition_of("val/loss < 0.2")
    >>> condition({"status": "Running", "metrics": {"val/loss": {"last": 0.1}}})
    True
    """
    if until is None:
        return (lambda data: Status(data["status"]).has_ended), "the end of the run"
    if callable(until):
        return until, getattr(until, "__name__", "the condition")
    words = {status.value.lower(): status.value for status in Status}
    if until.strip().lower() in words:
        word = words[until.strip().lower()]
        return (lambda data: data["status"] == word), word
    match = _COMPARISON.match(until)
    try:
        name, sign, number = match["name"], _SIGNS[match["sign"]], float(match["number"])  # type: ignore[index]
    except (TypeError, ValueError):
        raise InvalidCondition(
            f'until={until!r} is neither a comparison such as "val_loss < 0.2", nor a status such as "Running", '
            "nor a function of get_widget_data()'s result."
        ) from None

    def compares(data: Data) -> bool:
        last = data["metrics"].get(name, {}).get("last")
        return last is not None and bool(sign(float(last), number))

    return compares, until


class Waiting:
    """Waits on one watch. `check` returns the data once the condition holds."""

    def __init__(
        self,
        watch: Watch,
        data: Callable[[], Data],
        until: str | Condition | None,
        timeout: float | None,
        reading_all: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """`reading_all`: held while somebody's own function is asked, which may look at any number."""
        self._watch = watch
        self._data = data
        self._condition, self._name = condition_of(until)
        self._timeout = timeout
        self._reading = reading_all if callable(until) else nullcontext

    def blocking(self, clock: Callable[[], float]) -> Data:
        """Blocks this thread; Ctrl-C ends the waiting, never the run."""
        ends = None if self._timeout is None else clock() + self._timeout
        with self._reading(), self._watch.news:
            while True:
                found = self._check()
                if found is not None:
                    return found
                left = 1.0 if ends is None else ends - clock()
                if left <= 0:
                    raise self._too_late()
                self._watch.news.wait(min(left, 1.0))

    async def awaited(self) -> Data:
        """Waits and lets other tasks go on."""
        import asyncio

        loop = asyncio.get_running_loop()
        ends = None if self._timeout is None else loop.time() + self._timeout
        with self._reading():
            while True:
                with self._watch.lock:
                    found = self._check()
                if found is not None:
                    return found
                if ends is not None and loop.time() >= ends:
                    raise self._too_late()
                await asyncio.sleep(0.1 if ends is None else min(0.1, max(0.0, ends - loop.time())))

    def _check(self) -> Data | None:
        state = self._watch.state
        if state.at is None:
            if self._watch.error is not None and state.health.retry_at is None:
                raise self._watch.error
            return None
        data = self._data()
        if self._condition(data):
            return data
        if state.health.state == "ended":
            raise NeverTrue(
                f"The run is {data['status']} and is not read any more, but {self._name} has not come. "
                "get_widget_data() tells what did."
            )
        return None

    def _too_late(self) -> TimeoutError:
        state = self._watch.state
        return TimeoutError(
            f"{self._name} has not come within {self._timeout:g} s. The run is {state.run.status.value} and goes on; "
            "wait again with a longer timeout."
        )
