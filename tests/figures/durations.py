"""Durations of commands."""

import shlex
import subprocess
import sys
import time
from pathlib import Path

from tests import processes
from tests.project import ROOT

_SHOWN_CHARACTERS = 2000


def shown(seconds: float) -> str:
    """Return a duration with two digits or more."""
    if seconds >= 120:
        return f"{seconds / 60:.1f} min"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


def duration_of(command: str, limit_s: float) -> str:
    """Run a command as it is documented, and return how long it took.

    Raises AssertionError if it fails, and TimeoutExpired after limit_s seconds.
    """
    used = command.replace(".venv/bin", str(Path(sys.executable).parent))
    begun = time.monotonic()
    with processes.running(
        shlex.split(used),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        output, _ = process.communicate(timeout=limit_s)
    taken = time.monotonic() - begun
    assert process.returncode == 0, output[-_SHOWN_CHARACTERS:]
    return shown(taken)
