"""Counts in Redis, or in Valkey, which speaks the same protocol.

Only this package imports the client library of Redis. The library is imported when a
Redis URL is opened, and not before: see page_tracker.backends.choice.
"""
