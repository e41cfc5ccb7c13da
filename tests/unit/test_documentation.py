"""The README and docs/ name everything that a user can request and set."""

import re
from importlib.resources import files
from pathlib import Path

import click
import pytest

from page_tracker.backends.sqlite.schema import ADDITIONS, TABLES
from page_tracker.cli.main import command_line
from page_tracker.counting.model import Ignored
from page_tracker.settings.settings import variables
from page_tracker.web.formats.badge_options import COLORS
from page_tracker.web.formats.badge_styles import STYLES
from page_tracker.web.routes import ROUTES

ROOT = Path(__file__, "../../..").resolve()
README = (ROOT / "README.md").read_text("utf-8")
PAGES = sorted((ROOT / "docs").glob("*.md"))
DOCUMENTATION = "\n".join([README, *(page.read_text("utf-8") for page in PAGES)])
KEYS_OF_SITES = re.compile(r"key_of\(\s*[\w.\"]+,\s*f?\"(\w+)")


def commands() -> dict[str, click.Command]:
    """Return the commands by their names."""
    context = click.Context(command_line)
    named = {
        name: command_line.get_command(context, name)
        for name in command_line.list_commands(context)
    }
    return {name: command for name, command in named.items() if command is not None}


COMMANDS = commands()


def help_of(command: click.Command) -> str:
    """Return the help of a command."""
    return command.get_help(click.Context(command, info_name=command.name))


def options() -> set[str]:
    """Return the options that the help of all commands names."""
    texts = map(help_of, [command_line, *COMMANDS.values()])
    return {name for text in texts for name in re.findall(r"--[a-z][a-z-]+", text)}


@pytest.mark.parametrize("route", ROUTES)
def test_should_document_every_route_and_its_methods(route: str) -> None:
    methods = ", ".join(ROUTES[route])
    assert re.search(
        rf"^\| `{re.escape(route)}(\?page=)?` \| {methods} \|",
        DOCUMENTATION,
        re.MULTILINE,
    )


@pytest.mark.parametrize("name", sorted({*COLORS, *STYLES} - {"gray", "lightgray"}))
def test_should_document_every_color_and_style_of_badges(name: str) -> None:
    assert f"`{name}`" in DOCUMENTATION


@pytest.mark.parametrize("reason", Ignored)
def test_should_document_every_reason_to_ignore_views(reason: Ignored) -> None:
    assert f"\n| `{reason.value}` |" in DOCUMENTATION


@pytest.mark.parametrize("option", sorted(options()))
def test_should_document_every_option(option: str) -> None:
    assert re.search(rf"^\| `{option}[ `]", DOCUMENTATION, re.MULTILINE)


@pytest.mark.parametrize("variable", sorted(variables()))
def test_should_document_every_variable(variable: str) -> None:
    assert f"| `{variable}` |" in DOCUMENTATION


@pytest.mark.parametrize("variable", sorted(variables()))
def test_should_name_every_variable_in_the_help(variable: str) -> None:
    assert variable in help_of(COMMANDS["serve"])


@pytest.mark.parametrize("name", COMMANDS)
def test_should_document_every_command(name: str) -> None:
    arguments = [
        param.make_metavar(click.Context(COMMANDS[name]))
        for param in COMMANDS[name].params
        if isinstance(param, click.Argument)
    ]
    written = " ".join([name, *arguments]).replace("|", "\\|")
    assert f"\n| `{written}` |" in DOCUMENTATION


def keys_of_sites() -> set[str]:
    """Return the kinds of keys of a site, as the Redis backend names them."""
    package = files("page_tracker.backends.redis")
    texts = [
        file.read_text("utf-8")
        for file in package.iterdir()
        if file.name.endswith(".py")
    ]
    return {kind for text in texts for kind in KEYS_OF_SITES.findall(text)}


@pytest.mark.parametrize("kind", sorted(keys_of_sites()))
def test_should_document_every_key(kind: str) -> None:
    assert re.search(rf"^\| `{{page_views}}:{kind}[:`]", DOCUMENTATION, re.MULTILINE)


def test_should_find_the_keys_in_the_code() -> None:
    assert {"pages", "day", "visitors", "sites", "salt"} <= keys_of_sites()


@pytest.mark.parametrize(
    "table", re.findall(r"CREATE TABLE (\w+)", "".join([TABLES, *ADDITIONS.values()]))
)
def test_should_document_every_table(table: str) -> None:
    assert f"\n| `{table}` | " in (ROOT / "docs/storage.md").read_text("utf-8")


def test_should_keep_the_readme_short() -> None:
    assert len(README.splitlines()) <= 150


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_should_link_every_page_in_the_navigation(page: Path) -> None:
    navigation = (ROOT / "mkdocs.yml").read_text("utf-8").partition("\nnav:")[2]
    assert f": {page.name}\n" in navigation
