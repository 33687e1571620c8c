"""A disk without room: what was written is still shown, and what cannot be written leaves nothing behind."""

import os
import subprocess
from contextlib import closing

import pytest

from rundetails.errors import StoreError
from rundetails.monitor import ManualClock, Monitor, Pace
from rundetails.sdk.store import create_store
from rundetails.sources.sqlite import SqliteSource
from stores import BEGAN, Store
from viewers import Viewer


@pytest.fixture
def disk(tmp_path):
    """A disk of three megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "none", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"A small disk needs the right to mount one: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(disk):
    handle = os.open(disk / "fill", os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(handle, b"x" * 4096)
    except OSError:
        os.close(handle)


def empty(disk):
    (disk / "fill").unlink()


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_a_run_on_a_full_disk_is_still_shown_and_goes_on(disk, journal):
    store = Store(disk / "mlflow.db", journal)
    run = store.create_run()
    store.log(run, "loss", [(step, BEGAN + step, 1 / (step + 1)) for step in range(100)])
    clock = ManualClock(BEGAN)
    monitor = Monitor(clock, lambda: 0.0, threaded=False)
    # Nobody has the file open: in WAL mode sqlite needs a new file beside it, for which there is no room.
    fill(disk)
    with closing(SqliteSource(store.path)) as source:
        watch = monitor.watch(source, run, Viewer(Pace(10, 10)))
        monitor.run_due()
        assert watch.state.health.state == "live", watch.state.health.message
        assert len(watch.state.series["loss"]) == 100
        with pytest.raises(Exception, match=r"full|I/O"):
            store.log(run, "loss", [(step, BEGAN + step, 0.5) for step in range(100, 60_000)])
        empty(disk)
        store.log(run, "loss", [(100, BEGAN + 100, 0.25)])
        clock.advance(10)
        monitor.run_due()
        assert watch.state.health.state == "live", watch.state.health.message
        assert watch.state.series["loss"].stats.last == 0.25


def test_a_store_that_has_no_room_is_not_half_made(disk):
    fill(disk)
    with pytest.raises(StoreError, match=r"could not be written: .*Nothing was left there. Make room"):
        create_store(disk / "mlflow.db")
    assert not {one.name for one in disk.iterdir()} - {"fill", ".mlflow.db.lock"}
    empty(disk)
    assert create_store(disk / "mlflow.db") == f"sqlite:///{disk / 'mlflow.db'}"
