"""The choice of the format that a file is read in."""

from collections.abc import Iterator
from datetime import date
from typing import BinaryIO

from page_tracker.counting.model import Count
from page_tracker.transfer.csv_file import LONGEST_LINE, read_csv
from page_tracker.transfer.json_file import read_json


def read_counts(file: BinaryIO, today: date) -> Iterator[Count]:
    """Yield the counts of an export in JSON, or of a CSV file, told by how it begins.

    Raises FileError.
    """
    file.seek(0)
    begin = file.read(LONGEST_LINE)
    file.seek(0)
    if begin.lstrip().startswith(b"{"):
        return read_json(file, today)
    return read_csv(file)
