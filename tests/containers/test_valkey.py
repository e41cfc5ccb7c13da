"""Valkey instead of Redis, from compose.valkey.yml."""

import pytest

from tests.containers.conftest import StartStack
from tests.containers.engine import Stack
from tests.counting import view_front_page

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(name="stack", scope="module")
def fixture_stack(start_stack: StartStack) -> Stack:
    """The stack with Valkey."""
    stack = start_stack("compose.valkey.yml")
    stack.up()
    return stack


def test_should_count_in_valkey_and_keep_its_count(stack: Stack) -> None:
    assert [view_front_page(stack.url), view_front_page(stack.url)] == [1, 2]

    stack.compose("down")
    stack.up()

    assert view_front_page(stack.url) == 3
    assert stack.stored_views(client="valkey-cli") == 3
