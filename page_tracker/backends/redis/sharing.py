"""One connection to a server, which several threads share."""

import threading
import time
from collections import deque
from collections.abc import Sequence
from math import inf

import redis

from page_tracker.backends.redis.connections import Command, Reply, Server

# With more commands, the first threads would wait long for the replies to all.
_LARGEST_PIPELINE = 256


class _Waiting:
    """The commands of a thread, which waits for their replies."""

    __slots__ = ("commands", "until", "outcome")

    def __init__(self, commands: Sequence[Command], until: float) -> None:
        self.commands = commands
        self.until = until
        self.outcome: list[Reply] | Exception | None = None
        """The replies, or why there are none; None while they are on their way."""


class SharedServer:
    """Sends the commands of several threads to one server.

    Those that arrive while others are on their way are sent together, in one pipeline.
    The first thread that has no replies yet sends them for all.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._waiting: deque[_Waiting] = deque()
        self._sending = threading.Lock()

    @property
    def is_ready(self) -> bool:
        """Whether the connection is open."""
        return self._server.is_ready

    @property
    def waiting(self) -> int:
        """How many threads wait until their commands are sent."""
        return len(self._waiting)

    def execute(self, commands: Sequence[Command], until: float) -> list[Reply]:
        """Send commands. Return a reply or an error for each.

        Sends nothing later than this, by time.monotonic(), and raises
        redis.TimeoutError then. Raises the error of the server if it is unknown which
        were executed.
        """
        own = _Waiting(commands, until)
        self._waiting.append(own)
        with self._sending:
            while own.outcome is None:
                self._send()
        if isinstance(own.outcome, Exception):
            raise own.outcome
        return own.outcome

    def _send(self) -> None:
        """Send the commands of the threads that wait."""
        # Threads that are ready to wait get into this pipeline, not the next one.
        time.sleep(0)
        sent: list[_Waiting] = []
        commands: list[Command] = []
        now, until = time.monotonic(), inf
        while self._waiting and len(commands) < _LARGEST_PIPELINE:
            waiting = self._waiting.popleft()
            if waiting.until > now:
                sent.append(waiting)
                commands += waiting.commands
                until = min(until, waiting.until)
            else:
                waiting.outcome = redis.TimeoutError("the connection was in use")
        failure: Exception | None = None
        try:
            replies = iter(self._server.execute(commands, until) if commands else ())
            for waiting in sent:
                waiting.outcome = [next(replies) for _ in waiting.commands]
        except Exception as error:  # pylint: disable=broad-exception-caught
            failure = error
        finally:
            for waiting in sent:
                if waiting.outcome is None:
                    waiting.outcome = failure or redis.ConnectionError("interrupted")
