"""Every setting of the tracker: read once, checked, with the error a person needs."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self, TypeVar

from page_tracker.redis_url import check_redis_url

T = TypeVar("T")


class SettingsError(Exception):
    """A setting is wrong. Its one line names the setting and says what is allowed."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the tracker is told from outside."""

    redis_url: str | None
    """Where to count; None: in Redis on this machine if there is one, else memory."""

    host: str
    """The address to listen at."""

    port: int
    """The port to listen at; 0 for any that is free."""

    workers: int | None
    """How many worker processes to start; None: as many as fit the backend."""

    deadline_s: float
    """How many seconds a request may wait for Redis."""

    @classmethod
    def read(
        cls, environ: Mapping[str, str], options: Mapping[str, str | None] | None = None
    ) -> Self:
        """Take each setting from its command-line option, else from its variable.

        Empty counts as unset. Raises SettingsError.
        """
        source = _Source(environ, options or {})
        return cls(
            redis_url=source.get("--redis-url", "REDIS_URL", check_redis_url, None),
            host=source.get("--host", "PAGE_TRACKER_ADDRESS", _host, "127.0.0.1"),
            port=source.get("--port", "PORT", _number(0, 65535), 8000),
            workers=source.get("--workers", "WEB_CONCURRENCY", _number(1, 1024), None),
            deadline_s=source.get(
                "--deadline", "PAGE_TRACKER_DEADLINE", _seconds(0.1, 60), 2.0
            ),
        )


@dataclass(frozen=True, slots=True)
class _Source:
    environ: Mapping[str, str]
    options: Mapping[str, str | None]

    def get(
        self, option: str, variable: str, parse: Callable[[str], T], default: T
    ) -> T:
        """Parse what is set; a mistake is told under the name it was made under."""
        name = option if self.options.get(option) else variable
        text = self.options.get(option) or self.environ.get(variable)
        if not text:
            return default
        try:
            return parse(text)
        except ValueError as error:
            # Not chained: a cause may quote what must not be shown.
            raise SettingsError(f"{name}: {error}") from None


def _host(text: str) -> str:
    host = text.removeprefix("[").removesuffix("]")
    if re.fullmatch(r"[A-Za-z0-9._:%-]+", host):
        return host
    raise ValueError(f"{text!r} is no name or address of this machine")


def _seconds(least: float, most: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        # Python's own float() would take "1e1", "nan" and "inf".
        if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3})?", text) and (
            least <= float(text) <= most
        ):
            return float(text)
        raise ValueError(f"{text!r} is no number of seconds from {least} to {most}")

    return parse


def _number(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        # Python's own int() would take " 1_0 " for 10.
        if re.fullmatch(r"[0-9]{1,5}", text) and least <= int(text) <= most:
            return int(text)
        raise ValueError(f"{text!r} is no number from {least} to {most}")

    return parse
