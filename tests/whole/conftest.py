# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual bench of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .bench_run import VirtualBench


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualBench]:
    """A bench that is up, and goes down after the last test."""
    bench = VirtualBench("whole", tmp_path_factory.mktemp("whole"))
    bench.up()
    yield bench
    bench.down()
