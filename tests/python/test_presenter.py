"""Between the watch and the page, without a page."""

import pytest

from rundetails.facts import Run, Status
from rundetails.monitor import ManualClock, Monitor, Pace
from rundetails.presenter import Presenter
from rundetails.sources import MemorySource


@pytest.mark.parametrize("wish", ["leave", "look", "refresh", "pause", "snapshot"])
def test_a_wish_that_comes_after_the_close_does_not_begin_reading_again(wish):
    clock = ManualClock()
    source = MemorySource(clock=clock.time)
    source.add(Run("r", status=Status.RUNNING))
    monitor = Monitor(clock, threaded=False)
    presenter = Presenter(source, "r", Pace(), monitor)
    assert presenter.watch.run_id == "r"
    monitor.run_due()
    presenter._wished({"kind": "wish", "id": 1, "wish": wish, "view": "v"})
    presenter.close()
    assert monitor.run_due() is None
    assert source.reads == ["r"]
