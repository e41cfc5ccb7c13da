"""page-tracker token"""

import click

from page_tracker.settings.values import new_token


@click.command()
def token() -> None:
    """Print a new token for the dashboard, as a line for .env."""
    click.echo(f"PAGE_TRACKER_TOKEN={new_token()}")
