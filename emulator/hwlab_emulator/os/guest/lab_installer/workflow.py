# SPDX-License-Identifier: GPL-3.0-or-later
"""The installation, step by step, in the worker thread."""

from __future__ import annotations

import hashlib
import subprocess
import threading
import time
from pathlib import Path

from lab_installer import bootloader, remote, state, storage, target
from lab_installer.boot_options import BootOptions
from lab_installer.journal import InstallError, Journal
from lab_installer.plan import Plan
from lab_installer.processes import ROOT
from lab_installer.scripts import run_script
from lab_installer.state import SharedState

MEDIUM = Path("/run/install/medium")
#: How far the progress bar is when a step begins; unpacking moves it on from 0.1 to 0.75.
STEPS = {"storage": 0.02, "unpack": 0.1, "configure": 0.75, "bootloader": 0.8, "post": 0.93, "finish": 0.98}


class Workflow:
    """Installs; all that goes wrong ends on the error screen and on the serial line, and stops there."""

    def __init__(self, options: BootOptions, journal: Journal, shared: SharedState) -> None:
        self.options, self.journal, self.shared = options, journal, shared
        self.by_clicks: Plan | None = None
        self.begin = threading.Event()

    def run(self) -> None:
        try:
            self._run()
        except InstallError as error:
            self._fail(str(error))
        except Exception as error:
            self._fail(f"the installer has a defect: {type(error).__name__}: {error}")

    def _fail(self, text: str) -> None:
        self.journal.say(f"error: {text}")
        self.shared.update(screen=state.ERROR, error=text)
        with Path("/dev/ttyS0").open("r+b", buffering=0) as serial:
            subprocess.Popen(["setsid", "-c", "sh"], stdin=serial, stdout=serial, stderr=serial)

    def _step(self, name: str, text: str) -> None:
        self.journal.say(text)
        self.shared.update(screen=state.PROGRESS, activity=text, progress=STEPS[name])

    def _loading(self, text: str) -> None:
        self.journal.say(text)
        self.shared.update(activity=text)

    def _run(self) -> None:
        for word in self.options.unknown:
            self.journal.say(f"warning: the boot option {word} is not known and has no effect")
        if self.options.rescue:
            raise InstallError(
                "inst.rescue: this stand-in has no rescue mode; use the shell on the serial line"
            )
        if self.options.check_medium:
            self._check_medium()
        threading.Thread(target=self._read_ahead, daemon=True).start()
        self._loading("Waiting for the network")
        plan = self._plan()
        for script in plan.pre:
            self._loading("Running %pre")
            run_script(script, "%pre", self.journal)
        self._install(plan)

    def _plan(self) -> Plan:
        url = self.options.kickstart
        # Loaded here and not above: it takes seconds, during which the network comes up and the screen shows.
        from lab_installer.kickstart import read_kickstart

        if url is None:
            return self._plan_by_clicks()
        if not url.startswith("file:"):
            self.shared.update(address=remote.wait_for_address())
        self._loading(f"Fetching the kickstart {url}")
        text = remote.fetch(url, self.journal.say)
        Path("/run/install/ks.cfg").write_text(text)
        self.journal.say(f"kickstart fetched, {len(text.splitlines())} lines")
        plan = read_kickstart(text, follow_includes=False)
        self._sshd(plan)
        if "%include" in text:
            scripts, plan.pre = plan.pre, []
            for script in scripts:
                self._loading("Running %pre")
                run_script(script, "%pre", self.journal)
            plan = read_kickstart(text, follow_includes=True)
            plan.pre = []
        if plan.noted:
            self.journal.say(f"kickstart: without effect here: {', '.join(plan.noted)}")
        if plan.packages:
            self.journal.say(f"kickstart: packages noted, the system is fixed: {' '.join(plan.packages)}")
        return plan

    def _plan_by_clicks(self) -> Plan:
        if self.options.sshd:
            self.journal.say(
                "warning: inst.sshd without a kickstart: nobody has a password or key to log in with"
            )
        self.journal.say("no inst.ks on the kernel command line: waiting for clicks on the hub")
        self.shared.update(screen=state.HUB)
        self.begin.wait()
        assert self.by_clicks is not None
        return self.by_clicks

    def _sshd(self, plan: Plan) -> None:
        if not self.options.sshd:
            return
        remote.start_sshd(plan.installer_accounts)
        self.shared.update(ssh=True)
        self.journal.say(f"sshd listens on {remote.wait_for_address()} port 22, host key {remote.host_key()}")

    def _check_medium(self) -> None:
        self._loading("Checking the medium")
        for line in (MEDIUM / "lab/checksums").read_text().splitlines():
            wanted, name = line.split()
            with (MEDIUM / "lab" / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != wanted:
                raise InstallError(f"the medium is damaged: {name} has the checksum {found}, not {wanted}")
        self.journal.say("medium is good")

    def _read_ahead(self) -> None:
        """Read the system into memory while the network and the kickstart are waited for: USB is the slow
        part.
        """
        subprocess.run(["cat", str(MEDIUM / "lab/system.squashfs")], stdout=subprocess.DEVNULL, check=False)
        self.journal.say("system read into memory")

    def _install(self, plan: Plan) -> None:
        while not Path("/run/install/modules-loaded").exists():
            time.sleep(0.1)
        self._step("storage", "Creating partitions and file systems")
        made = storage.make_partitions(plan)
        for item in made:
            part = item.partition
            self.journal.say(
                f"made {item.device}: {part.filesystem} for {part.mountpoint or 'swap'}, UUID {item.uuid}"
            )
        storage.mount_all(made)
        self._step("unpack", "Unpacking the system")
        start, width = STEPS["unpack"], STEPS["configure"] - STEPS["unpack"]
        target.unpack(lambda part: self.shared.update(progress=start + width * part))
        self._step("configure", "Configuring the system")
        target.configure(plan, storage.fstab(made), remote.mac_address())
        target.bind_system()
        target.add_accounts(plan)
        self._step("bootloader", "Installing the boot loader")
        bootloader.install_kernel()
        if plan.bootloader:
            bootloader.install_grub()
            bootloader.make_menu(plan, made, self.options.consoles)
        else:
            self.journal.say("warning: no boot loader installed, as the kickstart says")
        for script in plan.post:
            self._step("post", "Running post-installation scripts")
            run_script(script, "%post", self.journal)
        self._step("finish", "Writing everything to disk")
        subprocess.run(["umount", "-R", "-l", *(f"{ROOT}/{name}" for name in target.BOUND)], check=False)
        subprocess.run(["sync"], check=False)
        self.journal.say("installation complete")
        self.shared.update(screen=state.DONE, finish=plan.finish)
