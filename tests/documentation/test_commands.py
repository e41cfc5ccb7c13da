"""Every command in the README and in docs/ does what the page shows."""

from pathlib import Path

import pytest

from tests.conftest import StartTracker
from tests.documentation.ci import ROOT
from tests.documentation.console import Console
from tests.documentation.pages import Page, read_page
from tests.servers import RedisServer

PAGES = {
    name: read_page(name, (ROOT / name).read_text("utf-8"))
    for name in map(
        str,
        [
            Path("README.md"),
            *(file.relative_to(ROOT) for file in sorted(ROOT.glob("docs/**/*.md"))),
        ],
    )
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_should_write_commands_so_that_the_tests_can_read_them(page: Page) -> None:
    assert not page.mistakes, "\n".join(page.mistakes)


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "page",
    [pytest.param(page, id=name) for name, page in PAGES.items() if page.commands],
)
def test_should_show_commands_with_their_real_output(
    page: Page, tmp_path: Path, own_redis: RedisServer, start_tracker: StartTracker
) -> None:
    console = Console(tmp_path, own_redis, start_tracker)

    for command in page.commands:
        try:
            console.run(command)
        except AssertionError as error:
            where = f"{page.name}:{command.line}: $ {command.text}"
            raise AssertionError(f"{where}\n{error}") from error
