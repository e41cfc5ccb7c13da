"""A request as a line of an access log describes it."""

from collections.abc import Callable
from datetime import date, tzinfo
from typing import NamedTuple

NOT_OF_FORMAT = "the line does not have the format of the log"
"""Why a line is left out that cannot be read."""

ANOTHER_LOG = "the line is not of the access log"
"""Why a line is left out that the server wrote for another log."""

NO_ENTRY = ""
"""A comment or a header, which is left out silently."""

# The other headers that decide whether a view counts and its visitor is known, as WSGI
# names them (PEP 3333).
_HEADERS = {
    name: f"HTTP_{name.upper().replace('-', '_')}"
    for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz", "Sec-Gpc", "Dnt")
}
# Enough to recognize a value. Clients may send longer ones, which caches would keep.
_MAX_CHARACTERS = 64


class LoggedRequest(NamedTuple):
    """A request and its response."""

    address: str
    agent: str
    """The User-Agent header; empty if the line has none."""

    method: str
    target: str
    """The path with the query, or a URL; as the client sent it."""

    status: str
    day: date
    """The day of the request in the time zone of the import."""

    host: str = ""
    """The host, perhaps with a port; empty if the line has none."""

    content_type: str = ""
    """The type of the response; empty if the line has none."""

    headers: tuple[tuple[str, str], ...] = ()
    """Headers of the request beside the agent, as known_headers() returns them."""


Parse = Callable[[str], LoggedRequest | str]
"""Returns the request in a line, or one of the reasons above."""

NewParse = Callable[[tzinfo], Parse]
"""Returns a new function to read one log with days in this time zone."""


def known_headers(
    value_of: Callable[[str], str],
) -> tuple[tuple[str, str], ...]:
    """Return the WSGI names and the values of the headers that matter.

    value_of() returns the value of the header with this name, which is spelled as Go
    does, or an empty text if the request has none.
    """
    return tuple(
        (key, value[:_MAX_CHARACTERS])
        for name, key in _HEADERS.items()
        if (value := value_of(name))
    )
