"""The server process, from its start to its end."""

import sys
from dataclasses import replace

from gunicorn.app.base import BaseApplication

from page_tracker.app import PageTracker, chosen_backend, create_app_from
from page_tracker.server.configuration import configuration
from page_tracker.settings import Settings
from page_tracker.settings.values import new_token


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then exit the process, with 0 on success.

    If no token is set, a tracker that only this machine can reach creates a token. It
    prints a link with it, but only on a terminal, because other output may be stored.
    Raises SettingsError if the storage cannot be used at all.
    """
    # Chosen before Gunicorn starts, which would report an error in its own way.
    chosen_backend(settings.backend, settings.data_folder)
    user = ""
    if settings.rules.token is None and settings.is_local and sys.stdout.isatty():
        token = new_token()
        settings = replace(settings, rules=replace(settings.rules, token=token))
        user = f"owner:{token}@"
    _Server(settings, user).run()


class _Server(BaseApplication):  # pylint: disable=abstract-method
    """Gunicorn, configured by these settings instead of its command line.

    The abstract method init() is only for that command line.
    """

    def __init__(self, settings: Settings, user: str) -> None:
        self._settings = settings
        self._user = user
        super().__init__(prog="page-tracker")

    def load_config(self) -> None:
        for name, value in configuration(self._settings, self._user).items():
            self.cfg.set(name, value)

    # The stub requires its own kind of WSGI callable, laxer than PEP 3333.
    def load(self) -> PageTracker:  # type: ignore[override]
        return create_app_from(self._settings)
