# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that can be known to be wrong before a bench moves, found at once and told together."""
