from rundetails.facts import Points, Run, Status
from rundetails.sources.memory import MemorySource


class Subject:
    def __init__(self, folder):
        self.now = 1_700_000_000.0
        self.source = MemorySource(clock=lambda: self.now)
        self.scripts = {}

    def experiment(self, name):
        return name

    def create(self, name="a run", parent=None, experiment="Default"):
        run_id = f"run{len(self.scripts):029}"
        started = self.now + len(self.scripts)
        self.scripts[run_id] = self.source.add(
            Run(run_id, name, status=Status.RUNNING, started=started, parent=parent, user="ada", experiment=experiment)
        )
        return run_id

    def log(self, run_id, metric, points):
        self.scripts[run_id].log_points(metric, Points.of(points))

    def parameter(self, run_id, name, value):
        self.scripts[run_id].set_parameter(name, value)

    def tag(self, run_id, name, value):
        self.scripts[run_id].set_tag(name, value)

    def end(self, run_id, status):
        self.scripts[run_id].end(status)

    def delete(self, run_id):
        self.scripts[run_id].delete()

    def write(self, run_id, path, data):
        self.scripts[run_id].write(path, data)

    def folder(self, run_id):
        return None
