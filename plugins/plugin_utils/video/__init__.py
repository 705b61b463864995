# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of the SUT's screen: where frames come from and where they are recorded."""
