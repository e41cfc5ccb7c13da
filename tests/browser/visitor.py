"""A visitor of pages, in any browser."""

from abc import ABC, abstractmethod

import requests

from tests.counting import TIMEOUT_S
from tests.servers import wait_until

VIEWS = "[data-page-views]"


class Tracker:
    """A tracker that the pages of other sites use."""

    def __init__(self, url: str) -> None:
        self.url = url

    def script(self, attributes: str = "defer") -> str:
        """Return the script tag for a page of a site on this computer."""
        return self.plain_script(f"data-local {attributes}")

    def plain_script(self, attributes: str = "defer") -> str:
        """Return the script tag with these attributes only."""
        return f'<script {attributes} src="{self.url}/track.js"></script>'

    def views(self, page: str) -> int:
        """Return the number of views of the page, without counting one."""
        response = requests.get(
            f"{self.url}/views.json", {"page": page}, timeout=TIMEOUT_S
        )
        views = response.json()["views"]
        assert isinstance(views, int)
        return views


class Visitor(ABC):
    """What a visitor does in Chromium and in Firefox."""

    @abstractmethod
    def open(self, url: str) -> None:
        """Load a page, even if the same page is open with another fragment."""

    @abstractmethod
    def value(self, expression: str) -> object:
        """Evaluate JavaScript in the page, and await a promise."""

    def run(self, statements: str) -> None:
        """Run JavaScript in the page."""
        self.value(f"(() => {{ {statements} }})()")

    def text(self, selector: str = VIEWS) -> object:
        """Return the text of an element, visible or not."""
        return self.value(f"document.querySelector({selector!r}).textContent")

    def wait_for(self, text: str, selector: str = VIEWS) -> None:
        """Wait until an element has this text."""
        wait_until(lambda: self.text(selector) == text, f"{text!r} in {selector}")

    def wait_for_value(self, value: object, expression: str) -> None:
        """Wait until the JavaScript expression has this value."""
        wait_until(lambda: self.value(expression) == value, expression)

    def requested_urls(self, part: str) -> list[str]:
        """Return the URLs that the page has loaded and that contain this part."""
        names = "performance.getEntriesByType('resource').map(e => e.name).join(' ')"
        return [url for url in str(self.value(names)).split() if part in url]

    def settle(self, tracker: Tracker) -> None:
        """Wait until the tracker has answered all earlier requests of the page.

        The last request is for an image, because some policies block fetch().
        """
        url = f"{tracker.url}/views.svg?page=settled.example"
        self.value(f"""new Promise(done => {{
                const image = new Image();
                image.onload = image.onerror = () => done();
                setTimeout(() => {{ image.src = "{url}&" + Math.random(); }});
            }})""")
