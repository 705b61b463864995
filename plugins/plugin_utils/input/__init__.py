# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side of typing: what is asked for is checked before anything on the bench moves."""

from __future__ import annotations
