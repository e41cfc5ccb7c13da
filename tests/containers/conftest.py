"""Stacks of containers, made by the engine that --engine names."""

from collections.abc import Callable, Generator, Iterator

import pytest

from tests.containers.engine import DOCKER, PODMAN, Engine, Stack

StartStack = Callable[..., Stack]
STACKS = pytest.StashKey[list[Stack]]()
"""The stacks that are up."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the engine be chosen."""
    parser.addoption(
        "--engine", choices=[DOCKER.name, PODMAN.name], default=DOCKER.name
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin with no stack."""
    config.stash[STACKS] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failure what the containers have logged."""
    report = yield
    if report.failed:
        for stack in item.config.stash[STACKS]:
            report.sections.append(("logs of the containers", stack.compose("logs")))
    return report


@pytest.fixture(name="engine", scope="session")
def fixture_engine(pytestconfig: pytest.Config) -> Engine:
    """The engine to test with."""
    named = pytestconfig.getoption("--engine")
    return DOCKER if named == DOCKER.name else PODMAN


@pytest.fixture(name="start_stack", scope="module")
def fixture_start_stack(
    engine: Engine, pytestconfig: pytest.Config
) -> Iterator[StartStack]:
    """Prepare a stack with these overrides, ended with its counts by the module."""
    stacks = pytestconfig.stash[STACKS]

    def start(*overrides: str, **variables: str) -> Stack:
        stack = Stack(engine, *overrides, **variables)
        stacks.append(stack)
        stack.prepare()
        return stack

    yield start
    while stacks:
        stacks.pop().down()
