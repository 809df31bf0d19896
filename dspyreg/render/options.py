"""The options of rendering: the room there is, and how much is wanted."""

from typing import NamedTuple


class RenderOptions(NamedTuple):
    """The width, colours and letters of the place a text is written to, and the amount of detail.

    ``blocks`` tells that its encoding has the letters of plots. ``whole`` shortens nothing,
    ``plot`` draws measurements.
    """

    width: int = 80
    colour: bool = False
    blocks: bool = True
    whole: bool = False
    plot: bool = False


DEFAULT = RenderOptions()
