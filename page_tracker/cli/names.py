"""How the owner names a page or a site: as everybody does, and "/" is the tracker's."""

from page_tracker.model import FRONT_PAGE, Page
from page_tracker.page_names import PageNameError, parse_page, parse_site


def page_named(name: str) -> Page:
    """Return the page of a name or URL, as parse_page() does; "/" is the front page.

    Raises PageNameError.
    """
    return FRONT_PAGE if name == str(FRONT_PAGE) else parse_page(name)


def one_page_named(name: str) -> Page:
    """Return the page of a name that cannot be meant for its site.

    Raises PageNameError.
    """
    if "/" in name:
        return page_named(name)
    raise PageNameError(f"a site; allowed: one page of it, such as {name}/")


def site_named(name: str) -> str:
    """Return the site of its name; that of "/" is the tracker's own.

    Raises PageNameError.
    """
    if name == str(FRONT_PAGE):
        return FRONT_PAGE.site
    if "/" in name:
        raise PageNameError("a page; allowed: a site, such as example.com")
    return parse_site(name)
