"""The server process, from its start to its end."""

import secrets
from dataclasses import replace
from ipaddress import ip_address

from gunicorn.app.base import BaseApplication

from page_tracker.app import PageTracker, choose_url, create_app_from
from page_tracker.server.configuration import configuration
from page_tracker.settings import Settings


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then exit the process, with 0 on success.

    If the address is a loopback address and no token is set, this creates a token and
    prints it. Raises SettingsError if the storage cannot be used at all.
    """
    # Chosen before Gunicorn starts, which would report an error in its own way.
    choose_url(settings.backend, settings.data_folder)
    user = ""
    if settings.rules.token is None and _is_loopback(settings.host):
        token = secrets.token_urlsafe()
        settings = replace(settings, rules=replace(settings.rules, token=token))
        user = f"owner:{token}@"
    _Server(settings, user).run()


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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
