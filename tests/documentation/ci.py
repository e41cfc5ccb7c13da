"""The commands that .ci/run runs, and that these tests therefore skip."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__, "../../..").resolve()
_RUN = ROOT / ".ci/run"


def lines_that_install() -> list[str]:
    """Return the lines of the README that .ci/run extracts and runs."""
    script = _RUN.read_text("utf-8")
    named = re.findall(r"\$\(readme_line ([\w-]+)\)", script)
    function = re.search(r"^readme_line\(\) \{.*?^\}", script, re.DOTALL | re.MULTILINE)
    assert named and function, "readme_line is gone from .ci/run"
    calls = "".join(f"readme_line {name}\n" for name in named)
    found = subprocess.run(
        [
            "bash",
            "-euo",
            "pipefail",
            "-c",
            f"{function[0]}\ntree=$1\n{calls}",
            "",
            ROOT,
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=10,
    )
    return [line.strip() for line in found.stdout.splitlines()]


def runs(command: str) -> bool:
    """Return whether a line of .ci/run ends with this command."""
    return any(
        re.search(rf"(?:^|\s){re.escape(command)}$", line)
        for line in _RUN.read_text("utf-8").splitlines()
    )
