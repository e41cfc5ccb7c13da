"""Close connections so that the last answer arrives.

The kernel resets a connection that is closed while data of the client is unread, and
the client may then lose the answer (RFC 9112, 9.6).
"""

import socket
from contextlib import suppress

import gevent
from gevent import Timeout

# Shorter than the keepalive, so that a stop need not end it.
_LONGEST_S = 2.0
# More than any client sends before it looks at the answer.
_MOST_BYTES = 16 * 2**20
_PART_BYTES = 64 * 2**10


def linger(client: socket.socket) -> None:
    """Discard what a client sends, until it ends or has had its time and bytes.

    The connection must be closed next.
    """
    # False: the timeout raises no exception. The stub does not know this value.
    longest = Timeout(_LONGEST_S, False)  # type: ignore[arg-type]
    with suppress(OSError), longest:
        client.shutdown(socket.SHUT_WR)
        left = _MOST_BYTES
        while left > 0 and (received := client.recv(_PART_BYTES)):
            left -= len(received)
            # A fast client must not block the others.
            gevent.sleep(0)
