"""The place where the serving tracker counts, opened for its owner."""

import os
from datetime import date

import click

from page_tracker.backends.choice import choose, open_backend
from page_tracker.backends.protocol import CounterBackend
from page_tracker.backends.redis.url import MEMORY_URL
from page_tracker.settings import Settings, SettingsError


class CommandFailed(click.ClickException):
    """What was asked for cannot be done. Its text says why, in a line."""


def read_settings(redis_url: str | None) -> Settings:
    """Read what the tracker that serves reads, so that both count in the same place.

    Raises SettingsError.
    """
    return Settings.read(os.environ, {"--redis-url": redis_url})


def open_shared_backend(redis_url: str | None) -> tuple[CounterBackend, date]:
    """Open the place that is named, or found as the tracker that serves finds it.

    Returns the backend, and the day that it is to the tracker. Raises SettingsError.
    """
    settings = read_settings(redis_url)
    choice = choose(settings.redis_url)
    if choice.url == MEMORY_URL:
        raise SettingsError(
            "counts in memory are seen by the process that serves, and by no other "
            f"({choice.reason}); allowed: to set REDIS_URL or --redis-url to a Redis"
        )
    backend = open_backend(
        choice.url, deadline_s=settings.deadline_s, limits=settings.limits
    )
    return backend, settings.rules.today()
