"""A terminal that runs commands, and compares what they write."""

import os
import pty
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests import processes
from tests.documentation.expected import matches, shown

# Variables and the current folder stay for later commands.
_REMEMBER = """
set -o allexport
. "$STATE"
trap 'code=$?; { export -p; printf "cd %%q\\n" "$PWD"; } >"$STATE"; exit "$code"' EXIT
%s
"""


class Terminal:
    """Runs commands, one after the other, beginning in a folder."""

    def __init__(
        self,
        folder: Path,
        variables: Mapping[str, str],
        *,
        limit_s: float = 40,
        exact: bool = False,
    ) -> None:
        """Prepare a shell with these variables. Each command may take limit_s.

        If exact, also the numbers in the output must be those that are expected.
        """
        state = folder.with_name(f"{folder.name}.state")
        state.touch()
        self.variables = {**variables, "STATE": str(state)}
        self._folder = folder
        self._limit_s = limit_s
        self._exact = exact

    def run(self, text: str, expected: Sequence[str], exit_code: int = 0) -> None:
        """Run a command. Raises AssertionError if it writes or exits differently."""
        code, output = self._in_a_terminal(_REMEMBER % text)
        assert code == exit_code, f"it exited with {code}:\n{shown(output)}"
        as_shown = matches(output, expected, exact=self._exact)
        assert as_shown, f"it wrote:\n{shown(output)}"

    def _in_a_terminal(self, script: str) -> tuple[int, str]:
        """Run a script. Return its exit code and its output."""
        ours, theirs = pty.openpty()
        output, until = b"", time.monotonic() + self._limit_s
        with (
            os.fdopen(ours, "rb", buffering=0) as terminal,
            processes.running(
                ["bash", "-c", script],
                cwd=self._folder,
                env=_inherited() | self.variables,
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
            ) as process,
        ):
            os.close(theirs)
            while time.monotonic() < until:
                # Checked first: what the process wrote before it ended is read below.
                ended = process.poll() is not None
                if select.select([terminal], [], [], 0.05)[0]:
                    # On Linux, reading fails after the last writer has gone.
                    with suppress(OSError):
                        if part := terminal.read(65536):
                            output += part
                            continue
                    break
                if ended:
                    break
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=max(0.0, until - time.monotonic()))
            late = (
                f"it did not exit within {self._limit_s:g} s:\n{shown(output.decode())}"
            )
            assert process.returncode is not None, late
        return process.returncode, output.decode()


def _inherited() -> dict[str, str]:
    """Return the environment without the variables of the tests and the tracker."""
    others = (
        "COMPOSE_",
        "PAGE_TRACKER_",
        "PYTEST_",
        "REDIS_URL",
        "WEB_CONCURRENCY",
    )
    return {
        name: text for name, text in os.environ.items() if not name.startswith(others)
    }
