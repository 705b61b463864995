#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Takes the arguments of ssh and runs the command here, with the KVM's folders below $KVM_ROOT.
# $KVM_ROOT/down makes it fail as ssh does when a host does not answer.
if [ -e "$KVM_ROOT/down" ]; then
    echo "ssh: connect to host kvm port 22: Connection timed out" >&2
    exit 255
fi
forward=
while [ $# -gt 0 ]; do
    case $1 in
        -o | -i | -p | -l) shift 2 ;;
        -W) forward=$2; shift 2 ;;
        -O) exit 0 ;;
        -T) shift ;;
        *) break ;;
    esac
done
[ -n "$forward" ] && exec socat - "TCP:$forward"
shift
exec sh -c "$(printf '%s' "$*" | sed "s#/run/hwlab#$KVM_ROOT/run#g; s#/proc/sys/kernel/random/boot_id#$KVM_ROOT/boot_id#")"
