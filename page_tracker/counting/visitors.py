"""Create a view from a request's client."""

from page_tracker.counting.client import Client
from page_tracker.counting.ignored_views import reason_to_ignore
from page_tracker.counting.model import Page, View
from page_tracker.counting.rules import Rules


def view_of(
    page: Page, client: Client, rules: Rules, origin: str | None = None
) -> View:
    """Return the view of a page by a client, with its visitor and reason to ignore.

    The origin is the host or URL that the client came from, if it says so.
    """
    reason = reason_to_ignore(client, rules)
    referrer = None
    if origin and rules.referrers and reason is None:
        referrer = rules.naming.referrer(origin, page.site)
    return View(page, rules.today(), visitor_of(client), reason, referrer)


def visitor_of(client: Client) -> str | None:
    """Return the text that identifies the visitor, or None for an anonymous view."""
    if client.untracked or client.acts_for_many():
        return None
    return f"{client.address}\n{client.agent}"
