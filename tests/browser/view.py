"""What the view in a page says of itself: the attributes that js/src promises to the tests."""

from dataclasses import dataclass

from playwright.sync_api import Page

ENDED = ("Completed", "Failed", "Canceled")
UPDATE_SECONDS = 60


@dataclass(frozen=True)
class View:
    """The n-th view in the page."""

    page: Page
    nth: int = 0

    def wait_drawn(self, seconds: float = UPDATE_SECONDS) -> "View":
        """There, and holding facts."""
        self._wait("(root) => root?.dataset.seq !== undefined", seconds)
        return self

    def seq(self) -> int:
        """The number of the newest delta that the view has taken in."""
        return int(self._attribute("data-seq"))

    def status(self) -> str:
        return self._attribute("data-status")

    def points(self) -> list[int]:
        """How many points stand behind each chart that is drawn."""
        charts = self.root.locator(".rd-chart[data-points]")
        return charts.evaluate_all("(charts) => charts.map((chart) => Number(chart.dataset.points))")

    def wait_update(self, after: int, seconds: float = UPDATE_SECONDS) -> int:
        """The first seq above `after`."""
        self._wait(f"(root) => Number(root?.dataset.seq) > {after}", seconds)
        return self.seq()

    def wait_status(self, *statuses: str, seconds: float = UPDATE_SECONDS) -> str:
        self._wait(f"(root) => {list(statuses)}.includes(root?.dataset.status)", seconds)
        return self.status()

    def wait_charts(self, count: int = 1, seconds: float = UPDATE_SECONDS) -> list[int]:
        self._wait(f"(root) => root?.querySelectorAll('.rd-chart[data-points]').length >= {count}", seconds)
        return self.points()

    @property
    def root(self):
        return self.page.locator(".rundetails").nth(self.nth)

    def _attribute(self, name: str) -> str:
        value = self.root.get_attribute(name)
        assert value is not None, f"The view has no {name}."
        return value

    def _wait(self, condition: str, seconds: float) -> None:
        self.page.wait_for_function(
            f"(nth) => ({condition})(document.querySelectorAll('.rundetails')[nth])",
            arg=self.nth,
            timeout=seconds * 1000,
        )
