# SPDX-License-Identifier: GPL-3.0-or-later
"""A medium that installs Lab OS: a stand-in, made of Debian packages, for installers of Anaconda's kind.

It takes the kernel arguments, the kickstart and the clicks that such an installer takes and really installs a
system; it says on its screens what it is.
"""

from __future__ import annotations

import hashlib
import shlex
import sys
from pathlib import Path

from hwlab_emulator import initrd, kernel
from hwlab_emulator.cache import built
from hwlab_emulator.os.medium import make_medium
from hwlab_emulator.os.system import PACKAGES, kernel_package
from hwlab_emulator.rootfs import make_tree, sources, suite

IMAGE = "installer.iso"
CHECKSUM = "installer.iso.sha256"


def _build(folder: Path) -> None:
    program = shlex.join([sys.executable, "-m", "hwlab_emulator.os.layers"])
    packages = shlex.quote(str(Path(__file__).parents[2]))
    hook = f'PYTHONPATH={packages} {program} "$1" {shlex.quote(str(folder))}'
    make_tree(None, [*PACKAGES, kernel_package()], [hook])
    make_medium(folder, folder / IMAGE, folder)
    digest = hashlib.sha256((folder / IMAGE).read_bytes()).hexdigest()
    (folder / CHECKSUM).write_text(f"{digest}  {IMAGE}\n")
    for path in folder.iterdir():
        if path.name not in (IMAGE, CHECKSUM):
            path.unlink()


#: All that goes into the medium.
OURS = [
    Path(__file__).parent / name
    for name in ("boot", "guest", "installer.py", "layers.py", "medium.py", "modules.py", "system.py")
]


def installer_image() -> Path:
    """Return the cached folder with installer.iso and installer.iso.sha256 (sha256sum's form); build it if
    needed.

    Building needs root for mmdebstrap (see rootfs.make_tree), the distribution's mirror and pip's index.
    """
    recipe = [*OURS, Path(kernel.__file__), Path(initrd.__file__)]
    return built("installer", [suite(), *sources(), *recipe], _build)
