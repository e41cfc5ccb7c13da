"""The watchdog kills what a test run leaves behind, however the run ends."""

import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import PIPE, Popen

import psutil
import pytest

from tests import processes
from tests.servers import wait_until

Begin = Callable[..., Popen[str]]
"""Starts a run with a time limit in seconds. The run executes the code."""

RUN = """
import faulthandler, os, signal, subprocess, sys, time
from tests import processes, watchdog

faulthandler.enable()
dog = watchdog.Watchdog(float(sys.argv[1]), exit_s=0.5)
processes.start([*sys.argv[3:], "a server"])
of_the_run = subprocess.Popen([*sys.argv[3:], "a parallel run"])
watchdog.watch(of_the_run.pid)
print("begun", flush=True)
exec(sys.argv[2])
"""
SLEEPER = (sys.executable, "-c", "import time; time.sleep(600)")
HANG = "while True: pass"
HANGING_TESTS = f"""
import signal
from pathlib import Path
import pytest
from tests import processes
from tests.servers import wait_until

@pytest.mark.parametrize("number", [1, 2])
def test_that_hangs(number):
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    server = processes.start({SLEEPER!r})
    Path(__file__).with_name(str(server.pid)).touch()
    hanging()

def hanging():
    {HANG}
"""
BLOCK_SIGNALS = "signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())"


@pytest.fixture(name="begin")
def fixture_begin() -> Iterator[Begin]:
    """Return a function that starts a run.

    A run and its processes share its pipes, which close when all have ended.
    """
    begun = []

    def begin(limit_s: float, code: str) -> Popen[str]:
        command = [sys.executable, "-c", RUN, str(limit_s), code, *SLEEPER]
        run = processes.start(command, stdout=PIPE, stderr=PIPE, text=True)
        begun.append(run)
        assert run.stdout and run.stdout.readline() == "begun\n"
        return run

    yield begin
    for run in begun:
        processes.end(run)


def errors_of(run: Popen[str]) -> str:
    """Wait until the run and all its processes have ended, and return their errors."""
    return run.communicate(timeout=60)[1]


def is_running(process_id: int) -> bool:
    """Return whether the process is running. A zombie is not running."""
    try:
        return psutil.Process(process_id).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("limit_s", [0, 600])
@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL]
)
def test_should_kill_all_processes_when_a_signal_ends_a_run(
    begin: Begin, limit_s: float, number: signal.Signals
) -> None:
    run = begin(limit_s, HANG)

    run.send_signal(number)

    errors_of(run)
    assert run.returncode == -number


def test_should_kill_all_processes_when_a_run_ends(begin: Begin) -> None:
    run = begin(600, "dog.end(); print('ended')")

    output, errors = run.communicate(timeout=60)

    assert (run.returncode, output, errors) == (0, "ended\n", "")


def test_should_kill_a_run_that_takes_too_long_and_print_its_traceback(
    begin: Begin,
) -> None:
    run = begin(0.5, f"def hanging():\n  {HANG}\nhanging()")

    errors = errors_of(run)

    assert "The tests took longer than 0.5 s (--run-timeout)" in errors
    assert "in hanging" in errors
    assert run.returncode == -signal.SIGABRT


def test_should_kill_a_run_that_blocks_all_signals(begin: Begin) -> None:
    run = begin(0.5, f"{BLOCK_SIGNALS}\n{HANG}")

    errors_of(run)

    assert run.returncode == -signal.SIGKILL


def test_should_run_the_commands_that_were_not_canceled(
    begin: Begin, tmp_path: Path
) -> None:
    ended, not_ended = tmp_path / "ended", tmp_path / "not-ended"
    run = begin(
        600,
        f"watchdog.run_at_end('one', ['touch', {str(ended)!r}])\n"
        f"watchdog.run_at_end('two', ['touch', {str(not_ended)!r}])\n"
        "watchdog.cancel_command('one')",
    )

    errors_of(run)

    assert [file.name for file in tmp_path.iterdir()] == ["not-ended"]


def test_should_run_the_other_commands_when_one_fails(
    begin: Begin, tmp_path: Path
) -> None:
    run = begin(
        600,
        "watchdog.run_at_end('one', ['false'])\n"
        "watchdog.run_at_end('two', ['no-such-command'])\n"
        f"watchdog.run_at_end('three', ['touch', {str(tmp_path / 'run')!r}])",
    )

    errors = errors_of(run)

    assert [file.name for file in tmp_path.iterdir()] == ["run"]
    assert errors.count("The tests may have left something: ") == 2


def test_should_kill_a_run_that_does_not_exit(begin: Begin) -> None:
    run = begin(
        600,
        "import threading\n"
        "threading.Thread(target=time.sleep, args=[600]).start()\n"
        "dog.end()",
    )

    errors = errors_of(run)

    assert "did not exit in 0.5 s" in errors
    assert run.returncode == -signal.SIGABRT


def test_should_watch_the_workers_of_xdist(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").touch()
    (tmp_path / "test_hanging.py").write_text(HANGING_TESTS, "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-n", "2"]
    command += ["-c", str(tmp_path / "pytest.ini"), "--run-timeout=30", str(tmp_path)]
    # A shell starts background jobs like this: they ignore SIGINT.
    without_sigint = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh"]

    with processes.running(
        [*without_sigint, *command], stdout=PIPE, stderr=PIPE, text=True
    ) as run:
        errors = errors_of(run)

    assert "The tests took longer than 30 s (--run-timeout)" in errors
    assert "in hanging" in errors
    started = [int(file.name) for file in tmp_path.iterdir() if file.name.isdecimal()]
    assert len(started) == 2
    # A killed process may take a moment to end.
    wait_until(lambda: not any(map(is_running, started)), "the end of the servers")
