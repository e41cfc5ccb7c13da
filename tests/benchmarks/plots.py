"""Plots of ratios as SVG files, for a light and a dark page, and for a phone.

Each point has its value below its tick, so that nobody depends on the lines.
"""

from dataclasses import dataclass
from math import ceil
from xml.etree.ElementTree import Element, SubElement, indent, tostring

_WIDTH, _LEFT, _RIGHT = 360, 44, 340
_TOP, _BOTTOM = 66, 206
_LEGEND, _ROW = 276, 42
_INNER_MARGIN = 16
_MOST_STEPS = 4

_STYLE = """
text { font: 14px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
.title { font-size: 16px; font-weight: 600 }
.middle { text-anchor: middle }
.end { text-anchor: end }
path.line { fill: none; stroke-width: 2 }
.page { fill: #ffffff } text { fill: #1f2937 } .grid { stroke: #d5dae2 }
.s0 { fill: #1d57b0; stroke: #1d57b0 }
.s1 { fill: #a63d17; stroke: #a63d17 }
.s2 { fill: #23703a; stroke: #23703a }
@media (prefers-color-scheme: dark) {
  .page { fill: #1e2129 } text { fill: #e3e6ec } .grid { stroke: #454b57 }
  .s0 { fill: #8ab4f8; stroke: #8ab4f8 }
  .s1 { fill: #f2a07b; stroke: #f2a07b }
  .s2 { fill: #81c995; stroke: #81c995 }
}
"""
# A circle, a square and a triangle.
_MARKS = ("M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0Z", "M-4-4H4V4H-4Z", "M0-5L5 4H-5Z")


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a line: its ratio to the first one, and the text that names both."""

    ratio: float | None
    """None if it is not known. Then the text is shown without a mark."""

    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a plot, with a point for each tick."""

    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """Up to three lines, whose ratios begin at 0."""

    title: str

    grows: str
    """What the horizontal axis counts."""

    ticks: tuple[str, ...]
    lines: tuple[Line, ...]

    def svg(self) -> str:
        """Return the plot as an SVG document."""
        height = _LEGEND + _ROW * len(self.lines) - 8
        root = Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {_WIDTH} {height}",
                "width": str(_WIDTH),
                "height": str(height),
                "role": "img",
                "aria-labelledby": "title desc",
            },
        )
        _add(root, "title", f"{self.title}, by {self.grows}", id="title")
        _add(root, "desc", self._description(), id="desc")
        _add(root, "style", _STYLE)
        _add(root, "rect", None, "page", width="100%", height="100%", rx="8")
        _write(root, (_INNER_MARGIN, 26), self.title, "title")
        below = f"By {self.grows}, as ratio to the first value"
        _write(root, (_INNER_MARGIN, 48), below)
        self._draw_axes(root)
        for number, line in enumerate(self.lines):
            self._draw(root, line, number)
        indent(root)
        return tostring(root, "unicode") + "\n"

    def _description(self) -> str:
        return " ".join(
            f"{line.name}: "
            + ", ".join(
                f"{point.text} with {tick}"
                for tick, point in zip(self.ticks, line.points, strict=True)
            )
            + "."
            for line in self.lines
        )

    def _draw_axes(self, root: Element) -> None:
        step, steps = self._steps()
        for ratio in (step * number for number in range(steps + 1)):
            y = self._y(ratio)
            _add(root, "path", None, "grid", d=f"M{_LEFT} {y}H{_RIGHT}")
            _write(root, (_LEFT - 8, y + 5), f"{ratio:g}", "end")
        for x, tick in zip(self._xs(), self.ticks, strict=True):
            _write(root, (x, _BOTTOM + 22), tick, "middle")
        _write(root, ((_LEFT + _RIGHT) / 2, _BOTTOM + 44), self.grows, "middle")

    def _draw(self, root: Element, line: Line, number: int) -> None:
        """Draw a line, and below the plot its name and its values."""
        y = _LEGEND + _ROW * number
        marks = [(_INNER_MARGIN + 4.0, y - 5.0)]
        for x, point in zip(self._xs(), line.points, strict=True):
            _write(root, (x, y + 19), point.text, "middle")
            if point.ratio is not None:
                marks.append((x, self._y(point.ratio)))
        if marks[1:]:
            path = "M" + "L".join(f"{x:g} {y:g}" for x, y in marks[1:])
            _add(root, "path", None, f"line s{number}", d=path)
        for x, place in marks:
            moved = f"translate({x:g} {place:g})"
            _add(root, "path", None, f"s{number}", d=_MARKS[number], transform=moved)
        _write(root, (_INNER_MARGIN + 16, y), line.name)

    def _xs(self) -> list[float]:
        """Return where the ticks are. Each has as much space as the others."""
        space = (_RIGHT - _LEFT) / len(self.ticks)
        return [_LEFT + space * (number + 0.5) for number in range(len(self.ticks))]

    def _y(self, ratio: float) -> float:
        step, steps = self._steps()
        return round(_BOTTOM - (_BOTTOM - _TOP) * ratio / (step * steps), 1)

    def _steps(self) -> tuple[float, int]:
        """Return the distance of the horizontal lines, and how many are above 0."""
        points = [point for line in self.lines for point in line.points]
        most = max((point.ratio or 1.0 for point in points), default=1.0)
        step = 0.5
        while most > step * _MOST_STEPS:
            step *= 2
        return step, ceil(most / step)


def _write(
    root: Element, place: tuple[float, float], text: str, style: str = ""
) -> None:
    _add(root, "text", text, style, x=f"{place[0]:g}", y=f"{place[1]:g}")


def _add(
    root: Element, tag: str, text: str | None, style: str = "", **attributes: str
) -> None:
    added = SubElement(root, tag, attributes)
    added.text = text
    if style:
        added.set("class", style)
