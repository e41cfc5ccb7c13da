"""Fixtures that start stacks of containers with the engine of --engine."""

from collections.abc import Callable, Generator, Iterator

import pytest

from tests.containers.engine import DOCKER, PODMAN, Engine, Stack

StartStack = Callable[..., Stack]
STACKS = pytest.StashKey[list[Stack]]()
"""The stacks that are running."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option --engine."""
    parser.addoption(
        "--engine", choices=[DOCKER.name, PODMAN.name], default=DOCKER.name
    )


def pytest_configure(config: pytest.Config) -> None:
    """Create the empty list of stacks."""
    config.stash[STACKS] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the logs of the containers to the report of a failed test."""
    report = yield
    if report.failed:
        for stack in item.config.stash[STACKS]:
            report.sections.append(("logs of the containers", stack.compose("logs")))
    return report


@pytest.fixture(name="engine", scope="session")
def fixture_engine(pytestconfig: pytest.Config) -> Engine:
    """The engine that runs the containers."""
    named = pytestconfig.getoption("--engine")
    return DOCKER if named == DOCKER.name else PODMAN


@pytest.fixture(name="start_stack", scope="module")
def fixture_start_stack(
    engine: Engine, pytestconfig: pytest.Config
) -> Iterator[StartStack]:
    """Prepare a stack with these overrides. The module removes it and its volumes."""
    stacks = pytestconfig.stash[STACKS]

    def start(*overrides: str, **variables: str) -> Stack:
        stack = Stack(engine, *overrides, **variables)
        stacks.append(stack)
        stack.prepare()
        return stack

    yield start
    while stacks:
        stacks.pop().down()
