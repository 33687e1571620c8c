from rundetails.compute.attended import AttendedSource
from rundetails.sources.sqlite import SqliteSource
from stores import StoreSubject


class Subject(StoreSubject):
    """A store of which the queue of this machine knows nothing: it must not be seen."""

    def open(self):
        return AttendedSource(SqliteSource(self.store.path))
