"""Labels or groups -> indices of the training part and of the test part."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state

from seqclf.evaluation._labels import IntArray, as_label_list, check_values, encode, sorted_labels


class Split(NamedTuple):
    """Indices of two parts that share no sample.

    A pair, so that it unpacks, and so that scikit-learn takes a list of them as `cv`.

    Parameters
    ----------
    train, test : array of shape (n,), int64
        Indices of the samples of each part, ascending.

    Examples
    --------
    >>> from seqclf.evaluation import stratified_split
    >>> train, test = stratified_split(["N", "N", "V", "V"], test_size=0.5, random_state=0)
    >>> len(train), len(test)
    (2, 2)
    """

    train: IntArray
    test: IntArray


def stratified_split(y: ArrayLike, *, test_size: float = 0.2, random_state: Any = None) -> Split:
    """Split samples at random, with the same share of each class in the test part.

    Parameters
    ----------
    y : array of shape (n_samples,)
        Labels of any kind.
    test_size : float in (0, 1) or int, default=0.2
        Share or number of samples in the test part. Its size is exact; each class gives its share, rounded
        up or down, but at least one sample to each part.
    random_state : None, int or numpy.random.RandomState, default=None
        Seed of the draw; None draws differently each time and leaves NumPy's global state alone.

    Returns
    -------
    Split

    Raises
    ------
    ValueError
        If a class has fewer than two samples, or `test_size` leaves a part too small to hold every class.

    Notes
    -----
    For heartbeats this is the *intra-patient* split: beats of one person lie in both parts, and scores are
    higher than they will be for people never seen. `split_by_group` keeps people apart.

    Examples
    --------
    >>> import numpy as np
    >>> from seqclf.evaluation import stratified_split
    >>> y = np.array(["N"] * 80 + ["V"] * 20)
    >>> train, test = stratified_split(y, test_size=0.2, random_state=0)
    >>> (y[test] == "N").sum(), (y[test] == "V").sum()
    (np.int64(16), np.int64(4))
    """
    values = as_label_list(y, "y")
    check_values(values, "y")
    labels = sorted_labels(values)
    codes = encode(values, labels, "y")
    counts = np.bincount(codes)
    rare = np.flatnonzero(counts < 2)
    if rare.size:
        raise ValueError(
            f"Each class must have at least 2 samples, one for each part; got {counts[rare[0]]} of class "
            f"{labels[rare[0]]!r}, at y[{int(np.flatnonzero(codes == rare[0])[0])}]. Drop or merge the class."
        )
    n_test = _allocate(counts, _check_test_size(test_size, len(values), len(labels)))

    # None must not draw from (and advance) NumPy's global generator, as check_random_state(None) would.
    rng = np.random.RandomState() if random_state is None else check_random_state(random_state)
    shuffled = rng.permutation(len(codes))
    by_class = shuffled[np.argsort(codes[shuffled], kind="stable")]
    place = np.arange(len(codes)) - np.repeat(
        np.cumsum(counts) - counts, counts
    )  # 0, 1, ... within each class
    in_test = place < np.repeat(n_test, counts)
    return Split(train=np.sort(by_class[~in_test]), test=np.sort(by_class[in_test]))


def split_by_group(groups: ArrayLike, *, train: ArrayLike, test: ArrayLike) -> Split:
    """Split samples by whom they come from: no group lies in both parts.

    Parameters
    ----------
    groups : array of shape (n_samples,)
        The group of each sample, for example the record that a beat was cut from.
    train, test : array of shape (n,)
        The groups of each part. Samples of groups named in neither are left out.

    Returns
    -------
    Split

    Raises
    ------
    ValueError
        If a group is named for both parts, or does not occur in `groups`.

    Notes
    -----
    With the record lists DS1 and DS2 of de Chazal et al. [1]_ this is the *inter-patient* split of the
    MIT-BIH records. It keeps apart what `groups` tells apart, no more: records 201 and 202 come from one
    person, and DS1 has the one, DS2 the other.

    References
    ----------
    .. [1] P. de Chazal, M. O'Dwyer, R. B. Reilly, "Automatic classification of heartbeats using ECG
       morphology and heartbeat interval features", IEEE Transactions on Biomedical Engineering 51(7), 2004,
       doi:10.1109/TBME.2004.827359.

    Examples
    --------
    >>> from seqclf.evaluation import split_by_group
    >>> split_by_group(["100", "101", "100", "102"], train=["101"], test=["100"])
    Split(train=array([1]), test=array([0, 2]))
    """
    values = as_label_list(groups, "groups")
    check_values(values, "groups")
    known = sorted_labels(values)
    parts = {"train": as_label_list(train, "train"), "test": as_label_list(test, "test")}
    occurring = set(known)
    for name, members in parts.items():
        for i, member in enumerate(members):
            if member not in occurring:
                raise ValueError(
                    f"Every group of `{name}` must occur in `groups`; got {name}[{i}]={member!r}, while "
                    f"`groups` holds values such as {known[0]!r}. Compare their types, or leave it out of `{name}`."
                )
    for i, member in enumerate(parts["test"]):
        if member in parts["train"]:
            raise ValueError(
                f"No group may be in both parts; got {member!r} at test[{i}] and "
                f"train[{parts['train'].index(member)}]. Remove it from one of them."
            )
    codes = encode(values, known, "groups")
    indices = {
        name: np.flatnonzero(np.isin(codes, encode(members, known, name))) for name, members in parts.items()
    }
    return Split(train=indices["train"], test=indices["test"])


def _allocate(counts: IntArray, total: int) -> IntArray:
    """Share `total` test samples among the classes in proportion, each part of each class at least one."""
    expected = counts * (total / counts.sum())
    given: IntArray = np.clip(np.floor(expected).astype(np.int64), 1, counts - 1)
    while (missing := total - int(given.sum())) != 0:
        step = 1 if missing > 0 else -1
        has_room = given < counts - 1 if step == 1 else given > 1
        given[np.argmax(np.where(has_room, step * (expected - given), -np.inf))] += step
    return given


def _check_test_size(test_size: Any, n_samples: int, n_classes: int) -> int:
    """Return the number of test samples: enough for every class, and as many left."""
    if isinstance(test_size, bool) or not isinstance(test_size, int | float | np.integer | np.floating):
        raise TypeError(
            f"`test_size` must be a share (float) or a number of samples (int); got {test_size!r}. Try 0.2."
        )
    if isinstance(test_size, float | np.floating):
        if not 0 < test_size < 1:
            raise ValueError(
                f"`test_size` as a float is a share and must lie in (0, 1); got {test_size!r}. "
                "Pass an int for a number of samples."
            )
        # Rounding a share must not empty a part that an exact share would fill.
        return int(np.clip(round(test_size * n_samples), n_classes, n_samples - n_classes))
    if not n_classes <= test_size <= n_samples - n_classes:
        raise ValueError(
            f"`test_size` must leave a sample of each of the {n_classes} classes in both parts, so lie in "
            f"[{n_classes}, {n_samples - n_classes}]; got {test_size!r}. Choose a number in that range."
        )
    return int(test_size)
