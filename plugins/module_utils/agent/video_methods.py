# SPDX-License-Identifier: GPL-3.0-or-later
"""Methods for the HDMI input: EDID, timings, stream."""

from __future__ import annotations

from . import edid, v4l2
from .bench import Bench, Result
from .errors import AgentError
from .holders import holders_of
from .params import Params
from .ustreamer import StreamOptions, Ustreamer

DEVICE = "/dev/kvmd-video"


def edid_set(bench: Bench, params: Params) -> Result:
    data = edid.parse(params.text("hex"))
    device = _device(bench, params)
    params.done()
    changed = edid.change(bench.host, bench.journal, device, data)
    return {"changed": changed, "hex": data.hex()}


def edid_get(bench: Bench, params: Params) -> Result:
    device = _device(bench, params)
    params.done()
    return {"hex": edid.read(bench.host, device).hex()}


def timings_set(bench: Bench, params: Params) -> Result:
    device = _device(bench, params)
    params.done()
    seen = v4l2.query_timings(device)
    if seen["signal"]:
        bench.host.run(["v4l2-ctl", "--device", device, "--set-dv-bt-timings", "query"])
    return seen


def info(bench: Bench, params: Params) -> Result:
    device = _device(bench, params)
    params.done()
    return v4l2.query_timings(device)


def start(bench: Bench, params: Params) -> Result:
    device = _device(bench, params)
    options = StreamOptions(
        device=device,
        format=params.text("format", "uyvy").lower(),
        fps=params.integer("fps", 30, 1, 120),
        quality=params.integer("quality", 80, 1, 100),
        encoder=params.text("encoder", "cpu"),
        workers=params.integer("workers", 2, 1, 16),
    )
    params.done()
    if bench.video is not None and bench.video.alive():
        if bench.video.options == options:
            return {"port": bench.video.port, "pid": bench.video.pid}
        bench.video.stop()
    bench.video = None
    path = bench.host.path(device)
    if v4l2.capturing(str(path)):
        busy = [str(holder) for holder in holders_of(path)] or ["someone"]
        raise AgentError(
            f"the capture device {device} on the KVM is held by {', '.join(busy)}: close "
            f"PiKVM's web page, "
            "or put that unit aside (units.claim)"
        )
    video = Ustreamer(options)
    video.wait_ready()
    bench.video = video
    return {"port": video.port, "pid": video.pid}


def stop(bench: Bench, params: Params) -> Result:
    params.done()
    if bench.video is None:
        return {"stopped": False}
    bench.video.stop()
    bench.video = None
    return {"stopped": True}


def _device(bench: Bench, params: Params) -> str:
    device = params.text("device", DEVICE)
    if not bench.host.path(device).exists():
        raise AgentError(f"the KVM has no capture device {device}")
    return device
