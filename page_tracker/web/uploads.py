"""Uploaded files. They have no name on the disk, so nothing of them can stay there."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from typing import IO

from page_tracker.backends.pauses import pause
from page_tracker.backends.sqlite.threads import run_in_thread
from page_tracker.web.request import Request, RequestError

MAX_BYTES = 64 * 2**20
"""The limit of an uploaded file, in bytes."""

# Pages of other origins cannot send these without asking (Fetch Standard, CORS-
# safelisted request-header).
MEDIA_TYPES = (
    *("application/octet-stream", "text/csv", "application/json"),
    *("application/gzip", "application/x-gzip", "application/x-bzip2"),
    *("application/zip", "application/x-zip-compressed"),
)
"""The types of uploaded files."""


@contextmanager
def received(request: Request) -> Iterator[IO[bytes]]:
    """Receive the body of a request in a temporary file, at its beginning.

    The file is gone at the end. Raises RequestError.
    """
    if request.media_type not in MEDIA_TYPES:
        raise RequestError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"the Content-Type is not allowed; allowed: {', '.join(MEDIA_TYPES)}",
        )
    with temporary_file() as file:
        for part in request.body_parts(MAX_BYTES):
            with _explaining():
                # A slow disk must not block other requests.
                run_in_thread(partial(_write_all, file, part))
            # Neither must a client that sends faster than this reads.
            pause()
        file.seek(0)
        yield file


@contextmanager
def temporary_file() -> Iterator[IO[bytes]]:
    """Open a file without a name. Raises RequestError if that is not possible."""
    with _explaining():
        # pylint: disable-next=consider-using-with  # it is closed below
        file = tempfile.TemporaryFile(buffering=0)
    with file:
        yield file


def text_of(file: IO[bytes]) -> str:
    """Return the content of a small file."""
    file.seek(0)
    return file.read().decode(errors="replace")


def _write_all(file: IO[bytes], content: bytes) -> None:
    # A disk that is almost full takes in a part of it without an error.
    while content:
        content = content[file.write(content) :]


@contextmanager
def _explaining() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RequestError(
            HTTPStatus.INSUFFICIENT_STORAGE,
            f"the file cannot be stored for the import: {error.strerror}; allowed: "
            "space in the folder for temporary files, which the variable TMPDIR names",
        ) from error
