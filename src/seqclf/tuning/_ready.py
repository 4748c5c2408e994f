"""Spaces that are ready to use."""

from __future__ import annotations

from seqclf.tuning._distributions import Choice, IntRange, LogUniform, Space

# Ranges around the six configurations that the course document lists of each cell; it does not give its own.
DOCUMENT_GRU: Space = {
    "hidden_size": Choice([32, 64, 128]),
    "num_layers": IntRange(1, 3),
    "bidirectional": Choice([False, True]),
    "lr": LogUniform(1e-3, 5e-2),
}
DOCUMENT_LSTM: Space = {
    "hidden_size": Choice([32, 64, 128]),
    "num_layers": IntRange(1, 3),
    "lr": LogUniform(1e-3, 1e-2),
    "label_smoothing": Choice([0.0, 0.1]),
}
