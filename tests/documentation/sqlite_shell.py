"""A sqlite3 for machines without one: sqlite_shell.py -readonly FILE QUERY"""

import sys
from collections.abc import Sequence

import apsw


def main(arguments: Sequence[str]) -> None:
    """Run a query, and print its rows as sqlite3 does."""
    if len(arguments) != 3 or arguments[0] != "-readonly":
        sys.exit("sqlite3 of the tests; allowed: sqlite3 -readonly FILE QUERY")
    _, file, query = arguments
    connection = apsw.Connection(file, flags=apsw.SQLITE_OPEN_READONLY)
    for row in connection.execute(query):
        print("|".join("" if value is None else f"{value}" for value in row))


if __name__ == "__main__":
    main(sys.argv[1:])
