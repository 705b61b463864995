# SPDX-License-Identifier: GPL-3.0-or-later
"""The hub for an installation without kickstart: what is to be installed is set by clicks and keys."""

from __future__ import annotations

from lab_installer import storage
from lab_installer.drawing import ACCENT, PALE, Button, Canvas
from lab_installer.plan import Account, Password, Plan
from lab_installer.remote import NETWORK
from lab_installer.views import LEFT, RIGHT

WIDTH = (RIGHT - LEFT - 20) // 2
BEGIN_BOX = (764, 650, 984, 706)
DONE_BOX = (LEFT, 100, LEFT + 120, 144)


def _tile(column: int, row: int) -> tuple[int, int, int, int]:
    left, top = LEFT + column * (WIDTH + 20), 120 + row * 100
    return (left, top, left + WIDTH, top + 78)


class Hub:
    """The hub and its spokes; `spoke` names the one that is open, `fields` holds what was typed."""

    def __init__(self) -> None:
        self.spoke: str | None = None
        self.focus = 0
        self.disk: str | None = None
        self.fields = ["", ""]
        self.user: list[str] = ["", "", ""]
        self.message = ""

    def _texts(self) -> list[str]:
        return self.user if self.spoke == "user" else self.fields

    def ready(self) -> bool:
        return self.disk is not None and bool(self.fields[0] or self.user[0])

    def draw(self, canvas: Canvas) -> list[Button]:
        if self.spoke == "disk":
            return self._draw_disks(canvas)
        if self.spoke in ("root", "user"):
            return self._draw_texts(canvas)
        canvas.frame("INSTALLATION SUMMARY")
        address = NETWORK.read_text().split()[1] if NETWORK.exists() else ""
        tiles = (
            ("Keyboard", "English (US)", "", False),
            ("Installation Destination", self.disk or "No disk selected", "disk", self.disk is None),
            ("Language Support", "English (United States)", "", False),
            ("Network & Host Name", f"Connected: {address}" if address else "Not connected", "", not address),
            ("Time & Date", "UTC", "", False),
            (
                "Root Password",
                "Set" if self.fields[0] else "Not set",
                "root",
                not (self.fields[0] or self.user[0]),
            ),
            ("Software Selection", "Lab OS", "", False),
            ("User Creation", self.user[0] or "No user", "user", not (self.fields[0] or self.user[0])),
        )
        buttons = []
        for number, (label, detail, action, warning) in enumerate(tiles):
            button = Button(_tile(number % 2, number // 2), label, action, bool(action))
            buttons.append(button)
            canvas.tile(button, detail, button.enabled and self._focused(buttons), warning)
        begin = Button(BEGIN_BOX, "Begin Installation", "begin", self.ready())
        buttons.append(begin)
        canvas.button(begin, focused=begin.enabled and self._focused(buttons))
        if not self.ready():
            canvas.text(LEFT, 668, "Choose a disk and set a password for root or a user.", 16, PALE)
        return [button for button in buttons if button.enabled]

    def _focused(self, buttons: list[Button]) -> bool:
        return sum(button.enabled for button in buttons) - 1 == self.focus

    def _draw_disks(self, canvas: Canvas) -> list[Button]:
        canvas.frame("INSTALLATION DESTINATION")
        buttons = [Button(DONE_BOX, "Done", "done")]
        canvas.button(buttons[0], focused=self.focus == 0)
        canvas.text(LEFT, 180, "The chosen disk is erased when the installation begins.", 16, PALE)
        for number, (name, size) in enumerate(storage.disks().items()):
            button = Button((LEFT, 220 + number * 96, RIGHT, 298 + number * 96), name, f"disk:{name}")
            buttons.append(button)
            mark = "chosen" if self.disk == name else f"{size / 1024:.1f} GiB"
            canvas.tile(button, mark, self.focus == number + 1, self.disk != name)
        return buttons

    def _draw_texts(self, canvas: Canvas) -> list[Button]:
        root = self.spoke == "root"
        canvas.frame("ROOT PASSWORD" if root else "CREATE USER")
        labels = ("Root password", "Confirm") if root else ("User name", "Password", "Confirm password")
        buttons = [Button(DONE_BOX, "Done", "done")]
        canvas.button(buttons[0], focused=self.focus == 0)
        for number, label in enumerate(labels):
            top = 200 + number * 80
            button = Button((LEFT + 200, top, RIGHT, top + 44), label, f"field:{number}")
            buttons.append(button)
            canvas.text(LEFT, top + 10, label, 18)
            chosen = self.focus == number + 1
            canvas.draw.rectangle(
                button.box, fill="#ffffff", outline=ACCENT if chosen else PALE, width=2 if chosen else 1
            )
            text = self._texts()[number]
            canvas.text(LEFT + 212, top + 10, text if label == "User name" else "•" * len(text), 18)
        canvas.text(LEFT, 470, self.message, 18, "#b3541e")
        return buttons

    def key(self, name: str, buttons: list[Button]) -> str | None:
        """React to a key; returns the action of what Enter was pressed on."""
        if name in ("tab", "down"):
            self.focus = (self.focus + 1) % max(len(buttons), 1)
        elif name == "up":
            self.focus = (self.focus - 1) % max(len(buttons), 1)
        elif name == "f12":
            return "done" if self.spoke else ("begin" if self.ready() else None)
        elif self.spoke in ("root", "user") and self.focus > 0 and (len(name) == 1 or name == "backspace"):
            texts, number = self._texts(), self.focus - 1
            texts[number] = texts[number][:-1] if name == "backspace" else texts[number] + name
        elif name in ("ret", " ") and buttons:
            return buttons[min(self.focus, len(buttons) - 1)].action
        return None

    def act(self, action: str) -> None:
        """Do what a click or Enter asked for, except to begin."""
        if action.startswith("disk:"):
            self.disk = action.removeprefix("disk:")
        elif action.startswith("field:"):
            self.focus = int(action.removeprefix("field:")) + 1
        elif action == "done":
            texts = self._texts()
            self.message = ""
            if self.spoke in ("root", "user") and texts[-1] != texts[-2]:
                self.message = "The two passwords differ."
            elif self.spoke == "user" and bool(texts[0]) != bool(texts[1]):
                self.message = "A user needs a name and a password."
            else:
                self.spoke, self.focus = None, 0
        elif action in ("disk", "root", "user"):
            self.spoke, self.focus = action, 0 if action == "disk" else 1

    def plan(self) -> Plan:
        """What the clicks add up to."""
        assert self.disk is not None
        plan = Plan(only_disks=(self.disk,), clear=True, automatic=True)
        if self.fields[0]:
            plan.root_password, plan.root_ssh_password = Password(self.fields[0]), True
        if self.user[0]:
            plan.users = [Account(self.user[0], Password(self.user[1]))]
        return plan
