"""The number of views that the stack of the tutorial has counted.

See docs/coming-from-the-tutorial.md.
"""

from collections.abc import Iterator

import pytest

from tests import watchdog
from tests.containers.conftest import StartStack
from tests.containers.engine import Engine, Stack
from tests.counting import view_front_page
from tests.servers import wait_until

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(name="stack", scope="module")
def fixture_stack(start_stack: StartStack) -> Stack:
    """The stack with its own, empty Redis."""
    stack = start_stack()
    stack.up()
    return stack


@pytest.fixture(name="old_redis")
def fixture_old_redis(engine: Engine, stack: Stack) -> Iterator[str]:
    """The Redis of the tutorial: it has no options, so it only saves snapshots."""
    (redis,) = stack.containers("redis")
    name = "page_tracker_test_tutorial"
    removal = ("rm", "--force", *engine.kills, "--volumes", name)
    watchdog.run_at_end(name, [engine.name, *removal])
    image = engine.inspect(redis)["Config"]["Image"]
    engine.run("run", "--detach", f"--name={name}", image)
    yield name
    engine.run(*removal)
    watchdog.cancel_command(name)


def test_should_go_on_counting(engine: Engine, stack: Stack, old_redis: str) -> None:
    ask(engine, old_redis, "set", "page_views", "41")
    # Its number survives in a snapshot.
    engine.run("stop", old_redis)
    engine.run("start", old_redis)

    views = ask(engine, old_redis, "get", "page_views")
    stack.compose("exec", "-T", "web", "page-tracker", "set", "/", views)

    assert view_front_page(stack.url) == 42
    stack.compose("down")
    stack.up()
    assert view_front_page(stack.url) == 43
    assert stack.stored_views() == 43


def ask(engine: Engine, redis: str, *command: str) -> str:
    """Wait until a Redis serves, send it a command, and return its answer."""
    redis_cli = ("exec", redis, "redis-cli", "--raw", "-e")

    def serves() -> bool:
        try:
            engine.run(*redis_cli, "ping")
        except AssertionError:
            return False
        return True

    wait_until(serves, "Redis to serve")
    return engine.run(*redis_cli, *command).strip()
