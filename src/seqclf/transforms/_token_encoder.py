"""Learn vocabularies from training samples, and encode tokens with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from sklearn.base import TransformerMixin
from sklearn.utils.validation import check_is_fitted

from seqclf._checks import check_integer
from seqclf._row_order import check_row_order
from seqclf._versions import Versioned
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import ColumnNames, Sequences, Tokens, as_sequences


# Without `auto_wrap_output_keys=None`, scikit-learn's `set_output` would make a data frame of the result.
@dataclass(kw_only=True, eq=False, repr=False)
class TokenEncoder(TransformerMixin, Versioned, auto_wrap_output_keys=None):  # type: ignore[call-arg]
    """Encode characters, words, activities or other categories of each step, for an estimator that embeds them.

    `fit` learns the vocabulary of each column; tokens that it did not see are unknown.

    Parameters
    ----------
    columns : list of column names or None, default=None
        Categorical columns of data frames. None: all columns that do not hold numbers. The others become features.
    min_count : int, default=1
        Tokens that occur less often in the training samples are unknown.
    max_tokens : int or None, default=None
        Number of tokens to keep in each column, the most frequent ones. None: all.

    Attributes
    ----------
    vocabularies_ : dict of column name to tuple
        The tokens of each column, sorted, integers before text; the column of strings and lists is called "token". The order does
        not depend on that of the samples.

    Raises
    ------
    ValueError, TypeError
        If a parameter is out of range.
    seqclf.InvalidSequenceError
        If the samples do not hold tokens, or not the columns that `fit` saw.

    See Also
    --------
    seqclf.as_sequences : Encodes with a given vocabulary, and lists the accepted types.
    seqclf.from_long : Encodes the columns of an event log.

    Notes
    -----
    Samples are a list of strings, each a sequence of its *characters*; a list of lists of strings or integers, each of which is a
    token; a list of data frames; or `Sequences` with tokens, such as those of `from_long`.

    Estimators make tokens unknown that do not occur in their own training samples, so `TokenEncoder` is needed only to convert
    samples inside of a pipeline, and to leave out rare tokens.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from seqclf import GRUClassifier, TokenEncoder
    >>> names = ["Ivanov", "Petrov", "Smirnov", "Sato", "Suzuki", "Tanaka"] * 8
    >>> languages = ["Russian", "Russian", "Russian", "Japanese", "Japanese", "Japanese"] * 8
    >>> model = make_pipeline(TokenEncoder(), GRUClassifier(hidden_size=8, random_state=0)).fit(names, languages)
    >>> model.predict(["Popov", "Matsuka"]).tolist()
    ['Russian', 'Japanese']
    """

    columns: Any = None
    min_count: int = 1
    max_tokens: int | None = None

    def fit(self, X: Any, y: object = None) -> Self:
        """Learn the vocabulary of each column."""
        check_row_order(X=X, y=y)
        self._learn(X)
        return self

    def fit_transform(self, X: Any, y: object = None) -> Sequences:
        """Learn the vocabularies, and return the encoded samples, which are converted once."""
        check_row_order(X=X, y=y)
        sequences, tokens = self._learn(X)
        return sequences.with_tokens(tokens.recoded(self.vocabularies_))

    def transform(self, X: Any) -> Sequences:
        """Return the samples as `Sequences` with tokens; the code of unknown tokens is 0."""
        check_is_fitted(self)
        if not isinstance(X, Sequences):  # these name only their features, frames their token columns, too
            self._column_names.check(X, name=type(self).__name__)
        sequences = as_sequences(X, vocabulary=self.vocabularies_, dtype=None)
        if sequences.n_features != self.n_features_in_:
            raise InvalidSequenceError(
                f"Sequences must have {self.n_features_in_} features beside their tokens, as in `fit`; got "
                f"{sequences.n_features}. Pass the same columns."
            )
        return sequences

    def _learn(self, X: Any) -> tuple[Sequences, Tokens]:
        min_count = check_integer("min_count", self.min_count)
        max_tokens = None if self.max_tokens is None else check_integer("max_tokens", self.max_tokens)
        vocabulary = "auto" if self.columns is None else dict.fromkeys(self.columns, "auto")
        sequences = as_sequences(X, vocabulary=vocabulary, dtype=None)
        tokens = sequences.tokens
        assert tokens is not None
        self.vocabularies_: dict[Any, tuple[Any, ...]] = tokens.frequent(
            min_count=min_count, max_tokens=max_tokens
        )
        self.n_features_in_: int = sequences.n_features
        # `Sequences` name only their features, frames their token columns, too.
        self._column_names = ColumnNames() if isinstance(X, Sequences) else ColumnNames.of(X)
        return sequences, tokens
