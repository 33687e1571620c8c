"""What each kind of family has of its own: AutoML, sweeps, pipelines, trees, siblings."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from browser.children import head, loaded, names, parent_of, show, started, trial
from browser.view import SECOND, twin_says, view

PAINTED = """() => {
  const canvas = document.querySelector(".rd-strip canvas");
  if (!canvas) return 0;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((value, place) => place % 4 === 3 && value > 0).length;
}"""


def test_the_strip_of_iterations_is_drawn_although_there_was_one_at_first(notebook, store):
    parent, _ = parent_of(store, name="credit")
    opened = notebook(show(store, parent))
    opened.run(0)
    expect(view(opened.page)).to_have_attribute("data-health", "live")
    for number in range(12):
        run_id = trial(store, parent, number, score=number / 100)
        store.tag(run_id, "flaml.iteration_number", str(number))
        store.tag(run_id, "flaml.meric", "accuracy")
        if not number:
            loaded(opened.page, 1)
            expect(opened.page.locator(".rd-iterations")).to_be_visible()
    opened.page.wait_for_function(f"() => ({PAINTED})() > 1000")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_automl_iterations_are_drawn_and_their_summary_stays_in_the_notebook(notebook, store, theme):
    parent, _ = parent_of(store, name="credit")
    for number in range(60):
        score = 0.9 + 0.09 * (1 - 1 / (1 + number)) - 0.02 * (number % 4)
        run_id = trial(store, parent, number, status="FAILED" if number == 17 else "FINISHED")
        learner = ["lgbm", "rf", "xgboost"][number % 3]
        for name, value in {"iteration_number": number, "learner": learner, "meric": "roc_auc"}.items():
            store.tag(run_id, f"flaml.{name}", str(value))
        if number != 17:
            store.log_all(run_id, [("roc_auc", 0, store.now, score), ("trial_time", 0, store.now, 0.5)])
    opened = notebook(show(store, parent))
    opened.theme(theme)
    opened.run(0)
    page = opened.page
    loaded(page, 60)
    expect(view(page).get_by_role("tab", name="Iterations")).to_have_attribute("aria-selected", "true")
    labels = page.locator(".rd-labels")
    expect(labels).to_contain_text("lgbm")
    assert next(row.split("\t")[0].strip() for row in labels.locator("tbody th").all_inner_texts()) in (
        "lgbm",
        "rf",
        "xgboost",
    )
    expect(page.locator(".rd-iterations-chart svg").first).to_be_visible()
    expect(page.locator(".rd-iterations")).to_be_visible()
    expect(page.locator(".rd-panel")).to_contain_text("last improvement")
    opened.screen.screenshot(f"children-automl-{theme.lower()}")
    page.get_by_label("Metric to rank by").select_option("trial_time")
    expect(head(page, "trial_time").locator("i")).to_be_visible()
    store.end(parent, at=store.now)
    expect(view(page)).to_have_attribute("data-health", "ended", timeout=30 * SECOND)
    opened.theme("Light")
    twin_says(page, "60 iterations")
    opened.save()
    saved = json.dumps(opened.saved_outputs(0))
    assert "60 iterations" in saved
    assert "FLAML" in saved
    assert saved.count("<tr>") >= 10


def test_nested_runs_are_a_tree_that_folds(notebook, store):
    parent = store.create_run("top")
    started(store, parent, store.now - 60)
    for one in range(2):
        middle = store.create_run(f"fold {one}", parent=parent)
        started(store, middle, store.now - 50)
        for two in range(3):
            inner = store.create_run(f"part {one}.{two}", parent=middle)
            started(store, inner, store.now - 40 + two)
            store.end(inner, at=store.now)
        store.end(middle, at=store.now)
    opened = notebook(show(store, parent))
    opened.run(0)
    page = opened.page
    loaded(page, 8)
    assert names(page) == ["fold 0", "part 0.0", "part 0.1", "part 0.2", "fold 1", "part 1.0", "part 1.1", "part 1.2"]
    page.locator(".rd-fold button").first.click()
    expect(page.locator("[data-child]")).to_have_count(5)
    page.locator("[data-child]").filter(has_text="fold 1").dblclick()
    expect(page.locator(".rd-name")).to_contain_text("fold 1")
    loaded(page, 3)
    page.locator("[data-child]").filter(has_text="part 1.2").dblclick()
    expect(page.locator(".rd-trail")).to_contain_text("fold 1")
    page.locator(".rd-trail button").first.click()
    expect(page.locator(".rd-name")).to_contain_text("top")


def test_dragging_along_a_parallel_axis_filters_the_rows(notebook, store):
    parent, runs = parent_of(store, 30)
    for number, run_id in enumerate(runs):
        store.log(run_id, "seconds", [(0, store.now, number)])
    opened = notebook(show(store, parent))
    opened.run(0)
    page = opened.page
    loaded(page, 30)
    area = page.locator(".rd-axis-area").last.bounding_box()
    middle = area["x"] + area["width"] / 2
    page.mouse.move(middle, area["y"] + 4)
    page.mouse.down()
    page.mouse.move(middle, area["y"] + area["height"] / 3, steps=5)
    page.mouse.up()
    foot = page.locator(".rd-child-foot")
    expect(foot).to_contain_text("of 30 rows fit the filter")
    shown = int(foot.inner_text().split(" of ")[0])
    assert 5 <= shown <= 12
    opened.screen.screenshot("children-brushed")
    page.mouse.click(middle, area["y"] + area["height"] / 2)
    expect(foot).to_contain_text("30 rows")
    page.mouse.move(middle, area["y"] + 4)
    page.mouse.down()
    page.mouse.move(middle, area["y"] + area["height"] / 3, steps=5)
    page.mouse.up()
    expect(foot).to_contain_text("of 30 rows fit the filter")
    # The axis goes with its metric, and so does the range on it.
    page.get_by_label("Metric to rank by").select_option("seconds")
    expect(foot).to_contain_text("30 rows")
    expect(foot).not_to_contain_text("fit the filter")


def test_steps_of_a_pipeline_are_drawn_in_the_order_of_their_dependencies(notebook, store):
    parent = store.create_run("nightly")
    started(store, parent, store.now - 60)
    steps = {"report": "train,clean", "train": "clean", "clean": "load", "load": ""}
    for number, (name, after) in enumerate(steps.items()):
        run_id = store.create_run(name, parent=parent)
        started(store, run_id, store.now - 50 + number)
        store.tag(run_id, "rundetails.step", name)
        store.tag(run_id, "rundetails.after", after)
        if name != "report":
            store.end(run_id, at=store.now)
    opened = notebook(show(store, parent))
    opened.run(0)
    page = opened.page
    loaded(page, 4)
    assert names(page) == ["load", "clean", "train", "report"]
    boxes = {
        box.get_attribute("aria-label").split(",")[0]: box.bounding_box()["x"] for box in page.locator(".rd-step").all()
    }
    assert sorted(boxes, key=boxes.get) == ["load", "clean", "train", "report"]
    expect(page.locator(".rd-steps path")).to_have_count(4)
    page.get_by_role("button", name="Larger").click()
    wide = page.locator(".rd-steps svg").bounding_box()["width"]
    last = store.create_run("mail", parent=parent)
    started(store, last, store.now)
    store.tag(last, "rundetails.after", "report")
    loaded(page, 5)
    # It may be seen before what it comes after is.
    expect(page.locator(".rd-steps path")).to_have_count(5)
    assert page.locator(".rd-steps svg").bounding_box()["width"] > wide
    opened.screen.screenshot("children-pipeline")
    page.locator(".rd-step").filter(has_text="train").click()
    expect(page.locator(".rd-name")).to_contain_text("train")


def test_a_running_child_is_seen_among_its_siblings(notebook, store):
    parent, _ = parent_of(store, name="curves")
    for number in range(12):
        run_id = trial(store, parent, number, status=None if number == 11 else "FINISHED")
        steps = range(20 if number == 11 else 30)
        store.log(run_id, "loss", [(step, store.now + step, (1 + number / 5) / (1 + step / 4)) for step in steps])
        store.log(run_id, "other", [(step, store.now + step, 1.0) for step in steps])
    opened = notebook(show(store, parent))
    opened.run(0)
    page = opened.page
    loaded(page, 12)
    page.locator("[data-child]").filter(has_text="trial 11").dblclick()
    # Of all cards, that of the metric by which trials are ranked; it comes first.
    card = page.locator(".rd-chart").first
    expect(card).to_have_attribute("data-metric", "loss")
    expect(card.locator(".rd-notes")).to_contain_text("Worse than all 11 siblings at step 19.")
    expect(page.locator(".rd-notes").filter(has_text="siblings")).to_have_count(1)
    # Two areas and their median, behind the raw line and the smoothed one.
    expect(card.locator(".rd-canvas .bqplot .curve")).to_have_count(5)
    card.locator(".rd-area").focus()
    page.keyboard.press("End")
    expect(card.locator(".rd-readout")).to_contain_text("11 siblings: median 0.3478")
    opened.screen.screenshot("children-siblings")
    more = [(step, store.now + step, 0.001) for step in range(20, 25)]
    store.log(run_id, "loss", more)
    expect(card.locator(".rd-notes")).to_contain_text(
        "As good as, or better than, all 11 siblings at step 24.", timeout=40 * SECOND
    )
    page.get_by_role("button", name="Wall").click()
    expect(card.locator(".rd-notes")).to_contain_text("better than, all 11")
    page.locator(".rd-trail button").click()
    page.get_by_role("button", name="Groups").click()
    expect(page.locator(".rd-importance")).to_contain_text("Group by")
    page.get_by_role("button", name="Importance").click()
    expect(page.locator(".rd-importance, .rd-sweep .rd-empty").first).to_contain_text(
        "follows from", timeout=60 * SECOND
    )
    opened.screen.screenshot("children-importance")
