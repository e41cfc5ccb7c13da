"""page-tracker serve"""

import os
import signal
import sys

import click

from page_tracker.operations.logs import configure_logging
from page_tracker.settings import Settings

_VARIABLES = """\
\b
Variables (an option wins over its variable):
  REDIS_URL              as --redis-url
  PAGE_TRACKER_ADDRESS   as --host
  PORT                   as --port
  WEB_CONCURRENCY        as --workers
  PAGE_TRACKER_DEADLINE  as --deadline
  PAGE_TRACKER_ACCESS_LOG  as --access-log: true, false
  PAGE_TRACKER_LOG_FORMAT  as --log-format

\b
  PAGE_TRACKER_SITES            sites that are counted: example.com,*.example.org
                                (any)
  PAGE_TRACKER_MAX_PAGES        pages that a site may have (100000)
  PAGE_TRACKER_MAX_SITES        sites that there may be (1000)
  PAGE_TRACKER_DEDUPE           seconds for which a visitor's further views of a
                                page are ignored (0)
  PAGE_TRACKER_IGNORE_IPS       addresses and networks whose views are ignored
                                (none)
  PAGE_TRACKER_TRUSTED_PROXIES  proxies in front that add to X-Forwarded-For (0)
  PAGE_TRACKER_BASE_PATH        path below which the tracker is hosted (none)
  PAGE_TRACKER_READ_CACHE       seconds for which numbers that are shown and not
                                counted may be cached (0)
  PAGE_TRACKER_TIMEZONE         where a day begins: Europe/Berlin (UTC)
  PAGE_TRACKER_TOKEN            what opens the dashboard (made anew on 127.0.0.1)
"""


@click.command(epilog=_VARIABLES)
@click.option(
    "--redis-url",
    metavar="URL",
    help="Where to count: redis://, redis+sentinel://, redis+cluster://, the same with "
    "rediss for TLS, unix:// or memory:// (redis://localhost:6379 if a Redis answers "
    "there, else memory://).",
)
@click.option("--host", metavar="HOST", help="Address to listen at (127.0.0.1).")
@click.option(
    "--port", metavar="PORT", help="Port to listen at, 0 for a free one (8000)."
)
@click.option(
    "--workers",
    metavar="N",
    help="Worker processes (2 with Redis, always 1 with memory://).",
)
@click.option(
    "--deadline",
    metavar="SECONDS",
    help="How long a request may wait for Redis (2).",
)
@click.option(
    "--access-log",
    is_flag=True,
    flag_value="true",
    default=None,
    type=click.UNPROCESSED,
    help="Log each request, and nothing of who has sent it (they are not logged).",
)
@click.option("--log-format", metavar="FORMAT", help="How to log: text or json (text).")
def serve(**options: str | None) -> None:
    """Count and show views over HTTP. Without any command, this is done."""
    named = {f"--{name.replace('_', '-')}": text for name, text in options.items()}
    settings = Settings.read(os.environ, named)
    configure_logging(settings.log_format)
    # Until Gunicorn heeds it: in a container, the first process is not ended by a
    # signal that it has no handler for.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # Gunicorn reads this variable when it is imported, and trips over a wrong or empty
    # one even where an option wins over it.
    os.environ.pop("WEB_CONCURRENCY", None)
    if settings.workers:
        os.environ["WEB_CONCURRENCY"] = str(settings.workers)
    # Here, so that no other command loads Gunicorn, and none too early: see above.
    # pylint: disable-next=import-outside-toplevel
    from page_tracker.server import serving

    serving.serve(settings)
