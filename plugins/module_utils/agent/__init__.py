# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent: one process on the KVM that holds a bench's lock and moves what is wired to the KVM.

It travels as one file, /run/hwlab/agent.pyz, and needs Python 3.9 or newer and nothing else. Entry points::

    python3 /run/hwlab/agent.pyz start --holder TEXT --lease SECONDS   one line on stdin: {"token": "..."}
    python3 /run/hwlab/agent.pyz attach                                first line on stdin: {"token": "..."}
    python3 /run/hwlab/agent.pyz status
    python3 /run/hwlab/agent.pyz give-back
    python3 /run/hwlab/agent.pyz gadget [--storage PATH]...            (see the gadget package)

A token is 16 to 128 printable characters that the controller made up. It is read from stdin and never put
into an argv, a log or a file (the lock file holds its SHA-256).

start
    Starts the transient systemd unit ``hwlab-bench``, which is the lock, and prints one JSON object:
    ``{"started": true, "socket": path, "given_back": [text, ...]}`` (given_back: what a former holder that
    was killed had left behind), or, when this very token holds the bench already,
    ``{"started": false, "yours": true, "socket": path}``; exit code 0 for both.
    Exit code 3: somebody else holds it: ``{"error": text, "holder": text, "since": ISO time, "boot_id": id,
    "lease": seconds, "lease_left": seconds or null}``. Exit code 1: ``{"error": text}``.
attach
    Copies stdin to the agent's socket and the socket to stdout. First line out:
    ``{"event": "attached", "holder": text, "boot_id": id, "lease": seconds}``, or ``{"error": text}`` and
    exit code 4 (no agent runs) or 5 (the token is not the holder's). Several may be attached at once. When an
    attached client goes, all keys and buttons are released.
status
    ``{"held": bool, "holder", "since", "boot_id", "lease", "lease_left", "leftovers": [text, ...]}``; needs
    no token.

Requests are JSON lines: ``{"id": n, "method": name, "params": {...}}`` -> ``{"id": n, "result": {...}}`` or
``{"id": n, "error": sentence}`` (a malformed line is answered with id null). Requests of the methods input.*
run one after another, the others likewise among themselves; ``renew`` and ``status`` are answered at once.
Unknown parameters are errors. Every line received counts as a renewal of the lease.

Events go to every attached client::

    {"event": "leds", "num_lock": bool, "caps_lock": bool, "scroll_lock": bool}
    {"event": "gadget", "udc": name, "state": "configured" | "not attached" | ...}     the UDC's state file
    {"event": "video", ...as video.info...}     while video runs, when it changes
    {"event": "video", "stopped": sentence}     ustreamer ended by itself

Methods, params -> result; ``=`` gives a default, "device"= is "/dev/kvmd-video":

renew {} -> {"lease_left": seconds}
status {} -> {"holder", "since", "boot_id", "lease", "lease_left", "uptime": seconds,
    "taken": [kinds in the journal], "units": {name: former state},
    "gadget": {"up": bool, "udc", "state"}, "video": {"port": n or null}}
release {} -> {"given_back": [text], "failed": [text]}; then the agent ends.

units.claim {"stop": [names]}
    -> {"units": {name: {"former": "active" | "inactive" | "absent", "enabled": text, "stopped": bool}}}
    The former state is recorded once; stopped says whether this call stopped it.

edid.set {"hex": blocks of 128 bytes, white space ignored, "" clears; "device"=}
    -> {"changed": bool, "hex": what was set}
edid.get {"device"=} -> {"hex": text}
timings.set {"device"=} -> as video.info    Takes over the timings that the input sees.
video.info {"device"=} -> {"signal": true, "width", "height", "fps", "pixelclock": Hz}
    or {"signal": false, "why": text}
video.start {"device"=, "format"="uyvy" | "rgb24" | ..., "fps"=30, "quality"=80, "encoder"="cpu", "workers"=2}
    -> {"port": n, "pid": n}
    ustreamer on the KVM's 127.0.0.1: MJPEG at /stream, JPEG at /snapshot, JSON at /state.
video.stop {} -> {"stopped": bool}

gadget.up {"storage"=[{"path", "cdrom"=false, "ro"=true}], "luns"=1 (at least so many, empty ones too),
    "resolution"=[1024, 768], "manufacturer"="hwlab", "product"="Test USB Gadget",
    "wait"=0 (seconds for the host to enumerate)}
    -> {"changed": bool, "udc", "state", "cleaned": [gadgets found and removed], "luns": LUNS}
    LUNS is [{"lun", "path" ("" when empty), "cdrom", "ro"}].
gadget.down {} -> {"changed": bool}
gadget.info {} -> {"up": bool, "udc", "state", "luns": LUNS, "found": [all gadgets in configfs]}
media.insert {"lun"=0, "path", "cdrom"=false, "ro"=true}
    -> {"changed": bool, "reenumerated": bool, "luns": LUNS}
media.eject {"lun"=0} -> {"changed": bool, "forced": bool, "luns": LUNS}

input.lines {"lines": [text]} -> {"lines": n}
    gadget-control's line protocol; all lines are parsed before the first is sent.
input.type {"text", "cps"=25 (0: as fast as the host polls), "layout"="us"}
    -> {"characters": n, "seconds": s}
input.keys {"keys": [name], "hold_s"=0.02, "gap_s"=0.02, "layout"="us"} -> {"keys": n}
input.press {"keys": [name]} -> {"held": [names]}
    Held until input.release, or until the client goes.
input.release {} -> {}
input.mouse {"x"=, "y"= (pixels of the resolution), "buttons"= (mask: 1 left, 2 right, 4 middle), "wheel"=0}
    -> {}    What is not given stays as it is.
leds {} -> {"num_lock": bool, "caps_lock": bool, "scroll_lock": bool}    After what is being typed.

kickstart.serve {"content": text, "allow": [addresses or networks], "port"=6789, "name"="ks.cfg"}
    -> {"url_path": "/ks.cfg", "port": n, "via": file that nginx reads it by, "warnings": [text]}
kickstart.stop {} -> {"changed": bool, "warnings": [text]}
atx.press {"button": "power" | "reset", "seconds"=0.1} -> {}
atx.leds {} -> {"power": bool, "hdd": bool, "enabled": bool, "busy": bool}

store.list {} -> {"folder", "free": bytes,
    "images": [{"name", "path", "size": bytes, "complete": bool, "sha256": text or null}]}
store.put_begin {"name", "size": bytes} -> {"path": file to write with cat, "final": path afterwards}
store.put_end {"name", "sha256"= (compared when given), "keep"=true (false: throw the upload away)}
    -> {"path", "size", "sha256"}
store.remove {"name"} -> {"changed": bool, "warnings": [text]}

When no line arrives within the lease, when the unit is stopped, and when the agent is killed (ExecStopPost
of the unit),
everything is given back: keys released, gadget removed, ustreamer stopped, former EDID, kickstart gone and
nginx as before, unfinished uploads removed, units in their recorded state.
"""

from __future__ import annotations
