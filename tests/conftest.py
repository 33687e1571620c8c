"""What all tests share."""

import pytest
from hypothesis import HealthCheck, settings

from queues import Bench

# Time is for benchmarks to judge: here it is the machine's affair.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(autouse=True, scope="session")
def _home_of_the_tests(tmp_path_factory):
    """Nothing of a test goes into the queue of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        # Else each process that a test starts compiles MLflow anew: three seconds.
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        patch.setenv("RUNDETAILS_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """A workspace with a queue of two slots of its own."""
    monkeypatch.setenv("RUNDETAILS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RUNDETAILS_GRACE", "1")
    opened = Bench(tmp_path)
    yield opened
    opened.close()
