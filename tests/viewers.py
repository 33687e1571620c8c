"""Somebody who watches a run, as the monitor sees them."""

from rundetails.monitor import Pace


class Viewer:
    """Remembers what it was told."""

    def __init__(self, pace=None, seen=True):
        self.pace = pace or Pace()
        self.seen = seen
        self.is_paused = False
        self.wants = None
        self.changes, self.checks = [], 0

    wants_children = False

    def is_seen(self):
        return self.seen

    def wanted(self, watch):
        return self.wants

    def changed(self, watch, change):
        self.changes.append(change)

    def checked(self, watch):
        self.checks += 1
