"""Somebody who looks at pages with a real browser."""

import shutil
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from tests import watchdog
from tests.counting import TIMEOUT_S
from tests.servers import wait_until

VIEWS = "[data-page-views]"
SITE_VIEWS = "[data-site-views]"
SITE_VISITORS = "[data-site-visitors]"

NUMBERS = "<p data-page-views></p><p data-site-views></p><p data-site-visitors></p>"
"""Where a page shows its numbers."""

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_DRIVERS = ("chromedriver",)
_OPTIONS = (
    "--headless=new",
    "--no-sandbox",  # there is none for root, as whom tests run in containers
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Without a screen, it calls itself HeadlessChrome, and is on the list of crawlers.
    "--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
)
_NOTE_ERRORS = """
var uncaught = [];
addEventListener("error", event => uncaught.push(event.message));
addEventListener("unhandledrejection", event => uncaught.push(`${event.reason}`));
"""


class Tracker:
    """The tracker, as the pages of other sites know it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def script(self, attributes: str = "defer") -> str:
        """Return the tag that a page includes."""
        return f'<script {attributes} src="{self.url}/track.js"></script>'

    def views(self, page: str) -> int:
        """Return how many views of the page are counted, and count none."""
        response = requests.get(
            f"{self.url}/views.json", {"page": page}, timeout=TIMEOUT_S
        )
        views = response.json()["views"]
        assert isinstance(views, int)
        return views


class _WatchedService(Service):
    def start(self) -> None:
        super().start()
        watchdog.watch(self.process.pid)


# A person can do as many things.
class Reader:  # pylint: disable=too-many-public-methods
    """A browser with a profile of its own."""

    def __init__(self, profile: Path) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = _find(_BROWSERS)
        for option in (*_OPTIONS, f"--user-data-dir={profile}"):
            options.add_argument(option)
        # Given its driver, Selenium does not look for one to download.
        service = _WatchedService(_find(_DRIVERS), popen_kw={"start_new_session": True})
        self._driver = webdriver.Chrome(options, service)
        self._process_id = service.process.pid
        self._driver.set_page_load_timeout(TIMEOUT_S)
        self._driver.set_script_timeout(TIMEOUT_S)
        self._driver.execute_cdp_cmd(
            "Page.addScriptToEvaluateOnNewDocument", {"source": _NOTE_ERRORS}
        )

    def sit_at(
        self, width: int, height: int, *, dark: bool = False, still: bool = False
    ) -> None:
        """Have a screen of so many pixels, light or dark, with motion or without."""
        command = self._driver.execute_cdp_cmd
        screen = {"width": width, "height": height, "deviceScaleFactor": 1}
        # A phone scales down what is too wide, and has no bars to scroll with.
        command("Emulation.setDeviceMetricsOverride", {**screen, "mobile": width < 500})
        command("Emulation.setScrollbarsHidden", {"hidden": True})
        likes = {
            "prefers-color-scheme": "dark" if dark else "light",
            "prefers-reduced-motion": "reduce" if still else "no-preference",
        }
        features = [{"name": name, "value": value} for name, value in likes.items()]
        command("Emulation.setEmulatedMedia", {"features": features})

    def open(self, url: str) -> None:
        """Load a page, even if another fragment of it is open."""
        self._driver.get("about:blank")
        self._driver.get(url)

    def click(self, selector: str) -> None:
        """Click on what there is."""
        self._driver.find_element(By.CSS_SELECTOR, selector).click()

    def point(self, selector: str, x: float, y: float) -> None:
        """Move the mouse there, so many pixels from the left and the top of it."""
        element = self._driver.find_element(By.CSS_SELECTOR, selector)
        box = element.size
        ActionChains(self._driver, duration=0).move_to_element_with_offset(
            element, int(x - box["width"] / 2), int(y - box["height"] / 2)
        ).perform()

    def click_there(self) -> None:
        """Click where the mouse is."""
        ActionChains(self._driver).click().perform()

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, wherever the focus is."""
        ActionChains(self._driver).send_keys(*keys).perform()

    def go_back(self) -> None:
        """Go to what was looked at before."""
        self._driver.back()

    def enter(self, frame: str) -> None:
        """Look into a frame from now on."""
        self._driver.switch_to.frame(self._driver.find_element(By.CSS_SELECTOR, frame))

    def leave(self) -> None:
        """Look at the page itself again."""
        self._driver.switch_to.default_content()

    def value(self, expression: str) -> object:
        """Evaluate JavaScript in the page; promises are awaited."""
        found: object = self._driver.execute_script(f"return {expression}")
        return found

    def run(self, statements: str) -> None:
        """Run JavaScript in the page."""
        self._driver.execute_script(statements)

    def text(self, selector: str = VIEWS) -> object:
        """Return the text that stands there, seen or unseen."""
        return self.value(f"document.querySelector({selector!r}).textContent")

    def is_seen(self, selector: str) -> bool:
        """Tell whether it is displayed."""
        return self._driver.find_element(By.CSS_SELECTOR, selector).is_displayed()

    def asked(self, part: str) -> list[str]:
        """Return what the page has loaded with this in the address."""
        loaded: list[str] = self._driver.execute_script(
            "return performance.getEntriesByType('resource').map(e => e.name)"
        )
        return [url for url in loaded if part in url]

    def wait_for(self, text: str, selector: str = VIEWS) -> None:
        """Return as soon as the text stands there."""
        wait_until(lambda: self.text(selector) == text, f"{text!r} in {selector}")

    def wait_for_value(self, value: object, expression: str) -> None:
        """Return as soon as the JavaScript has the value."""
        wait_until(lambda: self.value(expression) == value, expression)

    def settle(self, tracker: Tracker) -> None:
        """Return when what the page has asked the tracker before is answered.

        What is asked for last is an image: there are pages that may ask nothing else.
        """
        self._driver.execute_async_script(
            """
            const [url, done] = arguments, image = new Image();
            image.onload = image.onerror = () => done();
            setTimeout(() => { image.src = `${url}&${Math.random()}`; });
            """,
            f"{tracker.url}/views.svg?page=settled.example",
        )

    def cookies(self) -> object:
        """Return all that the browser keeps, of whatever site."""
        answer: Mapping[str, object] = self._driver.execute_cdp_cmd(
            "Storage.getCookies", {}
        )
        return answer["cookies"]

    def allow_clipboard(self) -> None:
        """Let pages read what was copied."""
        self._driver.execute_cdp_cmd(
            "Browser.grantPermissions",
            {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]},
        )

    def picture(self, path: Path) -> None:
        """Keep what is seen, as PNG."""
        answer = self._driver.execute_cdp_cmd(
            "Page.captureScreenshot", {"format": "png"}
        )
        path.write_bytes(b64decode(answer["data"]))

    def complaints(self) -> list[str]:
        """Return what the browser has complained of since this was last asked."""
        driver: Any = self._driver  # this call of it has no types
        return [entry["message"] for entry in driver.get_log("browser")]

    def errors(self) -> object:
        """Return the errors in the page that no script has caught."""
        return self.value("uncaught")

    def quit(self) -> None:
        """End the browser."""
        self._driver.quit()
        watchdog.forget(self._process_id)


def _find(names: tuple[str, ...]) -> str:
    for name in names:
        if found := shutil.which(name):
            return found
    raise AssertionError(
        f"none of {', '.join(names)} is on the PATH; on Debian: "
        "apt-get install chromium chromium-driver"
    )
