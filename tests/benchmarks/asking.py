"""What clients ask for: always the same, or one page after the other."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

PAGE = "{}"
"""Stands in a path for a page."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A path, in which each request may name another page."""

    path: str = "/"

    pages: int | None = None
    """How many pages there are; None: each request names one that nobody has seen."""

    def paths(self) -> Iterator[str]:
        """Yield what is asked for, request after request, without end."""
        # No run names the pages of another one as new.
        begin = 0 if self.pages else time.time_ns()
        for number in count():
            page = begin + (number % self.pages if self.pages else number)
            yield self.path.replace(PAGE, str(page))
