from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from seqclf.datasets import read_arff
from seqclf.exceptions import InvalidSequenceError

ReadText = Callable[..., tuple[list[list[list[float]]], list[str]]]

UNIVARIATE = """\
% made by hand
@relation Made

@attribute att0 numeric
@ATTRIBUTE 'a name' REAL
@attribute att2 integer
@attribute target {1, 2,'a, b'}

@data
1,2.5,-3e-1,1
4.0, 5 ,?,2
% a comment
6,?,NaN, 'a, b'
"""
RELATIONAL = r"""@relation 'Made'
@attribute relationalAtt relational
  @attribute att0 numeric
  @attribute att1 numeric
@end relationalAtt
@attribute activity{'Standing',Running,"It's","a\"b"}
@data
'1,2\n3,4',Running
"5,?\n6,?", 'Standing'
'7,8\n9,10',"It's"
'7,8\n9,10','It\'s'
'7,8\n9,10',"a\"b"
"""


@pytest.fixture
def read(tmp_path: Path) -> ReadText:
    """Return a function that writes a text to a file and reads it."""

    def read_text(text: str, **options: object) -> tuple[list[list[list[float]]], list[str]]:
        path = tmp_path / "Made_TRAIN.arff"
        path.write_text(text, encoding="utf-8")
        X, y = read_arff(path, **options)  # type: ignore[arg-type]
        assert X.values.dtype == torch.float64
        return [steps.tolist() for steps in X], y.tolist()

    return read_text


def test_a_row_is_a_series_and_its_class(read: ReadText) -> None:
    X, y = read(UNIVARIATE)
    assert X == [[[1.0], [2.5], [-0.3]], [[4.0], [5.0]], [[6.0]]]
    assert y == ["1", "2", "a, b"]


def test_rows_of_a_relational_attribute_are_dimensions(read: ReadText) -> None:
    X, y = read(RELATIONAL)
    assert [[[1, 3], [2, 4]], [[5, 6]], *[[[7, 9], [8, 10]]] * 3] == X
    assert y == ["Running", "Standing", "It's", "It's", 'a"b']


def test_a_missing_value_is_refused_or_kept(read: ReadText) -> None:
    text = RELATIONAL.replace("3,4", "3,?")
    with pytest.raises(
        InvalidSequenceError,
        match=r"arff, line 8: each value must be known; got a missing one in dimension 2, step 2\.",
    ):
        read(text)
    X, _ = read(text, missing="keep")
    np.testing.assert_array_equal(X[0], [[1, 3], [2, np.nan]])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2.5", "x", "line 10: each value must be a number, or `?` or NaN if it is missing; got 'x' in dimension 1, step 2. Correct"),
        ("2.5", "1e999", "line 10: each value must fit float64"),
        ("2.5,", "", "line 10: each row must hold the 3 steps that the header declares; got 2. Is the line complete? If"),
        ("5 ,?,2", "5,?,3", "line 11: the last field must be one of the classes that its attribute declares: 1, 2, a, b; got '3'"),
        ("5 ,?,2", "5,?,2,7", "line 11: the last field must be one of the classes"),
        ("4.0, 5 ,?,2", "4.0", "line 11: a row must hold the values of a series, a comma and the class; got '4.0'. Is"),
        ("4.0, 5 ,?,2", "{0 4.0, 3 2}", "line 11: the last field must be one of the classes"),
        ("5 ,?,2", "5,?,'2", "line 11: a row must hold the values of a series, a comma and the class; got \"4.0, 5,?,'2\""),
        ("6,?,NaN", "?,?,NaN", "line 13: a series must have at least one value"),
        ("@data", "", "line 10: a line before `@data` must be @relation, @attribute or @end, or a comment that begins with `%`; got `1,"),
        (UNIVARIATE[UNIVARIATE.index("@data"):], "", " must contain a line `@data` before its series; got none. Is"),
        ("@relation Made", "@timeStamps true", "Correct or delete it. Read .ts files with `read_ts`"),
        ("att2 integer", "att2 string", "line 6: an attribute must be numeric, relational or, for the class, nominal, as in"),
        ("att2 integer", "att2", "line 6: an attribute must be numeric, relational or, for the class, nominal"),
        ("att2 integer", "att2 {1,}2", "line 6: an attribute must be"),
        ("att2 integer", "att2 {1,,2}", "line 6: an attribute must be"),
        ("att2 integer", "att2 {}", "line 6: an attribute must be"),
        ("att2 integer", "att2 {1,2}", "line 7: the attributes must be one numeric attribute for each step, or a relational one that holds these, and then the class; got `@attribute target {1, 2,'a, b'}`, a nominal attribute after the class. Remove"),
        ("att2 integer", "att2 relational", "got `@attribute att2 relational`, a relational attribute after numeric ones"),
        ("@attribute att2 integer", "@end att2", "got `@end att2`, the end of a relational attribute after numeric ones"),
        ("target {1, 2,'a, b'}", "target numeric", " must declare the classes in its last attribute, as in `@attribute target {walk,run}`; got a numeric one"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused(read: ReadText, old: str, new: str, message: str) -> None:
    assert old in UNIVARIATE
    with pytest.raises(InvalidSequenceError, match=r"^\S+TRAIN\.arff(, line \d+)? ?") as caught:
        read(UNIVARIATE.replace(old, new))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("3,4", "3", "line 8: all dimensions of a series must have the same number of steps; got 2 in dimension 1 and 1 in dimension 2"),
        (r"'1,2\n3,4'", r"1,2\n3,4", "line 8: a row must hold the quoted values of a series, a comma and the class; got '1,2"),
        (r"\n3,4", "", "line 9: all series must have the same number of dimensions; got 2, and 1 in line 8"),
        (r"1,2\n3,4", r"1,2,3\n3,4,5", "line 8: each row must hold the 2 steps that the header declares; got 3"),
        ("@end relationalAtt\n", "", "a nominal attribute after numeric ones inside a relational one"),
        ("  @attribute att0 numeric\n  @attribute att1 numeric\n", "", "the end of a relational attribute after the start of a relational one"),
        ("@attribute activity", "@attribute more numeric\n@attribute activity", "a numeric attribute after the relational one"),
        ("@end relationalAtt\n@attribute activity{'Standing',Running,\"It's\",\"a\\\"b\"}\n", "", " must declare numeric attributes and the class before `@data`; got numeric ones inside a relational one only"),
    ],
)  # fmt: skip
def test_a_bad_relational_file_is_refused(read: ReadText, old: str, new: str, message: str) -> None:
    assert old in RELATIONAL
    with pytest.raises(InvalidSequenceError, match=r"TRAIN\.arff.*" + re.escape(message)):
        read(RELATIONAL.replace(old, new))


@pytest.mark.parametrize("repeated", ["1,", " ", "'\\", ", "])
def test_a_long_row_takes_linear_time(read: ReadText, repeated: str) -> None:
    for text in (UNIVARIATE, RELATIONAL):
        with pytest.raises(InvalidSequenceError, match="a row must hold"):
            read(text + "1," + repeated * 150_000 + "'")
