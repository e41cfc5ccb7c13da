"""The domain model: pages, views, visitors and tallies.

This package contains only values and rules. It performs no I/O, is independent of HTTP,
and imports no other part of page_tracker.
"""
