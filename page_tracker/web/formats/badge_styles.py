"""The styles of badges, which resemble those of shields.io."""

from typing import NamedTuple


class Style(NamedTuple):
    """The dimensions of a style, in pixels."""

    height: int = 20
    padding: float = 5
    baseline: float = 14
    corner: int = 0
    gradient: str = ""
    shadow: bool = False
    font_size: int = 11
    message_weight: str = "normal"
    letter_spacing: float = 0
    capitals: bool = False


STYLES = {
    "flat": Style(
        corner=3,
        gradient='<stop offset="0" stop-color="#bbb" stop-opacity=".1"/>'
        '<stop offset="1" stop-opacity=".1"/>',
        shadow=True,
    ),
    "flat-square": Style(),
    "plastic": Style(
        height=18,
        baseline=13,
        corner=4,
        gradient='<stop offset="0" stop-color="#fff" stop-opacity=".7"/>'
        '<stop offset=".1" stop-color="#aaa" stop-opacity=".1"/>'
        '<stop offset=".9" stop-opacity=".3"/><stop offset="1" stop-opacity=".5"/>',
        shadow=True,
    ),
    "for-the-badge": Style(
        height=28,
        padding=12,
        baseline=17.5,
        font_size=10,
        message_weight="bold",
        letter_spacing=1.25,
        capitals=True,
    ),
}
