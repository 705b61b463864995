# SPDX-License-Identifier: GPL-3.0-or-later
"""The screens without input: loading, progress, done, error. Each returns what can be clicked on it."""

from __future__ import annotations

from lab_installer.drawing import BAD, INK, PALE, SIDE_WIDTH, SIZE, Button, Canvas
from lab_installer.state import State

LEFT = SIDE_WIDTH + 60
RIGHT = SIZE[0] - 60
BAR = (LEFT, 300, RIGHT, 322)
#: The part of the progress screen that changes while installing.
MOVING = (LEFT - 4, 240, RIGHT + 4, 345)
REBOOT = Button((764, 650, 984, 706), "Reboot System", "reboot")


def loading(canvas: Canvas, state: State) -> list[Button]:
    canvas.frame("WELCOME TO LAB OS 1.0")
    canvas.text(LEFT, 200, "Loading the installer", 32, bold=True)
    canvas.text(LEFT, 262, f"{state.activity} …", 18, PALE)
    return []


def progress(canvas: Canvas, state: State) -> list[Button]:
    canvas.frame("INSTALLATION PROGRESS")
    canvas.text(LEFT, 180, "Installing Lab OS", 32, bold=True)
    canvas.text(LEFT, 254, f"{state.activity} …", 18, INK)
    canvas.bar(BAR, state.progress)
    _remote(canvas, state)
    return []


def done(canvas: Canvas, state: State) -> list[Button]:
    canvas.frame("INSTALLATION PROGRESS")
    canvas.text(LEFT, 180, "Installing Lab OS", 32, bold=True)
    canvas.text(LEFT, 254, "Complete!", 18, INK, bold=True)
    canvas.bar(BAR, 1.0)
    canvas.paragraph(LEFT, 400, RIGHT - LEFT, "Lab OS is installed on this machine. Reboot to start it.", 20)
    canvas.button(REBOOT, focused=True)
    return [REBOOT]


def error(canvas: Canvas, state: State) -> list[Button]:
    canvas.draw.rectangle((0, 0, *SIZE), fill=BAD)
    canvas.text(80, 80, "The installation has failed", 36, "white", bold=True)
    canvas.paragraph(80, 170, SIZE[0] - 160, state.error, 22, "white")
    canvas.text(80, 640, "The serial line has a shell and the whole log.", 18, "#f0c8c8")
    button = Button((764, 650, 984, 706), "Reboot System", "reboot")
    canvas.button(button, focused=True, main=False)
    return [button]


def _remote(canvas: Canvas, state: State) -> None:
    if state.ssh:
        canvas.text(LEFT, 420, f"ssh root@{state.address} reaches this installer.", 16, PALE)
