"""Fixtures of the unit tests, which count in memory and must not use the network."""

import socket
from typing import NoReturn

import pytest
from webtest import TestApp

from page_tracker import MemoryBackend, create_app


@pytest.fixture(autouse=True)
def fixture_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail the test if it opens a connection."""

    def refuse(*_: object) -> NoReturn:
        raise AssertionError("a unit test tried to use the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(name="backend")
def fixture_backend() -> MemoryBackend:
    """An empty backend for each test."""
    return MemoryBackend()


@pytest.fixture(name="client")
def fixture_client(backend: MemoryBackend) -> TestApp:
    """A client of a tracker that counts in the backend, without a server."""
    return TestApp(create_app(backend=backend))
