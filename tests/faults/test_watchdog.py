"""The watchdog of the test runs ends what is left, whatever becomes of a run."""

import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from tests import processes

Begin = Callable[..., Popen[str]]
"""Begin a run that may take so many seconds, and then does what the code says."""

RUN = """
import faulthandler, os, signal, subprocess, sys, time
from tests import processes, watchdog

faulthandler.enable()
dog = watchdog.Watchdog(float(sys.argv[1]))
processes.start([*sys.argv[3:], "a server"])
of_the_run = subprocess.Popen([*sys.argv[3:], "a parallel run"])
watchdog.watch(of_the_run.pid)
print("begun", flush=True)
exec(sys.argv[2])
"""
SLEEPER = (sys.executable, "-c", "import time; time.sleep(600)")
HANG = "while True: pass"
DEAF = "signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())"


@pytest.fixture(name="begin")
def fixture_begin() -> Iterator[Begin]:
    """Each run and all that it starts writes to its pipes."""
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


def complaints(run: Popen[str]) -> str:
    """Wait until all who may write have ended; return what was complained of."""
    return run.communicate(timeout=20)[1]


@pytest.mark.parametrize("limit_s", [0, 60])
@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL]
)
def test_should_end_all_when_a_run_is_ended_by_a_signal(
    begin: Begin, limit_s: float, number: signal.Signals
) -> None:
    run = begin(limit_s, HANG)

    run.send_signal(number)

    complaints(run)
    assert run.returncode == -number


def test_should_end_all_when_a_run_ends(begin: Begin) -> None:
    run = begin(60, "dog.end(); print('ended')")

    printed, complained = run.communicate(timeout=20)

    assert (run.returncode, printed, complained) == (0, "ended\n", "")


def test_should_end_a_run_that_takes_too_long_and_say_where_it_was(
    begin: Begin,
) -> None:
    run = begin(0.5, f"def hanging():\n  {HANG}\nhanging()")

    complained = complaints(run)

    assert "The tests took longer than 0.5 s (--run-timeout)" in complained
    assert "in hanging" in complained
    assert run.returncode == -signal.SIGABRT


def test_should_end_a_run_that_hears_no_signal(begin: Begin) -> None:
    run = begin(0.5, f"{DEAF}\n{HANG}")

    complaints(run)

    assert run.returncode == -signal.SIGKILL


def test_should_run_the_commands_of_what_was_not_ended(
    begin: Begin, tmp_path: Path
) -> None:
    ended, not_ended = tmp_path / "ended", tmp_path / "not-ended"
    run = begin(
        60,
        f"watchdog.run_at_end('one', ['touch', {str(ended)!r}])\n"
        f"watchdog.run_at_end('two', ['touch', {str(not_ended)!r}])\n"
        "watchdog.forget('one')",
    )

    complaints(run)

    assert [file.name for file in tmp_path.iterdir()] == ["not-ended"]
