"""Variables that Kubernetes sets for each service, without being asked to.

For a service named page-tracker or page-tracker-redis, for example, their names look
like settings of the tracker.

Source: Kubernetes documentation, Service, Discovering services, Environment variables.
"""

import re

_LINK = re.compile(
    r"PAGE_TRACKER_(\w+_)?(SERVICE_HOST|SERVICE_PORT\w*|PORT_\d+_(TCP|UDP|SCTP)\w*)"
)
_PORT = re.compile(r"PAGE_TRACKER_(\w+_)?PORT")
_URL = re.compile(r"(tcp|udp|sctp)://")


def is_service_link(name: str, text: str) -> bool:
    """Return whether this variable with this text describes a service of Kubernetes."""
    if _PORT.fullmatch(name) and _URL.match(text):
        return True
    return _LINK.fullmatch(name) is not None
