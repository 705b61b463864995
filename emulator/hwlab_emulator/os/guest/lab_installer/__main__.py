# SPDX-License-Identifier: GPL-3.0-or-later
"""The installer's main thread: draws the state, and listens to keyboard and pointer.

Exit status 0 asks init to reboot, 10 to power off.
"""

from __future__ import annotations

import os
import select
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from lab_installer import drawing, state, views
from lab_installer.boot_options import parse_boot_options
from lab_installer.evdev import Inputs, Key, Pointer
from lab_installer.framebuffer import Framebuffer, take_console
from lab_installer.journal import Journal

if TYPE_CHECKING:
    from lab_installer.hub import Hub
    from lab_installer.workflow import Workflow

VIEWS = {
    state.LOADING: views.loading,
    state.PROGRESS: views.progress,
    state.DONE: views.done,
    state.ERROR: views.error,
}
#: How often to look for devices that were plugged in, in seconds.
SCAN = 1.0


class App:
    """The screen with what can be clicked on it."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.shared = state.SharedState()
        self.work: Workflow | None = None
        self.hub: Hub | None = None
        take_console()
        self.screen = Framebuffer()
        self.origin = (
            (self.screen.width - drawing.SIZE[0]) // 2,
            (self.screen.height - drawing.SIZE[1]) // 2,
        )
        self.buttons: list[drawing.Button] = []
        self.pressed: drawing.Button | None = None
        self.shown = ""
        self.exit: int | None = None

    def install(self) -> None:
        """The worker thread. Its modules take seconds to load, during which the first screen is there
        already.
        """
        from lab_installer.workflow import Workflow

        self.work = Workflow(parse_boot_options(Path("/proc/cmdline").read_text()), self.journal, self.shared)
        self.work.run()

    def draw(self) -> None:
        now = self.shared.read()
        canvas = drawing.Canvas()
        if now.screen == state.HUB:
            from lab_installer.hub import Hub

            self.hub = self.hub or Hub()
            self.buttons = self.hub.draw(canvas)
        else:
            self.buttons = VIEWS[now.screen](canvas, now)
        self.screen.picture.paste(canvas.image, self.origin)
        only_moving = now.screen == self.shown == state.PROGRESS
        left, top = self.origin
        box = views.MOVING
        self.screen.show((box[0] + left, box[1] + top, box[2] + left, box[3] + top) if only_moving else None)
        if self.shown != now.screen:
            self.shown = now.screen
            self.journal.say(f"screen: {now.screen}")
        if now.screen == state.DONE and now.finish != "wait":
            self.exit = 10 if now.finish == "poweroff" else 0

    def act(self, action: str) -> None:
        self.journal.say(f"clicked: {action}")
        if action == "reboot":
            self.exit = 0
        elif self.hub and self.work:
            if action == "begin":
                self.work.by_clicks = self.hub.plan()
                self.work.begin.set()
            else:
                self.hub.act(action)
                self.draw()

    def pointer(self, event: Pointer) -> None:
        x, y = int(event.x * (self.screen.width - 1)), int(event.y * (self.screen.height - 1))
        self.screen.move_pointer(x, y)
        x, y = x - self.origin[0], y - self.origin[1]
        under = next((button for button in self.buttons if button.holds(x, y)), None)
        if event.pressed:
            self.pressed = under
        elif event.released:
            if under and under == self.pressed:
                self.act(under.action)
            self.pressed = None

    def key(self, event: Key) -> None:
        if self.hub and self.shown == state.HUB:
            action = self.hub.key(event.name, self.buttons)
            if action:
                self.act(action)
            else:
                self.draw()
        elif event.name in ("ret", " ") and self.buttons:
            self.act(self.buttons[0].action)

    def loop(self) -> int:
        inputs = Inputs()
        self.draw()
        threading.Thread(target=self.install, daemon=True).start()
        while self.exit is None:
            inputs.scan()
            ready, _, _ = select.select([self.shared.wake_fd, *inputs.devices.values()], [], [], SCAN)
            for fd in ready:
                if fd == self.shared.wake_fd:
                    os.read(fd, 4096)
                    self.draw()
                    continue
                for event in inputs.read(fd):
                    self.pointer(event) if isinstance(event, Pointer) else self.key(event)
        return self.exit


def main() -> int:
    journal = Journal()
    try:
        return App(journal).loop()
    except Exception as error:
        journal.say(f"error: the installer has a defect: {type(error).__name__}: {error}")
        raise


if __name__ == "__main__":
    sys.exit(main())
