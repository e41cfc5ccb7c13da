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

    def test_should_warn_that_counts_end_with_the_process(
        self, backend: MemoryBackend
    ) -> None:
        (warning,) = backend.check()

        assert "end with the process" in warning
