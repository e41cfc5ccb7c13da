"""The client of a request, as a value without HTTP."""

import re
from functools import lru_cache
from typing import NamedTuple

# The image proxies of code hosts and forums (github-camo, GitLab's go-camo, Camo Asset
# Proxy, imgproxy), of mail programs (GoogleImageProxy, YahooMailProxy,
# SeznamEmailProxy, FastmailUA, Shortwave), of chats and social networks
# (Slack-ImgProxy, MisskeyMediaProxy) and of sites (Photon of WordPress, Cloudflare, and
# images.weserv.nl, which is also wsrv.nl). CloudFront replaces the User-Agent of every
# reader by its own.
_PROXIES_OF_MANY = re.compile(
    r"\bcamo\b|(?:im(?:a?ge?)|media)[-_ ]?proxy|MailProxy|image-resizing-proxy"
    r"|\bPhoton/|weserv\.nl|wsrv\.nl|FastmailUA/|Shortwave Image Fetcher"
    r"|^Amazon CloudFront$",
    re.IGNORECASE,
)


class Client(NamedTuple):
    """The client of a request, as far as the request describes it."""

    address: str
    """The IP address as text; empty if the request came over a Unix socket."""

    agent: str
    """The beginning of the User-Agent header; empty if the request has none."""

    untracked: bool
    """Whether the client asks not to be tracked (DNT or Sec-GPC)."""

    prefetched: bool
    """Whether the browser loads the page before a person sees it."""

    def acts_for_many(self) -> bool:
        """Return whether this is a proxy behind which many readers look the same."""
        return _is_proxy_of_many(self.agent)


# The same agents come again and again, and each view asks twice.
@lru_cache(maxsize=4096)
def _is_proxy_of_many(agent: str) -> bool:
    return _PROXIES_OF_MANY.search(agent) is not None
