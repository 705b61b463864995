# SPDX-License-Identifier: GPL-3.0-or-later
"""What all screens are drawn with: fonts, colours, buttons, the frame around the content."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONTS = Path(__file__).parent.parent / "fonts"
#: All places below are for this size; a bigger screen shows them in its middle.
SIZE = (1024, 768)
INK, PALE, PAPER, LINE = "#1d2b3a", "#66727e", "#f5f6f7", "#c9ced3"
SIDE, ACCENT, GOOD, BAD = "#22364d", "#2a6fb8", "#2f8f4e", "#9e1b1b"
SIDE_WIDTH = 220
STAND_IN = "A stand-in installer for tests, made of Debian packages"


@dataclass(frozen=True)
class Button:
    """Something to click: its place (left, top, right, bottom) and the name of what it does."""

    box: tuple[int, int, int, int]
    label: str
    action: str
    enabled: bool = True

    def holds(self, x: int, y: int) -> bool:
        left, top, right, bottom = self.box
        return self.enabled and left <= x < right and top <= y < bottom


@cache
def font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / f"Cantarell-{'Bold' if bold else 'Regular'}.otf"), size)


class Canvas:
    """One screen's picture while it is drawn."""

    def __init__(self) -> None:
        self.image = Image.new("RGB", SIZE, PAPER)
        self.draw = ImageDraw.Draw(self.image)

    def text(self, x: int, y: int, text: str, size: int = 18, colour: str = INK, bold: bool = False) -> None:
        self.draw.text((x, y), text, font=font(size, bold), fill=colour)

    def centred(
        self, x: int, y: int, text: str, size: int = 18, colour: str = INK, bold: bool = False
    ) -> None:
        self.draw.text((x, y), text, font=font(size, bold), fill=colour, anchor="mm")

    def paragraph(self, x: int, y: int, width: int, text: str, size: int = 18, colour: str = INK) -> int:
        """Text broken into lines of at most `width` pixels; returns where the next line would be."""
        for paragraph in text.splitlines():
            line = ""
            for word in paragraph.split():
                longer = f"{line} {word}".strip()
                if line and font(size).getlength(longer) > width:
                    self.text(x, y, line, size, colour)
                    y += size + 8
                    line = word
                else:
                    line = longer
            self.text(x, y, line, size, colour)
            y += size + 8
        return y

    def frame(self, title: str) -> None:
        """Side bar, title and the line that says what this is."""
        self.draw.rectangle((0, 0, SIDE_WIDTH, SIZE[1]), fill=SIDE)
        self.centred(SIDE_WIDTH // 2, 90, "Lab OS", 40, "white", bold=True)
        self.centred(SIDE_WIDTH // 2, 130, "1.0", 20, "#b9c8d8")
        self.draw.line((SIDE_WIDTH, 78, SIZE[0], 78), fill=LINE)
        self.text(SIDE_WIDTH + 30, 24, title, 28, INK, bold=True)
        self.centred((SIDE_WIDTH + SIZE[0]) // 2, SIZE[1] - 20, STAND_IN, 14, PALE)

    def button(self, button: Button, focused: bool = False, main: bool = True) -> None:
        fill = LINE if not button.enabled else (ACCENT if main else "#ffffff")
        ink = "white" if main and button.enabled else (PALE if not button.enabled else INK)
        self.draw.rounded_rectangle(
            button.box, 6, fill=fill, outline=INK if focused else LINE, width=3 if focused else 1
        )
        left, top, right, bottom = button.box
        self.centred((left + right) // 2, (top + bottom) // 2, button.label, 20, ink, bold=main)

    def tile(self, button: Button, detail: str, focused: bool, warning: bool) -> None:
        """A tile of the hub: what it sets, and what it is set to."""
        left, top, right, bottom = button.box
        self.draw.rounded_rectangle(
            button.box, 6, fill="#ffffff", outline=ACCENT if focused else LINE, width=3 if focused else 1
        )
        self.draw.ellipse((left + 16, top + 22, left + 48, top + 54), fill="#d98a1f" if warning else GOOD)
        if warning:
            self.centred(left + 32, top + 38, "!", 20, "white", bold=True)
        else:
            self.draw.line(
                ((left + 24, top + 38), (left + 30, top + 45), (left + 41, top + 31)), fill="white", width=3
            )
        self.text(left + 64, top + 14, button.label, 19, INK, bold=True)
        self.text(left + 64, top + 42, detail, 15, "#b3541e" if warning else PALE)

    def bar(self, box: tuple[int, int, int, int], part: float) -> None:
        left, top, right, bottom = box
        self.draw.rounded_rectangle(box, 5, fill="#e1e5e8", outline=LINE)
        if part > 0.01:
            self.draw.rounded_rectangle(
                (left, top, left + int((right - left) * part), bottom), 5, fill=ACCENT
            )
