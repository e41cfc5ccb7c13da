"""How the owner names pages, sites and days.

Pages and sites as everybody does; "/" is the tracker's own front page, or its site.
"""

from functools import lru_cache

from page_tracker.counting.model import FRONT_PAGE, Page
from page_tracker.counting.page_names import PageNameError, parse_page, parse_site
from page_tracker.counting.parsing import quoted


# A file has the pages of one day again on the next.
@lru_cache(maxsize=16_384)
def page_named(name: str) -> Page:
    """Return the page of a name or URL, as parse_page() does.

    Raises PageNameError.
    """
    return FRONT_PAGE if name == str(FRONT_PAGE) else parse_page(name)


def one_page_named(name: str) -> Page:
    """Return the page of a name that cannot be meant for its whole site.

    Raises PageNameError.
    """
    if "/" in name:
        return page_named(name)
    raise PageNameError(f"a site; allowed: a page, such as {quoted(f'{name}/')}")


def site_named(name: str) -> str:
    """Return the site of its name. Raises PageNameError."""
    if name == str(FRONT_PAGE):
        return FRONT_PAGE.site
    if "/" in name:
        raise PageNameError("a page; allowed: a site, such as example.com")
    return parse_site(name)


def page_or_site_named(name: str) -> Page | str:
    """Return the page of a name with a slash, the site of one without.

    Raises PageNameError.
    """
    return page_named(name) if "/" in name else site_named(name)
