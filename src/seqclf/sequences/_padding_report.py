"""What padding does to a table, as data that prints as a summary."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SentinelEvidence:
    """How often rows end in a run of at least two steps of one value.

    Attributes
    ----------
    value : float
        The value; all features of the last steps equal it.
    n_rows : int
        Rows that end in such a run.
    n_steps : int
        Steps in all these runs.
    median_run : float
        Median length of these runs, in steps.

    Examples
    --------
    >>> import numpy as np
    >>> from seqclf import describe_padding
    >>> describe_padding(np.array([[1, 2, 0, 0], [3, 0, 0, 0], [4, 5, 6, 7]])).evidence
    (SentinelEvidence(value=0.0, n_rows=2, n_steps=5, median_run=2.5),)
    """

    value: float
    n_rows: int
    n_steps: int
    median_run: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedWidthCut:
    """What dropping the last columns of a table does to its sequences.

    Attributes
    ----------
    drop_last : int
        Columns dropped.
    n_rows : int
        Rows that lose real steps.
    n_steps : int
        Real steps lost.
    share_steps : float
        `n_steps` as a share of all real steps, 0 to 1.
    share_padded : float
        Share of the steps kept that is padding nevertheless, 0 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from seqclf import describe_padding
    >>> cut = describe_padding(np.array([[1, 2, 0, 0], [3, 0, 0, 0], [4, 5, 6, 7]]), drop_last=2).cut
    >>> cut.n_rows, cut.n_steps
    (1, 2)
    """

    drop_last: int
    n_rows: int
    n_steps: int
    share_steps: float
    share_padded: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PaddingReport:
    """What `describe_padding` found.

    Attributes
    ----------
    n_samples, n_timesteps, n_features : int
        Shape of the table.
    padding_value : float
        The value that was looked for.
    share_padded : float
        Share of all steps that is trailing padding, 0 to 1.
    length_quantiles : tuple of (float, float)
        (0, shortest), (0.05, ...), (0.25, ...), (0.5, median), (0.75, ...), (0.95, ...), (1, longest): steps
        before the trailing padding; 0 for a row that is all padding.
    n_interior : int
        Rows that hold the padding value before their last real step: counting the other values gives them a
        wrong length.
    n_all_padding : int
        Rows that are nothing but padding; `as_sequences` keeps one step of each.
    n_full_width : int
        Rows without trailing padding. Where many fill the width, sequences were probably cut to it.
    n_start : int
        Rows that begin with at least two steps of padding and hold others too.
    likely_padding_value : float or None
        The value that fills the ends of the most steps; None if fewer than 1 % of the rows end in a run.
    evidence : tuple of SentinelEvidence
        For up to three such values, the most steps first.
    cut : FixedWidthCut
        What dropping the last columns would have cut off.

    Examples
    --------
    >>> from seqclf.sequences import describe_padding
    >>> report = describe_padding([[0.2, 0.0, 0.5, 0.0, 0.0], [0.1, 0.4, 0.0, 0.0, 0.0]], drop_last=3)
    >>> report.share_padded, report.n_interior, report.cut.n_rows
    (0.5, 1, 1)
    """

    n_samples: int
    n_timesteps: int
    n_features: int
    padding_value: float
    share_padded: float
    length_quantiles: tuple[tuple[float, float], ...]
    n_interior: int
    n_all_padding: int
    n_full_width: int
    n_start: int
    likely_padding_value: float | None
    evidence: tuple[SentinelEvidence, ...]
    cut: FixedWidthCut

    def __str__(self) -> str:
        value = f"{self.padding_value:g}"
        features = "" if self.n_features == 1 else f" x {self.n_features:,} features"
        names = {0.0: "min", 0.5: "median", 1.0: "max"}
        lengths = [f"{names.get(q, f'{q:.0%}')} {length:g}" for q, length in self.length_quantiles]
        lines = [
            ("steps that are padding", f"{self.share_padded:.1%} of {self.n_samples * self.n_timesteps:,}"),
            ("lengths", ", ".join(lengths)),
            (f"rows with {value} inside too", self._rows(self.n_interior)),
            (f"rows of {value} only", self._rows(self.n_all_padding)),
            ("rows that fill the width", self._rows(self.n_full_width)),
            (f"rows that begin with {value}s", self._rows(self.n_start)),
            ("likely padding value", self._likely()),
            (f"dropping the last {self.cut.drop_last}", self._cut()),
        ]
        title = f"Padding with {value} in {self.n_samples:,} rows x {self.n_timesteps:,} steps{features}"
        width = max(len(name) for name, _ in lines)
        return "\n".join([title, *(f"  {name:<{width}}  {text}" for name, text in lines)])

    def _rows(self, n: int) -> str:
        return f"{n:,} ({n / self.n_samples:.1%})"

    def _likely(self) -> str:
        found = [
            f"{e.value:g} ({e.n_rows:,} rows end in a run of it, median {e.median_run:g} steps)"
            for e in self.evidence
        ]
        if self.likely_padding_value is None:
            return f"none found; most frequent: {found[0]}" if found else "none: no row ends in a run"
        return "; then ".join(found)

    def _cut(self) -> str:
        cut = self.cut
        return (
            f"loses {cut.n_steps:,} real steps ({cut.share_steps:.1%}) in {cut.n_rows:,} rows "
            f"({cut.n_rows / self.n_samples:.1%}); "
            f"{cut.share_padded:.1%} of the rest is padding"
        )
