"""Gunicorn's settings, each with its reason."""

import logging
import os
from functools import partial
from math import ceil
from typing import Any

from page_tracker.app import chosen_backend
from page_tracker.backends.url import MEMORY_URL
from page_tracker.server import hooks
from page_tracker.server.first_check import check_backend
from page_tracker.server.parsing import best_parser
from page_tracker.server.shared_memory import import_for_workers
from page_tracker.server.worker import LAST_ACCEPT_S, GracefulGeventWorker
from page_tracker.settings import Settings

_log = logging.getLogger("page_tracker")

_WORKERS = 2
_MEMORY_DISK = "/dev/shm"  # nosec B108  # Gunicorn unlinks its files there


def configuration(settings: Settings, user: str = "") -> dict[str, Any]:
    """Return the settings that differ from Gunicorn's defaults, each with its reason.

    With a user, "name:password@", the link to the dashboard contains it, and is printed
    instead of logged.
    """
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    chosen: dict[str, Any] = {
        "bind": f"{host}:{settings.port}",
        # A client that sends nothing, or reads slowly, occupies a greenlet of a few
        # kB, and not one of a few threads.
        "worker_class": GracefulGeventWorker,
        # Together with the connections to Redis, this stays below the usual limit of
        # 1024 open files per process. Further connections wait in the backlog.
        "worker_connections": 700,
        # Also limits the time that a client takes to send its headers. With 0, the
        # time has no limit.
        "keepalive": 5,
        # The last request may wait for the backend until the deadline. With the default
        # of 2 s, the sum is below the 10 s after which `docker stop` kills the process.
        "graceful_timeout": LAST_ACCEPT_S + ceil(settings.deadline_s),
        # The control socket needs a writable home directory, and nothing uses it.
        "control_socket_disable": True,
        # No header may set the path. With Gunicorn's default, any client of a proxy on
        # this machine could set it.
        "forwarder_headers": "",
        # Gunicorn's default would use any gunicorn_h1c, however old.
        "http_parser": best_parser(),
        "on_starting": hooks.before_listening,
        "when_ready": partial(hooks.when_listening, settings, user),
        "pre_fork": hooks.before_fork,
        "post_fork": hooks.prepare_worker,
        "post_worker_init": partial(check_backend, settings),
        "child_exit": hooks.release_slot,
        "pre_request": hooks.close_if_api_or_body,
        "post_request": hooks.after_answer,
    }
    # Workers prove that they are alive by touching a file. On a slow disk, that may
    # take too long, and Gunicorn kills the worker. A read-only container has no disk to
    # write to.
    if os.path.isdir(_MEMORY_DISK):
        chosen["worker_tmp_dir"] = _MEMORY_DISK
    if settings.log_format == "json":
        chosen["logger_class"] = hooks.JsonLogger
    if settings.rules.sites:
        _log.info("Counting the pages of %s", ", ".join(sorted(settings.rules.sites)))
    url = chosen_backend(settings.backend, settings.data_folder).url
    import_for_workers(url)
    if url == MEMORY_URL:
        chosen["workers"] = settings.workers or 1
        chosen["on_starting"] = hooks.before_listening_for_memory
        chosen["nworkers_changed"] = hooks.keep_one_worker
    else:
        chosen["workers"] = settings.workers or _WORKERS
    return chosen
