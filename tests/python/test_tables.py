"""Tables and charts as JSON, and pictures as bytes."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rundetails.errors import InvalidMetric
from rundetails.sdk.pictures import picture_of
from rundetails.sdk.tables import chart_json, chart_of, columns_of, rows_of, table_json

CELLS = st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text(max_size=8))
FLOATS = st.floats()


@given(st.lists(st.text(max_size=5), min_size=1, max_size=4, unique=True), st.data())
def test_a_table_comes_back(columns, data):
    kinds = [data.draw(st.sampled_from([CELLS, FLOATS])) for _ in columns]
    rows = data.draw(st.lists(st.tuples(*kinds), max_size=5))
    texts = [[row[place] for row in rows if isinstance(row[place], str)] for place in range(len(columns))]
    found_columns, found = rows_of(table_json(columns, rows))
    assert found_columns == columns
    for row, again in zip(rows, found, strict=True):
        for place, value in enumerate(row):
            # A column of texts that all look like numbers which JSON lacks is read as those numbers.
            if not (set(texts[place]) and set(texts[place]) <= {"NaN", "Infinity", "-Infinity"}):
                assert again[place] == value or (again[place] != again[place] and value != value)


def test_json_has_no_numbers_that_are_none():
    data = table_json(["a"], [[math.nan], [math.inf], [1.5]])
    json.loads(data, parse_constant=lambda word: pytest.fail(word))
    assert rows_of(data)[1][1:] == [[math.inf], [1.5]]


def test_anything_may_stand_in_a_cell():
    values = [np.float32(1.5), np.array([1, 2]), {"a": math.nan}, object, "\ud800"]
    (row,) = rows_of(table_json(list("abcde"), [values]))[1]
    assert row[:2] == [1.5, [1, 2]]


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"columns": ["a"], "data": [[1, 2]]}', b'{"columns": 3, "data": []}']
)
def test_what_is_no_table_is_said(data):
    with pytest.raises(ValueError, match="no table"):
        rows_of(data)


def test_columns_have_one_length_or_are_told_which_do_not():
    assert columns_of({"x": [1, 2], "y": np.array([3, 4])}) == {"x": [1, 2], "y": [3, 4]}
    assert columns_of({"x": 1, "y": "a"}) == {"x": [1], "y": ["a"]}
    with pytest.raises(InvalidMetric, match="'x': 2, 'y': 1"):
        columns_of({"x": [1, 2], "y": [3]})
    with pytest.raises(InvalidMetric, match="'y': a single value"):
        columns_of({"x": [1, 2], "y": 3})
    for value in ({}, [1], "x", {1: 2}):
        with pytest.raises(InvalidMetric, match="dict of columns"):
            columns_of(value)


MATRIX = {"class_labels": ["a", "b"], "matrix": [[1, 2], [3, 4]]}
BINS = {"bin_edges": [0, 1, 2], "bin_counts": [5, 6]}


def chart(kind, data, **more):
    return {"schema_type": kind, "schema_version": "1.0.0", "data": data, **more}


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("confusion_matrix", MATRIX),
        ("residuals", {**BINS, "mean": 0.1}),
        ("predictions", {**BINS, "bin_averages": [1, 2], "bin_errors": [0, 0]}),
        (
            "accuracy_table",
            {
                "class_labels": ["a", "b"],
                "probability_tables": [[[1, 2, 3, 4]]] * 2,
                "percentile_tables": [[[1, 2, 3, 4]]] * 2,
                "probability_thresholds": [0.5],
                "percentile_thresholds": [0.5],
            },
        ),
    ],
)
def test_a_chart_comes_back_as_dict_or_text(kind, data):
    value = chart(kind, data, schema_version="1.7.2")
    assert chart_of(chart_json(kind, value)) == value
    assert chart_of(chart_json(kind, json.dumps(value))) == value


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("{", "no JSON"),
        ({"data": {}}, "lacks class_labels, matrix"),
        (chart("residuals", BINS), "has that schema_type"),
        (chart("confusion_matrix", MATRIX, schema_version="2.0"), "1.x"),
        (chart("confusion_matrix", {**MATRIX, "matrix": [[1, 2]]}), "2 class_labels, and 1 rows"),
        (chart("confusion_matrix", {**MATRIX, "matrix": [[1], [2]]}), "2 × 2"),
        (7, "confusion_matrix is"),
    ],
)
def test_a_chart_that_is_not_one_is_told_what_it_lacks(value, said):
    with pytest.raises(InvalidMetric, match=said):
        chart_json("confusion_matrix", value)


def test_bins_that_do_not_fit_their_edges_are_said():
    with pytest.raises(InvalidMetric, match="2 bin_counts, so 3 bin_edges, not 2"):
        chart_json("residuals", chart("residuals", {"bin_edges": [0, 1], "bin_counts": [1, 2]}))


@pytest.mark.parametrize("array", [np.zeros((3, 4)), np.zeros((3, 4, 3), np.uint8), np.ones((3, 4, 4)), np.eye(3) > 0])
def test_an_array_becomes_a_picture(array):
    assert picture_of(None, array).startswith(b"\x89PNG")


def test_a_picture_is_given_one_way_and_is_one(tmp_path):
    (tmp_path / "a.txt").write_text("no picture")
    with pytest.raises(InvalidMetric, match="upload_file"):
        picture_of(tmp_path / "a.txt", None)
    with pytest.raises(InvalidMetric, match="either path"):
        picture_of(None, None)
    with pytest.raises(InvalidMetric, match="height × width"):
        picture_of(None, np.zeros(3))
    with pytest.raises(FileNotFoundError):
        picture_of(tmp_path / "none.png", None)
