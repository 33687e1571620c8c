from rundetails.sources.experiments import ExperimentSource
from rundetails.sources.sqlite import SqliteSource
from stores import StoreSubject


class Subject(StoreSubject):
    """Of runs, and of experiments as such, it says what the store says."""

    def open(self):
        return ExperimentSource(SqliteSource(self.store.path))
