# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import InfrastructureError
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.verdict import Probe, judge, probe


def see(mains: bool | None = None, led: bool | None = None, video: bool | None = None) -> list[Probe]:
    return [Probe("mains", "mains", mains), Probe("led", "LED", led), Probe("video", "HDMI", video)]


@pytest.mark.parametrize(
    ("probes", "state"),
    [
        (see(True, True, True), "on"),
        (see(True, True, False), "on"),
        (see(True, False, False), "off"),
        (see(False, False, False), "off"),
        (see(False, None, None), "off"),
        (see(None, None, True), "on"),
        (see(None, True, None), "on"),
        (see(True, None, False), "unknown"),
        (see(True, None, None), "unknown"),
        (see(None, None, None), "unknown"),
        # contradictions
        (see(False, True, None), "unknown"),
        (see(False, False, True), "unknown"),
        (see(True, False, True), "unknown"),
    ],
)
def test_verdicts(probes: list[Probe], state: str) -> None:
    assert judge(probes).state == state


def test_no_signal_means_off_only_where_declared_and_without_led() -> None:
    assert judge(see(True, None, False), no_signal_means_off=True).state == "off"
    assert judge(see(True, True, False), no_signal_means_off=True).state == "on"
    assert judge(see(True, None, None), no_signal_means_off=True).state == "unknown"


def test_two_leds_that_disagree_are_shown() -> None:
    verdict = judge([Probe("led", "flasher", True), Probe("led", "KVM", False)])
    assert verdict.state == "unknown"
    assert "flasher lit, KVM dark" in str(verdict)
    assert "disagree" in str(verdict)


def test_a_probe_that_does_not_answer_cannot_tell_and_says_why() -> None:
    def broken() -> bool:
        raise InfrastructureError("rte1 does not answer")

    assert str(probe("led", "LED", broken)) == "LED cannot tell (rte1 does not answer)"
