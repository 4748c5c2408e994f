"""What would shorten a fit: only what helps and is not set, most effective first."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest
import torch

from seqclf import GRUClassifier, SequenceClassifier
from seqclf.estimators._automatic import with_values
from seqclf.estimators._shortening import ways_to_shorten
from seqclf.nn import RecurrentEncoder

CPU = torch.device("cpu")
CHOSEN = {"batch_size": 128, "stem": None}
"""Values for "auto", as `fit` passes them."""
GPU_AT_END = {"a machine with a GPU", '`device="cuda"`', "`early_stopping=True`"}


def ways(given: Any, lengths: list[int], **facts: Any) -> dict[str, float]:
    known: dict[str, Any] = {"max_epochs": 12, "engine": "native", "device": CPU, "share": 0.1} | facts
    chosen = {name: value for name, value in CHOSEN.items() if getattr(given, name, None) == "auto"}
    return dict(ways_to_shorten(with_values(given, chosen), torch.tensor(lengths), **known))


def test_a_tiny_case_by_hand() -> None:
    found = ways(GRUClassifier(bidirectional=True), [9000] * 10)
    assert list(found)[:5] == [
        "`seqclf.transforms.Downsample(factor=10)`",
        "`max_epochs=3`",
        '`stem="conv"`',
        "`bidirectional=False`",
        "`num_layers=1`",
    ]
    assert list(found.values()) == [0.1, 0.25, 0.5, 0.5, 0.5, inf, inf]
    assert set(list(found)[5:]) <= GPU_AT_END


@pytest.mark.parametrize(
    ("given", "facts", "absent"),
    [
        ({"stem": "conv"}, {}, "stem"),
        ({}, {}, "bidirectional"),
        ({"num_layers": 1}, {}, "num_layers"),
        ({"early_stopping": True}, {}, "early_stopping"),
        ({}, {"max_epochs": 1}, "max_epochs"),
        ({}, {"device": torch.device("cuda")}, "GPU"),
        ({}, {"device": torch.device("cuda")}, "cuda"),
        ({}, {}, "length_bucket"),
        ({}, {}, "engine"),
        ({"sampler": "stratified"}, {"engine": "packed"}, "length_bucket"),
        ({}, {"engine": "packed", "device": torch.device("cuda")}, "kernels"),
    ],
)
def test_what_is_set_or_of_no_help_is_not_named(given: Any, facts: Any, absent: str) -> None:
    found = ways(GRUClassifier(**given), [100, 9000] * 100, **facts)
    assert found
    assert not [way for way in found if absent in way]


@pytest.mark.parametrize(
    ("lengths", "share", "factor"),
    [([9000], 0.5, 2), ([9000], 0.3, 4), ([9000], 0.0, 18), ([1999], 0.0, 3), ([999], 0.0, None)],
)
def test_downsampling_leaves_enough_steps(lengths: list[int], share: float, factor: int | None) -> None:
    found = [way for way in ways(GRUClassifier(), lengths, share=share) if "Downsample" in way]
    assert found == ([] if factor is None else [f"`seqclf.transforms.Downsample(factor={factor})`"])


@pytest.mark.parametrize(("share", "epochs"), [(0.9, 10), (0.5, 6), (0.1, 3), (0.0, 3)])
def test_a_quarter_of_the_epochs_remains(share: float, epochs: int) -> None:
    assert f"`max_epochs={epochs}`" in ways(GRUClassifier(), [10], share=share)


def test_torch_s_recurrence_is_replaced_or_reads_similar_lengths_together() -> None:
    lengths = [100] * 255 + [9000]
    found = ways(GRUClassifier(engine="packed", batch_size=64), lengths, engine="packed")
    assert found['`engine="auto"`'] == 0.1
    assert '`sampler="length_bucket"`' not in found  # one batch has the long sequence either way
    mixed = ways(GRUClassifier(engine="packed", batch_size=64), [100, 900] * 128, engine="packed")
    assert mixed['`sampler="length_bucket"`'] == (2 * 900 + 2 * 100) / (4 * 900)
    unavailable = ways(GRUClassifier(), [10], engine="packed")
    assert [way for way in unavailable if "the compiled kernels" in way]


def test_other_networks_have_no_parameters_of_a_recurrent_one() -> None:
    for given in (
        SequenceClassifier(network=lambda spec, generator: torch.nn.Identity()),
        GRUClassifier.__mro__[1](encoder=RecurrentEncoder("gru", 1, 4)),
    ):
        names = " ".join(ways(given, [9000], engine="packed"))
        assert "Downsample" in names
        assert not [word for word in ("stem", "layers", "bidirectional", "engine", "bucket") if word in names]
