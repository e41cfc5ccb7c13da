"""Plots are well-formed, and contain each point."""

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from tests.benchmarks.plots import Line, Plot, Point

_SVG = "{http://www.w3.org/2000/svg}"


def drawn(*lines: Line) -> Element:
    """Return a plot of these lines at two ticks."""
    return ElementTree.fromstring(Plot("CPU <µs>", "pages", ("10", "20"), lines).svg())


def texts(root: Element) -> list[str | None]:
    """Return what a reader sees as text."""
    return [text.text for text in root.iter(f"{_SVG}text")]


def marks(root: Element) -> list[str]:
    """Return where the marks of points and of the legend are."""
    moved = (path.get("transform") for path in root.iter(f"{_SVG}path"))
    return [place for place in moved if place]


def test_should_show_each_point_as_text_and_as_a_mark() -> None:
    redis = Line("Redis", (Point(1.0, "155 (1.00)"), Point(2.0, "310 (2.00)")))
    sqlite = Line("SQLite", (Point(1.0, "160 (1.00)"), Point(1.5, "240 (1.50)")))

    root = drawn(redis, sqlite)

    for line in (redis, sqlite):
        assert {line.name, *(point.text for point in line.points)} <= {*texts(root)}
    # One mark of each line belongs to the legend.
    assert len(marks(root)) == 2 * (1 + 2)
    assert "translate(118 136)" in marks(root)


def test_should_describe_itself_to_those_who_do_not_see_it() -> None:
    root = drawn(Line("Redis", (Point(1.0, "155 (1.00)"), Point(2.0, "310 (2.00)"))))

    title, description = root.find(f"{_SVG}title"), root.find(f"{_SVG}desc")
    assert root.get("role") == "img"
    assert title is not None and title.text == "CPU <µs>, by pages"
    assert description is not None
    assert description.text == "Redis: 155 (1.00) with 10, 310 (2.00) with 20."


def test_should_leave_out_a_point_that_is_not_known() -> None:
    root = drawn(Line("Redis", (Point(None, "–"), Point(None, "310"))))

    assert {"–", "310"} <= {*texts(root)}
    assert len(marks(root)) == 1


def test_should_have_room_for_the_largest_ratio() -> None:
    root = drawn(Line("Redis", (Point(1.0, "1 (1.00)"), Point(33.0, "33 (33.00)"))))

    assert {"0", "16", "32", "48"} <= {*texts(root)}
