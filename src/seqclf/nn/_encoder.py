"""Ragged sequences -> a recurrent state at each step."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor, nn

from seqclf._checks import check_choice, check_integer
from seqclf._random import as_generator
from seqclf.nn._dropout import Dropout
from seqclf.nn._engines import EngineName, choose_engine
from seqclf.nn._initialization import INITIALIZATIONS, Initialization, initialize_layer
from seqclf.nn._stack import RunLayer, run_stack
from seqclf.sequences import Sequences

Cell = Literal["rnn", "gru", "lstm"]
CELLS: tuple[Cell, ...] = get_args(Cell)
Nonlinearity = Literal["tanh", "relu"]
NONLINEARITIES: tuple[Nonlinearity, ...] = get_args(Nonlinearity)


class RecurrentEncoder(nn.Module):
    """A stack of recurrent layers over ragged sequences.

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
        Probability of a zero between layers, in training.
    residual : bool, default=False
        Whether each layer after the first adds to what it reads instead of replacing it (He et al. 2016,
        doi:10.1109/CVPR.2016.90): deep stacks then train as easily as shallow ones.
    layer_norm : bool, default=False
        Whether each step is normalised over its features behind each layer (Ba et al. 2016, arXiv:1607.06450); what a
        residual stack adds up stays as it is, only what is read from it is normalised.
    bias : bool, default=True
        Whether gates have biases.
    nonlinearity : {"tanh", "relu"}, default="tanh"
        Of the cell "rnn"; the others have their own.
    init : {"orthogonal", "identity", "torch"}, default="orthogonal"
        Initial weights: orthogonal or identity recurrent matrices with Xavier input weights and an LSTM forget bias of 1,
        or torch's own.
    engine : {"auto", "native", "packed"}, default="auto"
        What runs the layers: the compiled kernels of `seqclf.kernels` (float32 on a CPU) or torch's own layers on packed
        sequences; "auto" takes the kernels where they can run. `engine_` tells which.
    generator : torch.Generator or None, default=None
        Source of the initial weights and of dropout; None takes entropy from the system.

    Attributes
    ----------
    layers : torch.nn.ModuleList
        One single-layer `torch.nn.RNN`, `GRU` or `LSTM` per layer: same weight names, shapes and gate order.
    output_size : int
        `hidden_size`, twice that with two directions.
    engine_ : str
        Name of the engine that runs.

    Raises
    ------
    ValueError
        If an option is not one of those listed, a size is not positive, or `engine="native"` cannot run here.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.nn import RecurrentEncoder
    >>> encoder = RecurrentEncoder("gru", input_size=1, hidden_size=8, bidirectional=True)
    >>> encoder(as_sequences([[0.1, 0.2, 0.3], [0.4]])).values.shape
    torch.Size([4, 16])
    """

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
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        check_choice("cell", cell, CELLS)
        check_choice("nonlinearity", nonlinearity, NONLINEARITIES)
        check_choice("init", init, INITIALIZATIONS)
        for name, size in (
            ("input_size", input_size),
            ("hidden_size", hidden_size),
            ("num_layers", num_layers),
        ):
            check_integer(name, size)
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bidirectional = bidirectional
        self.residual = residual
        self.output_size = hidden_size * (2 if bidirectional else 1)
        generator = as_generator(generator)
        self.dropout = Dropout(dropout, generator=generator)
        self._engine: EngineName = engine
        self.layers = nn.ModuleList()
        for depth in range(num_layers):
            inputs = input_size if depth == 0 else self.output_size
            layer = _new_layer(cell, inputs, hidden_size, bidirectional, bias, nonlinearity)
            initialize_layer(layer, init, generator)
            self.layers.append(layer)
        self.norms = nn.ModuleList(
            nn.LayerNorm(self.output_size, dtype=torch.float32)
            for _ in range(num_layers if layer_norm else 0)
        )
        choose_engine(engine, self._first_weight())  # what cannot run is told now

    @property
    def engine_(self) -> str:
        """Name of the engine that runs the layers, where they are now."""
        return choose_engine(self._engine, self._first_weight()).name

    def forward(self, batch: Sequences) -> Sequences:
        """Return the states of the last layer: as many steps as came in, `output_size` features each."""
        if batch.n_features != self.input_size:
            raise ValueError(
                f"Sequences must have {self.input_size} feature{'' if self.input_size == 1 else 's'} at each step; "
                f"got {batch.n_features}. Was the encoder made for other data?"
            )
        engine = choose_engine(self._engine, self._first_weight())
        states = engine(self._run_layers, batch)  # (n_steps, output_size)
        return batch.with_values(states)

    def _run_layers(self, run_layer: RunLayer, data: Tensor) -> Tensor:
        return run_stack(
            self.layers, self.norms, self.dropout, residual=self.residual, run_layer=run_layer, data=data
        )

    def _first_weight(self) -> Tensor:
        return next(self.layers.parameters())


def _new_layer(
    cell: Cell, inputs: int, hidden_size: int, bidirectional: bool, bias: bool, nonlinearity: Nonlinearity
) -> nn.RNNBase:
    """Make one layer on the meta device first: torch's own initialisation would draw from its global generator."""
    layer: nn.RNNBase
    if cell == "rnn":
        layer = nn.RNN(
            inputs,
            hidden_size,
            nonlinearity=nonlinearity,
            bias=bias,
            bidirectional=bidirectional,
            device="meta",
            dtype=torch.float32,  # as Sequences are, whatever torch's default is
        )
    else:
        kind = {"gru": nn.GRU, "lstm": nn.LSTM}[cell]
        layer = kind(
            inputs, hidden_size, bias=bias, bidirectional=bidirectional, device="meta", dtype=torch.float32
        )
    return layer.to_empty(device="cpu")
