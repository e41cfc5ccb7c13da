"""Making a change: once for each name, with the numbers before and after it.

A change that is sent again with the same name is not made again, and gets the same
answer. So its answer is kept under its name. Before it is made, what is about to be
made is kept, too: if the tracker is killed in between, the change is then completed.
"""

import json
import logging
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from uuid import uuid4

from page_tracker.backends.merging import check_pages, check_sites
from page_tracker.backends.protocol import CounterBackend
from page_tracker.changes.change import (
    AddViews,
    Change,
    Delete,
    Merge,
    Rename,
    SetViews,
)
from page_tracker.changes.documents import (
    Document,
    document_of,
    parse_change,
    parse_page,
)
from page_tracker.changes.errors import (
    ChangeError,
    ConflictError,
    InvalidChangeError,
    UnknownError,
)
from page_tracker.counting.model import FRONT_PAGE, MAX_VIEWS, Page, PageViews
from page_tracker.counting.rules import Rules
from page_tracker.counting.span import oldest_kept_day
from page_tracker.operations.terminal import readable

_log = logging.getLogger("page_tracker")

FROM_EXPORT = "import an export, or restore a backup, that was made before"
"""How to undo a change after which too little is known."""

Numbers = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Made:
    """A change that has been made."""

    change: Document
    before: Numbers
    """The numbers of views before the change."""

    after: Numbers
    """The numbers of views after the change."""

    undo: Document | None
    """A change that undoes this one exactly; None if there is none."""

    how_to_undo: str
    """The command, or the other way, to undo the change."""

    @property
    def page(self) -> Page:
        """The page whose number was changed, as it is stored."""
        name: str = self.change["page"]
        return parse_page(name)


def make(
    change: Change, backend: CounterBackend, rules: Rules, name: str | None = None
) -> Made:
    """Make a change, and log it. With a name, make it once in 48 hours.

    Raises ChangeError and BackendError.
    """
    # Other requests may have the same name.
    making = _Making(backend, rules, f"change:{name or uuid4().hex}")
    request = document_of(change)
    asked: Document = {"request": request}
    kept = making.keep(asked)
    if kept["request"] != request:
        raise ConflictError(
            "this key was used for another change; allowed: a new key for each change"
        )
    if kept == asked:
        kept = making.begin(change, asked)
    if "made" not in kept:
        made = making.complete(parse_change(kept["begun"]), kept["before"])
        # Before it is kept: then nothing is logged any more.
        _log.info(
            "%s: views before %s, after %s; to undo it: %s",
            *(describe(change), _in_words(made.before), _in_words(made.after)),
            made.how_to_undo,
        )
        kept = making.keep({**asked, "made": asdict(made)}, instead_of=kept)
    return Made(**kept["made"])


def describe(change: Change) -> str:
    """Return one line that says what a change does."""
    match change:
        case SetViews(page, views):
            return f"Set {readable(page)} to {views} views"
        case AddViews(page, views, day):
            on_day = f" on {day}" if day else ""
            verb, to = ("Add", "to") if views >= 0 else ("Take", "out of")
            return f"{verb} {abs(views)} views {to} {readable(page)}{on_day}"
        case Delete(what):
            return f"Delete {readable(what)}"
        case Rename(what, to):
            return f"Rename {readable(what)} to {readable(to)}"
        case Merge(what, to):
            return f"Merge {readable(what)} into {readable(to)}"


def views_of(what: Page | str, backend: CounterBackend, today: date) -> int | None:
    """Return the views of a page or site; None if it is not known.

    A site whose merge was killed is known, but may have no views any more.
    """
    if isinstance(what, Page):
        views = backend.tally(what, today).page_views
        return views if views or _has_none_left(what, backend) else None
    known = [total.views for total in backend.sites(today, only=what)]
    return known[0] if known else None


def _has_none_left(page: Page, backend: CounterBackend) -> bool:
    """Return whether a page without views is known: all of them were taken out."""
    # No path lies between a path and the same one with a zero byte.
    before = PageViews(Page(page.site, f"{page.path}\0"), 0)
    ranking = backend.pages(page.site, limit=1, after=before)
    return [each.page for each in ranking.pages] == [page]


class _Making:
    """The steps of a change that has a name."""

    def __init__(self, backend: CounterBackend, rules: Rules, name: str) -> None:
        self._backend = backend
        self._rules = rules
        self._today = rules.today()
        self._name = name

    def keep(self, state: Document, *, instead_of: Document | None = None) -> Document:
        """Keep how far the change has come, and return what is kept.

        That is another state if the same change, sent twice at once, has come further.
        """
        text = self._backend.remember(
            self._name,
            json.dumps(state),
            instead_of=json.dumps(instead_of) if instead_of else None,
        )
        kept: Document = json.loads(text)
        return kept

    def begin(self, change: Change, asked: Document) -> Document:
        """Check the change, and keep what it will do. Raises ChangeError."""
        try:
            begun = self._check(change)
        except ChangeError:
            kept = self.keep(asked)
            if kept == asked:
                raise
            # The same change, sent twice at once, has been made in the meantime.
            return kept
        return self.keep({**asked, **begun}, instead_of=asked)

    def _check(self, change: Change) -> Document:
        """Return what the change will do. Raises ChangeError."""
        before: dict[str, int] = {}
        match change:
            case SetViews(page, views):
                change = SetViews(self._counted(page), views)
                self._check_sums(change.page, views - self._views_of(change.page))
            case AddViews(page, views, day):
                self._check_day(day)
                change = AddViews(self._counted(page), views, day)
                self._check_sums(change.page, views)
            case Delete(what):
                self._find(what)
            case Rename(what, to) | Merge(what, to):
                check_move(change)
                before["views"] = self._find(what)
                target = views_of(to, self._backend, self._today)
                if isinstance(change, Rename) and target is not None:
                    raise ConflictError(
                        f"{readable(to)} has counts already; allowed: another name, "
                        "or to merge both"
                    )
                before["views_of_target"] = target or 0
        return {"begun": document_of(change), "before": before}

    def complete(self, change: Change, before: Numbers) -> Made:
        """Make a change that has begun."""
        undo: Change | None = None
        match change:
            case SetViews(page, views):
                was = self._backend.set_views(page, views, change=self._name)
                before, after = {"views": was}, {"views": views}
                undo = AddViews(page, was - views) if was != views else None
            case AddViews(page, views):
                before = self._add(change)
                after = {what: number + views for what, number in before.items()}
                undo = AddViews(page, -views, change.day)
            case Delete(what):
                before, after = {"views": self._delete(what)}, {"views": 0}
            case Rename(what, to) | Merge(what, to):
                self._move(what, to)
                after = {
                    "views": self._views_of(what),
                    "views_of_target": self._views_of(to),
                }
                # Not renamed: views may come under the old name in the meantime.
                undo = Merge(what=to, to=what) if isinstance(change, Rename) else None
        return Made(
            document_of(change),
            before,
            after,
            document_of(undo) if undo else None,
            _how_to(undo) if undo else _nothing_to_undo(change),
        )

    def _add(self, change: AddViews) -> dict[str, int]:
        numbers = self._backend.add_views(
            change.page, change.views, day=change.day, change=self._name
        )
        named = {"views": numbers.page, "views_of_site": numbers.site}
        if numbers.page_on_day is not None and numbers.site_on_day is not None:
            named["views_on_day"] = numbers.page_on_day
            named["views_of_site_on_day"] = numbers.site_on_day
        return named

    def _delete(self, what: Page | str) -> int:
        if isinstance(what, Page) and what != FRONT_PAGE:
            return self._backend.delete_page(what, self._today, change=self._name)
        # The front page is the only page of its site, whose visitors must not remain.
        site = what.site if isinstance(what, Page) else what
        return self._backend.delete_site(site, self._today, change=self._name)

    def _move(self, what: Page | str, to: Page | str) -> None:
        if isinstance(what, Page) and isinstance(to, Page):
            self._backend.merge_pages(what.site, {what.path: to.path}, self._today)
        else:
            self._backend.merge_sites(str(what), str(to), self._today)

    def _counted(self, page: Page) -> Page:
        """Return the page under which views are counted.

        A page that is stored keeps its name, even if the rules give it another one.
        """
        if views_of(page, self._backend, self._today) is not None:
            return page
        return self._rules.naming.own_page(str(page))

    def _check_day(self, day: date | None) -> None:
        oldest = oldest_kept_day(self._today)
        if day and not oldest <= day <= self._today:
            raise InvalidChangeError(
                f"day: {day} is not kept; allowed: {oldest} to {self._today}"
            )

    def _check_sums(self, page: Page, more: int) -> None:
        """Raise ConflictError if a sum would be too large for an export."""
        if more <= 0:
            return
        for what in (page, page.site):
            views = self._views_of(what) + more
            if views > MAX_VIEWS:
                raise ConflictError(
                    f"{readable(what)} would have {views} views; allowed: at most "
                    f"{MAX_VIEWS}"
                )

    def _find(self, what: Page | str) -> int:
        """Return the views of a page or site. Raises UnknownError."""
        views = views_of(what, self._backend, self._today)
        if views is None:
            raise UnknownError(f"{readable(what)} is not known: it has no counts")
        return views

    def _views_of(self, what: Page | str) -> int:
        return views_of(what, self._backend, self._today) or 0


def check_move(change: Rename | Merge) -> None:
    """Raise InvalidChangeError if these can never be renamed or merged."""
    what, to = change.what, change.to
    try:
        if isinstance(what, Page) and isinstance(to, Page):
            if what.site != to.site:
                raise ValueError("these are pages of two sites; allowed: of one site")
            check_pages(what.site, {what.path: to.path})
        elif isinstance(what, str) and isinstance(to, str):
            check_sites(what, to)
        else:
            raise ValueError("one is a page; allowed: two pages, or two sites")
    except ValueError as error:
        verb, preposition = (
            ("rename", "to") if isinstance(change, Rename) else ("merge", "into")
        )
        raise InvalidChangeError(
            f"cannot {verb} {readable(what)} {preposition} {readable(to)}: {error}"
        ) from None


def _how_to(undo: Change) -> str:
    """Return the command that makes a change."""
    options: list[str] = []
    match undo:
        case AddViews(page, views, day):
            verb = "add" if views > 0 else "subtract"
            names = [str(page), str(abs(views))]
            options = ["--day", day.isoformat()] if day else []
        case Merge(what, to):
            verb, names = "merge", [str(what), str(to)]
        case _:
            raise AssertionError(undo)
    words = [verb, *names, *options]
    # A host may begin with a hyphen, as an option does.
    if any(name.startswith("-") for name in names):
        words = [verb, *options, "--", *names]
    return shlex.join(["page-tracker", *words])


def _nothing_to_undo(change: Change) -> str:
    return "nothing has changed" if isinstance(change, SetViews) else FROM_EXPORT


def _in_words(numbers: Numbers) -> str:
    return ", ".join(
        f"{number} {what.removeprefix('views').strip('_').replace('_', ' ')}".strip()
        for what, number in numbers.items()
    )
