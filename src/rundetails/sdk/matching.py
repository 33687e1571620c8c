"""Which runs are meant by a type, tags and properties."""

from __future__ import annotations

from collections.abc import Mapping

from .. import tags as names

Wanted = str | Mapping[str, str | None] | None
"""A name that must be there, or names with the values they must have (None: any)."""


def matches(stored: Mapping[str, str], run_type: str | None, tags: Wanted, properties: Wanted) -> bool:
    """Whether a run with these tags in the store is one of them.

    >>> matches({"stage": "trial", "rundetails.property.data": "v2"}, None, {"stage": "trial"}, "data")
    True
    """
    if run_type is not None and run_type.lower() != type_of(stored).lower():
        return False
    own = {
        name.removeprefix(names.PROPERTY): value for name, value in stored.items() if name.startswith(names.PROPERTY)
    }
    return _has(stored, tags) and _has(own, properties)


def type_of(stored: Mapping[str, str]) -> str:
    """What made the run; empty for a plain MLflow run."""
    return stored.get("azureml.runsource") or stored.get(names.TYPE, "")


def _has(known: Mapping[str, str], wanted: Wanted) -> bool:
    if wanted is None:
        return True
    if isinstance(wanted, str):
        return wanted in known
    return all(name in known and value in (None, known[name]) for name, value in wanted.items())
