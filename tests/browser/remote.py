"""A run behind an MLflow server, as a cell shows it."""

from __future__ import annotations

from faults import FaultProxy


def show(proxy: FaultProxy, run: str, refresh: float = 0.5) -> str:
    return f"from rundetails import RunDetails\nRunDetails({run!r}, store={proxy.address!r}, refresh={refresh}).show()"
