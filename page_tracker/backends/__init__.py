"""Where counts live: one contract, a module for each place, and the choice of place."""

from page_tracker.backends.memory import MemoryBackend
from page_tracker.backends.protocol import CounterBackend
from page_tracker.redis_url import MEMORY_URL


def open_backend(url: str) -> CounterBackend:
    """Return the backend of a checked URL. It connects when it is first used."""
    if url == MEMORY_URL:
        return MemoryBackend()
    # Here, so that importing this package does not import redis: see choice.py.
    # pylint: disable-next=import-outside-toplevel
    from page_tracker.backends.redis import RedisBackend

    return RedisBackend.from_url(url)
