# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys by their web code (https://www.w3.org/TR/uievents-code/) and USB usage (HID usage tables, page 7)."""

from __future__ import annotations

_MODIFIERS = "ControlLeft ShiftLeft AltLeft MetaLeft ControlRight ShiftRight AltRight MetaRight"
#: Web code -> bit in a boot keyboard report's first byte.
MODIFIERS = {name: 1 << bit for bit, name in enumerate(_MODIFIERS.split())}

#: First usage -> web codes of it and of those that follow; "-" has none.
_ROWS = {
    0x28: "Enter Escape Backspace Tab Space Minus Equal BracketLeft BracketRight Backslash - Semicolon",
    0x34: "Quote Backquote Comma Period Slash CapsLock F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12",
    0x46: "PrintScreen ScrollLock Pause Insert Home PageUp Delete End PageDown",
    0x4F: "ArrowRight ArrowLeft ArrowDown ArrowUp NumLock",
    0x54: "NumpadDivide NumpadMultiply NumpadSubtract NumpadAdd NumpadEnter Numpad1 Numpad2 Numpad3",
    0x5C: "Numpad4 Numpad5 Numpad6 Numpad7 Numpad8 Numpad9 Numpad0 NumpadDecimal",
    0x64: "IntlBackslash ContextMenu Power",
    0x68: "F13 F14 F15 F16 F17 F18 F19 F20 F21 F22 F23 F24",
    0x7F: "AudioVolumeMute AudioVolumeUp AudioVolumeDown",
    0x87: "IntlRo KanaMode IntlYen Convert NonConvert",
}
#: Web code -> usage.
USAGES = {
    name: first + place
    for first, row in _ROWS.items()
    for place, name in enumerate(row.split())
    if name != "-"
}
USAGES |= {f"Key{letter}": 0x04 + place for place, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
USAGES |= {f"Digit{digit}": 0x1E + place for place, digit in enumerate("1234567890")}

#: Keys that /hid/events/send_key without a state leaves down.
STICKY = frozenset(MODIFIERS) | {"PrintScreen"}

#: Key -> its character without and with Shift on a US keyboard.
_US = {
    **{"Minus": "-_", "Equal": "=+", "BracketLeft": "[{", "BracketRight": "]}", "Backslash": "\\|"},
    **{"Semicolon": ";:", "Quote": "'\"", "Backquote": "`~", "Comma": ",<", "Period": ".>", "Slash": "/?"},
    **{"Space": " ", "Enter": "\n", "Tab": "\t"},
    **{f"Digit{digit}": digit + shifted for digit, shifted in zip("1234567890", "!@#$%^&*()", strict=True)},
    **{f"Key{letter}": letter.lower() + letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
}
#: Character -> (web code, with Shift) on a US keyboard.
EN_US = {character: (key, bool(place)) for key, both in _US.items() for place, character in enumerate(both)}
