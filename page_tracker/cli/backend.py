"""The backend that the server uses, opened for a command."""

import os
from datetime import date

from page_tracker.backends.choice import choose, open_backend
from page_tracker.backends.protocol import CounterBackend
from page_tracker.backends.url import MEMORY_URL
from page_tracker.settings import Settings, SettingsError


def read_settings(redis_url: str | None) -> Settings:
    """Read the same settings as the server, so that both use the same backend.

    Raises SettingsError.
    """
    return Settings.read(os.environ, {"--redis-url": redis_url})


def open_shared_backend(redis_url: str | None) -> tuple[CounterBackend, date]:
    """Open the backend that the server uses.

    Returns the backend, and today's date in the time zone of the tracker. Raises
    SettingsError, also if the counts are in memory.
    """
    settings = read_settings(redis_url)
    choice = choose(settings.redis_url)
    if choice.url == MEMORY_URL:
        raise SettingsError(
            f"commands cannot read counts in memory ({choice.reason}); "
            "allowed: a Redis in REDIS_URL or --redis-url"
        )
    backend = open_backend(
        choice.url, deadline_s=settings.deadline_s, limits=settings.limits
    )
    return backend, settings.rules.today()
