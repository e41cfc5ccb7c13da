"""A change that is sent again with its name, after it was killed or at once."""

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
from page_tracker.changes.making import Made, make

PAGE, OTHER = Page("example.com", "/x"), Page("example.com", "/y")
RULES = Rules()

CHANGES: list[Change] = [
    SetViews(PAGE, 9),
    AddViews(PAGE, 5, RULES.today()),
    AddViews(PAGE, -2, RULES.today()),
    AddViews(PAGE, -2),
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

    def remember(self, name: str, text: str, *, instead_of: str | None = None) -> str:
        remember = super().remember
        kept: str = self._or_fail(lambda: remember(name, text, instead_of=instead_of))
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


class OvertakenBackend(MemoryBackend):
    """Makes the change as a whole before the nth step of the same change."""

    def __init__(self, change: Change, overtaken_at: int) -> None:
        super().__init__()
        self._change_of_other = change
        self._left = overtaken_at
        self.made: Made | None = None

    def remember(self, name: str, text: str, *, instead_of: str | None = None) -> str:
        self._overtake()
        return super().remember(name, text, instead_of=instead_of)

    def _change(self, change: Any, *sites: str, name: str | None = None) -> Any:
        self._overtake()
        return super()._change(change, *sites, name=name)

    def _overtake(self) -> None:
        self._left -= 1
        if self._left == 0:
            self.made = make(self._change_of_other, self, RULES, "name")


@pytest.mark.parametrize("change", CHANGES, ids=repr)
@pytest.mark.parametrize("overtaken_at", [1, 2, 3, 4])
def test_should_be_made_once_if_it_is_sent_twice_at_once(
    change: Change, overtaken_at: int
) -> None:
    whole, overtaken = MemoryBackend(), OvertakenBackend(change, overtaken_at)
    record(whole)
    record(overtaken)
    expected = make(change, whole, RULES, "name")

    made = make(change, overtaken, RULES, "name")

    assert made == overtaken.made == expected
    assert overtaken.sites(RULES.today()) == whole.sites(RULES.today())
    assert all_counts(overtaken, RULES.today()) == all_counts(whole, RULES.today())
