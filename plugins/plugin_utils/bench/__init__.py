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
    session.info {} -> {bench, pid, owner, keep, run_folder, started, uptime, steps, kvm: {...}, video: {...},
        consoles: {NAME: {state, log, bytes}}}
    finish {outcome?: "passed"|"failed", message?} -> {run_folder, given_back: bool, note, restored: {...}};
        the daemon ends right after its answer
    evidence.add {name, text|path, about?} -> {path}          a further file for the run's folder

    power.ensure {state, ...} / power.info {...}              power.steps.ensure / power.steps.info, see there
    flash.write {...} / flash.info {...}                      flash.steps.write / flash.steps.info, see there

    video_input.ensure {edid_hex?, resolution?: [w, h], stream=true} -> {changed, edid_changed, edid_before,
        signal, width, height, video: {...}}                  gives the SUT an EDID and starts the stream
    video_input.info {} -> {signal, width, height, ...}       as the agent's video.info
    usb_gadget.ensure {state="present"|"absent", storage=[{name|path, cdrom=true, ro=true}],
        resolution?: [w, h], manufacturer?, product?} -> {changed, ...agent's answer}

    media.ensure {image, name?, sha256?, state="present"|"absent"} -> {changed, name, path, size, sha256,
        uploaded}                                             path: on the KVM
    media.insert {name|path, lun=0, cdrom=true, ro=true} -> {changed, ...}
    media.eject {lun=0} -> {changed, ...}
    media.list {} -> {images: [...]}

    screen.wait {tags: [..] | tag, needles, timeout=30, click=false, button="left", stable=0, forbid?: [..]}
        -> {matched: true, needle, tags, similarity, areas: [{similarity, x, y, w, h}], click_point, waited,
        frames, screenshot}
        fails as a test error with {tags, candidates: [{needle, similarity, areas}], picture} in its evidence
    screen.check, same params -> {matched: bool, ...}         does not fail
    screen.still {seconds=2, timeout=30, similarity=47} -> {waited, screenshot}
        waits until the picture has not changed for `seconds`
    screen.shot {name?} -> {screenshot, width, height, age}

    keyboard {keys?: [..], text?, enter=false, cps?, layout?, hold_s?, gap_s?, secret=false}
        -> {keys, characters}                                 chords as in ctrl-alt-f2; text, then enter
    mouse {x?, y?, click?: "left"|"middle"|"right", double=false, buttons?} -> {x, y}

    console.open {console?} -> {consoles: {...}}              waits until they are connected; all are opened
                                                              at the start of the session by themselves
    console.mark {console?} -> {mark}                         a position to give as `since`
    console.wait {pattern, console?, timeout=60, since="last", fail_on?: [patterns]}
        -> {matched, groups, named, console, mark, waited}    since: a mark, "start", "now" or "last" (where
        the
                                                              last wait ended)
    console.send {text, console?, enter=true, delay=0, secret=false} -> {sent}
    console.read {console?, since?, limit=65536} -> {text, mark}
        console: a name of connection_list; default the one tagged `primary`

    kickstart.serve {content, port=6789, allow?: [addresses]} -> {changed, url, url_path, port}
    kickstart.stop {} -> {changed}

    agent {method, params} -> the KVM agent's answer          for what has no step of its own yet

Power and flash are synchronous functions `(context: StepContext, params: dict) -> dict` in power/steps.py and
flash/steps.py, run in a thread; see context.py for what they are given.

The run's folder (evidence.py): run.json, steps.jsonl, timings.json, screens/NNN-SLUG.png, serial/NAME.log
(each line with its time of arrival), serial/NAME.raw, failure.png; beside it the link `latest`.
"""
