"""Helpers for tests of /hit and /views: sample pages, clients and readers."""

from typing import Any
from xml.etree import ElementTree

from webtest import TestApp, TestResponse

from page_tracker import MemoryBackend, Page, Rules, Tally, create_app
from page_tracker.web.formats.gif import as_pixel

PAGE = Page("example.com", "/blog/post")
NAME = "example.com/blog/post"
COUNTING = ["/hit.json", "/hit.txt", "/hit.svg", "/hit.gif"]
READING = ["/views.json", "/views.txt", "/views.svg", "/views.shields.json"]
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
NEVER_CACHED = "no-store, no-cache, max-age=0, must-revalidate"
PIXEL = as_pixel(PAGE, Tally(0, 0, 0))


def client_with(**rules: Any) -> TestApp:
    """Return a client of a new tracker with these rules."""
    return TestApp(create_app(backend=MemoryBackend(), rules=Rules(**rules)))


def views(backend: MemoryBackend, page: Page = PAGE) -> int:
    """Return the number of counted views of a page."""
    return backend.tally(page, Rules().today()).page_views


def status_of(route: str, status: int) -> int:
    """Return the status with which a route sends an error: images are always 200."""
    return 200 if route.endswith((".svg", ".gif")) else status


def reason(response: TestResponse) -> str:
    """Return the error text of a response in any format but GIF."""
    match response.content_type:
        case "application/json":
            return str(response.json["error"])
        case "image/svg+xml":
            return str(ElementTree.fromstring(response.body).get("aria-label"))
        case _:
            return response.text.removesuffix("\n")
