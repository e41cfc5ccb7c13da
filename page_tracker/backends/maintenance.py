"""What the operator does with a storage, named by a checked URL that is not memory.

The packages of the backends are imported when they are used, because each of them
imports a library.
"""

# pylint: disable=import-outside-toplevel

from importlib import import_module
from pathlib import Path

from page_tracker.backends.choice import Choice
from page_tracker.backends.sqlite import url as sqlite_url
from page_tracker.backends.sqlite.files import is_one_of
from page_tracker.backends.url import is_sqlite
from page_tracker.operations.findings import Finding


def import_backend(url: str) -> None:
    """Import all that counting in the storage and examining it needs.

    Processes that are forked afterwards share the memory of it.
    """
    package = "sqlite" if is_sqlite(url) else "redis"
    for module in ("backend", "diagnosis"):
        import_module(f"page_tracker.backends.{package}.{module}")


def prepare_storage(url: str, data_folder: Path | None) -> None:
    """Check that the storage can be used at all, before a server starts.

    Creates the data folder if the file of the counts belongs there. Raises
    BackendError, which says what to do.
    """
    if is_sqlite(url):
        from page_tracker.backends.sqlite.preparation import prepare

        prepare(sqlite_url.path_of(url), data_folder)


def storage_exists(url: str) -> bool:
    """Return whether a command can use the storage without creating it."""
    if not is_sqlite(url):
        return True
    try:
        sqlite_url.path_of(url).stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        # The file may exist. An attempt to open it says what is wrong.
        pass
    return True


def examine(
    choice: Choice,
    *,
    deadline_s: float,
    data_folder: Path | None = None,
    reads_all: bool = True,
) -> list[Finding]:
    """Examine the storage.

    A Redis has to answer each request within deadline_s seconds. The folder of a SQLite
    file may be missing if it is the data folder. The file is read as a whole, unless
    reads_all is false.
    """
    if is_sqlite(choice.url):
        from page_tracker.backends.sqlite import diagnosis as sqlite_diagnosis

        path = sqlite_url.path_of(choice.url)
        return sqlite_diagnosis.examine(
            path, data_folder=data_folder, reads_all=reads_all
        )
    from page_tracker.backends.redis import diagnosis as redis_diagnosis

    return redis_diagnosis.examine(
        choice.url, deadline_s=deadline_s, setting=choice.setting
    )


def is_part_of_storage(url: str, path: Path) -> bool:
    """Return whether a file is one of those in which the counts are."""
    return is_sqlite(url) and is_one_of(path, sqlite_url.path_of(url))


def folder_of_storage(url: str) -> Path | None:
    """Return the folder in which the counts are, or None if they are in Redis."""
    return sqlite_url.path_of(url).parent if is_sqlite(url) else None


def back_up(url: str, target: Path) -> bool:
    """Write a backup of a SQLite file. Return False for another storage.

    Raises BackendError and OSError.
    """
    if not is_sqlite(url):
        return False
    from page_tracker.backends.sqlite import backup

    backup.back_up(sqlite_url.path_of(url), target)
    return True
