# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of agent.pyz."""

from __future__ import annotations

import argparse
import sys

# Each command loads what it needs and no more: a Raspberry Pi notices.


#: Exit code: somebody holds the bench.
HELD = 3


def main(arguments: list[str] | None = None) -> int:
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] == ["gadget"]:
        from ..gadget import cli as gadget_cli

        return gadget_cli.main(words[1:])
    given = _parser().parse_args(words)
    if given.command == "start":
        from . import start

        return start.main(given.holder, given.lease)
    if given.command == "attach":
        from . import attach

        return attach.main()
    if given.command == "serve":
        from . import serve

        return serve.main(given.request)
    if given.command == "give-back":
        return give_back()
    from . import status

    return status.main()


def give_back() -> int:
    """What a killed agent has left; nothing when an agent lives."""
    from . import giveback
    from .host import Host
    from .lock import LockFile
    from .places import journal_of

    host = Host.from_environment()
    if LockFile(host).is_held():
        print("an agent holds the bench; it gives back by itself", file=sys.stderr)
        return HELD
    said, failed = giveback.clean(host, journal_of(host))
    for line in said:
        print(f"gave back: {line}")
    for line in failed:
        print(f"not given back: {line}", file=sys.stderr)
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="agent.pyz", description="Holds and moves a bench from its KVM.")
    commands = parser.add_subparsers(dest="command", required=True)
    starting = commands.add_parser("start", help="take the bench; token on stdin")
    starting.add_argument("--holder", required=True, help="who takes it, for others to read")
    starting.add_argument("--lease", type=_lease, default=30.0, metavar="SECONDS")
    commands.add_parser("attach", help="talk to the agent; token on the first line of stdin")
    commands.add_parser("status", help="who holds the bench")
    commands.add_parser("give-back", help="undo what a killed agent has left")
    serving = commands.add_parser("serve", help="what the unit runs")
    serving.add_argument("request")
    commands.add_parser("gadget", help="the USB gadget by itself; see gadget --help", add_help=False)
    return parser


def _lease(text: str) -> float:
    seconds = float(text)
    if not 1 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"a lease of {text} s is not in 1..3600")
    return seconds
