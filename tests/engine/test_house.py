# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps the rooms apart."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
ENGINE = ROOT / "plugins" / "plugin_utils"
AGENT = ROOT / "plugins" / "module_utils"
OUR_OWN = "ansible_collections.hwlab.sut"


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module


def python_files(*folders: Path) -> list[Path]:
    files = [file for folder in folders for file in sorted(folder.rglob("*.py"))]
    assert files, f"nothing found in {folders}"
    return files


def test_engine_knows_nothing_of_ansible() -> None:
    for file in python_files(ENGINE, AGENT):
        if ENGINE / "ansible" in file.parents:
            continue
        found = [name for name in imports(file) if name.split(".")[0] == "ansible"]
        assert not found, f"{file.relative_to(ROOT)} imports {found}"


def test_nothing_in_the_collection_knows_the_virtual_bench() -> None:
    for folder in (ROOT / "plugins", ROOT / "roles", ROOT / "playbooks"):
        for file in folder.rglob("*"):
            if file.suffix in {".py", ".yml", ".j2"}:
                text = file.read_text()
                for word in ("hwlab_emulator", "127.77.", "virtual bench"):
                    assert word not in text, f"{file.relative_to(ROOT)} says {word!r}"


def test_what_travels_to_the_kvm_needs_the_standard_library_only() -> None:
    import sys

    for file in python_files(AGENT):
        foreign = {
            name
            for name in imports(file)
            if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith(OUR_OWN)
        }
        assert not foreign, f"{file.relative_to(ROOT)} imports {foreign}"


def test_every_step_is_documented() -> None:
    steps = {
        file.stem for file in (ROOT / "plugins" / "action").glob("*.py") if not file.stem.startswith("_")
    }
    documented = {file.stem for file in (ROOT / "plugins" / "modules").glob("*.py")}
    assert steps
    assert steps <= documented
    group = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["action_groups"]["bench"]
    assert sorted(name.rsplit(".", 1)[-1] for name in group) == sorted(steps)


@pytest.mark.parametrize("role", sorted(path.name for path in (ROOT / "roles").iterdir()))
def test_every_role_is_a_contract(role: str) -> None:
    folder = ROOT / "roles" / role
    assert (folder / "README.md").is_file()
    assert (folder / "meta" / "argument_specs.yml").is_file()


def test_every_file_names_its_licence() -> None:
    for file in python_files(ROOT / "plugins", ROOT / "runner", ROOT / "emulator", ROOT / "tests"):
        text = file.read_text()
        assert not text or "SPDX-License-Identifier: GPL-3.0-or-later" in text[:300], file
