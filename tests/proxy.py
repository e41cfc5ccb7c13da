"""A TCP proxy in front of a Redis, which loses, delays and holds back what it is told.

It reads a command to its end, passes it on, and reads the reply to its end before it
reads the next command. So a fault befalls one command and its one reply, however many
of them a client sends at once and however big they are.
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
"""What becomes of a command that a connection brings."""


class Proxy:
    """Listens at a port of its own; used as a context manager.

    A fault waits for a command that holds certain bytes, so that what a client says
    when it connects does not use it up. Each befalls one command, in their order.
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
        """How many faults have not met their command yet."""
        return len(self._faults)

    def lose_replies(self, times: int, *, to: bytes, cut: bool) -> None:
        """Drop the replies to commands, and cut the connection or be silent."""

        def lose(connection: Connection, command: bytes) -> None:
            connection.ask(command)
            if cut:
                connection.cut()

        self._await(to, lose, times)

    def delay_replies(self, times: int, *, to: bytes, seconds: float) -> None:
        """Pass the replies to commands on so much later."""

        def delay(connection: Connection, command: bytes) -> None:
            reply = connection.ask(command)
            time.sleep(seconds)
            connection.reply(reply)

        self._await(to, delay, times)

    def let_pass(self, times: int, *, to: bytes) -> None:
        """Do nothing to commands, before what was asked for next befalls others."""
        self._await(to, _pass_on, times)

    def hold_back(self, times: int, *, to: bytes) -> "HeldBack":
        """Keep commands under way, and close the connections that brought them."""
        held = HeldBack()
        self._await(to, held.take, times)
        return held

    def cut(self) -> None:
        """Close all connections now."""
        for connection in list(self.connections):
            connection.cut()

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Close all connections, and take no new ones until the block ends."""
        self._stop_listening()
        self.cut()
        try:
            yield
        finally:
            self._listen()

    def next_fault(self, command: bytes) -> Fault:
        """Return what is to become of this command."""
        with self._lock:
            for waiting in self._faults:
                if waiting[0] in command:
                    self._faults.remove(waiting)
                    return waiting[1]
        return _pass_on

    def _await(self, marker: bytes, fault: Fault, times: int) -> None:
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
    """Commands that are still under way when nobody waits for their replies."""

    def __init__(self) -> None:
        self.commands: list[bytes] = []
        self._arriving = threading.Event()
        self._replies: SimpleQueue[bytes] = SimpleQueue()

    def take(self, connection: "Connection", command: bytes) -> None:
        """Be the fault that befalls a command, unless the others have arrived."""
        if self._arriving.is_set():
            _pass_on(connection, command)
            return
        self.commands.append(command)
        connection.cut()
        self._arriving.wait()
        self._replies.put(connection.ask(command))

    def arrive(self) -> list[bytes]:
        """Let them arrive, and return the replies of Redis."""
        self._arriving.set()
        return [self._replies.get(timeout=10) for _ in self.commands]


class Connection(socketserver.StreamRequestHandler):
    """A client's connection, and the one to Redis that belongs to it."""

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
        """Forget the client, who may have gone."""
        self.server.proxy.connections.discard(self)
        with suppress(OSError):
            super().finish()

    def ask(self, command: bytes) -> bytes:
        """Send Redis a command and wait for its reply."""
        self._redis.sendall(command)
        return _read(self._replies)

    def reply(self, reply: bytes) -> None:
        """Send the client a reply."""
        self.wfile.write(reply)

    def cut(self) -> None:
        """Close the client's end; what Redis was asked goes through all the same."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    # Those who are connected stay so when it listens no more.
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
        raise ConnectionError("the other end has closed")
    size = int(head[1:]) if head[:1] in b"$*" else 0
    if head[:1] == b"*":
        return head + b"".join(_read(stream) for _ in range(size))
    if head[:1] == b"$" and size >= 0:
        return head + stream.read(size + len(b"\r\n"))
    return head
