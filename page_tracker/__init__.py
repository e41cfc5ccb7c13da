"""page_tracker: an exact, durable, private and fast page-view counter."""

from page_tracker.app import PageTracker, create_app
from page_tracker.backends import open_backend
from page_tracker.backends.memory import MemoryBackend
from page_tracker.backends.protocol import (
    BackendError,
    BackendOverloadedError,
    CounterBackend,
    LimitReachedError,
)
from page_tracker.model import Ignored, Limits, Page, Tally, View
from page_tracker.rules import Rules

__all__ = [
    "BackendError",
    "BackendOverloadedError",
    "CounterBackend",
    "Ignored",
    "LimitReachedError",
    "Limits",
    "MemoryBackend",
    "Page",
    "PageTracker",
    "Rules",
    "Tally",
    "View",
    "create_app",
    "open_backend",
]
