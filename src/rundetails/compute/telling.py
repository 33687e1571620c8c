"""What a store is told of a job while it runs."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from .. import tags
from .folder import Begun
from .keeping import Keeper

if TYPE_CHECKING:
    from mlflow import MlflowClient

BEAT_EVERY = 15.0
"""Seconds between two heartbeats."""

TRY_EVERY = 2.0
"""Seconds between two tries to say that it runs."""


class Telling:
    """Says that a run runs and lives, and sends its logs, on a thread of its own: MLflow tries for minutes to reach a
    server that is away, and meanwhile a cancellation and a limit of time must be kept."""

    def __init__(self, run_id: str, begun: Begun, keeper: Keeper, connect: Callable[[], MlflowClient]) -> None:
        """`connect`: the client, loaded when it is first asked for."""
        self._run_id = run_id
        self._begun = begun
        self._keeper = keeper
        self._connect = connect
        self._stopped = threading.Event()
        self._said = False
        self._thread = threading.Thread(target=self._loop, name="rundetails-telling", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Returns when the store is not being told anything any more."""
        self._stopped.set()
        self._thread.join()

    def _loop(self) -> None:
        while not self._stopped.is_set():
            try:
                client = self._connect()
                if self._stopped.is_set():
                    return
                if not self._said:
                    self._say_running(client)
                client.set_tag(self._run_id, tags.HEARTBEAT, f"{time.time():.0f}")
                self._keeper.send(client)
            except Exception as error:
                self._keeper.note(f"the store does not answer: {error}")
            self._stopped.wait(BEAT_EVERY if self._said else TRY_EVERY)

    def _say_running(self, client: MlflowClient) -> None:
        client.set_tag(self._run_id, tags.STARTED, f"{self._begun.started:.3f}")
        client.set_tag(self._run_id, tags.STATUS, "Running")
        client.set_tag(self._run_id, tags.HOST, socket.gethostname())
        client.update_run(self._run_id, status="RUNNING")
        self._said = True
