"""Counting in memory."""

import pytest

from page_tracker import MemoryBackend
from tests.contract import CounterBackendContract, fixture_page

__all__ = ["fixture_page"]


class TestMemoryBackend(CounterBackendContract):
    """The contract, in memory."""

    @pytest.fixture(name="backend")
    def fixture_backend(self) -> MemoryBackend:
        """Counts of its own for each test."""
        return MemoryBackend()
