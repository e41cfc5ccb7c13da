"""What Gunicorn calls while it starts, serves and stops."""

import logging
import os
import re
import signal
import socket
import sys
import time
from importlib.metadata import version
from ipaddress import ip_address
from typing import Any

from gevent import Timeout
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.http.errors import ParseException
from gunicorn.http.message import Request
from gunicorn.sock import BaseSocket, TCPSocket
from gunicorn.workers.base import Worker

from page_tracker.app import shared_metrics
from page_tracker.counting.rules import Rules
from page_tracker.operations.logs import formatter
from page_tracker.web.routes import EVENTS

_log = logging.getLogger("page_tracker")

_SEND_TIMEOUT_MS = 10_000
_BODY_TIMEOUT_S = 5


def before_listening(arbiter: Arbiter) -> None:
    """Make ready what Gunicorn has no setting for."""
    logging.getLogger("gunicorn.error").addFilter(_without_visitors)
    refuse_taken_address(arbiter)


def before_listening_for_memory(arbiter: Arbiter) -> None:
    """Exit rather than count beside another server, which has a memory of its own."""
    if arbiter.master_pid or arbiter.cfg.reuse_port:
        sys.exit(
            "page-tracker: counts in memory cannot be shared with the server that runs "
            "already; allowed: to end that first, or to set REDIS_URL to a Redis"
        )
    before_listening(arbiter)


def _without_visitors(record: logging.LogRecord) -> bool:
    """Take visitors out of Gunicorn's log: those too slow, and all their addresses."""
    if record.exc_info and isinstance(record.exc_info[1], TimeoutError):
        return False
    if isinstance(record.msg, str):
        record.msg = re.sub(r"^(Invalid request) from ip=\S*:", r"\1:", record.msg)
    return True


def refuse_taken_address(arbiter: Arbiter) -> None:
    """Exit with one line if an address cannot be listened at.

    Gunicorn would try for five seconds, with two lines each time.
    """
    # The sockets are inherited, from an older master or from systemd, or shared.
    if arbiter.master_pid or "LISTEN_FDS" in os.environ or arbiter.cfg.reuse_port:
        return
    for address in arbiter.cfg.address:
        if isinstance(address, tuple):
            _try_to_bind(*address)


def _try_to_bind(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        # As Gunicorn does: connections that still linger do not make a port taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.exit(
                f"page-tracker: cannot listen at {host}:{port}: {error.strerror}; "
                "allowed for --host and --port: an address of this machine and a "
                "port that is free"
            )


def when_listening(rules: Rules, user: str, arbiter: Arbiter) -> None:
    """Drop those who read nothing; say what to open, and where to read more."""
    for listener in arbiter.LISTENERS:
        if isinstance(listener, TCPSocket) and hasattr(socket, "TCP_USER_TIMEOUT"):
            # Inherited by each connection: what is sent and not taken in that long
            # ends it (RFC 5482), where Gunicorn would wait for ever.
            listener.sock.setsockopt(
                socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _SEND_TIMEOUT_MS
            )
        _log.info("Open %s", _address_to_open(listener))
        if rules.token and isinstance(listener, TCPSocket):
            scheme, _, place = _address_to_open(listener).partition("//")
            link = f"{scheme}//{user}{place}{rules.base_path}/dashboard"
            # Not logged: logs are kept, and read by others.
            print(f"Dashboard: {link}", flush=True)
    if not rules.token:
        _log.info("No dashboard: PAGE_TRACKER_TOKEN is not set")
    _log.info(
        "page-tracker %s; documentation: page-tracker --help, README.md",
        version("page-tracker"),
    )


def assign_slot(_arbiter: Arbiter, worker: Worker) -> None:
    """Set a place apart for the numbers of a worker, whose age tells it from others."""
    shared_metrics().counters.assign(worker.age)


def begin_worker(_arbiter: Arbiter, worker: Worker) -> None:
    """Let SIGTERM end a worker that does not serve yet, and its numbers be shared.

    Born with the master's handlers, it would forget the signal, and be waited for.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    shared_metrics().counters.attach(worker.age)


def release_slot(_arbiter: Arbiter, worker: Worker) -> None:
    """Leave the place of a worker that has ended, however it has, to a later one."""
    shared_metrics().counters.release(worker.age)


def _address_to_open(listener: BaseSocket) -> str:
    if not isinstance(listener, TCPSocket):
        return str(listener)
    host, port = listener.sock.getsockname()[:2]
    if ip_address(host).is_unspecified:
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def close_if_last(_worker: Worker, request: Request) -> None:
    """Have nothing follow events on their connection, nor a body.

    Events end when the worker does, which would wait for what follows. Of a body,
    handlers read a part at most: Gunicorn would read it to its end to find what
    follows, and, if it comes fast enough, let nobody else have a turn meanwhile.
    """
    if request.path and request.path.endswith(EVENTS):
        request.force_close()
    if any(
        name in ("CONTENT-LENGTH", "TRANSFER-ENCODING") for name, _ in request.headers
    ):
        request.force_close()
        # All that is done with a body here is to read it.
        request.body = _PunctualBody(request.body)  # type: ignore[assignment]


class _PunctualBody:
    """A body that must come within some seconds of being asked for."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def read(self, size: int) -> bytes:
        """Read so many bytes, or up to the end. Raises TimeoutError or OSError."""
        with Timeout(_BODY_TIMEOUT_S, TimeoutError):
            try:
                read: bytes = self._body.read(size)
            except ParseException as error:
                raise OSError("the body is no proper HTTP") from error
            return read


def let_others_run(_worker: Worker, _request: Any, _environ: Any, _answer: Any) -> None:
    """Give other greenlets a turn: a client that always has more to ask takes none."""
    time.sleep(0)


def keep_one_worker(arbiter: Arbiter, workers: int, _before: int | None) -> None:
    """Allow one worker alone, at the start and on SIGTTIN: no two share a memory."""
    if workers > 1:
        _log.warning("Running 1 worker, not %d: it counts in memory", workers)
        # Also what Gunicorn tells the app of its processes, as wsgi.multiprocess.
        arbiter.cfg.set("workers", 1)
        arbiter.num_workers = 1


class JsonLogger(Logger):
    """Gunicorn's log, each line of which is a JSON object."""

    def setup(self, cfg: Any) -> None:
        """Set up the log, at the start and when told to reload."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(formatter("json"))
