"""Counts in a file: the image alone, and the container of compose.sqlite.yml."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

import pytest
import requests

from tests import watchdog
from tests.containers.conftest import RunImage, StartStack
from tests.containers.engine import Container, Engine
from tests.counting import (
    TIMEOUT_S,
    Load,
    view_front_page,
    view_front_page_concurrently,
)
from tests.servers import wait_until

pytestmark = pytest.mark.timeout(900)

SMALL_DISK = (
    *("--driver=local", "--opt=type=tmpfs", "--opt=device=tmpfs"),
    # Podman has another meaning of size. A block is usually 4096 bytes.
    "--opt=o=nr_blocks=4096,uid=10001,gid=10001,mode=0700",
)


@pytest.fixture(name="volume")
def fixture_volume(engine: Engine, request: pytest.FixtureRequest) -> Iterator[str]:
    """The option for a new volume. A test may parametrize how it is created."""
    name = "page_tracker_test_counts_alone"
    removal = ("volume", "rm", "--force", name)
    engine.run(*removal)
    watchdog.run_at_end(name, [engine.name, *removal])
    engine.run("volume", "create", *getattr(request, "param", ()), name)
    yield f"--volume={name}:/data"
    engine.run(*removal)
    watchdog.cancel_command(name)


def test_should_go_on_counting_in_a_new_container(
    engine: Engine, volume: str, run_image: RunImage
) -> None:
    before = run_image(volume)
    before.wait_until_ready()
    numbers = [view_front_page(before.url), view_front_page(before.url)]

    engine.run("stop", before.name)
    after = run_image(volume)
    after.wait_until_ready()

    assert [*numbers, view_front_page(after.url)] == [1, 2, 3]
    assert before.exit_code() == 0


def test_should_lose_no_answered_view_when_killed(
    engine: Engine, volume: str, run_image: RunImage
) -> None:
    container = run_image(volume)
    container.wait_until_ready()

    with Load(container.url, clients=16) as load:
        load.wait_for_views(500)
        engine.run("kill", "--signal=KILL", container.name)
        engine.run("start", container.name)
        load.wait_for_views(500)

    load.assert_counted(view_front_page(container.url) - 1)


def test_should_name_a_folder_that_it_cannot_write_to(
    run_image: RunImage, tmp_path: Path
) -> None:
    container = run_image(f"--volume={tmp_path}:/data")

    assert container.exit_code() == 2
    choice, error = container.logs().splitlines()
    assert "Counting in SQLite at /data/counts.db" in choice
    assert error.startswith("page-tracker: cannot write to /data: ")
    assert "chown 10001 /data" in error


def test_should_assign_each_number_once_across_containers(
    volume: str, run_image: RunImage
) -> None:
    containers = [run_image(volume), run_image(volume)]
    for container in containers:
        container.wait_until_ready()

    with ThreadPoolExecutor(2) as pool:
        numbers = pool.map(
            lambda container: view_front_page_concurrently(container.url, 8, views=50),
            containers,
        )

    assert sorted(chain(*numbers)) == list(range(1, 801))


@pytest.mark.parametrize("volume", [SMALL_DISK], indirect=True, ids=["small"])
def test_should_fail_views_while_the_disk_is_full(
    engine: Engine, volume: str, run_image: RunImage
) -> None:
    container = run_image(volume)
    container.wait_until_ready()
    first = view_front_page(container.url)
    fill = "cat /dev/zero >/data/filler 2>/dev/null || true"
    engine.run("exec", container.name, "sh", "-c", fill)

    with Load(container.url, clients=16) as load:
        wait_until(lambda: len(load.failures) > 100, "failures")
        wait_until(lambda: is_full(container), "the reason in /readyz")
        view = requests.get(f"{container.url}/hit.txt?page=a.b", timeout=TIMEOUT_S)
        engine.run("exec", container.name, "rm", "/data/filler")
        load.wait_for_views(500)

    assert view.status_code == 503
    assert "Traceback" not in container.logs()
    # The front page has this status for every error.
    assert {str(failure)[:4] for failure in load.failures} == {"500 "}
    load.assert_counted(view_front_page(container.url) - first - 1)
    # A check returns an outcome that may be 0.5 s old.
    container.wait_until_ready()


def is_full(container: Container) -> bool:
    """Return whether the tracker cannot count because its disk is full."""
    answer = requests.get(f"{container.url}/readyz", timeout=TIMEOUT_S)
    return answer.status_code == 503 and "disk is full" in answer.text


def test_should_keep_its_count_after_compose_down(start_stack: StartStack) -> None:
    stack = start_stack(files=["compose.sqlite.yml"])
    stack.up()
    ready = requests.get(f"{stack.url}/readyz", timeout=TIMEOUT_S).json()
    assert ready["backend"] == "sqlite"
    assert [view_front_page(stack.url), view_front_page(stack.url)] == [1, 2]

    stack.compose("down")
    stack.up()

    assert view_front_page(stack.url) == 3
