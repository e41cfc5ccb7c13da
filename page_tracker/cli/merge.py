"""page-tracker merge"""

from datetime import date

import click

from page_tracker.backends.merging import check_pages, check_sites
from page_tracker.backends.protocol import CounterBackend
from page_tracker.cli.argument_types import Parsed, parse_page_or_site
from page_tracker.cli.backend import open_shared_backend
from page_tracker.cli.options import backend_option, json_option
from page_tracker.cli.other_names import find_other_names, merge_other_names
from page_tracker.cli.output import confirm, print_json, unknown
from page_tracker.counting.model import Page
from page_tracker.operations.terminal import readable

_PAGE_OR_SITE = Parsed(parse_page_or_site)


@click.command()
@click.argument("source", type=_PAGE_OR_SITE, metavar="[FROM", required=False)
@click.argument("target", type=_PAGE_OR_SITE, metavar="INTO]", required=False)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@json_option
@backend_option
def merge(
    source: Page | str | None,
    target: Page | str | None,
    yes: bool,
    as_json: bool,
    backend_url: str | None,
) -> None:
    """Add the counts of FROM to those of INTO.

    Without FROM and INTO, merge all that is stored under another name than
    PAGE_TRACKER_SAME_SITES, PAGE_TRACKER_SAME_PAGES and PAGE_TRACKER_QUERY give it.

    Both are pages of one site, such as example.com/index.html and example.com/, or both
    are sites, such as www.example.com and example.com. Totals, the views of each day,
    and for sites also visitors, ignored views and imports are added. FROM then has no
    counts. If a merge is interrupted, run it again.
    """
    if source is None:
        _merge_other_names(yes, as_json, backend_url)
    elif target is None:
        raise click.UsageError("INTO is missing; allowed: FROM and INTO, or neither")
    else:
        _check(source, target)
        _merge(source, target, yes, as_json, backend_url)


def _merge_other_names(yes: bool, as_json: bool, backend_url: str | None) -> None:
    backend, rules = open_shared_backend(backend_url)
    today = rules.today()
    found = find_other_names(backend, rules.naming, today)
    moves = found.moves()
    if moves and not yes:
        click.echo("\n".join(moves), err=True)
        confirm(f"Names to merge: {len(moves)}. Merge?", otherwise="nothing was merged")
    merge_other_names(backend, found, today)
    if as_json:
        print_json({"sites": found.sites, "pages": found.pages})
    elif moves:
        click.echo("\n".join(["Merged:", *moves]))
    else:
        click.echo("Nothing is stored under another name.")


def _merge(
    source: Page | str,
    target: Page | str,
    yes: bool,
    as_json: bool,
    backend_url: str | None,
) -> None:
    backend, rules = open_shared_backend(backend_url)
    today = rules.today()
    moved = _views(source, backend, today)
    if moved is None:
        raise unknown(source)
    before = _views(target, backend, today) or 0
    if not yes:
        confirm(
            f"Merge {readable(source)} with {moved} views into {readable(target)} with "
            f"{before} views?",
            otherwise="nothing was merged",
        )
    if isinstance(source, Page) and isinstance(target, Page):
        backend.merge_pages(source.site, {source.path: target.path}, today)
    else:
        backend.merge_sites(str(source), str(target), today)
    after = _views(target, backend, today) or 0
    if as_json:
        print_json(
            {"merged": str(source), "into": str(target)}
            | {"before": before, "after": after}
        )
    else:
        click.echo(
            f"Merged {readable(source)} into {readable(target)}, which had {before} "
            f"views and has {after}."
        )


def _check(source: Page | str, target: Page | str) -> None:
    """Raise UsageError if these cannot be merged."""
    try:
        if isinstance(source, Page) and isinstance(target, Page):
            if source.site != target.site:
                raise ValueError("these are pages of two sites; allowed: of one site")
            check_pages(source.site, {source.path: target.path})
        elif isinstance(source, str) and isinstance(target, str):
            check_sites(source, target)
        else:
            raise ValueError("one is a page; allowed: two pages, or two sites")
    except ValueError as error:
        raise click.UsageError(
            f"cannot merge {readable(source)} into {readable(target)}: {error}"
        ) from None


def _views(what: Page | str, backend: CounterBackend, today: date) -> int | None:
    """Return the views of a page or site; None if it is not known.

    A site whose merge was killed is known, but may have no views any more.
    """
    if isinstance(what, Page):
        return backend.tally(what, today).page_views or None
    known = {total.site: total.views for total in backend.sites(today)}
    return known.get(what)
