"""The command line: page-tracker."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import NoReturn

from page_tracker.logs import configure_logging
from page_tracker.settings import Settings, SettingsError

_VARIABLES = """\
variables (an option wins over its variable):
  REDIS_URL              as --redis-url
  PAGE_TRACKER_ADDRESS   as --host
  PORT                   as --port
  WEB_CONCURRENCY        as --workers
  PAGE_TRACKER_DEADLINE  as --deadline

  PAGE_TRACKER_SITES            sites that are counted: example.com,*.example.org (any)
  PAGE_TRACKER_MAX_PAGES        pages that a site may have (100000)
  PAGE_TRACKER_MAX_SITES        sites that there may be (1000)
  PAGE_TRACKER_DEDUPE           seconds for which a visitor's further views of a page
                                are ignored (0)
  PAGE_TRACKER_IGNORE_IPS       addresses and networks whose views are ignored (none)
  PAGE_TRACKER_TRUSTED_PROXIES  proxies in front that add to X-Forwarded-For (0)
  PAGE_TRACKER_BASE_PATH        path below which the tracker is hosted (none)
  PAGE_TRACKER_READ_CACHE       seconds for which numbers that are shown and not
                                counted may be cached (0)
  PAGE_TRACKER_TIMEZONE         where a day begins: Europe/Berlin (UTC)
  PAGE_TRACKER_TOKEN            what opens the dashboard (made for each run on 127.0.0.1)
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; exits with 2 if the command line or a setting is wrong."""
    options = vars(command_line().parse_args(arguments))
    options = {f"--{name.replace('_', '-')}": text for name, text in options.items()}
    try:
        settings = Settings.read(os.environ, options)
    except SettingsError as error:
        print(f"page-tracker: {error}", file=sys.stderr)
        sys.exit(2)
    configure_logging()
    _serve(settings)


def _serve(settings: Settings) -> None:
    # Until Gunicorn heeds it: in a container, the first process is not ended by a
    # signal that it has no handler for.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # Gunicorn reads this variable when it is imported, and trips over a wrong or empty
    # one even where an option wins over it.
    os.environ.pop("WEB_CONCURRENCY", None)
    if settings.workers:
        os.environ["WEB_CONCURRENCY"] = str(settings.workers)
    # pylint: disable-next=import-outside-toplevel
    from page_tracker.server import serve

    serve(settings)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        if "@" in message or "://" in message:
            # Not quoted: there may be a password in it.
            message = "a URL where none belongs; allowed: --redis-url URL"
        super().error(message)


def command_line() -> argparse.ArgumentParser:
    """Describe the commands and their options."""
    parser = _Parser(
        prog="page-tracker",
        description="Count page views: exact, durable, private, fast.",
        epilog=_VARIABLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version", action="version", version=f"%(prog)s {version('page-tracker')}"
    )
    parser.add_argument(
        "command",
        nargs="?",
        choices=["serve"],
        default="serve",
        help="serve: count and show views over HTTP (the default)",
    )
    parser.add_argument("--host", help="address to listen at (127.0.0.1)")
    parser.add_argument("--port", help="port to listen at, 0 for a free one (8000)")
    parser.add_argument(
        "--workers", help="worker processes (2 with Redis, always 1 with memory://)"
    )
    parser.add_argument(
        "--deadline",
        metavar="SECONDS",
        help="how long a request may wait for Redis (2)",
    )
    parser.add_argument(
        "--redis-url",
        metavar="URL",
        help="where to count: redis://, redis+sentinel://, redis+cluster://, the same "
        "with rediss for TLS, unix:// or memory:// "
        "(redis://localhost:6379 if a Redis answers there, else memory://)",
    )
    return parser
