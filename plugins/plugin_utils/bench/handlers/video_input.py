# SPDX-License-Identifier: GPL-3.0-or-later
"""video_input.ensure and video_input.info: EDID and DV timings of the KVM's HDMI input, and the stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config_reader import Reader
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.session import Session
from ansible_collections.hwlab.sut.plugins.plugin_utils.edid.own import make_edid
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError

Progress = Callable[[str], None]


async def ensure(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """Show the SUT a display with this EDID; take over the timings it sends, if it sends any; stream."""
    edid = params.optional_text("edid_hex")
    if size := params.resolution("resolution"):
        # An EDID of our own, without a CTA block: the SUT sends full-range RGB and has no other mode to
        # choose.
        edid = make_edid(size[0], size[1]).hex
    claim, stream = params.flag("claim_units", True), params.flag("stream", True)
    params.done()
    kvm = session.kvm()
    changed = False
    if claim:
        units = (await session.agent("units.claim", {"stop": list(kvm.units_aside)}, 60)).get("units", {})
        changed = any(unit.get("stopped") for unit in units.values())
    before = (await session.agent("edid.get", {"device": kvm.video_device})).get("hex", "")
    if edid is not None:
        _check_hex(edid)
        answer = await session.agent("edid.set", {"hex": edid, "device": kvm.video_device})
        changed = changed or bool(answer.get("changed"))
    info = await session.agent("video.info", {"device": kvm.video_device})
    if info.get("signal"):
        info = await session.agent("timings.set", {"device": kvm.video_device})
    if stream:
        await session.video.start()
    return {"changed": changed, "edid_before": before, **info, "video": session.video.state}


async def info(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """What the input sees now."""
    params.done()
    answer = await session.agent("video.info", {"device": session.kvm().video_device})
    return {**answer, "video": session.video.state}


def _check_hex(edid: str) -> None:
    try:
        length = len(bytes.fromhex("".join(edid.split())))
    except ValueError as error:
        raise ConfigurationError(f"video_input: edid_hex is not hexadecimal: {error}") from error
    if length % 128:
        raise ConfigurationError(
            f"video_input: edid_hex has {length} bytes, an EDID has blocks of 128 (VESA E-EDID, section 2.2)"
        )
