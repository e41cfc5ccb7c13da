"""The worker process: Gunicorn's gevent worker, and how it stops."""

from contextlib import suppress
from functools import partial
from typing import Any

from gevent import Timeout
from gevent.pool import Pool
from gevent.server import StreamServer
from gunicorn.workers.ggevent import GeventWorker

from page_tracker.app import PageTracker

LAST_ACCEPT_S = 6
"""How long a worker that stops still accepts connections: longer than an idle client
may keep its place."""


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
        last = Timeout(LAST_ACCEPT_S, False)  # type: ignore[arg-type]
        with suppress(OSError), last:
            while self.started and (waiting := self.do_read()):
                self.do_handle(*waiting)
        super().close()
