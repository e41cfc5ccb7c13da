"""The README names all that a user can ask for and set."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from page_tracker.cli import command_line
from page_tracker.endpoints import ROUTES
from page_tracker.formats.options import COLORS, STYLES
from page_tracker.model import Ignored
from page_tracker.settings import Settings

README = Path(__file__, "../../../README.md").resolve().read_text("utf-8")


class Recorder(Mapping[str, str]):
    """An environment in which nothing is set, and that knows what was asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def options() -> set[str]:
    """The command line's options, as its help names them."""
    return set(re.findall(r"--[a-z-]+", command_line().format_help()))


def variables() -> set[str]:
    """The environment variables that are read."""
    environ = Recorder()
    Settings.read(environ)
    return environ.asked


@pytest.mark.parametrize("route", ROUTES)
def test_should_document_every_route_and_its_methods(route: str) -> None:
    methods = ", ".join(ROUTES[route])
    assert re.search(
        rf"^\| `{re.escape(route)}(\?page=)?` \| {methods} \|", README, re.MULTILINE
    )


@pytest.mark.parametrize("name", [*COLORS.keys() - {"gray", "lightgray"}, *STYLES])
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
    assert variable in command_line().format_help()
