"""`earliness`: how well a model predicts before a sequence ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from seqclf._checks import check_integer, check_reals
from seqclf._row_order import check_row_order
from seqclf.evaluation._early_scores import EarlyScores, table
from seqclf.evaluation._evaluate import evaluate
from seqclf.evaluation._labels import IntArray
from seqclf.evaluation._prefixes import lengths_of, predictions
from seqclf.evaluation._scores import FloatArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

THRESHOLDS = (0.7, 0.8, 0.9, 0.95, 0.99)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Earliness:
    """Scores against the share of the sequence read; created by `earliness`.

    Parameters
    ----------
    at_shares : tuple of n_shares EarlyScores
        Predictions after a fixed share of each sequence, in increasing order; the last are those of whole sequences.
    at_thresholds : tuple of n_thresholds EarlyScores
        Predictions at the first prefix whose largest probability reaches a threshold, in increasing order.

    Examples
    --------
    >>> from seqclf.evaluation import Earliness, EarlyScores, evaluate
    >>> def scores(value, predicted):
    ...     report = evaluate(["N", "N", "V", "V"], predicted)
    ...     return EarlyScores(value=value, share_read=value, share_read_per_class={}, report=report)
    >>> early, late = scores(0.5, ["N", "N", "V", "N"]), scores(1.0, ["N", "N", "V", "V"])
    >>> print(Earliness(at_shares=(early, late), at_thresholds=()))
    share of each sequence  read   accuracy  macro F1  harmonic mean
                      0.50  0.500     0.750     0.733          0.600
                      1.00  1.000     1.000     1.000          0.000
    """

    at_shares: tuple[EarlyScores, ...]
    at_thresholds: tuple[EarlyScores, ...]

    def plot(self) -> Figure:
        """Plot accuracy and macro F1 against the share read, and the thresholds as points.

        Returns
        -------
        matplotlib.figure.Figure
            Not registered with pyplot; save it with `figure.savefig("earliness.png")`.

        Raises
        ------
        ImportError
            If matplotlib is not installed (extra `plots`).
        """
        from seqclf.evaluation._earliness_plot import plot_earliness

        return plot_earliness(self.at_shares, self.at_thresholds)

    def to_dict(self) -> dict[str, Any]:
        """Return all scores as JSON types."""
        return {
            "at_shares": [scores.to_dict() for scores in self.at_shares],
            "at_thresholds": [scores.to_dict() for scores in self.at_thresholds],
        }

    def __str__(self) -> str:
        tables = [
            table(title, rows)
            for title, rows in (
                ("share of each sequence", self.at_shares),
                ("threshold of probability", self.at_thresholds),
            )
            if rows
        ]
        return "\n\n".join(tables)

    def __repr__(self) -> str:
        last = self.at_shares[-1]
        return (
            f"Earliness({len(self.at_shares)} shares, {len(self.at_thresholds)} thresholds, whole sequences: accuracy "
            f"{last.accuracy:.4f}, macro F1 {last.macro_f1:.4f})"
        )


def earliness(
    model: Any,
    X: Any,
    y: ArrayLike,
    thresholds: Sequence[float] | FloatArray = THRESHOLDS,
    *,
    shares: int | Sequence[float] | FloatArray = 20,
) -> Earliness:
    """Measure how well a model predicts from the start of each sequence.

    Two rules are measured. With a fixed share, each sequence is predicted from its first 5 %, 10 %, ... of steps. With a threshold,
    prefixes of growing length are predicted, and the first one whose largest probability reaches the threshold decides; if none
    does, the whole sequence.

    Parameters
    ----------
    model : fitted estimator
        Any classifier, or pipeline, with `predict_proba` and `classes_`. It is not fitted again.
    X : Sequences, or list of sequences
        Samples that the model was not trained on. Items of a list, such as arrays or strings, are cut by `item[:n]`.
    y : array of shape (n_samples,)
        Their labels.
    thresholds : sequence of float in [0, 1], default=(0.7, 0.8, 0.9, 0.95, 0.99)
        Thresholds of the largest probability; may be empty.
    shares : int or sequence of float, default=20
        Shares of each sequence after which it is predicted, increasing and ending with 1; an integer n stands for n equal parts.
        Steps are rounded down, but at least one is read.

    Returns
    -------
    Earliness

    Raises
    ------
    ValueError
        If shares or thresholds are out of range, labels do not match, or a label is not among the model's classes.
    TypeError
        If `X` is an array: convert it with `as_sequences`, so that no prefix contains padding.

    See Also
    --------
    seqclf.transforms.RandomPrefix : Trains a model on prefixes.

    Notes
    -----
    **Choose the threshold on a validation set**, and measure it once on the test set. The best of several thresholds on a test set looks
    better than it is.

    Each prefix is predicted as a sequence of its own. What a model derives from whole sequences, such as the mean and length of
    `scale="sequence"`, therefore comes from the prefix, and means little for one or two steps. This works for every model, but takes as
    long as predicting all samples about `(n_shares + 1) / 2` times.

    The length of a sequence that is still being recorded is unknown, and so is the share read so far. The rule with a threshold does
    not need it to decide, but it only checks after the given shares, so a stream that checks at every step stops slightly earlier.

    A large probability is a reason to stop only if probabilities of prefixes are calibrated. Those of a model trained on whole
    sequences are often close to 1 too early.

    The *harmonic mean* of accuracy and the share not read is that of [1]_; it weighs both equally and is 0 for whole sequences.
    If the costs of a wrong and of a late decision are known, weigh both by them instead, as [2]_ do: for example
    `max(found.at_thresholds, key=lambda s: 0.9 * s.accuracy - 0.1 * s.share_read)`.

    References
    ----------
    .. [1] P. Schäfer and U. Leser, "TEASER: early and accurate time series classification", Data Mining and Knowledge Discovery 34,
       2020, doi:10.1007/s10618-020-00690-z. There, a second classifier decides whether to stop; here, a threshold.
    .. [2] U. Mori, A. Mendiburu, S. Dasgupta and J. A. Lozano, "Early classification of time series by simultaneously optimizing the
       accuracy and earliness", IEEE Transactions on Neural Networks and Learning Systems 29(10), 2018,
       doi:10.1109/TNNLS.2017.2764939.

    Examples
    --------
    Each sequence rises or falls, and its second half adds nothing:

    >>> import numpy as np
    >>> from seqclf import GRUClassifier
    >>> from seqclf.evaluation import earliness
    >>> rng = np.random.default_rng(0)
    >>> y = rng.integers(0, 2, size=80)
    >>> X = [np.linspace(0, 2 * label - 1, 20) + 0.1 * rng.normal(size=20) for label in y]
    >>> model = GRUClassifier(hidden_size=8, augmentation="prefix", random_state=0).fit(X[:40], y[:40])
    >>> found = earliness(model, X[40:], y[40:], thresholds=[0.6], shares=4)
    >>> print(found)
    share of each sequence  read   accuracy  macro F1  harmonic mean
                      0.25  0.250     1.000     1.000          0.857
                      0.50  0.500     1.000     1.000          0.667
                      0.75  0.750     1.000     1.000          0.400
                      1.00  1.000     1.000     1.000          0.000
    <BLANKLINE>
    threshold of probability  read   accuracy  macro F1  harmonic mean
                        0.60  0.250     1.000     1.000          0.857
    """
    given, chosen = _check_shares(shares), _check_thresholds(thresholds)
    check_row_order(X=X, y=y)
    lengths = lengths_of(X)
    if np.shape(y) != lengths.shape or not len(lengths):
        raise ValueError(
            f"`y` must have one label for each sample, and there must be a sample; got {len(lengths)} samples and labels of shape "
            f"{np.shape(y)}."
        )
    classes = np.asarray(model.classes_)
    at_shares = []
    stopped = np.zeros((len(chosen), len(lengths)), dtype=bool)
    steps, predicted = np.zeros(stopped.shape, dtype=np.int64), np.zeros(stopped.shape, dtype=np.int64)
    for share, (n_steps, proba) in zip(given.tolist(), predictions(model, X, lengths, given), strict=True):
        best = proba.argmax(axis=1)
        at_shares.append(_scores(share, y, classes, best, n_steps / lengths))
        # Those that have not stopped keep their last prefix, which in the end is the whole sequence.
        steps, predicted = np.where(stopped, steps, n_steps), np.where(stopped, predicted, best)
        stopped |= proba.max(axis=1) >= chosen[:, None]
    at_thresholds = [
        _scores(threshold, y, classes, labels, read / lengths)
        for threshold, labels, read in zip(chosen.tolist(), predicted, steps, strict=True)
    ]
    return Earliness(at_shares=tuple(at_shares), at_thresholds=tuple(at_thresholds))


def _scores(value: float, y: ArrayLike, classes: Any, predicted: IntArray, read: FloatArray) -> EarlyScores:
    """Score predicted class indices that were made after reading these shares, each (n_samples,)."""
    report = evaluate(y, classes[predicted], labels=classes)
    labels = np.asarray(y)
    per_class = {
        name: float(read[labels == label].mean()) if scores.support else None
        for (name, scores), label in zip(report.per_class.items(), classes, strict=True)
    }
    return EarlyScores(
        value=value, share_read=float(read.mean()), share_read_per_class=per_class, report=report
    )


def _check_shares(shares: Any) -> FloatArray:
    """Return increasing shares that end in 1."""
    if not isinstance(shares, bool) and isinstance(shares, Integral):
        n = check_integer("shares", shares)
        return np.arange(1, n + 1) / n
    given = check_reals("shares", shares)
    increasing = given.ndim == 1 and given.size and given[0] > 0 and (np.diff(given) > 0).all()
    if not (increasing and given[-1] == 1):
        raise ValueError(
            f"`shares` must be a number of parts, or increase from above 0 to 1, which is whole sequences; got {shares!r:.100}."
        )
    return given


def _check_thresholds(thresholds: Any) -> FloatArray:
    """Return sorted thresholds in [0, 1]."""
    given = check_reals("thresholds", thresholds)
    if given.ndim != 1 or not ((given >= 0) & (given <= 1)).all():
        raise ValueError(f"`thresholds` must be a list of probabilities in [0, 1]; got {thresholds!r:.100}.")
    return np.sort(given)
