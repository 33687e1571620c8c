"""Figures beside their budgets."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    figure: float
    """As measured."""
    unit: str
    budget: float | None = None
    """At most this much; None where it stands for comparison only."""
    note: str = ""


@dataclass
class Table:
    """Collects rows and says which are over budget."""

    rows: list[Row] = field(default_factory=list)

    def add(self, what: str, figure: float, unit: str, budget: float | None = None, note: str = "") -> None:
        row = Row(what, figure, unit, budget, note)
        self.rows.append(row)
        print(_line(row), flush=True)

    @property
    def over(self) -> list[Row]:
        return [row for row in self.rows if row.budget is not None and row.figure > row.budget]


def _line(row: Row) -> str:
    mark = "" if row.budget is None else " ok " if row.figure <= row.budget else "OVER"
    budget = "" if row.budget is None else f"≤ {row.budget:,g}"
    return f"{row.what:<66} {row.figure:>12,.4g} {row.unit:<8} {budget:>10} {mark:<5} {row.note}"


def heading() -> str:
    return f"{'what':<66} {'measured':>12} {'':<8} {'budget':>10}"
