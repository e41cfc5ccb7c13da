"""page-tracker subtract: the opposite of add."""

from page_tracker.cli.add import subtract

__all__ = ["subtract"]
