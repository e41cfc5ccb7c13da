"""Reads documents in tests."""

import gzip
from collections.abc import Mapping
from datetime import UTC, date, tzinfo
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from page_tracker.counting.rules import Rules
from page_tracker.transfer.documents import Document, Member
from page_tracker.transfer.entries import Entry, Options
from page_tracker.transfer.formats import FORMATS
from page_tracker.transfer.formats.format import Format

TODAY = date(2026, 11, 28)
SAMPLE_FILES = Path(__file__).parents[2] / "sample_files"


def sample(name: str) -> bytes | Mapping[str, bytes]:
    """Return the decompressed content of a sample file, or of its members by name."""
    path = SAMPLE_FILES / name
    if path.suffix == ".zip":
        with ZipFile(path) as archive:
            return {member: archive.read(member) for member in archive.namelist()}
    content = path.read_bytes()
    return gzip.decompress(content) if path.suffix == ".gz" else content


def document(content: str | bytes | Mapping[str, str | bytes]) -> Document:
    """Return a document with this content, or with these members by name."""
    files = content if isinstance(content, Mapping) else {"file": content}
    return Document("file", [_member(name, content) for name, content in files.items()])


def _member(name: str, content: str | bytes) -> Member:
    encoded = content.encode() if isinstance(content, str) else content
    return Member(name, lambda: BytesIO(encoded))


def read(
    expected: Format,
    content: str | bytes | Mapping[str, str | bytes],
    *,
    timezone: tzinfo = UTC,
    rules: Rules = Rules(),
    columns: Mapping[str, str] | None = None,
) -> list[Entry]:
    """Return what the format reads, after a check that it alone recognizes it."""
    read_from = document(content)
    assert [each.name for each in FORMATS if each.recognizes(read_from)] == [
        expected.name
    ]
    options = Options(TODAY, timezone, rules, columns or {})
    return list(expected.read(read_from, options))
