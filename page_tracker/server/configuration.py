"""Gunicorn, embedded: how it is set up, and why so."""

import logging
import os
import re
import secrets
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from ipaddress import ip_address
from math import ceil
from typing import Any

from gevent import Timeout
from gevent.pool import Pool
from gevent.server import StreamServer
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.http.errors import ParseException
from gunicorn.http.message import Request
from gunicorn.sock import BaseSocket, TCPSocket
from gunicorn.workers.base import Worker
from gunicorn.workers.ggevent import GeventWorker

from page_tracker.app import (
    PageTracker,
    choose_url,
    create_app_from,
    shared_metrics,
)
from page_tracker.backends.redis.url import MEMORY_URL
from page_tracker.counting.rules import Rules
from page_tracker.operations.logs import formatter
from page_tracker.settings import Settings
from page_tracker.web.routes import EVENTS

_log = logging.getLogger("page_tracker")

_WORKERS_WITH_REDIS = 2
_SEND_TIMEOUT_MS = 10_000
_BODY_TIMEOUT_S = 5
# Longer than an idle client may stay.
_LAST_ACCEPT_S = 6
_MEMORY_DISK = "/dev/shm"  # nosec B108  # Gunicorn unlinks what it opens there


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then exit the process: with 0 if all went well.

    On a loopback address and without a token, one is made for the run, and printed.
    """
    user = ""
    if settings.rules.token is None and _is_loopback(settings.host):
        token = secrets.token_urlsafe()
        settings = replace(settings, rules=replace(settings.rules, token=token))
        user = f"owner:{token}@"
    _Server(settings, user).run()


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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
        "graceful_timeout": _LAST_ACCEPT_S + ceil(settings.deadline_s),
        # The control socket would want a writable home, and nothing here uses it.
        "control_socket_disable": True,
        # Nothing in front sets the path; with Gunicorn's own list, whoever connects
        # through a proxy on this machine could, by a header.
        "forwarder_headers": "",
        "on_starting": before_listening,
        "when_ready": partial(when_listening, settings.rules, user),
        "pre_fork": give_column,
        "post_fork": begin_worker,
        "child_exit": free_column,
        "pre_request": close_if_last,
        "post_request": let_others_run,
    }
    # Workers prove that they live by touching a file. On a disk that may take long
    # enough to be killed for it; a read-only container has no disk to write to.
    if os.path.isdir(_MEMORY_DISK):
        chosen["worker_tmp_dir"] = _MEMORY_DISK
    if settings.log_format == "json":
        chosen["logger_class"] = JsonLogger
    if settings.rules.sites:
        _log.info("Counting the pages of %s", ", ".join(sorted(settings.rules.sites)))
    if choose_url(settings.redis_url) == MEMORY_URL:
        chosen["workers"] = settings.workers or 1
        chosen["on_starting"] = before_listening_for_memory
        chosen["nworkers_changed"] = keep_one_worker
    else:
        chosen["workers"] = settings.workers or _WORKERS_WITH_REDIS
    return chosen


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


def give_column(_arbiter: Arbiter, worker: Worker) -> None:
    """Set a place apart for the numbers of a worker, whose age tells it from others."""
    shared_metrics().columns.give(worker.age)


def begin_worker(_arbiter: Arbiter, worker: Worker) -> None:
    """Let SIGTERM end a worker that does not serve yet, and its numbers be shared.

    Born with the master's handlers, it would forget the signal, and be waited for.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    shared_metrics().columns.take(worker.age)


def free_column(_arbiter: Arbiter, worker: Worker) -> None:
    """Leave the place of a worker that has ended, however it has, to a later one."""
    shared_metrics().columns.free(worker.age)


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


class GracefulGeventWorker(GeventWorker):
    """Gunicorn's gevent worker, which leaves nobody at the door when it ends."""

    def run(self) -> None:
        """Serve until told to end."""
        # The stub wants a class, where Gunicorn calls it and no more.
        self.server_class = partial(_Acceptor, self)  # type: ignore[assignment, misc]
        super().run()


class _Acceptor(StreamServer):
    def __init__(
        self, worker: GeventWorker, listener: Any, *, spawn: Pool, **options: Any
    ) -> None:
        def handle(client: Any, address: Any) -> None:
            # Gunicorn asks the listener for nothing but its name, and fails if that
            # has been closed meanwhile; the connection has the same name.
            worker.handle(client, client, address)

        # The other options are for servers that speak HTTP themselves.
        tls = {name: options[name] for name in options.keys() & {"ssl_context"}}
        super().__init__(listener, handle, spawn=spawn, **tls)
        # As Gunicorn has it: who has others beside it leaves them their share.
        if worker.cfg.workers > 1:
            self.max_accept = 1
        self._app: object = worker.wsgi

    def close(self) -> None:
        """Accept who has been waiting, and then nobody: else these would be reset.

        Who watches is told no more, and leaves a place, too.
        Where all places are taken, they wait for one: idle clients leave theirs.
        """
        self.stop_accepting()
        if isinstance(self._app, PageTracker):
            self._app.end_streams()
        # Whatever accept() fails with, those who are connected are to be answered.
        # The stub does not know of False, which is to raise nothing.
        last = Timeout(_LAST_ACCEPT_S, False)  # type: ignore[arg-type]
        with suppress(OSError), last:
            while self.started and (waiting := self.do_read()):
                self.do_handle(*waiting)
        super().close()


class _Server(BaseApplication):  # pylint: disable=abstract-method
    """Gunicorn with settings that come from here instead of from its command line.

    What stays abstract, init(), is there for that command line alone.
    """

    def __init__(self, settings: Settings, user: str) -> None:
        self._settings = settings
        self._user = user
        super().__init__(prog="page-tracker")

    def load_config(self) -> None:
        for name, value in configuration(self._settings, self._user).items():
            self.cfg.set(name, value)

    # The stub wants a WSGI callable of its own kind, laxer than PEP 3333.
    def load(self) -> PageTracker:  # type: ignore[override]
        return create_app_from(self._settings)
