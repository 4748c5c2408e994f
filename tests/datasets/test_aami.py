from __future__ import annotations

import pytest

from seqclf.datasets import AAMI_CLASS_OF_SYMBOL, AAMI_CLASSES, DS1, DS2, MITBIH_RECORDS, PACED_RECORDS


@pytest.mark.parametrize(
    ("symbols", "name"), [("NLRBejn", "N"), ("AaJS", "S"), ("VEr", "V"), ("F", "F"), ("/fQ?", "Q")]
)
def test_each_beat_symbol_has_its_aami_class(symbols: str, name: str) -> None:
    assert {AAMI_CLASS_OF_SYMBOL[symbol] for symbol in symbols} == {name}


def test_symbols_of_other_events_have_no_class() -> None:
    assert not {"+", "~", "|", "[", "]", "!", "x", '"'} & set(AAMI_CLASS_OF_SYMBOL)
    assert set(AAMI_CLASS_OF_SYMBOL.values()) == set(AAMI_CLASSES)


def test_the_mapping_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        AAMI_CLASS_OF_SYMBOL["N"] = "V"  # type: ignore[index]


def test_the_splits_are_disjoint_and_exclude_the_paced_records() -> None:
    assert len(DS1) == len(DS2) == 22
    assert not set(DS1) & set(DS2)
    assert not (set(DS1) | set(DS2)) & set(PACED_RECORDS)
    assert sorted({*DS1, *DS2, *PACED_RECORDS}) == list(MITBIH_RECORDS)
    assert len(MITBIH_RECORDS) == 48
