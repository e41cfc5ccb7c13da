"""Whether requests run on greenlets, so that a waiting request costs only a few kB.

Otherwise a waiting request occupies one of a few threads, or the whole process.
"""

import sys


def runs_on_greenlets() -> bool:
    """Return whether gevent has replaced threads by greenlets in this process."""
    # No import: if gevent has patched this process, its module is loaded.
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("threading"))
