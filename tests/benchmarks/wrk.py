"""The clients of wrk: a closed loop in C, which uses less CPU time than ours."""

import json
import shutil
import subprocess
from pathlib import Path

from tests import processes
from tests.benchmarks.browsers import VISITORS, heads
from tests.benchmarks.clients import Measured
from tests.benchmarks.targets import Target
from tests.owner import TOKEN

_SCRIPT = Path(__file__).with_suffix(".lua")
_TIMEOUT_S = 20


def can_load(seconds: float) -> bool:
    """Return whether wrk is installed and can run for this time: only whole seconds."""
    return shutil.which("wrk") is not None and seconds == int(seconds)


def load(url: str, target: Target, connections: int, seconds: float) -> Measured:
    """Send requests for this time. Raises AssertionError if a request fails."""
    command = ["wrk", "--threads", "1", "--connections", str(connections)]
    command += ["--duration", f"{int(seconds)}s", "--timeout", "10s"]
    command += ["--script", str(_SCRIPT), url]
    command += ["--", target.path, str(target.pages or 0), str(VISITORS)]
    command += [
        TOKEN,
        target.body(),
        *heads(url.removeprefix("http://"), bare=target.bare),
    ]
    with processes.running(command, stdout=subprocess.PIPE, text=True) as process:
        printed, _ = process.communicate(timeout=seconds + _TIMEOUT_S)
    assert process.returncode == 0, printed
    seen = json.loads(printed.splitlines()[-1])
    assert seen.pop("failed") == 0, printed
    return Measured(**seen)
