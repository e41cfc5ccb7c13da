"""The README names all that a user can ask for and set."""

import re
from pathlib import Path

import click
import pytest

from page_tracker.cli import command_line
from page_tracker.counting.model import Ignored
from page_tracker.settings import variables
from page_tracker.web.formats.badge_options import COLORS, STYLES
from page_tracker.web.routes import ROUTES

README = Path(__file__, "../../../README.md").resolve().read_text("utf-8")


COMMANDS = command_line.commands


def help_of(command: click.Command) -> str:
    """The help of a command."""
    return command.get_help(click.Context(command, info_name=command.name))


def options() -> set[str]:
    """The options of all commands, as their help names them."""
    texts = map(help_of, [command_line, *COMMANDS.values()])
    return {name for text in texts for name in re.findall(r"--[a-z][a-z-]+", text)}


@pytest.mark.parametrize("route", ROUTES)
def test_should_document_every_route_and_its_methods(route: str) -> None:
    methods = ", ".join(ROUTES[route])
    assert re.search(
        rf"^\| `{re.escape(route)}(\?page=)?` \| {methods} \|", README, re.MULTILINE
    )


@pytest.mark.parametrize("name", sorted({*COLORS, *STYLES} - {"gray", "lightgray"}))
def test_should_document_what_a_badge_can_be_like(name: str) -> None:
    assert f"`{name}`" in README


@pytest.mark.parametrize("reason", Ignored)
def test_should_document_why_views_are_ignored(reason: Ignored) -> None:
    assert f"\n| `{reason.value}` |" in README


@pytest.mark.parametrize("option", sorted(options()))
def test_should_document_every_option(option: str) -> None:
    assert re.search(rf"^\| `{option}[ `]", README, re.MULTILINE)


@pytest.mark.parametrize("variable", sorted(variables()))
def test_should_document_every_variable(variable: str) -> None:
    assert f"| `{variable}` |" in README


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
    assert f"\n| `{written}` |" in README
