"""A terminal that runs the container commands of the documentation."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.containers.engine import PODMAN, Engine, repeat_if_networks_changed
from tests.documentation.pages import Command
from tests.documentation.terminal import Terminal
from tests.servers import wait_until


class ContainerTerminal:
    """Runs commands of the documentation with an engine, for a project of the tests.

    The documentation writes commands for Docker, and says in docs/containers.md how to
    write them for Podman.
    """

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        project: str,
        *,
        replaced: Mapping[str, str] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare a shell in a folder. Commands contain what is replaced."""
        self._engine = engine
        self._project = project
        self._replaced = replaced or {}
        self._terminal = Terminal(folder, variables or {}, limit_s=300, exact=True)

    def run(self, command: Command) -> None:
        """Run a command. Raises AssertionError unless it does what the page shows."""
        text = self._here(command.text)
        if self._engine == PODMAN:
            text = text.replace("docker compose", "podman-compose")
            text = text.replace("docker ", "podman ").replace(" --wait", "")
        urls = [url for url in self._replaced.values() if url.startswith("http")]
        # As a reader does, who types the commands one after the other.
        if urls and re.search(r"\bcurl\b| exec ", text):
            wait_until(lambda: any(map(_is_ready, urls)), "the tracker")
        expected = [self._here(line) for line in command.expected]
        repeat_if_networks_changed(
            lambda: self._terminal.run(text, expected, command.exit_code)
        )

    def _here(self, text: str) -> str:
        """Replace the project and the addresses on the page with those of the tests."""
        text = re.sub(r"\bpage_tracker(?=_|\b)", self._project, text)
        for on_page, here in self._replaced.items():
            text = text.replace(on_page, here)
        return text


def _is_ready(url: str) -> bool:
    """Return whether the tracker at a URL can count. Any certificate is accepted."""
    options = ("--insecure", "--silent", "--fail", "--max-time", "2")
    asked = subprocess.run(
        ["curl", *options, f"{url}/readyz"], check=False, capture_output=True
    )
    return asked.returncode == 0
