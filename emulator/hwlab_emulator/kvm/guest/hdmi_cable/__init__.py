# SPDX-License-Identifier: GPL-3.0-or-later
"""The KVM's end of the HDMI cable."""
