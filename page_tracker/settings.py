"""The settings of the tracker, read from options and variables, and validated."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from ipaddress import IPv6Address, ip_network
from pathlib import Path
from typing import Self, TypeVar
from zoneinfo import ZoneInfo

from page_tracker.backends.choice import Choice
from page_tracker.backends.url import check_url
from page_tracker.counting.model import Limits
from page_tracker.counting.page_names import PageNameError, parse_site
from page_tracker.counting.parsing import parse_choice, parse_number, quoted
from page_tracker.counting.rules import Network, Rules
from page_tracker.operations.logs import LOG_FORMATS

T = TypeVar("T")


class SettingsError(Exception):
    """A setting is wrong. The text, one line, names it and says what is allowed."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the tracker."""

    backend: Choice | None
    """The backend; None to use a Redis on this machine, or else a SQLite file."""

    data_folder: Path | None
    """The folder of the SQLite file if the backend is not set; None without a home."""

    host: str
    """The address to listen on."""

    port: int
    """The port to listen on; 0 for any free port."""

    workers: int | None
    """The number of worker processes; None for the default of the backend."""

    deadline_s: float
    """How long a request may wait for the backend, in seconds."""

    rules: Rules = Rules()
    limits: Limits = Limits()

    access_log: bool = False
    """Whether each request is logged."""

    log_format: str = "text"
    """The format of log lines, one of LOG_FORMATS."""

    @classmethod
    def read(
        cls, environ: Mapping[str, str], options: Mapping[str, str | None] | None = None
    ) -> Self:
        """Read each setting from its command-line option, or else from its variable.

        An empty text counts as unset. Raises SettingsError.
        """
        source = _Source(environ, options or {})
        return cls(
            backend=_read_backend(source),
            data_folder=_read_data_folder(source),
            host=source.get("--host", "PAGE_TRACKER_ADDRESS", _parse_host, "127.0.0.1"),
            port=source.get("--port", "PORT", _number_between(0, 65535), 8000),
            workers=source.get(
                "--workers", "WEB_CONCURRENCY", _number_between(1, 1024), None
            ),
            deadline_s=source.get(
                "--deadline", "PAGE_TRACKER_DEADLINE", _seconds_between(0.1, 60), 2.0
            ),
            rules=_read_rules(source),
            limits=_read_limits(source),
            access_log=source.get(
                "--access-log",
                "PAGE_TRACKER_ACCESS_LOG",
                lambda text: parse_choice(text, ("true", "false")) == "true",
                False,
            ),
            log_format=source.get(
                "--log-format",
                "PAGE_TRACKER_LOG_FORMAT",
                lambda text: parse_choice(text, LOG_FORMATS),
                "text",
            ),
        )


def variables() -> set[str]:
    """Return the names of all environment variables that the tracker reads."""
    environ = _RecordingEnviron()
    Settings.read(environ)
    return environ.names


class _RecordingEnviron(Mapping[str, str]):
    """An empty environment that records the names of the variables looked up."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class _Source:
    environ: Mapping[str, str]
    options: Mapping[str, str | None]

    def get_variable(self, variable: str, parse: Callable[[str], T], default: T) -> T:
        """Return the parsed value of a variable that has no command-line option."""
        return self.get(variable, variable, parse, default)

    def get(
        self, option: str, variable: str, parse: Callable[[str], T], default: T
    ) -> T:
        """Return the parsed value of a setting, or the default if it is not set.

        Raises SettingsError, which names the option or the variable with the mistake.
        """
        name = option if self.options.get(option) else variable
        text = self.options.get(option) or self.environ.get(variable)
        if not text:
            return default
        try:
            return parse(text)
        except ValueError as error:
            # Not chained, because the cause may quote a secret.
            raise SettingsError(f"{name}: {error}") from None


def _read_backend(source: _Source) -> Choice | None:
    """Return the backend of the option, or of one of its two variables."""
    names = ("PAGE_TRACKER_BACKEND", "REDIS_URL")
    if not source.options.get("--backend"):
        values = [value for name in names if (value := source.environ.get(name))]
        if len(set(values)) > 1:
            raise SettingsError(
                f"{' and '.join(names)} are both set, and differ; allowed: one of them"
            )
    for name in names:
        if url := source.get("--backend", name, check_url, None):
            used = "--backend" if source.options.get("--backend") else name
            return Choice(url, f"set by {used}")
    return None


def _read_data_folder(source: _Source) -> Path | None:
    """Return the folder that systemd has created, or else one in the home folder.

    Sources: systemd.exec(5), StateDirectory=; XDG Base Directory Specification.
    """
    if state := source.environ.get("STATE_DIRECTORY"):
        return Path(state.partition(":")[0]).absolute()
    data_home = Path(source.environ.get("XDG_DATA_HOME") or "")
    if not data_home.is_absolute():
        data_home = Path(os.path.expanduser("~/.local/share"))
    return data_home / "page-tracker" if data_home.is_absolute() else None


def _read_rules(source: _Source) -> Rules:
    defaults = Rules()
    return Rules(
        sites=source.get_variable("PAGE_TRACKER_SITES", _parse_sites, defaults.sites),
        ignored_networks=source.get_variable(
            "PAGE_TRACKER_IGNORE_IPS", _parse_networks, defaults.ignored_networks
        ),
        trusted_proxies=source.get_variable(
            "PAGE_TRACKER_TRUSTED_PROXIES",
            _number_between(0, 16),
            defaults.trusted_proxies,
        ),
        timezone=source.get_variable(
            "PAGE_TRACKER_TIMEZONE", _parse_timezone, defaults.timezone
        ),
        base_path=source.get_variable(
            "PAGE_TRACKER_BASE_PATH", _parse_base_path, defaults.base_path
        ),
        read_cache_s=source.get_variable(
            "PAGE_TRACKER_READ_CACHE", _number_between(0, 86_400), defaults.read_cache_s
        ),
        token=source.get_variable("PAGE_TRACKER_TOKEN", _parse_token, defaults.token),
    )


def _read_limits(source: _Source) -> Limits:
    defaults = Limits()
    return Limits(
        pages_per_site=source.get_variable(
            "PAGE_TRACKER_MAX_PAGES",
            _number_between(1, 100_000_000),
            defaults.pages_per_site,
        ),
        sites=source.get_variable(
            "PAGE_TRACKER_MAX_SITES", _number_between(0, 1_000_000), defaults.sites
        ),
        repeats_s=source.get_variable(
            "PAGE_TRACKER_DEDUPE", _number_between(0, 86_400), defaults.repeats_s
        ),
    )


def _parse_host(text: str) -> str:
    host = text.removeprefix("[").removesuffix("]")
    if re.fullmatch(r"[A-Za-z0-9._:%-]+", host):
        return host
    raise ValueError(
        f"{quoted(text)} is not allowed; allowed: a name or an address of this machine"
    )


def _seconds_between(minimum: float, maximum: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        # float() would also accept "1e1", "nan" and "inf".
        if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3})?", text) and (
            minimum <= float(text) <= maximum
        ):
            return float(text)
        raise ValueError(
            f"{quoted(text)} is not allowed; "
            f"allowed: a number of seconds from {minimum} to {maximum}"
        )

    return parse


def _number_between(minimum: int, maximum: int) -> Callable[[str], int]:
    return lambda text: parse_number(text, minimum, maximum)


def _parse_sites(text: str) -> frozenset[str]:
    sites = set()
    for name in text.split(","):
        name = name.strip()
        wildcard = "*." if name.startswith("*.") else ""
        if "/" in name:
            raise ValueError(f"{quoted(name)} is a URL; allowed: only its host")
        try:
            sites.add(wildcard + parse_site(name.removeprefix(wildcard)))
        except PageNameError as error:
            raise ValueError(
                f"{error}; separate several sites by commas: example.com,*.example.org"
            ) from None
    return frozenset(sites)


def _parse_networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(_parse_network(name.strip()) for name in text.split(","))
    except ValueError as error:
        raise ValueError(
            f"{error}; allowed: addresses and networks, separated by commas, "
            "such as 192.0.2.1,2001:db8::/32"
        ) from None


def _parse_network(text: str) -> Network:
    network = ip_network(text)
    address = network.network_address
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        raise ValueError(f"{text!r} is an IPv4 address written as IPv6")
    return network


def _parse_timezone(text: str) -> tzinfo:
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError(
            f"{text!r} is not a time zone; allowed: a name such as UTC or Europe/Berlin"
        ) from None


def _parse_base_path(text: str) -> str:
    path = text.removesuffix("/")
    if re.match(r"/(api|dashboard|get|healthz|hit|metrics|readyz|track|views)\b", path):
        raise ValueError(
            f"{quoted(path)} is a path of the tracker itself; "
            "allowed: another path, such as /counter"
        )
    if re.fullmatch(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*", path):
        return path
    raise ValueError(f"{quoted(text)} is not allowed; allowed: a path such as /counter")


def _parse_token(text: str) -> str:
    if re.fullmatch("[!-~]{16,256}", text):
        return text
    # Not quoted, because the text is a secret or was meant to be one.
    raise ValueError(
        "the token is not valid; "
        "allowed: 16 to 256 printable ASCII characters without spaces"
    )
