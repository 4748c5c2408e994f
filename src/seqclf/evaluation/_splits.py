"""Labels or groups -> indices of training and test samples."""

from __future__ import annotations

from heapq import heapify, heappop, heapreplace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from seqclf._checks import as_random_state
from seqclf.evaluation._labels import IntArray, as_label_list, check_values, encode, sorted_labels


class Split(NamedTuple):
    """Indices of disjoint training and test sets.

    A named tuple: it can be unpacked, and scikit-learn accepts a list of splits as `cv`.

    Parameters
    ----------
    train, test : array of shape (n,), int64
        Indices of the samples in each set, ascending.

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
    """Split samples at random, with the class proportions preserved.

    Parameters
    ----------
    y : array of shape (n_samples,)
        Class labels.
    test_size : float in (0, 1) or int, default=0.2
        Share (float) or number (int) of test samples. The total is exact; the number for each class is rounded, with at
        least one sample in each set.
    random_state : None, int or numpy.random.RandomState, default=None
        Seed of the split. None gives a different split on each call, and does not use NumPy's global state.

    Returns
    -------
    Split

    Raises
    ------
    ValueError
        If a class has fewer than two samples, or `test_size` leaves a set with fewer samples than classes.

    Notes
    -----
    For heartbeats this is an *intra-patient* split: beats of one patient are in both sets, and scores are higher than
    for new patients. `split_by_group` gives an *inter-patient* split.

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
            f"Each class must have at least 2 samples, one for each set; got {counts[rare[0]]} of class "
            f"{labels[rare[0]]!r}, at y[{int(np.flatnonzero(codes == rare[0])[0])}]. Drop or merge the class."
        )
    n_test = _allocate(counts, _check_test_size(test_size, len(values), len(labels)))

    rng = as_random_state(random_state)
    shuffled = rng.permutation(len(codes))
    by_class = shuffled[np.argsort(codes[shuffled], kind="stable")]
    rank = np.arange(len(codes)) - np.repeat(np.cumsum(counts) - counts, counts)  # 0, 1, ... in each class
    in_test = rank < np.repeat(n_test, counts)
    return Split(train=np.sort(by_class[~in_test]), test=np.sort(by_class[in_test]))


def split_by_group(groups: ArrayLike, *, train: ArrayLike, test: ArrayLike) -> Split:
    """Split samples so that no group is in both sets.

    Parameters
    ----------
    groups : array of shape (n_samples,)
        Group of each sample, for example the record of a heartbeat.
    train, test : array of shape (n,)
        Groups of each set. Samples of other groups are left out.

    Returns
    -------
    Split

    Raises
    ------
    ValueError
        If a group is in both `train` and `test`, or not in `groups`.

    Notes
    -----
    With the record lists DS1 and DS2 of de Chazal et al. [1]_ this is the *inter-patient* split of the MIT-BIH records.
    Two groups may still come from one patient: records 201 (in DS1) and 202 (in DS2) do.

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
    sets = {"train": as_label_list(train, "train"), "test": as_label_list(test, "test")}
    occurring = set(known)
    for name, members in sets.items():
        for i, member in enumerate(members):
            if member not in occurring:
                raise ValueError(
                    f"`{name}` must contain only values of `groups`; got {name}[{i}]={member!r}, and `groups` "
                    f"contains values such as {known[0]!r}. Do their types differ?"
                )
    in_train = set(sets["train"])
    for i, member in enumerate(sets["test"]):
        if member in in_train:
            raise ValueError(
                f"No group may be in both sets; got {member!r} at test[{i}] and "
                f"train[{sets['train'].index(member)}]. Remove it from one of them."
            )
    codes = encode(values, known, "groups")
    indices = {
        name: np.flatnonzero(np.isin(codes, encode(members, known, name))) for name, members in sets.items()
    }
    return Split(train=indices["train"], test=indices["test"])


def _allocate(counts: IntArray, total: int) -> IntArray:
    """Distribute `total` test samples over the classes in proportion, with at least one sample in each set."""
    expected = counts * (total / counts.sum())
    given: IntArray = np.clip(np.floor(expected).astype(np.int64), 1, counts - 1)
    missing = total - int(given.sum())
    step = 1 if missing > 0 else -1
    limit = counts - 1 if step == 1 else np.ones_like(counts)
    # One sample after another to the class that lacks most, or from the one that has most in excess.
    queue = [(-step * (expected[k] - given[k]), k) for k in np.flatnonzero(given != limit).tolist()]
    heapify(queue)
    for _ in range(abs(missing)):
        k = queue[0][1]
        given[k] += step
        if given[k] == limit[k]:
            heappop(queue)
        else:
            heapreplace(queue, (-step * (expected[k] - given[k]), k))
    return given


def _check_test_size(test_size: Any, n_samples: int, n_classes: int) -> int:
    """Return the number of test samples; raise if a set could not contain every class."""
    if isinstance(test_size, bool) or not isinstance(test_size, int | float | np.integer | np.floating):
        raise TypeError(
            f"`test_size` must be a share (float) or a number of samples (int); got {test_size!r}."
        )
    if isinstance(test_size, float | np.floating):
        if not 0 < test_size < 1:
            raise ValueError(
                f"`test_size` must be in (0, 1) if it is a float; got {test_size!r}. "
                "Pass an int for a number of samples."
            )
        # Rounding must not leave a set with fewer samples than classes.
        return int(np.clip(round(test_size * n_samples), n_classes, n_samples - n_classes))
    if not n_classes <= test_size <= n_samples - n_classes:
        raise ValueError(
            f"`test_size` must be in [{n_classes}, {n_samples - n_classes}], so that both sets contain each of the "
            f"{n_classes} classes; got {test_size!r}."
        )
    return int(test_size)
