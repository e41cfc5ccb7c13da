"""The figures of the documentation that were measured, and where they are written.

These are not here: settings and limits, which the code contains; the figures of
docs/benchmarks.md and of the table in the README, which tests.benchmarks measures; and
the time that readers take.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tests.containers.engine import DOCKER, PODMAN
from tests.figures.durations import duration_of
from tests.figures.images import (
    RUNTIME,
    size_over_base,
    time_to_build,
    time_to_build_again,
    time_to_first_answer,
)
from tests.figures.memory import (
    memory_of_first_worker,
    memory_of_further_worker,
    memory_of_site,
    memory_of_writer,
)
from tests.figures.places import Place
from tests.figures.upgrades import time_to_upgrade

_CONTAINERS = "docs/containers.md"
_CONTRIBUTING = "CONTRIBUTING.md"
_STORAGE = "docs/storage.md"
_UPGRADE = "docs/upgrade-and-backup.md"

_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that was measured."""

    name: str
    measure: Callable[[], str]
    places: tuple[Place, ...]


def _figure(name: str, measure: Callable[[], str], *places: tuple[str, str]) -> Figure:
    return Figure(name, measure, tuple(Place(*place) for place in places))


def _command(command: str, *places: tuple[str, str]) -> Figure:
    """Return the time of a command."""
    return _figure(command, partial(duration_of, command, _HOUR_S), *places)


def _tests(command: str, *places: tuple[str, str]) -> Figure:
    """Return the time of a command in the table of tests."""
    row = (_CONTRIBUTING, f"| `{command}` | … | {{}} |")
    return _command(command, row, *places)


FIGURES = (
    _figure(
        "memory of the first worker",
        memory_of_first_worker,
        (_CONTAINERS, "The first takes about {}, and each further one"),
        ("docs/platforms.md", "The first worker takes about {}, and each further one"),
    ),
    _figure(
        "memory of a further worker",
        memory_of_further_worker,
        (_CONTAINERS, "and each further one about {}. The container"),
        ("docs/platforms.md", "and each further one about {} |"),
    ),
    _figure(
        "memory of a site in Redis",
        memory_of_site,
        (_STORAGE, "Each site takes about {} for its total"),
    ),
    _figure(
        "memory of a worker in Redis, each day",
        memory_of_writer,
        (_STORAGE, "and about {} a day for each worker."),
    ),
    _figure(
        "size of the image over its base",
        size_over_base,
        (_CONTAINERS, "| size in addition to `python:3.13-slim` | {} |"),
    ),
    _figure(
        "docker run, first answer",
        time_to_first_answer,
        (_CONTAINERS, "| time from `docker run` to the first answer | {} |"),
    ),
    _figure(
        "docker build, from nothing",
        time_to_build,
        (_CONTAINERS, "| build from nothing, base image present | {} |"),
    ),
    _figure(
        "docker build, one line changed",
        partial(time_to_build_again, RUNTIME),
        (_CONTAINERS, "| build after a change of one line | {} |"),
    ),
    _figure(
        "docker build, one line changed, checks",
        time_to_build_again,
        (_CONTAINERS, "| the same, with the unit tests and the linters | {} |"),
    ),
    _figure(
        "upgrade in Docker",
        partial(time_to_upgrade, DOCKER),
        (_UPGRADE, "each, this took {} with Docker,"),
    ),
    _figure(
        "upgrade in Podman",
        partial(time_to_upgrade, PODMAN),
        (_UPGRADE, "with Docker, and {} with Podman."),
    ),
    _figure(
        "upgrade behind Caddy",
        partial(time_to_upgrade, DOCKER, "compose.https.yml"),
        (_UPGRADE, "of the tracker at once, which took {}."),
    ),
    _tests(".ci/lint"),
    _tests(".venv/bin/pytest tests/unit/test_badges.py"),
    _tests(".venv/bin/pytest tests/unit"),
    _tests(".venv/bin/pytest", ("README.md", "The tests take {} and need nothing")),
    _tests(".venv/bin/pytest -m storm"),
    _tests(".venv/bin/pytest tests/browser"),
    _tests(".venv/bin/pytest tests/containers --engine docker"),
    _command(".ci/run", (_CONTRIBUTING, "It takes {} on two cores.")),
    _command(
        ".venv/bin/python -m tests.benchmarks --json /dev/null",
        (_CONTRIBUTING, "This takes {}, and the machine must be idle."),
    ),
)
