"""Real threads for calls that wait in C, which greenlets cannot interrupt."""

import sys
from collections.abc import Callable
from typing import TypeVar

R = TypeVar("R")


def run_in_thread(function: Callable[[], R]) -> R:
    """Call a function, and return its result.

    If gevent has replaced threads by greenlets, the function runs in a real thread, and
    other greenlets run in the meantime.
    """
    monkey = sys.modules.get("gevent.monkey")
    if monkey is None or not monkey.is_module_patched("threading"):
        return function()
    # Imported here, because other servers and the command line do not need it.
    # pylint: disable-next=import-outside-toplevel
    from gevent import get_hub, util

    # Errors are raised here, because gevent would log them with a traceback.
    result = get_hub().threadpool.apply(util.wrap_errors((Exception,), function))
    if isinstance(result, Exception):
        raise result
    return result
