"""A TCP proxy in front of Redis that loses, delays or holds back data.

The proxy forwards a complete command and its complete reply before it reads the next
command. Therefore, a fault affects exactly one command and its reply, even if the
client sends several commands together, or large ones.
"""

import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedIOBase
from queue import SimpleQueue
from typing import Self

from tests.servers import free_port

Fault = Callable[["Connection", bytes], None]
"""Handles a command that arrives on a connection."""


class Proxy:
    """Listens on a free port. Use it as a context manager.

    Each fault affects the next command that contains certain bytes. Other commands,
    such as those of a new connection, do not use it up. Faults apply in the order in
    which they were added.
    """

    def __init__(self, redis_port: int) -> None:
        self.redis_port = redis_port
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.connections: set[Connection] = set()
        self._faults: list[tuple[bytes, Fault]] = []
        self._lock = threading.Lock()
        self._listener: _Listener | None = None

    def __enter__(self) -> Self:
        self._listen()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_listening()
        self.cut()

    @property
    def waiting_faults(self) -> int:
        """The number of faults that still wait for a command."""
        return len(self._faults)

    def lose_replies(self, times: int, *, to: bytes, cut: bool) -> None:
        """Drop the replies to commands. Either cut the connection or stay silent."""

        def lose(connection: Connection, command: bytes) -> None:
            connection.ask(command)
            if cut:
                connection.cut()

        self._add_faults(to, lose, times)

    def delay_replies(self, times: int, *, to: bytes, seconds: float) -> None:
        """Delay the replies to commands by this time."""

        def delay(connection: Connection, command: bytes) -> None:
            reply = connection.ask(command)
            time.sleep(seconds)
            connection.reply(reply)

        self._add_faults(to, delay, times)

    def call_instead(self, action: Callable[[], None], *, to: bytes) -> None:
        """Forward a command, then call this function, and cut the connection."""

        def call(connection: Connection, command: bytes) -> None:
            connection.ask(command)
            action()
            connection.cut()

        self._add_faults(to, call, 1)

    def let_pass(self, times: int, *, to: bytes) -> None:
        """Forward this many commands unchanged. Faults that are added later wait."""
        self._add_faults(to, _pass_on, times)

    def hold_back(self, times: int, *, to: bytes) -> "HeldBack":
        """Hold back commands, and close the connections that they came from."""
        held = HeldBack()
        self._add_faults(to, held.hold, times)
        return held

    def cut(self) -> None:
        """Close all connections now."""
        for connection in list(self.connections):
            connection.cut()

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Close all connections, and refuse new ones until the block ends."""
        self._stop_listening()
        self.cut()
        try:
            yield
        finally:
            self._listen()

    def next_fault(self, command: bytes) -> Fault:
        """Return the fault for this command, and remove it from those that wait."""
        with self._lock:
            for waiting in self._faults:
                if waiting[0] in command:
                    self._faults.remove(waiting)
                    return waiting[1]
        return _pass_on

    def _add_faults(self, marker: bytes, fault: Fault, times: int) -> None:
        with self._lock:
            self._faults += [(marker, fault)] * times

    def _listen(self) -> None:
        self._listener = _Listener(self)
        threading.Thread(target=self._listener.serve_forever, args=[0.01]).start()

    def _stop_listening(self) -> None:
        if self._listener is not None:
            self._listener.shutdown()
            self._listener.server_close()
            self._listener = None


class HeldBack:
    """Commands that arrive at Redis after their clients have been disconnected."""

    def __init__(self) -> None:
        self.commands: list[bytes] = []
        self._released = threading.Event()
        self._replies: SimpleQueue[bytes] = SimpleQueue()

    def hold(self, connection: "Connection", command: bytes) -> None:
        """Hold a command until release(). After that, forward commands unchanged."""
        if self._released.is_set():
            _pass_on(connection, command)
            return
        self.commands.append(command)
        connection.cut()
        self._released.wait()
        self._replies.put(connection.ask(command))

    def release(self) -> list[bytes]:
        """Forward the commands, and return the replies of Redis."""
        self._released.set()
        return [self._replies.get(timeout=10) for _ in self.commands]


class Connection(socketserver.StreamRequestHandler):
    """A client's connection, and the matching connection to Redis."""

    server: "_Listener"
    disable_nagle_algorithm = True
    _redis: socket.socket
    _replies: BufferedIOBase

    def handle(self) -> None:
        """Serve the client until either end closes."""
        proxy = self.server.proxy
        redis = socket.create_connection(("127.0.0.1", proxy.redis_port))
        with suppress(OSError), redis, redis.makefile("rb") as replies:
            redis.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
            self._redis, self._replies = redis, replies
            proxy.connections.add(self)
            while True:
                command = _read(self.rfile)
                proxy.next_fault(command)(self, command)

    def finish(self) -> None:
        """Forget the connection, even if the client has closed it."""
        self.server.proxy.connections.discard(self)
        with suppress(OSError):
            super().finish()

    def ask(self, command: bytes) -> bytes:
        """Send a command to Redis, and return the reply."""
        self._redis.sendall(command)
        return _read(self._replies)

    def reply(self, reply: bytes) -> None:
        """Send a reply to the client."""
        self.wfile.write(reply)

    def cut(self) -> None:
        """Disconnect the client. Redis still receives the current command."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    # Open connections continue after the listener has closed.
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        super().__init__(("127.0.0.1", proxy.port), Connection)


def _pass_on(connection: Connection, command: bytes) -> None:
    connection.reply(connection.ask(command))


def _read(stream: BufferedIOBase) -> bytes:
    """Read one command or reply of RESP 2. Raises ConnectionError at the end."""
    head = stream.readline()
    if not head.endswith(b"\r\n"):
        raise ConnectionError("the connection is closed")
    size = int(head[1:]) if head[:1] in b"$*" else 0
    if head[:1] == b"*":
        return head + b"".join(_read(stream) for _ in range(size))
    if head[:1] == b"$" and size >= 0:
        return head + stream.read(size + len(b"\r\n"))
    return head
