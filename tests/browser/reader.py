"""A visitor who opens pages in Chromium."""

from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.websocket_connection import WebSocketConnection

from tests import watchdog
from tests.browser.programs import find_program
from tests.browser.visitor import Visitor
from tests.counting import TIMEOUT_S

SITE_VIEWS = "[data-site-views]"
SITE_VISITORS = "[data-site-visitors]"

NUMBERS = "<p data-page-views></p><p data-site-views></p><p data-site-visitors></p>"
"""Elements that show the numbers of a page."""

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS = (
    "--headless=new",
    "--no-sandbox",  # Chromium has no sandbox for root, the user in containers
    "--disable-gpu",
    # Names under .example stand for public sites, those under .test for local ones.
    "--host-resolver-rules=MAP *.example 127.0.0.1, MAP *.test 127.0.0.1",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Otherwise, numbers and dates depend on the machine.
    "--accept-lang=en-US",
    # Headless Chromium identifies itself as HeadlessChrome, which counts as a crawler.
    "--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
)
_POLL_S = 0.01
_RECORD_ERRORS = """
var uncaught = [];
addEventListener("error", event => uncaught.push(event.message));
addEventListener("unhandledrejection", event => uncaught.push(`${event.reason}`));
"""


class _WatchedService(Service):
    def start(self) -> None:
        super().start()
        watchdog.watch(self.process.pid)


# Each method is one action of a visitor.
class Reader(Visitor):  # pylint: disable=too-many-public-methods
    """Chromium with a separate profile."""

    def __init__(self, profile: Path) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = find_program(*_BROWSERS, packages="chromium")
        for option in (*_OPTIONS, f"--user-data-dir={profile}"):
            options.add_argument(option)
        # With an explicit driver, Selenium does not download one.
        driver = find_program("chromedriver", packages="chromium-driver")
        service = _WatchedService(driver, popen_kw={"start_new_session": True})
        self._driver = webdriver.Chrome(options, service)
        self._process_id = service.process.pid
        self._driver.set_page_load_timeout(TIMEOUT_S)
        self._driver.set_script_timeout(TIMEOUT_S)
        # The first tab stays open, because Chromium ends with its last one.
        self._first_tab = self._driver.current_window_handle
        self._connection = self._connect_to_browser()
        self._temporary_profile: dict[str, str] = {}
        self._record_errors()

    def begin_anew(self) -> None:
        """Open a tab with an empty profile and without emulated settings."""
        self._temporary_profile = self._ask("Target.createBrowserContext")
        tab = self._ask(
            "Target.createTarget", url="about:blank", **self._temporary_profile
        )
        self._driver.switch_to.window(tab["targetId"])
        self._record_errors()

    def forget(self) -> None:
        """Close all tabs since begin_anew(), and delete what pages have stored."""
        self._driver.switch_to.window(self._first_tab)
        self._ask("Target.disposeBrowserContext", **self._temporary_profile)
        self.console_messages()

    def _connect_to_browser(self) -> Any:
        """Connect to the browser itself: the driver sends commands to tabs only."""
        address = self._driver.capabilities["goog:chromeOptions"]["debuggerAddress"]
        version = requests.get(f"http://{address}/json/version", timeout=TIMEOUT_S)
        connect: Any = WebSocketConnection  # has no types
        return connect(version.json()["webSocketDebuggerUrl"], TIMEOUT_S, _POLL_S)

    def _ask(self, method: str, **parameters: str) -> dict[str, str]:
        answer = self._connection.send_cmd(method, parameters)
        assert "error" not in answer, answer
        result: dict[str, str] = answer["result"]
        return result

    def _record_errors(self) -> None:
        self._driver.execute_cdp_cmd(
            "Page.addScriptToEvaluateOnNewDocument", {"source": _RECORD_ERRORS}
        )

    def emulate_screen(
        self, width: int, height: int, *, dark: bool = False, still: bool = False
    ) -> None:
        """Emulate a screen of this size, a color scheme and reduced motion."""
        command = self._driver.execute_cdp_cmd
        screen = {"width": width, "height": height, "deviceScaleFactor": 1}
        # Phones scale down wide pages and have no visible scrollbars.
        command("Emulation.setDeviceMetricsOverride", {**screen, "mobile": width < 500})
        command("Emulation.setScrollbarsHidden", {"hidden": True})
        likes = {
            "prefers-color-scheme": "dark" if dark else "light",
            "prefers-reduced-motion": "reduce" if still else "no-preference",
        }
        features = [{"name": name, "value": value} for name, value in likes.items()]
        command("Emulation.setEmulatedMedia", {"features": features})

    def prefer_language(self, language: str) -> None:
        """Set the preferred language of the pages that are opened from now on."""
        agent = self.value("navigator.userAgent")
        override = {"userAgent": agent, "acceptLanguage": language}
        self._driver.execute_cdp_cmd("Emulation.setUserAgentOverride", override)

    def open(self, url: str) -> None:
        """Load a page, even if the same page is open with another fragment."""
        self._driver.get("about:blank")
        self._driver.get(url)

    def click(self, selector: str) -> None:
        """Click an element."""
        self._driver.find_element(By.CSS_SELECTOR, selector).click()

    def choose_file(self, selector: str, file: Path) -> None:
        """Choose a file in a field."""
        self._driver.find_element(By.CSS_SELECTOR, selector).send_keys(str(file))

    def save_downloads_in(self, folder: Path) -> None:
        """Save what is downloaded from now on in a folder, without a question."""
        self._driver.execute_cdp_cmd(
            "Browser.setDownloadBehavior",
            {"behavior": "allow", "downloadPath": str(folder)},
        )

    def point(self, selector: str, x: float, y: float) -> None:
        """Move the pointer to this offset from the top left of an element."""
        element = self._driver.find_element(By.CSS_SELECTOR, selector)
        box = element.size
        ActionChains(self._driver, duration=0).move_to_element_with_offset(
            element, int(x - box["width"] / 2), int(y - box["height"] / 2)
        ).perform()

    def click_at_pointer(self) -> None:
        """Click at the position of the pointer."""
        ActionChains(self._driver).click().perform()

    def press(self, *keys: str) -> None:
        """Press keys one after another in the focused element."""
        ActionChains(self._driver).send_keys(*keys).perform()

    def go_back(self) -> None:
        """Go back in the history."""
        self._driver.back()

    def enter_frame(self, frame: str) -> None:
        """Switch to a frame."""
        self._driver.switch_to.frame(self._driver.find_element(By.CSS_SELECTOR, frame))

    def leave_frame(self) -> None:
        """Switch back to the page."""
        self._driver.switch_to.default_content()

    def value(self, expression: str) -> object:
        """Evaluate JavaScript in the page, and await a promise."""
        found: object = self._driver.execute_script(f"return {expression}")
        return found

    def run(self, statements: str) -> None:
        """Run JavaScript in the page."""
        self._driver.execute_script(statements)

    def is_visible(self, selector: str) -> bool:
        """Return whether an element is visible."""
        return self._driver.find_element(By.CSS_SELECTOR, selector).is_displayed()

    def cookies(self) -> object:
        """Return the cookies of all sites."""
        answer: Mapping[str, object] = self._driver.execute_cdp_cmd(
            "Storage.getCookies", {}
        )
        return answer["cookies"]

    def allow_clipboard(self) -> None:
        """Allow pages to read the clipboard."""
        self._driver.execute_cdp_cmd(
            "Browser.grantPermissions",
            {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]},
        )

    def screenshot(self, path: Path) -> None:
        """Save a screenshot as PNG."""
        answer = self._driver.execute_cdp_cmd(
            "Page.captureScreenshot", {"format": "png"}
        )
        path.write_bytes(b64decode(answer["data"]))

    def console_messages(self) -> list[str]:
        """Return the console messages since the last call."""
        driver: Any = self._driver  # get_log() has no types
        return [entry["message"] for entry in driver.get_log("browser")]

    def errors(self) -> object:
        """Return the uncaught errors of the page."""
        return self.value("uncaught")

    def quit(self) -> None:
        """Quit the browser."""
        self._connection.close()
        self._driver.quit()
        watchdog.unwatch(self._process_id)
