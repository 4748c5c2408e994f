"""A linear map whose result for a row depends on that row alone, as a torch operator."""

from __future__ import annotations

import ctypes
from typing import NoReturn

import torch
from torch import Tensor

from seqclf.kernels._library import check_outcome, library
from seqclf.kernels._structures import LinearCall
from seqclf.kernels._tensors import check_arguments, check_device, name_all, readable
from seqclf.kernels._threads import n_threads
from seqclf.kernels._transforms import is_dual, is_of_transform, one_by_one


def linear(rows: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Multiply rows with a weight matrix and add a bias, with the compiled kernels.

    Parameters
    ----------
    rows : Tensor of shape (n_rows, n_inputs), float32, on the CPU
        One input per row.
    weight : Tensor of shape (n_outputs, n_inputs), float32
        Shaped as in `torch.nn.Linear`.
    bias : Tensor of shape (n_outputs,), float32, or None, default=None
        Added to each row.

    Returns
    -------
    Tensor of shape (n_rows, n_outputs), float32
        ``rows @ weight.T + bias``. Each row is bitwise identical regardless of the other rows, its position among them
        and the number of threads; rows of `torch.nn.functional.linear` are not.

    Raises
    ------
    RuntimeError
        If the kernels are not available (`status` says why).
    TypeError
        If an argument is not a tensor.
    ValueError
        If dtypes, shapes or devices do not match, or a tensor is not dense or its storage has been freed.
    NotImplementedError
        If a derivative is requested.

    Notes
    -----
    Not differentiable: use `torch.nn.functional.linear` where gradients are needed. Runs on as many threads
    as `recurrence` and releases the GIL.

    Examples
    --------
    >>> import torch
    >>> from seqclf.kernels import linear, status
    >>> rows, weight = torch.randn(100, 8), torch.randn(3, 8)
    >>> if status().available:
    ...     assert torch.equal(linear(rows[7:8], weight), linear(rows, weight)[7:8])
    """
    arguments = _given(rows, weight, bias)
    check_arguments(**arguments)
    if any(map(is_dual, arguments.values())):
        _refuse("a dual tensor of torch.autograd.forward_ad or torch.func.jvp")
    try:
        result: Tensor = _linear(rows, weight, bias)
    except RuntimeError as error:
        if is_of_transform(error):
            _refuse("a tensor of `grad`, `vjp` or another transform of torch.func", error)
        raise
    return result


def _given(rows: Tensor, weight: Tensor, bias: Tensor | None) -> dict[str, Tensor]:
    given = {"rows": rows, "weight": weight}
    if bias is not None:  # no `|` of dicts, which `torch.compile` of torch 2.7 cannot trace
        given["bias"] = bias
    return given


def _refuse(found: str, cause: Exception | None = None) -> NoReturn:
    raise NotImplementedError(
        f"`linear` has no derivative; got {found}. Use `torch.nn.functional.linear`."
    ) from cause


@torch.library.custom_op("seqclf::linear", mutates_args=(), device_types="cpu")
def _linear(rows: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    check_linear(rows, weight, bias)
    rows, weight = readable("rows", rows), readable("weight", weight)
    bias = None if bias is None else readable("bias", bias)
    loaded = library()
    result = torch.empty(rows.shape[0], weight.shape[0], dtype=torch.float32, device="cpu")
    call = LinearCall(
        inputs=rows.shape[1],
        outputs=weight.shape[0],
        n_rows=rows.shape[0],
        rows=rows.data_ptr(),
        weight=weight.data_ptr(),
        bias=None if bias is None else bias.data_ptr(),
        result=result.data_ptr(),
        threads=n_threads(),
    )
    check_outcome(loaded.functions.seqclf_linear(loaded.instruction_set, ctypes.byref(call)))
    return result


@_linear.register_fake
def _(rows: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    check_device(name_all(**_given(rows, weight, bias)))
    check_linear(rows, weight, bias)
    return rows.new_empty(rows.shape[0], weight.shape[0])


_linear.register_autograd(lambda ctx, grad: _refuse("a backward pass through it"))
_linear.register_vmap(one_by_one(_linear))


def check_linear(rows: Tensor, weight: Tensor, bias: Tensor | None) -> None:
    """Raise unless the kernel can run on these tensors without reading or writing out of bounds."""
    if rows.dtype != torch.float32 or rows.ndim != 2 or rows.shape[1] == 0:
        raise ValueError(
            "rows must be float32 of shape (n_rows, n_inputs) with at least one input; "
            f"got {rows.dtype}, shape {tuple(rows.shape)}"
        )
    if (
        weight.dtype != torch.float32
        or weight.ndim != 2
        or weight.shape[1] != rows.shape[1]
        or weight.shape[0] == 0
    ):
        raise ValueError(
            f"weight must be float32 of shape (n_outputs, {rows.shape[1]}) with at least one output; "
            f"got {weight.dtype}, shape {tuple(weight.shape)}"
        )
    if bias is not None and (bias.dtype != torch.float32 or bias.shape != weight.shape[:1]):
        raise ValueError(
            f"bias must be float32 of shape ({len(weight)},); got {bias.dtype}, shape {tuple(bias.shape)}"
        )
