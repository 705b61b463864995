# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of a USB keyboard that are the same in every layout: name to usage.

Numbers: HID Usage Tables 1.5, page 0x07 (Keyboard/Keypad), https://usb.org/document-library/hid-usage-tables-15.
Names: those of os-autoinst (`ret`, `spc`, `pgdn`, ...) and of gadget-control (`pageup`, `printscreen`, ...),
plus the plain English ones.
"""

from __future__ import annotations

#: Modifier name -> bit of a boot keyboard report's first byte (HID 1.11, appendix B.1; usages 0xe0 to 0xe7).
MODIFIERS: dict[str, int] = {
    "ctrl": 0x01, "control": 0x01, "lctrl": 0x01, "ctrlleft": 0x01,
    "shift": 0x02, "lshift": 0x02, "shiftleft": 0x02,
    "alt": 0x04, "lalt": 0x04, "altleft": 0x04,
    "meta": 0x08, "super": 0x08, "win": 0x08, "gui": 0x08, "cmd": 0x08,
    "ctrlright": 0x10, "rctrl": 0x10,
    "shiftright": 0x20, "rshift": 0x20,
    "altgr": 0x40, "altright": 0x40, "ralt": 0x40,
    "metaright": 0x80, "rmeta": 0x80,
}  # fmt: skip

#: Key name -> usage.
NAMED_KEYS: dict[str, int] = {
    "ret": 0x28, "return": 0x28, "enter": 0x28,
    "esc": 0x29, "escape": 0x29,
    "backspace": 0x2A, "bs": 0x2A,
    "tab": 0x2B,
    "spc": 0x2C, "space": 0x2C,
    "capslock": 0x39, "caps": 0x39,
    "printscreen": 0x46, "print": 0x46, "sysrq": 0x46,
    "scroll": 0x47, "scrolllock": 0x47,
    "pause": 0x48, "break": 0x48,
    "insert": 0x49, "ins": 0x49,
    "home": 0x4A,
    "pageup": 0x4B, "pgup": 0x4B,
    "delete": 0x4C, "del": 0x4C,
    "end": 0x4D,
    "pagedown": 0x4E, "pgdn": 0x4E, "pgdown": 0x4E,
    "right": 0x4F, "left": 0x50, "down": 0x51, "up": 0x52,
    "numlock": 0x53,
    "kp_divide": 0x54, "kp_multiply": 0x55, "kp_subtract": 0x56, "kp_add": 0x57, "kp_enter": 0x58,
    "kp_1": 0x59, "kp_2": 0x5A, "kp_3": 0x5B, "kp_4": 0x5C, "kp_5": 0x5D,
    "kp_6": 0x5E, "kp_7": 0x5F, "kp_8": 0x60, "kp_9": 0x61, "kp_0": 0x62, "kp_decimal": 0x63,
    "menu": 0x65, "compose": 0x65,
    **{f"f{number}": 0x3A + number - 1 for number in range(1, 13)},
    **{f"f{number}": 0x68 + number - 13 for number in range(13, 25)},
}  # fmt: skip

#: Names of printable characters, as os-autoinst and X call them.
NAMED_CHARACTERS: dict[str, str] = {
    "minus": "-", "equal": "=", "equals": "=", "comma": ",", "dot": ".", "period": ".", "slash": "/",
    "backslash": "\\", "semicolon": ";", "apostrophe": "'", "quote": "'", "grave": "`", "bracketleft": "[",
    "bracketright": "]", "plus": "+", "underscore": "_", "colon": ":", "asterisk": "*", "exclam": "!",
}  # fmt: skip
