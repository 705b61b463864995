# SPDX-License-Identifier: GPL-3.0-or-later
"""What flashrom's words and exit status mean (flashrom 1.2 to 1.5, cli_classic.c and flashrom.c; each message
was provoked with the dummy programmer of 1.3)."""

from __future__ import annotations

import re

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import HwlabError, InfrastructureError

VERIFIED = "VERIFIED."
IDENTICAL = "Chip content is identical to the requested image."

_STATUS = {
    1: "it could not begin",
    2: "erasing or writing failed",
    3: "verification failed",
    127: "no flashrom",
}
#: Part of flashrom's log -> what to check. First match wins.
_ADVICE: tuple[tuple[str, str], ...] = (
    (
        "No EEPROM/flash device found",
        "no chip answers: check the SPI cable and its seat, flasher_chip_voltage, that the board's mains "
        "are in the "
        "state it wants for flashing (G3 means cut), and that nothing else drives the chip",
    ),
    (
        "Multiple flash chip definitions match",
        "several chip models match: set flasher_chip_model to one of them",
    ),
    ("doesn't match the expected size", "the image is not as large as the chip"),
    ("doesn't match the flash chip's size", "the image is not as large as the chip"),
    ("is not supported by this programmer", "the chip model does not go with the programmer"),
    ("Unknown chip", "flashrom does not know flasher_chip_model; `flashrom -L` lists the names"),
    (
        "failed to open",
        "the SPI device is missing or busy: check flasher_programmer and the flasher's device tree",
    ),
    ("Invalid region specified", "the layout has no such region"),
    ("Unknown programmer", "flashrom was built without the programmer named in flasher_programmer"),
    ("not found", "flashrom is not installed on the flasher"),
)
_CHIP = re.compile(r'Found (?P<vendor>.+?) flash chip "(?P<model>[^"]+)" \((?P<kib>\d+) kB')


def chip_found(log: str) -> tuple[str, int] | None:
    """Model and size in bytes of the chip that flashrom names in its log."""
    match = _CHIP.search(log)
    return (f"{match['vendor']} {match['model']}", int(match["kib"]) * 1024) if match else None


def phase(log: str) -> str:
    """The last thing flashrom said that it does."""
    lines = [line.strip() for line in re.split(r"[\r\n]", log) if line.strip()]
    return lines[-1][:160] if lines else ""


def failure(flasher: str, action: str, status: int, log: str) -> HwlabError:
    """The error for a flashrom that ended with `status` after saying `log`."""
    advice = next((text for words, text in _ADVICE if words.lower() in log.lower()), "")
    place = re.search(r"FAILED at (0x[0-9a-fA-F]+)", log)
    said = "; ".join(line.strip() for line in log.splitlines()[-4:] if line.strip())[-400:]
    return InfrastructureError(
        f"flashrom on {flasher} failed to {action}: {_STATUS.get(status, 'it ended unexpectedly')} (status "
        f"{status})"
        + (f", first difference at {place[1]}" if place else "")
        + (f"; {advice}" if advice else "")
        + f". It said: {said or 'nothing'}",
        evidence={"status": status, "log": log[-4000:]},
    )
