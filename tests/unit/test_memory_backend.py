"""Counting in memory."""

import pytest

from page_tracker import CounterBackend, MemoryBackend
from tests.contract import CounterBackendContract, OpenBackend


class TestMemoryBackend(CounterBackendContract):
    """The contract, in memory."""

    @pytest.fixture(name="open_backend")
    def fixture_open_backend(self) -> OpenBackend:
        """Counts of its own for each test."""
        return lambda limits: MemoryBackend(limits=limits)

    def test_should_warn_that_counts_end_with_the_process(
        self, backend: CounterBackend
    ) -> None:
        (warning,) = backend.check()

        assert "end with the process" in warning
