"""Runs with runs below them, written straight into a store, and what a page shows of these."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from browser.view import SECOND


def started(store, run_id, at):
    """Began lately: what says that it runs since 2023 would be called stale."""
    store.execute("UPDATE runs SET start_time = ? WHERE run_uuid = ?", int(at * 1000), run_id)


def trial(store, parent, number, score=None, status="FINISHED", **parameters):
    run_id = store.create_run(f"trial {number}", parent=parent)
    started(store, run_id, store.now - 50 + number / 100)
    for name, value in {"lr": 10 ** -(1 + number % 5), "kind": "abc"[number % 3], **parameters}.items():
        store.parameter(run_id, name, str(value))
    if score is not None:
        store.log(run_id, "accuracy", [(0, store.now, score)])
    if status:
        store.end(run_id, status, store.now - 40 + number / 100)
    return run_id


def parent_of(store, count=0, name="search"):
    parent = store.create_run(name)
    started(store, parent, store.now - 60)
    runs = [trial(store, parent, number, score=number / 100) for number in range(count)]
    return parent, runs


def show(store, run_id, refresh=0.2):
    return (
        "from rundetails import RunDetails\n"
        f"details = RunDetails({run_id!r}, store={store.path.name!r}, refresh={refresh})\ndetails.show()"
    )


def names(page: Page) -> list[str]:
    """Names of the rows in sight, from above."""
    return page.evaluate(
        """() => [...document.querySelectorAll("[data-child]")]
        .map((row) => [row.getBoundingClientRect().top, row.querySelector("bdi").textContent])
        .sort((one, other) => one[0] - other[0]).map(([, name]) => name)"""
    )


def head(page: Page, title: str):
    return page.locator(".rd-child-head .rd-sort").filter(has_text=title)


def loaded(page: Page, count: int, seconds: int = 30) -> None:
    expect(page.locator(".rd-loaded")).to_have_text(f"{count:,} of {count:,} loaded", timeout=seconds * SECOND)
