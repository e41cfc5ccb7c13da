"""Parsing HTTP in Python and, if gunicorn_h1c is installed, in C."""

import re
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from tests.conftest import StartTracker
from tests.counting import TIMEOUT_S, view_front_page
from tests.hostile import NEXT, OUTCOMES
from tests.parsers import PARSERS
from tests.servers import GUNICORN, GUNICORN_CONFIGURED, connect

ECHO = tuple(
    part.replace("page_tracker.app", "tests.serving.echo") for part in GUNICORN
)


def ask(url: str, text: str) -> str:
    """Send a request and the next one, and return what is answered to both.

    A reset of the connection is an error.
    """
    with closing(connect(url)) as client:
        client.sendall((text + NEXT).encode("latin-1"))
        client.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    return re.sub("\r\nDate: [^\r]*", "", answer.decode("latin-1"))


def statuses(answers: str) -> tuple[int, ...]:
    """Return the status of each answer, without those that announce another one."""
    found = map(int, re.findall(r"^HTTP/1\.\d (\d+) ", answers, re.MULTILINE))
    return tuple(status for status in found if status >= 200)


def test_should_give_the_same_answers_to_hostile_requests(
    start_tracker: StartTracker,
) -> None:
    options = ("-c", "python:page_tracker.gunicorn_conf", "--http-parser")
    urls = [
        start_tracker(*options, parser, command=ECHO, REDIS_URL="memory://").address()
        for parser in PARSERS
    ]
    counted = 0

    for expected, texts in OUTCOMES.items():
        for text in texts:
            answers = {ask(url, text) for url in urls}

            assert [statuses(each) for each in answers] == [expected], text
            counted += expected[0] == 200

    for url in urls:
        views = requests.get(f"{url}/views.json?page=a.b", timeout=TIMEOUT_S)
        assert views.json()["views"] == counted


@pytest.mark.parametrize("parser", PARSERS)
def test_should_log_which_parser_is_in_use(
    start_tracker: StartTracker, parser: str
) -> None:
    tracker = start_tracker(
        *("--http-parser", parser), command=GUNICORN_CONFIGURED, REDIS_URL="memory://"
    )

    tracker.address()

    language = {"python": "Python", "fast": r"C \(gunicorn_h1c [\d.]+\)"}[parser]
    assert re.search(rf"INFO\] Parsing HTTP in {language}\n", tracker.log)


@pytest.fixture(name="broken")
def fixture_broken(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Variables for a server that finds a gunicorn_h1c that cannot be imported."""
    (tmp_path / "gunicorn_h1c.py").write_text("raise ImportError('not compiled')")
    yield {"PYTHONPATH": str(tmp_path), "REDIS_URL": "memory://"}


def test_should_serve_and_warn_if_the_parser_in_c_is_broken(
    start_tracker: StartTracker, broken: dict[str, str]
) -> None:
    tracker = start_tracker(**broken)

    assert view_front_page(tracker.address()) == 1
    assert (
        "[WARNING] gunicorn_h1c is installed, but cannot be used: not compiled\n"
        in tracker.log
    )
    assert "[INFO] Parsing HTTP in Python\n" in tracker.log


def test_should_not_start_without_a_parser_that_is_required(
    start_tracker: StartTracker, broken: dict[str, str]
) -> None:
    tracker = start_tracker(
        "--http-parser", "fast", command=GUNICORN_CONFIGURED, **broken
    )

    assert tracker.exit_code() == 1
    assert (
        "page-tracker: gunicorn_h1c not installed but http_parser='fast'; allowed"
        in (tracker.log)
    )
    assert "Traceback" not in tracker.log
