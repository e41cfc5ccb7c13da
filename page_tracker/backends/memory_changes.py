"""The results of changes in memory, so that each change is made once."""

from collections.abc import Callable
from time import monotonic
from typing import Any, TypeVar

T = TypeVar("T")

_KEPT_S = 48 * 3600


class Changes:
    """The result of each named change, for 48 hours."""

    def __init__(self) -> None:
        # By name, the oldest first, with the time at which they were made.
        self._made: dict[str, tuple[float, Any]] = {}

    def once(self, name: str | None, change: Callable[[], T]) -> T:
        """Make a change unless one with this name has been made. Return its result."""
        if name is None:
            return change()
        self._expire()
        if name not in self._made:
            self._made[name] = monotonic(), change()
        result: T = self._made[name][1]
        return result

    def forget(self, name: str) -> None:
        """Forget the change with this name."""
        self._made.pop(name, None)

    def _expire(self) -> None:
        while self._made:
            oldest = next(iter(self._made))
            if self._made[oldest][0] > monotonic() - _KEPT_S:
                break
            del self._made[oldest]
