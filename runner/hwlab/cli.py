# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `hwlab`: hands over to the part that its first word names."""

from __future__ import annotations

import importlib
import sys

#: Each part's module, whose main(argv) returns an exit code, and what it is for.
PARTS = {
    "emulator": ("hwlab_emulator.cli", "virtual benches, made of real programs"),
    "needles": ("hwlab.needles", "try needles on screenshots, make new ones"),
}


def _usage() -> str:
    rows = "\n".join(f"  {name:10} {purpose}" for name, (_, purpose) in PARTS.items())
    return f"usage: hwlab PART ...\n\n{rows}\n\n`hwlab PART --help` says more."


def main() -> int:
    """Run the part named on the command line."""
    words = sys.argv[1:]
    if not words or words[0] in ("-h", "--help"):
        print(_usage())
        return 0 if words else 2
    if words[0] not in PARTS:
        print(f"hwlab: no part {words[0]!r}\n\n{_usage()}", file=sys.stderr)
        return 2
    code = importlib.import_module(PARTS[words[0]][0]).main(words[1:])
    return int(code or 0)


if __name__ == "__main__":
    sys.exit(main())
