"""Files of every kind are opened as documents, and damaged ones are explained."""

import bz2
import gc
import gzip
import io
import os
import random
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from page_tracker.transfer import opening
from page_tracker.transfer.atomic_file import STANDARD
from page_tracker.transfer.documents import Document
from page_tracker.transfer.entries import FileError
from page_tracker.transfer.opening import open_document, size_of

TEXT = b"page,views\nexample.com/blog,3\n" * 50
# Random bytes, because those cannot be compressed to nothing.
LONG = random.Random(1).randbytes(200_000)
DAMAGED = "the file is damaged or truncated; allowed: a whole file"


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive with these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def read_all(
    path: Path, progress: Callable[[int], None] = lambda _: None
) -> dict[str, bytes]:
    """Return the contents of the members of a document by name."""
    with open_document(path, progress) as document:
        return contents_of(document)


def contents_of(document: Document) -> dict[str, bytes]:
    """Return the contents of the members of a document by name."""
    contents = {}
    for member in document.members:
        with member.open() as file:
            contents[member.name] = file.read()
        assert member.head == contents[member.name][: 2**16]
    return contents


def refusal(path: Path) -> str:
    """Return why a file is refused."""
    with pytest.raises(FileError) as refused:
        read_all(path)
    return str(refused.value)


@pytest.fixture(name="file")
def fixture_file(tmp_path: Path) -> Path:
    """A file that does not exist yet."""
    return tmp_path / "file"


@pytest.mark.parametrize("compress", [bytes, gzip.compress, bz2.compress])
@pytest.mark.parametrize("content", [b"", b"x", TEXT, LONG])
def test_should_open_a_file_with_and_without_compression(
    file: Path, content: bytes, compress: Callable[[bytes], bytes]
) -> None:
    file.write_bytes(compress(content))

    assert read_all(file) == {"file": content}


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress])
def test_should_open_files_that_were_compressed_in_parts(
    file: Path, compress: Callable[[bytes], bytes]
) -> None:
    file.write_bytes(compress(b"one\n") + compress(b"two\n"))

    assert read_all(file) == {"file": b"one\ntwo\n"}


@pytest.mark.parametrize(
    "method",
    [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA],
)
def test_should_open_the_members_of_an_archive(file: Path, method: int) -> None:
    members = {
        "export/a.csv": TEXT,
        "export/empty.csv": b"",
        "log.gz": gzip.compress(LONG),
        "log.bz2": bz2.compress(TEXT),
    }
    file.write_bytes(zipped({"export/": b"", **members}, method))

    with open_document(file, lambda _: None) as document:
        contents = contents_of(document)
        found = document.find("a.csv")

    assert contents == members | {"log.gz": LONG, "log.bz2": TEXT}
    assert document.only is None
    assert found is not None and found.name == "export/a.csv"


def test_should_open_the_only_member_of_an_archive_as_a_plain_file(file: Path) -> None:
    file.write_bytes(zipped({"folder/": b"", "folder/a.csv": TEXT}))

    with open_document(file, lambda _: None) as document:
        assert document.only is not None
        assert document.only.head == TEXT


def test_should_open_a_pipe_and_standard_input(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(file)
    archive = zipped({"a": TEXT, "b": TEXT})
    writer = threading.Thread(target=file.write_bytes, args=[archive])
    writer.start()
    assert read_all(file) == {"a": TEXT, "b": TEXT}
    writer.join()

    piped = io.TextIOWrapper(io.BytesIO(gzip.compress(TEXT)))
    monkeypatch.setattr(sys, "stdin", piped)
    assert read_all(STANDARD) == {"standard input": TEXT}


def test_should_report_how_much_of_the_file_has_been_read(file: Path) -> None:
    for content in (LONG, gzip.compress(LONG), zipped({"a": LONG, "b": LONG})):
        file.write_bytes(content)
        read: list[int] = []
        with open_document(file, read.append) as document:
            for member in document.members:
                with member.open() as opened:
                    opened.read()

        assert sum(read) == pytest.approx(size_of([file, STANDARD]), rel=0.01)


def test_should_raise_the_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_all(tmp_path / "missing")
    with pytest.raises(IsADirectoryError):
        read_all(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        *(compress(LONG)[:-9] for compress in (gzip.compress, bz2.compress)),
        *(compress(LONG)[:3] for compress in (gzip.compress, bz2.compress)),
        gzip.compress(LONG)[:5000] + b"damaged" + gzip.compress(LONG)[5007:],
        bz2.compress(LONG)[:5000] + b"damaged" + bz2.compress(LONG)[5007:],
        gzip.compress(TEXT, mtime=0) + b"more",
        zipped({"a": LONG})[:-9],
        zipped({"a": LONG})[:5000],
        b"PK\x03\x04",
        # A name that is not valid UTF-8.
        zipped({"é": TEXT}).replace("é".encode(), b"\xff\xff"),
    ],
    # The archives contain the present time.
    ids=lambda content: f"{len(content)} bytes",
)
def test_should_refuse_a_damaged_or_truncated_file(file: Path, content: bytes) -> None:
    file.write_bytes(content)

    assert refusal(file) == DAMAGED


@pytest.mark.parametrize(
    "method",
    [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA],
)
def test_should_refuse_an_archive_with_a_damaged_member(
    file: Path, method: int
) -> None:
    content = bytearray(zipped({"a": LONG}, method))
    content[5000:5007] = b"damaged"
    file.write_bytes(content)

    assert refusal(file) == DAMAGED


def test_should_refuse_an_archive_with_a_password(file: Path) -> None:
    content = bytearray(zipped({"a\nb": TEXT}))
    # The flag for encryption, in both headers of the member.
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    file.write_bytes(content)

    assert refusal(file) == (
        "the archive cannot be read: it needs a password; allowed: an archive without"
    )


def test_should_refuse_an_unknown_method_of_compression(file: Path) -> None:
    content = bytearray(zipped({"a": TEXT}))
    content[8] = content[content.index(b"PK\x01\x02") + 10] = 98
    file.write_bytes(content)

    assert refusal(file) == (
        "the archive cannot be read: That compression method is not supported; "
        "allowed: a zip archive with deflate, bzip2, LZMA or no compression"
    )


def test_should_refuse_too_many_members(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_MOST_MEMBERS", 2)
    file.write_bytes(zipped({"a": b"", "b": b""}))
    assert read_all(file) == {"a": b"", "b": b""}

    file.write_bytes(zipped({"a": b"", "b": b"", "c": b""}))

    assert refusal(file) == "the archive contains 3 files; allowed: at most 2"


def test_should_refuse_members_that_overlap(file: Path) -> None:
    content = zipped({"a": LONG})
    # The end of the archive names its only member three times.
    start, end = content.index(b"PK\x01\x02"), content.rindex(b"PK\x05\x06")
    central = content[start:end] * 3
    tail = bytearray(content[end:])
    tail[8] = tail[10] = 3
    tail[12:16] = len(central).to_bytes(4, "little")
    file.write_bytes(content[:start] + central + tail)

    assert refusal(file) == DAMAGED


@pytest.mark.parametrize(
    "bomb",
    [
        gzip.compress,
        bz2.compress,
        lambda zeros: zipped({"a": zeros}),
        lambda zeros: zipped({"a": zeros[:600_000], "b": zeros[:600_000]}),
        lambda zeros: zipped({"a": gzip.compress(zeros)}),
    ],
)
def test_should_refuse_a_zip_bomb(
    file: Path, monkeypatch: pytest.MonkeyPatch, bomb: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setattr(opening, "_ALWAYS_ALLOWED_BYTES", 400_000)
    file.write_bytes(bomb(bytes(2_000_000)))

    assert refusal(file) == (
        "the file is more than 250 times larger when it is decompressed, like a zip "
        "bomb; allowed: less, or the decompressed file"
    )


def test_should_accept_a_file_that_shrinks_as_much_as_a_real_one(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_ALWAYS_ALLOWED_BYTES", 0)
    content = b"".join(b"example.com/%d,3\n" % number for number in range(50_000))
    for compressed in (gzip.compress(content), bz2.compress(content)):
        file.write_bytes(compressed)
        assert read_all(file) == {"file": content}


def test_should_refuse_a_file_that_changes_while_it_is_read(file: Path) -> None:
    for compress in (bytes, gzip.compress):
        file.write_bytes(compress(TEXT))
        with pytest.raises(FileError, match="^the file changed while it was read; all"):
            with open_document(file, lambda _: None) as document:
                assert contents_of(document) == {"file": TEXT}
                file.write_bytes(compress(TEXT * 2))


def test_should_mark_characters_that_cannot_be_shown(tmp_path: Path) -> None:
    file = tmp_path / os.fsdecode(b"a\n\xff\x1b")
    file.write_bytes(TEXT)
    assert list(read_all(file)) == ["a\ufffd\ufffd\ufffd"]

    file.write_bytes(zipped({"a\x1b[2J": TEXT, "b/\n": TEXT}))
    assert list(read_all(file)) == ["a\ufffd[2J", "b/\ufffd"]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "content",
    [
        TEXT,
        gzip.compress(LONG),
        bz2.compress(LONG),
        gzip.compress(LONG)[:5000],
        b"\x1f\x8b",
        zipped({"a": LONG, "b": gzip.compress(LONG)}),
        zipped({"a": gzip.compress(LONG)[:5000]}),
    ],
)
def test_should_leave_no_file_open(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    opened: list[BinaryIO] = []
    # Other tests may have left open files to be collected.
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))

    with open_document(file, lambda _: None) as document:
        for member in document.members:
            try:
                opened.append(member.open())
                opened[-1].read()
            except FileError:
                pass
            finally:
                if opened:
                    opened[-1].close()
        assert all(each.closed for each in opened)

    # Warnings about open files come when they are collected.
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) == before
