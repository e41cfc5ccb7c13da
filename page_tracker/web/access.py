"""Who may read a site: the owner, whoever has a link to it, or everybody."""

import hmac
from collections.abc import Callable

from page_tracker.backends.protocol import CounterBackend
from page_tracker.backends.shares import digest_of
from page_tracker.counting.rules import Rules
from page_tracker.web.auth import Authenticator, secret_of
from page_tracker.web.request import Request


class Access:
    """Decides whether a request may read a site."""

    def __init__(
        self, authenticator: Authenticator, backend: CounterBackend, rules: Rules
    ) -> None:
        self._authenticator = authenticator
        self._backend = backend
        self._public = frozenset(rules.naming.site(site) for site in rules.public)

    def check(self, request: Request, site: str | None) -> None:
        """Raise RequestError unless the request may read this site.

        Only the owner may read what is about all sites, which is None. Whether a site
        exists makes no difference to others. Raises BackendError.
        """
        if site in self._public:
            return
        opens = None if site is None else self._opens(site)
        self._authenticator.check(request, opens)

    def goes_on(self, request: Request, site: str) -> Callable[[], bool]:
        """Return a function that says whether an allowed request still is.

        It is not if its link has been revoked. The function raises BackendError.
        """
        secret = secret_of(request)
        if site in self._public or self._authenticator.is_token(secret):
            return lambda: True
        return lambda: self._opens(site)(secret)

    def _opens(self, site: str) -> Callable[[bytes], bool]:
        def opens(secret: bytes) -> bool:
            digest = digest_of(secret)
            return any(
                hmac.compare_digest(digest, share.digest)
                for share in self._backend.shares.of(site)
            )

        return opens
