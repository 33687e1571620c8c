"""How a parameter is drawn: along a line, along a logarithmic one, or as names side by side."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

Axis = Literal["categorical", "linear", "log"]

SPAN = 100
"""From this ratio of the largest to the smallest on, positive numbers are drawn on a logarithmic axis."""

_AZURE: Mapping[str, Axis] = {
    "choice": "categorical", "randint": "linear", "uniform": "linear", "quniform": "linear", "normal": "linear",
    "qnormal": "linear", "loguniform": "log", "qloguniform": "log", "lognormal": "log", "qlognormal": "log",
}  # fmt: skip
_OPTUNA: Mapping[str, Axis] = {
    "CategoricalDistribution": "categorical", "FloatDistribution": "linear", "IntDistribution": "linear",
    "UniformDistribution": "linear", "DiscreteUniformDistribution": "linear", "IntUniformDistribution": "linear",
    "LogUniformDistribution": "log", "IntLogUniformDistribution": "log",
}  # fmt: skip


def axis_of(values: Iterable[object], hint: object = None) -> Axis:
    """The axis for a parameter's values, which may be numbers or texts of numbers; None and NaN are left out.

    `hint` is the distribution from which they were drawn: Optuna's JSON text (or what it holds), such as
    `{"name": "FloatDistribution", "attributes": {"low": 1e-5, "high": 0.1, "log": true}}`, or Azure HyperDrive's
    `["loguniform", [-10, -1]]`; one that is not known, or broken, is none. The first rule that applies:

    - a value is no finite number (a text, True, "inf"): categorical
    - a hint: what it says; linear instead of log when a value is not positive
    - no more than two different numbers: categorical
    - all positive and the largest at least 100 times the smallest: log
    - otherwise: linear

    >>> axis_of(["0.1", "0.001", "0.00001"]), axis_of([1, 2, 3]), axis_of(["adam", "sgd"])
    ('log', 'linear', 'categorical')
    """
    given = [value for value in values if not is_missing(value)]
    numbers = {number for value in given if (number := number_of(value)) is not None}
    if any(number_of(value) is None for value in given):
        return "categorical"
    can_be_log = all(number > 0 for number in numbers)
    told = _told(hint)
    if told is not None:
        return "linear" if told == "log" and not can_be_log else told
    if len(numbers) <= 2:
        return "categorical"
    return "log" if can_be_log and max(numbers) / min(numbers) >= SPAN else "linear"


def is_missing(value: object) -> bool:
    """Whether this is no value at all: None, or a NaN that is a number and no text."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def number_of(value: object) -> float | None:
    """The finite number that a value is or spells; None for others, and for True and False, which are names."""
    if isinstance(value, str):
        if "_" in value:  # "1_0" is a name, though Python reads 10
            return None
    elif isinstance(value, bool) or not hasattr(value, "__float__"):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _told(hint: object) -> Axis | None:
    if isinstance(hint, str):
        try:
            hint = json.loads(hint)
        except (ValueError, RecursionError):
            return None
    if isinstance(hint, Mapping):
        found = _OPTUNA.get(str(hint.get("name")))
        attributes = hint.get("attributes")
        is_log = isinstance(attributes, Mapping) and attributes.get("log") is True
        return "log" if found == "linear" and is_log else found
    if isinstance(hint, Sequence) and not isinstance(hint, str) and hint:
        return _AZURE.get(str(hint[0]))
    return None
