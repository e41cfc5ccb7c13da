"""The backend that the server uses, opened for a command."""

import os

import click

from page_tracker.backends.choice import Choice, choose, open_backend
from page_tracker.backends.maintenance import prepare_storage, storage_exists
from page_tracker.backends.protocol import CounterBackend
from page_tracker.backends.url import MEMORY_URL, describe_storage
from page_tracker.cli.output import CommandError
from page_tracker.counting.rules import Rules
from page_tracker.settings import Settings, SettingsError
from page_tracker.settings.misspelled import misspelled_variables


def read_settings(backend_url: str | None) -> Settings:
    """Read the same settings as the server, so that both use the same backend.

    Warns of misspelled variables. Raises SettingsError.
    """
    for misspelled in misspelled_variables(os.environ):
        click.echo(f"page-tracker: {misspelled}", err=True)
    return Settings.read(os.environ, {"--backend": backend_url})


def choose_existing(settings: Settings) -> Choice:
    """Choose the backend as the server does.

    Raises SettingsError if the counts are in memory, and CommandError if the server has
    not stored any yet.
    """
    choice = choose_as_server(settings)
    if not storage_exists(choice.url):
        raise CommandError(
            f"there are no counts: {describe_storage(choice.url)} does not exist "
            f"({choice.reason}); allowed: --backend URL, as the server has it"
        )
    return choice


def choose_or_create(settings: Settings) -> Choice:
    """Choose the backend as the server does, and prepare its storage.

    Raises SettingsError if the counts are in memory, and BackendError if the storage
    cannot be used at all.
    """
    choice = choose_as_server(settings)
    prepare_storage(choice.url, settings.data_folder)
    return choice


def open_chosen(choice: Choice, settings: Settings) -> CounterBackend:
    """Open the chosen backend with these settings."""
    return open_backend(
        choice.url, deadline_s=settings.deadline_s, limits=settings.limits
    )


def choose_as_server(settings: Settings) -> Choice:
    """Choose the backend as the server does. Raises SettingsError if it is memory."""
    choice = settings.backend or choose(settings.data_folder)
    if choice.url == MEMORY_URL:
        raise SettingsError(
            f"commands cannot read counts in memory ({choice.reason}); allowed: a "
            "SQLite file or a Redis"
        )
    return choice


def open_shared_backend(backend_url: str | None) -> tuple[CounterBackend, Rules]:
    """Open the backend that the server uses.

    Returns the backend, and the rules of the owner. Raises SettingsError and
    CommandError as choose_existing() does.
    """
    settings = read_settings(backend_url)
    backend = open_chosen(choose_existing(settings), settings)
    return backend, settings.rules
