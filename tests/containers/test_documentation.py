"""Every container command in the README and in docs/ does what the page shows."""

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

# Not "compose down", which takes several times as long with Podman and stops services
# gracefully.
CLEAN_UP = f"""
for project in {PROJECT} {PROJECT}_sqlite; do
    own="--filter label=com.docker.compose.project=$project"
    {{engine}} rm --force {{kills}} --volumes {PROJECT} \\
        $({{engine}} ps --all --quiet $own)
    [ {{engine}} = docker ] || podman pod rm --force pod_$project
    {{engine}} network rm ${{{{project}}}}_default
    {{engine}} volume rm --force {PROJECT}_data $({{engine}} volume ls --quiet $own)
    {{engine}} rmi --force $project-web ${{{{project}}}}_web
done
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
def fixture_without_leftovers(engine: Engine) -> None:
    """Remove what an earlier run has left. This takes seconds, so it is done once."""
    _run(_clean_up(engine))


@pytest.fixture(name="clone")
def fixture_clone(engine: Engine, tmp_path: Path) -> Iterator[Path]:
    """A clone of the project, whose containers have names of their own."""
    clone = tmp_path / "clone"
    clone_project(clone)
    for file in clone.glob("compose*.yml"):
        text = file.read_text("utf-8")
        file.write_text(text.replace("name: page_tracker", f"name: {PROJECT}"), "utf-8")
    clean_up = _clean_up(engine)
    watchdog.run_at_end(PROJECT, clean_up)
    yield clone
    _run(clean_up)
    watchdog.cancel_command(PROJECT)


def _clean_up(engine: Engine) -> list[str]:
    kills = " ".join(engine.kills)
    return ["sh", "-c", CLEAN_UP.format(engine=engine.name, kills=kills)]


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
