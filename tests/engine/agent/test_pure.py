# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import struct
from pathlib import Path

import pytest

from ansible_collections.hwlab.sut.plugins.module_utils.agent import edid, kickstart, nginx, v4l2
from ansible_collections.hwlab.sut.plugins.module_utils.agent.dispatch import METHODS, find
from ansible_collections.hwlab.sut.plugins.module_utils.agent.errors import AgentError
from ansible_collections.hwlab.sut.plugins.module_utils.agent.host import Host
from ansible_collections.hwlab.sut.plugins.module_utils.agent.journal import Journal
from ansible_collections.hwlab.sut.plugins.module_utils.agent.params import Params
from ansible_collections.hwlab.sut.plugins.module_utils.agent.readonly import mount_of

OLD_NGINX_CONF = """\
worker_processes 4;
events { worker_connections 1024; }
# http { in a comment
http {
    types { text/html html; }  # a } here
    server { listen 80; location / { return 200 "}"; } }
}
"""


def test_params_name_what_is_wrong() -> None:
    with pytest.raises(AgentError, match="params lacks 'path'"):
        Params({}).text("path")
    with pytest.raises(AgentError, match=r"params.lun is '99', not a whole number from 0 to 15"):
        Params({"lun": 99}).integer("lun", 0, 0, 15)
    with pytest.raises(AgentError, match="not a whole number"):
        Params({"lun": True}).integer("lun", 0, 0, 15)
    params = Params({"pth": "x"})
    params.text("path", "")
    with pytest.raises(AgentError, match="unknown name 'pth'; did you mean 'path'"):
        params.done()


def test_every_method_is_described_for_those_who_call_it() -> None:
    from ansible_collections.hwlab.sut.plugins.module_utils import agent

    described = {line.split(" ", 1)[0] for line in (agent.__doc__ or "").splitlines()}
    assert set(METHODS) <= described
    with pytest.raises(AgentError, match=r"no method 'gadget.pu'; the nearest are gadget.up"):
        find("gadget.pu")


def test_the_journal_keeps_the_first_state_and_outlives_its_process(tmp_path: Path) -> None:
    path = tmp_path / "journal.json"
    journal = Journal(path)
    journal.record_once("edid", {"hex": "first"})
    journal.record_once("edid", {"hex": "second"})
    assert Journal(path).get("edid") == {"hex": "first"}
    assert path.stat().st_mode & 0o777 == 0o600
    journal.drop("edid")
    assert not path.exists()


def test_timings_of_1024x768_by_the_kernel_s_structure() -> None:
    # DMT 0x10, as include/uapi/linux/v4l2-dv-timings.h has it: V4L2_DV_BT_DMT_1024X768P60.
    data = struct.pack("=IIIIIQIIIIII", 0, 1024, 768, 0, 0, 65000000, 24, 136, 160, 3, 6, 29).ljust(
        v4l2.TIMINGS_SIZE, b"\0"
    )
    assert v4l2.parse_timings(data) == {
        "signal": True,
        "width": 1024,
        "height": 768,
        "fps": 60.004,
        "pixelclock": 65000000,
    }
    assert v4l2.VIDIOC_QUERY_DV_TIMINGS == 0x80845663


def block(*parts: bytes) -> bytes:
    data = b"".join(parts).ljust(127, b"\0")
    return data + bytes([-sum(data) & 0xFF])


def with_address(address: bytes) -> bytes:
    base = block(edid.HEADER, bytes(118), b"\x01")
    return base + block(b"\x02\x03\x0a\x00", b"\x65\x03\x0c\x00", address)


def test_an_edid_is_checked_before_it_is_set() -> None:
    good = with_address(b"\x10\x00")
    assert edid.parse(good.hex(" ", 16)) == good
    bad = bytearray(good)
    bad[255] ^= 1
    with pytest.raises(AgentError, match="block 1 of the EDID has checksum"):
        edid.check(bytes(bad))
    with pytest.raises(AgentError, match="announces 1 extension blocks and has 0"):
        edid.check(good[:128])
    with pytest.raises(AgentError, match="blocks of 128 bytes"):
        edid.check(good[:200])


def test_edids_that_differ_in_the_cec_address_are_the_same() -> None:
    assert edid.same(with_address(b"\x10\x00"), with_address(b"\0\0"))
    other = bytearray(with_address(b"\0\0"))
    other[20] ^= 1
    assert not edid.same(bytes(other), with_address(b"\0\0"))


def test_the_include_goes_into_http_and_comes_out_without_a_trace() -> None:
    text = nginx.with_include(OLD_NGINX_CONF, "/run/x*.conf", True)
    assert text.endswith("include /run/x*.conf;\n# hwlab end\n}\n")
    assert nginx.with_include(text, "/run/x*.conf", True) == text
    assert nginx.without_include(text) == OLD_NGINX_CONF
    with pytest.raises(AgentError, match="no http"):
        nginx.with_include("events { }\n", "/x", True)


@pytest.mark.parametrize(
    ("files", "hook"),
    [
        ({"nginx.conf": OLD_NGINX_CONF}, "nginx.conf"),
        ({"nginx.conf.mako": "http {\ninclude /etc/kvmd/nginx/kvmd.ctx-http.conf;\n}\n",
        "kvmd.ctx-http.conf": ""},
         "kvmd.ctx-http.conf"),
        ({"nginx.conf.mako": "http { include /usr/share/kvmd/extras/*/nginx.ctx-http.conf; }"},
         "nginx.ctx-http.conf"),
    ],
)  # fmt: skip
def test_each_layout_of_kvmd_nginx_is_found(tmp_path: Path, files: dict[str, str], hook: str) -> None:
    folder = tmp_path / "etc/kvmd/nginx"
    folder.mkdir(parents=True)
    (tmp_path / "usr/share/kvmd/extras").mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    assert nginx.find_hook(Host(tmp_path)).path.name == hook


def test_who_may_fetch_the_kickstart_must_be_addresses() -> None:
    kickstart.check_allow(["10.77.0.20", "192.168.1.0/24", "fe80::1"])
    for wrong in (["sut"], [], ["10.0.0.1; }"]):
        with pytest.raises(AgentError, match="params.allow"):
            kickstart.check_allow(wrong)


def test_the_mount_that_holds_a_path(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/a / ext4 ro,noatime 0 0\n/dev/b /var/lib/kvmd/msd ext4 rw,nosuid 0 0\n")
    assert mount_of(Path("/usr/share/kvmd"), mounts) == ("/", True)
    assert mount_of(Path("/var/lib/kvmd/msd/x.iso"), mounts) == ("/var/lib/kvmd/msd", False)
