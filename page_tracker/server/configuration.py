"""Gunicorn's settings, each with its reason."""

import logging
import os
from functools import partial
from math import ceil
from typing import Any

from page_tracker.app import choose_url
from page_tracker.backends.redis.url import MEMORY_URL
from page_tracker.server import hooks
from page_tracker.server.worker import LAST_ACCEPT_S, GracefulGeventWorker
from page_tracker.settings import Settings

_log = logging.getLogger("page_tracker")

_WORKERS_WITH_REDIS = 2
_MEMORY_DISK = "/dev/shm"  # nosec B108  # Gunicorn unlinks what it opens there


def configuration(settings: Settings, user: str = "") -> dict[str, Any]:
    """Return those of Gunicorn's settings that are not its own, each with a reason.

    The user, if any, is printed in the link to the dashboard.
    """
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    chosen: dict[str, Any] = {
        "bind": f"{host}:{settings.port}",
        # A client that connects and says nothing, or reads slowly, holds up a
        # greenlet of a few kB, and not one of a handful of threads.
        "worker_class": GracefulGeventWorker,
        # With those to Redis, fewer than the 1024 files that a process may have open
        # if nobody has set another limit; who comes beyond waits to be accepted.
        "worker_connections": 700,
        # Also how long a client may take to send its headers: with 0, for ever.
        "keepalive": 5,
        # Who came last may wait for Redis until the deadline. With that of 2 s, it is
        # below the 10 s after which `docker stop` kills: what is in flight is finished.
        "graceful_timeout": LAST_ACCEPT_S + ceil(settings.deadline_s),
        # The control socket would want a writable home, and nothing here uses it.
        "control_socket_disable": True,
        # Nothing in front sets the path; with Gunicorn's own list, whoever connects
        # through a proxy on this machine could, by a header.
        "forwarder_headers": "",
        "on_starting": hooks.before_listening,
        "when_ready": partial(hooks.when_listening, settings.rules, user),
        "pre_fork": hooks.assign_slot,
        "post_fork": hooks.begin_worker,
        "child_exit": hooks.release_slot,
        "pre_request": hooks.close_if_last,
        "post_request": hooks.let_others_run,
    }
    # Workers prove that they live by touching a file. On a disk that may take long
    # enough to be killed for it; a read-only container has no disk to write to.
    if os.path.isdir(_MEMORY_DISK):
        chosen["worker_tmp_dir"] = _MEMORY_DISK
    if settings.log_format == "json":
        chosen["logger_class"] = hooks.JsonLogger
    if settings.rules.sites:
        _log.info("Counting the pages of %s", ", ".join(sorted(settings.rules.sites)))
    if choose_url(settings.redis_url) == MEMORY_URL:
        chosen["workers"] = settings.workers or 1
        chosen["on_starting"] = hooks.before_listening_for_memory
        chosen["nworkers_changed"] = hooks.keep_one_worker
    else:
        chosen["workers"] = settings.workers or _WORKERS_WITH_REDIS
    return chosen
