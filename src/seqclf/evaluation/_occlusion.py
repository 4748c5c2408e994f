"""`occlusion`: which steps of a sequence a prediction depends on."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any, Literal

import numpy as np
from sklearn.pipeline import Pipeline

from seqclf._checks import as_random_state, check_choice, check_integer, check_number, check_sequence
from seqclf._inspection import uninspected
from seqclf.evaluation._occlusion_result import Occlusion
from seqclf.evaluation._probabilities import check_proba
from seqclf.evaluation._scores import FloatArray
from seqclf.evaluation._trajectories import names_of_table, read_ragged
from seqclf.evaluation._windows import Windows, occluded, read_one


def occlusion(
    model: Any,
    sequence: Any,
    *,
    label: Any = None,
    window: int | float = 0.1,
    stride: int = 1,
    fill: Literal["interpolate", "mean"] | float = "interpolate",
    per: Literal["step", "feature"] = "step",
    controls: int | Sequence[Any] = 5,
    feature_names: Sequence[str] | None = None,
    random_state: Any = None,
) -> Occlusion:
    """Measure how much less certain a prediction becomes if some steps are replaced.

    A window slides over the steps of one sequence. At each place, its steps are replaced by values that carry no detail, and the drop in
    the logit of the class is recorded. The drop of a step is the mean over all windows that contain it; at the ends, a window covers
    fewer steps.

    Parameters
    ----------
    model : fitted estimator
        Any classifier, or pipeline, with `predict_proba` and `classes_`. It is not fitted again.
    sequence : Sequences of one sequence, or array of shape (n_steps,) or (n_steps, n_features)
        The sequence to explain: `X[i:i + 1]` of `Sequences`, `X[i]` of a list. At least two steps.
    label : label, optional
        The class whose drops are measured. Default: the predicted one.
    window : int or float in (0, 1), default=0.1
        Steps that are occluded at once, fewer than the sequence has; a float is a share of its steps, rounded, at least 1.
    stride : int, default=1
        Steps between two windows, at most `window`. A larger one takes less time.
    fill : {"interpolate", "mean"} or float, default="interpolate"
        What replaces a feature. "interpolate": a straight line between the steps before and after the window, or the nearest of them at
        the ends. "mean": the mean of the feature over the sequence. A number: that number; NaN makes the steps missing, for a model that
        accepts missing values. Tokens become unknown.
    per : {"step", "feature"}, default="step"
        Whether all features and tokens of a step are occluded together, or each by itself.
    controls : int or sequence of fitted estimators, default=5
        Number of copies of the model with random weights that are explained in the same way, or other models to compare with; 0 for none.
    feature_names : sequence of str, optional
        Names of the features, then of the token columns. Default: those of `sequence`; features without names are called "0", "1", ...
    random_state : None, int or numpy.random.RandomState, default=None
        Seed of the random weights. None draws different ones on each call, without NumPy's global state.

    Returns
    -------
    Occlusion

    Raises
    ------
    ValueError
        If a parameter is out of range, the sequence has one step only, or the label is not a class of the model.
    TypeError
        If `sequence` is not one sequence, or the model has no `with_random_weights`, which an integer `controls` needs.

    See Also
    --------
    permutation_importance : How much of its score a model loses without a feature, over many samples.

    Notes
    -----
    The *logit* of a class is the logarithm of its odds, log(p / (1 - p)). Only real steps are occluded, since there is no padding.

    **Compare with the controls.** Copies with random weights (each array of weights in random order) have learned nothing. Where their
    drops have the same shape, these show the signal, not what the model learned from it [1]_. `Occlusion.correlations` measures how
    similar the shapes are.

    **What it cannot show.** Drops describe this model and this sequence, not what distinguishes the classes in general. A region
    without a drop may still matter, if another region carries the same information. The model was not trained on sequences with a
    replaced window, and what looks plain to us need not be neutral to the model: try another `fill` and `window`. The
    resolution is that of the window. A drop is not evidence about which *feature* of a step mattered: in a benchmark with known answers
    [2]_, perturbations and gradients in general failed to find features over time reliably, because they mix up the two questions; asking
    for the steps first, and then for features at these steps, was substantially better. So use `per="step"` first, and `per="feature"`
    only for the steps it finds.

    Occlusion is preferred to gradients here because the gradient of a recurrent network vanishes towards early steps [3]_.

    References
    ----------
    .. [1] J. Adebayo et al., "Sanity checks for saliency maps", NeurIPS 2018, arXiv:1810.03292. There, weights are drawn anew; here,
       shuffled, which keeps their size.
    .. [2] A. A. Ismail, M. Gunady, H. Corrada Bravo and S. Feizi, "Benchmarking deep learning interpretability in time series
       predictions", NeurIPS 2020, arXiv:2010.13924.
    .. [3] A. A. Ismail, M. Gunady, L. Pessoa, H. Corrada Bravo and S. Feizi, "Input-cell attention reduces vanishing saliency of
       recurrent neural networks", NeurIPS 2019, arXiv:1910.12370.

    Examples
    --------
    The sign of a pulse at a random place tells the classes apart:

    >>> import numpy as np
    >>> from seqclf import GRUClassifier
    >>> from seqclf.evaluation import occlusion
    >>> rng = np.random.default_rng(0)
    >>> y = np.where(rng.random(100) < 0.5, "down", "up")
    >>> X = [0.1 * rng.normal(size=30) for _ in y]
    >>> for x, label in zip(X, y):
    ...     x[rng.integers(0, 27) + np.arange(3)] += 2 if label == "up" else -2
    >>> model = GRUClassifier(hidden_size=8, random_state=0).fit(X, y)
    >>> x = np.zeros(30)
    >>> x[12:15] = 2
    >>> found = occlusion(model, x, window=3, random_state=0)
    >>> found.label, int(found.drops.argmax())
    ('up', 13)
    """
    one = read_one(sequence)
    _check_columns(sequence, model)
    read = read_ragged(one)
    names = _check_names(feature_names, names_of_table(sequence) or read.step_names)
    windows, replacement = _windows(len(read.values), window, stride), _check_fill(fill)
    check_choice("per", per, ("step", "feature"))
    every = np.arange(len(names))
    groups = [every] if per == "step" else [every[i : i + 1] for i in every.tolist()]
    copies = occluded(one, windows, groups, replacement)
    n_copies = 1 + len(groups) * len(windows.slices())
    models = _control_models(model, controls, random_state)
    proba = _proba(model, copies, n_copies)
    label = _check_label(label, model, proba)

    def drops_of(one_model: Any, proba: FloatArray) -> FloatArray:
        """Return the drop of each step: (n_steps,) for all features together, else (n_steps, n_columns)."""
        logits = _logits(proba, _column(one_model, label))
        of_window = (logits[0] - logits[1:]).reshape(len(groups), -1)
        maps = np.stack([windows.mean_over_steps(group) for group in of_window], axis=1)
        return maps[:, 0] if per == "step" else maps

    drops = drops_of(model, proba)
    control_drops = [drops_of(other, _proba(other, copies, n_copies)) for other in models]
    return Occlusion(
        label=label,
        probability=float(proba[0, _column(model, label)]),
        window=windows.size,
        names=names,
        values=read.values,
        drops=drops,
        control_drops=np.stack(control_drops) if control_drops else np.zeros((0, *drops.shape)),
    )


def _check_columns(sequence: Any, model: Any) -> None:
    """Raise if a data frame has as many columns as those of `fit`, and others; the copies of it have no names."""
    given, seen = getattr(sequence, "columns", None), getattr(model, "feature_names_in_", None)
    if given is None or seen is None or len(given) != len(seen):
        return
    if any(isinstance(name, str) for name in given) and list(given) != list(seen):
        raise ValueError(
            f"The columns of `sequence` must be those that `fit` saw, {list(seen)!r:.200}, in this order; got {list(given)!r:.200}. "
            "Select them by name: `x[list(model.feature_names_in_)]`."
        )


def _proba(model: Any, copies: Any, n_copies: int) -> FloatArray:
    """Return the probabilities of copies, whose values may lie outside of the training samples: (n_copies, n_classes)."""
    with uninspected():
        return check_proba(model.predict_proba(copies), n_copies, list(model.classes_))


def _logits(proba: FloatArray, column: int) -> FloatArray:
    """Return log(p / (1 - p)) of one class: (n_samples,)."""
    # The others are summed, because 1 - p of a float loses a small probability; `tiny` stands for one that is rounded to 0.
    tiny = np.finfo(np.float64).tiny
    others = np.delete(proba, column, axis=1).sum(axis=1)
    return np.asarray(np.log(np.maximum(proba[:, column], tiny)) - np.log(np.maximum(others, tiny)))


def _windows(n_steps: int, window: Any, stride: Any) -> Windows:
    if n_steps < 2:
        raise ValueError(
            f"`sequence` must have at least two steps, so that one can be hidden; got {n_steps}."
        )
    if not isinstance(window, bool) and isinstance(window, Integral):
        size = check_integer("window", window)
        if size >= n_steps:
            raise ValueError(
                f"`window` must be smaller than the sequence, which has {n_steps} steps; got {size}. The default is a tenth of them."
            )
    else:
        share = check_number("window", window)
        if not 0.0 < share < 1.0:
            raise ValueError(f"`window` must be a number of steps, or a share in (0, 1); got {window!r}.")
        size = min(max(1, round(share * n_steps)), n_steps - 1)
    stride = check_integer("stride", stride)
    if stride > size:
        raise ValueError(
            f"`stride` must be at most `window`, {size} steps, so that each step is hidden; got {stride}."
        )
    return Windows(n_steps=n_steps, size=size, stride=stride)


def _check_fill(fill: Any) -> str | float:
    if isinstance(fill, str):
        check_choice("fill", fill, ("interpolate", "mean"))
        return fill
    number = check_number("fill", fill)
    if np.isinf(number):
        raise ValueError(f"`fill` must be finite, or NaN for missing; got {fill!r}.")
    return number


def _check_names(given: Sequence[str] | None, names: tuple[str, ...]) -> tuple[str, ...]:
    if given is None:
        return names
    if isinstance(given, str) or len(given) != len(names):
        raise ValueError(
            f"`feature_names` must have one name for each of the {len(names)} features and token columns; got {given!r:.100}."
        )
    return tuple(map(str, given))


def _check_label(label: Any, model: Any, proba: FloatArray) -> Any:
    """Return the given class, or the predicted one, as a Python scalar."""
    classes = np.asarray(model.classes_).tolist()
    if label is None:
        return classes[int(proba[0].argmax())]
    if label not in classes:
        raise ValueError(f"`label` must be one of the model's classes, {classes!r:.200}; got {label!r:.100}.")
    return classes[classes.index(label)]


def _column(model: Any, label: Any) -> int:
    """Return the column of a class; a control may have other classes."""
    classes = np.asarray(model.classes_).tolist()
    if label not in classes:
        raise ValueError(f"Each of `controls` must know the class {label!r}; got one with {classes!r:.200}.")
    return int(classes.index(label))


def _control_models(model: Any, controls: Any, random_state: Any) -> list[Any]:
    """Return the models to compare with: the given ones, or copies with random weights."""
    if isinstance(controls, bool) or not isinstance(controls, Integral):
        return check_sequence("controls", controls, "fitted estimators")
    n_controls = check_integer("controls", controls, least=0)
    rng = as_random_state(random_state)
    return [_with_random_weights(model, int(rng.randint(2**31 - 1))) for _ in range(n_controls)]


def _with_random_weights(model: Any, seed: int) -> Any:
    """Return a copy of a classifier, or of a pipeline that ends in one, with random weights."""
    if isinstance(model, Pipeline):
        name, last = model.steps[-1]
        return Pipeline([*model.steps[:-1], (name, _with_random_weights(last, seed))])
    if not hasattr(model, "with_random_weights"):
        raise TypeError(
            f"`controls` must be a list of fitted models, or 0, for a model without a method `with_random_weights`; got "
            f"{type(model).__name__}. Pass, for example, the same model fitted to shuffled labels."
        )
    return model.with_random_weights(random_state=seed)
