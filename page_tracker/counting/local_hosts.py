"""Hosts that only their own computer or network can reach, as in development."""

import re
from functools import lru_cache
from ipaddress import ip_address

from page_tracker.counting.page_names import PageNameError, parse_site

# RFC 2606 and 6761 (localhost, test), RFC 6762 (local), RFC 8375 (home.arpa). ICANN has
# reserved "internal" in 2024.
_LOCAL_DOMAINS = (".localhost", ".test", ".local", ".home.arpa", ".internal")
_PORT = re.compile(":[0-9]+$")


# Called for each view by the script. A tracker sees the same few hosts again and again.
@lru_cache(maxsize=1024)
def is_local(host: str) -> bool:
    """Return whether others cannot reach a host, which may have a port.

    Local are names without a dot, and addresses that IANA does not list as globally
    reachable. So is an empty host, which is that of a file. A host that is not valid is
    not local.
    """
    if not host:
        return True
    try:
        name = parse_site(host)
    except PageNameError:
        return False
    if not name.endswith("]"):
        name = _PORT.sub("", name)
    try:
        return not ip_address(name.strip("[]")).is_global
    except ValueError:
        return "." not in name or name.endswith(_LOCAL_DOMAINS)
