"""Names of pages and sites as they are stored.

A page is written as example.com/blog, a site as example.com. "/" is the tracker's own
front page, or its site. The rules of the owner for names are not applied here, so that
counts can be named that were stored under earlier rules.
"""

from page_tracker.counting.model import FRONT_PAGE, Page
from page_tracker.counting.naming import AS_STORED
from page_tracker.counting.page_names import PageNameError
from page_tracker.counting.parsing import quoted

OWN_SITE = "~"
"""The tracker's own site in URLs, settings and documents. No host has this name."""


def parse_any_page(name: str) -> Page:
    """Return the page with this name, as it is stored. Raises PageNameError."""
    return AS_STORED.own_page(name)


def parse_page_of_site(name: str) -> Page:
    """Return the page with this name.

    Raises PageNameError, also for a name without a slash, which is a site.
    """
    if "/" in name:
        return parse_any_page(name)
    raise PageNameError(
        f"this is a site; allowed: a page, such as {quoted(f'{name}/')}"
    )


def parse_own_site(name: str) -> str:
    """Return the site with this name. Raises PageNameError."""
    if name == str(FRONT_PAGE):
        return FRONT_PAGE.site
    if "/" in name:
        raise PageNameError("this is a page; allowed: a site, such as example.com")
    return AS_STORED.site(name)


def parse_page_or_site(name: str) -> Page | str:
    """Return a page if the name has a slash, otherwise a site.

    The name "/" is the tracker's own site, whose only page is the front page. Raises
    PageNameError.
    """
    is_page = "/" in name and name != str(FRONT_PAGE)
    return parse_any_page(name) if is_page else parse_own_site(name)
