"""Unit tests touch no network: whatever tries to fails."""

import socket
from typing import NoReturn

import pytest


@pytest.fixture(autouse=True)
def fixture_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection."""

    def refuse(*_: object) -> NoReturn:
        raise AssertionError("a unit test tried to use the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
