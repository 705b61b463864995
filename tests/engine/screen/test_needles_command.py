# SPDX-License-Identifier: GPL-3.0-or-later
"""`hwlab needles`."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest

from hwlab.needles import main

from .drawing import noisy, screen


def run(*argv: object) -> int:
    return main([str(word) for word in argv])


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    path = tmp_path / "shot.png"
    cv2.imwrite(str(path), screen("Install", "Reboot"))
    return path


def test_a_needle_made_of_a_screenshot_matches_it(
    tmp_path: Path, shot: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "needles"
    assert (
        run(
            "new",
            shot,
            "--area",
            "95,90,200,42",
            "--click",
            "--tag",
            "reboot",
            "--name",
            "r",
            "--needles",
            folder,
        )
        == 0
    )
    assert capsys.readouterr().out.strip() == str(folder / "r.json")
    again = tmp_path / "again.jpg"
    cv2.imwrite(str(again), noisy(screen("Install", "Reboot"), 2))
    assert run("match", shot, again, "--needles", folder, "--json") == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["needle"], first["ok"], first["similarity"], first["click_point"]) == (
        "r",
        True,
        1.0,
        [195, 111],
    )
    assert second["screen"] == str(again)
    assert second["ok"] is True


def test_a_screen_that_shows_none_has_its_own_status_and_picture(
    tmp_path: Path, shot: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, other, drawn = tmp_path / "needles", tmp_path / "other.png", tmp_path / "why.png"
    run("new", shot, "--area", "95,90,200,42", "--tag", "reboot", "--name", "r", "--needles", folder)
    cv2.imwrite(str(other), screen("Something", "else"))
    assert run("match", other, "--needles", folder, "--tag", "reboot", "--failure", drawn) == 1
    assert "0 of 1 needles match" in capsys.readouterr().out
    assert cv2.imread(str(drawn)) is not None


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["match", "missing.png"], "missing.png does not exist"),
        (["match", "{shot}", "--tag", "nope"], "has the tag nope"),
        (["new", "{shot}", "--area", "600,0,100,10", "--tag", "t", "--name", "x"], "reaches outside"),
        (
            ["new", "{shot}", "--area", "0,0,9,9", "--click", "middle", "--tag", "t", "--name", "x"],
            "--click takes",
        ),
    ],
)
def test_bad_input_is_told_in_one_line(
    tmp_path: Path, shot: Path, capsys: pytest.CaptureFixture[str], argv: list[str], says: str
) -> None:
    folder = tmp_path / "needles"
    run("new", shot, "--area", "95,90,200,42", "--tag", "reboot", "--name", "r", "--needles", folder)
    capsys.readouterr()
    assert run(*(word.format(shot=shot) for word in argv), "--needles", folder) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("area", ["1,2,3", "a,b,c,d", "1.5,2,3,4"])
def test_an_area_is_four_whole_numbers(shot: Path, area: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("new", shot, "--area", area, "--tag", "t", "--name", "x", "--needles", "n")
    assert "must be X,Y,W,H in whole pixels" in capsys.readouterr().err
