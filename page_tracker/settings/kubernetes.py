"""Variables that Kubernetes sets for each service, without being asked to.

For a service named page-tracker, their names look like settings of the tracker.

Source: Kubernetes documentation, Service, Discovering services, Environment variables.
"""

import re

_LINK = re.compile(
    r"PAGE_TRACKER_(SERVICE_HOST|SERVICE_PORT\w*|PORT_\d+_(TCP|UDP|SCTP)\w*)"
)
_URL = re.compile(r"(tcp|udp|sctp)://")


def is_service_link(name: str, text: str) -> bool:
    """Return whether this variable with this text describes a service of Kubernetes."""
    if name == "PAGE_TRACKER_PORT":
        return _URL.match(text) is not None
    return _LINK.fullmatch(name) is not None
