"""The examples in the sources' docstrings are true."""

import doctest
from importlib import import_module

import pytest


@pytest.mark.parametrize("module", ["artifacts", "opening", "portal", "server_http", "server_reading"])
def test_examples_are_true(module):
    found = doctest.testmod(import_module(f"rundetails.sources.{module}"))
    assert found.attempted
    assert not found.failed
