from __future__ import annotations

import pytest

from seqclf.datasets import AAMI_CLASS_OF_SYMBOL, AAMI_CLASSES, DS1, DS2, MITBIH_RECORDS, PACED_RECORDS


@pytest.mark.parametrize(
    ("symbols", "name"), [("NLRej", "N"), ("AaJS", "S"), ("VE", "V"), ("F", "F"), ("/fQ", "Q")]
)
def test_each_beat_symbol_belongs_to_its_class(symbols: str, name: str) -> None:
    assert {AAMI_CLASS_OF_SYMBOL[symbol] for symbol in symbols} == {name}


def test_symbols_that_mark_no_beat_belong_to_no_class() -> None:
    assert not {"+", "~", "|", "[", "]", "!", "x", '"'} & set(AAMI_CLASS_OF_SYMBOL)
    assert set(AAMI_CLASS_OF_SYMBOL.values()) == set(AAMI_CLASSES)


def test_the_mapping_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        AAMI_CLASS_OF_SYMBOL["N"] = "V"  # type: ignore[index]


def test_the_splits_share_no_record_and_leave_out_the_paced_ones() -> None:
    assert len(DS1) == len(DS2) == 22
    assert not set(DS1) & set(DS2)
    assert not (set(DS1) | set(DS2)) & set(PACED_RECORDS)
    assert sorted({*DS1, *DS2, *PACED_RECORDS}) == list(MITBIH_RECORDS)
    assert len(MITBIH_RECORDS) == 48
