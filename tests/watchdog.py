"""Ends what a test run has started, and the run itself if it takes too long.

The watchdog is a process beside the run. When the run ends, however it ends, the
watchdog kills the processes that are still there. It acts from outside: a process that
hangs notices neither signals nor its own timeouts.
"""

import atexit
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import inf
from pathlib import Path

_FOLDER_VARIABLE = "TESTS_WATCHDOG_FOLDER"
"""It names the folder with a file for each process to kill and each command to run."""

_COMMAND_SUFFIX = ".json"
_DUMP_S = 1.0
_POLL_S = 0.1


class Watchdog:
    """Watches over the process that creates it, for as long as that lives."""

    def __init__(self, limit_s: float, *, exit_s: float = 30) -> None:
        """Start watching, and kill the process after so many seconds, 0 for never.

        After end(), the process is killed if it does not exit within exit_s.
        """
        folder = tempfile.mkdtemp(prefix="page-tracker-tests-")
        os.environ[_FOLDER_VARIABLE] = folder
        arguments = (folder, str(os.getpid()), str(limit_s), str(exit_s))
        # pylint: disable-next=consider-using-with  # it outlives this process
        self._process = subprocess.Popen(
            [sys.executable, "-IS", __file__, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[1],
            start_new_session=True,
        )
        # Python would warn of the object that goes while its process still runs.
        atexit.register(self._process.poll)

    def end(self) -> None:
        """Kill every process that is left, and wait for that."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        with self._process.stdout as stdout:
            stdout.read()
        del os.environ[_FOLDER_VARIABLE]


def watch(process_id: int) -> None:
    """Kill this process when the run ends, with all of the group if it leads one."""
    _write(str(process_id))


def forget(process_id: int) -> None:
    """Leave this process alone, since it has ended."""
    _remove(str(process_id))


def run_at_end(name: str, command: Sequence[str]) -> None:
    """Run a command in the project's folder when the run ends."""
    _write(f"{name}{_COMMAND_SUFFIX}", json.dumps(command))


def forget_command(name: str) -> None:
    """Do not run this command, since nothing is left for it to do."""
    _remove(f"{name}{_COMMAND_SUFFIX}")


def kill(process_id: int) -> None:
    """Kill a process, with all of the group if it leads one."""
    send = os.killpg if _leads_a_group(process_id) else os.kill
    # macOS forbids to signal a group whose processes have all ended.
    with suppress(ProcessLookupError, PermissionError):
        send(process_id, signal.SIGKILL)


def _write(file: str, text: str = "") -> None:
    if folder := os.environ.get(_FOLDER_VARIABLE):
        unfinished = Path(folder, f"{file}.unfinished")
        unfinished.write_text(text, "utf-8")
        unfinished.replace(Path(folder, file))


def _remove(file: str) -> None:
    if folder := os.environ.get(_FOLDER_VARIABLE):
        Path(folder, file).unlink(missing_ok=True)


def _main(folder: Path, run: int, limit_s: float, exit_s: float) -> None:
    def has_exited() -> bool:
        return os.getppid() != run

    def has_ended() -> bool:
        # There is nothing to read before end() closes the pipe.
        return has_exited() or bool(select.select([sys.stdin], [], [], 0)[0])

    if not _wait_until(has_ended, limit_s or inf):
        late = f"The tests took longer than {limit_s:g} s (--run-timeout)"
        print(f"\n{late} and are killed. They were here:", file=sys.stderr, flush=True)
        # Those of xdist first: they would exit without a word when the run has ended.
        _kill_run([*(n for n in _watched(folder) if not _leads_a_group(n)), run])
    _kill_watched(folder)
    for file in folder.glob(f"*{_COMMAND_SUFFIX}"):
        _run(json.loads(file.read_text("utf-8")))
    shutil.rmtree(folder)
    os.close(sys.stdout.fileno())
    if not _wait_until(has_exited, exit_s):
        late = f"The tests have ended, but their process did not exit in {exit_s:g} s"
        print(f"\n{late} and is killed. It was here:", file=sys.stderr, flush=True)
        _kill_run([run])


def _wait_until(happens: Callable[[], bool], limit_s: float) -> bool:
    until = time.monotonic() + limit_s
    while not (happened := happens()) and time.monotonic() < until:
        time.sleep(_POLL_S)
    return happened


def _kill_run(processes: Sequence[int]) -> None:
    """Kill the processes of pytest, after each has printed where it is."""
    # pytest has faulthandler print that, also if no Python code can run any more.
    for number in (signal.SIGABRT, signal.SIGKILL):
        for process_id in processes:
            with suppress(ProcessLookupError):
                os.kill(process_id, number)
        time.sleep(_DUMP_S)


def _kill_watched(folder: Path) -> None:
    # The processes of pytest lead no group and go first: they may start others.
    while left := sorted(_watched(folder), key=_leads_a_group):
        for process_id in left:
            kill(process_id)
            (folder / str(process_id)).unlink()


def _watched(folder: Path) -> list[int]:
    return [int(file.name) for file in folder.iterdir() if not file.suffix]


def _leads_a_group(process_id: int) -> bool:
    try:
        return os.getpgid(process_id) == process_id
    except ProcessLookupError:
        # Others of its group may be left.
        return True


def _run(command: Sequence[str]) -> None:
    try:
        subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            timeout=120,
        )
    except (OSError, subprocess.SubprocessError) as error:
        print(f"The tests may have left something: {error}", file=sys.stderr)


if __name__ == "__main__":
    _main(Path(sys.argv[1]), int(sys.argv[2]), *map(float, sys.argv[3:]))
