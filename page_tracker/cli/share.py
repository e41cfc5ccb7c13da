"""page-tracker share"""

import secrets
import sys
from urllib.parse import quote

import click

from page_tracker.backends.protocol import CounterBackend
from page_tracker.backends.shares import Share, digest_of
from page_tracker.cli.argument_types import Parsed
from page_tracker.cli.backend import open_shared_backend
from page_tracker.cli.options import backend_option, json_option
from page_tracker.cli.output import CommandError, print_json, print_table, unknown
from page_tracker.counting.parsing import quoted
from page_tracker.counting.rules import Rules
from page_tracker.counting.stored_names import OWN_SITE, parse_own_site
from page_tracker.operations.terminal import readable, readable_in_table

_MOST_CHARACTERS = 100


def _parse_label(text: str) -> str:
    if len(text) <= _MOST_CHARACTERS and text.isprintable():
        return text
    raise ValueError(
        f"{quoted(text)} is not allowed; allowed: up to {_MOST_CHARACTERS} printable "
        "characters"
    )


@click.command()
@click.argument("site", type=Parsed(parse_own_site), required=False)
@click.option(
    "--label",
    type=Parsed(_parse_label),
    default="",
    metavar="TEXT",
    help="What to know the link by in the list, such as who has it.",
)
@click.option(
    "--list", "listed", is_flag=True, help="List the links, also of one SITE."
)
@click.option(
    "--revoke",
    "revoked",
    metavar="ID",
    help="Revoke the link with this ID in the list.",
)
@json_option
@backend_option
def share(  # pylint: disable=too-many-arguments  # click passes each by its name
    *,
    site: str | None,
    label: str,
    listed: bool,
    revoked: str | None,
    as_json: bool,
    backend_url: str | None,
) -> None:
    """Make a link to the numbers of SITE, which anybody who has it may see.

    It shows this site alone, and changes nothing. The link is printed once, because its
    secret is not stored.
    """
    asked = [site is not None and not listed, listed, revoked is not None]
    if asked.count(True) != 1 or (label and not asked[0]):
        raise click.UsageError(
            "say what to do in one way; allowed: SITE, also with --label; --list, also "
            "with a SITE; or --revoke ID"
        )
    backend, rules = open_shared_backend(backend_url)
    if listed:
        _list(backend, site, as_json)
    elif revoked is not None:
        _revoke(backend, revoked, as_json)
    elif site is not None:
        _add(backend, rules, Share("", site, "", rules.today(), label), as_json)


def _add(backend: CounterBackend, rules: Rules, new: Share, as_json: bool) -> None:
    secret = secrets.token_urlsafe(24)
    made = Share(
        secrets.token_hex(4),
        new.site,
        digest_of(secret.encode()),
        new.created,
        new.label,
    )
    if not backend.shares.add(made):
        raise unknown(made.site)
    site = quote(made.site or OWN_SITE)
    link = f"{rules.public_url}{rules.base_path}/shared#site={site}&key={secret}"
    if as_json:
        print_json({**_described(made), "link": link})
        return
    click.echo(link)
    if not rules.public_url:
        click.echo(
            "page-tracker: put the address of the tracker before the link; with "
            "PAGE_TRACKER_URL, it is complete",
            err=True,
        )
    if sys.stderr.isatty():
        click.echo(f"Revoke it with: page-tracker share --revoke {made.id}", err=True)


def _list(backend: CounterBackend, site: str | None, as_json: bool) -> None:
    shares = backend.shares.all() if site is None else backend.shares.of(site)
    if as_json:
        print_json([_described(each) for each in shares])
        return
    rows = [
        (each.id, readable_in_table(each.site), each.created.isoformat(), each.label)
        for each in shares
    ]
    print_table(("ID", "Site", "Created", "Label"), rows)


def _revoke(backend: CounterBackend, name: str, as_json: bool) -> None:
    found = [each for each in backend.shares.all() if each.id == name]
    if not found:
        raise CommandError(
            f"there is no link {quoted(name)}; allowed: an ID of page-tracker share "
            "--list"
        )
    backend.shares.remove(found[0])
    if as_json:
        print_json({"revoked": name})
    else:
        click.echo(f"Revoked a link to {readable(found[0].site)}.")


def _described(each: Share) -> dict[str, str]:
    """Return what the owner may know of a link."""
    return {
        "id": each.id,
        "site": each.site,
        "created": each.created.isoformat(),
        "label": each.label,
    }
