"""What the master imports for its workers, which share the memory of it.

Whatever a worker imports by itself takes memory in each worker. gevent replaces parts
of the standard library in a worker, when these modules are already there. So they may
not import names that gevent replaces, such as threading.Lock or time.sleep, from their
modules: a worker that called the original would stop all its greenlets.
tests/unit/test_shared_memory.py checks that.
"""

from importlib import import_module

from page_tracker.backends.maintenance import import_backend
from page_tracker.backends.url import MEMORY_URL
from page_tracker.counting.ignored_views import compile_patterns

# gevent imports these when it replaces their counterparts, or when it first uses them.
_USED_BY_GEVENT = (
    *("gevent.events", "gevent.threading", "gevent.time", "gevent.select"),
    *("gevent.selectors", "gevent.ssl", "gevent.subprocess", "gevent.signal"),
    *("gevent.threadpool", "gevent.resolver.thread", "gevent.util"),
    *("concurrent.futures.thread", "_threading_local"),
)


def import_for_workers(url: str) -> None:
    """Import what workers need that count at this URL, before they are forked."""
    for module in _USED_BY_GEVENT:
        import_module(module)
    compile_patterns()
    if url != MEMORY_URL:
        import_backend(url)
