"""The size of the image, and the time to build and to start it."""

import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Self

import requests

from tests.containers.engine import DOCKER, Container
from tests.counting import TIMEOUT_S
from tests.figures.durations import shown
from tests.project import copy_project
from tests.servers import wait_until

RUNTIME = "--target=runtime"
"""Builds the image without its checks."""

_ROUNDS = 5


def size_over_base() -> str:
    """Return the size of the image without that of its base."""
    with _Builder() as builder:
        sizes = [
            DOCKER.inspect(builder.build(target))["Size"]
            for target in (RUNTIME, "--target=python")
        ]
    return f"{(sizes[0] - sizes[1]) / 1e6:.1f} MB"


def time_to_first_answer() -> str:
    """Return the median time from docker run to the first answer."""
    with _Builder() as builder:
        image = builder.build(RUNTIME)
        return shown(median(_start(image) for _ in range(_ROUNDS)))


def _start(image: str) -> float:
    """Start a container, and return how long it took until it answered."""
    begun = time.monotonic()
    container = Container(DOCKER, image)
    try:
        wait_until(lambda: _answers(container.url), "an answer")
        return time.monotonic() - begun
    finally:
        container.remove()


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=TIMEOUT_S).ok
    except requests.RequestException:
        return False


def time_to_build() -> str:
    """Return the time to build the image without layers of an earlier build."""
    with _Builder() as builder:
        builder.build(RUNTIME)
        return shown(builder.time("--no-cache", RUNTIME))


def time_to_build_again(*options: str) -> str:
    """Return the median time to build the image after a change of one line."""
    with _Builder() as builder:
        builder.build(*options)
        return shown(
            median(builder.time_after_change(*options) for _ in range(_ROUNDS))
        )


class _Builder:
    """Builds images from a copy of the project, and removes them at the end."""

    def __init__(self) -> None:
        # pylint: disable-next=consider-using-with  # see __exit__()
        self._folder = TemporaryDirectory()
        self._tree = Path(self._folder.name, "tree")
        self._images: list[str] = []

    def __enter__(self) -> Self:
        copy_project(self._tree)
        return self

    def __exit__(self, *_: object) -> None:
        if self._images:
            DOCKER.run("rmi", "--force", *self._images)
        self._folder.cleanup()

    def build(self, *options: str) -> str:
        """Build an image, and return its ID."""
        file = f"--file={self._tree / 'Containerfile'}"
        image = DOCKER.run("build", "--quiet", file, *options, str(self._tree)).strip()
        self._images.append(image)
        return image

    def time(self, *options: str) -> float:
        """Build an image, and return how many seconds it took."""
        begun = time.monotonic()
        self.build(*options)
        return time.monotonic() - begun

    def time_after_change(self, *options: str) -> float:
        """Change a line of the package, and return how many seconds a build took."""
        change_a_line(self._tree)
        return self.time(*options)


def change_a_line(tree: Path) -> None:
    """Add a line to the code of the package."""
    with (tree / "page_tracker/counting/model.py").open("a", encoding="utf-8") as file:
        file.write(f"# {time.time_ns()}\n")
