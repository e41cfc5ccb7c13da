"""page-tracker backup"""

from pathlib import Path

import click

from page_tracker.backends.maintenance import back_up, folder_of_storage
from page_tracker.cli.backend import choose_existing, read_settings
from page_tracker.cli.options import backend_option
from page_tracker.cli.output import CommandError, reporting_file_errors
from page_tracker.transfer.atomic_file import STANDARD


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, readable=False, path_type=Path))
@backend_option
def backup(file: Path, backend_url: str | None) -> None:
    """Copy the SQLite file to FILE while views are counted.

    FILE contains all counts of one moment, and appears only when it is complete. It
    contains no pseudonyms of visitors. To restore it, stop the server, delete its file
    and the one beside it with the ending -wal, if there is one, and put FILE in their
    place.
    """
    if file == STANDARD:
        raise click.UsageError("a backup is not written to a pipe; allowed: a file")
    choice = choose_existing(read_settings(backend_url))
    # In a container, the folder of the counts is the only one that can be written to.
    allowed = f"another folder, such as {folder_of_storage(choice.url)}"
    with reporting_file_errors(f"cannot write {file}", allowed=allowed):
        if not back_up(choice.url, file):
            raise CommandError(
                "backup copies a SQLite file, and these counts are in Redis; allowed: "
                "page-tracker export, or a copy of the files of Redis"
            )
    click.echo(f"Wrote {file}.")
