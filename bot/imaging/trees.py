"""A conversation as a picture: thumbnails in rows, joined by lines, the head marked.

Lines run beside the thumbnails, never across them: within a row from one to the next, and to another row
through the gap below, down a lane in the left margin, and into the row from the left. Every branch has a
colour and a lane of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

from bot.domain.images import FittedFile
from bot.domain.trees import Drawn, Place, arrange, columns_for
from bot.imaging.budget import Budget
from bot.imaging.sheets import corners, encoded, font, thumbnail

SIDE = 150  # pixels, of the square that a thumbnail has to fit
COMPARED = 700  # the same where two are compared
LABEL = 34
TEXT = 21
GAP = 34  # between cells, where the lines run
LANE = 9  # between two lines in the margin
MARGIN = 26
RADIUS = 10
HEAD = 5  # width of the head's frame
LINE, PATH_LINE = 3, 6

_GROUND = (30, 31, 34)
_CARD = (43, 45, 49)
_TEXT = (242, 243, 245)
_MISSING = (128, 132, 142)
_HEAD = (124, 196, 88)
# Told apart by people who see fewer colours as well: Okabe and Ito's, lightened for a dark ground.
_COLOURS = (
    (230, 160, 20),
    (100, 185, 240),
    (20, 175, 130),
    (245, 230, 90),
    (90, 150, 230),
    (235, 120, 50),
    (215, 140, 185),
    (190, 190, 190),
)


def tree(drawn: Sequence[Drawn], budget: Budget | None = None) -> FittedFile:
    """Return a JPEG of a tree. `budget` as for `reading.opened`; ValueError where nothing is to be drawn."""
    if not drawn:
        raise ValueError("a tree needs a turn")
    columns = columns_for(len(drawn))
    places = arrange([item.parent for item in drawn], columns)
    sheet = _Sheet(places, columns)
    for at, item in enumerate(drawn):  # below everything else, the head's path last
        if item.parent is not None and not item.on_path:
            sheet.join(places[item.parent], places[at], LINE)
    for at, item in enumerate(drawn):
        if item.parent is not None and item.on_path:
            sheet.join(places[item.parent], places[at], PATH_LINE)
    for at, item in enumerate(drawn):
        sheet.put(places[at], item, budget)
    return encoded(sheet.image)


def side_by_side(one: Drawn, other: Drawn, budget: Budget | None = None) -> FittedFile:
    """Return a JPEG of two pictures beside each other, each with its label."""
    label = LABEL + 14
    image = Image.new("RGB", (2 * COMPARED + 3 * GAP, COMPARED + label + 2 * GAP), _GROUND)
    draw = ImageDraw.Draw(image)
    for column, item in enumerate((one, other)):
        left = GAP + column * (COMPARED + GAP)
        _card(image, (left, GAP), COMPARED, label, item, budget)
        middle = (left + COMPARED // 2, GAP + COMPARED + label // 2)
        draw.text(middle, item.label, _TEXT, font(TEXT + 9), anchor="mm")
    return encoded(image)


class _Sheet:
    """The picture while it is drawn."""

    def __init__(self, places: Sequence[Place], columns: int) -> None:
        branches = max(place.branch for place in places) + 1
        rows = max(place.row for place in places) + 1
        used = min(columns, max(place.column for place in places) + 1)
        self._left = MARGIN + branches * LANE + MARGIN
        width = self._left + used * (SIDE + GAP) + MARGIN - GAP
        height = 2 * MARGIN + rows * (SIDE + LABEL + GAP) - GAP
        self.image = Image.new("RGB", (max(width, 2 * SIDE), height), _GROUND)
        self._draw = ImageDraw.Draw(self.image)

    def join(self, parent: Place, child: Place, width: int) -> None:
        """Draw the line from a turn to the one that follows it."""
        colour = _COLOURS[child.branch % len(_COLOURS)]
        (from_x, from_y), (to_x, to_y) = self._corner(parent), self._corner(child)
        entry = to_y + SIDE // 2
        if parent.row == child.row:
            self._draw.line((from_x + SIDE, entry, to_x, entry), colour, width)
            return
        lane = MARGIN + child.branch * LANE
        below = from_y + SIDE + LABEL + 6 + child.branch % 3 * LANE
        out = from_x + SIDE // 2
        points = [(out, from_y + SIDE), (out, below), (lane, below), (lane, entry), (to_x, entry)]
        self._draw.line(points, colour, width, joint="curve")

    def put(self, place: Place, item: Drawn, budget: Budget | None) -> None:
        """Draw one turn over the lines."""
        left, top = self._corner(place)
        if item.head:
            frame = (left - HEAD, top - HEAD, left + SIDE + HEAD - 1, top + SIDE + LABEL + HEAD - 1)
            self._draw.rounded_rectangle(frame, RADIUS + HEAD, fill=_HEAD)
        _card(self.image, (left, top), SIDE, LABEL, item, budget)
        colour = _HEAD if item.head else _TEXT
        middle = (left + SIDE // 2, top + SIDE + LABEL // 2)
        self._draw.text(middle, item.label, colour, font(TEXT), anchor="mm")
        if item.head:
            box = (left + SIDE - 66, top + 6, left + SIDE - 6, top + 32)
            self._draw.rounded_rectangle(box, 6, fill=_HEAD)
            self._draw.text((left + SIDE - 36, top + 19), "HEAD", _GROUND, font(19), anchor="mm")

    def _corner(self, place: Place) -> tuple[int, int]:
        return self._left + place.column * (SIDE + GAP), MARGIN + place.row * (SIDE + LABEL + GAP)


def _card(
    image: Image.Image,
    at: tuple[int, int],
    side: int,
    label: int,
    item: Drawn,
    budget: Budget | None,
) -> None:
    left, top = at
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((left, top, left + side - 1, top + side + label - 1), RADIUS, fill=_CARD)
    picture = None if item.path is None else thumbnail(item.path, side, budget)
    if picture is None:
        middle, half = (left + side // 2, top + side // 2), side // 5
        box = (middle[0] - half, middle[1] - half, middle[0] + half, middle[1] + half)
        draw.rounded_rectangle(box, RADIUS, outline=_MISSING, width=4)
        draw.line((box[0], box[3], box[2], box[1]), _MISSING, width=4)
        return
    place = (left + (side - picture.width) // 2, top + (side - picture.height) // 2)
    image.paste(picture, place, corners(picture.size))
