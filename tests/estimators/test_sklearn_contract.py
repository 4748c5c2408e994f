"""scikit-learn's own checks of an estimator, on two-dimensional input."""

from __future__ import annotations

from inspect import signature
from typing import Any

from sklearn.utils.estimator_checks import check_dataframe_column_names_consistency, parametrize_with_checks

from seqclf import GRUClassifier, LSTMClassifier, RecurrentClassifier, RNNClassifier, SequenceEnsemble
from seqclf.kernels import status

# Small and fast, but learns blobs in 30 steps; the learning rate is one that an RNN of 8 units tolerates.
SMALL: dict[str, Any] = {
    "hidden_size": 8,
    "num_layers": 1,
    "max_epochs": 30,
    "batch_size": 128,
    "dropout": 0.0,
    "lr": 0.02,
    "random_state": 0,
}

ROUNDING = {
    "check_sample_weight_equivalence_on_dense_data": (
        "float32: a batch with repeated rows and one with weights have different matrix products, which round differently. "
        "Differences are about 1e-7, and the check allows a relative difference of 1e-7; "
        "test_weights.py shows equality to 1e-4."
    ),
}
if not status().available:
    ROUNDING["check_methods_subset_invariance"] = (
        "float32: torch's own layers round differently in batches of different sizes. Differences are about 2e-7, and the check "
        "allows 1e-7; test_own_contract.py shows equality to 1e-5. With the compiled kernels there is no difference."
    )


# The parameter is new in scikit-learn 1.8.
NOT_STRICT = (
    {"xfail_strict": False} if "xfail_strict" in signature(parametrize_with_checks).parameters else {}
)


# Not strict: whether rounding differs depends on the cell and on the machine's BLAS library.
@parametrize_with_checks(  # type: ignore[untyped-decorator]
    [
        RNNClassifier(**SMALL),
        GRUClassifier(**SMALL),
        LSTMClassifier(**SMALL),
        RecurrentClassifier(bidirectional=True, **SMALL),
        SequenceEnsemble(estimators=[GRUClassifier(**SMALL)], n_members=2, n_jobs=1, random_state=0),
    ],
    expected_failed_checks=lambda estimator: ROUNDING,
    **NOT_STRICT,
)
def test_scikit_learns_estimator_checks_pass(estimator: Any, check: Any) -> None:
    check(estimator)


def test_column_names_are_compared() -> None:
    check_dataframe_column_names_consistency("GRUClassifier", GRUClassifier(**SMALL))
