"""Variables whose names are almost settings of the tracker."""

import pytest

from page_tracker.settings.misspelled import misspelled_variables


def warnings(*names: str) -> list[str]:
    """Return the warnings about variables with these names."""
    environ = dict.fromkeys(names, "s3cret")
    return [str(each) for each in misspelled_variables(environ)]


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("PAGE_TRACKER_SITE", "PAGE_TRACKER_SITES"),
        ("PAGE_TRACKER_HOSTS", "PAGE_TRACKER_HOST"),
        ("PAGETRACKER_SITES", "PAGE_TRACKER_SITES"),
        ("page_tracker_token", "PAGE_TRACKER_TOKEN"),
        ("PAGE_TRACKER_REDIS_URL", "REDIS_URL"),
        ("REDISURL", "REDIS_URL"),
        ("REDIS_URI", "REDIS_URL"),
        ("WEB_CONCURENCY", "WEB_CONCURRENCY"),
    ],
)
def test_should_name_the_nearest_setting(name: str, nearest: str) -> None:
    assert warnings(name) == [f"{name} is not a setting; did you mean {nearest}?"]


def test_should_name_some_setting_for_each_unknown_name_with_the_prefix() -> None:
    (warning,) = warnings("PAGE_TRACKER_COLOR")

    assert warning.startswith("PAGE_TRACKER_COLOR is not a setting; did you mean PAGE_")


@pytest.mark.parametrize(
    "name",
    [
        "PAGE_TRACKER_SITES",
        "PAGE_TRACKER_HTTPS_PORT",
        "PAGE_TRACKER_SERVICE_HOST",
        "PAGE_TRACKER_SERVICE_PORT_HTTP",
        "PAGE_TRACKER_PORT_8000_TCP_ADDR",
        "PAGE_TRACKER_REDIS_SERVICE_HOST",
        "PAGE_TRACKER_REDIS_MASTER_SERVICE_PORT_TCP_REDIS",
        "PAGE_TRACKER_REDIS_PORT_6379_TCP_ADDR",
        "_PAGE_TRACKER_COMPLETE",
        "REDIS_PORT",
        "REDIS_TLS_URL",
        "DATABASE_URL",
        "XDG_DATA_DIRS",
        "XDG_STATE_HOME",
        "CACHE_DIRECTORY",
        "PORTS",
        "HOST",
        "PATH",
    ],
)
def test_should_accept_settings_and_names_of_other_programs(name: str) -> None:
    assert not warnings(name)


def test_should_accept_the_port_of_a_service_of_kubernetes() -> None:
    name = "PAGE_TRACKER_REDIS_PORT"

    assert not list(misspelled_variables({name: "tcp://10.0.0.1:6379"}))
    assert list(misspelled_variables({name: "6379"}))


def test_should_accept_a_similar_name_if_the_right_one_is_set_too() -> None:
    assert not warnings("REDIS_URL", "REDIS_URI")
