"""What a look at a run may find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["not_finite", "divergence", "gap", "throughput", "silence", "plateau"]
Severity = Literal["serious", "warning", "info"]

_ORDER = {"serious": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about a run that its owner would want to know."""

    kind: Kind
    """Which rule found it."""
    severity: Severity
    """`serious`: likely spoilt. `warning`: have a look. `info`: worth knowing."""
    sentence: str
    """What was seen, with the numbers."""
    rule: str
    """When this is said, in one line."""
    metric: str | None = None
    """The metric it is about; None when it is about the run."""
    step: int | None = None
    """The step since which, or at which; None where there is none."""
    time: float | None = None
    """When that was: seconds since 1970-01-01 UTC; None when unknown."""

    @property
    def key(self) -> tuple[str, str]:
        """The same for the same finding of the next look."""
        return self.kind, self.metric or ""


def ordered(findings: list[Finding]) -> tuple[Finding, ...]:
    """The most serious first, and otherwise as they were found."""
    return tuple(sorted(findings, key=lambda one: _ORDER[one.severity]))
