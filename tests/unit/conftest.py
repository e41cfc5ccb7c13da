"""Unit tests count in memory, and touch no network: whatever tries to fails."""

import socket
from typing import NoReturn

import pytest
from webtest import TestApp

from page_tracker import MemoryBackend, create_app


@pytest.fixture(autouse=True)
def fixture_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection."""

    def refuse(*_: object) -> NoReturn:
        raise AssertionError("a unit test tried to use the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(name="backend")
def fixture_backend() -> MemoryBackend:
    """Counts of its own for each test."""
    return MemoryBackend()


@pytest.fixture(name="client")
def fixture_client(backend: MemoryBackend) -> TestApp:
    """A tracker that counts there, without a server."""
    return TestApp(create_app(backend=backend))
