# SPDX-License-Identifier: GPL-3.0-or-later
"""EDIDs: what the KVM's video input tells the SUT about the display it plays."""
