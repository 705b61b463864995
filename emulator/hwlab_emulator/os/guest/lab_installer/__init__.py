# SPDX-License-Identifier: GPL-3.0-or-later
"""The installer of Lab OS: a stand-in for installers of Anaconda's kind.

Runs on the medium's own system with the standard library, pykickstart and Pillow. A worker thread
installs, the
main thread draws and listens to keyboard and pointer.
"""
