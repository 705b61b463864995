# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the image's build that needs root: a tree of packages becomes the parts of the installer's
medium.

Runs as a hook of mmdebstrap (`python -m hwlab_emulator.os.layers TREE OUT`) and leaves in OUT: vmlinuz,
initrd.img, version (the kernel's), system.squashfs (what is installed), system.size (its bytes unpacked) and
installer.squashfs (what is laid over it while installing).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from hwlab_emulator.os.modules import initramfs, trim_modules
from hwlab_emulator.os.system import configure, remove_unused

HERE = Path(__file__).parent
INSTALLER = "usr/lib/lab-installer"
#: Debian has no pykickstart; Pillow comes from the same place, since Debian's brings a hundred libraries
#: along.
PYKICKSTART, PILLOW = "pykickstart>=3.60", "pillow>=11"
#: Parts of these wheels that a kickstart's parsing and the drawing of text never load.
PYTHON_UNUSED = (
    *("bin", "**/__pycache__", "**/*.pyi", "pykickstart/locale", "share", "*.dist-info/RECORD"),
    *("PIL/_avif*", "PIL/_webp*", "PIL/_imagingcms*", "PIL/_imagingtk*", "PIL/_imagingmath*"),
    *("PIL/_imagingmorph*",),
    *("pillow.libs/libavif*", "pillow.libs/libwebp*", "pillow.libs/liblcms*"),
)
#: zstd's slowest setting costs the build a minute and saves each installation seconds of USB transfer.
SQUASH = ("-comp", "zstd", "-Xcompression-level", "19", "-b", "256K", "-noappend", "-no-progress", "-quiet")
#: Folders that are packed empty: kernel file systems that are mounted in the tree while it is built, and what
#: mmdebstrap still tidies up in after the hook.
EMPTY = ("dev", "proc", "sys", "run", "tmp", "var/cache", "var/lib/apt", "var/log", "etc/apt")


def _python(tree: Path) -> str:
    """Version of the tree's Python as pip names it, for example 3.11."""
    return (tree / "usr/bin/python3").readlink().name.removeprefix("python")


def _compile(tree: Path, *folders: str) -> None:
    """Compile with the tree's own Python; what the folders hold is named as the running system will see
    it.
    """
    command = ["chroot", str(tree), "python3", "-m", "compileall", "-q", "-j", "0", "--invalidation-mode"]
    subprocess.run([*command, "unchecked-hash", *folders], check=False)


def _size(tree: Path) -> int:
    """Bytes in the files that are packed."""
    total = 0
    for folder, names, files in os.walk(tree):
        place = Path(folder).relative_to(tree)
        names[:] = [name for name in names if str(place / name) not in EMPTY]
        total += sum((Path(folder) / file).lstat().st_size for file in files)
    return total


def _squash(folder: Path, target: Path, *more: str) -> None:
    command = ["mksquashfs", str(folder), str(target), *SQUASH, *more]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _install_packages(target: Path, version: str) -> None:
    """Install the packages into `target` for Python `version`, which need not be the Python of the build."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--no-cache-dir", "--disable-pip-version-check"]
    with tempfile.TemporaryDirectory() as folder:
        # pykickstart is published as source only, and pip installs for another Python from wheels only.
        subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder, PYKICKSTART], check=True)
        wheels = [str(path) for path in Path(folder).iterdir()]
        options = ["--root-user-action", "ignore", "--only-binary", ":all:", "--python-version", version]
        subprocess.run([*pip, "install", *options, "--target", str(target), *wheels, PILLOW], check=True)


def _installer_layer(tree: Path, layer: Path) -> None:
    """Put the installer into the folder `layer`; it is compiled inside the tree, and leaves no trace
    there.
    """
    program = layer / INSTALLER
    shutil.copytree(HERE / "guest", program, ignore=shutil.ignore_patterns("__pycache__"))
    _install_packages(program, _python(tree))
    for pattern in PYTHON_UNUSED:
        for path in program.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    fonts = program / "fonts"
    fonts.mkdir()
    for font in tree.glob("usr/share/fonts/**/[Cc]antarell*"):
        if font.is_file():
            shutil.copy(font, fonts)
    shutil.copytree(program, tree / INSTALLER)
    _compile(tree, f"/{INSTALLER}")
    shutil.rmtree(program)
    shutil.move(tree / INSTALLER, program)


def make_layers(tree: Path, out: Path) -> None:
    """Turn `tree` into the files described above."""
    layer = out / "layer"
    layer.mkdir()
    (kernel,) = tree.glob("boot/vmlinuz-*")
    shutil.copy(kernel, out / "vmlinuz")
    (out / "version").write_text(kernel.name.removeprefix("vmlinuz-") + "\n")
    _installer_layer(tree, layer)
    trim_modules(tree)
    remove_unused(tree)
    configure(tree)
    _compile(tree, f"/usr/lib/python{_python(tree)}")
    (out / "initrd.img").write_bytes(initramfs(tree, (HERE / "boot/initramfs-init").read_bytes()))
    (out / "system.size").write_text(f"{_size(tree)}\n")
    _squash(tree, out / "system.squashfs", "-wildcards", "-e", *(f"{name}/*" for name in EMPTY))
    _squash(layer, out / "installer.squashfs", "-all-root")
    shutil.rmtree(layer)
    owner = out.stat()
    for path in out.iterdir():
        path.chmod(0o644)
        os.chown(path, owner.st_uid, owner.st_gid)


if __name__ == "__main__":
    make_layers(Path(sys.argv[1]), Path(sys.argv[2]))
