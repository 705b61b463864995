# SPDX-License-Identifier: GPL-3.0-or-later
"""`hwlab needles`: try needles on screenshots, and make new ones."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import HwlabError

if TYPE_CHECKING:
    from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.match import MatchResult

#: Exit codes of `match`: every screen shows a needle, some screen shows none.
FOUND, NOT_FOUND, REFUSED = 0, 1, 2


def main(argv: Sequence[str]) -> int:
    """Run a command; returns its exit code."""
    args = _parser().parse_args(argv)
    code: int = args.run(args)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hwlab needles", description="Try needles on screenshots, make new ones."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    match = commands.add_parser(
        "match",
        help="which needles a screenshot shows, and how similar the others are",
        description="Exit status: 0 when every screen shows a needle, 1 when one does not, 2 for bad input.",
    )
    match.add_argument("screens", metavar="SCREEN", nargs="+", type=Path, help="a picture of the screen")
    match.add_argument("--needles", metavar="DIR", required=True, type=Path, help="folder with the needles")
    match.add_argument(
        "--tag",
        action="append",
        default=[],
        help="only needles with this tag; repeated: with any of them; 'a b': with both",
    )
    match.add_argument(
        "--search-ratio", type=_ratio, default=0.0, help="0: each area's own margin, 1: the whole screen"
    )
    match.add_argument("--failure", metavar="PNG", type=Path, help="where to draw why a screen shows none")
    match.add_argument("--json", action="store_true", help="one JSON object per screen")
    match.set_defaults(run=_run_match)

    new = commands.add_parser("new", help="make a needle from a screenshot")
    new.add_argument("screen", metavar="SCREEN", type=Path, help="a picture of the screen")
    new.add_argument(
        "--area",
        metavar="X,Y,W,H",
        action="append",
        required=True,
        type=_area,
        help="an area that must match",
    )
    new.add_argument(
        "--exclude", metavar="X,Y,W,H", action="append", default=[], type=_area, help="to ignore"
    )
    new.add_argument(
        "--click",
        metavar="X,Y",
        nargs="?",
        const="center",
        help="click there, from the corner of the last area; alone: into its centre",
    )
    new.add_argument("--match", metavar="PERCENT", type=float, help="similarity that the areas need")
    new.add_argument("--margin", metavar="PIXELS", type=int, help="how far around they are searched")
    new.add_argument("--tag", action="append", required=True, help="a tag; may be repeated")
    new.add_argument("--name", required=True, help="the needle's name")
    new.add_argument("--needles", metavar="DIR", required=True, type=Path, help="folder to write it to")
    new.set_defaults(run=_run_new)
    return parser


def _run_match(args: argparse.Namespace) -> int:
    try:
        return _match(args)
    except HwlabError as error:
        print(f"hwlab needles: {error}", file=sys.stderr)
        return REFUSED


def _run_new(args: argparse.Namespace) -> int:
    try:
        return _new(args)
    except HwlabError as error:
        print(f"hwlab needles: {error}", file=sys.stderr)
        return REFUSED


def _match(args: argparse.Namespace) -> int:
    # Here and not above: OpenCV takes longer to load than most commands take to run.
    from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.failure import write_failure
    from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.match import best
    from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.needle import load_needles
    from ansible_collections.hwlab.sut.plugins.plugin_utils.video.recorder import read_picture

    needles = load_needles(args.needles)
    if args.tag:
        needles = needles.select(args.tag)
    code = FOUND
    for screen in args.screens:
        picture = read_picture(screen)
        result = best(picture, needles, args.search_ratio)
        if not result.ok:
            code = NOT_FOUND
            if args.failure is not None:
                write_failure(args.failure, picture, result)
        if args.json:
            print(json.dumps({"screen": str(screen), **result.as_dict()}))
        else:
            _print(screen, result)
    return code


def _print(screen: Path, result: MatchResult) -> None:
    matching = [match for match in result.candidates if match.ok]
    print(f"{screen}: {len(matching)} of {len(result.candidates)} needles match")
    for match in matching or result.candidates[:5]:
        areas = ", ".join(f"{area.similarity:.3f} at {area.x},{area.y}" for area in match.areas)
        print(f"  {'ok  ' if match.ok else 'miss'} {match.similarity:.3f}  {match.needle.name}  ({areas})")


def _new(args: argparse.Namespace) -> int:
    from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError
    from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.area import Area, ClickPoint
    from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.new_needle import write_needle
    from ansible_collections.hwlab.sut.plugins.plugin_utils.video.recorder import read_picture

    areas = [Area(*numbers) for numbers in args.area]
    if args.match is not None:
        areas = [dataclasses.replace(area, match=args.match) for area in areas]
    if args.margin is not None:
        areas = [dataclasses.replace(area, margin=args.margin) for area in areas]
    if args.click is not None:
        point = ClickPoint()
        if args.click != "center":
            try:
                x, y = (float(text) for text in args.click.split(","))
            except ValueError:
                raise ConfigurationError(f"--click takes X,Y or nothing, not {args.click!r}") from None
            point = ClickPoint(x, y)
        areas[-1] = dataclasses.replace(areas[-1], click_point=point)
    areas += [dataclasses.replace(Area(*numbers), type="exclude") for numbers in args.exclude]
    needle = write_needle(args.needles, args.name, read_picture(args.screen), areas, args.tag)
    print(needle.json_path)
    return FOUND


def _ratio(text: str) -> float:
    try:
        ratio = float(text)
    except ValueError:
        ratio = -1.0
    if not 0 <= ratio <= 1:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 1, is {text!r}")
    return ratio


def _area(text: str) -> tuple[int, int, int, int]:
    try:
        x, y, width, height = (int(number) for number in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be X,Y,W,H in whole pixels, is {text!r}") from None
    return x, y, width, height
