"""Kills the processes that a test run leaves behind, and a run that takes too long.

The watchdog is a separate process. When the run ends in any way, the watchdog kills the
processes that are left. It has to be separate, because a process that hangs notices
neither signals nor its own timeouts.
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
"""Names a folder with a file for each process to kill and each command to run."""

_COMMAND_SUFFIX = ".json"
_DUMP_S = 1.0
_POLL_S = 0.1


class Watchdog:
    """Watches the process that creates it until that process exits."""

    def __init__(self, limit_s: float, *, exit_s: float = 30) -> None:
        """Start watching, and kill the process after limit_s seconds; 0 means never.

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
        # Without this, Python would warn that the process is still running.
        atexit.register(self._process.poll)

    def end(self) -> None:
        """Kill every process that is left, and wait until that is done."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        with self._process.stdout as stdout:
            stdout.read()
        del os.environ[_FOLDER_VARIABLE]


def watch(process_id: int) -> None:
    """Kill a process when the run ends, and its group if the process leads one."""
    _write(str(process_id))


def unwatch(process_id: int) -> None:
    """Do not kill this process, because it has ended."""
    _remove(str(process_id))


def run_at_end(name: str, command: Sequence[str]) -> None:
    """Run a command in the project's folder when the run ends."""
    _write(f"{name}{_COMMAND_SUFFIX}", json.dumps(command))


def cancel_command(name: str) -> None:
    """Do not run this command, because it has nothing left to do."""
    _remove(f"{name}{_COMMAND_SUFFIX}")


def kill(process_id: int) -> None:
    """Kill a process, and its group if the process leads one."""
    send = os.killpg if _leads_group(process_id) else os.kill
    # macOS does not allow signals to a group whose processes have all ended.
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
        # The pipe is readable only after end() has closed it.
        return has_exited() or bool(select.select([sys.stdin], [], [], 0)[0])

    if not _wait_until(has_ended, limit_s or inf):
        late = f"The tests took longer than {limit_s:g} s (--run-timeout)"
        print(f"\n{late} and are killed. They were here:", file=sys.stderr, flush=True)
        # Kill the workers of xdist first: they exit silently when the run has ended.
        _kill_run([*(n for n in _watched(folder) if not _leads_group(n)), run])
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
    """Kill the processes of pytest after each has printed its traceback."""
    # faulthandler, which pytest enables, prints it even if Python code cannot run.
    for number in (signal.SIGABRT, signal.SIGKILL):
        for process_id in processes:
            with suppress(ProcessLookupError):
                os.kill(process_id, number)
        time.sleep(_DUMP_S)


def _kill_watched(folder: Path) -> None:
    # The processes of pytest come first, because they may start others. They lead no
    # group.
    while left := sorted(_watched(folder), key=_leads_group):
        for process_id in left:
            kill(process_id)
            (folder / str(process_id)).unlink()


def _watched(folder: Path) -> list[int]:
    return [int(file.name) for file in folder.iterdir() if not file.suffix]


def _leads_group(process_id: int) -> bool:
    try:
        return os.getpgid(process_id) == process_id
    except ProcessLookupError:
        # Other processes of its group may be left.
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
