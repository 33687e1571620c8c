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


class Page:
    """Hears what a widget would be told."""

    model_id = "m"

    def __init__(self) -> None:
        self.twins: list[str] = []

    def tell(self, message, buffers=None):
        if message["kind"] == "twin":
            self.twins.append(message["html"])


def test_the_twin_of_a_run_that_stays_as_it_is_holds_its_children_too():
    """They come after the first picture of it; an idle study never changes again."""
    clock = ManualClock()
    source = MemorySource(clock=clock.time)
    source.add(Run("r", status=Status.RUNNING))
    child = source.add(Run("c", "the child", status=Status.RUNNING, parent="r"))
    monitor = Monitor(clock, threaded=False)
    presenter = Presenter(source, "r", Pace(), monitor)
    page = presenter.widget = Page()
    watch = presenter.watch
    presenter._twin.made(watch)
    presenter._twin.is_shown = presenter._twin.is_in_page = True
    for _ in range(3):
        monitor.run_due()
        clock.advance(1.0)
    assert "the child" in page.twins[-1]
    child.log("loss", 0.25)
    for _ in range(20):
        monitor.run_due()
        clock.advance(10.0)
    assert "0.25" in page.twins[-1], "what was new within the minute is in a later one"
    count = len(page.twins)
    for _ in range(20):
        monitor.run_due()
        clock.advance(10.0)
    assert len(page.twins) == count, "nothing is new"
