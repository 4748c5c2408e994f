"""The first steps of each sequence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqclf.sequences import Sequences, as_sequences
from strategies import ragged_sequences, sequences_with_static, sequences_with_tokens

THREE = as_sequences([[1, 2, 3], [4], [5, 6]], static=[7, 8, 9])


def test_a_tiny_case_by_hand() -> None:
    cut = THREE.prefixes([2, 1, 1])
    assert cut == as_sequences([[1, 2], [4], [5]], static=[7, 8, 9])
    assert THREE.prefixes(1) == as_sequences([[1], [4], [5]], static=[7, 8, 9])


@given(st.one_of(ragged_sequences(), sequences_with_static(), sequences_with_tokens()), st.data())
def test_each_is_the_start_of_its_sequence(s: Sequences, data: st.DataObject) -> None:
    n_steps = [data.draw(st.integers(1, int(n))) for n in s.lengths]
    cut = s.prefixes(n_steps)
    assert cut.lengths.tolist() == n_steps
    assert cut.static is s.static
    for i, n in enumerate(n_steps):
        assert torch.equal(cut[i], s[i][:n])
        if s.tokens is not None:
            assert cut.tokens is not None
            codes, mine = cut.tokens.codes, s.tokens.codes
            start, old = int(cut.offsets[i]), int(s.offsets[i])
            assert torch.equal(codes[start : start + n], mine[old : old + n])
    assert s.prefixes(s.lengths) == s
    assert cut.prefixes(1) == s.prefixes(1)


@pytest.mark.parametrize("kind", [list, tuple, np.array, torch.tensor, lambda n: np.array(n, dtype=np.uint8)])
def test_numbers_come_in_any_container(kind: Any) -> None:
    assert THREE.prefixes(kind([3, 1, 2])) == THREE


def test_no_sequences_have_no_prefixes() -> None:
    assert THREE[:0].prefixes(5) == THREE[:0]


@pytest.mark.parametrize(
    ("n_steps", "error", "message"),
    [
        ([2, 1], ValueError, r"one number, or one for each of the 3 sequences; got shape \(2,\)"),
        ([2, 2, 1], ValueError, r"got n_steps\[1\]=2 for a sequence of 1 steps. Clip to \[1, lengths\]"),
        ([0, 1, 1], ValueError, r"got n_steps\[0\]=0 for a sequence of 3 steps"),
        (0.5, TypeError, "`n_steps` must hold integers; got torch.float64. Round shares of lengths first"),
        ([True, True, True], TypeError, "`n_steps` must hold integers; got torch.bool"),
    ],
)
def test_other_numbers_are_refused(n_steps: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        THREE.prefixes(n_steps)
