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
    label_weight: str = "normal"
    gap: int = 0
    """The space between the halves."""
    fill: str = ""
    """The color of both halves, which have a border; empty for the chosen colors."""


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
    # Like the buttons of social networks: the number is in a bubble.
    "social": Style(
        corner=2,
        message_weight="bold",
        label_weight="bold",
        gap=6,
        fill="#fcfcfc",
    ),
}
