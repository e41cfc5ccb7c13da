"""The settings in .env, as the tracker in its container sees them.

The token of these settings also opens what only the owner may do.
"""

import pytest
import requests

from tests.containers.conftest import StartStack
from tests.containers.engine import Stack
from tests.counting import TIMEOUT_S, view_front_page

pytestmark = pytest.mark.timeout(900)

TOKEN = "0123456789abcd$ef#"


@pytest.fixture(name="stack", scope="module")
def fixture_stack(start_stack: StartStack) -> Stack:
    """A stack with settings of every kind, started from a shell with its own ones."""
    stack = start_stack(
        # The older names of settings. The port is that of this machine.
        PORT="9000",
        WEB_CONCURRENCY="1",
        # Empty values count as unset.
        REDIS_URL="",
        PAGE_TRACKER_BACKEND="",
        PAGE_TRACKER_ADDRESS="",
        PAGE_TRACKER_MAX_PAGES="",
        # A misspelled name.
        PAGE_TRACKER_SITE="example.com",
        PAGE_TRACKER_TOKEN=f"'{TOKEN}'",
        PAGE_TRACKER_SITES='"example.com, example.org"  # the blogs',
        PAGE_TRACKER_PUBLIC="example.org",
        PAGE_TRACKER_FRAMES="https://example.com",
    )
    stack.exported = {
        "PORT": "9001",
        "REDIS_URL": "memory://",
        "WEB_CONCURRENCY": "3",
        "PAGE_TRACKER_SITES": "other.example",
    }
    stack.up()
    return stack


def test_should_ignore_the_variables_of_the_shell(stack: Stack) -> None:
    ready = requests.get(f"{stack.url}/readyz", timeout=TIMEOUT_S)

    assert ready.json()["backend"] == "redis"
    assert view_front_page(stack.url) == 1
    assert stack.stored_views() == 1
    assert stack.logs().count("Booting worker") == 1


def test_should_pass_each_line_of_the_file(stack: Stack) -> None:
    warning = "PAGE_TRACKER_SITE is not a setting; did you mean PAGE_TRACKER_SITES?"
    assert warning in stack.logs()


def test_should_read_quoted_values(stack: Stack) -> None:
    assert get(stack, "/api/sites", TOKEN).status_code == 200
    assert get(stack, "/hit.txt?page=example.org/").status_code == 200
    assert get(stack, "/hit.txt?page=other.example/").status_code == 403


def get(stack: Stack, path: str, secret: str = "") -> requests.Response:
    """Send a GET request with this secret."""
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return requests.get(f"{stack.url}{path}", headers=headers, timeout=TIMEOUT_S)


def test_should_show_a_public_site_to_anybody(stack: Stack) -> None:
    page = get(stack, "/shared")

    assert "frame-ancestors https://example.com;" in csp(page)
    assert get(stack, "/api/sites?site=example.org").status_code == 200
    assert get(stack, "/api/sites?site=example.com").status_code == 401
    assert "frame-ancestors 'none';" in csp(get(stack, "/dashboard", TOKEN))


def csp(page: requests.Response) -> str:
    """Return the Content-Security-Policy of a page."""
    return f"{page.headers['Content-Security-Policy']};"


def test_should_import_and_export_files(stack: Stack) -> None:
    rows = [f"example.com/page/{number},{number + 1}" for number in range(50_000)]
    file = "\n".join(["page,views", *rows])

    imported = requests.post(
        f"{stack.url}/api/import?mode=add",
        data=file,
        headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "text/csv"},
        timeout=60,
    )
    exported = get(stack, "/api/export?site=example.com", TOKEN)

    assert imported.status_code == 200, imported.text
    assert set(rows) <= set(exported.text.splitlines())


def test_should_make_a_link_to_one_site(stack: Stack) -> None:
    get(stack, "/hit.txt?page=example.com/shared").raise_for_status()
    link = stack.compose(
        *("exec", "-T", "web", "page-tracker", "share", "example.com")
    ).split()[-1]

    secret = link.partition("&key=")[2]

    assert get(stack, "/api/sites?site=example.com", secret).status_code == 200
    assert get(stack, "/api/sites", secret).status_code == 401


def test_should_say_that_the_older_name_of_the_backend_is_not_enough(
    stack: Stack,
) -> None:
    with (stack.folder / ".env").open("a", encoding="utf-8") as file:
        file.write("REDIS_URL=redis://redis.example\n")

    with pytest.raises(AssertionError) as failed:
        stack.compose("run", "--rm", "--no-deps", "-T", "web", "top")

    assert "PAGE_TRACKER_BACKEND and REDIS_URL are both set" in str(failed.value)
