"""The documentation contains the figures that tests.figures measures."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.figures import __main__ as command
from tests.figures import places
from tests.figures.figures import FIGURES, Figure
from tests.figures.places import Place
from tests.project import ROOT

PLACES = tuple(place for figure in FIGURES for place in figure.places)
Measured = Callable[..., None]

TABLES = {
    "CONTRIBUTING.md": "| command | what it tests | time on two cores |",
    "docs/containers.md": "| measured on two cores | |",
}


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.text)
def test_should_be_written_in_the_documentation(place: Place) -> None:
    assert place.written()


@pytest.mark.parametrize("file", TABLES)
def test_should_be_every_figure_of_a_table(file: str) -> None:
    document = (ROOT / file).read_text("utf-8")
    _, table = document.split(TABLES[file])
    rows = re.findall(r"^\| (?!-)(.*?) \|", table.partition("\n\n")[0], re.MULTILINE)

    texts = [place.text for place in PLACES if place.file == file]

    assert rows
    assert not [row for row in rows if not any(row in text for text in texts)]


@pytest.fixture(name="measured")
def fixture_measured(monkeypatch: pytest.MonkeyPatch) -> Measured:
    """Return a function that replaces the figures by others."""
    return lambda *figures: monkeypatch.setattr(command, "FIGURES", figures)


class TestPlace:
    """A text with a figure in a file."""

    @pytest.fixture(autouse=True)
    def fixture_document(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(places, "ROOT", tmp_path)
        text = (
            "It takes 1.5\nto 2 s. Twice, twice.\n| a | b | c |\n| `a b` | c | 3 MB |\n"
        )
        (tmp_path / "page.md").write_text(text, "utf-8")

    @pytest.mark.parametrize(
        ("text", "written"),
        [("It takes {}. ", "1.5 to 2 s"), ("| `a b` | … | {} |", "3 MB")],
    )
    def test_should_find_what_is_written(self, text: str, written: str) -> None:
        assert Place("page.md", text).written() == written

    @pytest.mark.parametrize("text", ["It took {}. ", "wice{}"])
    def test_should_fail_unless_it_is_written_once(self, text: str) -> None:
        with pytest.raises(LookupError, match="^page.md contains [02] times: "):
            Place("page.md", text).written()


def test_should_print_a_row_for_each_place(
    measured: Measured, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = PLACES[:2]
    measured(Figure("memory", lambda: "3 MB", (first, second)))

    assert command.main([]) == 0

    *_, one, other = capsys.readouterr().out.splitlines()
    assert one == f"| memory | {first.file} | {first.written()} | 3 MB |"
    assert other == f"| memory | {second.file} | {second.written()} | 3 MB |"


def test_should_go_on_when_a_figure_cannot_be_measured(
    measured: Measured, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> str:
        raise FileNotFoundError("no docker")

    measured(
        Figure("size", fail, PLACES[:1]), Figure("time", lambda: "3 s", PLACES[:1])
    )

    assert command.main([]) == 1

    shown = capsys.readouterr()
    *_, one, other = shown.out.splitlines()
    assert one.endswith(" | failed |") and other.endswith(" | 3 s |")
    assert shown.err == "size: no docker\n"


def test_should_measure_only_the_named_figures(
    measured: Measured, capsys: pytest.CaptureFixture[str]
) -> None:
    measured(
        Figure("time to stop", lambda: "1 s", PLACES[:1]),
        Figure("time to start", lambda: "2 s", PLACES[:1]),
    )

    command.main(["--only", "start"])

    shown = capsys.readouterr().out
    assert "| time to start |" in shown and "| time to stop |" not in shown
