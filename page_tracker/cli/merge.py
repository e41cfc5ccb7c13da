"""page-tracker merge"""

import click

from page_tracker.changes.change import Merge
from page_tracker.changes.errors import InvalidChangeError
from page_tracker.changes.making import check_move, views_of
from page_tracker.cli.argument_types import Parsed
from page_tracker.cli.backend import open_shared_backend
from page_tracker.cli.change import make_change, print_made
from page_tracker.cli.options import backend_option, json_option
from page_tracker.cli.other_names import find_other_names, merge_other_names
from page_tracker.cli.output import confirm, print_json, unknown
from page_tracker.counting.model import Page
from page_tracker.counting.stored_names import parse_page_or_site
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
    counts, and links that share it end. If a merge is interrupted, run it again.
    """
    if source is None:
        _merge_other_names(yes, as_json, backend_url)
    elif target is None:
        raise click.UsageError("INTO is missing; allowed: FROM and INTO, or neither")
    else:
        try:
            check_move(Merge(source, target))
        except InvalidChangeError as error:
            raise click.UsageError(str(error)) from None
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
    moved = views_of(source, backend, today)
    if moved is None:
        raise unknown(source)
    before = views_of(target, backend, today) or 0
    if not yes:
        confirm(
            f"Merge {readable(source)} with {moved} views into {readable(target)} with "
            f"{before} views?",
            otherwise="nothing was merged",
        )
    made = make_change(Merge(source, target), backend, rules)
    before, after = made.before["views_of_target"], made.after["views_of_target"]
    print_made(
        made,
        f"Merged {readable(source)} into {readable(target)}, which had {before} views "
        f"and has {after}.",
        {
            **{"merged": str(source), "into": str(target)},
            **{"before": before, "after": after},
        },
        as_json=as_json,
    )
