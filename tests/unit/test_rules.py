"""The rules of the tracker, and the settings that define them."""

from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from page_tracker import Limits, Rules
from page_tracker.settings import Settings, SettingsError
from page_tracker.web.routes import ROUTES


def test_should_count_every_site_by_default() -> None:
    settings = Settings.read({})

    assert settings.rules == Rules()
    assert settings.limits == Limits(pages_per_site=100_000, sites=1_000, repeats_s=0)
    assert settings.rules.counts("example.com")
    assert not settings.rules.ignores("192.0.2.1")
    assert settings.rules.timezone is UTC


def test_should_read_the_environment() -> None:
    settings = Settings.read(
        {
            "PAGE_TRACKER_SITES": "Example.com, *.bücher.example ,localhost:8000",
            "PAGE_TRACKER_IGNORE_IPS": "192.0.2.1, 2001:db8::/32",
            "PAGE_TRACKER_TRUSTED_PROXIES": "2",
            "PAGE_TRACKER_TIMEZONE": "Europe/Berlin",
            "PAGE_TRACKER_BASE_PATH": "/my/counter/",
            "PAGE_TRACKER_READ_CACHE": "60",
            "PAGE_TRACKER_MAX_PAGES": "10",
            "PAGE_TRACKER_MAX_SITES": "0",
            "PAGE_TRACKER_DEDUPE": "1800",
        }
    )

    rules = settings.rules
    assert rules.sites == {"example.com", "*.xn--bcher-kva.example", "localhost:8000"}
    assert rules.ignores("192.0.2.1") and rules.ignores("2001:db8::1")
    assert not rules.ignores("192.0.2.2")
    assert (rules.trusted_proxies, rules.read_cache_s) == (2, 60)
    assert rules.timezone == ZoneInfo("Europe/Berlin")
    assert rules.base_path == "/my/counter"
    assert settings.limits == Limits(pages_per_site=10, sites=0, repeats_s=1800)


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        (
            "SITES",
            "https://example.com",
            "'https://example.com' is a URL; allowed: only its",
        ),
        ("SITES", "example.com/blog", "'example.com/blog' is a URL; allowed: only its"),
        (
            "SITES",
            "example.com,",
            "the host is missing; allowed: a name such as example.com; ",
        ),
        (
            "SITES",
            "*",
            "the host '*' is not valid; allowed: a name such as example.com; separate",
        ),
        ("SITES", "a.*.com", "the host 'a.*.com'"),
        ("IGNORE_IPS", "me", "'me' does not appear to be an IPv4 or IPv6 network; "),
        ("IGNORE_IPS", "192.0.2.1/24", "192.0.2.1/24 has host bits set; allowed: a"),
        ("IGNORE_IPS", ",", "'' does not appear"),
        (
            "IGNORE_IPS",
            "::ffff:192.0.2.1",
            "'::ffff:192.0.2.1' is an IPv4 address written as IPv6; allowed: ad",
        ),
        (
            "BASE_PATH",
            "/hit",
            "'/hit' is a path of the tracker itself; allowed: another",
        ),
        (
            "TRUSTED_PROXIES",
            "17",
            "'17' is not allowed; allowed: a whole number from 0 to 16",
        ),
        (
            "TRUSTED_PROXIES",
            "-1",
            "'-1' is not allowed; allowed: a whole number from 0 to 16",
        ),
        (
            "TIMEZONE",
            "Berlin",
            "'Berlin' is not a time zone; allowed: a name such as UTC",
        ),
        ("TIMEZONE", "Europe", "'Europe' is not a time zone"),
        ("TIMEZONE", "../../etc/passwd", "'../../etc/passwd' is not a time zone"),
        ("TIMEZONE", "/etc/passwd", "'/etc/passwd' is not a time zone"),
        (
            "BASE_PATH",
            "counter",
            "'counter' is not allowed; allowed: a path such as /counter",
        ),
        ("BASE_PATH", "/a/../b", "'/a/../b' is not allowed; allowed: a path"),
        ("BASE_PATH", "//a", "'//a' is not allowed; allowed: a path"),
        ("BASE_PATH", "/a b", "'/a b' is not allowed; allowed: a path"),
        (
            "READ_CACHE",
            "86401",
            "'86401' is not allowed; allowed: a whole number from 0 to 86400",
        ),
        (
            "MAX_PAGES",
            "0",
            "'0' is not allowed; allowed: a whole number from 1 to 100000000",
        ),
        (
            "MAX_SITES",
            "1e3",
            "'1e3' is not allowed; allowed: a whole number from 0 to 1000000",
        ),
        (
            "DEDUPE",
            "1.5",
            "'1.5' is not allowed; allowed: a whole number from 0 to 86400",
        ),
    ],
)
def test_should_name_a_wrong_setting_and_what_is_allowed(
    variable: str, value: str, reason: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.read({f"PAGE_TRACKER_{variable}": value})

    assert str(refused.value).startswith(f"PAGE_TRACKER_{variable}: {reason}")


@pytest.mark.parametrize(
    ("zone", "day"),
    [("UTC", 22), ("Pacific/Kiritimati", 23), ("Pacific/Pago_Pago", 22)],
)
def test_should_begin_a_day_in_the_time_zone_of_the_owner(
    zone: str, day: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock(datetime):
        """A clock that shows 23:30 in UTC."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime(2026, 11, 22, 23, 30, tzinfo=UTC).astimezone(tz)

    monkeypatch.setattr("page_tracker.counting.rules.datetime", Clock)

    assert Rules(timezone=ZoneInfo(zone)).today() == date(2026, 11, day)


@pytest.mark.parametrize("route", [route for route in ROUTES if route != "/"])
def test_should_refuse_a_base_path_that_is_a_route(route: str) -> None:
    path = route.replace("{", "").replace("}", "")

    with pytest.raises(SettingsError, match="is a path of the tracker itself"):
        Settings.read({"PAGE_TRACKER_BASE_PATH": path})
