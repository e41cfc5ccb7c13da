"""Every container command in the README and in docs/ does what the page shows."""

import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest

from tests import watchdog
from tests.containers.engine import PODMAN, Engine
from tests.containers.terminal import ContainerTerminal
from tests.documentation.pages import Command, ContainerBlock
from tests.documentation.test_commands import PAGES
from tests.project import clone_project
from tests.servers import free_port

pytestmark = pytest.mark.timeout(900)

PROJECT = "page_tracker_docs"
UP = Command(0, "docker compose up --detach --wait", ())

CLEAN_UP = f"""
for files in {{files}} compose.sqlite.yml:compose.https.yml; do
    COMPOSE_FILE=$files {{compose}} down --volumes --rmi local
done
{{engine}} rm --force {PROJECT}
{{engine}} volume rm --force {PROJECT}_data
{{engine}} rmi --force {PROJECT}
"""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The commands below one heading, which run in one terminal."""

    page: str
    section: str
    blocks: tuple[ContainerBlock, ...]


# It is run under load in test_https.py.
UNDER_LOAD = "Without an interruption"

RECIPES = [
    Recipe(name, section, tuple(blocks))
    for name, page in PAGES.items()
    for section, blocks in groupby(page.container_blocks, lambda block: block.section)
    if section != UNDER_LOAD
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each recipe with the engine of --engine, if it has commands for it."""
    engine = metafunc.config.getoption("--engine")
    own = [
        recipe
        for recipe in RECIPES
        if any(engine in block.engines for block in recipe.blocks)
    ]
    names = [f"{recipe.page}: {recipe.section}" for recipe in own]
    metafunc.parametrize("recipe", own, ids=names)


@pytest.fixture(autouse=True, scope="module")
def fixture_without_leftovers(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Remove what an earlier run has left. This takes seconds, so it is done once."""
    _run(_clean_up(engine, _clone(tmp_path_factory.mktemp("leftovers"))))


@pytest.fixture(name="clone")
def fixture_clone(engine: Engine, tmp_path: Path) -> Iterator[Path]:
    """A clone of the project, whose containers have names of their own."""
    clone = _clone(tmp_path)
    clean_up = _clean_up(engine, clone)
    watchdog.run_at_end(PROJECT, clean_up)
    yield clone
    _run(clean_up)
    watchdog.cancel_command(PROJECT)


def _clone(folder: Path) -> Path:
    clone = folder / "clone"
    clone_project(clone)
    for file in clone.glob("compose*.yml"):
        text = file.read_text("utf-8")
        file.write_text(text.replace("name: page_tracker", f"name: {PROJECT}"), "utf-8")
    return clone


def _clean_up(engine: Engine, clone: Path) -> list[str]:
    commands = CLEAN_UP.format(
        compose=shlex.join(engine.compose),
        engine=engine.name,
        files=":".join([*engine.files, "compose.https.yml"]),
    )
    return ["sh", "-c", f"cd {shlex.quote(str(clone))}\n{commands}"]


def _run(command: list[str]) -> None:
    subprocess.run(command, check=False, capture_output=True, timeout=120)


def test_should_show_container_commands_with_their_real_output(
    recipe: Recipe, engine: Engine, clone: Path
) -> None:
    blocks = [block for block in recipe.blocks if engine.name in block.engines]
    port, http_port, https_port = free_port(), free_port(), free_port()
    variables = {
        "PAGE_TRACKER_PORT": str(port),
        "PAGE_TRACKER_HTTP_PORT": str(http_port),
        "PAGE_TRACKER_HTTPS_PORT": str(https_port),
    }
    (files,) = {block.files for block in blocks}
    if files:
        if engine == PODMAN:
            files = files.replace("compose.yml", "compose.yml:podman-compose.yml", 1)
        variables["COMPOSE_FILE"] = files
    terminal = ContainerTerminal(
        engine,
        clone,
        PROJECT,
        replaced={
            "http://localhost:8000": f"http://127.0.0.1:{port}",
            "https://localhost": f"https://localhost:{https_port}",
            "8000:8000": f"{port}:8000",
        },
        variables=variables,
    )
    commands = [command for block in blocks for command in block.commands]

    for command in [*([UP] if files else []), *commands]:
        try:
            terminal.run(command)
        except AssertionError as error:
            where = f"{recipe.page}:{command.line}: $ {command.text}"
            raise AssertionError(f"{where}\n{error}") from error
