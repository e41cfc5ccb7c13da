"""Gunicorn's response, which does not do again what it has done before."""

import time
from collections.abc import Iterable
from functools import lru_cache

from gunicorn import util
from gunicorn.http.wsgi import Response

Header = tuple[str, str]

_MOST_KNOWN = 256
_known: set[Header] = set()


class QuickResponse(Response):
    """Gunicorn's response. It sends a whole answer at once, and checks headers once.

    Nearly all answers have the same headers. To check them takes half as long as
    everything that the application does, and to send them apart from the body takes
    about as long as the check.
    """

    headers: list[Header]

    def process_headers(self, headers: Iterable[Header]) -> None:
        """Add headers. Raises what Gunicorn raises if one of them is not valid."""
        for header in headers:
            if header in _known:
                self.headers.append(header)
                continue
            super().process_headers([header])
            # Gunicorn has to see each length. It drops or changes some other headers.
            is_kept = header[0].lower() != "content-length" and header in self.headers
            if is_kept and len(_known) < _MOST_KNOWN:
                _known.add(header)

    def write(self, arg: bytes) -> None:
        """Send a part of the body, after the headers. A whole body goes with them."""
        is_whole = 0 < len(arg) == self.response_length and self.req.method != "HEAD"
        if self.headers_sent or not is_whole:
            super().write(arg)
            return
        lines = self.default_headers()
        lines += [f"{name}: {value}\r\n" for name, value in self.headers]
        head = "".join(lines) + "\r\n"
        self.headers_sent = True
        self.sent = len(arg)
        util.write(self.sock, head.encode("latin-1") + arg)


def http_date() -> str:
    """Return the current date, as in the header Date (RFC 9110, 5.6.7)."""
    return _http_date_at(int(time.time()))


_http_date_at = lru_cache(maxsize=1)(util.http_date)
