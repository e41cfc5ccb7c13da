"""The tracker and its Redis from compose.yml."""

from contextlib import suppress

import pytest
import requests

from tests.containers.conftest import StartStack
from tests.containers.engine import Stack
from tests.counting import (
    TIMEOUT_S,
    Load,
    view_front_page,
    view_front_page_concurrently,
)
from tests.servers import wait_until

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(name="stack", scope="module")
def fixture_stack(start_stack: StartStack) -> Stack:
    """The stack for all tests of this module. Each test leaves it running."""
    stack = start_stack()
    stack.up()
    return stack


def test_should_start_at_one_with_a_durable_redis(stack: Stack) -> None:
    ready = requests.get(f"{stack.url}/readyz", timeout=TIMEOUT_S)

    assert ready.json() == {"ready": True, "backend": "redis", "warnings": []}
    assert [view_front_page(stack.url), view_front_page(stack.url)] == [1, 2]


def test_should_pass_the_end_to_end_tests_from_a_container(stack: Stack) -> None:
    stack.compose("--profile", "test", "build", "test")

    printed = stack.compose("--profile", "test", "run", "--rm", "test")

    assert " passed" in printed


def test_should_assign_each_number_once_through_the_published_port(
    stack: Stack,
) -> None:
    first = view_front_page(stack.url)

    numbers = view_front_page_concurrently(stack.url, clients=32, views=50)

    assert sorted(numbers) == list(range(first + 1, first + 1601))
    assert stack.stored_views() == first + 1600


def test_should_keep_its_count_after_compose_down(stack: Stack) -> None:
    views = view_front_page(stack.url)

    stack.compose("down")
    stack.up()

    assert view_front_page(stack.url) == views + 1


def test_should_keep_its_count_when_the_image_is_upgraded(stack: Stack) -> None:
    views = view_front_page(stack.url)
    before = image_of_web(stack)

    with (stack.folder / "page_tracker" / "__init__.py").open("a") as code:
        code.write("# Another version.\n")
    stack.compose("build", "web")
    stack.up("--no-build", "--force-recreate")

    assert image_of_web(stack) != before
    assert view_front_page(stack.url) == views + 1


def image_of_web(stack: Stack) -> str:
    """Return the image of the tracker's container."""
    (container,) = stack.containers("web")
    image: str = stack.engine.inspect(container)["Image"]
    return image


@pytest.mark.parametrize(
    ("service", "end"),
    [("redis", ["redis-cli", "shutdown"]), ("web", ["sh", "-c", "kill -TERM 1"])],
)
def test_should_restart_by_itself(stack: Stack, service: str, end: list[str]) -> None:
    views = view_front_page(stack.url)
    before = started_at(stack, service)

    with suppress(AssertionError):  # The command may die with its container.
        stack.compose("exec", "-T", service, *end)

    wait_until(
        lambda: started_at(stack, service) != before,
        "the container to restart",
    )
    stack.wait_until_ready()
    assert view_front_page(stack.url) == views + 1


def started_at(stack: Stack, service: str) -> str:
    """Return the time when the container of a service last started."""
    (container,) = stack.containers(service)
    when: str = stack.engine.inspect(container)["State"]["StartedAt"]
    return when


@pytest.mark.parametrize("service", ["redis", "web"])
def test_should_lose_no_answered_view_when_killed(stack: Stack, service: str) -> None:
    first = stack.stored_views()

    with Load(stack.url, clients=16) as load:
        load.wait_for_views(500)
        stack.kill(service)
        stack.up()
        load.wait_for_views(500)

    load.assert_counted(stack.stored_views() - first)


def test_should_count_only_answered_views_when_stopped(
    stack: Stack,
) -> None:
    first = stack.stored_views()

    with Load(stack.url, clients=16) as load:
        load.wait_for_views(500)
        stack.compose("stop", "web")
        stopped = stack.engine.inspect(stack.containers("web")[0])
        stack.up()

    assert stopped["State"]["ExitCode"] == 0
    assert sorted(load.numbers) == list(range(first + 1, stack.stored_views() + 1))
