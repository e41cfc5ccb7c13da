"""Detect the format of a file."""

from collections.abc import Iterator
from datetime import date
from typing import BinaryIO

from page_tracker.counting.model import Count
from page_tracker.transfer.csv_file import MAX_LINE_BYTES, read_csv
from page_tracker.transfer.json_file import read_json


def read_counts(file: BinaryIO, today: date) -> Iterator[Count]:
    """Yield the counts of a JSON export or a CSV file.

    A file that begins with a brace is JSON, and any other file is CSV. Raises
    FileError.
    """
    file.seek(0)
    start = file.read(MAX_LINE_BYTES)
    file.seek(0)
    if start.lstrip().startswith(b"{"):
        return read_json(file, today)
    return read_csv(file)
