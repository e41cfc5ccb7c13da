"""The client of a request, as a value without HTTP."""

import re
from dataclasses import dataclass

# The image proxies of GitHub, Gmail and Yahoo Mail.
_IMAGE_PROXIES = re.compile("github-camo|GoogleImageProxy|YahooMailProxy")


@dataclass(frozen=True, slots=True)
class Client:
    """The client of a request, as far as the request describes it."""

    address: str
    """The IP address as text; empty if the request came over a Unix socket."""

    agent: str
    """The beginning of the User-Agent header; empty if the request has none."""

    untracked: bool
    """Whether the client asks not to be tracked (DNT or Sec-GPC)."""

    prefetched: bool
    """Whether the browser loads the page before a person sees it."""

    def is_image_proxy(self) -> bool:
        """Return whether this is an image proxy, which acts for many readers."""
        return _IMAGE_PROXIES.search(self.agent) is not None
