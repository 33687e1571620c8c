"""Whether anybody looks."""

from rundetails.looking import SILENCE, Looking
from rundetails.monitor import ManualClock


def test_somebody_is_assumed_to_look_until_a_view_speaks():
    assert Looking(ManualClock()).is_seen()


def test_a_hidden_view_is_not_looked_at():
    looking = Looking(ManualClock())
    looking.heard("a", visible=True)
    assert looking.is_seen()
    looking.heard("a", visible=False)
    assert not looking.is_seen()


def test_coming_back_is_noticed():
    looking = Looking(ManualClock())
    looking.heard("a", visible=False)
    assert looking.heard("a", visible=True)
    assert not looking.heard("a", visible=True)


def test_of_two_views_one_is_enough():
    looking = Looking(ManualClock())
    looking.heard("a", visible=False)
    looking.heard("b", visible=True)
    assert looking.is_seen()
    looking.left("b")
    assert not looking.is_seen()


def test_silence_counts_when_the_kernel_could_have_heard():
    clock = ManualClock()
    looking = Looking(clock)
    looking.heard("a", visible=True)
    looking.kernel_is(idle=True)
    clock.advance(SILENCE + 1)
    assert not looking.is_seen()


def test_silence_during_a_long_cell_does_not_count():
    clock = ManualClock()
    looking = Looking(clock)
    looking.heard("a", visible=True)
    looking.kernel_is(idle=False)
    clock.advance(10 * SILENCE)
    assert looking.is_seen()
    looking.kernel_is(idle=True)
    clock.advance(SILENCE / 2)
    assert looking.is_seen()


def test_what_views_show_is_added_up():
    looking = Looking(ManualClock())
    assert looking.metrics() is None
    looking.heard("a", visible=True)
    assert looking.sees("a", frozenset({"loss"}))
    looking.heard("b")
    assert looking.sees("b", frozenset({"loss", "accuracy"}))
    assert not looking.sees("a", frozenset({"accuracy"}))
    assert looking.metrics() == {"loss", "accuracy"}
    looking.heard("b", visible=False)
    assert looking.metrics() == {"loss", "accuracy"}
    looking.left("b")
    assert looking.metrics() == {"accuracy"}
