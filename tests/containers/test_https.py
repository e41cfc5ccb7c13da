"""HTTPS with Caddy and several tracker containers, from compose.https.yml."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.containers.conftest import StartStack
from tests.containers.engine import DOCKER, PROJECT, Engine, Stack
from tests.containers.terminal import ContainerTerminal
from tests.containers.test_documentation import UNDER_LOAD
from tests.counting import (
    TIMEOUT_S,
    Load,
    view_front_page,
    view_front_page_concurrently,
)
from tests.documentation.test_commands import PAGES
from tests.servers import free_port, wait_until

pytestmark = pytest.mark.timeout(900)

# Other containers reach Caddy as "caddy", but its certificate is for "localhost".
VISIT_FROM_INSIDE = """
import socket, ssl, sys
tls = ssl._create_unverified_context()
with socket.create_connection(("caddy", int(sys.argv[1])), timeout=5) as connection:
    with tls.wrap_socket(connection, server_hostname="localhost") as client:
        client.sendall(
            b"GET /hit.txt?page=visitors.example HTTP/1.1\\r\\nHost: localhost\\r\\n"
            b"User-Agent: me\\r\\nConnection: close\\r\\n\\r\\n"
        )
        assert client.recv(1000).startswith(b"HTTP/1.1 200 ")
"""
AUTHORITY = "/data/caddy/pki/authorities/local/root.crt"


@pytest.fixture(name="stack", scope="module")
def fixture_stack(
    start_stack: StartStack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """The stack behind Caddy, which issues its own certificate for localhost."""
    port = free_port()
    url = f"https://localhost:{port}"
    stack = start_stack(
        "compose.https.yml",
        PAGE_TRACKER_URL=f"{url}/",
        PAGE_TRACKER_HTTP_PORT=str(free_port()),
        PAGE_TRACKER_HTTPS_PORT=str(port),
        # The older name for the host of the URL. The tracker must not listen on it.
        PAGE_TRACKER_HOST="counter.localhost",
    )
    stack.url = url
    stack.compose("up", "--detach")
    trusted = tmp_path_factory.mktemp("caddy") / "root.crt"
    wait_until(lambda: _fetch_authority(stack, trusted), "Caddy's certificate")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
        stack.up()
        yield stack


def _fetch_authority(stack: Stack, path: Path) -> bool:
    try:
        path.write_text(stack.compose("exec", "-T", "caddy", "cat", AUTHORITY))
    except AssertionError:
        return False
    return True


def test_should_redirect_to_the_public_url(stack: Stack) -> None:
    assert redirection(stack) == f"{stack.url}/hit.txt?page=a.b"


@pytest.fixture(name="restore_caddy")
def fixture_restore_caddy(stack: Stack) -> Iterator[None]:
    """Start Caddy with the settings in .env after a test."""
    yield
    stack.up()


@pytest.mark.usefixtures("restore_caddy")
@pytest.mark.parametrize(
    ("unset", "url"),
    [
        (["URL"], "https://counter.localhost"),
        (["URL", "HOST"], "https://localhost:{PAGE_TRACKER_HTTPS_PORT}"),
    ],
)
def test_should_find_the_public_url_without_its_variable(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, unset: list[str], url: str
) -> None:
    empty = {f"PAGE_TRACKER_{name}": "" for name in unset}
    with monkeypatch.context() as patch:
        patch.setattr(stack, "exported", empty)
        stack.compose("up", "--detach", "caddy")

    wait_until(lambda: redirection(stack) is not None, "Caddy to start")
    assert redirection(stack) == f"{url.format_map(stack.settings)}/hit.txt?page=a.b"


def redirection(stack: Stack) -> str | None:
    """Return where Caddy redirects to from HTTP, or None while it starts."""
    port = stack.settings["PAGE_TRACKER_HTTP_PORT"]
    try:
        answer = requests.get(
            f"http://localhost:{port}/hit.txt?page=a.b",
            timeout=TIMEOUT_S,
            allow_redirects=False,
        )
    except requests.ConnectionError:
        return None
    assert answer.status_code == 308
    return answer.headers["Location"]


def test_should_assign_each_number_once_across_containers(stack: Stack) -> None:
    first = view_front_page(stack.url)

    numbers = view_front_page_concurrently(stack.url, clients=16, views=50)

    assert sorted(numbers) == list(range(first + 1, first + 801))
    clients = stack.compose("exec", "-T", "redis", "redis-cli", "client", "list")
    addresses = set(re.findall(r"\baddr=([0-9.]+)", clients)) - {"127.0.0.1"}
    assert len(addresses) == len(stack.containers("web")) == 2


def test_should_identify_visitors_by_their_real_address(stack: Stack) -> None:
    def visit(made_up: str) -> requests.Response:
        return requests.get(
            f"{stack.url}/hit.json?page=visitors.example",
            headers={"User-Agent": "me", "X-Forwarded-For": made_up},
            timeout=TIMEOUT_S,
        )

    for address in ("192.0.2.1", "192.0.2.2"):
        visit(address)
    port = stack.settings["PAGE_TRACKER_HTTPS_PORT"]
    stack.compose("exec", "-T", "web", "python", "-c", VISIT_FROM_INSIDE, port)

    numbers = visit("192.0.2.3").json()
    assert (numbers["views"], numbers["site_visitors_today"]) == (4, 2)


def test_should_count_no_view_twice_when_a_container_is_killed(stack: Stack) -> None:
    first = stack.stored_views()

    with Load(stack.url, clients=16) as load:
        load.wait_for_views(300)
        stack.kill("web")
        load.wait_for_views(300)
        stack.up()

    load.assert_counted(stack.stored_views() - first)


def test_should_fail_no_request_when_a_container_is_stopped(stack: Stack) -> None:
    first = stack.stored_views()

    with Load(stack.url, clients=16) as load:
        load.wait_for_views(300)
        stack.engine.run("stop", stack.containers("web")[0])
        load.wait_for_views(300)
        stack.up()

    assert not load.failures
    assert stack.stored_views() == first + len(load.numbers)


def test_should_upgrade_without_an_interruption_as_documented(
    engine: Engine, stack: Stack
) -> None:
    first = stack.stored_views()
    before = stack.containers("web")
    terminal = ContainerTerminal(
        engine,
        stack.folder,
        PROJECT,
        variables={
            "COMPOSE_FILE": ":".join([*engine.files, "compose.https.yml"]),
            "COMPOSE_PROJECT_NAME": PROJECT,
        },
    )
    (commands,) = [
        block.commands
        for block in PAGES["docs/upgrade-and-backup.md"].container_blocks
        if block.section == UNDER_LOAD and engine.name in block.engines
    ]

    with Load(stack.url, clients=16) as load:
        load.wait_for_views(300)
        for command in commands:
            terminal.run(command)
        load.wait_for_views(300)

    load.assert_counted(stack.stored_views() - first)
    # Podman 4.3 has interrupted the connections of all containers, in 1 of 10 runs.
    if engine == DOCKER:
        assert not load.failures and not load.refusals
    after = stack.containers("web")
    assert len(after) == 2 and not set(after) & set(before)
    stack.up()
    assert set(stack.containers("web")) == set(after)
