"""Tests of the health checks."""

from datetime import date
from typing import NoReturn

import pytest
from webtest import TestApp

from page_tracker import BackendError, MemoryBackend, create_app
from page_tracker.counting.model import FRONT_PAGE


class Unreachable(MemoryBackend):
    """A backend whose check fails."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def check(self) -> NoReturn:
        raise self._error


def test_should_be_alive_and_ready_without_counting() -> None:
    backend = MemoryBackend()
    client = TestApp(create_app(backend=backend))

    alive, ready = client.get("/healthz"), client.get("/readyz")

    assert (alive.status, alive.text) == ("200 OK", "ok\n")
    assert ready.status == "200 OK"
    assert ready.headers["Content-Type"] == "application/json"
    assert ready.json == {
        "ready": True,
        "backend": "memory",
        "warnings": ["counts in memory are lost when the process ends"],
    }
    assert backend.tally(FRONT_PAGE, date(2026, 11, 22)).site_views == 0


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_should_answer_head_like_get(path: str) -> None:
    client = TestApp(create_app(backend=MemoryBackend()))

    head, get = client.head(path), client.get(path)

    assert (head.status, head.headerlist) == (get.status, get.headerlist)
    assert head.body == b""


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (BackendError("Redis did not answer"), "Redis did not answer"),
        (ValueError("redis://me:s3cret@host"), "see the log"),
    ],
)
def test_should_be_alive_but_not_ready_when_the_backend_fails(
    error: Exception, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = TestApp(create_app(backend=Unreachable(error)))

    unready = client.get("/readyz", status=503)

    assert unready.json == {"ready": False, "backend": "memory", "error": message}
    assert client.get("/healthz").text == "ok\n"
    (record,) = caplog.records
    assert str(error) in record.message


def test_should_not_be_ready_when_several_processes_count_in_memory() -> None:
    client = TestApp(
        create_app(backend=MemoryBackend()),
        extra_environ={"wsgi.multiprocess": True},
    )

    assert "start one worker" in client.get("/readyz", status=503).json["error"]
    assert client.get("/healthz").text == "ok\n"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_should_not_log_recovery_after_a_health_check(
    path: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("page_tracker.operations.logs._REMINDER_S", 0.0)
    backend = MemoryBackend()
    monkeypatch.setattr(backend, "record", None)
    client = TestApp(create_app(backend=backend))
    client.get("/", status=500)

    client.get(path)

    assert "succeed again" not in caplog.text
