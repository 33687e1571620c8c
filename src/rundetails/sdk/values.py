"""What can be logged as a number, and under which names."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from typing import SupportsFloat

from ..errors import InvalidMetric

LONGEST_NAME = 250
"""Characters; MLflow's limit."""

_NAME = re.compile(r"[/\w.\- :]+")


def checked_name(name: object) -> str:
    """A name that MLflow takes: letters, digits, `_ - . : /` spaces. Raises InvalidMetric with one it would."""
    if not isinstance(name, str):
        raise InvalidMetric(f"The name of a metric is a text, not {name!r:.80}.")
    if (
        _NAME.fullmatch(name)
        and len(name) <= LONGEST_NAME
        and posixpath.normpath(name) == name
        and not name.startswith(("/", ".."))
        and name != "."
    ):
        return name
    better = re.sub(r"[^/\w.\- :]+", "_", name)[:LONGEST_NAME]
    better = posixpath.normpath(better).lstrip("/.") or "metric"
    raise InvalidMetric(
        f"{name!r:.120} cannot be the name of a metric: MLflow takes at most {LONGEST_NAME} letters, digits, spaces "
        f"and _ - . : / that make a plain path. {better!r:.120} would do."
    )


def number_of(name: str, value: object) -> float:
    """A number, NaN and ±inf too; an array or tensor of no dimensions counts as one. Raises InvalidMetric, which names
    the method for whatever else it is."""
    kind = type(value)
    if kind is float:
        return value  # type: ignore[return-value]
    if kind is int or kind is bool:
        return _float(name, value)  # type: ignore[arg-type]
    if value is None:
        raise InvalidMetric(f"{name!r} has no value (None). Leave the call out, or log float('nan').")
    if isinstance(value, (str, bytes)):
        raise InvalidMetric(
            f"{name!r} is a text ({value!r:.40}), and log takes numbers. A label of the run: run.tag({name!r}, …); "
            f"texts that come one after the other: run.log_row({name!r}, value=…)."
        )
    if isinstance(value, Mapping):
        raise InvalidMetric(
            f"{name!r} is a dict, and log takes one number. Several metrics: a call each. A row of a table: "
            f"run.log_row({name!r}, **values)."
        )
    shape = getattr(value, "shape", None)
    item = getattr(value, "item", None)
    if callable(item) and (shape is None or len(shape) == 0):
        value = item()
    elif shape is not None and len(shape) > 0:
        raise InvalidMetric(
            f"{name!r} is an array of shape {tuple(shape)}, and log takes one number. All of them: "
            f"run.log_list({name!r}, values); one: values.mean(), say."
        )
    if isinstance(value, Iterable):
        raise InvalidMetric(
            f"{name!r} is a {type(value).__name__}, and log takes one number. Several: run.log_list({name!r}, values); "
            f"a table: run.log_table({name!r}, …)."
        )
    if isinstance(value, SupportsFloat):
        return _float(name, value)
    raise InvalidMetric(f"{name!r} is a {type(value).__name__} ({value!r:.60}), and log takes a number.")


def _float(name: str, value: SupportsFloat) -> float:
    try:
        return float(value)
    except OverflowError:
        raise InvalidMetric(f"{name!r} is too large for a float; log float('inf'), or its logarithm.") from None
    except (TypeError, ValueError) as error:
        raise InvalidMetric(f"{name!r} is no number ({error}).") from error
