"""A visitor who opens pages in Firefox.

The tests speak WebDriver BiDi with it, so they need no geckodriver, which Debian does
not have. This is enough for the script.
"""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from selenium.webdriver.remote.websocket_connection import WebSocketConnection

from tests import watchdog
from tests.browser.programs import find_program
from tests.browser.visitor import Visitor
from tests.counting import TIMEOUT_S
from tests.servers import wait_until

_POLL_S = 0.01
_SETTINGS = {
    # Names under .example stand for public sites.
    "network.dns.forceResolve": "127.0.0.1",
    "app.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
}


class Firefox(Visitor):
    """Firefox with a separate profile."""

    def __init__(self, profile: Path) -> None:
        profile.mkdir()
        settings = (
            f'user_pref("{name}", {json.dumps(value)});\n'
            for name, value in _SETTINGS.items()
        )
        (profile / "user.js").write_text("".join(settings), "utf-8")
        self._log = profile / "log"
        browser = find_program("firefox-esr", "firefox", packages="firefox-esr")
        with self._log.open("wb") as log:
            # pylint: disable-next=consider-using-with  # quit() ends it
            self._process = subprocess.Popen(
                [browser, "--headless", "--no-remote", "--remote-debugging-port=0"]
                + ["--profile", str(profile)],
                stderr=log,
                start_new_session=True,
            )
        watchdog.watch(self._process.pid)
        url = f"{self._announced_url()}/session"
        connect: Any = WebSocketConnection  # has no types
        self._socket = connect(url, TIMEOUT_S, _POLL_S)
        self._ask("session.new", capabilities={})
        tree = self._ask("browsingContext.getTree")
        self._tab = tree["contexts"][0]["context"]

    def open(self, url: str) -> None:
        """Load a page, even if the same page is open with another fragment."""
        for address in ("about:blank", url):
            self._ask(
                "browsingContext.navigate",
                context=self._tab,
                url=address,
                wait="complete",
            )

    def value(self, expression: str) -> object:
        """Evaluate JavaScript in the page, and await a promise."""
        evaluated = self._ask(
            "script.evaluate",
            expression=f"(async () => JSON.stringify([await ({expression})]))()",
            target={"context": self._tab},
            awaitPromise=True,
        )
        assert evaluated["type"] == "success", evaluated
        (found,) = json.loads(evaluated["result"]["value"])
        return found

    def quit(self) -> None:
        """Quit Firefox."""
        self._process.terminate()
        self._process.wait(TIMEOUT_S)
        self._socket.close()
        watchdog.unwatch(self._process.pid)

    def _announced_url(self) -> str:
        found: list[str] = []

        def is_announced() -> bool:
            log = self._log.read_text("utf-8", errors="replace")
            found.extend(re.findall(r"BiDi listening on (\S+)\n", log))
            return bool(found)

        wait_until(is_announced, "Firefox")
        return found[0]

    def _ask(self, method: str, **parameters: object) -> Any:
        answer = self._socket.send_cmd(method, parameters)
        assert answer["type"] == "success", answer
        return answer["result"]
