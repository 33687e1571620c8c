"""Points that were given already."""

import numpy as np

from rundetails.sources.seen import Seen, hashes


def test_points_are_told_apart():
    step = np.array([0, 1, 0, 0, 0], np.int64)
    time = np.array([0, 0, 1, 0, 0], np.int64)
    value = np.array([0.0, 0.0, 0.0, 1.0, np.nan])
    assert len(set(hashes(step, time, value).tolist())) == 5


def test_a_set_knows_what_was_put_into_it():
    chance = np.random.default_rng(0)
    numbers = np.unique(chance.integers(0, 2**63, 5_000, np.uint64))
    chance.shuffle(numbers)
    seen, before = Seen(), Seen()
    at = 0
    for size in (1, 1, 3, 100, 2, 1_000, 1, 700):
        before, seen = seen, seen.also(numbers[at : at + size])
        at += size
    assert len(seen) == at
    assert seen.has(numbers[:at]).all()
    assert not seen.has(numbers[at:]).any()
    assert not before.has(numbers[at - 700 : at]).any()
    assert seen.also(numbers[:0]) is seen


def test_adding_one_by_one_keeps_few_parts():
    seen = Seen()
    for number in range(3_000):
        seen = seen.also(np.array([number * 2_654_435_761], np.uint64))
    assert len(seen.parts) <= 12
    assert len(seen) == 3_000
