"""Work that a forked process must do before it uses the objects of its parent."""

import os
from collections.abc import Callable
from weakref import WeakMethod


def call_after_fork(method: Callable[[], object]) -> None:
    """Call a bound method in each process that is forked from now on.

    This does not keep its object alive.
    """
    reference = WeakMethod(method)
    os.register_at_fork(after_in_child=lambda: (found := reference()) and found())
