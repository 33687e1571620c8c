"""Input that nobody hopes for: nothing lost, nothing injected, and the view says what is the matter."""

from __future__ import annotations

import math
import shutil
import sqlite3
from contextlib import closing

import pytest
from mlflow.entities import Metric
from playwright.sync_api import expect

from browser.training import Training
from browser.view import SECOND, chart, follows, view

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(2)</script>",
    "\"quoted\" and 'quoted'",
    "a/b/../c d",
    "🎯 übergröße",
    "דיוק אימון",
    "__proto__",
    "constructor",
    "=cmd()",
]


@pytest.fixture
def no_dialogs(screen):
    seen = []
    screen.page.on("dialog", lambda dialog: (seen.append(dialog.message), dialog.dismiss()))
    yield
    assert not seen, f"something was injected: {seen}"


def insert(training, rows):
    """Points that MLflow's client would refuse or take minutes for, as its own tables have them."""
    with sqlite3.connect(training.store) as connection:
        connection.executemany(
            "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, ?)",
            [(name, value, time, training.id, step, is_nan) for name, value, time, step, is_nan in rows],
        )
    connection.close()


@pytest.mark.usefixtures("no_dialogs")
def test_hostile_names_are_shown_as_text(notebook, training):
    insert(training, [(name, 1 / (i + 1), 1_700_000_000_000 + i, i, 0) for name in HOSTILE for i in range(3)])
    for index, name in enumerate(HOSTILE):
        training.client.set_tag(training.id, f"tag{index}", name)
        training.client.log_param(training.id, f"parameter{index}", name)
    training.client.set_tag(training.id, "mlflow.runName", HOSTILE[0])
    opened = notebook(training.show())
    opened.run(0)
    page = opened.page
    expect(view(page)).to_have_attribute("data-health", "live", timeout=20 * SECOND)
    for name in HOSTILE:
        shown = page.locator(".rd-chart").filter(has=page.get_by_text(name.rsplit("/", 1)[-1], exact=False))
        expect(shown.first).to_be_attached()
    expect(view(page).locator("img, script")).to_have_count(0)
    view(page).get_by_role("tab", name="Parameters").click()
    expect(view(page)).to_contain_text(HOSTILE[0])
    opened.screen.screenshot("hostile-names")
    opened.save()
    assert "<img src=x" not in "".join(
        "".join(one["data"].get("text/html", "")) for one in opened.saved_outputs(0) if "data" in one
    )


def test_a_name_of_five_thousand_characters_does_not_break_the_layout(notebook, training):
    name = "group/" + "n" * 4_994
    insert(training, [(name, 1 / (i + 1), 1_700_000_000_000 + i, i, 0) for i in range(3)])
    training.log("loss", 1.0, 0.5)
    opened = notebook(training.show())
    opened.run(0)
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "2", timeout=20 * SECOND)
    width = opened.page.evaluate(
        "() => { const e = document.querySelector('.rundetails'); return [e.scrollWidth, e.clientWidth]; }"
    )
    assert width[0] <= width[1] + 1, "nothing sticks out"
    opened.screen.screenshot("long-name")


def test_odd_values_are_marked_and_break_no_chart(notebook, training):
    insert(
        training,
        [
            ("gaps", value, 1_700_000_000_000 + i, i, is_nan)
            for i, (value, is_nan) in enumerate([(1, 0), (0, 1), (2, 0), (math.inf, 0), (3, 0), (-math.inf, 0), (2, 0)])
        ]
        + [("huge", value, 1_700_000_000_000 + i, i, 0) for i, value in enumerate([1e308, -1e308, 0, 1e308])]
        + [("constant", 3.0, 1_700_000_000_000 + i, i, 0) for i in range(10)]
        + [("all nan", 0, 1_700_000_000_000 + i, i, 1) for i in range(4)]
        + [("one point", 7.0, 1_700_000_000_000, 5, 0)]
        + [("same step", float(i), 1_700_000_000_000 + i, 0, 0) for i in range(5)]
        + [("backwards", float(i % 5), 1_700_000_000_000 - 1000 * i, [0, 1, 2, 3, 1, 2, 3, 4][i], 0) for i in range(8)],
    )
    opened = notebook(training.show())
    opened.run(0)
    page = opened.page
    expect(chart(page, "gaps")).to_have_attribute("data-points", "7", timeout=20 * SECOND)
    for name in ("huge", "constant", "all nan", "same step", "backwards"):
        expect(chart(page, name)).to_be_attached()
    expect(chart(page, "gaps").locator(".rd-mark")).to_have_count(3)
    expect(view(page)).to_contain_text("one point")
    view(page).get_by_role("group", name="Vertical axis").get_by_role("button", name="Log").click()
    expect(chart(page, "huge")).to_contain_text("cannot be shown on a log")
    opened.screen.screenshot("odd-values")
    assert page.evaluate(
        "() => [...document.querySelectorAll('.rundetails svg path')]"
        ".every((path) => !/NaN|Infinity/.test(path.getAttribute('d') ?? ''))"
    )


def test_a_million_points_at_once_arrive_thinned_with_their_spike(notebook, training):
    training.log("loss", 1.0, 0.5)
    opened = notebook(training.show())
    opened.run(0)
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "2")
    insert(
        training,
        [
            ("loss", 100.0 if i == 777_777 else 1.0 + (i % 97) / 100, 1_700_000_100_000 + i, i + 2, 0)
            for i in range(1_000_000)
        ],
    )
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "1000002", timeout=120 * SECOND)
    expect(chart(opened.page, "loss")).to_have_attribute("data-max", "100")
    expect(chart(opened.page, "loss")).to_contain_text("of 1,000,002 points, extremes kept")


def test_twelve_thousand_metrics_can_be_searched(notebook, training):
    insert(
        training,
        [(f"group{i % 40}/metric {i}", float(i), 1_700_000_000_000 + s, s, 0) for i in range(12_000) for s in (0, 1)],
    )
    opened = notebook(training.show(refresh=3600))
    opened.run(0)
    expect(view(opened.page).get_by_role("tab", name="Metrics")).to_contain_text("12,000", timeout=120 * SECOND)
    opened.screen.reset_meter()
    view(opened.page).get_by_role("searchbox").first.fill("metric 11987")
    expect(chart(opened.page, "group27/metric 11987")).to_have_attribute("data-points", "2", timeout=60 * SECOND)
    assert opened.page.locator(".rd-chart").count() < 100
    opened.screen.screenshot("twelve-thousand-metrics")


def test_a_store_that_vanishes_is_said_and_healed(notebook, training):
    training.log("loss", 1.0, 0.5)
    opened = notebook(training.show())
    opened.run(0)
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "2")
    away = training.store.with_suffix(".away")
    with closing(sqlite3.connect(training.store)) as here, closing(sqlite3.connect(away)) as there:
        here.backup(there)
    for part in ("", "-wal", "-shm"):
        training.store.with_name(training.store.name + part).unlink(missing_ok=True)
    expect(view(opened.page)).to_have_attribute("data-health", "stale", timeout=20 * SECOND)
    expect(view(opened.page)).to_contain_text("Stale since")
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "2")
    opened.screen.screenshot("store-gone")
    away.rename(training.store)
    expect(view(opened.page)).to_have_attribute("data-health", "live", timeout=60 * SECOND)
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "2")


def test_a_locked_store_is_said_and_healed(notebook, server, empty_store):
    path = server.folder / "locked.db"
    shutil.copy(empty_store, path)
    # Without a write-ahead log a writer locks readers out, as in the stores that MLflow makes by itself.
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    training = Training(path)
    training.log("loss", 1.0, 0.5)
    opened = notebook(training.show())
    opened.run(0)
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "2")
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        expect(view(opened.page)).to_have_attribute("data-health", "stale", timeout=20 * SECOND)
        connection.execute("ROLLBACK")
    expect(view(opened.page)).to_have_attribute("data-health", "live", timeout=60 * SECOND)
    follows(opened.page, training, 1)


def test_a_run_deleted_while_watched_keeps_its_picture(notebook, training):
    training.log("loss", 1.0, 0.5)
    opened = notebook(training.show())
    opened.run(0)
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "2")
    training.client.delete_run(training.id)
    expect(view(opened.page)).to_have_attribute("data-health", "gone", timeout=20 * SECOND)
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "2")
    opened.screen.screenshot("run-deleted")


@pytest.mark.parametrize("content", [None, b"", b"this is no database" * 100])
def test_a_store_that_is_none_is_refused_with_what_would_work(notebook, server, content):
    path = server.folder / "nothing.db"
    path.unlink(missing_ok=True)
    if content is not None:
        path.write_bytes(content)
    opened = notebook("from rundetails import RunDetails\nRunDetails('abc', store='nothing.db').show()")
    opened.run(0)
    expect(opened.output(0).first).to_contain_text("nothing.db")
    opened.screen.screenshot(f"no-store-{'missing' if content is None else len(content)}")


def test_many_metrics_of_a_finished_run_are_read_once(notebook, training):
    training.log_points([Metric(f"m/{i}", 1.0, 1_700_000_000_000, 0) for i in range(50)])
    training.end()
    opened = notebook(training.show(), "details._presenter.watch.due, details._presenter.watch.reads <= 2")
    opened.run(0)
    expect(view(opened.page)).to_have_attribute("data-health", "ended", timeout=20 * SECOND)
    opened.run(1)
    expect(opened.output(1)).to_have_text("(None, True)")
