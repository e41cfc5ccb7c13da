"""Regular work in the background of a process that counts."""

import logging
import os
import threading
import time
from collections.abc import Callable
from math import inf
from pathlib import Path

from page_tracker.backends.protocol import BackendError
from page_tracker.backends.sqlite.database import Database
from page_tracker.backends.sqlite.expiry import EVERY_S, remove_expired
from page_tracker.backends.sqlite.health import find_damage
from page_tracker.backends.sqlite.threads import run_in_thread

_log = logging.getLogger("page_tracker")

# So that commands, which end soon, and a server that starts are not slowed down.
_FIRST_AFTER_S = 5.0
_CHECK_EVERY_S = 24 * 3600.0


class Housekeeper:
    """A thread that removes what has expired, and looks for damage once a day."""

    def __init__(self, path: Path, report: Callable[[str | None], None]) -> None:
        """Prepare to keep this file, and to report damage, or None for none."""
        self._path = path
        self._report = report
        self._database = Database(path)
        self._starting = threading.Lock()
        self._started = False
        self._stopped = threading.Event()
        self._last_check = -inf

    def start(self) -> None:
        """Start the thread, unless it has been started."""
        # Read without the lock, because this runs for every view.
        if not self._started:
            with self._starting:
                if not self._started:
                    self._started = True
                    threading.Thread(
                        target=self._run, name="housekeeping", daemon=True
                    ).start()

    def stop(self) -> None:
        """Stop the thread soon."""
        self._stopped.set()

    def _run(self) -> None:
        pause = _FIRST_AFTER_S
        while not self._stopped.wait(pause):
            pause = EVERY_S
            # A file that is missing has nothing to remove.
            if run_in_thread(lambda: os.path.exists(self._path)):
                self._work()

    def _work(self) -> None:
        try:
            remove_expired(self._database)
            if time.monotonic() - self._last_check >= _CHECK_EVERY_S:
                self._report(self._database.use(find_damage))
                self._last_check = time.monotonic()
        except BackendError as error:
            _log.warning("Housekeeping failed: %s: %s", error, error.__cause__)
        except Exception as error:  # pylint: disable=broad-exception-caught
            # After any error, the thread goes on: otherwise salts would not expire.
            _log.error("Housekeeping failed: %s", error, exc_info=error)
