"""The choice of the parser, and that both parsers read the same."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.http.errors import NoMoreData, ParseException
from gunicorn.http.unreader import IterUnreader
from hypothesis import given
from hypothesis import strategies as st

from page_tracker.server import parsing
from page_tracker.server.parsing import best_parser
from page_tracker.server.refusing import RefusableRequest, RefusedError
from tests.hostile import NEXT, OUTCOMES
from tests.parsers import PARSERS

REQUESTS = [text for texts in OUTCOMES.values() for text in texts if len(text) < 500]
FRAGMENTS = [
    "\r\n",
    "\r",
    "\n",
    " ",
    "\t",
    ":",
    "\0",
    "\xff",
    "\r\n\r\n",
    "/",
    "X: x\r\n",
]


def configured(parser: str) -> Config:
    """Return Gunicorn's settings with this parser."""
    cfg = Config()
    cfg.set("http_parser", parser)
    return cfg


CONFIGURED = [configured(parser) for parser in PARSERS]


def readings(*parts: str) -> list[Any]:
    """Return what each parser reads of a request that arrives in these parts."""
    return [read(cfg, *parts) for cfg in CONFIGURED]


def read(cfg: Config, *parts: str) -> Any:
    """Read a request, and return all that is known of it."""
    unreader = IterUnreader(part.encode("latin-1") for part in parts if part)
    try:
        request: Any = RefusableRequest(cfg, unreader, ("192.0.2.1", 1), 1)
        body = request.body.read()
    except RefusedError as refused:
        return refused.environ, refused.reason.status, str(refused)
    # The body is not valid, or the client has left.
    except (ParseException, NoMoreData, StopIteration) as error:
        return type(error)
    known = {
        name: value
        for name, value in vars(request).items()
        if name not in ("body", "cfg", "unreader", "_received", "_use_fast")
    }
    return known, request.should_close(), body, unreader.read()


def test_should_read_each_request_alike() -> None:
    for text in REQUESTS:
        first, *others = readings(text + NEXT)

        assert all(each == first for each in others), text


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_should_read_a_request_alike_wherever_it_is_split(
    outcome: tuple[int, ...],
) -> None:
    text = OUTCOMES[outcome][-1]
    sent = text + NEXT
    whole = readings(sent)[0]

    for middle in range(1, min(len(text), 500)):
        for each in readings(sent[:middle], sent[middle:]):
            assert each == whole, sent[:middle]


@given(
    text=st.sampled_from(REQUESTS),
    changes=st.lists(
        st.tuples(st.integers(0, 100), st.integers(0, 3), st.sampled_from(FRAGMENTS)),
        max_size=3,
    ),
)
def test_should_read_a_changed_request_alike(
    text: str, changes: list[tuple[int, int, str]]
) -> None:
    for begin, removed, inserted in changes:
        text = text[:begin] + inserted + text[begin + removed :]

    first, *others = readings(text)

    assert all(each == first for each in others)


@pytest.fixture(name="installed")
def fixture_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """A gunicorn_h1c on a machine that can run it, as far as one can see."""
    module = SimpleNamespace(__version__="0.6.10")
    monkeypatch.setitem(sys.modules, "gunicorn_h1c", module)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    cpu = tmp_path / "cpuinfo"
    cpu.write_text("flags : fpu sse4_2\n")
    monkeypatch.setattr(parsing, "_CPU", cpu)
    yield module


@pytest.mark.usefixtures("installed")
def test_should_parse_in_c_if_possible(caplog: pytest.LogCaptureFixture) -> None:
    assert best_parser() == "fast"
    assert not caplog.messages


def test_should_parse_in_python_without_gunicorn_h1c(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # Python then raises ModuleNotFoundError.
    monkeypatch.setitem(sys.modules, "gunicorn_h1c", None)

    assert best_parser() == "python"
    assert not caplog.messages


def test_should_warn_of_a_gunicorn_h1c_that_is_too_old(
    installed: Any, caplog: pytest.LogCaptureFixture
) -> None:
    installed.__version__ = "0.6.9"

    assert best_parser() == "python"
    assert caplog.messages == [
        "gunicorn_h1c is installed, but cannot be used: its version is 0.6.9; allowed: "
        "0.6.10 or newer"
    ]


@pytest.mark.usefixtures("installed")
def test_should_warn_if_the_processor_cannot_run_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cpu = tmp_path / "old"
    cpu.write_text("flags : fpu sse4_1\n")
    monkeypatch.setattr(parsing, "_CPU", cpu)

    assert best_parser() == "python"
    assert caplog.messages == [
        "gunicorn_h1c is installed, but cannot be used: the processor has no SSE 4.2"
    ]
