"""When to read, and what is new: one thread for all views."""

from .clock import Clock, ManualClock, SystemClock
from .poller import Monitor, shared_monitor
from .schedule import REFRESH, InvalidRefresh, Pace, Refresh
from .state import Change, Health, RunState
from .turn import Turn
from .watch import Viewer, Watch

__all__ = [
    "REFRESH",
    "Change",
    "Clock",
    "Health",
    "InvalidRefresh",
    "ManualClock",
    "Monitor",
    "Pace",
    "Refresh",
    "RunState",
    "SystemClock",
    "Turn",
    "Viewer",
    "Watch",
    "shared_monitor",
]
