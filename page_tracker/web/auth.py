"""Authentication of the tracker's owner, by a token."""

import hmac
import logging
import time
from base64 import b64decode
from collections.abc import Callable
from http import HTTPStatus
from threading import BoundedSemaphore

from page_tracker.operations.logs import RefusalLog
from page_tracker.web.concurrency import runs_on_greenlets
from page_tracker.web.request import Request, RequestError

_log = logging.getLogger("page_tracker")

# Browsers ask their users for Basic credentials (RFC 7617). Programs send Bearer
# tokens (RFC 6750). Basic comes first, because Chromium reads only the first challenge.
_CHALLENGES = {
    "WWW-Authenticate": 'Basic realm="page-tracker", charset="UTF-8", '
    'Bearer realm="page-tracker"'
}
_HOW_TO_OPEN = """\
Only the owner of the tracker may read this, and the tracker has no token yet.
Set PAGE_TRACKER_TOKEN as this command prints it, and start the tracker again:

    page-tracker token

With Docker Compose, these commands do both:

    docker compose run --rm --no-deps -T web token | grep TOKEN= >> .env
    docker compose up --detach --wait

Then the token is the password. Any user name is allowed."""
_DELAY_S = 1
_MAX_DELAYED = 64


class Authenticator:
    """Accepts requests that carry the token, and slows down attempts to guess it."""

    def __init__(self, token: str | None) -> None:
        self._token = token and token.encode()
        self._delayed = BoundedSemaphore(_MAX_DELAYED)
        self._refusals = RefusalLog(_log, what="Not authorized")

    def check(
        self, request: Request, opens: Callable[[bytes], bool] | None = None
    ) -> None:
        """Raise RequestError unless the request carries the token.

        Another secret is as good if `opens` returns True for it.
        """
        # The first request of a browser has no credentials. It is not a guess.
        if request.authorization and (self._token or opens):
            secret = secret_of(request)
            if self.is_token(secret) or (opens and opens(secret)):
                return
            self._refuse()
        if not self._token:
            raise RequestError(HTTPStatus.FORBIDDEN, _HOW_TO_OPEN)
        raise RequestError(
            HTTPStatus.UNAUTHORIZED,
            "only the owner of the tracker may read this; allowed: PAGE_TRACKER_TOKEN "
            "as the password of any user, or as a Bearer token",
            _CHALLENGES,
        )

    def is_token(self, secret: bytes) -> bool:
        """Return whether this is the token. It never is if the tracker has none."""
        return bool(self._token and hmac.compare_digest(secret, self._token))

    def _refuse(self) -> None:
        """Log a wrong token, and delay the response so that guessing takes long.

        Raises RequestError if too many responses are already delayed.
        """
        self._refusals.refused("the token is wrong")
        if not runs_on_greenlets():
            return
        # pylint: disable-next=consider-using-with  # released only if acquired
        if not self._delayed.acquire(blocking=False):
            raise RequestError(
                HTTPStatus.TOO_MANY_REQUESTS,
                "too many requests with a wrong token at once",
                {"Retry-After": str(_DELAY_S)},
            )
        try:
            time.sleep(_DELAY_S)
        finally:
            self._delayed.release()


def secret_of(request: Request) -> bytes:
    """Return the token in the credentials, or b"" if their scheme is unknown."""
    scheme, _, credentials = request.authorization.strip().partition(" ")
    match scheme.lower():
        case "bearer":
            return credentials.strip().encode(errors="replace")
        case "basic":
            try:
                return b64decode(credentials.strip(), validate=True).partition(b":")[2]
            except ValueError:
                return b""
    return b""
