"""Changes as JSON documents."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, TypeVar

from page_tracker.changes.change import (
    AddViews,
    Change,
    Delete,
    Merge,
    Rename,
    SetViews,
)
from page_tracker.changes.errors import InvalidChangeError
from page_tracker.counting.model import FRONT_PAGE, MAX_VIEWS, Page
from page_tracker.counting.parsing import parse_day, quoted
from page_tracker.counting.stored_names import (
    OWN_SITE,
    parse_own_site,
    parse_page_of_site,
)

T = TypeVar("T")

Document = dict[str, Any]

# The further names in the document of each kind of change.
_TARGETS = {"rename": "to", "merge": "into"}
_KINDS = ("set", "add", "subtract", "delete", "rename", "merge")


def document_of(change: Change) -> Document:
    """Return a change as a document, which parse_change() reads."""
    match change:
        case SetViews(page, views):
            return {"change": "set", "page": _name(page), "views": views}
        case AddViews(page, views, day):
            kind = "add" if views >= 0 else "subtract"
            document = {"change": kind, "page": _name(page), "views": abs(views)}
            return document | ({"day": day.isoformat()} if day else {})
        case Delete(what):
            return {"change": "delete", _kind(what): _name(what)}
        case Rename(what, to):
            return {"change": "rename", _kind(what): _name(what), "to": _name(to)}
        case Merge(what, to):
            return {"change": "merge", _kind(what): _name(what), "into": _name(to)}


def parse_change(document: Document) -> Change:
    """Return the change that a document describes. Raises InvalidChangeError."""
    fields = _Fields(document)
    kind = fields.text("change")
    match kind:
        case "set":
            change: Change = SetViews(fields.page("page"), fields.views(least=0))
        case "add" | "subtract":
            sign = 1 if kind == "add" else -1
            views = sign * fields.views(least=1)
            change = AddViews(fields.page("page"), views, fields.optional_day())
        case "delete":
            change = Delete(fields.page_or_site())
        case "rename" | "merge":
            change = _parse_move(kind, fields)
        case _:
            raise InvalidChangeError(
                f"change: {quoted(kind)} is not allowed; allowed: {', '.join(_KINDS)}"
            )
    fields.check_names()
    return change


def _parse_move(kind: str, fields: "_Fields") -> Change:
    what, target = fields.page_or_site(), _TARGETS[kind]
    other = fields.page(target) if isinstance(what, Page) else fields.site(target)
    return Rename(what, other) if kind == "rename" else Merge(what, other)


class _Fields:
    """The values in a document. Each method raises InvalidChangeError."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._read: list[str] = []

    def text(self, name: str) -> str:
        """Return a text that must be given."""
        value = self._get(name)
        if not isinstance(value, str):
            raise InvalidChangeError(f"{name} is missing; allowed: a text")
        return value

    def views(self, *, least: int) -> int:
        """Return the number of views."""
        views = self._get("views")
        # bool is a subclass of int.
        if isinstance(views, int) and not isinstance(views, bool):
            if least <= views <= MAX_VIEWS:
                return views
        raise InvalidChangeError(
            f"views is not allowed; allowed: a whole number from {least} to {MAX_VIEWS}"
        )

    def optional_day(self) -> date | None:
        """Return the day, or None if none is given."""
        if self._get("day") is None:
            return None
        return self._parse("day", parse_day)

    def page(self, name: str) -> Page:
        """Return the page with the name in this field."""
        return self._parse(name, parse_page)

    def site(self, name: str) -> str:
        """Return the site with the name in this field."""
        return self._parse(name, _parse_site)

    def page_or_site(self) -> Page | str:
        """Return the page or the site, of which one must be given."""
        if ("page" in self._document) == ("site" in self._document):
            raise InvalidChangeError("allowed: either page or site")
        return self.page("page") if "page" in self._document else self.site("site")

    def check_names(self) -> None:
        """Check that the document has no names that have not been read."""
        unknown = sorted(self._document.keys() - self._read)
        if unknown:
            raise InvalidChangeError(
                f"{quoted(unknown[0])} is not allowed here; allowed: "
                f"{', '.join(_unique(self._read))}"
            )

    def _get(self, name: str) -> Any:
        self._read.append(name)
        return self._document.get(name)

    def _parse(self, name: str, parse: Callable[[str], T]) -> T:
        try:
            return parse(self.text(name))
        except ValueError as error:
            raise InvalidChangeError(f"{name}: {error}") from None


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def parse_page(name: str) -> Page:
    """Return the page that a document names. Raises PageNameError."""
    return FRONT_PAGE if name == _name(FRONT_PAGE) else parse_page_of_site(name)


def _parse_site(name: str) -> str:
    return FRONT_PAGE.site if name == OWN_SITE else parse_own_site(name)


def _kind(what: Page | str) -> str:
    return "page" if isinstance(what, Page) else "site"


def _name(what: Page | str) -> str:
    is_own = (what.site if isinstance(what, Page) else what) == FRONT_PAGE.site
    return f"{OWN_SITE}{what}" if is_own else str(what)
