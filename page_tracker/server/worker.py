"""The worker process: Gunicorn's gevent worker, and how it stops."""

import gc
import signal
import sys
from contextlib import suppress
from functools import partial
from typing import Any

import gevent
from gevent import Timeout, events
from gevent.pool import Pool
from gevent.server import StreamServer
from gunicorn import util
from gunicorn.http import wsgi
from gunicorn.http.parser import RequestParser
from gunicorn.workers.ggevent import GeventWorker

from page_tracker.app import PageTracker
from page_tracker.server.lingering import linger
from page_tracker.server.refusing import (
    RefusableRequest,
    RefusedError,
    send_refusal,
)
from page_tracker.server.responding import QuickResponse, http_date

LAST_ACCEPT_S = 6
"""The number of seconds for which a stopping worker still accepts connections.

This is longer than the keepalive of 5 s, after which idle clients are closed."""

# How long a quick stop waits for answers. Gunicorn's 0.1 s are too short for a view in
# progress on a busy machine. Idle clients make it wait this long, too.
_LAST_ANSWERS_S = 0.5

_STOPPING = {signal.SIGINT, signal.SIGQUIT, signal.SIGTERM}


class GracefulGeventWorker(GeventWorker):
    """Gunicorn's gevent worker, which serves waiting connections before it stops."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.pools: list[Pool] = []
        """The greenlets of the connections, by address."""
        self._has_stopped = False

    def patch(self) -> None:
        """Let the standard library wait as gevent does. Gunicorn calls this first.

        For each part of the library, gevent searches all installed packages for one
        that wants to know. That takes 20 to 200 ms, and none does.
        """
        # The stub does not know these functions.
        untyped: Any = events
        untyped.notify_and_call_entry_points = untyped.notify
        super().patch()

    def run(self) -> None:
        """Serve until the master stops this worker."""
        # As in hooks.before_fork(), for what was imported since then.
        gc.freeze()
        # Gunicorn has no settings for these, and the stub has no variables.
        RequestParser.mesg_class = RefusableRequest
        wsgi.Response = QuickResponse  # type: ignore[misc]
        util.http_date = http_date  # type: ignore[assignment]
        # The stub requires a class, but Gunicorn only calls it.
        self.server_class = partial(_Acceptor, self)  # type: ignore[assignment, misc]
        try:
            super().run()
        finally:
            self._has_stopped = True
            # At its end, Python removes its handlers, and a signal would kill it.
            for number in (signal.SIGTERM, signal.SIGQUIT):
                signal.signal(number, signal.SIG_IGN)

    def handle_error(
        self, req: Any, client: Any, addr: Any, exc: BaseException
    ) -> None:
        """Answer a request that Gunicorn refuses. It calls this without an answer.

        Unlike Gunicorn's, the line in the log has nothing that the client sent.
        """
        app: object = self.wsgi
        if not isinstance(exc, RefusedError):
            super().handle_error(req, client, addr, exc)
        elif not isinstance(app, PageTracker):
            super().handle_error(req, client, addr, exc.__cause__ or exc)
        else:
            self.log.warning("Invalid request: %s", exc)
            send_refusal(client, app, exc)
            linger(client)

    def init_signals(self) -> None:
        """Ignore SIGINT, which a terminal sends to all processes at Ctrl+C.

        The master then sends SIGQUIT. If a worker received both, the second one would
        disturb its end: it would print a traceback, or be killed.
        """
        # Gunicorn removes all handlers for a moment, in which a signal would kill.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
        super().init_signals()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)

    def handle_quit(self, sig: int, frame: Any) -> None:
        """Stop within a moment. Gunicorn calls this at SIGQUIT."""
        # A signal handler must not wait.
        gevent.spawn(self._quit)

    def _quit(self) -> None:
        # As in Gunicorn. The worker ends even if the hook fails.
        self.alive = False
        self.cfg.worker_int(self)
        # False: the timeout raises no exception. The stub does not know this value.
        with Timeout(_LAST_ANSWERS_S, False):  # type: ignore[arg-type]
            for pool in self.pools:
                pool.join()
        if not self._has_stopped:
            # gevent passes this on to the greenlet that runs the worker.
            sys.exit(0)


class _Acceptor(StreamServer):
    def __init__(
        self,
        worker: GracefulGeventWorker,
        listener: Any,
        *,
        spawn: Pool,
        **options: Any,
    ) -> None:
        def handle(client: Any, address: Any) -> None:
            # Gunicorn only reads the name of the listener, and fails if the listener
            # is closed. The connection has the same name.
            worker.handle(client, client, address)

        # The other options are for servers that implement HTTP themselves.
        tls = {name: options[name] for name in options.keys() & {"ssl_context"}}
        super().__init__(listener, handle, spawn=spawn, **tls)
        # As in Gunicorn: with several workers, each accepts one connection at a time.
        if worker.cfg.workers > 1:
            self.max_accept = 1
        self._app: object = worker.wsgi
        worker.pools.append(spawn)

    def close(self) -> None:
        """Accept the connections that are waiting, and then stop accepting.

        Otherwise the kernel resets them when the listener closes. Streams of events
        end first. If all greenlets are busy, a waiting connection gets the next one
        that becomes free, for example when an idle client is closed.
        """
        self.stop_accepting()
        if isinstance(self._app, PageTracker):
            self._app.end_streams()
        # If accept() fails, the connected clients must still be answered. The timeout
        # raises no exception, because of False. The stub does not know this value.
        last = Timeout(LAST_ACCEPT_S, False)  # type: ignore[arg-type]
        with suppress(OSError), last:
            while self.started and (waiting := self.do_read()):
                self.do_handle(*waiting)
        super().close()
