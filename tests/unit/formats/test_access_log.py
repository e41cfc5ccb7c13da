"""Access logs of nginx and Apache, and what counts in any log."""

from datetime import UTC, date, tzinfo
from ipaddress import ip_network
from zoneinfo import ZoneInfo

import pytest

from page_tracker.counting.rules import Rules
from page_tracker.transfer.entries import FileError, LeftOut, Note, Options, Views
from page_tracker.transfer.formats.access_logs import ACCESS_LOG
from tests.unit.formats.logs import (
    DAY,
    FIREFOX,
    GOOGLEBOT,
    combined,
    days_of,
    left_out_of,
    views_of,
    visitors_of,
)
from tests.unit.formats.reading import TODAY, document, read

_COMMON = '203.0.113.7 - - [20/Nov/2026:08:00:00 +0000] "GET /a HTTP/1.1" 200 2326'
_NOT_OF_FORMAT = "the line does not have the format of the log"


@pytest.mark.parametrize(
    ("line", "views"),
    [
        pytest.param(combined(), {"/blog/a": 1}, id="combined"),
        pytest.param(_COMMON, {"/a": 1}, id="common"),
        pytest.param(f"{_COMMON}\r\n", {"/a": 1}, id="common, CRLF"),
        pytest.param(
            combined().replace("203", "example.com:443 203", 1),
            {"example.com/blog/a": 1},
            id="vhost_combined",
        ),
        pytest.param(
            combined().replace("203", "example.com:8080 203", 1),
            {"example.com:8080/blog/a": 1},
            id="vhost_combined, another port",
        ),
        pytest.param(
            f"Example.com {_COMMON}", {"example.com/a": 1}, id="vhost, common"
        ),
        pytest.param(f"_ {_COMMON}", {"/a": 1}, id="vhost of nginx without a name"),
        pytest.param(
            combined().replace("203.0.113.7", "example.com:443 2001:db8::1"),
            {"example.com/blog/a": 1},
            id="vhost_combined, IPv6",
        ),
        pytest.param(
            combined().replace("- -", "- frank"), {"/blog/a": 1}, id="with a user"
        ),
        pytest.param(
            combined().replace("- -", "- frank miller"),
            {"/blog/a": 1},
            id="with a user with a space",
        ),
        pytest.param(
            combined().replace("- -", "ident frank"), {"/blog/a": 1}, id="with an ident"
        ),
        pytest.param(
            combined().rstrip() + ' "198.51.100.1"\n',
            {"/blog/a": 1},
            id="with the X-Forwarded-For of nginx's image",
        ),
        pytest.param(
            combined(agent=FIREFOX + r" \"x\" \x22\xC3\xA4"),
            {"/blog/a": 1},
            id="escapes in the agent",
        ),
        pytest.param(
            combined(r"GET /\xC3\xA4 HTTP/1.1"), {"/ä": 1}, id="escapes in the path"
        ),
        pytest.param(
            combined("GET http://Example.com/x?y HTTP/1.1"),
            {"example.com/x": 1},
            id="a URL as the target",
        ),
        pytest.param(
            combined("GET https://example.com HTTP/1.1"),
            {"example.com/": 1},
            id="a URL without a path",
        ),
        pytest.param(
            combined("GET /a?x=1#y HTTP/1.1"), {"/a": 1}, id="query and fragment"
        ),
        pytest.param(combined("GET //a/%ff"), {"//a/%ff": 1}, id="as the client sent"),
        pytest.param(combined(status=304), {"/blog/a": 1}, id="from the cache"),
        pytest.param(combined("GET /v1.2 HTTP/2"), {"/v1.2": 1}, id="with a dot"),
        pytest.param(combined("GET /a.html HTTP/2"), {"/a.html": 1}, id="HTML"),
        pytest.param(combined("GET /a.php?b=c.js"), {"/a.php": 1}, id="PHP"),
        pytest.param(combined("GET /js/"), {"/js/": 1}, id="a folder"),
        pytest.param("\ufeff" + combined(), {"/blog/a": 1}, id="byte order mark"),
    ],
)
def test_should_count_the_views_of_pages(line: str, views: dict[str, int]) -> None:
    assert views_of(read(ACCESS_LOG, line)) == views


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (combined("POST /blog/a HTTP/1.1"), "the method is not GET"),
        (combined("HEAD /blog/a HTTP/1.1"), "the method is not GET"),
        *(
            (combined(status=status), "the status is neither 200 nor 304")
            for status in (206, 301, 404, 500)
        ),
        (combined("-", status=408), "the status is neither 200 nor 304"),
        (
            combined(r"\x16\x03\x01\x02", status=400),
            "the status is neither 200 nor 304",
        ),
        (combined(r"\x16\x03\x01\x02"), "the method is not GET"),
        *(
            (combined(f"GET /{name} HTTP/1.1"), "it is not an HTML page")
            for name in ("a.css", "a.min.JS?v=1", "robots.txt", "x/y.png", "report.pdf")
        ),
        (combined("GET a/b HTTP/1.1"), "the target is not a path"),
        (combined("GET * HTTP/1.1"), "the target is not a path"),
        (
            combined(f"GET /{'a' * 3 * 2048} HTTP/1.1"),
            "the name of the page has more than 2048 bytes",
        ),
        *(
            (combined(f"GET {path} HTTP/1.1"), "it is a request to page-tracker itself")
            for path in ("/hit.gif?page=a", "/hit/a/b", "/views.svg", "/dashboard")
        ),
        (combined(agent=GOOGLEBOT), "a crawler made it"),
        (combined(agent="curl/8.12.1"), "a tool such as curl made it"),
        (combined(agent="python-requests/2.32"), "a tool such as curl made it"),
        ("nonsense\n", _NOT_OF_FORMAT),
        (combined()[:90] + "\n", _NOT_OF_FORMAT),
        (f"\0\0\0{combined()}", _NOT_OF_FORMAT),
        (combined(time="31/Feb/2026:08:00:00 +0000"), _NOT_OF_FORMAT),
        (combined(time="20/Foo/2026:08:00:00 +0000"), _NOT_OF_FORMAT),
        (combined(time="20/Nov/2026:08:00:00 +9900"), _NOT_OF_FORMAT),
        (combined(time="01/Jan/0001:00:00:00 +1400"), _NOT_OF_FORMAT),
    ],
)
def test_should_leave_out_what_is_no_view_of_a_page(line: str, reason: str) -> None:
    entries = read(ACCESS_LOG, combined("GET /other HTTP/1.1") * 2 + line)

    assert left_out_of(entries) == {reason: 1}
    assert views_of(entries) == {"/other": 2}


def test_should_leave_out_requests_to_the_tracker_below_its_base_path() -> None:
    log = "".join(
        combined(f"GET {path} HTTP/1.1")
        for path in ("/counter", "/counter/hit/a/b", "/counterfeit", "/dashboard")
    )

    entries = read(ACCESS_LOG, log, rules=Rules(base_path="/counter"))

    assert views_of(entries) == {"/counterfeit": 1, "/dashboard": 1}


def test_should_count_pages_of_sites_on_other_hosts_than_the_tracker() -> None:
    log = "".join(
        combined("GET /dashboard HTTP/1.1").replace("203", f"{host} 203", 1)
        for host in ("example.com", "count.example.com")
    )

    rules = Rules(public_url="https://count.example.com")
    entries = read(ACCESS_LOG, log, rules=rules)

    assert views_of(entries) == {"example.com/dashboard": 1}


@pytest.mark.parametrize("address", ["203.0.113.7", "203.0.113.7, 198.51.100.1"])
def test_should_leave_out_ignored_addresses(address: str) -> None:
    rules = Rules(ignored_networks=(ip_network("203.0.113.0/24"),))
    log = combined(address=address) + combined(address="192.0.2.1")

    entries = read(ACCESS_LOG, log, rules=rules)

    assert views_of(entries) == {"/blog/a": 1}
    assert left_out_of(entries) == {"PAGE_TRACKER_IGNORE_IPS contains the address": 1}


def test_should_show_the_first_lines_that_are_left_out() -> None:
    css = combined("GET /a\\x1b[31m.css?key=s3cret")
    log = combined(agent=GOOGLEBOT) * 5 + css + combined()

    shown = [entry for entry in read(ACCESS_LOG, log) if isinstance(entry, LeftOut)]

    crawler = "a crawler made it"
    assert shown == [
        *(LeftOut(line, crawler, GOOGLEBOT, unit="line") for line in (1, 2, 3)),
        LeftOut(
            6,
            "it is not an HTML page",
            "GET /a\x1b[31m.css (200)",
            unit="line",
        ),
        LeftOut(7, crawler, number=2, unit="line"),
    ]


@pytest.mark.parametrize(
    ("time", "timezone", "day"),
    [
        ("20/Nov/2026:23:59:59 +0000", UTC, date(2026, 11, 20)),
        ("20/Nov/2026:23:30:00 -0100", UTC, date(2026, 11, 21)),
        ("20/Nov/2026:00:30:00 +0100", UTC, date(2026, 11, 19)),
        ("20/Nov/2026:23:30:00 +0000", ZoneInfo("Europe/Berlin"), date(2026, 11, 21)),
        ("20/Nov/2026:18:14:59 +0000", ZoneInfo("Asia/Kathmandu"), date(2026, 11, 20)),
        ("20/Nov/2026:18:15:00 +0000", ZoneInfo("Asia/Kathmandu"), date(2026, 11, 21)),
    ],
)
def test_should_convert_times_to_days_in_the_time_zone(
    time: str, timezone: tzinfo, day: date
) -> None:
    entries = read(ACCESS_LOG, combined(time=time), timezone=timezone)

    assert days_of(entries) == [day]


def test_should_sum_equal_pages_and_name_their_first_line() -> None:
    log = combined(status=404) + combined() + combined("GET /b") + combined()

    views = [entry for entry in read(ACCESS_LOG, log) if isinstance(entry, Views)]

    assert views == [Views(2, "", "/blog/a", 2, DAY), Views(3, "", "/b", 1, DAY)]


def test_should_count_all_of_many_pages() -> None:
    log = "".join(combined(f"GET /{number} HTTP/1.1") for number in range(33_000))

    views = views_of(read(ACCESS_LOG, log * 2))

    assert len(views) == 33_000
    assert set(views.values()) == {2}


def test_should_count_an_address_with_an_agent_once_a_day() -> None:
    log = (
        combined() * 3
        + combined(agent=f"{FIREFOX} x")
        + combined(address="192.0.2.1")
        + combined(time="21/Nov/2026:08:00:00 +0000")
        + combined(address="192.0.2.2", agent=GOOGLEBOT)
    )

    assert visitors_of(read(ACCESS_LOG, log)) == [
        ("", DAY, 3),
        ("", date(2026, 11, 21), 1),
    ]


def test_should_count_a_visitor_in_two_logs_once() -> None:
    options = Options(TODAY)
    first, second = combined(), combined("GET /b") + combined(address="192.0.2.1")

    visitors = [
        visitors_of(ACCESS_LOG.read(document(log), options)) for log in (first, second)
    ]

    assert visitors == [[("", DAY, 1)], [("", DAY, 1)]]


def test_should_count_no_visitors_without_addresses() -> None:
    entries = read(ACCESS_LOG, combined(address="-"))

    assert views_of(entries) == {"/blog/a": 1}
    assert not visitors_of(entries)


@pytest.mark.parametrize("line", [f"{_COMMON}\n", combined(agent="-")])
def test_should_say_that_crawlers_without_an_agent_count(line: str) -> None:
    entries = read(ACCESS_LOG, line * 2)

    assert [entry for entry in entries if isinstance(entry, Note)] == [
        Note(
            2,
            "2 views have no agent (User-Agent), so that crawlers among them count too",
        )
    ]


@pytest.mark.parametrize("wrong", [501, 600])
def test_should_refuse_a_file_with_mostly_other_lines(wrong: int) -> None:
    content = combined() * (1000 - wrong) + "nonsense\n" * wrong + combined() * 1000

    with pytest.raises(FileError, match=f"^line {1001 - wrong}: .*more than half"):
        read(ACCESS_LOG, content)


def test_should_refuse_a_short_file_with_mostly_other_lines() -> None:
    log = document("nonsense\n" * 2 + combined())

    with pytest.raises(FileError, match="^line 1: .*more than half of the first 3 "):
        list(ACCESS_LOG.read(log, Options(TODAY)))


def test_should_refuse_a_very_long_line() -> None:
    with pytest.raises(FileError, match="^line 201: the line is too long"):
        read(ACCESS_LOG, combined() * 200 + "x" * 10_000_000)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\n\n",
        "\0" * 100,
        b"\xff\xfe\xfd",
        "page,views\n/a,1\n",
        "hello\n",
        '{"a": 1}\n',
        "[" * 70_000,
        "a - " * 20_000,
    ],
)
def test_should_not_recognize_other_files(content: str | bytes) -> None:
    assert not ACCESS_LOG.recognizes(document(content))
    assert not ACCESS_LOG.recognizes(document({"a": content, "b": combined()}))
