from rundetails.sources.client import MlflowClientSource
from stores import StoreSubject


class Subject(StoreSubject):
    def open(self):
        return MlflowClientSource(self.store.uri)
