"""page-tracker serve"""

import os
import signal
import sys

import click

from page_tracker.operations.logs import configure_logging
from page_tracker.settings import Settings
from page_tracker.settings.misspelled import warn_of_misspelled_variables

_VARIABLES = """\
\b
Environment variables for these options (an option overrides its variable):
  PAGE_TRACKER_BACKEND          same as --backend; also REDIS_URL
  PAGE_TRACKER_HOST             same as --host; also PAGE_TRACKER_ADDRESS
  PAGE_TRACKER_PORT             same as --port; also PORT
  PAGE_TRACKER_URL              same as --url
  PAGE_TRACKER_WORKERS          same as --workers; also WEB_CONCURRENCY
  PAGE_TRACKER_DEADLINE         same as --deadline
  PAGE_TRACKER_ACCESS_LOG       same as --access-log: true or false
  PAGE_TRACKER_LOG_FORMAT       same as --log-format

\b
Other environment variables (defaults in parentheses):
  PAGE_TRACKER_SITES            sites to count, such as example.com,*.example.org
                                (any)
  PAGE_TRACKER_SAME_SITES       other names of sites, such as
                                www.example.com=example.com (none)
  PAGE_TRACKER_SAME_PAGES       what makes no other page: any of slash, index and
                                case (none)
  PAGE_TRACKER_QUERY            parameters that belong to the name of a page, such as
                                p,page_id; or * for all but those of campaigns; or
                                *,-ref (none)
  PAGE_TRACKER_MAX_PAGES        maximum number of pages per site (100000)
  PAGE_TRACKER_MAX_SITES        maximum number of sites (1000)
  PAGE_TRACKER_REFERRERS        whether the hosts that views came from are counted:
                                true or false (true)
  PAGE_TRACKER_MAX_REFERRERS    maximum number of these hosts per site (1000)
  PAGE_TRACKER_DEDUPE           seconds for which repeated views of a page by the
                                same visitor are ignored (0)
  PAGE_TRACKER_IGNORE_IPS       addresses and networks whose views are ignored
                                (none)
  PAGE_TRACKER_TRUSTED_PROXIES  number of proxies that add to X-Forwarded-For (0)
  PAGE_TRACKER_BASE_PATH        prefix of all paths, such as /counter (none)
  PAGE_TRACKER_READ_CACHE       seconds for which responses that count nothing may
                                be cached (0)
  PAGE_TRACKER_TIMEZONE         time zone of the days, such as Europe/Berlin (UTC)
  PAGE_TRACKER_PUBLIC           sites whose numbers anybody may see at /shared, such as
                                example.com (none)
  PAGE_TRACKER_FRAMES           hosts whose pages may frame /shared, such as
                                https://example.com; or * for all (none)
  PAGE_TRACKER_TOKEN            password of the dashboard; page-tracker token prints
                                a good one (on a terminal and on 127.0.0.1, a new
                                one at each start)
  STATE_DIRECTORY               folder of the SQLite file; systemd sets it (none)
  XDG_DATA_HOME                 folder with a folder page-tracker for that file
                                (~/.local/share)
"""


@click.command(epilog=_VARIABLES)
@click.option(
    "--backend",
    "--redis-url",
    metavar="URL",
    help="Where to store counts: sqlite:///path/counts.db, sqlite:counts.db in the "
    "current folder, redis://, redis+sentinel://, redis+cluster://, unix:// or "
    "memory://. With rediss instead of redis, connections use TLS (default: "
    "redis://localhost:6379 if a Redis answers there, otherwise the file counts.db in "
    "STATE_DIRECTORY, or in page-tracker in XDG_DATA_HOME or ~/.local/share).",
)
@click.option(
    "--host", metavar="HOST", help="Address to listen on (default: 127.0.0.1)."
)
@click.option(
    "--port",
    metavar="PORT",
    help="Port to listen on, or 0 for any free port (default: 8000).",
)
@click.option(
    "--url",
    metavar="URL",
    help="URL of the host at which visitors reach the tracker, such as "
    "https://counter.example (default: unknown). It is used in links and snippets.",
)
@click.option(
    "--workers",
    metavar="N",
    help="Number of worker processes (default: 2; always 1 with memory://).",
)
@click.option(
    "--deadline",
    metavar="SECONDS",
    help="How many seconds a request may wait for the backend (default: 2).",
)
@click.option(
    "--access-log",
    is_flag=True,
    flag_value="true",
    default=None,
    type=click.UNPROCESSED,
    help="Log each request, without any data about its client.",
)
@click.option(
    "--log-format",
    metavar="FORMAT",
    help="Format of the log: text (the default) or json.",
)
def serve(**options: str | None) -> None:
    """Count and show views over HTTP (the default command)."""
    named = {f"--{name.replace('_', '-')}": text for name, text in options.items()}
    settings = Settings.read(os.environ, named)
    configure_logging(settings.log_format)
    warn_of_misspelled_variables()
    # This handler works until Gunicorn sets its own. Without a handler, the first
    # process of a container ignores SIGTERM.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # Gunicorn reads this variable when it is imported. It fails if the value is not
    # valid or is empty, even if the option is set.
    os.environ.pop("WEB_CONCURRENCY", None)
    if settings.workers:
        os.environ["WEB_CONCURRENCY"] = str(settings.workers)
    # Imported here, because no other command needs Gunicorn, and because Gunicorn
    # must not read the variable above before it is set.
    # pylint: disable-next=import-outside-toplevel
    from page_tracker.server import serving

    serving.serve(settings)
