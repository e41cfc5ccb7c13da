"""How much memory it takes to read files."""

import io
import tracemalloc
from datetime import date

import pytest

from page_tracker.transfer import sorted_counts
from page_tracker.transfer.documents import Document, Member
from page_tracker.transfer.entries import Options
from page_tracker.transfer.reading import Reader, Selection

PAGES, PATH_BYTES = 5_000, 2_000


def log_of_long_paths() -> bytes:
    """Return a log in which a robot follows links that have no end."""
    folder = "a" * (PATH_BYTES - 10)
    return b"".join(
        b"192.0.2.1 - - [20/Nov/2026:08:00:00 +0000] "
        b'"GET /%s/%d HTTP/1.1" 200 5 "-" "Firefox"\n' % (folder.encode(), number)
        for number in range(PAGES)
    )


def test_should_not_keep_long_paths_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorted_counts, "_BYTES_PER_PART", 10**6)
    log = log_of_long_paths()
    document = Document("log", [Member("log", lambda: io.BytesIO(log))])
    options = Options(date(2026, 11, 20))
    reader = Reader(options, Selection("example.com"), "access-log")

    tracemalloc.start()
    reader.read(document)
    (counts,) = reader.finish().sites
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    reader.close()

    assert counts.pages == PAGES
    assert peak < PAGES * PATH_BYTES / 2
