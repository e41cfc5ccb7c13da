"""What clients request: always the same page, different pages, or many views."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

PAGE = "{}"
"""The placeholder for a page in a path."""

SITE = "example.com"
"""The site of the pages that are stored before a measurement."""

PATH = f"/page/{PAGE}"
"""The path of such a page."""

# A prime number, so that all pages are requested, and neighbors are far apart.
_STEP = 7919


@dataclass(frozen=True, slots=True)
class Target:
    """A path to request. With a placeholder, requests name different pages."""

    path: str = "/"

    pages: int | None = None
    """The number of different pages. With None, each request names a new page."""

    views: int = 0
    """How many views each request brings, under a key of its own. If 0, it is a GET."""

    parts: int = 1
    """Of how many sites these views are, and of how many days."""

    bare: bool = False
    """Whether requests have a single header instead of those of a browser."""

    def body(self) -> str:
        """Return the views that each request brings, or "" without any."""
        if not self.views:
            return ""
        today = datetime.now(UTC).date()
        views = [
            {
                "page": f"{number % self.parts}.example.com/page/{number % 100}",
                "day": f"{today - timedelta(number // self.parts % self.parts)}",
                "visitor": f"visitor {number}",
            }
            for number in range(self.views)
        ]
        return json.dumps({"views": views})

    def paths(self) -> Iterator[str]:
        """Yield the paths of the requests, without end."""
        # The time makes the new pages of each run different.
        begin = 0 if self.pages else time.time_ns()
        for number in count():
            page = number * _STEP % self.pages if self.pages else begin + number
            yield self.path.replace(PAGE, str(page))


def stored(pages: int) -> Target:
    """Return requests for each of the pages that are stored before."""
    return Target(f"/hit.json?page={SITE}{PATH}", pages)
