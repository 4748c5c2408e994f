"""One recurrent layer over ragged sequences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor

from seqclf._checks import check_boolean, check_choice
from seqclf.kernels._gradients import needs_gradient
from seqclf.kernels._operators import RECURRENT_CELLS, RecurrentCell, run_forward
from seqclf.kernels._precision import Precision, check_precision
from seqclf.kernels._tensors import check_arguments
from seqclf.kernels._transforms import is_dual, is_of_transform


class RecurrentState(NamedTuple):
    """What a recurrent layer carries from one step of each sequence to the next.

    Attributes
    ----------
    hidden : Tensor of shape (n_sequences, hidden_size) or (n_sequences, 2 * hidden_size), float32
        The hidden states; forward units come first.
    memory : Tensor, shaped like `hidden`, or None
        The cell states of an LSTM; None for all other cells.

    Examples
    --------
    >>> import torch
    >>> from seqclf.kernels import RecurrentState
    >>> RecurrentState(torch.zeros(3, 8)).memory is None
    True
    """

    hidden: Tensor
    memory: Tensor | None = None


def recurrence(
    values: Tensor,
    offsets: Tensor,
    weights: Sequence[Tensor],
    *,
    cell: RecurrentCell,
    bidirectional: bool = False,
    precision: Precision = "float32",
    initial: RecurrentState | None = None,
) -> tuple[Tensor, RecurrentState]:
    """Run one recurrent layer over ragged sequences with the compiled kernels.

    Parameters
    ----------
    values : Tensor of shape (n_steps, input_size), float32, on the CPU
        Steps of all sequences, concatenated.
    offsets : Tensor of shape (n_sequences + 1,), int64
        Sequence i is ``values[offsets[i]:offsets[i + 1]]``.
    weights : sequence of Tensor
        Named and shaped as in `torch.nn.RNN`, `GRU` and `LSTM`: ``weight_ih``, ``weight_hh`` and, with biases,
        ``bias_ih``, ``bias_hh``; then the same for the reverse direction.
    cell : {"tanh", "relu", "gru", "lstm"}
        The recurrence, with torch's equations and gate order.
    bidirectional : bool, default=False
        Whether a second direction runs from the last step of each sequence to the first.
    precision : {"float32", "bfloat16"}, default="float32"
        Precision of the factors of the matrix products; all sums, gates and states are float32. `status().precisions` lists those
        that this machine supports.
    initial : RecurrentState or None, default=None
        The state of each sequence before its first step and, in the reverse direction, after its last; None for zeros.

    Returns
    -------
    states : Tensor of shape (n_steps, hidden_size) or (n_steps, 2 * hidden_size), float32
        The hidden state at each step; forward units come first. The states of a sequence are bitwise identical
        regardless of the other sequences, its position among them and the number of threads.
    final : RecurrentState
        The state of each sequence after its last step and, in the reverse direction, after its first; the initial state for
        a sequence without steps. As `initial` of a call with the steps that follow, it continues the sequences: for one
        direction, the states are bitwise identical to those of one call with all steps.

    Raises
    ------
    RuntimeError
        If the kernels are not available (`status` says why).
    TypeError
        If `initial` is neither a RecurrentState nor None, or `values`, `offsets` or a weight is not a tensor.
    ValueError
        If an option is not one of those listed, the processor does not support `precision`, dtypes, shapes or devices do not
        match, or a tensor is not dense or its storage has been freed.
    NotImplementedError
        If a tensor carries a forward-mode derivative, or under a transform of `torch.func` other than `vmap`.

    Notes
    -----
    Differentiable once with respect to `values`, `weights` and `initial`. Runs on `torch.get_num_threads()` threads,
    but no more than the processors that the process may use (its affinity and the quota of its container); concurrent calls
    divide them. Releases the GIL.

    Examples
    --------
    >>> import torch
    >>> from seqclf.kernels import recurrence, status
    >>> layer = torch.nn.GRU(1, 8)
    >>> weights = [layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0, layer.bias_hh_l0]
    >>> values = torch.randn(5, 1)
    >>> if status().available:
    ...     states, _ = recurrence(values, torch.tensor([0, 3, 5]), weights, cell="gru")
    ...     assert states.shape == (5, 8)

    A sequence that arrives in two pieces:

    >>> if status().available:
    ...     first, final = recurrence(values[:3], torch.tensor([0, 3]), weights, cell="gru")
    ...     second, _ = recurrence(values[3:], torch.tensor([0, 2]), weights, cell="gru", initial=final)
    ...     together, _ = recurrence(values, torch.tensor([0, 5]), weights, cell="gru")
    ...     assert torch.equal(torch.cat([first, second]), together)
    """
    check_choice("cell", cell, RECURRENT_CELLS)
    check_precision(precision)
    bidirectional = check_boolean("bidirectional", bidirectional)
    if initial is not None and not isinstance(initial, RecurrentState):
        raise TypeError(
            f"initial must be a RecurrentState or None; got {type(initial).__name__}. "
            "Pass RecurrentState(hidden) or, for an LSTM, RecurrentState(hidden, memory)."
        )
    state = [tensor for tensor in initial or () if tensor is not None]
    check_arguments(values=values, offsets=offsets, weights=list(weights), initial=state)
    inputs = [values, *weights, *state]
    if any(is_dual(tensor) for tensor in inputs):
        raise NotImplementedError(
            "The kernels must be differentiated in reverse mode; got a dual tensor of torch.autograd.forward_ad or "
            "torch.func.jvp. Use `torch.autograd.grad`, or engine='packed' with torch.autograd.forward_ad."
        )
    options = (cell, bidirectional, precision, needs_gradient(inputs))
    try:
        states, final, _ = run_forward(values, offsets, list(weights), state, *options)
    except RuntimeError as error:
        if is_of_transform(error):
            raise NotImplementedError(
                "Of the transforms of torch.func, the kernels support `vmap` and `functional_call`; got another, such as `grad`, "
                "`vjp` or `jacrev`. Use `torch.autograd.grad`."
            ) from error
        raise
    return states, RecurrentState(*final)
