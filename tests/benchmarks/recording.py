"""python -m tests.benchmarks.recording: record what browsers send when a page counts.

A page of one site includes the script of a tracker on another, in Firefox and in
Chromium. The headers of the script's request go to browsers.json in their order. Both
browsers must be installed, and chromedriver as well.

The file differs from what was sent in three ways. The site is example.com, without a
port. Chromium does not say that it has no window. Host is missing, because it depends
on the server under load.
"""

import json
import subprocess
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from tests.benchmarks.browsers import FILE
from tests.browser.firefox import Firefox
from tests.browser.http_server import HttpServer, QuietHandler
from tests.browser.programs import find_program
from tests.servers import wait_until

_SCRIPT = files("page_tracker.web.static").joinpath("track.min.js").read_bytes()
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_FIREFOX = ("firefox-esr", "firefox")

Headers = list[str]


class Recorder(HttpServer):
    """Serves a page that includes the script, and records the script's requests."""

    def __init__(self) -> None:
        recorded: list[Headers] = []

        class _Handler(QuietHandler):
            def do_GET(self) -> None:  # pylint: disable=invalid-name  # as in the base
                """Answer, and record a request that counts a view."""
                if self.path.startswith("/hit.json"):
                    recorded.append([f"{k}: {v}" for k, v in self.headers.items()])
                is_script = self.path == "/track.js"
                page = f'<script src="http://127.0.0.1:{port}/track.js"></script>'
                self.send_response(200)
                kind = "text/javascript" if is_script else "text/html"
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(_SCRIPT if is_script else page.encode())

        super().__init__(_Handler)
        port = self.port
        # To browsers, this is another site than that of the script.
        self.page = f"http://localhost:{port}/"
        self.recorded = recorded
        """The headers of each request that counts a view."""

    def headers(self) -> Headers:
        """Wait for a request, and return its headers."""
        wait_until(lambda: self.recorded, "the request of the script")
        return [
            header.replace(self.page.rstrip("/"), "https://example.com")
            for header in self.recorded[0]
            if not header.startswith("Host:")
        ]


def firefox() -> Headers:
    """Return the headers of Firefox."""
    with Recorder() as recorder, TemporaryDirectory() as folder:
        browser = Firefox(Path(folder) / "profile")
        try:
            browser.open(recorder.page)
            return recorder.headers()
        finally:
            browser.quit()


def chromium() -> Headers:
    """Return the headers of Chromium with a window."""
    options = webdriver.ChromeOptions()
    options.binary_location = find_program(*_CHROMIUM, packages="chromium")
    for option in ("--headless=new", "--no-sandbox", "--accept-lang=en-US"):
        options.add_argument(option)
    driver = find_program("chromedriver", packages="chromium-driver")
    with Recorder() as recorder, webdriver.Chrome(options, Service(driver)) as browser:
        browser.get(recorder.page)
        headers = recorder.headers()
        return [header.replace("HeadlessChrome", "Chrome") for header in headers]


def version_of(*names: str) -> str:
    """Return the version of the first of these programs that is installed."""
    program = find_program(*names, packages=names[0])
    asked = [program, "--version"]
    told = subprocess.run(asked, stdout=subprocess.PIPE, text=True, check=True)
    return told.stdout.partition(" built on ")[0].strip()


def main() -> None:
    """Record both browsers, and write the file."""
    recorded = [
        {"browser": version_of(*names), "headers": headers()}
        for names, headers in ((_FIREFOX, firefox), (_CHROMIUM, chromium))
    ]
    FILE.write_text(json.dumps(recorded, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
