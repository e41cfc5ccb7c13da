"""page-tracker token"""

import sys

import click

from page_tracker.settings.values import new_token


@click.command()
def token() -> None:
    """Print a new token for the dashboard, as a line for .env."""
    if not sys.stdout.isatty():
        # The last line of a file to which this is appended may lack its end.
        click.echo()
    click.echo(f"PAGE_TRACKER_TOKEN={new_token()}")
