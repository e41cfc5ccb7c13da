"""A redis-cli for machines without one: redis_cli.py URL COMMAND [ARGUMENT]..."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from redis import Redis

_WITH_A_VALUE = ("-a", "-h", "-n", "-p", "-u")
_STATUSES = (b"OK", b"PONG")


def main(url: str, arguments: Sequence[str]) -> None:
    """Send one command, and print the reply as redis-cli does.

    Options that name a server have no effect: the server is always that of the URL.
    """
    left, raw = list(arguments), False
    while left and left[0].startswith("-"):
        option = left.pop(0)
        raw = raw or option == "--raw"
        if option in _WITH_A_VALUE:
            left.pop(0)
        elif option != "--raw":
            sys.exit(f"redis-cli of the tests: unknown option {option}")
    if not left:
        sys.exit("redis-cli of the tests: no command")
    with Redis.from_url(url) as client:
        connection = client.connection_pool.get_connection()
        connection.send_command(*left)
        for line in _lines(connection.read_response(), raw=raw):
            print(line)


def _lines(reply: Any, *, raw: bool) -> Iterator[str]:
    if isinstance(reply, list):
        for number, each in enumerate(reply, 1):
            for line in _lines(each, raw=raw):
                yield line if raw else f"{number}) {line}"
    elif isinstance(reply, bytes):
        text = reply.decode()
        yield text if raw or reply in _STATUSES else f'"{text}"'
    elif isinstance(reply, int):
        yield f"{reply}" if raw else f"(integer) {reply}"
    else:
        yield "" if raw else "(nil)"


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
