"""A Redis user with only the documented permissions can count."""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from redis import Redis

from page_tracker import DayTotal, Ignored, Limits, Page, PageViews, View
from page_tracker.backends.redis.backend import RedisBackend
from tests.conftest import StartRedis
from tests.contract import DAY
from tests.contract_owner import site_imports
from tests.servers import RedisServer
from tests.topologies import ClusterRedis, running
from tests.unit.test_documentation import DOCUMENTATION


def permissions(of_a_cluster: bool) -> list[str]:
    """Return the documented permissions in the syntax of ACL SETUSER."""
    found = re.search(
        r"on the keys `(\S+)` and `(\S+)`, the commands\s`([a-z\s]+)`, `(info)` .*"
        r"\sin\s+a\s+cluster\s+also\s+`([a-z| ]+)`",
        DOCUMENTATION,
        re.DOTALL,
    )
    assert found
    commands = f"{found[3]} {found[4]} {found[5] if of_a_cluster else ''}".split()
    return [f"~{found[1]}", f"~{found[2]}", *(f"+{command}" for command in commands)]


def test_should_document_exactly_the_commands_of_the_scripts() -> None:
    scripts = files("page_tracker.backends.redis").joinpath("scripts").iterdir()
    texts = "".join(script.read_text("utf-8") for script in scripts)
    called = {name.lower() for name in re.findall(r"redis\.call\('(\w+)'", texts)}

    named = {
        permission.lstrip("+")
        for permission in permissions(False)
        if permission[0] == "+"
    }

    assert named == called | {"eval", "evalsha", "ping", "info"}


def create_user(servers: list[RedisServer], granted: list[str]) -> None:
    """Create a user with these permissions on each server."""
    for server in servers:
        with Redis.from_url(server.url) as client:
            client.execute_command("ACL SETUSER", "me", "on", ">s3cret", *granted)


@pytest.fixture(name="url", params=["one server", "a cluster"])
def fixture_url(
    request: pytest.FixtureRequest, start_redis: StartRedis, tmp_path: Path
) -> Iterator[str]:
    """The URL of Redis with a user who has only the documented permissions."""
    if request.param == "one server":
        server = start_redis()
        create_user([server], permissions(of_a_cluster=False))
        yield server.url.replace("//", "//me:s3cret@")
        return
    with running(ClusterRedis, tmp_path) as cluster:
        create_user(cluster.masters, permissions(of_a_cluster=True))
        yield cluster.url.replace("//", "//me:s3cret@")


def test_should_need_only_the_documented_permissions(url: str, page: Page) -> None:
    backend = RedisBackend(url, limits=Limits(repeats_s=60))

    assert backend.record(View(page, DAY, "visitor")).site_visitors_today == 1
    assert backend.tally(page, DAY).page_views == 1
    assert backend.record(View(page, DAY, "visitor")).ignored is Ignored.REPEAT
    assert backend.ignored(page.site, [DAY]) == {Ignored.REPEAT: 1}
    assert not backend.check().warnings
    assert [total.site for total in backend.sites(DAY)] == [page.site]
    assert not backend.pages(page.site, search="/", after=PageViews(page, 1)).pages
    assert backend.history(page.site, [DAY]) == [DayTotal(DAY, 1, 1)]
    assert backend.set_views(page, 5) == 1
    counts = list(backend.counts(page.site, DAY))
    for name, replace in (("it", False), ("it", True)):
        sites = site_imports(counts, name)
        assert backend.import_counts(sites, replace=replace, today=DAY)
    assert backend.first_day(page.site, DAY) == DAY
    assert backend.imports(page.site) == {"it": (DAY, DAY)}
    assert backend.delete_page(page, DAY) == 5
    assert backend.delete_site(page.site, DAY) == 0
