"""The names of the keys in Redis. A cluster keeps all keys of a site in one slot."""


def site_key(site: str) -> str:
    """Return the key of the total views of a site.

    It is the hash tag of the site's other keys, so a cluster keeps them in one slot.
    """
    return f"page_views:{site}" if site else "page_views"


def site_of(key: str) -> str:
    """Return the site whose total views have this key."""
    return key.removeprefix("page_views").removeprefix(":")


def key_of(site: str, what: str) -> str:
    """Return another key of a site."""
    return f"{{{site_key(site)}}}:{what}"


def import_key(site: str) -> str:
    """Return the key of the import into a site that is running."""
    return key_of(site, "import")


def imported_referrers_key(site: str) -> str:
    """Return the key of the last referrer that each import of a site has added."""
    return key_of(site, "import_referrers")


def staged_key(site: str, what: str) -> str:
    """Return a key of what an import stages beside the key with the same name."""
    return key_of(site, f"import:{what}")


KNOWN_SITES = key_of("", "sites")
"""The key of the set of known sites. It cannot collide with a key of a named site."""
