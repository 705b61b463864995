# SPDX-License-Identifier: GPL-3.0-or-later
"""Power of a SUT: buttons, power LED and mains behind small protocols, a verdict that joins what the probes
see, and a controller that brings the SUT to a wanted state and never toggles blindly."""
