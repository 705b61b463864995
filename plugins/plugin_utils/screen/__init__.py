# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the SUT's screen: needles, matching, change detection.

Only this package and `video` import OpenCV; load them in the bench's session, not in Ansible's forks.
"""
