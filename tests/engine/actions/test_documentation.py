# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation and behaviour of a step are two files: here they are compared."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
STEPS = sorted(file.stem for file in (ROOT / "plugins" / "action").glob("*.py") if file.stem != "__init__")


def documented(step: str, name: str) -> Any:
    tree = ast.parse((ROOT / "plugins" / "modules" / f"{step}.py").read_text())
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return yaml.safe_load(ast.literal_eval(node.value))
    raise AssertionError(f"{step} has no {name}")


def arguments(step: str) -> dict[str, Any]:
    module = importlib.import_module(f"ansible_collections.hwlab.sut.plugins.action.{step}")
    return dict(module.ActionModule.ARGUMENTS)


def compare(documented: dict[str, Any], argument: dict[str, Any], where: str) -> None:
    assert documented.keys() == argument.keys(), where
    for name, option in documented.items():
        for key, default in (
            ("type", "str"),
            ("default", None),
            ("choices", None),
            ("elements", None),
            ("required", False),
        ):
            assert option.get(key, default) == argument[name].get(key, default), f"{where}.{name}: {key}"
        compare(option.get("suboptions", {}), argument[name].get("options", {}), f"{where}.{name}")


@pytest.mark.parametrize("step", STEPS)
def test_options_are_those_documented(step: str) -> None:
    compare(documented(step, "DOCUMENTATION")["options"], arguments(step), step)


@pytest.mark.parametrize("step", STEPS)
def test_examples_use_options_that_exist(step: str) -> None:
    for task in documented(step, "EXAMPLES"):
        assert set(task[f"hwlab.sut.{step}"] or {}) <= set(arguments(step))


@pytest.mark.parametrize("step", STEPS)
def test_returns_have_samples(step: str) -> None:
    for name, value in documented(step, "RETURN").items():
        assert {"description", "returned", "type", "sample"} <= set(value), name


def test_every_step_is_in_the_action_group() -> None:
    group = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["action_groups"]["bench"]
    assert group == [f"hwlab.sut.{step}" for step in STEPS]
