"""Whatever a file contains, it is read or refused with a text of one line."""

import bz2
import gzip
import io
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from random import Random

import pytest

from page_tracker.transfer.content import Content
from page_tracker.transfer.entries import FileError, Options
from page_tracker.transfer.opening import open_document
from page_tracker.transfer.reading import Reader, Selection
from tests.unit.formats.reading import SAMPLE_FILES

OPTIONS = Options(date(2026, 11, 28))
OWN_JSON = b"""{"format": "page-tracker", "version": 2, "counts": [
{"site": "example.com", "first_day": "2026-11-01"},
{"page": "example.com/blog", "views": 40},
{"page": "example.com/blog", "views": 3, "day": "2026-11-20"},
{"site": "/", "day": "2026-11-20", "visitors": 3, "ignored": {"crawler": 2}}
]}
"""
FILES = {
    "own-json": OWN_JSON,
    "own-increment": OWN_JSON.replace(
        b'"version"', b'"since": "2026-11-01", "version"'
    ).replace(b'"views": 40', b'"views": 40, "day": "2026-11-21"'),
    "own-csv": b'page,views\nexample.com/blog,3\n"b\xc3\xbc.example/a,b",7\n/,9\n',
    **{path.name: path.read_bytes() for path in SAMPLE_FILES.iterdir()},
}
INSERTED = (
    *(b"\0", b"\xff", b'"', b"\n", b",", b"[", b"{", b"\\ud800", b"-", b"null"),
    *(b"9" * 30, b"9" * 5000, b"1e9999999999", b"[" * 20_000),
)


def zipped(content: bytes) -> bytes:
    """Return a zip archive with the content in two members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b", content)
        archive.writestr("c", content)
    return file.getvalue()


def damaged(chance: Random, content: bytes) -> bytes:
    """Return the content with a few changes, or only its beginning."""
    changed = bytearray(content)
    if chance.random() < 0.2:
        return content[: chance.randrange(len(content))]
    for _ in range(chance.choice([1, 2, 10])):
        place = chance.randrange(len(changed))
        if chance.random() < 0.5:
            changed[place] ^= 1 << chance.randrange(8)
        else:
            changed[place : place + chance.randrange(9)] = chance.choice(INSERTED)
    return bytes(changed)


def read(path: Path) -> Content:
    """Return the content of a file."""
    with closing(Reader(OPTIONS, Selection("example.com"), None)) as reader:
        with open_document(path, lambda _: None) as document:
            reader.read(document)
        return reader.finish()


@pytest.mark.parametrize("name", FILES)
def test_should_read_or_refuse_a_damaged_file(name: str, tmp_path: Path) -> None:
    chance, file = Random(name), tmp_path / "file"
    compressions: list[Callable[[bytes], bytes]]
    compressions = [bytes, gzip.compress, bz2.compress, zipped]
    file.write_bytes(FILES[name])
    assert read(file).files

    for compress in compressions * 10:
        for content in (
            compress(damaged(chance, FILES[name])),
            damaged(chance, compress(FILES[name])),
        ):
            file.write_bytes(content)
            try:
                read(file)
            except FileError as error:
                (line,) = str(error).splitlines()
                assert len(line) < 1500
