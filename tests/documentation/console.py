"""A terminal that runs the commands of one page, with its own servers."""

import os
import re
import shlex
import sys
from contextlib import suppress
from pathlib import Path
from shutil import copyfile

import requests

from tests.conftest import StartTracker
from tests.documentation import ci, redis_cli, sqlite_shell
from tests.documentation.expected import matches
from tests.documentation.pages import Command
from tests.documentation.terminal import Terminal
from tests.project import ROOT, copy_project
from tests.servers import RedisServer, free_port, wait_until

_SAMPLE_FILES = ROOT / "tests/sample_files"
_TOKEN = "the-token-of-the-tests"
_TRACKERS = (
    "https://counter.example",
    "http://127.0.0.1:8000",
    "http://localhost:8000",
)
_REDISES = ("127.0.0.1:6379", "localhost:6379")

_ELSEWHERE = re.compile(
    r"(?:^|[;&|(]\s*)(?:docker|podman|podman-compose|sudo|apt|apt-get|npm|npx"
    r"|systemctl|journalctl|brew|git (?:clone|fetch|pull|push))\b"
)
_SERVERS = {"page-tracker": {"serve"}, "gunicorn": set[str]()}
_OPTIONS_THAT_EXIT = {"--help", "--version", "--check-config", "--print-config"}
_PORT = re.compile(r"(?<=--port[ =])\d+|(?<=PORT=)\d+|(?<=--bind[ =]127\.0\.0\.1:)\d+")

_ACTIVATE = 'export VIRTUAL_ENV="$PWD/.venv" PATH="$PWD/.venv/bin:$PATH"\n'


class Console:
    """Runs commands in a copy of the project, one after the other."""

    def __init__(
        self, folder: Path, redis: RedisServer, start_tracker: StartTracker
    ) -> None:
        self._project = folder / "project"
        self._redis, self._start_tracker = redis, start_tracker
        # Where a reader's tracker counts if nothing is set. It is set here, because a
        # Redis may answer at localhost.
        data = folder / "home/.local/share/page-tracker"
        data.mkdir(parents=True, mode=0o700)
        self._backend = f"sqlite://{data / 'counts.db'}"
        tracker = start_tracker(
            PAGE_TRACKER_BACKEND=self._backend, PAGE_TRACKER_TOKEN=_TOKEN
        )
        self._address = tracker.address()
        copy_project(self._project)
        self._terminal = Terminal(self._project, self._environment(folder))

    def _environment(self, folder: Path) -> dict[str, str]:
        """Create the programs for the commands, and return their variables."""
        environment = self._project / ".venv/bin"
        environment.mkdir(parents=True)
        for program in Path(sys.executable).parent.iterdir():
            if not program.name.startswith(("python", "activate")):
                (environment / program.name).symlink_to(program)
        # A link to Python in another folder would not find its packages.
        for name in ("python", "python3"):
            _make(environment / name, f'exec {shlex.quote(sys.executable)} "$@"')
        (environment / "activate").write_text(_ACTIVATE)
        client = shlex.join([sys.executable, redis_cli.__file__, self._redis.url])
        (folder / "bin").mkdir()
        _make(folder / "bin/redis-cli", f'exec {client} "$@"')
        sqlite = shlex.join([sys.executable, sqlite_shell.__file__])
        _make(folder / "bin/sqlite3", f'exec {sqlite} "$@"')
        path = (folder / "bin", environment, os.environ["PATH"])
        return {
            "COLUMNS": "250",
            "HOME": f"{folder / 'home'}",
            "PAGE_TRACKER_BACKEND": self._backend,
            "PATH": os.pathsep.join(map(str, path)),
            "PORT": f"{free_port()}",
            "TERM": "dumb",
            "TOKEN": _TOKEN,
            # Commands must not reach other machines.
            "http_proxy": "http://127.0.0.1:9",
            "https_proxy": "http://127.0.0.1:9",
            "no_proxy": "127.0.0.1,localhost",
        }

    def run(self, command: Command) -> None:
        """Run a command. Raises AssertionError unless it does what the page shows."""
        assert not _ELSEWHERE.search(command.text), "mark it: <!-- not run: REASON -->"
        text = command.text
        if "pip install" in text or "-m venv" in text:
            assert text in ci.lines_that_install(), ".ci/run does not run this line"
            text = text.rpartition(" && ")[2]
        program, arguments = _last_program(text)
        if program == "pytest":
            as_ci_does = shlex.join(["pytest", *arguments])
            assert text != command.text or ci.runs(
                as_ci_does
            ), ".ci/run does not run this command"
        elif _serves(program, arguments):
            self._serve(text.removesuffix("&"), command)
        else:
            self._terminal.run(
                self._here(self._with_files(text, command)),
                self._shown(command),
                command.exit_code,
            )

    def _with_files(self, text: str, command: Command) -> str:
        """Return a command that finds its files, and at first no counts."""
        if not command.files:
            return text
        for name in command.files:
            copyfile(_SAMPLE_FILES / name, self._project / name)
        counts = self._project.with_name(f"block-{command.block}.db")
        return f"(export PAGE_TRACKER_BACKEND=sqlite://{counts}\n{text}\n)"

    def _here(self, text: str) -> str:
        """Replace the addresses on the page with those of this console's servers."""
        for name in _TRACKERS:
            text = text.replace(name, self._address)
        for name in _REDISES:
            text = text.replace(name, self._redis.url.removeprefix("redis://"))
        return text

    def _shown(self, command: Command) -> list[str]:
        return [self._here(line) for line in command.expected]

    def _serve(self, text: str, command: Command) -> None:
        """Start a server, wait for its answer and its output, and stop it."""
        port = f"{free_port()}"
        script = f'. "$STATE"\n{_PORT.sub(port, self._here(text))}'
        server = self._start_tracker(
            command=("bash", "-c", f"cd {self._project}\n{script}"),
            **self._terminal.variables | {"PORT": port},
        )
        try:
            answer = requests.get(f"{server.address()}/healthz", timeout=40)
            assert answer.ok, f"it answered with {answer.status_code}"
            expected = [*self._shown(command), "..."]
            with suppress(AssertionError):
                wait_until(lambda: matches(server.log, expected), "the output")
            assert matches(server.log, expected), f"it wrote:\n{server.log}"
        finally:
            server.stop()


def _last_program(text: str) -> tuple[str, list[str]]:
    """Return the name and the arguments of the last program of a line."""
    try:
        words = shlex.split(text.rpartition(" && ")[2], comments=True)
    except ValueError:  # bash accepts this quotation, but shlex does not
        return "", []
    while words and (words[0] == "exec" or re.match(r"[A-Z_]+=", words[0])):
        words.pop(0)
    words = [word for word in words if word != "&"]
    if words[:2] == ["python3", "-m"] or words[:2] == ["python", "-m"]:
        words = [words[2].replace("_", "-"), *words[3:]]
    program, *arguments = words or [""]
    return Path(program).name, arguments


def _serves(program: str, arguments: list[str]) -> bool:
    """Return whether a program is a server, which runs until it is stopped."""
    if program not in _SERVERS or _OPTIONS_THAT_EXIT & set(arguments):
        return False
    if program == "gunicorn" or not arguments:
        return True
    return arguments[0].startswith("-") or arguments[0] in _SERVERS[program]


def _make(program: Path, script: str) -> None:
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
