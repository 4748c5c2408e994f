"""The linear map of the kernels: correct, and each row independent of the others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from kernels.cases import needs_kernels
from seqclf.kernels import linear

pytestmark = needs_kernels


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """Restore the number of threads."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def random_case(
    n_rows: int, inputs: int, outputs: int, *, bias: bool = True
) -> tuple[Tensor, Tensor, Tensor | None]:
    generator = torch.Generator().manual_seed(0)
    rows, weight = (torch.randn(n, inputs, generator=generator) for n in (n_rows, outputs))
    return rows, weight, torch.randn(outputs, generator=generator) if bias else None


def test_a_tiny_case_by_hand() -> None:
    rows, weight = torch.tensor([[3.0, 4.0], [1.0, 0.0]]), torch.tensor([[1.0, 2.0], [0.0, -1.0], [5.0, 0.0]])
    assert linear(rows, weight).tolist() == [[11.0, -4.0, 15.0], [1.0, 0.0, 5.0]]
    assert linear(rows, weight, torch.tensor([0.5, 0.0, -1.0])).tolist() == [
        [11.5, -4.0, 14.0],
        [1.5, 0.0, 4.0],
    ]


sizes = st.integers(1, 140)


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 300), sizes, sizes, st.booleans(), st.data())
def test_a_row_depends_on_neither_the_other_rows_nor_the_threads(
    n_rows: int, inputs: int, outputs: int, bias: bool, data: st.DataObject
) -> None:
    rows, weight, added = random_case(n_rows, inputs, outputs, bias=bias)
    torch.set_num_threads(1)
    together = linear(rows, weight, added)
    chosen = data.draw(st.lists(st.integers(0, n_rows - 1), min_size=1, max_size=130))
    assert torch.equal(linear(rows[chosen], weight, added), together[chosen])
    torch.set_num_threads(2)
    assert torch.equal(linear(rows, weight, added), together)


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 120), st.integers(1, 600), sizes, st.booleans())
def test_the_error_is_that_of_a_float32_sum(n_rows: int, inputs: int, outputs: int, bias: bool) -> None:
    rows, weight, added = random_case(n_rows, inputs, outputs, bias=bias)
    wide = added if added is None else added.double()
    exact = functional.linear(rows.double(), weight.double(), wide)
    size = functional.linear(rows.double().abs(), weight.double().abs(), wide if wide is None else wide.abs())
    assert ((linear(rows, weight, added) - exact).abs() <= 2e-6 * size).all()


def test_transposed_and_sliced_tensors_are_read_right() -> None:
    rows, weight, bias = random_case(50, 8, 3)
    assert bias is not None
    expected = linear(rows, weight, bias)
    stretched = torch.stack([bias, bias], dim=1).flatten()
    again = linear(rows.T.contiguous().T, weight.T.contiguous().T, stretched[::2])
    assert torch.equal(again, expected)


def test_no_rows_give_no_rows() -> None:
    assert linear(torch.zeros(0, 4), torch.zeros(3, 4)).shape == (0, 3)


def test_infinite_and_missing_values_stay_in_their_row() -> None:
    rows, weight, bias = random_case(20, 5, 3)
    expected = linear(rows, weight, bias)
    rows[7], rows[11] = float("nan"), float("inf")
    got = linear(rows, weight, bias)
    others = [i for i in range(20) if i not in (7, 11)]
    assert torch.equal(got[others], expected[others])
    assert got[7].isnan().all()
    assert not got[11].isfinite().any()


@pytest.mark.parametrize("bias", [False, True])
def test_the_operator_passes_opcheck(bias: bool) -> None:
    torch.library.opcheck(torch.ops.seqclf.linear.default, random_case(5, 4, 3, bias=bias))


def test_it_compiles_for_any_number_of_rows() -> None:
    torch.compiler.reset()
    _, weight, bias = random_case(1, 4, 3)
    compiled = torch.compile(lambda rows: linear(rows, weight, bias), fullgraph=True, backend="aot_eager")
    for n_rows in (3, 8, 20):
        rows = random_case(n_rows, 4, 3)[0]
        assert torch.equal(compiled(rows), linear(rows, weight, bias))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"rows": torch.zeros(4, 2).double()},
            "rows must be float32 of shape (n_rows, n_inputs) with at least one input; got torch.float64, shape (4, 2)",
        ),
        ({"rows": torch.zeros(4)}, "at least one input; got torch.float32, shape (4,)"),
        ({"rows": torch.zeros(4, 0)}, "at least one input; got torch.float32, shape (4, 0)"),
        (
            {"weight": torch.zeros(3, 5)},
            "weight must be float32 of shape (n_outputs, 2) with at least one output; got torch.float32, shape (3, 5)",
        ),
        ({"weight": torch.zeros(3, 2).half()}, "at least one output; got torch.float16, shape (3, 2)"),
        ({"weight": torch.zeros(0, 2)}, "at least one output; got torch.float32, shape (0, 2)"),
        ({"weight": torch.zeros(2)}, "at least one output; got torch.float32, shape (2,)"),
        ({"bias": torch.zeros(4)}, "bias must be float32 of shape (3,); got torch.float32, shape (4,)"),
        (
            {"bias": torch.zeros(3).double()},
            "bias must be float32 of shape (3,); got torch.float64, shape (3,)",
        ),
    ],
)
def test_invalid_arguments_are_refused(changed: dict[str, Any], message: str) -> None:
    good = {"rows": torch.zeros(4, 2), "weight": torch.zeros(3, 2), "bias": torch.zeros(3)}
    with pytest.raises(ValueError, match=re.escape(message)):
        linear(**good | changed)


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")  # torch's own
@pytest.mark.parametrize("name", ["rows", "weight", "bias"])
def test_forward_mode_derivatives_are_refused(name: str) -> None:
    good = {"rows": torch.zeros(4, 2), "weight": torch.zeros(3, 2), "bias": torch.zeros(3)}
    with torch.autograd.forward_ad.dual_level():
        dual = torch.autograd.forward_ad.make_dual(good[name], torch.ones_like(good[name]))  # type: ignore[no-untyped-call]
        message = "`linear` has no derivative; got a dual tensor"
        with pytest.raises(NotImplementedError, match=re.escape(message)):
            linear(**good | {name: dual})


def test_a_derivative_is_refused() -> None:
    rows, weight, bias = random_case(4, 2, 3)
    result = linear(rows.requires_grad_(), weight, bias)
    message = "`linear` has no derivative; got a backward pass through it. Use `torch.nn.functional.linear`."
    with pytest.raises(NotImplementedError, match=re.escape(message)):
        result.sum().backward()  # type: ignore[no-untyped-call]


def test_a_derivative_of_torch_func_is_refused() -> None:
    rows, weight, bias = random_case(4, 2, 3)
    message = "`linear` has no derivative; got a tensor of `grad`, `vjp` or another transform of torch.func."
    with pytest.raises(NotImplementedError, match=re.escape(message)):
        torch.func.grad(lambda rows: linear(rows, weight, bias).sum())(rows)


@pytest.mark.parametrize("in_dims", [(0, None, None), (1, None, None), (None, 0, 0), (0, 0, None)])
def test_vmap_gives_what_a_loop_gives(in_dims: tuple[int | None, ...]) -> None:
    arguments = [torch.stack([part, 2 * part, 3 * part]) for part in random_case(4, 2, 3) if part is not None]

    def element(i: int) -> list[Tensor]:
        return [part[0 if dim is None else i] for part, dim in zip(arguments, in_dims, strict=True)]

    given = [
        part[0] if dim is None else part.movedim(0, dim) for part, dim in zip(arguments, in_dims, strict=True)
    ]
    got = torch.func.vmap(linear, in_dims=in_dims)(*given)
    assert torch.equal(got, torch.stack([linear(*element(i)) for i in range(3)]))
