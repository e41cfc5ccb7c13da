"""What happens to signals and objects when a process forks."""

import os
import signal
from collections.abc import Callable, Collection
from functools import partial
from weakref import WeakMethod


def call_after_fork(method: Callable[[], object]) -> None:
    """Call a bound method in each process that is forked from now on.

    This does not keep its object alive.
    """
    reference = WeakMethod(method)
    os.register_at_fork(after_in_child=lambda: (found := reference()) and found())


def hold_while_forking(signals: Collection[signal.Signals]) -> None:
    """Hold back these signals of this process while it forks, and of its children.

    A child receives them when it can call their handlers. Otherwise Python forgets what
    arrives before the child first runs (PyOS_AfterFork_Child).
    """
    release = partial(signal.pthread_sigmask, signal.SIG_UNBLOCK, signals)
    os.register_at_fork(
        before=partial(signal.pthread_sigmask, signal.SIG_BLOCK, signals),
        after_in_parent=release,
        after_in_child=release,
    )
