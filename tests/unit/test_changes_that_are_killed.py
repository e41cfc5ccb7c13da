"""A change that is killed half-way, and sent again with its name."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from page_tracker import BackendError, MemoryBackend, Page, Rules, View
from page_tracker.changes.change import (
    AddViews,
    Change,
    Delete,
    Merge,
    Rename,
    SetViews,
)
from page_tracker.changes.making import make

PAGE, OTHER = Page("example.com", "/x"), Page("example.com", "/y")
RULES = Rules()

CHANGES: list[Change] = [
    SetViews(PAGE, 9),
    AddViews(PAGE, 5, RULES.today()),
    AddViews(PAGE, -2, RULES.today()),
    Delete(PAGE),
    Delete("example.com"),
    Rename(PAGE, Page("example.com", "/z")),
    Rename("example.com", "new.example"),
    Merge(PAGE, OTHER),
    Merge("example.com", "other.example"),
]


class KilledBackend(MemoryBackend):
    """Fails at its nth change, before or after it is made."""

    def __init__(self, fails_at: int, after: bool) -> None:
        super().__init__()
        self._left = fails_at
        self._fails_after = after

    def _or_fail(self, change: Callable[[], Any]) -> Any:
        self._left -= 1
        if self._left == 0 and not self._fails_after:
            raise BackendError("killed")
        result = change()
        if self._left == 0:
            raise BackendError("killed")
        return result

    def remember(self, name: str, text: str, *, replace: bool = False) -> str:
        remember = super().remember
        kept: str = self._or_fail(lambda: remember(name, text, replace=replace))
        return kept

    def _change(self, change: Any, *sites: str, name: str | None = None) -> Any:
        make_change = super()._change
        return self._or_fail(lambda: make_change(change, *sites, name=name))


def all_counts(backend: MemoryBackend, today: date) -> set[object]:
    """Return all counts of all sites."""
    sites = [total.site for total in backend.sites(today)]
    return {count for site in sites for count in backend.counts(site, today)}


def record(backend: MemoryBackend) -> None:
    """Record views of both pages."""
    for page in (PAGE, PAGE, PAGE, OTHER):
        backend.record(View(page, RULES.today()))


@pytest.mark.parametrize("change", CHANGES, ids=repr)
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("fails_at", [1, 2, 3, 4])
def test_should_be_made_once_with_the_same_answer(
    change: Change, after: bool, fails_at: int
) -> None:
    whole, killed = MemoryBackend(), KilledBackend(fails_at, after)
    record(whole)
    record(killed)
    expected = make(change, whole, RULES, "name")

    with pytest.raises(BackendError):
        make(change, killed, RULES, "name")
    made = make(change, killed, RULES, "name")

    assert made == expected
    assert make(change, killed, RULES, "name") == expected
    assert all_counts(killed, RULES.today()) == all_counts(whole, RULES.today())
