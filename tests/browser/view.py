"""What the view in a page says of itself: the attributes that js/src promises to the tests."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

ENDED = ("Completed", "Failed", "Canceled")
UPDATE_SECONDS = 60

SECOND = 1_000
"""In milliseconds, as Playwright counts."""


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


def view(page: Page) -> Locator:
    return page.locator(".rundetails")


def chart(page: Page, metric: str) -> Locator:
    return page.locator(f'.rd-chart[data-metric="{metric}"]')


def twin_says(page: Page, words: str) -> None:
    """The notebook's output, which is what is saved, holds a twin with these words: it comes after the view's own."""
    page.wait_for_function(
        "(words) => [...document.querySelectorAll('[class^=rd-twin]')].some((one) => one.textContent.includes(words))",
        arg=words,
    )


def follows(page: Page, training, updates: int = 10, start: int = 2) -> None:
    """The chart shows each of so many updates."""
    for update in range(updates):
        training.log("loss", 1 / (start + update), start=start + update)
        expect(chart(page, "loss")).to_have_attribute("data-points", str(start + update + 1), timeout=20 * SECOND)
