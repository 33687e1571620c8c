"""The run of a script that nobody submitted."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from ..errors import OnlyOnline
from ..redact import redact

LONGEST = 500
"""Characters of a value that are printed."""


class OfflineRun:
    """Takes all that a `Run` takes to be logged, and prints it: a script that logs runs anywhere.

    What needs a store (`get_metrics`, `upload_file`, …) raises OnlyOnline.
    """

    def __init__(self, parent: OfflineRun | None = None, number: int = 0) -> None:
        self.id: str = f"{parent.id}.{number}" if parent else f"OfflineRun_{uuid.uuid4()}"
        self.parent = parent
        self._tags: dict[str, str] = {}
        self._properties: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._children = 0

    def __repr__(self) -> str:
        return f"<OfflineRun: {self.id}>"

    def __getattr__(self, name: str) -> Any:
        raise OnlyOnline(name)

    def log(self, name: str, value: object, description: str = "", step: int | None = None) -> None:
        """Prints it with its step, counted when it is left out. Better than the original, which took no step."""
        at = self._counts.get(name, 0) if step is None else step
        self._counts[name] = at + 1
        self._print(name, value, f" (step {at})")

    def log_list(self, name: str, value: Any, description: str = "") -> None:
        self._print(name, list(value))

    def log_row(self, name: str, description: str | None = None, **columns: object) -> None:
        self._print(name, columns)

    def log_table(self, name: str, value: Mapping[str, Any], description: str = "") -> None:
        self._print(name, dict(value))

    def log_image(
        self, name: str, path: Any = None, plot: Any = None, description: str = "", step: int | None = None
    ) -> None:
        self._print(name, path if path is not None else type(plot).__name__, "" if step is None else f" (step {step})")

    def log_confusion_matrix(self, name: str, value: Any, description: str = "") -> None:
        self._print(name, value)

    log_accuracy_table = log_residuals = log_predictions = log_confusion_matrix

    def flush(self) -> None:
        """Nothing waits."""

    @property
    def tags(self) -> dict[str, str]:
        return dict(self._tags)

    @property
    def properties(self) -> dict[str, str]:
        return dict(self._properties)

    def tag(self, key: str, value: object = None) -> None:
        self.set_tags({key: value})

    def set_tags(self, tags: Mapping[str, object]) -> None:
        for name, value in tags.items():
            self._tags[name] = "" if value is None else str(value)
            self._print(f"tag {name}", self._tags[name])

    def add_properties(self, properties: Mapping[str, object]) -> None:
        for name, value in properties.items():
            self._properties[name] = str(value)
            self._print(f"property {name}", value)

    def child_run(self, name: str | None = None, run_id: str | None = None, outputs: object = None) -> OfflineRun:
        self._children += 1
        return OfflineRun(self, self._children)

    def complete(self) -> None:
        self._say("completed")

    def fail(self, error_details: object = None, error_code: str | None = None) -> None:
        self._say(f"failed{': ' + str(error_details) if error_details is not None else ''}")

    def cancel(self) -> None:
        self._say("canceled")

    def get_portal_url(self) -> None:
        """None: nothing is kept."""

    def __enter__(self) -> OfflineRun:
        return self

    def __exit__(self, _: object, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            self.complete()
        else:
            self.fail(error)

    def _print(self, name: str, value: object, more: str = "") -> None:
        shown = str(value)
        self._say(f"{name}: {shown if len(shown) <= LONGEST else shown[:LONGEST] + '…'}{more}")

    def _say(self, text: str) -> None:
        sys.stdout.write(redact(f"{text}\n"))
        sys.stdout.flush()
