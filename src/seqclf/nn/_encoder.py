"""Ragged sequences -> a recurrent state at each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn

from seqclf._checks import check_boolean, check_choice, check_dropout, check_integer
from seqclf._random import as_generator
from seqclf.kernels import Precision, PreparedLayer, RecurrentState
from seqclf.nn._dropout import Dropout
from seqclf.nn._engines import Engine, EngineName, choose_engine, warn_of_precision
from seqclf.nn._initialization import INITIALIZATIONS, Initialization, allocate, initialize_layer
from seqclf.nn._layers import check_inputs
from seqclf.nn._native_engine import PreparedEngine, prepared_layers
from seqclf.sequences import Sequences

Cell = Literal["rnn", "gru", "lstm"]
CELLS: tuple[Cell, ...] = get_args(Cell)
Nonlinearity = Literal["tanh", "relu"]
NONLINEARITIES: tuple[Nonlinearity, ...] = get_args(Nonlinearity)


MAX_LAYERS = 1000
"""More are a mistake: they would be built for hours."""


class RecurrentEncoder(nn.Module):
    r"""A stack of recurrent layers over ragged sequences.

    Parameters
    ----------
    cell : {"rnn", "gru", "lstm"}
        The recurrence of `torch.nn.RNN`, `GRU` or `LSTM`.
    input_size : int
        Number of features at each step.
    hidden_size : int
        Units per layer and direction.
    num_layers : int, default=1
        Layers; each reads the states of the one before.
    bidirectional : bool, default=False
        Whether each layer also runs from the last *real* step to the first. Forward units come first.
    dropout : float in [0, 1), default=0.0
        Probability of zeroing a value between layers, in training.
    residual : bool, default=False
        Whether each layer after the first adds its states to its input instead of replacing it (He et al. 2016,
        doi:10.1109/CVPR.2016.90), which makes deep stacks as easy to train as shallow ones.
    layer_norm : bool, default=False
        Whether each step is normalised over its features after each layer (Ba et al. 2016, arXiv:1607.06450). In a residual
        stack the sum itself is not normalised, only what the next layer reads.
    bias : bool, default=True
        Whether the layers have biases.
    nonlinearity : {"tanh", "relu"}, default="tanh"
        Activation of the cell "rnn"; the other cells have their own.
    init : {"orthogonal", "identity", "torch"}, default="orthogonal"
        Initial weights: orthogonal or identity recurrent matrices with Xavier input weights and an LSTM forget bias of 1,
        or torch's own.
    engine : {"auto", "native", "packed"}, default="auto"
        What runs the layers: the compiled kernels of `seqclf.kernels` (float32 on a CPU), or torch's own layers on packed
        sequences. "auto" uses the kernels where they are available, unless a layer has forward hooks other than those of
        pruning and weight norms. "native" requires the kernels, except for predictions; see Notes.
    precision : {"float32", "bfloat16"}, default="float32"
        Precision of the factors of the matrix products; weights, sums, gates and states are float32 in both. "bfloat16" is
        faster, above all in wide layers. It needs the kernels and a processor with AVX-512 BF16.
    generator : torch.Generator or None, default=None
        Source of the initial weights and of dropout; None takes entropy from the system.

    Attributes
    ----------
    layers : torch.nn.ModuleList
        One single-layer `torch.nn.RNN`, `GRU` or `LSTM` per layer: same weight names, shapes and gate order.
    output_size : int
        Features of each state: `hidden_size`, or twice that with two directions.
    engine, precision : str
        As given; they can be set at any time.
    engine_, precision_ : str
        Engine and precision of predictions here, on the present device of the weights.

    Raises
    ------
    ValueError
        If an option is not one of those listed, a size is not positive, or `engine="native"` or
        `precision="bfloat16"` cannot run here.

    Warns
    -----
    SeqclfWarning
        If predictions fall back from "bfloat16" to float32, which changes them beyond rounding errors of float32. Once for
        each encoder.

    Notes
    -----
    The weights belong to no engine and to no precision. In evaluation mode, an encoder therefore also runs where its `engine` or
    `precision` cannot, such as on a machine without kernels, a GPU or another processor: with torch's own layers, or in float32.
    In training mode, it raises an error.

    With :math:`x_t` the input of shape (input_size,) at step :math:`t`, :math:`h_t` the state of shape (hidden_size,) and
    :math:`h_0 = c_0 = 0`, each step computes

    - "rnn": :math:`h_t = \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})`, or the rectifier in place of tanh;

    - "gru", with reset, update and candidate gates :math:`r, z, n`:

      .. math::
          r_t &= \sigma(W_{ir} x_t + b_{ir} + W_{hr} h_{t-1} + b_{hr}) \\
          z_t &= \sigma(W_{iz} x_t + b_{iz} + W_{hz} h_{t-1} + b_{hz}) \\
          n_t &= \tanh(W_{in} x_t + b_{in} + r_t \odot (W_{hn} h_{t-1} + b_{hn})) \\
          h_t &= (1 - z_t) \odot n_t + z_t \odot h_{t-1}

    - "lstm", with input, forget, cell and output gates :math:`i, f, g, o` and the cell state :math:`c_t` of shape
      (hidden_size,):

      .. math::
          i_t &= \sigma(W_{ii} x_t + b_{ii} + W_{hi} h_{t-1} + b_{hi}) \\
          f_t &= \sigma(W_{if} x_t + b_{if} + W_{hf} h_{t-1} + b_{hf}) \\
          g_t &= \tanh(W_{ig} x_t + b_{ig} + W_{hg} h_{t-1} + b_{hg}) \\
          o_t &= \sigma(W_{io} x_t + b_{io} + W_{ho} h_{t-1} + b_{ho}) \\
          c_t &= f_t \odot c_{t-1} + i_t \odot g_t \\
          h_t &= o_t \odot \tanh(c_t)

    :math:`\sigma` is the logistic function and :math:`\odot` the elementwise product. Input matrices have shape (hidden_size,
    input_size), recurrent ones (hidden_size, hidden_size), biases (hidden_size,). A layer stacks those of its gates, in the
    order given here, in `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0` and `bias_hh_l0`; the backward direction has its own, with
    the suffix `_reverse`. Deeper layers read `output_size` features.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.nn import RecurrentEncoder
    >>> encoder = RecurrentEncoder("gru", input_size=1, hidden_size=8, bidirectional=True)
    >>> encoder(as_sequences([[0.1, 0.2, 0.3], [0.4]])).values.shape
    torch.Size([4, 16])
    """

    _prepared: Mapping[nn.Module, PreparedLayer] | None = None

    def __init__(
        self,
        cell: Cell,
        input_size: int,
        hidden_size: int,
        *,
        num_layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        residual: bool = False,
        layer_norm: bool = False,
        bias: bool = True,
        nonlinearity: Nonlinearity = "tanh",
        init: Initialization = "orthogonal",
        engine: EngineName = "auto",
        precision: Precision = "float32",
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        check_choice("cell", cell, CELLS)
        check_choice("nonlinearity", nonlinearity, NONLINEARITIES)
        check_choice("init", init, INITIALIZATIONS)
        num_layers = check_integer("num_layers", num_layers)
        if num_layers > MAX_LAYERS:
            raise ValueError(f"`num_layers` must be at most {MAX_LAYERS}; got {num_layers}.")
        layer_norm = check_boolean("layer_norm", layer_norm)
        bias = check_boolean("bias", bias)
        self.input_size: int = check_integer("input_size", input_size)
        hidden_size = check_integer("hidden_size", hidden_size)
        self.hidden_size: int = hidden_size
        bidirectional = check_boolean("bidirectional", bidirectional)
        self.bidirectional: bool = bidirectional
        self.residual: bool = check_boolean("residual", residual)
        self.output_size: int = hidden_size * (2 if bidirectional else 1)
        generator = as_generator(generator)
        self.dropout: Dropout = Dropout(check_dropout("dropout", dropout), generator=generator)
        self.engine: EngineName = engine
        self.precision: Precision = precision
        self.layers: nn.ModuleList = nn.ModuleList()
        for depth in range(num_layers):
            inputs = self.input_size if depth == 0 else self.output_size
            layer = _new_layer(cell, inputs, hidden_size, bidirectional, bias, nonlinearity)
            initialize_layer(layer, init, generator)
            self.layers.append(layer)
        self.norms: nn.ModuleList = nn.ModuleList(
            nn.LayerNorm(self.output_size, dtype=torch.float32, device="cpu")
            for _ in range(num_layers if layer_norm else 0)
        )
        choose_engine(engine, self.layers, precision)  # raises now, not at the first batch

    @property
    def engine_(self) -> str:
        """Name of the engine that runs the layers in evaluation mode, on their present device."""
        return self._choose_engine(strict=False).name

    @property
    def precision_(self) -> Precision:
        """Precision in which the layers run in evaluation mode, on their present device."""
        return self._choose_engine(strict=False).precision

    def forward(self, batch: Sequences) -> Sequences:
        """Return the states of the last layer: one per input step, with `output_size` features."""
        return self.run(batch)[0]

    def run(
        self, batch: Sequences, initial: Sequence[RecurrentState] | None = None
    ) -> tuple[Sequences, list[RecurrentState]]:
        """Return what `forward` returns, and the state of each layer after the last step.

        Passed as `initial` with the steps that follow, it continues the sequences: in a stream, or in truncated backpropagation
        through time, which detaches it.

        Parameters
        ----------
        batch : Sequences
            With `input_size` features.
        initial : sequence of RecurrentState or None, default=None
            The state of each layer before the first step, in the order of `layers`; None for zeros.

        Returns
        -------
        states : Sequences
            With `output_size` features.
        final : list of RecurrentState
            One for each layer.

        Raises
        ------
        ValueError
            If the batch has other features, or `initial` is not one state for each layer.

        Examples
        --------
        >>> import torch
        >>> from seqclf import as_sequences
        >>> from seqclf.nn import RecurrentEncoder
        >>> encoder = RecurrentEncoder("gru", 1, 8)
        >>> whole = encoder(as_sequences([[0.1, 0.2, 0.3]]))
        >>> _, state = encoder.run(as_sequences([[0.1, 0.2]]))
        >>> rest, _ = encoder.run(as_sequences([[0.3]]), state)
        >>> torch.allclose(rest.values, whole.values[2:])
        True
        """
        if batch.n_features != self.input_size:
            raise ValueError(
                f"Sequences must have {self.input_size} feature{'' if self.input_size == 1 else 's'} at each step; "
                f"got {batch.n_features}. Was the encoder made for other data?"
            )
        if initial is not None and len(initial) != len(self.layers):
            raise ValueError(
                f"`initial` must hold a state for each of the {len(self.layers)} layers; got {len(initial)}. Pass what `run` returned."
            )
        engine = self._start(batch)
        data, final = engine.values, []  # (n_steps, input_size)
        for depth, layer in enumerate(self.layers):
            assert isinstance(layer, nn.RNNBase)  # checked by `choose_engine`
            inputs = data if depth == 0 else self._between_layers(data, depth)
            before = None if initial is None else initial[depth]
            states, after = engine.run_layer(layer, inputs, before)  # (n_steps, output_size)
            final.append(after)
            data = data + states if self.residual and depth else states
        if len(self.norms):
            data = self.norms[-1](data)
        return batch.with_values(engine.restore_order(data)), final

    def prepare(self) -> None:
        """Copy the weights of layers of one direction for many short calls without gradients, if the kernels run them.

        Later changes of the weights have no effect. `seqclf.streaming` does this to a copy of a network.
        """
        chosen = self._choose_engine(strict=False)
        if not self.bidirectional and chosen.name == "native":
            self._prepared = prepared_layers(self.layers, chosen.precision)

    def _start(self, batch: Sequences) -> Engine:
        """Return the engine that runs the layers over a batch."""
        if self._prepared is not None:
            return PreparedEngine(batch, self._prepared)
        chosen = self._choose_engine(strict=self.training)
        if chosen.precision != self.precision:
            warn_of_precision(self, chosen)
        check_inputs(batch.values, next(self.layers.parameters()))
        return chosen(batch)

    def _choose_engine(self, *, strict: bool) -> type[Engine]:
        return choose_engine(self.engine, self.layers, self.precision, strict=strict)

    def _between_layers(self, data: Tensor, depth: int) -> Tensor:
        """Return the input of the layer at `depth`: normalised if `layer_norm` is set, then with dropout.

        Dropout comes second because the norm would turn its zeros into other values.
        """
        normed: Tensor = self.norms[depth - 1](data) if len(self.norms) else data
        dropped: Tensor = self.dropout(normed)
        return dropped


def _new_layer(
    cell: Cell, inputs: int, hidden_size: int, bidirectional: bool, bias: bool, nonlinearity: Nonlinearity
) -> nn.RNNBase:
    """Return one uninitialised layer."""
    options: dict[str, Any] = {"bias": bias, "bidirectional": bidirectional}
    if cell == "rnn":
        options |= {"nonlinearity": nonlinearity}
    kind = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[cell]
    layer: nn.RNNBase = allocate(kind, inputs, hidden_size, **options)
    return layer
