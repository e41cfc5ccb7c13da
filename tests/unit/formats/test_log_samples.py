"""Files as each web server writes them, all with the same requests."""

from datetime import date, timedelta

import pytest

from page_tracker.transfer.entries import Note
from page_tracker.transfer.formats.access_logs import (
    ACCESS_LOG,
    CADDY,
    CLOUDFRONT,
    TRAEFIK,
)
from page_tracker.transfer.formats.format import Format
from tests.unit.formats.logs import DAY, left_out_of, views_of, visitors_of
from tests.unit.formats.reading import read, sample

_NEXT_DAY: date = DAY + timedelta(1)


@pytest.mark.parametrize(
    ("format_", "name", "host"),
    [
        (ACCESS_LOG, "access.log", ""),
        (CADDY, "caddy.log", "example.com"),
        (TRAEFIK, "traefik-json.log", "example.com"),
        (CLOUDFRONT, "cloudfront.gz", "example.com"),
        (CLOUDFRONT, "cloudfront-json.gz", "example.com"),
    ],
)
def test_should_count_the_same_in_each_log(
    format_: Format, name: str, host: str
) -> None:
    entries = read(format_, sample(name))

    assert views_of(entries) == {f"{host}/": 1, f"{host}/blog/a": 3}
    assert visitors_of(entries) == [(host, DAY, 2), (host, _NEXT_DAY, 1)]
    left_out = left_out_of(entries)
    assert left_out.pop("a crawler made it") == 1
    assert left_out.pop("a tool such as curl made it") == 1
    assert left_out.pop("it is not an HTML page") == 1
    assert left_out.pop("the status is neither 200 nor 304") >= 2


def test_should_count_by_host_if_the_log_has_several() -> None:
    entries = read(ACCESS_LOG, sample("other_vhosts_access.log"))

    assert views_of(entries) == {
        "example.com/": 1,
        "example.com/blog/a": 2,
        "blog.example.com/blog/a": 1,
    }


def test_should_count_crawlers_if_the_log_has_no_agents() -> None:
    entries = read(TRAEFIK, sample("traefik.log"))

    assert views_of(entries) == {"/": 2, "/blog/a": 4}
    assert any(isinstance(entry, Note) for entry in entries)
