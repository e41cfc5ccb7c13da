"""The owner's client, for tests of the API."""

import pytest
from webtest import TestApp

from page_tracker import MemoryBackend
from tests.unit.api.owner import client_of


@pytest.fixture(name="client")
def fixture_client(backend: MemoryBackend) -> TestApp:
    return client_of(backend)
