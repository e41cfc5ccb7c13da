"""The clients of wrk, which take less of the CPU than ours: a closed loop, in C."""

import json
import shutil
import subprocess
from pathlib import Path

from tests import processes
from tests.benchmarks.asking import Asked
from tests.benchmarks.clients import Seen

_SCRIPT = Path(__file__).with_suffix(".lua")
_PATIENCE_S = 20


def can_load(seconds: float) -> bool:
    """Tell whether wrk is here, and can run for that long: it knows whole seconds."""
    return shutil.which("wrk") is not None and seconds == int(seconds)


def load(url: str, asked: Asked, connections: int, seconds: float) -> Seen:
    """Ask for that long, as fast as it goes. Raises an error if any request fails."""
    command = ["wrk", "--threads", "1", "--connections", str(connections)]
    command += ["--duration", f"{int(seconds)}s", "--timeout", "10s"]
    command += ["--script", str(_SCRIPT), url, "--", asked.path, str(asked.pages or 0)]
    with processes.running(command, stdout=subprocess.PIPE, text=True) as process:
        printed, _ = process.communicate(timeout=seconds + _PATIENCE_S)
    assert process.returncode == 0, printed
    seen = json.loads(printed.splitlines()[-1])
    assert seen.pop("failed") == 0, printed
    return Seen(**seen)
