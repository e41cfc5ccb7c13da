"""Gunicorn's response, which checks a header only once."""

from collections.abc import Iterable

from gunicorn.http.wsgi import Response

Header = tuple[str, str]

_MOST_KNOWN = 256
_known: set[Header] = set()


class CheckedResponse(Response):
    """Gunicorn's response. It knows the headers that Gunicorn has checked before.

    Nearly all answers have the same headers. To check them takes half as long as
    everything that the application does.
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
