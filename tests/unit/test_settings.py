"""Settings: their sources, their defaults and the errors about wrong ones."""

from pathlib import Path

import pytest

from page_tracker.backends.choice import Choice
from page_tracker.settings import Settings, SettingsError


def test_should_have_defaults() -> None:
    assert Settings.read({}) == Settings(
        backend=None,
        data_folder=Path.home() / ".local/share/page-tracker",
        host="127.0.0.1",
        port=8000,
        workers=None,
        deadline_s=2.0,
    )


def test_should_read_the_environment() -> None:
    environ = {
        "REDIS_URL": "memory://",
        "STATE_DIRECTORY": "/var/lib/page-tracker:/var/lib/other",
        "PAGE_TRACKER_HOST": "0.0.0.0",
        "PAGE_TRACKER_PORT": "80",
        "PAGE_TRACKER_WORKERS": "3",
        "PAGE_TRACKER_DEADLINE": "0.5",
    }

    assert Settings.read(environ) == Settings(
        backend=Choice("memory://", "set by REDIS_URL", "REDIS_URL"),
        data_folder=Path("/var/lib/page-tracker"),
        host="0.0.0.0",
        port=80,
        workers=3,
        deadline_s=0.5,
    )


def test_should_read_the_variables_of_platforms_and_older_names() -> None:
    others = {
        "REDIS_URL": "memory://",
        "PAGE_TRACKER_ADDRESS": "::1",
        "PORT": "80",
        "WEB_CONCURRENCY": "3",
    }

    settings = Settings.read(others)

    assert (settings.host, settings.port, settings.workers) == ("::1", 80, 3)
    assert settings.backend == Choice("memory://", "set by REDIS_URL", "REDIS_URL")


def test_should_prefer_its_own_variables_to_others() -> None:
    environ = {
        "PAGE_TRACKER_HOST": "::",
        "PAGE_TRACKER_ADDRESS": "wrong host",
        "PAGE_TRACKER_PORT": "81",
        "PORT": "wrong",
        "PAGE_TRACKER_WORKERS": "4",
        "WEB_CONCURRENCY": "wrong",
    }

    settings = Settings.read(environ)

    assert (settings.host, settings.port, settings.workers) == ("::", 81, 4)


def test_should_ignore_what_kubernetes_says_about_a_service_of_this_name() -> None:
    settings = Settings.read({"PAGE_TRACKER_PORT": "tcp://10.0.0.1:80", "PORT": "8001"})

    assert settings.port == 8001


def test_should_know_whether_only_this_machine_can_reach_it() -> None:
    hosts = {
        "127.0.0.1": True,
        "127.1.2.3": True,
        "localhost": True,
        "[::1]": True,
        "0.0.0.0": False,
        "::": False,
        "example.com": False,
    }

    assert {
        host: Settings.read({}, {"--host": host}).is_local for host in hosts
    } == hosts


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://counter.example", "https://counter.example"),
        ("HTTPS://Counter.Example:443/", "https://counter.example"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://localhost:80", "http://localhost"),
        ("http://localhost:443", "http://localhost:443"),
        ("https://[::1]:80/", "https://[::1]:80"),
    ],
)
def test_should_accept_a_public_url(text: str, url: str) -> None:
    assert Settings.read({"PAGE_TRACKER_URL": text}).rules.public_url == url


@pytest.mark.parametrize(
    "text",
    [
        "counter.example",
        "ftp://counter.example",
        "https://counter.example/counter",
        "https://counter.example?a",
        "https://counter.example/?a",
        "https://",
        'https://counter.example"><script>',
        "https://me:s3cret@counter.example",
    ],
)
def test_should_refuse_another_public_url(text: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.read({"PAGE_TRACKER_URL": text})

    reason = str(refused.value)
    assert reason.startswith("PAGE_TRACKER_URL: ") and "\n" not in reason
    assert "allowed: a URL without a path" in reason
    assert "s3cret" not in reason


def test_should_prefer_options_to_the_environment() -> None:
    environ = {
        "REDIS_URL": "http://wrong",
        "PAGE_TRACKER_BACKEND": "http://also-wrong",
        "XDG_DATA_HOME": "/home/me/data",
        "PAGE_TRACKER_ADDRESS": "wrong host",
        "PORT": "wrong",
        "WEB_CONCURRENCY": "wrong",
        "PAGE_TRACKER_DEADLINE": "wrong",
    }
    options = {
        "--backend": "memory://",
        "--host": "::",
        "--port": "0",
        "--workers": "1",
        "--deadline": "60",
    }

    assert Settings.read(environ, options) == Settings(
        backend=Choice("memory://", "set by --backend", "--backend"),
        data_folder=Path("/home/me/data/page-tracker"),
        host="::",
        port=0,
        workers=1,
        deadline_s=60.0,
    )


def test_should_refuse_two_backends() -> None:
    environ = {"PAGE_TRACKER_BACKEND": "memory://", "REDIS_URL": "redis://:s3cret@h"}

    with pytest.raises(SettingsError) as refused:
        Settings.read(environ)

    assert "PAGE_TRACKER_BACKEND and REDIS_URL" in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_should_accept_the_same_backend_twice() -> None:
    environ = {"PAGE_TRACKER_BACKEND": "memory://", "REDIS_URL": "memory://"}

    assert Settings.read(environ).backend == Choice(
        "memory://", "set by PAGE_TRACKER_BACKEND"
    )


@pytest.mark.parametrize("home", ["", "relative"])
def test_should_have_no_data_folder_without_a_home_folder(
    home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", home)
    settings = Settings.read({})

    assert settings.data_folder is None or settings.data_folder.is_absolute()
    assert "relative" not in str(settings.data_folder)


def test_should_ignore_a_relative_data_folder() -> None:
    settings = Settings.read({"XDG_DATA_HOME": "data"})

    assert settings.data_folder == Settings.read({}).data_folder


def test_should_treat_an_empty_setting_as_unset() -> None:
    environ = {
        "REDIS_URL": "",
        "PAGE_TRACKER_ADDRESS": "",
        "PORT": "",
        "WEB_CONCURRENCY": "",
        "PAGE_TRACKER_DEADLINE": "",
    }

    assert Settings.read(environ, {"--port": None}) == Settings.read({})


@pytest.mark.parametrize(
    ("variable", "option", "value", "reason"),
    [
        (
            "REDIS_URL",
            "--backend",
            "redis://h?x=1",
            "the option 'x' is unknown; allowed:",
        ),
        (
            "PORT",
            "--port",
            "http",
            "'http' is not allowed; allowed: a whole number from 0 to 65535",
        ),
        (
            "PORT",
            "--port",
            "65536",
            "'65536' is not allowed; allowed: a whole number from 0 to 65535",
        ),
        (
            "PORT",
            "--port",
            "9" * 5000,
            "'" + "9" * 40 + "'… is not allowed; allowed: a whole number",
        ),
        (
            "PORT",
            "--port",
            "-1",
            "'-1' is not allowed; allowed: a whole number from 0 to 65535",
        ),
        (
            "PORT",
            "--port",
            "８０",
            "'８０' is not allowed; allowed: a whole number from 0 to 65535",
        ),
        (
            "PORT",
            "--port",
            "8_0",
            "'8_0' is not allowed; allowed: a whole number from 0 to 65535",
        ),
        (
            "PORT",
            "--port",
            "80\n",
            r"'80\n' is not allowed; allowed: a whole number from 0 to 65535",
        ),
        (
            "WEB_CONCURRENCY",
            "--workers",
            "0",
            "'0' is not allowed; allowed: a whole number from 1 to 1024",
        ),
        (
            "PAGE_TRACKER_ACCESS_LOG",
            "--access-log",
            "1",
            "'1' is not allowed; allowed: true, false",
        ),
        (
            "PAGE_TRACKER_LOG_FORMAT",
            "--log-format",
            "xml",
            "'xml' is not allowed; allowed: text, json",
        ),
        *(
            (
                "PAGE_TRACKER_DEADLINE",
                "--deadline",
                text,
                f"'{text}' is not allowed; allowed: a number of seconds from 0.1 to 60",
            )
            for text in ("0", "0.05", "61", "nan", "inf", "1e1", "-1", "2s", ".5")
        ),
    ],
)
def test_should_name_a_wrong_setting_and_what_is_allowed(
    variable: str, option: str, value: str, reason: str
) -> None:
    with pytest.raises(SettingsError) as by_variable:
        Settings.read({variable: value})
    with pytest.raises(SettingsError) as by_option:
        Settings.read({}, {option: value})

    assert str(by_variable.value).startswith(f"{variable}: {reason}")
    assert str(by_option.value).startswith(f"{option}: {reason}")


def test_should_read_the_settings_of_the_logs() -> None:
    environ = {"PAGE_TRACKER_ACCESS_LOG": "true", "PAGE_TRACKER_LOG_FORMAT": "json"}

    settings = Settings.read(environ)

    assert (settings.access_log, settings.log_format) == (True, "json")
    assert not Settings.read({"PAGE_TRACKER_ACCESS_LOG": "false"}).access_log


@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_should_accept_an_ipv6_address_with_and_without_brackets(host: str) -> None:
    assert Settings.read({}, {"--host": host}).host == "::1"


@pytest.mark.parametrize("host", ["local host", "localhost\n", "http://localhost", "/"])
def test_should_refuse_a_host_that_is_not_a_name_or_address(host: str) -> None:
    with pytest.raises(
        SettingsError, match="^--host: .*; allowed: a name or an address"
    ):
        Settings.read({}, {"--host": host})


@pytest.mark.parametrize("token", ["x" * 16, "~!" * 128])
def test_should_accept_a_token(token: str) -> None:
    assert Settings.read({"PAGE_TRACKER_TOKEN": token}).rules.token == token


@pytest.mark.parametrize("token", ["secret", "x" * 257, "secret " * 4, "sécret" * 4])
def test_should_refuse_a_token_without_showing_it(token: str) -> None:
    with pytest.raises(SettingsError) as error:
        Settings.read({"PAGE_TRACKER_TOKEN": token})

    assert str(error.value).startswith("PAGE_TRACKER_TOKEN: the token is not valid; ")
    assert token not in str(error.value)


def test_should_refuse_a_token_with_the_name_of_its_variable() -> None:
    with pytest.raises(SettingsError, match="begins with the name") as error:
        Settings.read({"PAGE_TRACKER_TOKEN": f"PAGE_TRACKER_TOKEN={'s3cret' * 4}"})

    assert "s3cret" not in str(error.value)


def test_should_not_show_the_token() -> None:
    token = "a-token-of-the-tests"
    assert token not in repr(Settings.read({"PAGE_TRACKER_TOKEN": token}))


def test_should_read_which_sites_everybody_may_see() -> None:
    environ = {
        "PAGE_TRACKER_PUBLIC": "Example.com, bücher.example,~",
        "PAGE_TRACKER_FRAMES": "https://example.com, http://localhost:8080/",
    }

    rules = Settings.read(environ).rules

    assert rules.public == {"example.com", "xn--bcher-kva.example", ""}
    assert rules.frames == ("https://example.com", "http://localhost:8080")
    assert Settings.read({"PAGE_TRACKER_FRAMES": "*"}).rules.frames == ("*",)
    assert not Settings.read({}).rules.public
    assert not Settings.read({}).rules.frames


@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        ("PUBLIC", "*.example.com", "the name of each site"),
        ("PUBLIC", "example.com/page", "allowed: "),
        ("PUBLIC", "a b", "allowed: "),
        ("FRAMES", "example.com", "the URLs of hosts"),
        ("FRAMES", "https://example.com/path", "the URLs of hosts"),
        ("FRAMES", "https://example.com; script-src *", "the URLs of hosts"),
        ("FRAMES", "https://*.example.com", "the URLs of hosts"),
        ("FRAMES", "*,https://example.com", "the URLs of hosts"),
    ],
)
def test_should_refuse_to_show_numbers_to_what_is_not_a_site(
    name: str, text: str, allowed: str
) -> None:
    with pytest.raises(SettingsError, match=f"^PAGE_TRACKER_{name}: .*{allowed}"):
        Settings.read({f"PAGE_TRACKER_{name}": text})
