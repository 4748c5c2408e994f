from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqclf.datasets.records._formats import BYTE_FORMATS, MISSING_SAMPLE
from wfdb_files import pack


@pytest.mark.parametrize(
    ("form", "content", "expected"),
    [
        (8, "05 ff", [5, -1]),
        (16, "01 02 ff ff", [0x0201, -1]),
        (24, "01 02 83", [0x830201 - 2**24]),
        (32, "01 02 03 84", [0x84030201 - 2**32]),
        (61, "01 02 ff fe", [0x0102, -2]),
        (80, "80 00 ff", [0, -128, 127]),
        (160, "00 80 00 00", [0, -(2**15)]),
        (212, "01 f3 02", [0x301, 0x02 - 0x100]),
        # Words 0b10101_0000000001_0 and 0b01010_1111111111_0: 1, -1 and 0b0101010101.
        (310, "02 a8 fe 57", [1, -1, 0b0101010101]),
        # 0b00_1000000000_1111111111_0000000001.
        (311, "01 fc 0f 20", [1, -1, -512]),
    ],
)
def test_bytes_are_unpacked_by_hand(form: int, content: str, expected: list[int]) -> None:
    assert BYTE_FORMATS[form].samples(bytes.fromhex(content)).tolist() == expected


@given(st.sampled_from(sorted(BYTE_FORMATS)), st.data())
def test_what_was_packed_sample_by_sample_is_unpacked(form: int, data: st.DataObject) -> None:
    high = 1 << (BYTE_FORMATS[form].bits - 1)
    bound = 60 if form == 8 else high
    samples = data.draw(st.lists(st.integers(-bound, bound - 1), max_size=40))
    content = pack(form, samples)
    least, most = BYTE_FORMATS[form].n_bytes(len(samples))
    assert least == len(content) <= most
    unpacked = BYTE_FORMATS[form].samples(content)[: len(samples)]
    if form == 8:
        unpacked = np.cumsum(unpacked, dtype=np.int64)
    assert unpacked.tolist() == samples


@pytest.mark.parametrize("form", sorted(BYTE_FORMATS))
def test_the_number_of_samples_follows_from_that_of_bytes(form: int) -> None:
    known = BYTE_FORMATS[form]
    for n in range(20):
        least, _ = known.n_bytes(n)
        # Two samples of format 310 take as many bytes as three.
        assert known.n_samples(least) == n + (form == 310 and n % 3 == 2)


def test_the_lowest_sample_is_a_missing_one_except_in_format_8() -> None:
    assert MISSING_SAMPLE[212] == -2048
    assert MISSING_SAMPLE[16] == MISSING_SAMPLE[61] == MISSING_SAMPLE[160] == MISSING_SAMPLE[516] == -32768
    assert MISSING_SAMPLE[310] == -512
    assert 8 not in MISSING_SAMPLE
