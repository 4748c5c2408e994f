"""`PaddingReport`: statistics of the padding of a table, printed as a summary."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SentinelEvidence:
    """A value that rows end with, repeated over at least two steps.

    Attributes
    ----------
    value : float
        The value; all features of the last steps equal it.
    n_rows : int
        Number of rows that end in such a run.
    n_steps : int
        Number of steps in all these runs.
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
    """The effect of dropping the last columns of a table on its sequences.

    Attributes
    ----------
    drop_last : int
        Number of columns dropped.
    n_rows : int
        Number of rows that lose real steps.
    n_steps : int
        Number of real steps lost.
    share_steps : float
        `n_steps` as a fraction of all real steps, 0 to 1.
    share_padded : float
        Fraction of the remaining steps that is padding, 0 to 1.

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
    """Statistics of the padding of a table, as returned by `describe_padding`.

    Attributes
    ----------
    n_samples, n_timesteps, n_features : int
        Shape of the table.
    padding_value : float
        The padding value that was assumed.
    share_padded : float
        Fraction of all steps that is trailing padding, 0 to 1.
    length_quantiles : tuple of (float, float)
        (0, shortest), (0.05, ...), (0.25, ...), (0.5, median), (0.75, ...), (0.95, ...), (1, longest): number of
        steps before the trailing padding; 0 for a row that is all padding.
    n_interior : int
        Number of rows with the padding value before their last real step. For these, counting the values that
        differ from it gives a wrong length.
    n_all_padding : int
        Number of rows that are all padding; `as_sequences` keeps one step of each.
    n_full_width : int
        Number of rows without trailing padding. If there are many, long sequences were probably truncated.
    n_start : int
        Number of rows that start with at least two steps of padding and have real steps too.
    likely_padding_value : float or None
        The value that fills the most steps at the ends of rows; None if fewer than 1 % of the rows end in a run of it.
    evidence : tuple of SentinelEvidence
        Up to three such values, by decreasing number of steps.
    cut : FixedWidthCut
        The effect of dropping the last columns.

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
            ("padded steps", f"{self.share_padded:.1%} of {self.n_samples * self.n_timesteps:,}"),
            ("lengths", ", ".join(lengths)),
            (f"rows with interior {value}", self._share_of_rows(self.n_interior)),
            (f"rows of {value} only", self._share_of_rows(self.n_all_padding)),
            ("rows without padding", self._share_of_rows(self.n_full_width)),
            (f"rows starting with {value}", self._share_of_rows(self.n_start)),
            ("likely padding value", self._likely()),
            (f"dropping the last {self.cut.drop_last}", self._cut()),
        ]
        title = (
            f"Padding with {value} in {_count(self.n_samples, 'row')} x "
            f"{_count(self.n_timesteps, 'step')}{features}"
        )
        width = max(len(name) for name, _ in lines)
        return "\n".join([title, *(f"  {name:<{width}}  {text}" for name, text in lines)])

    def _share_of_rows(self, n: int) -> str:
        return f"{n:,} ({n / self.n_samples:.1%})"

    def _likely(self) -> str:
        found = [
            f"{one.value:g} ({_count(one.n_rows, 'row')} {'ends' if one.n_rows == 1 else 'end'} in a run of it, "
            f"median length {one.median_run:g})"
            for one in self.evidence
        ]
        if self.likely_padding_value is None:
            return f"none; most frequent: {found[0]}" if found else "none: no row ends in a run of one value"
        return "; then ".join(found)

    def _cut(self) -> str:
        cut = self.cut
        return (
            f"loses {_count(cut.n_steps, 'real step')} ({cut.share_steps:.1%}) in {_count(cut.n_rows, 'row')} "
            f"({cut.n_rows / self.n_samples:.1%}) and leaves {cut.share_padded:.1%} padding"
        )


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
