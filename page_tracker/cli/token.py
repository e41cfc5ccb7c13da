"""page-tracker token"""

import click

from page_tracker.settings.values import new_token


@click.command()
def token() -> None:
    """Print a new token for the owner, as a line for .env or another settings file."""
    click.echo(f"PAGE_TRACKER_TOKEN={new_token()}")
