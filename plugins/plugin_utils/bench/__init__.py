# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench session: one process that owns a bench's agent, video, input and consoles for one run.

Starting and finding (client.py)
    start_session(config, owner_pid=PID) -> SessionClient    starts the daemon, returns when it is ready
    find_session(bench) -> SessionClient | None              the running session of that bench, of this user
    client.call(method, params, step="task name", on_progress=print) -> dict
Errors arrive as the classes of errors.py. `config` is the JSON form of config.BenchConfig.

On the wire: JSON lines over a Unix socket in a 0700 folder. Request {"id", "method", "params", "step"},
then any number of {"id", "progress": text}, then {"id", "result": {}} or {"id", "error": {kind, message,
evidence}}. Paths in params are absolute paths of the controller. Times are seconds, positions are pixels of
the picture, counted from its upper left corner.

Methods (? marks an optional parameter, = its default)
    session.info {} -> {bench, pid, owner, keep, run_folder, uptime, steps, kvm, video, consoles}
    session.check {} -> {consoles, gadget}
        fails unless the consoles are connected and the gadget is up: for the moment before power on
    finish {outcome?: "passed"|"failed"|"aborted", message?} -> {run_folder, outcome, given_back: bool, note,
        restored, seconds}; the daemon ends right after its answer
    evidence.add {name, text|path, about?} -> {path}
        a further file for the run's folder

    power.ensure, power.info, flash.write, flash.info: see power/steps.py and flash/steps.py

    video_input.ensure {edid_hex?, stream=true, claim_units=true} -> {changed, edid_before, signal, width,
        height, ..., video: {state, reason, age, width, height}}
        puts units aside, sets the EDID, takes over the timings if there is a signal, starts the stream
    video_input.info {} -> {signal, width, height, ..., video}
    usb_gadget.ensure {state="present"|"absent", storage=[{name|path, cdrom=false, ro=true}],
        resolution?: [w, h], manufacturer?, product?, luns?, wait=0, claim_units=true}
        -> {changed, udc, state, luns}
    usb_gadget.info {} -> the agent's gadget.info

    media.ensure {image, name?, sha256?, state="present"|"absent"}
        -> {changed, uploaded, name, path (on the KVM), size, sha256, seconds}
    media.insert {name|path, lun=0, cdrom=false, ro=true} -> {changed, luns, ...}
    media.eject {lun=0} -> {changed, luns, ...}
    media.list {} -> {folder, free, images: [...]}

    screen.wait {tags: text or list | tag | needle, needles?: folder, timeout=30, click=false,
        click_point?: id, button="left", stable=0, forbid?: tags}
        -> {matched: true, needle, tags, similarity, areas, click_point, candidates, waited, frames,
        frame_age, clicked?, screenshot}
        needles defaults to the session's; fails as a test error with {tags, candidates, picture} in its
        evidence, as an infrastructure error when there was no picture
    screen.check, same params -> {matched: bool, ..., closest}; does not fail
    screen.still {seconds=2, timeout=30, similarity=47 (dB)} -> {waited, screenshot}
    screen.shot {name?} -> {path, width, height, age}
    screen.needles {needles?, tags?} -> {count, missing: [tags]}
        reads and checks a folder of needles

    keyboard {keys?: [..], text?, enter=false, cps=25, layout="us", hold_s?, gap_s?, secret=false}
        -> {keys, characters}; chords as in ctrl-alt-f2
    mouse {x?, y?, click?: "left"|"middle"|"right", double=false, buttons?} -> {x, y}

    console.open {console?, timeout=30} -> {consoles}
        waits until they are connected; all are opened at the start of the session by themselves
    console.mark {console?} -> {mark}
    console.wait {pattern, console?, timeout=60, since="last", fail_on?: [patterns]}
        -> {matched, groups, named, console, mark, waited, log}
        since: a mark, "start", "now" or "last" (where the last wait ended)
    console.send {text, console?, enter=true, delay=0, secret=false} -> {sent}
    console.read {console?, since="start", limit=65536} -> {text, mark}
        console: a name of connection_list; default the one tagged `primary`

    kickstart.serve {content, port=6789, allow?: [addresses], name="ks.cfg"} -> {changed, url, url_path, port}
    kickstart.stop {} -> {changed}

    agent {method, params, timeout=60} -> the KVM agent's answer, for what has no step of its own

Power and flash are synchronous functions `(context: StepContext, params: dict) -> dict` in power/steps.py and
flash/steps.py, run in a thread; see context.py for what they are given.

The run's folder (evidence.py): run.json, steps.jsonl, timings.json, screens/NNN-SLUG.png, serial/NAME.log
(each line with its time of arrival), serial/NAME.raw, failure.png; beside it the link `latest`.
"""
