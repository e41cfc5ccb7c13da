"""Ends what a test run has started, and the run itself if it takes too long.

The watchdog is a process beside the run. When the run ends, however it ends, the
watchdog kills the processes that are still there. It acts from outside: a process that
hangs notices neither signals nor its own timeouts.
"""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

_FOLDER = "TESTS_WATCHDOG_FOLDER"
"""The variable that names the folder with a file for each thing to be ended."""

_COMMAND = ".json"
_DUMP_S = 1.0


class Watchdog:
    """Watches over the process that creates it, for as long as that lives."""

    def __init__(self, limit_s: float) -> None:
        """Start watching. The process is killed after so many seconds, 0 for never."""
        os.environ[_FOLDER] = tempfile.mkdtemp(prefix="page-tracker-tests-")
        # pylint: disable-next=consider-using-with  # see end()
        self._process = subprocess.Popen(
            [sys.executable, "-IS", __file__, os.environ[_FOLDER], str(limit_s)],
            stdin=subprocess.PIPE,
            cwd=Path(__file__).parents[1],
            start_new_session=True,
        )

    def end(self) -> None:
        """Have all killed that is still there, and wait until it is."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        del os.environ[_FOLDER]


def watch(process_id: int) -> None:
    """Have this process killed when the run ends, with all of the group it leads."""
    _write(str(process_id))


def run_at_end(name: str, command: Sequence[str]) -> None:
    """Have a command run in the project's folder when the run ends."""
    _write(f"{name}{_COMMAND}", json.dumps(command))


def forget(name: str | int) -> None:
    """Leave alone from now on what has ended: a process, or what a command ends."""
    if folder := os.environ.get(_FOLDER):
        for file in (f"{name}", f"{name}{_COMMAND}"):
            Path(folder, file).unlink(missing_ok=True)


def _write(file: str, text: str = "") -> None:
    if folder := os.environ.get(_FOLDER):
        Path(folder, file).write_text(text, "utf-8")


def _main(folder: Path, limit_s: float) -> None:
    run = os.getppid()
    # There is nothing to read before the run ends, and its end of the pipe closes.
    ended, _, _ = select.select([sys.stdin], [], [], limit_s or None)
    if not ended:
        late = f"The tests took longer than {limit_s:g} s (--run-timeout)"
        print(f"\n{late} and are killed. They were here:", file=sys.stderr, flush=True)
        _kill_run([run, *(n for n in _watched(folder) if not _leads_a_group(n))])
    for process_id in _watched(folder):
        _kill(process_id)
    for file in folder.glob(f"*{_COMMAND}"):
        command = json.loads(file.read_text("utf-8"))
        subprocess.run(command, capture_output=True, check=False, timeout=120)
    shutil.rmtree(folder)


def _kill_run(processes: list[int]) -> None:
    """Kill the processes of pytest, after each has printed where it is."""
    # pytest has faulthandler print that, also if no Python code can run any more.
    for number in (signal.SIGABRT, signal.SIGKILL):
        for process_id in processes:
            with suppress(ProcessLookupError):
                os.kill(process_id, number)
        time.sleep(_DUMP_S)


def _watched(folder: Path) -> Iterator[int]:
    return (int(file.name) for file in folder.iterdir() if not file.suffix)


def _leads_a_group(process_id: int) -> bool:
    try:
        return os.getpgid(process_id) == process_id
    except ProcessLookupError:
        # Others of its group may be left.
        return True


def _kill(process_id: int) -> None:
    kill = os.killpg if _leads_a_group(process_id) else os.kill
    # macOS forbids to signal a group whose processes have all ended.
    with suppress(ProcessLookupError, PermissionError):
        kill(process_id, signal.SIGKILL)


if __name__ == "__main__":
    _main(Path(sys.argv[1]), float(sys.argv[2]))
