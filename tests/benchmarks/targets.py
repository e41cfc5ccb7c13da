"""The paths that clients request: always the same page, or different pages."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

PAGE = "{}"
"""The placeholder for a page in a path."""


@dataclass(frozen=True, slots=True)
class Target:
    """A path to request. With a placeholder, requests name different pages."""

    path: str = "/"

    pages: int | None = None
    """The number of different pages. With None, each request names a new page."""

    def paths(self) -> Iterator[str]:
        """Yield the paths of the requests, without end."""
        # The time makes the new pages of each run different.
        begin = 0 if self.pages else time.time_ns()
        for number in count():
            page = begin + (number % self.pages if self.pages else number)
            yield self.path.replace(PAGE, str(page))
