"""Runs with children in a real page: they come while they happen, are sorted, filtered, chosen, opened."""

from __future__ import annotations

import math
import random

from playwright.sync_api import expect

from browser.children import head, loaded, names, parent_of, show, started, trial
from browser.remote import show as remote_show
from browser.view import SECOND, view


def test_two_hundred_children_come_while_rows_keep_their_place(notebook, store):
    parent, _ = parent_of(store)
    opened = notebook(show(store, parent))
    opened.run(0)
    page = opened.page
    expect(view(page)).to_have_attribute("data-health", "live")
    for number in range(30):
        trial(store, parent, number, score=number / 100)
    loaded(page, 30)
    expect(page.get_by_role("tab", name="Trials")).to_have_attribute("aria-selected", "true")
    head(page, "accuracy").click()
    expect(page.locator("[data-child]").first).to_be_visible()
    assert names(page)[:3] == ["trial 0", "trial 1", "trial 2"]
    first = page.locator("[data-child]").filter(has_text="trial 1").first
    first.get_by_role("checkbox").click()
    expect(first.get_by_role("checkbox")).to_be_checked()
    expect(page.locator(".rd-chosen")).to_contain_text("1 run chosen")
    page.locator(".rd-child-scroll").evaluate("(box) => { box.scrollTop = 56 }")
    for start in range(30, 200, 34):
        for number in range(start, min(200, start + 34)):
            # All of them better: below what the reader looks at.
            trial(store, parent, number, score=number / 100)
        loaded(page, min(200, start + 34))
        assert page.locator(".rd-child-scroll").evaluate("(box) => box.scrollTop") == 56
        expect(page.locator('[data-child][aria-selected="true"]')).to_have_count(1)
    expect(page.locator(".rd-best")).to_have_count(0)
    head(page, "accuracy").click()
    expect(page.locator(".rd-best")).to_contain_text("trial 199")
    assert page.locator(".rd-child-scroll").evaluate("(box) => box.scrollTop") == 0, "another order is read from above"
    # Those that come above what is in sight push nothing out of it.
    page.locator(".rd-child-scroll").evaluate("(box) => { box.scrollTop = 10 * 28 + 5 }")
    expect(page.locator('[data-child][aria-rowindex="12"]')).to_contain_text("trial 189")
    seen = page.locator("[data-child]").filter(has_text="trial 189").bounding_box()["y"]
    for number in range(200, 206):
        trial(store, parent, number, score=number / 100)
    loaded(page, 206)
    expect(page.locator('[data-child][aria-rowindex="18"]')).to_contain_text("trial 189")
    assert page.locator("[data-child]").filter(has_text="trial 189").bounding_box()["y"] == seen
    store.end(parent, at=store.now)
    expect(view(page)).to_have_attribute("data-health", "ended", timeout=30 * SECOND)
    opened.screen.screenshot("children-sweep")


def test_children_come_while_a_cell_keeps_the_kernel_busy(notebook, store, busy):
    code, free = busy
    parent, _ = parent_of(store, 5)
    opened = notebook(show(store, parent), code.replace("time.sleep(0.02)", "sum(range(1000))"))
    opened.run(0)
    page = opened.page
    loaded(page, 5)
    started_at = opened.start(1)
    for number in range(5, 12):
        trial(store, parent, number, score=number / 100)
        loaded(page, number + 1)
    assert opened.is_running(started_at)
    page.locator("[data-child]").first.hover()
    page.locator("[data-child] .rd-open").first.click()
    # What the row says is there at once; the rest when the kernel answers.
    expect(page.locator(".rd-trail")).to_contain_text("trial")
    free()
    opened.wait(started_at)
    expect(view(page)).to_have_attribute("data-status", "Completed")


def test_rows_are_filtered_by_words_states_and_comparisons(notebook, store):
    parent, _ = parent_of(store, 20)
    trial(store, parent, 20, score=math.nan, status="FAILED")
    trial(store, parent, 21, status="FAILED")
    trial(store, parent, 22, status=None)
    opened = notebook(show(store, parent))
    opened.run(0)
    page = opened.page
    loaded(page, 23)
    expect(page.locator("[data-child]").first).to_contain_text("trial 19")
    assert set(names(page)[-3:]) == {"trial 20", "trial 21", "trial 22"}, "what failed or has no number comes last"
    head(page, "accuracy").click()
    expect(page.locator("[data-child]").first).to_contain_text("trial 0")
    assert set(names(page)[-3:]) == {"trial 20", "trial 21", "trial 22"}, "whatever the direction"
    box = page.locator(".rd-filter")
    foot = page.locator(".rd-child-foot")
    for text, count in {
        "lr < 0.01 and kind = a": 4,
        "status = failed or accuracy > 0.185": 3,
        'not (kind = "a") lr <= 1e-4 ': 5,
        '"trial 1"': 11,
        "accuracy = nan": 1,
        "accuracy = none": 2,
    }.items():
        box.fill(text)
        expect(foot).to_contain_text(f"{count} of 23 rows")
    box.press("Escape")
    expect(box).to_have_value("accuracy = none")
    box.fill("acuracy > 3")
    expect(page.locator(".rd-filter-wrong")).to_contain_text("no column “acuracy”")
    expect(page.locator(".rd-filter-wrong")).to_contain_text("accuracy")
    page.get_by_role("button", name="Show all").click()
    page.locator(".rd-chips button").filter(has_text="Failed").click()
    expect(foot).to_contain_text("2 of 23 rows")
    opened.screen.screenshot("children-filtered")


def test_a_child_is_opened_in_place_and_left_by_keys_alone(notebook, store):
    parent, runs = parent_of(store, 6)
    store.log(runs[5], "loss", [(step, store.now + step, 1 / (1 + step)) for step in range(30)])
    (store.artifact_folder(runs[5]) / "train.log").write_text("line one\nline two\n")
    opened = notebook(show(store, parent))
    opened.run(0)
    page = opened.page
    loaded(page, 6)
    page.locator(".rd-child-scroll").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".rd-active")).to_contain_text("trial 5")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    expect(page.locator(".rd-chosen")).to_contain_text("2 runs chosen")
    expect(page.locator(".rd-differences")).to_contain_text("lr")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+X")
    expect(page.locator(".rd-chosen")).to_contain_text("4 runs chosen")
    for _ in range(2):
        page.keyboard.press("x")
        page.keyboard.press("ArrowUp")
    expect(page.locator(".rd-chosen")).to_contain_text("2 runs chosen")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(view(page)).to_have_attribute("data-run", runs[5])
    expect(page.locator(".rd-name")).to_contain_text("trial 5")
    assert page.evaluate("() => document.activeElement.closest('.rundetails') !== null")
    expect(page.locator('.rd-chart[data-metric="loss"]')).to_have_attribute("data-points", "30", timeout=20 * SECOND)
    page.get_by_role("tab", name="Logs").click()
    expect(page.locator(".rd-log-lines, .rd-log-text, .rd-panel").first).to_contain_text(
        "line two", timeout=20 * SECOND
    )
    opened.screen.screenshot("children-opened")
    # The focus has stayed in the view: keys that reached the notebook could delete the cell.
    assert page.evaluate("() => document.activeElement.closest('.rundetails') !== null")
    page.keyboard.press("Escape")
    expect(view(page)).to_have_attribute("data-run", parent)
    expect(page.locator(".rd-chosen")).to_contain_text("2 runs chosen")
    expect(page.locator(".rd-active")).to_contain_text("trial 5")
    expect(page.locator(".rd-child-scroll")).to_be_focused()
    expect(page.locator(".rd-child-scroll")).to_be_in_viewport()
    # Keys go on where they were, and lead back without a press on anything.
    page.keyboard.press("ArrowDown")
    expect(page.locator(".rd-active")).to_contain_text("trial 4")
    page.keyboard.press("Enter")
    expect(view(page)).to_have_attribute("data-run", runs[4])
    page.keyboard.press("Escape")
    expect(view(page)).to_have_attribute("data-run", parent)


def test_the_table_is_where_it_was_after_a_run_was_opened(notebook, store):
    parent, runs = parent_of(store, 80)
    opened = notebook(show(store, parent))
    opened.run(0)
    page = opened.page
    loaded(page, 80)
    box = page.locator(".rd-child-scroll")
    box.evaluate("(box) => { box.scrollTop = 30 * 28 }")
    page.locator("[data-child]").filter(has_text="trial 45").dblclick()
    expect(view(page)).to_have_attribute("data-run", runs[45])
    page.keyboard.press("Escape")
    expect(view(page)).to_have_attribute("data-run", parent)
    expect(page.locator("[data-child]").filter(has_text="trial 45")).to_be_in_viewport()
    assert box.evaluate("(box) => box.scrollTop") == 30 * 28


def test_what_is_chosen_is_known_in_python_and_its_curves_are_laid_over_each_other(notebook, store):
    parent, runs = parent_of(store, 3)
    for number, run_id in enumerate(runs):
        store.log(run_id, "accuracy", [(step, store.now + step, step / (10 + number)) for step in range(1, 20)])
    wait = "import time\nwhile len(details.selection) < 3: time.sleep(0.1)\n"
    opened = notebook(show(store, parent), wait + "print(details.selection, len(details.children))")
    opened.run(0)
    page = opened.page
    loaded(page, 3)
    for row in range(3):
        page.locator("[data-child]").nth(row).get_by_role("checkbox").click()
    expect(page.locator(".rd-chosen .rd-curves")).to_have_attribute("data-curves", "3", timeout=20 * SECOND)
    expect(page.locator("[data-child] .rd-sparkline path")).to_have_count(3)
    opened.run(1)
    said = opened.said(1)
    assert all(run_id in said for run_id in runs)
    assert said.strip().endswith("] 3")
    opened.screen.screenshot("children-chosen")


def test_ten_thousand_children_are_all_there_and_few_are_drawn(notebook, store):
    parent = store.create_run("large")
    started(store, parent, store.now - 60)
    chance = random.Random(7)
    connection = store.connect()
    connection.execute("BEGIN")
    for number in range(10_000):
        run_id = f"{chance.getrandbits(128):032x}"
        begin = int((store.now - 50) * 1000) + number
        connection.execute(
            "INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time,"
            " end_time, source_version, lifecycle_stage, artifact_uri, experiment_id)"
            " VALUES (?, ?, 'UNKNOWN', '', '', 'ada', 'FINISHED', ?, ?, '', 'active', '', 0)",
            (run_id, f"trial {number}", begin, begin + 5),
        )
        connection.execute("INSERT INTO tags VALUES ('mlflow.parentRunId', ?, ?)", (parent, run_id))
        connection.executemany(
            "INSERT INTO params VALUES (?, ?, ?)", [(f"p{each}", str(chance.random()), run_id) for each in range(10)]
        )
        rows = [(f"m{each}", chance.random(), begin, run_id, 0, 0) for each in range(20)]
        for table in ("metrics", "latest_metrics"):
            connection.executemany(
                f"INSERT INTO {table} (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608
                rows,
            )
    connection.execute("COMMIT")
    connection.close()
    opened = notebook(show(store, parent, refresh=5))
    opened.run(0)
    page = opened.page
    loaded(page, 10_000, 120)
    assert page.locator("[data-child]").count() < 60
    page.locator(".rd-child-scroll").evaluate("(box) => { box.scrollTop = box.scrollHeight }")
    last = page.locator('[data-child][aria-rowindex="10001"]')
    expect(last).to_be_visible()
    assert page.locator("[data-child]").count() < 60
    page.locator(".rd-filter").fill("m0 > 0.5 and p1 < 0.5")
    expect(page.locator(".rd-child-foot")).to_contain_text(" of 10,000 rows")
    opened.screen.screenshot("children-10000")
    opened.save()
    opened.reload()
    loaded(page, 10_000, 120)


def test_a_pinned_column_stays_in_sight(notebook, store):
    parent, _ = parent_of(store)
    for number in range(4):
        trial(store, parent, number, score=number / 100, **{f"parameter_{each}": each for each in range(8)})
    opened = notebook(show(store, parent))
    opened.run(0)
    page = opened.page
    loaded(page, 4)
    head(page, "accuracy").click(button="right")
    page.get_by_role("menuitemcheckbox", name="Pin to the left").click()
    expect(head(page, "accuracy")).to_be_visible()
    box = page.locator(".rd-child-scroll")
    left = box.bounding_box()["x"]
    box.evaluate("(box) => { box.scrollLeft = 400 }")
    assert box.evaluate("(box) => box.scrollLeft") > 100
    for cell in (page.locator(".rd-child-head .rd-pinned"), page.locator("[data-child] .rd-pinned").first):
        expect(cell).to_have_count(1)
        assert left < cell.bounding_box()["x"] < left + 60
    expect(page.locator("[data-child] .rd-pinned").first).to_contain_text("0.03")
    page.locator(".rd-filter").fill("nothing like it")
    expect(page.get_by_text("No row fits the filter.")).to_be_in_viewport()


def test_children_of_a_server_come_page_by_page(notebook, remote):
    store, proxy = remote
    parent = store.create_run("behind a server")
    for number in range(70):
        run_id = store.create_run(f"trial {number}", parent=parent)
        store.parameter(run_id, "lr", str(number))
        store.log(run_id, "accuracy", [(0, 1_700_000_000.0, number / 100)])
    opened = notebook(remote_show(proxy, parent))
    opened.run(0)
    page = opened.page
    loaded(page, 70, 90)
    late = store.create_run("late", parent=parent)
    store.log(late, "accuracy", [(0, 1_700_000_000.0, 0.99)])
    # A server is left alone for five times as long as it took: on a busy machine a tick comes seldom.
    loaded(page, 71, 90)
    expect(page.locator("[data-child]").first).to_contain_text("late", timeout=20 * SECOND)
