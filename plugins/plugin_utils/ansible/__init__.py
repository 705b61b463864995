# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection's action plugins share: the only part of plugin_utils that knows Ansible."""
