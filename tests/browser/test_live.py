"""A run watched live: drawn, followed, ended."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from browser.view import SECOND, chart, follows, view


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_ten_updates_and_the_end_are_seen(notebook, training, app):
    training.log("loss", 1.0, 0.5)
    opened = notebook(training.show(), "details._presenter.watch.due, details._presenter.watch.reads", app=app)
    opened.run(0)
    page = opened.page
    expect(view(page)).to_have_attribute("data-status", "Running")
    expect(chart(page, "loss")).to_have_attribute("data-points", "2")
    expect(chart(page, "loss").locator("svg").first).to_be_visible()
    follows(page, training)
    training.end()
    expect(view(page)).to_have_attribute("data-status", "Completed", timeout=20 * SECOND)
    expect(view(page)).to_have_attribute("data-health", "ended", timeout=20 * SECOND)
    opened.screen.screenshot(f"ended-{app}")
    opened.run(1)
    due, reads = opened.said(1).strip("() \n").split(", ")
    assert due == "None", "nothing is read any more"
    opened.run(1)
    assert opened.said(1).strip("() \n").split(", ")[1] == reads


def test_a_kernel_with_ipykernel_6_is_as_good(notebook, training, ipykernel_6):
    training.log("loss", 1.0, 0.5)
    opened = notebook(training.show(), kernel=ipykernel_6)
    opened.run(0)
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "2")
    follows(opened.page, training, 3)


def test_voila_shows_it_too(screen, server, training):
    training.log("loss", 1.0, 0.5)
    server.write_notebook("voila-view", training.show())
    screen.page.goto(server.url("voila/render/voila-view.ipynb"))
    expect(chart(screen.page, "loss")).to_have_attribute("data-points", "2", timeout=60 * SECOND)
    follows(screen.page, training, 3)
    screen.screenshot("voila")
    server.reset()


def test_details_at_the_end_of_a_cell_shows_itself(notebook, training):
    training.log("loss", 1.0, 0.5)
    opened = notebook(training.show().replace("details.show()", "details"))
    opened.run(0)
    expect(chart(opened.page, "loss")).to_have_attribute("data-points", "2")


def test_two_views_of_one_run_read_it_once_and_show_the_same(notebook, training):
    training.log("loss", 1.0, 0.5)
    opened = notebook(
        training.show(),
        "details.show()",
        training.show(name="other"),
        "details._presenter.watch is other._presenter.watch",
    )
    for cell in range(4):
        opened.run(cell)
    expect(view(opened.page)).to_have_count(3)
    expect(opened.output(3)).to_have_text("True")
    training.log("loss", 0.3, start=2)
    for index in range(3):
        expect(view(opened.page).nth(index).locator(".rd-chart")).to_have_attribute(
            "data-points", "3", timeout=20 * SECOND
        )


def test_an_unknown_run_is_refused_with_the_nearest(notebook, training):
    wrong = training.id[:-1] + ("0" if training.id[-1] != "0" else "1")
    opened = notebook(training.show().replace(training.id, wrong))
    opened.run(0)
    expect(opened.output(0).first).to_contain_text("No run")
    expect(opened.output(0).first).to_contain_text(training.id)


def test_what_the_view_shows_is_there_for_programs(notebook, training):
    training.log("val/loss", 3.0, 1.0, 2.0)
    training.end()
    opened = notebook(training.show(), "import json; print(json.dumps(details.wait(timeout=30)))")
    opened.run(0)
    opened.run(1)
    data = json.loads(opened.said(1))
    assert data["status"] == "Completed"
    assert data["metrics"]["val/loss"] == {"last": 2.0, "min": 1.0, "max": 3.0, "best": 1.0, "count": 3}


def test_awaiting_lets_other_tasks_go_on(notebook, training, server):
    training.log("loss", 1.0)
    opened = notebook(
        training.show(),
        "import asyncio\n"
        "async def beat():\n"
        "    for _ in range(6):\n"
        "        await asyncio.sleep(0.01)\n"
        "    print('others went on')\n"
        "task = asyncio.ensure_future(beat())\n"
        "data = await details.wait('loss < 0.2', timeout=60)\n"
        "print(data['metrics']['loss']['last'])",
    )
    opened.run(0)
    started = opened.start(1)
    expect(chart(opened.page, "loss").or_(opened.page.locator(".rd-values")).first).to_be_visible()
    # What is waited for comes only then.
    expect(opened.output(1)).to_have_text("others went on")
    training.log("loss", 0.1, start=1)
    opened.wait(started)
    expect(opened.output(1)).to_have_text("others went on 0.1")
