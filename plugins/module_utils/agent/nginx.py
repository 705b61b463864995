# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the PiKVM's nginx reads more configuration, and how it is told to read it again.

kvmd-nginx has had three layouts (kvmd's configs/nginx and its history): its http{} includes extras folders
(/usr/share/kvmd/extras/*/nginx.ctx-http.conf) and kvmd.ctx-http.conf; before, all was in nginx.conf; since
3.299 nginx.conf is rendered from nginx.conf.mako when the unit starts.

What is written there is one `include` of a pattern below /run: should the KVM lose its power with it in
place, nothing matches the pattern after the boot and nginx starts as ever.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import NamedTuple

from .errors import AgentError
from .host import Host

UNIT = "kvmd-nginx.service"
ETC = "/etc/kvmd/nginx"
EXTRAS = "/usr/share/kvmd/extras"
EXTRA = f"{EXTRAS}/hwlab"
BEGIN, END = "# hwlab begin", "# hwlab end"


class Hook(NamedTuple):
    """A place for our include: a file of ours (`extra`), or somebody's file that gets marked lines."""

    path: Path
    extra: bool


def find_hook(host: Host) -> Hook:
    """The gentlest place that the installed version reads at http level."""
    mains = [host.path(f"{ETC}/{name}") for name in ("nginx.conf.mako", "nginx.conf")]
    main = next((path for path in mains if path.is_file()), None)
    if main is None:
        raise AgentError(f"the KVM has no {ETC}/nginx.conf.mako or nginx.conf; is kvmd-nginx installed?")
    text = main.read_text()
    if re.search(r"include\s+\S*/extras/\*/nginx\.ctx-http\.conf", text) and host.path(EXTRAS).is_dir():
        return Hook(host.path(f"{EXTRA}/nginx.ctx-http.conf"), True)
    context = host.path(f"{ETC}/kvmd.ctx-http.conf")
    if re.search(r"include\s+\S*kvmd\.ctx-http\.conf", text) and context.is_file():
        return Hook(context, False)
    if main.name == "nginx.conf":
        return Hook(main, False)
    raise AgentError(
        f"{main} on the KVM includes neither extras nor kvmd.ctx-http.conf; no place for the kickstart"
    )


def with_include(text: str, pattern: str, whole_file: bool) -> str:
    """A configuration's text with our marked include; `whole_file`: it goes inside its http{}."""
    lines = f"{BEGIN}\ninclude {pattern};\n{END}\n"
    text = without_include(text)
    if not whole_file:
        return text + ("" if not text or text.endswith("\n") else "\n") + lines
    end = _end_of_http(text)
    return text[:end] + lines + text[end:]


def without_include(text: str) -> str:
    """A configuration's text as it was before with_include()."""
    return re.sub(rf"^{BEGIN}\n.*?^{END}\n", "", text, flags=re.MULTILINE | re.DOTALL)


def _end_of_http(text: str) -> int:
    """Index of the brace that closes http{}; braces in comments and quotes do not count."""
    depth = 0
    inside = False
    for match in re.finditer(r"#[^\n]*|\"[^\"]*\"|'[^']*'|\bhttp\s*\{|[{}]", text):
        token = match[0]
        if token.startswith("http"):
            inside, depth = True, 1
        elif inside and token == "{":
            depth += 1
        elif inside and token == "}":
            depth -= 1
            if not depth:
                return match.start()
    raise AgentError("the KVM's nginx.conf has no http { } block")


class Nginx:
    """The running kvmd-nginx."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def command(self) -> list[str]:
        """The unit's own command line, which says where the rendered configuration is."""
        # `systemctl show` joins the words without quotes, so the unit's text is read instead.
        done = self._host.run(["systemctl", "cat", "--", UNIT], check=False)
        lines = re.findall(r"^ExecStart=[@:+!-]*(\S.*)$", done.stdout.replace("\\\n", " "), re.MULTILINE)
        if done.returncode or not lines:
            raise AgentError(f"the KVM has no unit {UNIT}")
        return shlex.split(lines[-1])

    def user(self) -> str:
        """Who its workers run as; empty when the configuration does not say."""
        command = self.command()
        texts = [" ".join(command)]
        for index, word in enumerate(command[:-1]):
            if word == "-c" and Path(command[index + 1]).is_file():
                texts.append(Path(command[index + 1]).read_text())
        for text in texts:
            found = re.search(r"(?:^|[;'\"\s])user\s+([\w.-]+)", text, re.MULTILINE)
            if found:
                return found[1]
        return ""

    def test(self) -> None:
        """AgentError with nginx's words when the configuration on disk is not valid."""
        done = self._host.run([*self.command(), "-t"], check=False)
        if done.returncode:
            raise AgentError(
                f"nginx on the KVM refuses the configuration: {' '.join(done.stderr.split())[-400:]}"
            )

    def reload(self) -> None:
        """Read the configuration again, without dropping anybody's connection where the unit can."""
        facts = self._host.run(["systemctl", "show", "--property=CanReload,ActiveState", "--", UNIT]).stdout
        if "ActiveState=active" not in facts:
            raise AgentError(f"{UNIT} is not running on the KVM; start it, it serves the kickstart")
        verb = "reload" if "CanReload=yes" in facts else "restart"
        self._host.run(["systemctl", verb, "--", UNIT])
