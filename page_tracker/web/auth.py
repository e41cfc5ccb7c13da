"""Who is let in where only the owner may look."""

import hmac
import logging
import time
from base64 import b64decode
from http import HTTPStatus
from threading import BoundedSemaphore

from page_tracker.operations.logs import RefusalLog
from page_tracker.web.concurrency import runs_on_greenlets
from page_tracker.web.http import Request, RequestError

_log = logging.getLogger("page_tracker")

# Basic (RFC 7617) is what browsers ask their users for, Bearer (RFC 6750) what
# programs send. In this order: Chromium heeds the first alone.
_CHALLENGES = {
    "WWW-Authenticate": 'Basic realm="page-tracker", charset="UTF-8", '
    'Bearer realm="page-tracker"'
}
_DELAY_S = 1
_MOST_DELAYED = 64


class Authenticator:
    """Lets in who has the token, and lets nobody guess it in any number of tries."""

    def __init__(self, token: str | None) -> None:
        self._token = token and token.encode()
        self._delayed = BoundedSemaphore(_MOST_DELAYED)
        self._refusals = RefusalLog(_log, what="Not let in")

    def check(self, request: Request) -> None:
        """Return if the request has the token, else raise RequestError."""
        if not self._token:
            raise RequestError(
                HTTPStatus.FORBIDDEN,
                "this is for the tracker's owner, and there is no token to know them "
                "by: set PAGE_TRACKER_TOKEN, to 16 characters or more",
            )
        # Browsers send none at first: that is no attempt.
        if request.authorization:
            if hmac.compare_digest(_token_in(request.authorization), self._token):
                return
            self._refuse()
        raise RequestError(
            HTTPStatus.UNAUTHORIZED,
            "this is for the tracker's owner; allowed: PAGE_TRACKER_TOKEN as the "
            "password of any user, or as a Bearer token",
            _CHALLENGES,
        )

    def _refuse(self) -> None:
        """Take note of a wrong token, and let who has sent it wait. RequestError."""
        self._refusals.refused("a wrong token")
        if not runs_on_greenlets():
            return
        # pylint: disable-next=consider-using-with  # who gets no place gives none back
        if not self._delayed.acquire(blocking=False):
            raise RequestError(
                HTTPStatus.TOO_MANY_REQUESTS,
                "too many try wrong tokens at once",
                {"Retry-After": str(_DELAY_S)},
            )
        try:
            time.sleep(_DELAY_S)
        finally:
            self._delayed.release()


def _token_in(authorization: str) -> bytes:
    """Return the token that credentials hold; empty if they are of no known form."""
    scheme, _, credentials = authorization.strip().partition(" ")
    match scheme.lower():
        case "bearer":
            return credentials.strip().encode(errors="replace")
        case "basic":
            try:
                return b64decode(credentials.strip(), validate=True).partition(b":")[2]
            except ValueError:
                return b""
    return b""
