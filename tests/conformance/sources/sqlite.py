from rundetails.sources.sqlite import SqliteSource
from stores import StoreSubject


class Subject(StoreSubject):
    def open(self):
        return SqliteSource(self.store.path)
