"""Where scripts run: targets, and the queue of this machine."""
