"""`permutation_importance`: how much of its score a model loses without a feature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import check_scoring

from seqclf._checks import as_random_state, check_integer, check_sample_weight
from seqclf._row_order import check_row_order
from seqclf.evaluation._scores import FloatArray
from seqclf.evaluation._trajectories import Ragged, read_ragged

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class PermutationImportance:
    """The loss of score without each feature; created by `permutation_importance`.

    Parameters
    ----------
    names : tuple of n_features str
        Names of the features, of the token columns, then of the static features.
    score : float
        Score with all features.
    importances : array of shape (n_features, n_repeats), float64, read-only
        `score` minus the score with this feature permuted.

    Examples
    --------
    >>> import numpy as np
    >>> from seqclf.evaluation import PermutationImportance
    >>> found = PermutationImportance(names=("x", "y"), score=0.9, importances=np.array([[0.4, 0.5], [0.0, 0.1]]))
    >>> found
    PermutationImportance(score 0.9000, x 0.4500, y 0.0500)
    """

    names: tuple[str, ...]
    score: float
    importances: FloatArray

    def __post_init__(self) -> None:
        importances = np.array(self.importances, dtype=np.float64)
        importances.setflags(write=False)
        object.__setattr__(self, "importances", importances)

    @property
    def importances_mean(self) -> FloatArray:
        """Mean over the repeats: (n_features,)."""
        return np.asarray(self.importances.mean(axis=1))

    @property
    def importances_std(self) -> FloatArray:
        """Standard deviation over the repeats: (n_features,)."""
        return np.asarray(self.importances.std(axis=1))

    def plot(self) -> Figure:
        """Plot the mean of each feature and its standard deviation, the most important one first.

        Returns
        -------
        matplotlib.figure.Figure
            Not registered with pyplot; save it with `figure.savefig("importances.png")`.

        Raises
        ------
        ImportError
            If matplotlib is not installed (extra `plots`).
        """
        from seqclf.evaluation._importance_plot import plot_importances

        return plot_importances(self.names, self.importances_mean, self.importances_std)

    def __repr__(self) -> str:
        shown = [f"{name} {mean:.4f}" for name, mean in zip(self.names, self.importances_mean, strict=True)]
        return f"PermutationImportance(score {self.score:.4f}, {', '.join(shown)})"


def permutation_importance(
    model: Any,
    X: Any,
    y: ArrayLike,
    *,
    scoring: str | Callable[..., float] = "f1_macro",
    n_repeats: int = 5,
    feature_names: Sequence[str] | None = None,
    random_state: Any = None,
    sample_weight: ArrayLike | None = None,
) -> PermutationImportance:
    """Measure how much worse a model scores if one feature is taken from other sequences.

    Parameters
    ----------
    model : fitted estimator
        Any classifier, or pipeline, that takes `X`. It is not fitted again.
    X : Sequences, or list of arrays of shape (n_steps,) or (n_steps, n_features)
        Samples that the model has not seen; at least two.
    y : array of shape (n_samples,)
        Their labels.
    scoring : str or callable, default="f1_macro"
        The name of a scikit-learn scorer, or `scoring(model, X, y) -> float`, which takes `sample_weight` if weights are given.
    n_repeats : int, default=5
        Number of permutations. The same ones are used for each feature.
    feature_names : sequence of str, optional
        Names of the features, of the token columns, then of the static features. Default: those of `X`; features without names are
        called "0", "1", ..., "static 0", ...
    random_state : None, int or numpy.random.RandomState, default=None
        Seed of the permutations. None gives others on each call, and does not use NumPy's global state.
    sample_weight : array of shape (n_samples,), optional
        Weights of the samples in the score.

    Returns
    -------
    PermutationImportance

    Raises
    ------
    ValueError
        If there are fewer than two samples, or lengths or names do not match.
    TypeError
        If `X` is an array: convert it with `as_sequences`, so that padding is not permuted.

    Notes
    -----
    This is Breiman's permutation importance [1]_, as in `sklearn.inspection.permutation_importance`. There, a feature is a column of
    numbers; here, it is the whole course of a feature over a sequence. Each sequence gets the course of another one,
    interpolated linearly to its own number of steps, so that a course stays one: shuffled steps would differ from anything
    that the model has seen, even for a feature without information. Sequences of equal length exchange their courses
    unchanged. A static feature is exchanged as a number.

    Tokens are exchanged like a feature, each step getting the token of the nearest step of the other sequence.

    Interpolation changes how fast a feature oscillates where lengths differ. Lengths themselves are not permuted, so this does not
    measure how much a model uses them. If two features carry the same information, each alone may seem unimportant.

    References
    ----------
    .. [1] L. Breiman, "Random forests", Machine Learning 45(1), 2001, doi:10.1023/A:1010933404324.

    Examples
    --------
    Only the first of two features tells the classes apart:

    >>> import numpy as np
    >>> from seqclf import GRUClassifier
    >>> from seqclf.evaluation import permutation_importance
    >>> rng = np.random.default_rng(0)
    >>> y = rng.integers(0, 2, size=80)
    >>> X = [rng.normal([label, 0.0], 0.3, size=(rng.integers(4, 9), 2)) for label in y]
    >>> model = GRUClassifier(hidden_size=8, random_state=0).fit(X[:40], y[:40])
    >>> found = permutation_importance(model, X[40:], y[40:], random_state=0)
    >>> found.importances_mean.round(1)
    array([0.5, 0. ])
    """
    n_repeats = check_integer("n_repeats", n_repeats)
    check_row_order(X=X, y=y, sample_weight=sample_weight)
    samples = read_ragged(X)
    n_samples = len(samples.offsets) - 1
    if n_samples < 2 or np.shape(y) != (n_samples,):
        raise ValueError(
            f"`y` must have one label for each of at least two samples; got {n_samples} samples and labels of shape {np.shape(y)}."
        )
    weights = (
        {} if sample_weight is None else {"sample_weight": check_sample_weight(sample_weight, n_samples)}
    )
    scorer = check_scoring(model, scoring)
    rng = as_random_state(random_state)
    permutations = [rng.permutation(n_samples) for _ in range(n_repeats)]
    names = _names(feature_names, samples)
    score = float(scorer(model, X, y, **weights))
    permuted = [
        [float(scorer(model, samples.exchanged(column, donors), y, **weights)) for donors in permutations]
        for column in range(samples.n_columns)
    ]
    return PermutationImportance(names=names, score=score, importances=score - np.array(permuted))


def _names(given: Sequence[str] | None, samples: Ragged) -> tuple[str, ...]:
    if given is None:
        return samples.names
    if isinstance(given, str) or len(given) != samples.n_columns:
        n_features, n_tokens, n_static = (
            part.shape[1] for part in (samples.values, samples.codes, samples.static)
        )
        also = f", {n_tokens} token columns" if n_tokens else ""
        raise ValueError(
            f"`feature_names` must have one name for each of the {n_features} features{also} and {n_static} static features; got "
            f"{given!r:.100}."
        )
    return tuple(map(str, given))
