"""A change that a client sends twice at once, with the same name."""

import pytest

from page_tracker import MemoryBackend, Page, Rules, View
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
RULES, NAME = Rules(), "name"


class TwinBackend(MemoryBackend):
    """As soon as a change has asked for its name, another process makes the same."""

    def __init__(self, change: Change) -> None:
        super().__init__()
        self._change_of_twin = change
        self._has_asked = False
        self.made_by_twin: Made | None = None

    def remember(self, name: str, text: str, *, instead_of: str | None = None) -> str:
        kept = super().remember(name, text, instead_of=instead_of)
        if not self._has_asked:
            self._has_asked = True
            self.made_by_twin = make(self._change_of_twin, self, RULES, NAME)
        return kept


@pytest.mark.parametrize(
    "change",
    [
        SetViews(PAGE, 9),
        AddViews(PAGE, 5, RULES.today()),
        AddViews(PAGE, -2, None),
        Delete(PAGE),
        Delete("example.com"),
        Rename(PAGE, Page("example.com", "/z")),
        Rename("example.com", "new.example"),
        Merge(PAGE, OTHER),
        Merge("example.com", "other.example"),
    ],
    ids=str,
)
def test_should_be_made_once_and_get_the_same_answer(change: Change) -> None:
    backend = TwinBackend(change)
    for page in (PAGE, PAGE, OTHER):
        backend.record(View(page, RULES.today()))

    made = make(change, backend, RULES, NAME)

    assert made == backend.made_by_twin
    alone = MemoryBackend()
    for page in (PAGE, PAGE, OTHER):
        alone.record(View(page, RULES.today()))
    make(change, alone, RULES, NAME)
    assert backend.sites(RULES.today()) == alone.sites(RULES.today())
