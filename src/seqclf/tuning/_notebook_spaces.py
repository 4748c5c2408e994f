"""Search spaces of the course notebook that seqclf grew out of."""

from __future__ import annotations

from seqclf.tuning._distributions import Choice, IntRange, LogUniform, Space

# The notebook lists six configurations per cell, without the ranges they were drawn from; these ranges span them.
NOTEBOOK_GRU: Space = {
    "hidden_size": Choice([32, 64, 128]),
    "num_layers": IntRange(1, 3),
    "bidirectional": Choice([False, True]),
    "lr": LogUniform(1e-3, 5e-2),
}
NOTEBOOK_LSTM: Space = {
    "hidden_size": Choice([32, 64, 128]),
    "num_layers": IntRange(1, 3),
    "lr": LogUniform(1e-3, 1e-2),
    "label_smoothing": Choice([0.0, 0.1]),
}
