"""What can be said of a run beyond its facts: how far it is, what looks wrong, whether it still lives."""

from .findings import Finding, Kind, Severity
from .look import Insight, Looker, Part
from .progress import Progress
from .pulse import Stale

__all__ = ["Finding", "Insight", "Kind", "Looker", "Part", "Progress", "Severity", "Stale"]
