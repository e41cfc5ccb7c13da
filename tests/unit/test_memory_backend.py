"""Counting in memory."""

import pytest

from page_tracker import (
    CounterBackend,
    LimitReachedError,
    Limits,
    MemoryBackend,
    Page,
    View,
)
from page_tracker.counting.model import FRONT_PAGE
from tests.contract import DAY, CounterBackendContract, OpenBackend


class TestMemoryBackend(CounterBackendContract):
    """The contract in memory."""

    @pytest.fixture(name="open_backend")
    def fixture_open_backend(self) -> OpenBackend:
        """Return a function that opens an empty backend."""
        return lambda limits: MemoryBackend(limits=limits)

    def test_should_warn_that_counts_end_with_the_process(
        self, backend: CounterBackend
    ) -> None:
        (warning,) = backend.check().warnings

        assert "lost when the process ends" in warning


def test_should_exclude_the_front_page_from_the_limit_of_sites() -> None:
    backend = MemoryBackend(limits=Limits(sites=1))

    backend.record(View(FRONT_PAGE, DAY))
    backend.record(View(Page("a.example", "/"), DAY))

    with pytest.raises(LimitReachedError):
        backend.record(View(Page("b.example", "/"), DAY))
