"""The links to sites, in the file."""

from functools import partial
from typing import Any

import apsw

from page_tracker.backends.group_commit import GroupCommit
from page_tracker.backends.shares import Share, in_order
from page_tracker.backends.sqlite.database import Query
from page_tracker.backends.sqlite.reading import id_of
from page_tracker.backends.sqlite.schema import day_of, number_of

# A deleted site has no name, so its links are not found.
_FIND = """
SELECT share.id, name, digest, created, label FROM share JOIN site ON site.id = site
WHERE name IS NOT NULL
"""


class SqliteShares:
    """The links of the sites in a file."""

    def __init__(
        self,
        reading: GroupCommit[Query[Any], Any],
        changing: GroupCommit[Query[Any], Any],
    ) -> None:
        """Read and change the links in these queues."""
        self._reading = reading
        self._changing = changing

    def add(self, share: Share) -> bool:
        """Add a link, if its site is known. Raises BackendError."""
        is_known: bool = self._changing.call(partial(_add, share))
        return is_known

    def of(self, site: str) -> list[Share]:
        """Return the links of a site. Raises BackendError."""
        found: list[Share] = self._reading.call(
            partial(_find, f"{_FIND} AND name = ?", site)
        )
        return found

    def all(self) -> list[Share]:
        """Return the links of all sites. Raises BackendError."""
        found: list[Share] = self._reading.call(partial(_find, _FIND))
        return found

    def remove(self, share: Share) -> None:
        """Remove a link. Raises BackendError."""
        self._changing.call(partial(_remove, share))


def _add(share: Share, connection: apsw.Connection) -> bool:
    site = id_of(connection, share.site)
    if site is not None:
        # A call that is repeated adds the same link again.
        connection.execute(
            "INSERT OR REPLACE INTO share VALUES (?, ?, ?, ?, ?)",
            (share.id, site, share.digest, number_of(share.created), share.label),
        )
    return site is not None


def _remove(share: Share, connection: apsw.Connection) -> None:
    connection.execute("DELETE FROM share WHERE id = ?", (share.id,))


def _find(statement: str, *arguments: Any) -> list[Share]:
    *values, connection = arguments
    rows = connection.execute(statement, values)
    return in_order(
        [
            Share(name, site, digest, day_of(created), label)
            for name, site, digest, created, label in rows
        ]
    )
