# SPDX-License-Identifier: GPL-3.0-or-later
"""The session's methods, one concept per file; the table is in dispatch.py.

A handler is `async (session, params, progress) -> result`: it takes every parameter out of `params`, calls
`params.done()`, and only then touches the bench.
"""
