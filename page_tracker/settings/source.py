"""The sources of a setting: an option of the command line, or a variable.

The option --some-name has the variable PAGE_TRACKER_SOME_NAME. Some settings can also
be set by a variable that many platforms use, such as PORT, or by an older name.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

from page_tracker.settings.kubernetes import is_service_link

T = TypeVar("T")

PREFIX = "PAGE_TRACKER_"
"""The start of the names of the tracker's own variables."""


class SettingsError(Exception):
    """A setting is wrong. The text, one line, names it and says what is allowed."""


class Source:
    """Options and environment variables. An empty text counts as not set."""

    def __init__(
        self, environ: Mapping[str, str], options: Mapping[str, str | None]
    ) -> None:
        self.variables: set[str] = set()
        """The names of all variables that were looked up."""
        self._environ = environ
        self._options = options

    def get(
        self,
        name: str,
        parse: Callable[[str], T],
        default: T,
        *,
        also: tuple[str, ...] = (),
    ) -> T:
        """Return the parsed value of a setting, or the default if it is not set.

        The setting some-name is read from --some-name, or else PAGE_TRACKER_SOME_NAME,
        or else the variables in also. Raises SettingsError, which names the option or
        the variable with the mistake.
        """
        found = self.find(name, also=also)
        if found is None:
            return default
        used, text = found
        try:
            return parse(text)
        except ValueError as error:
            # Not chained, because the cause may quote a secret.
            raise SettingsError(f"{used}: {error}") from None

    def find(self, name: str, *, also: tuple[str, ...] = ()) -> tuple[str, str] | None:
        """Return the option or variable that sets this setting, and its text."""
        option = f"--{name}"
        texts = {option: self._options.get(option) or ""}
        texts |= self.texts_of(_variable_of(name), *also)
        return next(((used, text) for used, text in texts.items() if text), None)

    def texts_of(self, *variables: str) -> dict[str, str]:
        """Return the texts of these variables; an empty text if one is not set."""
        self.variables.update(variables)
        texts = {name: self._environ.get(name, "") for name in variables}
        return {
            name: "" if is_service_link(name, text) else text
            for name, text in texts.items()
        }


def _variable_of(name: str) -> str:
    return PREFIX + name.upper().replace("-", "_")
