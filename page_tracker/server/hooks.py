"""The hooks that Gunicorn calls while it starts, serves and stops."""

import gc
import json
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
from page_tracker.operations.forks import hold_while_forking
from page_tracker.operations.logs import formatter
from page_tracker.server.lingering import linger
from page_tracker.server.parsing import log_parser
from page_tracker.settings import Settings
from page_tracker.web.routes import API

_log = logging.getLogger("page_tracker")

_SEND_TIMEOUT_MS = 10_000
_BODY_TIMEOUT_S = 5

_STOP_SIGNALS = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)


def before_listening(arbiter: Arbiter) -> None:
    """Prepare the log and the signals, and check what no setting of Gunicorn checks."""
    logging.getLogger("gunicorn.error").addFilter(_remove_client_data)
    hold_while_forking(_STOP_SIGNALS)
    log_parser(arbiter.cfg)
    check_addresses(arbiter)


def before_listening_for_memory(arbiter: Arbiter) -> None:
    """Exit if another server is running: they cannot share counts in memory."""
    if arbiter.master_pid or arbiter.cfg.reuse_port:
        sys.exit(
            "page-tracker: counts in memory cannot be shared with the server that is "
            "already running; allowed: stop that server first, or choose another "
            "backend"
        )
    before_listening(arbiter)


def _remove_client_data(record: logging.LogRecord) -> bool:
    """Keep client timeouts and client addresses out of Gunicorn's log."""
    if record.exc_info and isinstance(record.exc_info[1], TimeoutError):
        return False
    if isinstance(record.msg, str):
        record.msg = re.sub(r"^(Invalid request) from ip=\S*:", r"\1:", record.msg)
    return True


def check_addresses(arbiter: Arbiter) -> None:
    """Exit with one line if the server cannot listen on an address.

    Gunicorn itself retries for five seconds, and logs two lines each time.
    """
    # In these cases, the sockets come from an older master or from systemd, or they
    # are shared with another server.
    if arbiter.master_pid or "LISTEN_FDS" in os.environ or arbiter.cfg.reuse_port:
        return
    for address in arbiter.cfg.address:
        if isinstance(address, tuple):
            _try_to_bind(*address)


def _try_to_bind(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        # As in Gunicorn: lingering connections do not block the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.exit(
                f"page-tracker: cannot listen on {host}:{port}: {error.strerror}; "
                "allowed: an address of this machine for --host (PAGE_TRACKER_HOST), "
                "and a free port for --port (PAGE_TRACKER_PORT)"
            )


def when_listening(settings: Settings, user: str, arbiter: Arbiter) -> None:
    """Set a timeout for clients that do not read, and name the URLs of the tracker."""
    for listener in arbiter.LISTENERS:
        if isinstance(listener, TCPSocket) and hasattr(socket, "TCP_USER_TIMEOUT"):
            # Each connection inherits this option. It closes a connection whose client
            # does not acknowledge data in time (RFC 5482). Gunicorn has no limit.
            listener.sock.setsockopt(
                socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _SEND_TIMEOUT_MS
            )
    rules = settings.rules
    urls = [rules.public_url] if rules.public_url else map(_url_of, arbiter.LISTENERS)
    for url in urls:
        _log.info("Open %s%s", url, rules.base_path)
        if rules.token and url.startswith("http"):
            _show_dashboard(f"{url}{rules.base_path}/dashboard", user, settings)
    if not rules.token:
        _log.info(
            "The dashboard is closed: set the variable that page-tracker token prints"
        )
    _log.info(
        "page-tracker %s; see page-tracker --help and docs/index.md",
        version("page-tracker"),
    )


def _show_dashboard(url: str, user: str, settings: Settings) -> None:
    """Log the URL of the dashboard. With a user, print a link that contains it.

    That link is not logged, because logs are stored, and other people read them.
    """
    if not user:
        _log.info("Dashboard: %s (the password is PAGE_TRACKER_TOKEN)", url)
        return
    link = url.replace("://", f"://{user}", 1)
    as_json = settings.log_format == "json"
    print(json.dumps({"dashboard": link}) if as_json else f"Dashboard: {link}")
    sys.stdout.flush()


def before_fork(_arbiter: Arbiter, worker: Worker) -> None:
    """Assign a slot for the metrics of a worker, which its age identifies.

    Exempt all that exists from the search for garbage, because it stays until the end.
    At the end, Python searches everything, which takes 0.1 s of CPU per process.
    """
    shared_metrics().counters.assign(worker.age)
    gc.freeze()


def prepare_worker(arbiter: Arbiter, worker: Worker) -> None:
    """Let signals stop a worker that does not serve yet, and attach its metrics.

    A new worker inherits the signal handlers of the master. They would only queue the
    signal, and the master would wait for the worker in vain.
    """
    for number in _STOP_SIGNALS:
        signal.signal(number, _exit)
    while not arbiter.SIG_QUEUE.empty():
        if arbiter.SIG_QUEUE.get() in _STOP_SIGNALS:
            _exit()
    shared_metrics().counters.attach(worker.age)


def _exit(*_: object) -> None:
    """Exit at once. Otherwise an import that is under way might fail with an error."""
    os._exit(0)


def release_slot(_arbiter: Arbiter, worker: Worker) -> None:
    """Release the slot of a worker that has exited, for whatever reason."""
    shared_metrics().counters.release(worker.age)


def _url_of(listener: BaseSocket) -> str:
    if not isinstance(listener, TCPSocket):
        return str(listener)
    host, port = listener.sock.getsockname()[:2]
    if ip_address(host).is_unspecified:
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def close_if_api_or_body(_worker: Worker, request: Request) -> None:
    """Close the connection after an answer of the API or a request with a body.

    A stream of events lasts until the worker stops, and the worker must not wait for
    another request on that connection. A dashboard asks for other numbers every few
    seconds, over several connections. If they stayed open, some hundred dashboards
    would take all greenlets of the worker, and views would wait for seconds.

    Handlers read a body only in part. To find the next request, Gunicorn would read the
    rest, and a fast client would block all others meanwhile.
    """
    if request.path and API in request.path:
        request.force_close()
    for name, value in request.headers:
        if name in ("CONTENT-LENGTH", "TRANSFER-ENCODING"):
            request.force_close()
            # Gunicorn has checked the number. Handlers only call read().
            size = int(value) if name == "CONTENT-LENGTH" else None
            request.body = _TimedBody(request.body, size)  # type: ignore[assignment]
            break


class _TimedBody:
    """A request body that must arrive within _BODY_TIMEOUT_S."""

    def __init__(self, body: Any, size: int | None) -> None:
        self._body = body
        self._unread = size

    @property
    def has_ended(self) -> bool:
        """Whether all of it has been read."""
        return self._unread == 0

    def read(self, size: int) -> bytes:
        """Read up to size bytes. Raises TimeoutError or OSError."""
        with Timeout(_BODY_TIMEOUT_S, TimeoutError):
            try:
                read: bytes = self._body.read(size)
            except ParseException as error:
                raise OSError("the body is not valid HTTP") from error
        if len(read) < size:
            self._unread = 0
        elif self._unread is not None:
            self._unread -= len(read)
        return read


def after_answer(
    _worker: Worker, request: Any, environ: dict[str, Any], _answer: Any
) -> None:
    """Let other greenlets run, even if one client always has another request.

    A client that still sends a body gets the time to read the answer.
    """
    time.sleep(0)
    body = request.body
    if isinstance(body, _TimedBody) and not body.has_ended:
        # Gunicorn's environ is empty if it could not call the app.
        if client := environ.get("gunicorn.socket"):
            linger(client)


def keep_one_worker(arbiter: Arbiter, workers: int, _before: int | None) -> None:
    """Limit the server to one worker: workers cannot share counts in memory.

    Gunicorn calls this at the start, and when SIGTTIN asks for another worker.
    """
    if workers > 1:
        _log.warning(
            "Running 1 worker instead of %d, because it counts in memory", workers
        )
        # Gunicorn derives wsgi.multiprocess from this setting.
        arbiter.cfg.set("workers", 1)
        arbiter.num_workers = 1


class JsonLogger(Logger):
    """Gunicorn's log, with each line as a JSON object."""

    def setup(self, cfg: Any) -> None:
        """Set up the log. Gunicorn calls this at the start and at each reload."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(formatter("json"))
