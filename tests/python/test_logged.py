"""Names and paths of what is logged beside numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rundetails import tags
from rundetails.logged import KINDS, file_name, image_path_of, logged_kinds, logged_of, mlflow_tables, name_of, path_of

# What MLflow takes as a name, and any other text that a file system could trip over.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)


@given(TEXTS)
def test_a_name_comes_back_from_its_file(name):
    file = file_name(name)
    assert name_of(file) == name
    assert file.isascii()
    assert "/" not in file


@given(TEXTS, st.sampled_from([kind for kind in KINDS if kind != "image"]), st.sampled_from(["", "2", "18c3-7f"]))
def test_a_path_tells_kind_name_and_part(name, kind, part):
    found = logged_of(path_of(name, kind, part))
    assert (found.name, found.kind, found.part) == (name, kind, part)


@given(TEXTS, st.integers(0, 10**9))
def test_an_image_tells_its_step_and_time(name, step):
    found = logged_of(image_path_of(name, step, 1700000000.125, "ab12-34"))
    assert (found.kind, found.name, found.step, found.time) == ("image", name, step, 1700000000.125)


@pytest.mark.parametrize("by", "%+")
def test_images_of_mlflow_are_known_and_their_small_copies_left_out(by):
    path = f"images/a~b{by}step{by}7{by}timestamp{by}1700000000000{by}0f-1"
    assert (logged_of(f"{path}.png").name, logged_of(f"{path}.png").step) == ("a/b", 7)
    assert logged_of(f"{path}{by}compressed.webp") is None


@pytest.mark.parametrize("path", ["logged/x.json", "logged/x.table.csv", "x.table.json", "images/cat.png", "logged"])
def test_other_files_are_none_of_these(path):
    assert logged_of(path) is None


def test_tags_tell_the_kinds_whoever_logged_them():
    assert logged_kinds({tags.LOGGED: "residuals,table,what", tags.IMAGES: "true"}) == {"residuals", "table", "image"}
    text = '[{"path": "eval/rows.json", "type": "table"}, {"path": "x.parquet"}, 7]'
    assert [one.name for one in mlflow_tables({tags.TABLES: text})] == ["eval/rows"]
    assert logged_kinds({tags.TABLES: text}) == {"table"}
    assert logged_kinds({tags.TABLES: "not json", tags.IMAGES: ""}) == frozenset()
