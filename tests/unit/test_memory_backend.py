"""Counting in memory."""

import pytest

from page_tracker import MemoryBackend
from tests.contract import CounterBackendContract


class TestMemoryBackend(CounterBackendContract):
    """The contract, in memory."""

    @pytest.fixture(name="backend")
    def fixture_backend(self) -> MemoryBackend:
        """Counts of its own for each test."""
        return MemoryBackend()
