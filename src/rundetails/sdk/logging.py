"""What a run can log: the same calls for a run in a store and for one outside of any."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .writer import Writer


class LogMethods:
    """Logging through a writer that is opened with the first value.

    Values are buffered and written about each second; `flush`, `complete`, the end of the session and `kill -TERM`
    write what is left. `kill -9` loses the last second at most.
    """

    _writer: Writer | None = None

    def _open_writer(self) -> Writer:
        raise NotImplementedError

    def log(self, name: str, value: object, description: str = "", step: int | None = None) -> None:
        """One number: a Python or NumPy number, a bool, NaN, ±inf, or a tensor with one element (which waits for its
        device). Costs a few microseconds.

        `step`: where on the x axis; left out, they are counted. Better than the original, which had no steps. Raises
        InvalidMetric for anything else, and says which method is meant. `description` is not kept.
        """
        (self._writer or self._open_writer()).log(name, value, step)

    def log_list(self, name: str, value: Sequence[object], description: str = "") -> None:
        """Several values at once: numbers go on the metric's curve, other lists are kept as such."""
        (self._writer or self._open_writer()).log_list(name, value)

    def log_row(self, name: str, description: str | None = None, **columns: object) -> None:
        """One more row of a table: `run.log_row("layers", layer=1, mean=0.3)`."""
        (self._writer or self._open_writer()).log_row(name, columns)

    def log_table(self, name: str, value: Mapping[str, Any], description: str = "") -> None:
        """A table by column, all of one length: `{"x": [1, 2], "y": [3, 4]}`; single values are a table of one row."""
        (self._writer or self._open_writer()).log_table(name, value)

    def log_image(
        self,
        name: str,
        path: str | os.PathLike[str] | None = None,
        plot: Any = None,
        description: str = "",
        step: int | None = None,
    ) -> None:
        """A picture: the `path` of a PNG, JPEG, GIF or WebP file, or `plot`: a matplotlib figure (or `pyplot` itself),
        a Pillow image, an array of height × width (× 3 or 4). `step`: for the slider; better than the original."""
        (self._writer or self._open_writer()).log_image(name, path=path, plot=plot, step=step)

    def log_confusion_matrix(self, name: str, value: Mapping[str, Any] | str, description: str = "") -> None:
        """{"schema_type": "confusion_matrix", "schema_version": "1.0.0", "data": {"class_labels": [C], "matrix":
        [C][C]}}, rows are the true classes; as a dict or JSON text."""
        (self._writer or self._open_writer()).log_chart("confusion_matrix", name, value)

    def log_accuracy_table(self, name: str, value: Mapping[str, Any] | str, description: str = "") -> None:
        """Schema type `accuracy_table`: `probability_tables` and `percentile_tables` [C][M][TP, FP, TN, FN],
        `probability_thresholds` [M], `percentile_thresholds` [M], `class_labels` [C]."""
        (self._writer or self._open_writer()).log_chart("accuracy_table", name, value)

    def log_residuals(self, name: str, value: Mapping[str, Any] | str, description: str = "") -> None:
        """Schema type `residuals`: `bin_edges` [n + 1], `bin_counts` [n] of predicted − true."""
        (self._writer or self._open_writer()).log_chart("residuals", name, value)

    def log_predictions(self, name: str, value: Mapping[str, Any] | str, description: str = "") -> None:
        """Schema type `predictions`: `bin_edges` [n + 1], `bin_averages`, `bin_errors`, `bin_counts` [n]."""
        (self._writer or self._open_writer()).log_chart("predictions", name, value)

    def flush(self) -> None:
        """Returns when all that was logged is in the store. Raises what kept it from getting there."""
        if self._writer is not None:
            self._writer.flush()
