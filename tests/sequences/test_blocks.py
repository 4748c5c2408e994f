"""Blocks cover all rows once, in order."""

from __future__ import annotations

import numpy as np
import pytest

from seqclf.sequences import _blocks
from seqclf.sequences._blocks import row_blocks


@pytest.mark.parametrize(("n_rows", "width"), [(1, 1), (7, 3), (10, 4), (3, 100)])
def test_blocks_cover_all_rows_in_order(n_rows: int, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_blocks, "ELEMENTS_PER_BLOCK", 8)
    rows = np.arange(n_rows)
    blocks = [rows[block] for block in row_blocks(np.zeros((n_rows, width)))]
    np.testing.assert_array_equal(np.concatenate(blocks), rows)
    assert max(len(block) for block in blocks) == min(n_rows, max(1, 8 // width))
