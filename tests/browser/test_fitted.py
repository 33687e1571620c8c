"""What a model is made of, drawn in a real page."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser.children import show
from browser.view import view

EVIL = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_the_parts_of_a_pipeline_are_drawn_left_to_right_and_keep_their_zoom(notebook, store, theme):
    run = store.create_run("credit")
    store.tag(run, "estimator_name", "Pipeline")
    store.tag(run, "estimator_class", "sklearn.pipeline.Pipeline")
    vote = "VotingClassifier(estimators=[('lr', LogisticRegression(C=3)), ('rf', RandomForestClassifier())])"
    for name, text in {
        "steps": f"[('prep', ColumnTransformer()), ('vote', {vote})]",
        "prep__transformers": f"[('num', StandardScaler(), ['age', 'income']), ('cat', OneHotEncoder(), ['{EVIL}'])]",
    }.items():
        store.parameter(run, name, text)
    opened = notebook(show(store, run))
    opened.theme(theme)
    opened.run(0)
    page = opened.page
    view(page).get_by_role("tab", name="Parameters").click()
    graph = page.get_by_role("group", name="Parts of the model")
    boxes = graph.get_by_role("img")
    expect(boxes).to_have_count(6)
    left = {box.get_attribute("aria-label").split(",")[0]: box.bounding_box()["x"] for box in boxes.all()}
    assert left["Data"] < left["StandardScaler"] == left["OneHotEncoder"]
    assert left["OneHotEncoder"] < left["LogisticRegression"] == left["RandomForestClassifier"]
    assert left["LogisticRegression"] < left["VotingClassifier"]
    expect(boxes.filter(has_text="OneHotEncoder")).to_have_attribute("aria-label", f"OneHotEncoder, {EVIL}: cat")
    assert not page.locator("img[onerror]").count()
    opened.screen.screenshot(f"fitted-{theme.lower()}")
    wide = graph.bounding_box()["width"]
    page.get_by_role("button", name="Larger").click()
    expect(graph).not_to_have_css("max-width", "100%")
    zoomed = graph.bounding_box()["width"]
    assert zoomed == pytest.approx(1.25 * wide, rel=0.01)
    store.parameter(run, "prep__num", "StandardScaler()")
    store.tag(run, "note", "arrived")
    expect(page.locator(".rd-panel")).to_contain_text("prep__num")
    assert graph.bounding_box()["width"] == zoomed
    opened.theme("Light")
