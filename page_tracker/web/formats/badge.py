"""SVG badges in the styles of shields.io.

Texts are drawn ten times as large and then scaled down. They have a fixed length, so
that they fit with any font.
"""

from collections.abc import Callable
from dataclasses import replace
from html import escape

from page_tracker.counting.model import Page, Tally
from page_tracker.web.formats.badge_options import COLORS, Get, Options
from page_tracker.web.formats.badge_styles import STYLES, Style
from page_tracker.web.formats.text_width import text_width

# On brighter backgrounds, the letters are dark.
_MAX_BRIGHTNESS_FOR_WHITE = 0.69


def prepare(get: Get) -> Callable[[Page, Tally], str]:
    """Read the options. Raises OptionError."""
    options = Options.read(get)
    return lambda _, tally: draw(options, options.number(tally.page_views))


def failure(reason: str, get: Get) -> str:
    """Draw the badge of an error, with the reason as its title. Raises OptionError."""
    options = replace(Options.read(get), color=COLORS["lightgrey"])
    return draw(options, "unavailable", title=reason)


def draw(options: Options, message: str, *, title: str | None = None) -> str:
    """Draw a badge. Screen readers and tooltips use the title."""
    style, label = STYLES[options.style], options.label
    title = escape(title or (f"{label}: {message}" if label else message))
    if style.capitals:
        label, message = label.upper(), message.upper()
    left = _Half(label, options.label_color, style, "normal", 0)
    right = _Half(message, options.color, style, style.message_weight, left.width)
    width, height = left.width + right.width, style.height
    defs = shade = clip = ""
    if style.gradient:
        defs = f'<linearGradient id="s" x2="0" y2="100%">{style.gradient}'
        defs += "</linearGradient>"
        shade = f'<rect width="{width}" height="{height}" fill="url(#s)"/>'
    if style.corner:
        defs += f'<clipPath id="r"><rect width="{width}" height="{height}" '
        defs += f'rx="{style.corner}"/></clipPath>'
        clip = ' clip-path="url(#r)"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'role="img" aria-label="{title}"><title>{title}</title>{defs}'
        f"<g{clip}>{left.background()}{right.background()}{shade}</g>"
        '<g text-anchor="middle" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" '
        f'text-rendering="geometricPrecision" font-size="{style.font_size * 10}">'
        f"{left.letters()}{right.letters()}</g></svg>\n"
    )


class _Half:
    """One half of a badge: a text on a background. Without a text, it is empty."""

    def __init__(
        self, text: str, color: str, style: Style, weight: str, left: int
    ) -> None:
        self._text = escape(text)
        self._color = color
        self._style = style
        self._weight = weight
        self._left = left
        exact = text_width(text, style.font_size, weight)
        # Odd, so that letters start on whole pixels more often.
        self._length = int(exact + len(text) * style.letter_spacing) | 1
        self.width = round(self._length + 2 * style.padding) if text else 0

    def background(self) -> str:
        """Draw the background."""
        if not self.width:
            return ""
        return (
            f'<rect x="{self._left}" width="{self.width}" '
            f'height="{self._style.height}" fill="{self._color}"/>'
        )

    def letters(self) -> str:
        """Draw the text, and its shadow if it has one."""
        if not self.width:
            return ""
        bright = _brightness(self._color) > _MAX_BRIGHTNESS_FOR_WHITE
        letters, shadow = ("#333", "#ccc") if bright else ("#fff", "#010101")
        drawn = ""
        if self._style.shadow:
            hidden = f'fill="{shadow}" fill-opacity=".3" aria-hidden="true"'
            drawn = self._draw_text(self._style.baseline + 1, hidden)
        return drawn + self._draw_text(self._style.baseline, f'fill="{letters}"')

    def _draw_text(self, baseline: float, attributes: str) -> str:
        if self._weight != "normal":
            attributes += f' font-weight="{self._weight}"'
        middle = self._left + self.width / 2
        return (
            f'<text x="{middle * 10:g}" y="{baseline * 10:g}" transform="scale(.1)" '
            f'textLength="{self._length * 10}" {attributes}>{self._text}</text>'
        )


def _brightness(color: str) -> float:
    """Return how bright a color looks, from 0 to 1 (W3C, AERT 2.2)."""
    digits = color.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    red, green, blue = bytes.fromhex(digits)
    return (red * 299 + green * 587 + blue * 114) / 255_000
