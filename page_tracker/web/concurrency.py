"""Whether somebody may wait here at little cost: in a greenlet of a few kB.

Elsewhere each who waits takes one of a handful of threads, or the whole process.
"""

import sys


def runs_on_greenlets() -> bool:
    """Tell whether what waits here are greenlets: whether gevent has made it so."""
    # Not imported: where gevent has done so, it is there.
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("threading"))
