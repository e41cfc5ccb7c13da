"""The owner's rules for names, in the commands."""

import pytest

from page_tracker import MemoryBackend, Page
from tests.unit.cli.conftest import Run
from tests.unit.formats.logs import combined
from tests.unit.pages import views
from tests.unit.test_naming import MANY_NAMES, ONE_NAME, RULES


@pytest.fixture(name="run_with_rules")
def fixture_run_with_rules(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    for variable, text in RULES.items():
        monkeypatch.setenv(variable, text)
    return run


def test_should_set_and_show_a_page_under_one_name(
    run_with_rules: Run, backend: MemoryBackend
) -> None:
    set_ = run_with_rules("set", MANY_NAMES, "7")
    shown = run_with_rules("show", MANY_NAMES)

    assert set_.out.startswith("example.com/blog?p=7 has 7 views; it had 0.\n")
    assert views(backend, ONE_NAME) == 7
    assert "example.com/blog?p=7" in shown.out


@pytest.mark.parametrize("site", [[], ["--site", "www.example.com"]])
def test_should_import_under_one_name(
    run_with_rules: Run, backend: MemoryBackend, site: list[str]
) -> None:
    file = f"page,views\n{MANY_NAMES},2\nexample.com/Blog/?p=7,3\n".encode()

    run_with_rules("import", *site, "-", piped=file)

    assert views(backend, ONE_NAME) == 5


def test_should_import_a_log_under_one_name(
    run_with_rules: Run, backend: MemoryBackend
) -> None:
    log = "".join(
        combined(f"GET {target} HTTP/1.1")
        for target in ("/Blog/index.html?p=7&utm_source=x", "/style.css?p=7")
    )

    outcome = run_with_rules(
        "import", "--site", "www.example.com", "-", piped=log.encode()
    )

    assert outcome.code == 0
    assert views(backend, ONE_NAME) == 1
    assert len(backend.pages("example.com").pages) == 1


def test_should_delete_a_page_as_it_is_stored(
    run_with_rules: Run, backend: MemoryBackend
) -> None:
    backend.set_views(old := Page("www.example.com", "/Blog/index.html"), 3)
    backend.set_views(ONE_NAME, 4)

    run_with_rules("delete", "--yes", "www.example.com/Blog/index.html")

    assert (views(backend, old), views(backend, ONE_NAME)) == (0, 4)
