"""page_tracker: an exact, durable, private and fast page-view counter."""

from page_tracker.app import PageTracker, create_app
from page_tracker.backends import open_backend
from page_tracker.backends.memory import MemoryBackend
from page_tracker.backends.protocol import (
    BackendError,
    BackendOverloadedError,
    CounterBackend,
)
from page_tracker.model import Page, Tally, View

__all__ = [
    "BackendError",
    "BackendOverloadedError",
    "CounterBackend",
    "MemoryBackend",
    "Page",
    "PageTracker",
    "Tally",
    "View",
    "create_app",
    "open_backend",
]
