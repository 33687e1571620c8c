"""The local queue with real processes: whatever dies, the run says how it ended."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import psutil
import pytest

from queues import is_there, kill, until, workers
from rundetails import Experiment, LocalQueue, ScriptRunConfig, Workspace
from rundetails.compute.job import Job
from rundetails.compute.locks import is_locked, try_lock
from rundetails.compute.snapshot import take_snapshot
from rundetails.errors import InvalidJob, RunFailed, RunNotFound, SnapshotTooLarge
from rundetails.facts import Status
from servers import sqlite_server, start, stop
from stores import template

SLEEP = "import time\nprint('here', flush=True)\ntime.sleep(300)"
FOREVER = (
    "import time, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('here', flush=True)\ntime.sleep(300)"
)


def ended(run):
    """Its status, once it has ended."""
    return until(lambda: (status := run.get_status()) in ("Completed", "Failed", "Canceled") and status)


def test_a_script_runs_with_its_arguments_and_leaves_its_files(bench):
    bench.script("data", "data.csv")
    bench.script("scratch", "big.tmp")
    bench.script("*.tmp\n", ".gitignore")
    run = bench.submit(
        """
import os, sys, pathlib
print(sys.argv[1:], os.environ["COLOUR"], pathlib.Path("data.csv").read_text(), os.path.exists("big.tmp"))
print("after", file=sys.stderr)
print("last")
pathlib.Path("outputs/model.txt").write_text("model")
pathlib.Path("stray.txt").write_text("stray")
""",
        *("--lr", 0.1, bench.folder),
        environment_variables={"COLOUR": "a-secret-colour"},
    )
    details = run.wait_for_completion()
    assert details["status"] == "Completed"
    assert details["endTimeUtc"] > details["startTimeUtc"]
    assert bench.log(run).splitlines() == [
        f"['--lr', '0.1', '{bench.folder}'] a-secret-colour data False", "after", "last",
    ]  # fmt: skip
    names = run.get_file_names()
    assert {"outputs/model.txt", "snapshot/train.py", "snapshot/data.csv", "snapshot/.gitignore"} <= set(names)
    node = os.uname().nodename
    assert {
        f"azureml-logs/65_job_prep-{node}.txt", f"azureml-logs/75_job_post-{node}.txt",
        "azureml-logs/process_info.json", "azureml-logs/process_status.json", "logs/azureml/110_azureml.log",
    } <= set(names)  # fmt: skip
    ours = "".join(bench.log(run, name) for name in names if "70_driver" not in name)
    assert "a-secret-colour" not in ours
    assert "COLOUR" in ours
    assert json.loads(bench.log(run, "azureml-logs/process_status.json"))["exit_codes"] == [0]
    # Not lost: it stays where it is, and the log says where.
    assert (bench.place(run).work / "stray.txt").read_text() == "stray"
    assert str(bench.place(run).work) in bench.log(run, f"azureml-logs/75_job_post-{node}.txt")
    until(lambda: not (bench.place(run).path / "job.json").exists())


def test_a_failed_script_fails_its_run_and_says_why(bench):
    run = bench.submit("def learn():\n    raise ValueError('no data')\nlearn()")
    with pytest.raises(RunFailed, match=r"exit code 1(?s:.*)Traceback(?s:.*)ValueError: no data"):
        run.wait_for_completion()
    assert run.get_details()["error"]["error"]["message"] == "The script ended with exit code 1."
    assert run.wait_for_completion(raise_on_error=False)["status"] == "Failed"


def test_the_exit_code_has_the_last_word_over_what_the_script_told_mlflow(bench):
    run = bench.submit("import mlflow\nwith mlflow.start_run(): mlflow.log_metric('a', 1)\nraise SystemExit(3)")
    assert ended(run) == "Failed"
    assert run.get_metrics() == {"a": 1.0}


def test_a_script_can_be_a_command(bench):
    folder = bench.script("echo shell $0")
    run = bench.experiment.submit(ScriptRunConfig(folder, command="echo $MLFLOW_RUN_ID; exit 4"))
    assert ended(run) == "Failed"
    assert bench.log(run) == f"{run.id}\n"
    listed = bench.experiment.submit(ScriptRunConfig(folder, command=["echo", "$HOME", 3]))
    assert ended(listed) == "Completed"
    assert bench.log(listed) == "$HOME 3\n"


def test_a_target_and_variables_may_be_set_after_the_fact(bench):
    class Environment:
        environment_variables = {"COLOUR": "red", "SHAPE": "round"}  # noqa: RUF012 - as Azure ML's objects are

    folder = bench.script("import os\nprint(os.environ['COLOUR'], os.environ['SHAPE'])")
    config = ScriptRunConfig(folder, "train.py", environment_variables={"COLOUR": "blue"})
    config.run_config.environment = Environment()
    config.run_config.target = "gpu"
    with pytest.raises(InvalidJob, match="There are: local"):
        bench.experiment.submit(config)
    config.run_config.target = bench.queue
    run = bench.experiment.submit(config)
    assert ended(run) == "Completed"
    assert bench.log(run) == "blue round\n"


def test_a_secret_among_the_arguments_is_written_nowhere(bench):
    run = bench.submit("import sys\nassert sys.argv[2] == 'hunter2'", "--password", "hunter2", "--lr", 0.1)
    assert run.wait_for_completion()["runDefinition"]["arguments"] == "--password [hidden] --lr 0.1"
    assert not [name for name in run.get_file_names() if "hunter2" in bench.log(run, name) and "snapshot" not in name]
    stored = bench.workspace.client.get_run(run.id)
    assert "hunter2" not in str(stored.to_dictionary())


def test_a_script_that_says_nothing_has_an_empty_log(bench):
    run = bench.submit("")
    assert run.wait_for_completion(show_output=True)["status"] == "Completed"
    assert bench.log(run) == ""


def test_cancel_ends_all_processes_also_those_that_will_not(bench):
    run = bench.submit(
        f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {FOREVER!r}])\n"
        f"subprocess.Popen([sys.executable, '-c', {SLEEP!r}], start_new_session=False)\n{FOREVER}"
    )
    until(lambda: bench.log(run).count("here") == 3)
    (shell,) = bench.begun(run)
    family = [shell, *(child.pid for child in psutil.Process(shell).children(recursive=True))]
    assert len(family) == 4
    run.cancel()
    assert run.get_status() in ("CancelRequested", "Finalizing", "Canceled")
    assert ended(run) == "Canceled"
    assert not [pid for pid in family if is_there(pid)]
    assert run.wait_for_completion()["detail"] == "It was canceled."


def test_what_a_script_leaves_behind_ends_with_it(bench):
    run = bench.submit(f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {SLEEP!r}])\nprint('done')")
    pids = bench.begun(run)
    assert ended(run) == "Completed"
    assert not any(is_there(pid) for pid in pids)
    post = bench.log(run, f"azureml-logs/75_job_post-{os.uname().nodename}.txt")
    assert "1 process(es) that the script had left" in post


def test_what_waits_has_a_place_and_is_canceled_at_once(bench):
    bench.queue = LocalQueue(slots=1)
    first = bench.submit(SLEEP)
    until(lambda: first.get_status() == "Running")
    second, third = bench.submit("print(2)"), bench.submit("print(3)")
    assert (second.get_status(), third.get_details()["detail"]) == ("Queued", "2nd of 2 in the queue of local.")
    assert second.get_details()["startTimeUtc"] is None
    second.cancel()
    assert second.get_status() == "Canceled"
    assert third.get_details()["detail"] == "1st of 1 in the queue of local."
    assert bench.log(second) == ""
    first.cancel()
    assert ended(third) == "Completed"


def test_a_limit_of_time_is_kept(bench):
    run = bench.submit(SLEEP, max_run_duration_seconds=1)
    assert ended(run) == "Canceled"
    assert run.get_details()["detail"] == "It was canceled after its limit of 1 s."


def test_a_killed_script_says_by_what(bench):
    run = bench.submit(SLEEP)
    (shell,) = bench.begun(run)
    until(lambda: "here" in bench.log(run))
    (script,) = psutil.Process(shell).children()
    kill(script.pid)
    assert ended(run) == "Failed"
    assert "signal 9 (SIGKILL)" in run.get_details()["detail"]


def test_a_script_outlives_its_worker_and_is_taken_over(bench):
    run = bench.submit(
        "import sys, time, os\nprint('here')\nwhile not os.path.exists(sys.argv[1]): time.sleep(.02)\nsys.exit(5)",
        bench.folder / "go",
    )
    until(lambda: "here" in bench.log(run))
    worker = bench.worker(run)
    kill(worker)
    until(lambda: not is_there(worker))
    assert run.get_status() == "Running"
    until(lambda: run.get_status() and [one for one in workers(bench.queue.folder) if one.pid != worker])
    (bench.folder / "go").touch()
    assert ended(run) == "Failed"
    assert run.get_details()["detail"] == "The script ended with exit code 5."


def test_a_script_is_not_begun_twice_when_its_worker_was_killed_as_it_began(bench):
    run = bench.submit(
        "import sys, time, os\nprint('here')\nwhile not os.path.exists(sys.argv[1]): time.sleep(.02)",
        bench.folder / "go",
    )
    until(lambda: "here" in bench.log(run))
    kill(bench.worker(run))
    (bench.place(run).path / "begun.json").unlink()
    until(lambda: run.get_status() == "Running")
    (bench.folder / "go").touch()
    assert ended(run) == "Completed"
    assert bench.log(run) == "here\n"


def test_a_script_that_ends_while_nobody_looks_is_found_later(bench):
    run = bench.submit(
        "import sys, time, os\nprint('here')\nwhile not os.path.exists(sys.argv[1]): time.sleep(.02)",
        bench.folder / "go",
    )
    until(lambda: "here" in bench.log(run))
    (shell,) = bench.begun(run)
    kill(bench.worker(run))
    (bench.folder / "go").touch()
    until(lambda: not is_there(shell))
    assert bench.place(run).exit_code(0)[0] == 0
    assert ended(run) == "Completed"


def killed(bench):
    """A run whose worker and script were killed while it ran."""
    run = bench.submit(SLEEP)
    until(lambda: "here" in bench.log(run))
    (shell,) = bench.begun(run)
    kill(bench.worker(run))
    os.killpg(shell, signal.SIGKILL)
    return run


def test_when_all_is_killed_the_run_fails(bench):
    run = killed(bench)
    assert ended(run) == "Failed"
    assert "Its processes were gone" in run.get_details()["detail"]


def test_a_restart_of_the_machine_is_found_later(bench):
    run = killed(bench)
    place = bench.place(run)
    begun = json.loads((place.path / "begun.json").read_text())
    # A machine that was started before has another process under this number now: this test's own.
    begun |= {"booted": begun["booted"] - 86_400, "processes": [[os.getpid(), begun["processes"][0][1] - 86_400]]}
    (place.path / "begun.json").write_text(json.dumps(begun))
    assert ended(run) == "Failed"
    assert run.get_details()["detail"] == "The machine was restarted while it ran."


def test_a_job_that_cannot_begin_fails_and_holds_up_nobody(bench):
    bench.queue = LocalQueue(slots=1)
    (bench.folder / "file").write_text("no folder")
    bench.workspace.client.create_experiment("far", artifact_location=str(bench.folder / "file" / "artifacts"))
    folder = bench.script("print(1)")
    far = Experiment(bench.workspace, "far").submit(ScriptRunConfig(folder, "train.py"))
    zero = bench.experiment.submit(ScriptRunConfig(folder, command="echo \0"))
    broken = bench.submit("print(1)")
    (bench.place(broken).path / "job.json").write_text("{")
    assert ended(bench.submit("print(1)")) == "Completed"
    assert [run.get_details()["detail"].partition(":")[0] for run in (far, zero)] == ["It could not be started"] * 2
    bench.place(broken).remove()


def test_a_file_with_any_name_is_kept_and_told_of(bench):
    run = bench.submit("open(b'bad\\xff.txt', 'w').close()")
    assert ended(run) == "Completed"
    assert "bad\\udcff.txt" in bench.log(run, f"azureml-logs/75_job_post-{os.uname().nodename}.txt")


def test_files_count_as_new_however_quick_and_old_they_are(bench):
    run = bench.submit("import os\nopen('old.txt', 'w').close()\nos.utime('old.txt', (1e9, 1e9))")
    assert ended(run) == "Completed"
    assert (bench.place(run).work / "old.txt").exists()


def test_to_cancel_what_waits_changes_nothing_in_this_session(bench):
    bench.queue = LocalQueue(slots=1)
    first = bench.submit(SLEEP)
    second = bench.submit("print(2)", environment_variables={"MLFLOW_EXPERIMENT_NAME": "another"})
    second.cancel()
    assert second.get_status() == "Canceled"
    assert "MLFLOW_EXPERIMENT_NAME" not in os.environ
    first.cancel()


def test_a_job_does_not_get_the_credentials_of_the_one_before(bench, monkeypatch):
    heard = []

    class Store(BaseHTTPRequestHandler):
        def do_POST(self):
            heard.append(self.headers["Authorization"])
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"run_info": {"status": "FINISHED"}}')

        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_):
            pass

    bench.queue = LocalQueue(slots=1)
    with ThreadingHTTPServer(("127.0.0.1", 0), Store) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        for run_id, keys in (("first", {"MLFLOW_TRACKING_TOKEN": "of-the-first"}), ("second", {})):
            artifacts = str(bench.folder / "artifacts" / run_id)
            bench.queue.submit(Job(run_id, "0", address, artifacts, ("sleep", "0.1"), environment=keys))
        until(lambda: not bench.queue.jobs())
        server.shutdown()
    assert heard[0] == "Bearer of-the-first"
    assert heard[-1] is None


def test_a_run_is_submitted_once(bench):
    run = bench.submit(SLEEP)
    bench.begun(run)
    job, _ = bench.place(run).job()
    with pytest.raises(InvalidJob, match="already"):
        bench.queue.submit(job)
    assert bench.place(run).is_there
    run.cancel()
    assert ended(run) == "Canceled"


def test_a_lock_is_not_made_by_looking(tmp_path):
    assert not is_locked(tmp_path / "lock")
    assert not (tmp_path / "lock").exists()
    assert try_lock(tmp_path / "gone" / "lock") is None
    lock = try_lock(tmp_path / "lock")
    assert is_locked(tmp_path / "lock")
    assert try_lock(tmp_path / "lock") is None
    os.close(lock)
    assert not is_locked(tmp_path / "lock")


@pytest.fixture
def server(tmp_path):
    """A server of the test's own, which may do with it what it likes."""
    folder = tmp_path / "server"
    folder.mkdir()
    shutil.copyfile(template(), folder / "mlflow.db")
    started = start(folder, f"sqlite:///{folder}/mlflow.db")
    yield started
    stop(started)


def test_a_cancellation_and_files_outlast_a_server_that_is_away(bench, server, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    experiment = Experiment(Workspace(server.address), "far")
    code = "open('outputs/model.bin', 'w').write('model')\n" + SLEEP
    run = experiment.submit(ScriptRunConfig(bench.script(code), "train.py"))
    until(lambda: (bench.place(run).spool / "outputs" / "model.bin").exists())
    (shell,) = bench.begun(run)
    shutil.rmtree(server.artifacts, ignore_errors=True)
    server.artifacts.write_text("no folder any more")
    os.killpg(server.process.pid, signal.SIGSTOP)
    bench.queue.cancel(run.id)
    until(lambda: not is_there(shell), 30)
    os.killpg(server.process.pid, signal.SIGCONT)
    assert ended(run) == "Canceled"
    until(lambda: not bench.place(run).is_there)
    assert "could not be sent" in run.get_details()["detail"]
    assert (bench.place(run).spool / "outputs" / "model.bin").read_text() == "model"


def test_a_secret_in_a_command_for_the_shell_is_written_nowhere(bench):
    command = "API_TOKEN=abc123def456 true --password hunter2"
    run = bench.experiment.submit(ScriptRunConfig(bench.script(""), command=command))
    assert run.wait_for_completion()["runDefinition"]["script"] == "API_TOKEN=[hidden]"
    written = "".join(bench.log(run, name) for name in run.get_file_names())
    assert "true --password [hidden]" in written
    assert "hunter2" not in written
    assert "abc123def456" not in f"{written}{bench.workspace.client.get_run(run.id).to_dictionary()}"


@pytest.mark.parametrize("restarted", [False, True])
def test_a_process_that_got_the_number_of_an_ended_one_is_left_alone(bench, restarted):
    run = killed(bench)
    place = bench.place(run)
    begun = json.loads((place.path / "begun.json").read_text())
    with subprocess.Popen(["sleep", "300"], start_new_session=True) as stranger:
        begun["processes"] = [[stranger.pid, begun["processes"][0][1] - 5_000]]
        begun["booted"] -= 86_400 * restarted
        (place.path / "begun.json").write_text(json.dumps(begun))
        assert ended(run) == "Failed"
        assert stranger.poll() is None
        stranger.kill()


def test_the_death_of_whoever_submitted_changes_nothing(bench):
    folder = bench.script("import time\ntime.sleep(0.5)\nprint('done')")
    code = (
        "import os, signal, sys\nfrom rundetails import *\n"
        f"experiment = Experiment(Workspace({str(bench.folder / 'mlflow.db')!r}), 'digits')\n"
        f"run = experiment.submit(ScriptRunConfig({str(folder)!r}, 'train.py'))\n"
        "print(run.id, flush=True)\nos.killpg(0, signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, start_new_session=True)
    assert killed.returncode == -signal.SIGKILL
    run = bench.workspace.get_run(killed.stdout.strip())
    assert ended(run) == "Completed"
    assert bench.log(run) == "done\n"


def test_several_processes_know_of_each_other_and_have_a_log_each(bench):
    code = "import os\nprint(os.environ['RANK'], os.environ['WORLD_SIZE'], os.environ['MASTER_ADDR'])"
    run = bench.submit(code, processes=3)
    assert ended(run) == "Completed"
    logs = [bench.log(run, f"azureml-logs/70_driver_log_{rank}.txt") for rank in range(3)]
    assert logs == [f"{rank} 3 127.0.0.1\n" for rank in range(3)]


def test_when_one_process_fails_the_others_are_ended(bench):
    run = bench.submit(f"import os, sys\nif os.environ['RANK'] == '1': sys.exit(7)\n{SLEEP}", processes=3)
    assert ended(run) == "Failed"
    assert run.get_details()["detail"] == "Process 1 ended with exit code 7."


def test_the_end_is_told_when_the_store_takes_it_again(bench):
    run = bench.submit(SLEEP)
    until(lambda: run.get_status() == "Running" and bench.workspace.client.get_run(run.id).info.status == "RUNNING")
    (shell,) = bench.begun(run)
    with closing(sqlite3.connect(bench.folder / "mlflow.db", isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        os.killpg(shell, signal.SIGKILL)
        until(lambda: not is_there(shell))
        until(lambda: bench.place(run).is_finalizing)
        connection.execute("ROLLBACK")
    assert ended(run) == "Failed"


def test_a_full_disk_ends_with_the_right_status(bench, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"A small disk needs the right to mount one: {mounted.stderr.decode().strip()}")
    try:
        client = bench.workspace.client
        client.create_experiment("small", artifact_location=str(disk / "artifacts"))
        folder = bench.script("import sys\nfor _ in range(100): sys.stdout.write('x' * 100_000)")
        run = Experiment(bench.workspace, "small").submit(ScriptRunConfig(folder, "train.py"))
        assert ended(run) == "Failed"
        assert "exit code" in run.get_details()["detail"]
    finally:
        bench.close()
        subprocess.run(["umount", "--lazy", disk], check=True)


def test_files_go_to_a_store_that_keeps_them_elsewhere(bench, tmp_path):
    workspace = Workspace(sqlite_server().address)
    folder = bench.script("import pathlib\nprint('far')\npathlib.Path('outputs/a.txt').write_text('a')")
    run = Experiment(workspace, "far").submit(ScriptRunConfig(folder, "train.py"))
    assert ended(run) == "Completed"
    names = run.get_file_names()
    assert {"outputs/a.txt", "azureml-logs/70_driver_log.txt", "snapshot/train.py"} <= set(names)
    run.download_file("azureml-logs/70_driver_log.txt", tmp_path / "log.txt")
    assert (tmp_path / "log.txt").read_text() == "far\n"


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"script": "trian.py"}, r"The nearest there: train\.py"),
        ({"script": "../train.py"}, "outside of source_directory"),
        ({"script": "train.py", "arguments": "--lr 0.1"}, "a list of words"),
        ({"script": "train.py", "arguments": ["--lr", None]}, "Each word"),
        ({"script": "train.py", "command": ["ls"]}, "either script"),
        ({}, "either script"),
        ({"command": " "}, "empty"),
        ({"script": "train.py", "compute_target": "gpu"}, "There are: local"),
        ({"script": "train.py", "max_run_duration_seconds": 0}, "above 0"),
        ({"script": "train.py", "processes": 0}, "from 1 to 256"),
        ({"script": "train.py", "environment_variables": ["A=1"]}, "dict of texts"),
    ],
)
def test_what_cannot_run_is_refused_before_there_is_a_run(bench, config, said):
    folder = bench.script("print(1)")
    with pytest.raises(InvalidJob, match=said):
        bench.experiment.submit(ScriptRunConfig(folder, **config))
    assert list(bench.experiment.get_runs()) == []


def copied(folder, to):
    take_snapshot(folder, to)
    return sorted(file.relative_to(to).as_posix() for file in to.rglob("*") if file.is_file())


def test_an_ignore_file_is_read_as_git_reads_it(tmp_path):
    folder = tmp_path / "train"
    for name in ("src/deep/a.py", "train.py", "big.bin", "src/data", "outputs/old.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (folder / ".gitignore").write_text("*\n!*/\n!*.py\n")
    assert copied(folder, tmp_path / "white") == ["src/deep/a.py", "train.py"]
    (folder / ".gitignore").write_text("data/\n*.bin\n")
    assert copied(folder, tmp_path / "black") == [".gitignore", "src/data", "src/deep/a.py", "train.py"]


def test_a_script_that_would_not_be_copied_is_refused(bench):
    bench.script("gen*\n", ".gitignore")
    folder = bench.script("print(1)", "generated.py")
    (folder / "outputs").mkdir()
    bench.script("print(1)", "outputs/train.py")
    for script, said in (("generated.py", r"\.gitignore there names it"), ("outputs/train.py", "never copied")):
        with pytest.raises(InvalidJob, match=said):
            bench.experiment.submit(ScriptRunConfig(folder, script))


def test_a_folder_that_changes_is_copied_as_far_as_it_is_there(tmp_path):
    folder, ended = tmp_path / "train", Event()
    folder.mkdir()
    for number in range(300):
        (folder / f"{number}.py").touch()

    def churn():
        while not ended.is_set():
            (folder / "zz.tmp").touch()
            (folder / "zz.tmp").unlink()

    with ThreadPoolExecutor() as pool:
        pool.submit(churn)
        try:
            counts = [len(set(copied(folder, tmp_path / str(number))) - {"zz.tmp"}) for number in range(20)]
        finally:
            ended.set()
    assert counts == [300] * 20


def test_a_folder_that_is_not_there_or_too_large_is_refused(bench, monkeypatch):
    with pytest.raises(InvalidJob, match="does not exist"):
        bench.experiment.submit(ScriptRunConfig(bench.folder / "no", "train.py"))
    monkeypatch.setattr("rundetails.compute.snapshot.take_snapshot.__kwdefaults__", {"most_bytes": 3, "most_files": 9})
    with pytest.raises(SnapshotTooLarge, match=r"The largest: train\.py"):
        bench.submit("print(1)")
    (run,) = bench.experiment.get_runs()
    assert run.get_status() == "Failed"
    assert ".rundetailsignore" in run.get_details()["detail"]
    assert not bench.place(run).path.exists()


def test_a_run_of_somebody_else_is_not_the_queues(bench):
    with pytest.raises(RunNotFound, match=r"(?s)queue.*get_status") as caught:
        bench.queue.cancel("f00")
    with pytest.raises(RunNotFound):
        bench.queue.cancel("../jobs")
    assert "no runs yet" not in str(caught.value)
    assert bench.queue.standing("f00") is None


def test_the_environment_of_a_job_is_its_owners_alone(bench):
    run = bench.submit(SLEEP, environment_variables={"API_TOKEN": "t0ken"})
    bench.begun(run)
    assert (bench.place(run).path / "job.json").stat().st_mode & 0o077 == 0
    assert bench.place(run).path.stat().st_mode & 0o077 == 0
    run.cancel()
    assert ended(run) == "Canceled"
    until(lambda: not bench.place(run).path.exists())


def test_the_source_of_a_view_knows_what_the_queue_knows(bench):
    run = bench.submit(SLEEP)
    until(lambda: run.get_status() == "Running")
    source = run.source
    first = source.read(run.id)
    assert (first.run.status, first.run.can_cancel) == (Status.RUNNING, True)
    assert "rundetails.heartbeat" in first.run.tags
    until(lambda: bench.workspace.client.get_run(run.id).info.status == "RUNNING")
    reads = [source.read(run.id, first.cursor)]
    # A heartbeat is news too.
    until(lambda: reads.append(source.read(run.id, reads[-1].cursor)) or reads[-1].is_empty)
    third = reads[-1]
    assert source.cancel(run.id).startswith("The run was asked to stop")
    assert source.read(run.id, third.cursor).run.status in (Status.CANCEL_REQUESTED, Status.FINALIZING)
    assert ended(run) == "Canceled"
    last = source.read(run.id, third.cursor).run
    assert (last.status, last.can_cancel, last.detail) == (Status.CANCELED, False, "It was canceled.")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_hundred_runs_at_once_all_end_right(bench, tmp_path):
    # The first ones wait until some of the last are canceled: a quick machine would have none left to cancel.
    go = tmp_path / "go"
    folder = bench.script(
        "import pathlib, sys, time\nprint(sys.argv[1])\n"
        f"while not pathlib.Path({str(go)!r}).exists(): time.sleep(0.01)\n"
        "sys.exit(int(sys.argv[1]) % 3 == 1)"
    )
    runs = [bench.experiment.submit(ScriptRunConfig(folder, "train.py", [number])) for number in range(200)]
    for run in runs[150::10]:
        run.cancel()
    go.touch()
    found = [
        until(lambda run=run: (status := run.get_status()) in ("Completed", "Failed", "Canceled") and status, 800)
        for run in runs
    ]
    wanted = ["Failed" if number % 3 == 1 else "Completed" for number in range(200)]
    wanted[150::10] = ["Canceled"] * 5
    assert found == wanted
    assert bench.queue.jobs() == []


@pytest.mark.slow
def test_two_sessions_share_one_queue_and_one_store(bench):
    folder = bench.script("print('done')")
    code = (
        "from rundetails import *\n"
        f"experiment = Experiment(Workspace({str(bench.folder / 'mlflow.db')!r}), 'shared')\n"
        f"runs = [experiment.submit(ScriptRunConfig({str(folder)!r}, 'train.py')) for _ in range(6)]\n"
        "print([run.wait_for_completion()['status'] for run in runs])"
    )
    sessions = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [session.communicate(timeout=200)[0].strip() for session in sessions] == [str(["Completed"] * 6)] * 2
    assert len(list(Experiment(bench.workspace, "shared").get_runs())) == 12


@pytest.mark.slow
def test_a_hundred_megabytes_of_output_are_kept_and_shown_in_part(bench, capsys):
    run = bench.submit("line = 'x' * 999 + chr(10)\nfor _ in range(100_000): print(line, end='')\nprint('the end')")
    run.wait_for_completion(show_output=True)
    printed = capsys.readouterr().out
    assert len(printed) < 30_000_000
    assert "the end" in printed
    with run.workspace.reading() as source:
        sizes = {log.path: log.size for log in source.log_files(run.id)}
    assert sizes["azureml-logs/70_driver_log.txt"] == 100_000_008
