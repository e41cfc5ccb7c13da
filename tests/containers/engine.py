"""Docker, Podman, containers of the image, and the stacks of the Compose files."""

import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import requests

from tests import processes, watchdog
from tests.counting import TIMEOUT_S
from tests.project import ROOT, clone_project
from tests.servers import free_port, wait_until

PROJECT = "page_tracker_test"
"""What the containers, networks and volumes of a stack are named after."""

_BUILD_TIMEOUT_S = 600.0

_NO_NETWORK = re.compile(r"'podman network create .*' returned non-zero .* 125")

T = TypeVar("T")


@dataclass(frozen=True)
class Engine:
    """A container engine and its commands."""

    name: str
    compose: tuple[str, ...]
    files: tuple[str, ...]
    """The files that its Compose reads by default."""

    waits: tuple[str, ...] = ()
    """The option to wait until all services are healthy."""

    kills: tuple[str, ...] = ()
    """The option to remove a running container at once."""

    def run(self, *arguments: str) -> str:
        """Run a command of the engine, and return its output."""
        return _run(self.name, *arguments)

    def logs(self, container: str) -> str:
        """Return the logs of a container."""
        return _run(self.name, "logs", container, include_errors=True)

    def inspect(self, name: str) -> Any:
        """Return the details of an image or a container."""
        (found,) = json.loads(self.run("inspect", name))
        return found


DOCKER = Engine("docker", ("docker", "compose"), ("compose.yml",), ("--wait",))
PODMAN = Engine(
    "podman",
    ("podman-compose",),
    ("compose.yml", "podman-compose.yml"),
    kills=("--time=0",),
)


class Container:
    """A container of the image, confined as a cautious administrator confines it."""

    RESTRICTIONS = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges")

    def __init__(self, engine: Engine, image: str, *options: str) -> None:
        """Start the container with these options of the engine's run command."""
        self.engine = engine
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.name = engine.run(
            *("run", "--detach", f"--publish=127.0.0.1:{port}:8000"),
            *(*self.RESTRICTIONS, *options, image),
        ).strip()
        self._removal = ("rm", "--force", *engine.kills, "--volumes", self.name)
        watchdog.run_at_end(self.name, [engine.name, *self._removal])

    def wait_until_ready(self) -> None:
        """Wait until the tracker can count."""
        wait_until(lambda: is_ready(self.url), "the tracker to be ready")

    def logs(self) -> str:
        """Return its logs."""
        return self.engine.logs(self.name)

    def exit_code(self) -> int:
        """Wait until it exits, and return its exit code."""
        return int(self.engine.run("wait", self.name))

    def remove(self) -> None:
        """Remove the container and its anonymous volumes."""
        self.engine.run(*self._removal)
        watchdog.cancel_command(self.name)


class Stack:
    """The services of Compose files, with separate volumes and ports."""

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        files: Sequence[str],
        settings: Mapping[str, str],
    ) -> None:
        """Clone the project to a new folder, and write these settings to its .env.

        Without any files, Compose uses those that it finds itself.
        """
        self.engine = engine
        self.folder = folder
        self.exported: dict[str, str] = {}
        """The variables of the shell that runs Compose."""

        self._command = [*engine.compose, "--project-name", PROJECT]
        for file in files:
            self._command += ["--file", file]
        self._watched = f"stack-of-{engine.name}"
        self.settings = {"PAGE_TRACKER_PORT": str(free_port()), **settings}
        self.url = f"http://127.0.0.1:{self.settings['PAGE_TRACKER_PORT']}"
        clone_project(folder)
        lines = [f"{name}={value}\n" for name, value in self.settings.items()]
        (folder / ".env").write_text("".join(lines), "utf-8")

    def compose(self, *arguments: str) -> str:
        """Run a command of Compose, and return its output."""
        command = (*self._command, *arguments)
        return repeat_if_networks_changed(
            lambda: _run(*command, folder=self.folder, exported=self.exported)
        )

    def prepare(self) -> None:
        """Remove the stack of an earlier run, and build the image."""
        self.down()
        down = shlex.join([*self._command, "down", "--volumes"])
        there = f"cd {shlex.quote(str(self.folder))} && {down}"
        watchdog.run_at_end(self._watched, ["sh", "-c", there])
        self.compose("build", "web")

    def up(self, *options: str) -> None:
        """Start all stopped services, and wait until the tracker can count."""
        self.compose("up", "--detach", *self.engine.waits, *options)
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait until the tracker can count."""
        wait_until(lambda: is_ready(self.url), "the tracker to be ready")

    def logs(self) -> str:
        """Return the logs of all containers."""
        return self.compose("logs")

    def containers(self, service: str) -> list[str]:
        """Return the IDs of a service's containers."""
        labels = {"project": PROJECT, "service": service}
        filters = [f"label=com.docker.compose.{k}={v}" for k, v in labels.items()]
        return self.engine.run(
            *("ps", "--all", "--quiet"), *(f"--filter={text}" for text in filters)
        ).split()

    def stored_views(self, *, client: str = "redis-cli") -> int:
        """Return the number of views in the stack's Redis."""
        views = self.compose("exec", "-T", "redis", client, "get", "page_views")
        return int(views.strip() or 0)

    def down(self) -> None:
        """Remove the containers and the volumes."""
        self.compose("down", "--volumes")
        watchdog.cancel_command(self._watched)

    def kill(self, service: str) -> None:
        """Kill one container of a service."""
        self.engine.run("kill", "--signal", "KILL", self.containers(service)[0])


def is_ready(url: str) -> bool:
    """Return whether the tracker at this URL can count."""
    try:
        return requests.get(f"{url}/readyz", timeout=TIMEOUT_S).ok
    except requests.RequestException:
        return False


def repeat_if_networks_changed(run: Callable[[], T]) -> T:
    """Call a function, and once more if Podman cannot create a network.

    Podman 4 lists the addresses of this machine, then its interfaces. If another engine
    removes one in between, Podman ends with "no such network interface".
    """
    try:
        return run()
    except AssertionError as error:
        if not _NO_NETWORK.search(str(error)):
            raise
        return run()


def _run(
    *command: str,
    folder: Path = ROOT,
    exported: Mapping[str, str] | None = None,
    include_errors: bool = False,
) -> str:
    with processes.running(
        command,
        cwd=folder,
        env=os.environ | dict(exported or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        output: str
        errors: str
        output, errors = process.communicate(timeout=_BUILD_TIMEOUT_S)
    shown = f"{' '.join(command)}\n{output}\n{errors}"
    assert process.returncode == 0, shown
    return output + (errors if include_errors else "")
