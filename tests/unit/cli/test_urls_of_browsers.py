"""Any URL that a browser has, in the commands."""

import pytest

from page_tracker import MemoryBackend, Page
from tests.unit.cli.conftest import Run
from tests.unit.formats.logs import combined
from tests.unit.pages import views

CAFE = Page("example.com", "/caf%E9")


@pytest.mark.parametrize(
    "name",
    [
        "https://example.com/caf%E9",
        # Python's name for a byte that is not UTF-8 (PEP 383).
        "example.com/caf\udce9",
        "example-com.translate.goog/caf%e9",
    ],
)
def test_should_set_a_page_with_bytes_that_are_not_utf_8(
    run: Run, backend: MemoryBackend, name: str
) -> None:
    outcome = run("set", name, "7")

    assert outcome.out.startswith("example.com/caf%E9 has 7 views; it had 0.\n")
    assert views(backend, CAFE) == 7


@pytest.mark.parametrize("path", [b"/caf%E9", b"/caf%e9", b"/caf\xe9", rb"/caf\xE9"])
def test_should_import_a_log_with_bytes_that_are_not_utf_8(
    run: Run, backend: MemoryBackend, path: bytes
) -> None:
    log = combined("GET /PATH HTTP/1.1").encode().replace(b"/PATH", path)

    run("import", "--site", "example.com", "-", piped=log)

    assert views(backend, CAFE) == 1


def test_should_import_a_site_with_symbols(run: Run, backend: MemoryBackend) -> None:
    file = "page,views\nhttps://💩.la/a,2\nxn--ls8h.la/a,3\n".encode()

    run("import", "-", piped=file)

    assert views(backend, Page("xn--ls8h.la", "/a")) == 5
