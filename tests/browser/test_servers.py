"""A run behind an MLflow server, in the cell."""

from __future__ import annotations

from playwright.sync_api import expect

from browser.logs import numbered, open_logs, text_of
from browser.remote import show
from browser.view import SECOND, chart, view
from stores import BEGAN


def test_only_what_is_seen_is_asked_of_a_server(notebook, remote):
    store, proxy = remote
    run = store.create_run("far away")

    def log(*steps):
        store.log_all(
            run, [(f"metric_{one:02}", step, BEGAN + step, one + 1 / (step + 1)) for one in range(40) for step in steps]
        )

    log(*range(20))
    opened = notebook(show(proxy, run, refresh=3600))
    opened.run(0)
    expect(chart(opened.page, "metric_00")).to_have_attribute("data-points", "20", timeout=60 * SECOND)
    # The others are read meanwhile, a few at a time.
    expect(view(opened.page)).to_contain_text("800 points shown", timeout=60 * SECOND)
    log(20, 21)
    asked = len(proxy.requests)
    view(opened.page).get_by_role("button", name="Refresh").click()
    expect(chart(opened.page, "metric_00")).to_have_attribute("data-points", "22", timeout=60 * SECOND)
    bulk = [one for one in proxy.requests[asked:] if "interval" in one]
    assert 1 <= len(bulk) < 40, bulk
    last = chart(opened.page, "metric_39")
    last.scroll_into_view_if_needed()
    expect(last).to_have_attribute("data-points", "22", timeout=60 * SECOND)
    opened.screen.screenshot("scrolled-over-http")


def test_a_log_behind_a_server_is_followed_by_its_tail(notebook, remote):
    store, proxy = remote
    run = store.create_run("far away")
    place = store.artifact_folder(run) / "logs" / "train.log"
    place.parent.mkdir()
    with place.open("wb") as file:
        file.truncate(1 << 30)
        file.seek(0, 2)
        file.write(b"\n" + numbered(300).encode())
    opened = notebook(show(proxy, run))
    opened.run(0)
    open_logs(opened.page)
    expect(text_of(opened.page)).to_contain_text("line 000299", timeout=60 * SECOND)
    for number in range(3):
        with place.open("ab") as file:
            file.write(numbered(1, 300 + number).encode())
        expect(text_of(opened.page)).to_contain_text(f"line {300 + number:06}", timeout=60 * SECOND)
    opened.screen.screenshot("log-over-http")


def test_a_failed_run_behind_a_server_opens_on_its_error(notebook, remote):
    store, proxy = remote
    run = store.create_run("far away")
    place = store.artifact_folder(run) / "logs" / "train.log"
    place.parent.mkdir()
    place.write_text(
        numbered(500) + 'Traceback (most recent call last):\n  File "t.py", line 1\nValueError: no such layer\n'
    )
    store.end(run, "FAILED")
    opened = notebook(show(proxy, run))
    opened.run(0)
    expect(view(opened.page)).to_have_attribute("data-status", "Failed", timeout=60 * SECOND)
    expect(text_of(opened.page)).to_contain_text("ValueError: no such layer", timeout=60 * SECOND)
