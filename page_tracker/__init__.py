"""page_tracker: an exact, durable, private and fast page-view counter."""

from page_tracker.app import PageTracker, create_app
from page_tracker.backends.choice import open_backend
from page_tracker.backends.memory import MemoryBackend
from page_tracker.backends.protocol import (
    BackendError,
    BackendOverloadedError,
    CounterBackend,
    Health,
    LimitReachedError,
    TooFewViewsError,
)
from page_tracker.counting.model import (
    Count,
    DayTotal,
    Ignored,
    Limits,
    Numbers,
    Page,
    PageViews,
    Ranking,
    SiteImport,
    SiteTotal,
    Tally,
    View,
)
from page_tracker.counting.rules import Rules

__all__ = [
    "BackendError",
    "BackendOverloadedError",
    "Count",
    "CounterBackend",
    "DayTotal",
    "Health",
    "Ignored",
    "LimitReachedError",
    "Limits",
    "MemoryBackend",
    "Numbers",
    "Page",
    "PageTracker",
    "PageViews",
    "Ranking",
    "Rules",
    "SiteImport",
    "SiteTotal",
    "Tally",
    "TooFewViewsError",
    "View",
    "create_app",
    "open_backend",
]
