"""The names of the keys in Redis. All keys of a site are in one slot of a cluster."""


def site_key(site: str) -> str:
    """Name the string that holds all views of a site: the tag of its other keys.

    In a Redis Cluster, all keys with one tag are in one place.
    """
    return f"page_views:{site}" if site else "page_views"


def key_of(site: str, what: str) -> str:
    """Name another key of a site."""
    return f"{{{site_key(site)}}}:{what}"


KNOWN_SITES = key_of("", "sites")
"""The key that holds the names of the known sites; no site's own name is like it."""
