"""Requests that change something come from the tracker's own pages, or from programs.

A browser sends the owner's password with requests that pages of other sites make
(cross-site request forgery). Such requests are refused.
"""

from http import HTTPStatus
from urllib.parse import urlsplit

from page_tracker.counting.rules import Rules
from page_tracker.web.request import Request, RequestError

# "none" is what a user does without a page.
_OWN = ("same-origin", "none")


def check_origin(request: Request, rules: Rules) -> None:
    """Raise RequestError if a page of another origin sends the request."""
    if request.fetch_site:
        is_own = request.fetch_site in _OWN
    else:
        # Older browsers, and browsers over HTTP without encryption, only say this.
        # The origin "null" has no host.
        own = {request.host, urlsplit(rules.public_url).netloc} - {""}
        is_own = not request.origin or request.origin.partition("://")[2] in own
    if not is_own:
        raise RequestError(
            HTTPStatus.FORBIDDEN,
            "a page of another origin may not change counts; allowed: the dashboard, "
            "and programs",
        )
