"""Commands that count in memory, with their output and exit codes."""

import io
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from page_tracker import MemoryBackend, Rules
from page_tracker.cli import backend as cli_backend
from page_tracker.cli.main import main


@dataclass(frozen=True, slots=True)
class Outcome:
    """The exit code and the output of a command."""

    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


class Typed(io.TextIOWrapper):
    """A standard input with this content, as a terminal or as a pipe."""

    def __init__(self, content: bytes, *, at_a_terminal: bool) -> None:
        super().__init__(io.BytesIO(content), encoding="utf-8")
        self._at_a_terminal = at_a_terminal

    def isatty(self) -> bool:
        """Return whether this is a terminal."""
        return self._at_a_terminal


@pytest.fixture(name="today")
def fixture_today() -> date:
    """Today's date, as the commands see it."""
    return Rules().today()


@pytest.fixture(name="days")
def fixture_days(today: date) -> list[date]:
    """Today, yesterday, and so on."""
    return [today - timedelta(days=number) for number in range(10)]


@pytest.fixture(name="run")
def fixture_run(
    backend: MemoryBackend,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Return a function that runs a command. The streams named in tty are terminals."""
    monkeypatch.setenv("REDIS_URL", "redis://me:s3cret@redis.example")
    monkeypatch.setattr(cli_backend, "open_backend", lambda _url, **_options: backend)
    # The process of the tests keeps its priority.
    monkeypatch.setattr(os, "nice", lambda _increment: 0)

    def run(
        *arguments: str, typed: bytes | None = None, piped: bytes = b"", tty: str = ""
    ) -> Outcome:
        with monkeypatch.context() as patched:
            stdin = Typed(
                piped if typed is None else typed, at_a_terminal=typed is not None
            )
            patched.setattr(sys, "stdin", stdin)
            for name in tty.split():
                patched.setattr(getattr(sys, name), "isatty", lambda: True)
            with pytest.raises(SystemExit) as exited:
                main(arguments)
        output = capsys.readouterr()
        assert "s3cret" not in output.out + output.err
        return Outcome(int(exited.value.code or 0), output.out, output.err)

    return run
