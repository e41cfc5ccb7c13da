"""Fixtures that start containers with the engine of --engine."""

from collections.abc import Callable, Generator, Iterator, Sequence

import pytest

from tests.containers.engine import DOCKER, PODMAN, Container, Engine, Stack

RunImage = Callable[..., Container]
StartStack = Callable[..., Stack]

RUNNING = pytest.StashKey[list[Container | Stack]]()
"""The containers and the stacks that are running."""

IMAGE = "page_tracker_test"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option --engine."""
    parser.addoption(
        "--engine", choices=[DOCKER.name, PODMAN.name], default=DOCKER.name
    )


def pytest_configure(config: pytest.Config) -> None:
    """Create the empty list of what is running."""
    config.stash[RUNNING] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the logs of the containers to the report of a failed test."""
    report = yield
    if report.failed:
        for running in item.config.stash[RUNNING]:
            report.sections.append(("logs of the containers", running.logs()))
    return report


@pytest.fixture(name="engine", scope="session")
def fixture_engine(pytestconfig: pytest.Config) -> Engine:
    """The engine that runs the containers."""
    named = pytestconfig.getoption("--engine")
    return DOCKER if named == DOCKER.name else PODMAN


@pytest.fixture(name="image", scope="session")
def fixture_image(engine: Engine) -> str:
    """The image, built with the labels of a release."""
    # Podman 4 reuses its cache even if a build argument changes a label.
    fresh = ("--no-cache",) if engine is PODMAN else ()
    engine.run(
        *("build", *fresh),
        *("--file=Containerfile", "--target=runtime", f"--tag={IMAGE}"),
        *("--build-arg=REVISION=abc", "--build-arg=SOURCE=https://example.org"),
        ".",
    )
    return IMAGE


@pytest.fixture(name="run_image")
def fixture_run_image(
    engine: Engine, image: str, pytestconfig: pytest.Config
) -> Iterator[RunImage]:
    """Start a container of the image with these options. The test removes it."""
    running = pytestconfig.stash[RUNNING]
    started = []

    def run(*options: str) -> Container:
        container = Container(engine, image, *options)
        started.append(container)
        running.append(container)
        return container

    yield run
    for container in started:
        running.remove(container)
        container.remove()


@pytest.fixture(name="start_stack", scope="module")
def fixture_start_stack(
    engine: Engine,
    pytestconfig: pytest.Config,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[StartStack]:
    """Prepare a stack with these settings. The module removes it and its volumes.

    The overrides change the files that Compose finds itself, or the named ones.
    """
    running = pytestconfig.stash[RUNNING]
    started = []

    def start(
        *overrides: str, files: Sequence[str] = engine.files, **settings: str
    ) -> Stack:
        used = (*files, *overrides)
        folder = tmp_path_factory.mktemp("stack") / "project"
        stack = Stack(engine, folder, () if used == engine.files else used, settings)
        started.append(stack)
        running.append(stack)
        stack.prepare()
        return stack

    yield start
    for stack in started:
        running.remove(stack)
        stack.down()
