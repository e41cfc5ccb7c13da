"""The settings of the tracker, with their defaults and their limits."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from page_tracker.backends.choice import Choice
from page_tracker.backends.url import check_url
from page_tracker.counting.model import Limits
from page_tracker.counting.naming import Naming
from page_tracker.counting.parsing import parse_choice
from page_tracker.counting.readable_hosts import readable_host
from page_tracker.counting.rules import Rules
from page_tracker.operations.logs import LOG_FORMATS
from page_tracker.settings.source import SettingsError, Source
from page_tracker.settings.values import (
    number_between,
    parse_base_path,
    parse_flag,
    parse_frames,
    parse_host,
    parse_networks,
    parse_public,
    parse_public_url,
    parse_query_rule,
    parse_same_pages,
    parse_same_sites,
    parse_sites,
    parse_timezone,
    parse_token,
    seconds_between,
)


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

    @property
    def is_local(self) -> bool:
        """Whether the tracker listens on an address that only this machine reaches."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @classmethod
    def read(
        cls, environ: Mapping[str, str], options: Mapping[str, str | None] | None = None
    ) -> Self:
        """Read each setting from its command-line option, or else from its variable.

        Raises SettingsError.
        """
        return cls.from_source(Source(environ, options or {}))

    @classmethod
    def from_source(cls, source: Source) -> Self:
        """Read each setting from this source. Raises SettingsError."""
        return cls(
            backend=_read_backend(source),
            data_folder=_read_data_folder(source),
            host=source.get(
                "host", parse_host, "127.0.0.1", also=("PAGE_TRACKER_ADDRESS",)
            ),
            port=source.get("port", number_between(0, 65535), 8000, also=("PORT",)),
            workers=source.get(
                "workers", number_between(1, 1024), None, also=("WEB_CONCURRENCY",)
            ),
            deadline_s=source.get("deadline", seconds_between(0.1, 60), 2.0),
            rules=_read_rules(source),
            limits=_read_limits(source),
            access_log=source.get("access-log", parse_flag, False),
            log_format=source.get(
                "log-format", lambda text: parse_choice(text, LOG_FORMATS), "text"
            ),
        )


def variables() -> set[str]:
    """Return the names of all environment variables that the tracker reads."""
    source = Source({}, {})
    Settings.from_source(source)
    return source.variables


def _read_backend(source: Source) -> Choice | None:
    """Return the backend of the option, or of one of its two variables."""
    url = source.get("backend", check_url, None, also=("REDIS_URL",))
    found = source.find("backend", also=("REDIS_URL",))
    if url is None or found is None:
        return None
    used, _ = found
    texts = source.texts_of("PAGE_TRACKER_BACKEND", "REDIS_URL")
    # An address that is set for another program must not decide where counts are.
    if used in texts and len(set(filter(None, texts.values()))) > 1:
        raise SettingsError(
            f"{' and '.join(texts)} are both set, and differ; allowed: one of them"
        )
    return Choice(url, f"set by {used}", used)


def _read_data_folder(source: Source) -> Path | None:
    """Return the folder that systemd has created, or else one in the home folder.

    Sources: systemd.exec(5), StateDirectory=; XDG Base Directory Specification.
    """
    state, data_home = source.texts_of("STATE_DIRECTORY", "XDG_DATA_HOME").values()
    if state:
        return Path(state.partition(":")[0]).absolute()
    folder = Path(data_home)
    if not folder.is_absolute():
        folder = Path(os.path.expanduser("~/.local/share"))
    return folder / "page-tracker" if folder.is_absolute() else None


def _read_rules(source: Source) -> Rules:
    defaults = Rules()
    rules = Rules(
        sites=source.get("sites", parse_sites, defaults.sites),
        naming=_read_naming(source),
        referrers=source.get("referrers", parse_flag, defaults.referrers),
        ignored_networks=source.get(
            "ignore-ips", parse_networks, defaults.ignored_networks
        ),
        trusted_proxies=source.get(
            "trusted-proxies", number_between(0, 16), defaults.trusted_proxies
        ),
        timezone=source.get("timezone", parse_timezone, defaults.timezone),
        public_url=source.get("url", parse_public_url, defaults.public_url),
        base_path=source.get("base-path", parse_base_path, defaults.base_path),
        read_cache_s=source.get(
            "read-cache", number_between(0, 86_400), defaults.read_cache_s
        ),
        public=source.get("public", parse_public, defaults.public),
        frames=source.get("frames", parse_frames, defaults.frames),
        token=source.get("token", parse_token, defaults.token),
    )
    for name, site in rules.naming.same_sites.items():
        if not rules.counts(site):
            raise SettingsError(
                f"PAGE_TRACKER_SAME_SITES: {readable_host(name)} stands for "
                f"{readable_host(site)}, which is not in PAGE_TRACKER_SITES; allowed: "
                "a site that is counted"
            )
    return rules


def _read_naming(source: Source) -> Naming:
    defaults = Naming()
    return Naming(
        same_sites=source.get("same-sites", parse_same_sites, defaults.same_sites),
        same_pages=source.get("same-pages", parse_same_pages, defaults.same_pages),
        query=source.get("query", parse_query_rule, defaults.query),
    )


def _read_limits(source: Source) -> Limits:
    defaults = Limits()
    return Limits(
        pages_per_site=source.get(
            "max-pages", number_between(1, 100_000_000), defaults.pages_per_site
        ),
        sites=source.get("max-sites", number_between(0, 1_000_000), defaults.sites),
        referrers_per_site=source.get(
            "max-referrers", number_between(1, 100_000), defaults.referrers_per_site
        ),
        repeats_s=source.get("dedupe", number_between(0, 86_400), defaults.repeats_s),
    )
