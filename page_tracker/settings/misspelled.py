"""Variables that were probably meant for the tracker, but are none of its settings."""

import functools
import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from page_tracker.settings.kubernetes import is_service_link
from page_tracker.settings.settings import variables
from page_tracker.settings.source import PREFIX

_log = logging.getLogger("page_tracker")

# The tracker gets these because the Compose files pass on the whole .env.
_OF_COMPOSE = {"PAGE_TRACKER_HTTP_PORT", "PAGE_TRACKER_HTTPS_PORT"}

# Other programs have variables with names near to STATE_DIRECTORY, XDG_DATA_HOME and
# PORT. With this similarity, REDIS_URI is near to REDIS_URL, and REDIS_PORT is not.
_CONVENTIONS = {"REDIS_URL", "WEB_CONCURRENCY"}
_SIMILARITY = 0.88


@dataclass(frozen=True, slots=True)
class Misspelled:
    """A variable that the tracker does not read, and the setting nearest to it."""

    name: str
    nearest: str

    def __str__(self) -> str:
        return f"{self.name} is not a setting; did you mean {self.nearest}?"


def misspelled_variables(environ: Mapping[str, str]) -> Iterator[Misspelled]:
    """Find variables that begin as those of the tracker, or are named almost alike."""
    known = variables() | _OF_COMPOSE
    own = {each for each in known if each.startswith(PREFIX)} | _CONVENTIONS
    for name in sorted(environ.keys() - known):
        if name.startswith(PREFIX):
            if not is_service_link(name, environ[name]):
                short = name.removeprefix(PREFIX)
                (nearest,) = get_close_matches(name, known, n=1, cutoff=0)
                yield Misspelled(name, short if short in known else nearest)
            continue
        for nearest in get_close_matches(name.upper(), own, n=1, cutoff=_SIMILARITY):
            # If that one is set as well, both are probably intended.
            if not environ.get(nearest):
                yield Misspelled(name, nearest)


@functools.cache
def warn_of_misspelled_variables() -> None:
    """Log a warning for each, once in a server: workers inherit that it was logged."""
    for misspelled in misspelled_variables(os.environ):
        _log.warning("%s", misspelled)
